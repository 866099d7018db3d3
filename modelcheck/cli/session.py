"""One call of `modelcheck verify`: each spec is read, checked and reported."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from modelcheck.cli.documents import Log, document, note_failure
from modelcheck.cli.exits import Exit, worst
from modelcheck.cli.failures import NoValueError, tell
from modelcheck.cli.groups import Rendering, Selection

if TYPE_CHECKING:
    from modelcheck.model.program import Model
    from modelcheck.reader import Memory
    from modelcheck.report.artifacts import Written
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.parts import InParts, Search
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Limits, Watch


def _memory() -> Memory:
    from modelcheck.reader import Memory

    return Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(ABC):
    """The options of a call, and what is done with each spec.

    Counterexamples are written to the folder `out`, unless it is None, the first of
    them to each file of `--trace`, the state graph to `dump`. `places` are lines of the
    patch that specs are checked for. `memory` is what the reader knows of the spec that
    is checked, for its twins.
    """

    selection: Selection
    limits: Limits
    shown: Rendering
    out: Path | None
    certificates: Path | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    dump: Path | None = None
    memory: Memory = field(default_factory=_memory)

    def codes(self, specs: Sequence[str]) -> Iterator[int]:
        """Check each spec; its exit code. An interrupt leaves out those after it."""
        from modelcheck.verdict.deadline import TooLateError

        log = document(self.shown.written, self.places)
        if not specs and self.shown.written in ("text", "mail"):
            print("The patch touches no file that a SPEC models.")
        if log is not None:
            sys.stdout.write(log.begin(len(specs)))
        for position, spec in enumerate(specs, 1):
            if position > 1 and self.shown.written in ("text", "mail"):
                print()
            try:
                code, is_interrupted = self._check(spec, log)
            except (Exception, KeyboardInterrupt, TooLateError) as error:
                told = self._tell(error)
                if told is None:
                    raise
                code, is_interrupted = told, isinstance(error, KeyboardInterrupt)
                note_failure(log, spec, error, code)
            yield code
            if is_interrupted and position < len(specs):
                left = ", ".join(specs[position:])
                self._aside(f"interrupted, not checked: {left}")
                if log is not None:
                    for other in specs[position:]:
                        sys.stdout.write(log.skip(other, "interrupted"))
                yield Exit.INCONCLUSIVE
                break
        if log is not None:
            sys.stdout.write(log.end())

    @abstractmethod
    def judge(
        self,
        model: Model,
        watch: Watch,
        options: tuple[str, ...],
        deadline: Deadline,
    ) -> Report:
        """The report on one model, which the words `options` select, by `deadline`."""

    def _tell(self, error: BaseException) -> int | None:
        return tell(error, aloud=not self.shown.is_for_hook)

    def _aside(self, text: str) -> None:
        """Say what does not belong into the report."""
        if not self.shown.is_for_hook:
            print(f"modelcheck: {text}", file=sys.stderr)

    def _check(self, spec: str, log: Log | None) -> tuple[int, bool]:
        """The exit code of one spec, and whether the user wants to stop."""
        from modelcheck.explore.interpreter import EvaluationError
        from modelcheck.reader import read_spec
        from modelcheck.report.progress import Progress
        from modelcheck.verdict.deadline import Deadline
        from modelcheck.verdict.verdicts import Stop

        deadline = Deadline(self.limits.seconds)
        chosen = self.selection
        with deadline.enforced():
            model = read_spec(spec, chosen.scopes, chosen.preempt, memory=self.memory)
        refuse_unknown(model, self.limits.properties)
        options = chosen.words
        is_quiet = self.shown.quiet or self.shown.is_for_hook
        with Progress(quiet=is_quiet, ends_early=True, hasten=deadline.hasten) as watch:
            try:
                report = self.judge(model, watch, options, deadline)
            except EvaluationError as error:
                code = self._tell(NoValueError(model, error, options))
                assert code is not None, "a property without value is the user's matter"
                note_failure(log, spec, error, code)
                return code, watch.is_interrupted()
        # The solver may have heard the interrupt itself, before any handler of ours.
        is_interrupted = watch.is_interrupted() or any(
            Stop.INTERRUPT in each.stops for each in report.engines
        )
        return self._deliver(report, log, is_last=is_interrupted), is_interrupted

    def _deliver(self, report: Report, log: Log | None, *, is_last: bool) -> int:
        """Write the report and the files of a run; its exit code."""
        files, proof, problem = self._leave_behind(report)
        if log is not None:
            sys.stdout.write(log.add(report))
        else:
            sys.stdout.write(self._render(report, files, proof))
        # Before anything goes to stderr: in a log both shall stand in order.
        sys.stdout.flush()
        if files is not None and files.problem:
            self._aside(f"--svg: {files.problem}")
        # The report first: that a graph takes long must not cost it.
        if problem is None and not is_last:
            problem = self._dump(report.model)
        if problem is None:
            return report.exit_code
        # Aloud in a hook, too: b4 shall take it for the failure that it is.
        return worst((report.exit_code, tell(problem) or Exit.USAGE))

    def _dump(self, model: Model) -> OSError | None:
        """Write the state graph if it is wanted; what prevented it."""
        if self.dump is None:
            return None
        from modelcheck.cli.dumping import write_graph
        from modelcheck.explore.graph import GraphTooLarge

        try:
            write_graph(model, self.dump)
        except GraphTooLarge as error:
            most = f"more than {error.max_states:,} states, nothing written"
            way_out = "smaller scopes, .json, or `modelcheck graph --max-states N`"
            self._aside(f"--dump: {most}; {way_out}")
        except OSError as error:
            return error
        return None

    def _leave_behind(
        self, report: Report
    ) -> tuple[Written | None, Path | None, OSError | None]:
        """Write the files of a run: the counterexamples, the proof, what prevented it.

        A folder that nobody may write to must not cost the user the report.
        """
        from modelcheck.report.artifacts import (
            write_artifacts,
            write_certificate,
            write_traces,
        )

        files = proof = None
        try:
            if untold := write_traces(report, self.shown.trace):
                self._aside(f"--trace: {untold}")
            if self.out is not None:
                files = write_artifacts(report, self.out, svg=self.shown.svg)
            if self.certificates is not None:
                proof = write_certificate(report, self.certificates)
        except OSError as error:
            return files, proof, error
        return files, proof, None

    def _render(self, report: Report, files: Written | None, proof: Path | None) -> str:
        if self.shown.written == "json":
            from modelcheck.report.jsonreport import render_json

            return render_json(report)
        if self.shown.written == "mail":
            from modelcheck.report.mail import render_mail_report

            return render_mail_report(
                report, number=self.shown.number, full=self.shown.full
            )
        from modelcheck.report.console import render_console

        text = render_console(
            report,
            width=self.shown.columns,
            colour=wants_colour(),
            traces=self.shown.trace_style != "off",
            unicode=_is_unicode(),
        )
        if self.shown.trace_style == "full":
            text += _states_text(report, self.shown.columns)
        text += "" if files is None else _files_text(files, self.shown.columns)
        return text + _proof_text(proof, self.shown.columns)


def _states_text(report: Report, width: int) -> str:
    from modelcheck.cli.traces import full_states
    from modelcheck.report.captions import violations

    return "".join(
        f"\nEvery state on the way to {prop.prop.name}\n"
        f"{full_states(prop.trace, width)}\n"
        for prop in violations(report)
        if prop.trace is not None
    )


def _files_text(files: Written, width: int) -> str:
    from modelcheck.trace.wrap import fold

    count = sum(file.suffix == ".dot" for file in files.files)
    if not count:
        return ""
    many = f"{count} counterexamples are" if count > 1 else "The counterexample is"
    text = f"{many} in {files.folder}/ as .dot, .txt and .itf.json."
    return "\n".join(fold(text, width)) + "\n"


def _proof_text(proof: Path | None, width: int) -> str:
    from modelcheck.trace.wrap import command_lines

    if proof is None:
        return ""
    words = ["modelcheck", "certify", str(proof)]
    return "\n".join(command_lines("Check the proof:", words, width)) + "\n"


def wants_colour() -> bool:
    """Whether standard output is a terminal whose user has nothing against colour."""
    is_dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return sys.stdout.isatty() and not is_dumb


def _is_unicode() -> bool:
    """Whether standard output is a terminal that shows more than ASCII."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdout.isatty() and encoding == "utf8"


def apart(search: Search, model: Model, limits: Limits) -> InParts:
    """Let machine code run where its crash leaves a report to be made.

    Most runs never import what that takes.
    """
    from modelcheck.cli.apart import SearchApart

    return SearchApart(search, model, limits)


def refuse_unknown(model: Model, names: frozenset[str] | None) -> None:
    """Raise `SpecError` if a name given by `--property` is no property of `model`."""
    from difflib import get_close_matches

    from modelcheck.model.statements import Span
    from modelcheck.reader import Code, SpecError

    known = [prop.name for prop in model.properties]
    for name in sorted((names or frozenset()) - set(known)):
        alike = get_close_matches(name, known, 1)
        way_out = f"did you mean {alike[0]}?" if alike else f"it has {', '.join(known)}"
        message = f"{model.name} has no property {name}"
        path = model.path.partition("::")[0]
        raise SpecError(Code.UNKNOWN_PROPERTY, message, Span(path), way_out)
