"""The report: what a run found out about a model, and what it did not look at.

`build_report` merges what several engines found, replays every path by the reference
interpreter, and compares each verdict with the one that the spec expects. How a report
is shown is the business of `modelcheck.report`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from platform import python_version

from modelcheck import __version__
from modelcheck.certify.certificate import Certificate
from modelcheck.model.program import Kind, Model, Property, Twin
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import ReplayError, replay_evidence
from modelcheck.verdict.agreement import InternalError, check_agreement
from modelcheck.verdict.coverage import never_taken
from modelcheck.verdict.runs import judged_by_checks
from modelcheck.verdict.survey import Survey
from modelcheck.verdict.verdicts import (
    CONCLUSIVE,
    Counts,
    Finding,
    Findings,
    Limits,
    Sampling,
    Saving,
    Stop,
    Verdict,
    is_asked,
)

SAFETY = 12
NOT_CONCLUSIVE = 30
EXIT_CODES = {
    Kind.DEADLOCK: 11,
    Kind.INVARIANT: SAFETY,
    Kind.TRANSITION: SAFETY,
    Kind.REACHABLE: SAFETY,
    Kind.ASSERTION: 14,
    Kind.TEMPORAL: 13,
}
_SOLVERS = ("bmc", "induct", "pdr")
# An assertion names a place and a deadlock a situation; "safety" says least.
_PRECEDENCE = (14, 11, 13, SAFETY, NOT_CONCLUSIVE)


@dataclass(frozen=True, slots=True)
class PropertyReport:
    """The verdict on one property, with the replayed path that shows it.

    `trace` leads to a violation or to a reachability goal, on a shortest way if
    `is_shortest`; `engine` is the one whose word is reported. Where `applies` is false
    the property holds because nothing in the model could make it false, and
    `unchanging` are variables that it reads and that have one value only; that is
    judged where it is asked for, see `applicability.py`. `condition` says of a verdict
    that is about some runs only which these are: `where no check fails`, and which
    checks do or may; see `runs.py`.
    """

    prop: Property
    verdict: Verdict
    is_expected: bool
    trace: Trace | None = None
    reason: str = ""
    engine: str = ""
    is_shortest: bool = True
    applies: bool = True
    unchanging: tuple[str, ...] = ()
    condition: str = ""

    @property
    def is_conclusive(self) -> bool:
        """Whether the question is decided."""
        return self.verdict in CONCLUSIVE

    @property
    def is_about_all_runs(self) -> bool:
        """Whether it is decided without a path that shows it."""
        return self.is_conclusive and self.trace is None

    @property
    def steps(self) -> int | None:
        """The number of steps of the trace, if there is one."""
        return None if self.trace is None else len(self.trace.steps)

    @property
    def exit_code(self) -> int:
        """The exit status that this property alone would give.

        An unexpected HOLDS counts as a failed safety property: the design is not what
        the spec says about it.
        """
        if not self.is_conclusive:
            return NOT_CONCLUSIVE
        if self.is_expected:
            return 0
        if self.verdict is Verdict.HOLDS:
            return SAFETY
        return EXIT_CODES[self.prop.kind]


@dataclass(frozen=True, slots=True)
class EngineReport:
    """One engine's run: how far it got and what stopped it."""

    name: str
    seconds: float
    stops: frozenset[Stop]
    depth: int | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class TwinReport:
    """What became of a twin; `report` is about its own model and what it breaks."""

    twin: Twin
    report: Report


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run says; immutable, and independent of how it is shown.

    `engine` is what was asked for, `engines` what ran. `options` are those that select
    the model (`--scope Device=3`), needed to replay a trace; `repeat` is the whole
    command with its defaults filled in. `saving` is what symmetry saved, `not_reduced`
    says for other Scalarsets why it was not used. `certificate` is the proof of what
    holds without a complete search. `twins` are those that were run; `twins_left_out`
    says why the spec's twins were not. `checks` were looked at besides `properties`,
    because of the runs that they end, and change nothing about what these say.
    """

    model: Model
    properties: tuple[PropertyReport, ...]
    engine: str
    engines: tuple[EngineReport, ...]
    counts: Counts | None
    is_complete: bool
    stops: frozenset[Stop]
    limits: Limits
    seconds: float
    repeat: str
    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    never_taken: tuple[str, ...] = ()
    saving: Saving | None = None
    not_reduced: Mapping[str, str] = field(default_factory=dict)
    sampling: Sampling | None = None
    survey: Survey | None = None
    certificate: Certificate | None = None
    twins: tuple[TwinReport, ...] = ()
    twins_left_out: str = ""
    checks: tuple[PropertyReport, ...] = ()

    @property
    def states(self) -> int | None:
        """How many states were found, by themselves or by a representative."""
        if self.saving is not None:
            return self.saving.states
        return None if self.counts is None else self.counts.distinct

    @property
    def is_above_floor(self) -> bool | None:
        """Whether there are as many states as the spec says, or the model has shrunk.

        Counted are all states that were found, also those of a representative.

        None if that is not judged: the spec says nothing, not every state was looked at
        (those that a constraint cuts off are not missed), or scopes and places of
        preemption are not those of the file.
        """
        states, model = self.states, self.model
        if states is None or self.stops - {Stop.CONSTRAINT} or not model.is_as_written:
            return None
        return states >= model.floor if model.floor else None

    @property
    def scopes(self) -> Mapping[str, int]:
        """The sizes that the search was restricted to."""
        return self.model.scopes

    @property
    def preempt(self) -> str:
        """Where processes could be preempted."""
        return self.model.preempt

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is suspicious in the spec: to the reader, and after the search."""
        return (*self.model.warnings, *self.never_taken)

    @property
    def link(self) -> str | None:
        """Where the proposal under test can be read, if the spec's docstring says."""
        return document_link(self.model.doc)

    @property
    def tool(self) -> str:
        """`modelcheck 0.1`."""
        return f"modelcheck {self.versions.get('modelcheck', '')}".rstrip()

    @property
    def exit_code(self) -> int:
        """The exit status: 0 if every verdict is the expected one.

        Of several failures the one that says most counts: a failed check (14), a
        deadlock (11), a liveness property (13), an invariant (12); only without them
        "not conclusive" (30). A twin that is not caught and a model below its floor
        count as an invariant: what the spec says of the design is not true.
        """
        codes = {prop.exit_code for prop in self.properties}
        codes |= {each.report.exit_code for each in self.twins}
        if self.is_above_floor is False:
            codes.add(SAFETY)
        return next((code for code in _PRECEDENCE if code in codes), 0)


