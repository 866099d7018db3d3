"""One call of `modelcheck verify`: each spec is read, checked and reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelcheck.cli.exits import Exit
from modelcheck.cli.failures import tell, tell_evaluation
from modelcheck.cli.options import EngineName, Format, Preempt, TraceStyle, selecting

if TYPE_CHECKING:
    from modelcheck.model.program import Model
    from modelcheck.report.artifacts import Written
    from modelcheck.verdict.check import Resources
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The options of a call, and what is done with each spec."""

    limits: Limits
    engine: EngineName
    resources: Resources
    symmetry: bool
    scopes: Mapping[str, int]
    preempt: Preempt
    written: Format
    style: TraceStyle
    width: int
    out: Path
    svg: bool
    quiet: bool
    number: bool
    full: bool
    twins: bool

    def codes(self, specs: Sequence[str]) -> Iterator[int]:
        """Check each spec; its exit code. An interrupt leaves out those after it."""
        for position, spec in enumerate(specs, 1):
            if position > 1 and self.written != "json":
                print()
            try:
                code, is_interrupted = self._check(spec)
            except (Exception, KeyboardInterrupt) as error:
                told = tell(error)
                if told is None:
                    raise
                code, is_interrupted = told, isinstance(error, KeyboardInterrupt)
            yield code
            if is_interrupted and position < len(specs):
                left = ", ".join(specs[position:])
                print(f"modelcheck: interrupted, not checked: {left}", file=sys.stderr)
                yield Exit.INCONCLUSIVE
                return

    def _check(self, spec: str) -> tuple[int, bool]:
        """The exit code of one spec, and whether the user wants to stop."""
        from modelcheck.cli.twins import run_twins
        from modelcheck.explore.interpreter import EvaluationError
        from modelcheck.reader import read_spec
        from modelcheck.report.artifacts import write_artifacts
        from modelcheck.report.progress import Progress
        from modelcheck.verdict.check import verify_model
        from modelcheck.verdict.verdicts import Stop

        model = read_spec(spec, self.scopes, self.preempt)
        refuse_unknown(model, self.limits.properties)
        options = selecting(self.scopes, self.preempt)
        with Progress(quiet=self.quiet) as watch:
            try:
                report = verify_model(
                    model,
                    self.engine,
                    self.limits,
                    watch,
                    resources=self.resources,
                    symmetry=self.symmetry,
                    options=options,
                    extra=() if self.twins or not model.twins else ("--no-twins",),
                )
            except EvaluationError as error:
                return tell_evaluation(model, error, options), watch.is_interrupted()
            report = run_twins(report, self, watch)
        files = write_artifacts(report, self.out, svg=self.svg)
        sys.stdout.write(self._render(report, files))
        # Before anything goes to stderr: in a log both shall stand in order.
        sys.stdout.flush()
        if files.problem:
            print(f"modelcheck: --svg: {files.problem}", file=sys.stderr)
        # The solver may have heard the interrupt itself, before any handler of ours.
        is_interrupted = any(Stop.INTERRUPT in each.stops for each in report.engines)
        return report.exit_code, is_interrupted or watch.is_interrupted()

    def _render(self, report: Report, files: Written) -> str:
        if self.written == "json":
            from modelcheck.report.jsonreport import render_json

            return render_json(report)
        if self.written == "mail":
            from modelcheck.report.mail import render_mail_report

            return render_mail_report(report, number=self.number, full=self.full)
        from modelcheck.report.console import render_console

        text = render_console(
            report,
            width=self.width,
            colour=wants_colour(),
            traces=self.style != "off",
        )
        if self.style == "full":
            text += _states_text(report, self.width)
        return text + _files_text(files, self.width)


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


def wants_colour() -> bool:
    """Whether standard output is a terminal whose user has nothing against colour."""
    is_dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return sys.stdout.isatty() and not is_dumb


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
