"""From a model to its report: which engines run, how far, in which order.

`auto` explores, then lets bounded model checking look at the same ground. A search is
begun by the Python explorer, which starts at once; one that takes more than EFFORT is
begun again by the native explorer, which needs as long to compile but is many times as
fast. EFFORT is an amount of work, not of time: which of several shortest paths is shown
must not depend on how fast the machine is. The native explorer has rivals, if the
caller says how to start them: after some seconds more, solvers try to be done first
(`portfolio.py`). The confirmation is there to catch a fault of ours, so it gets a small
share of the time and says in the report how far it came; a disagreement ends the run as
an internal error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from modelcheck.explore.book import ended_by
from modelcheck.model.program import Model, Twin
from modelcheck.verdict.asking import broken_here, of_a_twin, with_checks, with_lemmas
from modelcheck.verdict.cycles import Cycles
from modelcheck.verdict.deadline import GRACE, Deadline
from modelcheck.verdict.parts import Apart, Search
from modelcheck.verdict.portfolio import Portfolio, Rivals, nothing_found
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.report import (
    Report,
    TwinReport,
    build_report,
    repeat_command,
)
from modelcheck.verdict.verdicts import (
    Engine,
    Findings,
    Limits,
    Stop,
    TooManyOutcomesError,
    Verdict,
    Watch,
)

if TYPE_CHECKING:
    from modelcheck.explore.reduction import Reduction
    from modelcheck.verdict.cycles import Linked

EngineName = Literal["auto", "explore", "native", "bmc", "induct", "pdr"]

SOLVERS = ("bmc", "induct", "pdr")

EFFORT = 1_000_000
"""How much the Python explorer may do before the native one is worth its start: about
as many microseconds."""

BMC_DEPTH = 10
"""How far bmc and induct look without a depth and a time: they might never end."""

CONFIRM_DEPTH = 6
"""How far bmc follows the explorer: beyond, its time grows faster than its use."""

CONFIRM_SHARE = 0.25
"""The part of the explorer's time that the confirmation may take ..."""

CONFIRM_SECONDS = 2.0
"""... which is at least this: a small search leaves no room to start a solver."""

NO_TIME_TO_CONFIRM = "bmc had no time to confirm anything"


@dataclass(frozen=True, slots=True)
class Resources:
    """What the native explorer may use.

    `workers` is the number of threads, `memory` the most bytes for states (None: most
    of what is free); with `hash_compact` states of several words are stored as 64-bit
    fingerprints, and the report says how probable it is that one was missed.
    """

    workers: int = 1
    memory: int | None = None
    hash_compact: bool = False

    def words(self) -> tuple[str, ...]:
        """The words of a command that ask for this, without those of the defaults."""
        words: list[str] = []
        if self.workers != 1:
            words += ["--workers", str(self.workers)]
        if self.memory is not None:
            words += ["--memory", str(self.memory)]
        return (*words, "--hash-compact") if self.hash_compact else tuple(words)