def build_report(  # noqa: PLR0913 - all but two are keywords with defaults
    model: Model,
    findings: Sequence[Findings],
    *,
    engine: str = "auto",
    limits: Limits | None = None,
    seconds: float | None = None,
    repeat: str | None = None,
    options: tuple[str, ...] = (),
    versions: Mapping[str, str] | None = None,
    not_reduced: Mapping[str, str] | None = None,
    certificate: Certificate | None = None,
) -> Report:
    """Merge `findings`, replay their evidence, and judge them by the expectations.

    Raises `InternalError` if a path is not one of the model, or if engines disagree.
    """
    limits = limits or Limits()
    notes = check_agreement(findings)
    searches = [f for f in findings if f.counts is not None]
    if seconds is None:
        seconds = sum(f.seconds for f in findings)
    if repeat is None:
        repeat = repeat_command(model, engine, limits)
    if versions is None:
        versions = tool_versions(has_solver=any(f.engine in _SOLVERS for f in findings))
    judged = [
        _judged(model, *found)
        for prop in model.properties
        if (found := _best(prop, findings) or _unanswered(prop, limits))
    ]
    properties, checks = judged_by_checks(model, judged, limits)
    return Report(
        model=model,
        properties=properties,
        engine=engine,
        engines=tuple(map(_engine_report, findings)),
        counts=searches[0].counts if searches else None,
        is_complete=any(f.is_complete for f in findings),
        stops=frozenset(stop for f in searches or findings for stop in f.stops),
        limits=limits,
        seconds=seconds,
        repeat=repeat,
        options=options,
        notes=notes,
        versions=versions,
        never_taken=never_taken(model, searches[0]) if searches else (),
        saving=searches[0].saving if searches else None,
        not_reduced=not_reduced or {},
        sampling=next((f.sampling for f in findings if f.sampling), None),
        certificate=certificate,
        checks=checks,
    )


def _engine_report(findings: Findings) -> EngineReport:
    return EngineReport(
        findings.engine,
        findings.seconds,
        findings.stops,
        findings.depth,
        findings.is_complete,
    )


_STRENGTH = {
    Verdict.VIOLATED: 0,
    Verdict.HOLDS: 0,
    Verdict.BOUNDED: 1,
    Verdict.UNKNOWN: 2,
}


def _best(prop: Property, findings: Sequence[Findings]) -> tuple[Finding, str] | None:
    """The most conclusive finding about `prop`; the earlier engine wins a tie.

    None if no engine has said anything of it.
    """
    said = [
        (finding, each.engine)
        for each in findings
        for finding in each.findings
        if finding.prop.name == prop.name
    ]
    return min(
        said,
        key=lambda pair: (_STRENGTH[pair[0].verdict], _effort(pair[0])),
        default=None,
    )


