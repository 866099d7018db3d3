"""The command `modelcheck diff`: what one design allows and another does not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.failures import tell_evaluation
from modelcheck.cli.options import (
    PreemptAt,
    Scopes,
    Width,
    columns,
    scope_table,
    seconds,
    selecting,
)
from modelcheck.cli.session import apart

if TYPE_CHECKING:
    from modelcheck.model.program import Model, Property
    from modelcheck.report.difference import Difference
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.difference import Common
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Limits, Watch

DiffFormat = Literal["text", "mail", "json"]

_MOST = 10


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="BEFORE",
            help="One design: a file, or FILE::NAME.",
            show_default=False,
        ),
    ],
    after: Annotated[
        str,
        typer.Argument(
            metavar="AFTER",
            help="The other one: a file, or FILE::NAME.",
            show_default=False,
        ),
    ],
    *,
    observe: Annotated[
        list[str],
        typer.Option(
            "--observe",
            metavar="NAME",
            help="Compare this variable or function only. Repeatable.",
            show_default=False,
        ),
    ] = [],
    most: Annotated[
        int,
        typer.Option(
            "--max-differences",
            metavar="N",
            min=1,
            help="Show so many differences each way.",
        ),
    ] = _MOST,
    properties: Annotated[
        bool, typer.Option(help="Compare the verdicts of the properties, too.")
    ] = True,
    written: Annotated[
        DiffFormat, typer.Option("--format", help="How to write the differences.")
    ] = "text",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 12 if they differ.")
    ] = False,
    scope: Scopes = [],
    preempt: PreemptAt = "await",
    timeout: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Stop each search after, for example, 30s, 10m or 2h.",
            show_default=False,
        ),
    ] = None,
    width: Width = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Show what the spec BEFORE allows and AFTER does not, and the other way round.

    Compared are the values of the variables that both have, and the results of the
    functions that both call. Of the behaviours that only one has, those that end alike
    are shown once, each by a shortest trace; then the properties whose verdict differs.
    The status is 0 if everything was compared, and 30 if a limit ended that.
    """
    from modelcheck import __version__
    from modelcheck.explore.interpreter import EvaluationError
    from modelcheck.reader import read_spec
    from modelcheck.report.difference import (
        Difference,
        render_difference,
        render_difference_json,
        render_difference_mail,
    )
    from modelcheck.report.progress import Progress
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.difference import compare_behaviours
    from modelcheck.verdict.verdicts import Limits

    limits = Limits(seconds=timeout)
    scopes = scope_table(scope)
    deadline = Deadline(timeout)
    with deadline.enforced():
        left, right = (read_spec(spec, scopes, preempt) for spec in (before, after))
    shared = _shared(left, right, observe)
    options = selecting(scopes, preempt)
    with Progress(quiet=quiet, hasten=deadline.hasten) as watch:
        try:
            with deadline.enforced(deadline.patience):
                rest = deadline.limited(limits)
                ways = compare_behaviours(left, right, shared, rest, watch)
            models = (left, right) if properties else ()
            reports = _reports(models, limits, watch, deadline)
        except EvaluationError as error:
            watch.close()
            blamed = left if _asks(left, error.prop) else right
            return tell_evaluation(blamed, error, options)
    found = Difference(shared, ways, reports, f"modelcheck {__version__}", options)
    if written == "json":
        text = render_difference_json(found)
    elif written == "mail":
        text = render_difference_mail(found, most=most)
    else:
        text = render_difference(found, width=columns(width), most=most)
    sys.stdout.write(text)
    return _status(found, is_asked=exit_code)


def _shared(left: Model, right: Model, observe: Sequence[str]) -> Common:
    """What is compared; raises `SpecError` if that is nothing or not in both."""
    from difflib import get_close_matches

    from modelcheck.model.statements import Span
    from modelcheck.reader import Code, SpecError
    from modelcheck.verdict.difference import NothingShared, common

    place = Span(right.path.partition("::")[0])
    try:
        return common(left, right, observe)
    except KeyError as error:
        name = str(error.args[0])
        known = [each.removesuffix("()") for each in common(left, right).names]
        alike = get_close_matches(name, known, 1)
        way_out = (
            f"did you mean {alike[0]}?" if alike else f"both have {', '.join(known)}"
        )
        message = f"{left.name} and {right.name} do not both have {name}"
        raise SpecError(Code.UNKNOWN_PROPERTY, message, place, way_out) from None
    except NothingShared:
        message = f"{left.name} and {right.name} have nothing in common to compare"
        way_out = "two designs are compared by variables and functions of the same name"
        raise SpecError(Code.UNKNOWN_PROPERTY, message, place, way_out) from None


def _reports(
    models: Sequence[Model], limits: Limits, watch: Watch, deadline: Deadline
) -> tuple[Report, ...]:
    from modelcheck.verdict.check import verify_model

    return tuple(
        verify_model(
            *(model, "auto", limits, watch),
            confirm=False,
            apart=apart,
            deadline=deadline,
        )
        for model in models
    )


def _asks(model: Model, prop: Property) -> bool:
    return any(each is prop for each in (*model.properties, *model.constraints))


def _status(found: Difference, *, is_asked: bool) -> int:
    if is_asked and not found.is_empty:
        return Exit.SAFETY
    return Exit.EXPECTED if found.is_complete else Exit.INCONCLUSIVE