def verify_model(  # noqa: PLR0913 - all but four are keywords with defaults
    model: Model,
    engine: EngineName,
    limits: Limits,
    watch: Watch,
    *,
    resources: Resources = Resources(),
    confirm: bool = True,
    symmetry: bool = True,
    rivals: Rivals | None = None,
    apart: Apart | None = None,
    deadline: Deadline | None = None,
    options: tuple[str, ...] = (),
    extra: Iterable[str] = (),
) -> Report:
    """Check the properties of `model` that `limits` asks for.

    The model of a twin is asked for what the twin breaks, and no further.
    Without `confirm`, bmc has no part in `auto`, and without `rivals` no other solver;
    `apart` lets machine code run where its crash leaves a report to be made; without
    `symmetry`, explorers look at each state, not at one of those that are
    permutations of each other. The seconds of `limits` are those of `deadline`, which
    may have begun before; what takes longer is ended. `options` and `extra` are words
    of the command for the report: those that select the model, and those that change
    nothing about the verdicts. Raises `EvaluationError` if a property has no value in a
    reachable state, `InternalError` if a path cannot be replayed or engines disagree,
    `SearchCrashError` if the only engine crashes.
    """
    if engine in ("bmc", "induct") and limits.depth is None and limits.seconds is None:
        limits = replace(limits, depth=BMC_DEPTH)
    wanted = of_a_twin(model, limits)
    limits = with_checks(model, wanted)
    deadline = deadline or Deadline(limits.seconds)
    if engine in ("induct", "pdr"):
        limits = with_lemmas(model, limits)
    cycles = Cycles(
        *(engine, model, limits, watch, deadline),
        lambda linked: _native(resources, None, linked),
        apart,
        resources.hash_compact,
    )
    reduction = None
    if symmetry and not cycles.is_asked:
        # Whether a run is fair depends on who takes its steps: runs need all states.
        reduction = deadline.within(
            lambda: _reduction(engine, model, limits), lambda _: None
        )
    if engine != "auto":
        rivals = None
    with Portfolio(model, limits, watch, rivals, apart) as portfolio:
        rest = deadline.limited(limits)
        begun = deadline.within(
            lambda: _first(
                engine, resources, reduction, model, rest, portfolio, cycles=cycles
            ),
            lambda stop: nothing_found(_begins(engine), model, limits, stop),
            # A solver has its last words ready.
            GRACE if engine in SOLVERS else deadline.patience,
        )
        begun, others = portfolio.end(begun)
    first, certificate = certified(model, begun, deadline)
    findings = [first]
    temporal = None
    if cycles.is_asked:
        temporal = deadline.within(
            lambda: cycles.findings(first), cycles.refused, deadline.patience
        )
    silent = ""
    if engine == "auto" and confirm:
        further = confirmation_limits(
            first, _less(limits, deadline.spent - first.seconds)
        )
        if further is not None and not others.covers(further.depth or 0):
            confirmed = deadline.within(
                lambda: _confirm(model, further, watch),
                lambda _: NO_TIME_TO_CONFIRM,
                deadline.patience,
            )
            if isinstance(confirmed, Findings):
                findings.append(confirmed)
            else:
                silent = confirmed
    if temporal is not None:
        findings.append(temporal)
    report = build_report(
        model,
        [*findings, *others.findings],
        engine=engine,
        limits=wanted,
        # The others ran at the same time.
        seconds=others.waited + sum(each.seconds for each in findings),
        repeat=repeat_command(
            model,
            engine,
            wanted,
            (*resources.words(), *(() if symmetry else ("--no-symmetry",)), *extra),
        ),
        options=options,
        not_reduced={} if reduction is None else reduction.refused,
        certificate=certificate or (None if first.is_complete else others.certificate),
    )
    notes = [*report.notes, *others.notes, *cycles.notes]
    if silent:
        notes.append(silent)
    omission = findings[0].omission
    if omission is not None:
        notes.append(
            "states were stored as 64-bit fingerprints: the probability that one was "
            f"missed is {omission:.1e}"
        )
    return replace(report, notes=tuple(notes))


def _begins(engine: EngineName) -> str:
    """The engine that speaks first."""
    return "explore" if engine == "auto" else engine


def check_twin(  # noqa: PLR0913 - all but six are keywords with defaults
    twin: Twin,
    model: Model,
    engine: EngineName,
    limits: Limits,
    watch: Watch,
    resources: Resources,
    *,
    apart: Apart | None = None,
    deadline: Deadline | None = None,
) -> TwinReport:
    """Look whether the twin `model` fails as it must; no second engine confirms it.

    The search is short, and finding symmetries would take longer than it.
    Of what it breaks, only what `limits` asks for is told.
    """
    names = broken_here(twin, limits)
    report = verify_model(
        model,
        engine,
        replace(limits, properties=names, max_violations=None),
        watch,
        resources=resources,
        confirm=False,
        symmetry=False,
        apart=apart,
        deadline=deadline,
    )
    told = tuple(each for each in report.properties if each.prop.name in names)
    return TwinReport(twin, replace(report, properties=told))


def unseen_twin(
    model: Model, twin: Twin, engine: EngineName, limits: Limits, why: Stop
) -> TwinReport:
    """What is to be said of a twin of `model` for which there was no time."""
    limits = replace(limits, properties=broken_here(twin, limits))
    nothing = nothing_found(_begins(engine), model, limits, why)
    report = build_report(model, [nothing], engine=engine, limits=limits)
    return TwinReport(twin, report)


def _confirm(model: Model, limits: Limits, watch: Watch) -> Findings | str:
    """What bmc says within `limits`, or why it says nothing."""
    try:
        # It follows for few steps and little time, less than lemmas would take.
        found = _bmc(uses_lemmas=False).run(model, limits, watch)
    except MemoryError:
        return "bmc had no memory to confirm anything"
    return NO_TIME_TO_CONFIRM if found.depth is None else found


def _reduction(engine: EngineName, model: Model, limits: Limits) -> Reduction | None:
    """The symmetries that an explorer uses; the solver has no use for them."""
    if engine in SOLVERS or not model.symmetric:
        return None
    from modelcheck.explore.reduction import find_reduction

    return find_reduction(model, limits)