def _unanswered(prop: Property, limits: Limits) -> tuple[Finding, str] | None:
    """What to say of a property of runs that was asked for and that nobody answered."""
    if prop.kind is not Kind.TEMPORAL or not is_asked(prop, limits):
        return None
    reason = "no engine of this run looks at temporal properties"
    return Finding(prop, Verdict.UNKNOWN, None, reason), ""


def _effort(finding: Finding) -> tuple[bool, int]:
    """Findings with a path before those without, short paths before long ones."""
    evidence = finding.evidence
    return (evidence is None, 0 if evidence is None else evidence.length)


def _judged(model: Model, finding: Finding, engine: str) -> PropertyReport:
    """The report on one finding; raises `InternalError` if its evidence is none."""
    trace = None
    is_temporal = finding.prop.kind is Kind.TEMPORAL
    if is_temporal and finding.verdict is Verdict.VIOLATED and not finding.evidence:
        message = f"{engine} shows no run that violates {finding.prop.name}"
        raise InternalError(message)
    if finding.evidence is not None:
        try:
            trace = replay_evidence(model, finding.evidence, finding.prop)
        except ReplayError as error:
            message = (
                f"the path that {engine} shows for {finding.prop.name} "
                f"cannot be replayed: {error}"
            )
            raise InternalError(message) from error
    return PropertyReport(
        finding.prop,
        finding.verdict,
        is_expected=finding.verdict.value == finding.prop.expect.value,
        trace=trace,
        reason=finding.reason,
        engine=engine,
        is_shortest=finding.evidence is None or finding.evidence.is_shortest,
    )


_LORE = re.compile(r"https?://(?:lore\.kernel\.org|patch\.msgid\.link)/\S+")
_NAMED = re.compile(
    r"message-id:\s*<?([^\s<>]+@[^\s<>]+?)>?[.,;)]*(?:\s|$)", re.IGNORECASE
)
# An address like <jgg@nvidia.com> is a person; a message-id starts with many digits
# or carries them in front of the @.
_BARE = re.compile(r"<?\b([\w.+%$=-]*\d{8}[\w.+%$=-]*@[\w.-]*\w)>?")


def document_link(doc: str) -> str | None:
    """The address of the mail that a docstring names by link or message-id."""
    if found := _LORE.search(doc):
        return found.group().rstrip(".,;)>")
    if found := _NAMED.search(doc) or _BARE.search(doc):
        return f"https://lore.kernel.org/r/{found[1]}"
    return None


def repeat_command(
    model: Model, engine: str, limits: Limits, extra: Iterable[str] = ()
) -> str:
    """The command that repeats a run, with the defaults filled in.

    `extra` are words for options that neither the model nor `limits` knows.
    """
    words = ["modelcheck", "verify", model.path, "--engine", engine]
    words += [*_model_words(model), *_limit_words(limits), *extra]
    return shlex.join(words)


def simulate_command(model: Model, sampling: Sampling, limits: Limits) -> str:
    """The command that repeats a random simulation, with the defaults filled in.

    The number of workers is left out: it changes nothing but the time.
    """
    words = ["modelcheck", "simulate", model.path, "--runs", str(sampling.runs)]
    words += ["--seed", str(sampling.seed), *_model_words(model)]
    words += _limit_words(replace(limits, depth=sampling.depth))
    return shlex.join(words)


def _model_words(model: Model) -> list[str]:
    words: list[str] = []
    for name, size in model.scopes.items():
        words += ["--scope", f"{name}={size}"]
    return [*words, "--preempt", model.preempt]


def _limit_words(limits: Limits) -> list[str]:
    """The words of a command that ask for `limits`."""
    words: list[str] = []
    if limits.depth is not None:
        words += ["--depth", str(limits.depth)]
    if limits.seconds is not None:
        words += ["--timeout", f"{limits.seconds:g}s"]
    if limits.max_violations is not None:
        words += ["--max-violations", str(limits.max_violations)]
    for name in sorted(limits.properties or ()):
        words += ["--property", name]
    if not limits.deadlock:
        words.append("--no-deadlock")
    return words


def tool_versions(*, has_solver: bool = False) -> dict[str, str]:
    """The versions of what a verdict depends on; of z3 only if it took part."""
    versions = {"modelcheck": __version__, "python": python_version()}
    if has_solver:
        versions["z3"] = metadata.version("z3-solver")
    return versions
