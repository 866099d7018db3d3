"""The command `modelcheck compare`: many designs, the same questions, one table."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from modelcheck.cli.exits import Exit, worst
from modelcheck.cli.failures import tell, tell_evaluation
from modelcheck.cli.options import (
    NoSymmetry,
    Quiet,
    Scopes,
    SpecTargets,
    columns,
    scope_table,
    seconds,
    selecting,
)
from modelcheck.cli.session import apart

if TYPE_CHECKING:
    from modelcheck.report.progress import Progress
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Limits

TableFormat = Literal["text", "markdown", "json", "html"]


def compare(
    specs: SpecTargets,
    written: Annotated[
        TableFormat, typer.Option("--format", help="How to write the table.")
    ] = "text",
    describe: Annotated[
        bool,
        typer.Option(
            "--describe",
            help="Below a Markdown table, tell of each design what was found in it.",
        ),
    ] = False,
    scope: Scopes = [],
    timeout: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Stop each search after, for example, 30s, 10m or 2h.",
            show_default=False,
        ),
    ] = None,
    no_symmetry: NoSymmetry = False,
    quiet: Quiet = False,
) -> int:
    """Explore each SPEC and print one table of designs and properties.

    A cell says `holds`, in how many steps the property is violated, or whether a goal
    is reached; `n/a` that what holds could not be violated, because what it speaks of
    does not exist there; `!` marks what the spec does not expect. The status is the
    worst of all specs, as for `verify`.
    """
    from modelcheck.report.progress import Progress
    from modelcheck.verdict.verdicts import Limits

    if describe and written != "markdown":
        message = "the table in Markdown is what it adds to: --format markdown"
        raise typer.BadParameter(message, param_hint="--describe")
    limits = Limits(seconds=timeout)
    with Progress(quiet=quiet, ends_early=True) as watch:
        comparison = Comparison(
            limits, scope_table(scope), watch, symmetry=not no_symmetry
        )
        watch.hasten = comparison.hasten
        comparison.run(specs)
    sys.stdout.write(_rendered(comparison.reports, written, describe=describe))
    return worst(comparison.codes)


def _rendered(
    reports: Sequence[Report], written: TableFormat, *, describe: bool
) -> str:
    from modelcheck.report import design, matrix, webpage

    if written == "json":
        return matrix.render_matrix_json(reports)
    if written == "html":
        return webpage.render_matrix_html(reports)
    if written == "markdown":
        text = matrix.render_matrix_markdown(reports)
        return text + (design.render_designs_markdown(reports) if describe else "")
    return matrix.render_matrix(reports, width=columns(None))


@dataclass(slots=True)
class Comparison:
    """The specs one after another: a report of each, or what went wrong, told."""

    limits: Limits
    scopes: Mapping[str, int]
    watch: Progress
    symmetry: bool = True
    reports: list[Report] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    deadline: Deadline | None = None

    def hasten(self) -> None:
        """The user wants to stop."""
        if self.deadline is not None:
            self.deadline.hasten()

    def run(self, specs: Sequence[str]) -> None:
        """Explore each spec; an interrupt leaves out those after it."""
        from modelcheck.verdict.deadline import TooLateError

        for position, spec in enumerate(specs, 1):
            is_interrupted = False
            try:
                code = self._explore(spec, f"{position}/{len(specs)} {spec}")
            except (Exception, KeyboardInterrupt, TooLateError) as error:
                self.watch.close()
                told = tell(error)
                if told is None:
                    raise
                code, is_interrupted = told, isinstance(error, KeyboardInterrupt)
            self.codes.append(code)
            is_interrupted |= self.watch.is_interrupted()
            if is_interrupted and position < len(specs):
                left = ", ".join(specs[position:])
                self.watch.close()
                print(f"modelcheck: interrupted, not compared: {left}", file=sys.stderr)
                self.codes.append(Exit.INCONCLUSIVE)
                return

    def _explore(self, spec: str, label: str) -> int:
        """Read and explore one spec and keep its report; its exit code."""
        from modelcheck.explore.interpreter import EvaluationError
        from modelcheck.reader import read_spec
        from modelcheck.report.progress import Labelled
        from modelcheck.verdict.applicability import judge_applicability
        from modelcheck.verdict.check import verify_model
        from modelcheck.verdict.deadline import Deadline

        deadline = Deadline(self.limits.seconds)
        self.deadline = deadline
        with deadline.enforced():
            model = read_spec(spec, self.scopes)
        options = selecting(self.scopes, "await")
        watch = Labelled(self.watch, label)
        try:
            report = verify_model(
                model,
                "auto",
                self.limits,
                watch,
                confirm=False,
                symmetry=self.symmetry,
                apart=apart,
                deadline=deadline,
                options=options,
            )
        except EvaluationError as error:
            self.watch.close()
            return tell_evaluation(model, error, options)
        judged = deadline.within(
            lambda: judge_applicability(report), lambda _: report, deadline.patience
        )
        self.reports.append(judged)
        return report.exit_code