def _first(
    engine: EngineName,
    resources: Resources,
    reduction: Reduction | None,
    model: Model,
    limits: Limits,
    watch: Portfolio,
    *,
    cycles: Cycles,
) -> Findings:
    """What the engine that the user asked for finds; for `auto`, an explorer."""
    if engine == "bmc":
        return _bmc(uses_lemmas=True).run(model, limits, watch)
    if engine == "induct":
        from modelcheck.solve.induction import Induction

        return Induction().run(model, limits, watch)
    if engine == "pdr":
        from modelcheck.solve.pdr import PropertyDirected

        return PropertyDirected().run(model, limits, watch)
    from modelcheck.explore.search import Explorer

    if engine == "explore":
        return Explorer(reduction).run(model, limits, watch)
    if engine == "native":
        return _raced(resources, reduction, limits, watch, cycles, is_alone=True)
    if resources != Resources():
        try:
            return _raced(resources, reduction, limits, watch, cycles)
        except TooManyOutcomesError as error:
            watch.note(f"{error}; the search went on in Python")
            return Explorer(reduction).run(model, limits, watch)
    explorer = Explorer(reduction, EFFORT)
    begun = explorer.run(model, limits, watch)
    if not explorer.is_given_up:
        return begun
    if limits.seconds is not None:
        if limits.seconds <= begun.seconds:
            return begun
        limits = replace(limits, seconds=limits.seconds - begun.seconds)
    try:
        second = _raced(resources, reduction, limits, watch, cycles)
    except MemoryError:
        return _cut_short(begun, begun.stops - {Stop.TIME} | {Stop.MEMORY})
    except TooManyOutcomesError as error:
        watch.note(f"{error}; the search went on in Python")
        second = Explorer(reduction).run(model, limits, watch)
    return _joined(begun, second)


def _raced(
    resources: Resources,
    reduction: Reduction | None,
    limits: Limits,
    watch: Portfolio,
    cycles: Cycles,
    *,
    is_alone: bool = False,
) -> Findings:
    """What the native explorer finds, and for `cycles` what it sees of these."""
    search: Search = _native(resources, reduction)
    if cycles.are_wanted:
        search = cycles.search()
    said = watch.race(search, limits, is_alone=is_alone)
    cycles.hear(said)
    return said.findings[0]


def _cut_short(begun: Findings, stops: frozenset[Stop]) -> Findings:
    """What was found before a search ended that could say no more than `stops`."""
    findings = tuple(
        replace(each, reason=ended_by(stops))
        if each.verdict is Verdict.BOUNDED
        else each
        for each in begun.findings
    )
    return replace(begun, stops=stops, findings=findings)


def _less(limits: Limits, seconds: float) -> Limits:
    """The limits after some seconds were spent."""
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=limits.seconds - seconds)


def _native(
    resources: Resources, reduction: Reduction | None, linked: Linked | None = None
) -> Engine:
    """The native explorer, which is imported only where it is needed."""
    from modelcheck.explore.native import NativeExplorer

    return NativeExplorer(
        resources.workers,
        resources.memory,
        hash_compact=resources.hash_compact,
        linked=linked,
        reduction=reduction,
    )


def _joined(begun: Findings, second: Findings) -> Findings:
    """What a search that was begun twice has found.

    The second one counts, unless it was cut short before it had seen as much. No path
    is lost: what only one of the two has come upon stands in the result.
    """
    kept, other = second, begun
    if not second.is_complete and _seen(second) < _seen(begun):
        kept, other = _cut_short(begun, second.stops), second
    paths = {each.prop.name: each for each in other.findings if each.evidence}
    return replace(
        kept,
        findings=tuple(
            each if each.evidence else paths.get(each.prop.name, each)
            for each in kept.findings
        ),
        seconds=begun.seconds + second.seconds,
    )


def _seen(findings: Findings) -> int:
    return 0 if findings.counts is None else findings.counts.distinct


def _bmc(*, uses_lemmas: bool) -> Engine:
    from modelcheck.solve.bmc import BoundedChecker
    from modelcheck.solve.lemmas import WORTH

    return BoundedChecker(worth=WORTH if uses_lemmas else None)


def confirmation_limits(found: Findings, limits: Limits) -> Limits | None:
    """How far bmc is to follow the explorer's `found`; None if not at all.

    As deep as the explorer went, within CONFIRM_DEPTH; for a share of its time, and
    within what is left of the user's. After `--max-violations` cut the search short,
    only what it found is looked at again.
    """
    ended = {Stop.INTERRUPT, Stop.MEMORY, Stop.SETTLED} & found.stops
    if found.counts is None or ended:
        return None
    # A check that fails in a step from the deepest level is one step further.
    depth = min(CONFIRM_DEPTH, found.counts.depth)
    if limits.depth is not None:
        depth = min(depth, limits.depth)
    seconds = max(CONFIRM_SECONDS, CONFIRM_SHARE * found.seconds)
    if limits.seconds is not None:
        seconds = min(seconds, limits.seconds - found.seconds)
    names = limits.properties
    if Stop.VIOLATIONS in found.stops:
        names = frozenset(f.prop.name for f in found.findings if f.evidence is not None)
    elif names is not None:
        # What the explorer looked at besides is confirmed like the rest.
        names |= limits.besides
    is_void = all(each.verdict is Verdict.UNKNOWN for each in found.findings)
    if seconds <= 0 or is_void:
        return None
    return Limits(depth, seconds, None, names, limits.deadlock)
