"""The command `modelcheck scopes`: what changes as a Scalarset grows."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.failures import tell_evaluation
from modelcheck.cli.options import (
    NoDeadlock,
    PreemptAt,
    Properties,
    Quiet,
    Scopes,
    SpecTarget,
    Timeout,
    Width,
    columns,
    scope_table,
    selecting,
)
from modelcheck.cli.session import apart

if TYPE_CHECKING:
    from modelcheck.model.program import Model

GrowthFormat = Literal["text", "json"]

_MOST = 50_000


def size_range(text: str) -> str:
    """`text` if it reads `NAME=FIRST..LAST`; raises `typer.BadParameter`."""
    found = re.fullmatch(r"[^\W\d]\w*=(\d{1,4})\.\.(\d{1,4})", text)
    if not found or not 1 <= int(found[1]) < int(found[2]):
        message = f"{text!r} is not NAME=FIRST..LAST, for example Device=1..4"
        raise typer.BadParameter(message)
    return text


def scopes(
    spec: SpecTarget,
    *,
    vary: Annotated[
        str,
        typer.Option(
            callback=size_range,
            metavar="NAME=A..B",
            help="Give the Scalarset NAME each size from A to B.",
            show_default=False,
        ),
    ],
    scope: Scopes = [],
    most: Annotated[
        int,
        typer.Option(
            "--max-states",
            min=1,
            metavar="N",
            help="Look at most at N states of a size from each member's side.",
        ),
    ] = _MOST,
    timeout: Timeout = None,
    properties: Properties = [],
    no_deadlock: NoDeadlock = False,
    preempt: PreemptAt = "await",
    written: Annotated[
        GrowthFormat, typer.Option("--format", help="How to write the table.")
    ] = "text",
    width: Width = None,
    quiet: Quiet = False,
) -> int:
    """Show what is new in SPEC as a Scalarset grows.

    For each size: states, states of a single member as it sees them, transitions by
    what they do for a member, and violated properties. Where nothing new comes any
    more, larger sizes are unlikely to bring surprises. That is evidence, not a proof.
    --timeout is for each size. The status is 0 if all sizes were searched, else 30.
    """
    from modelcheck import __version__
    from modelcheck.explore.interpreter import EvaluationError
    from modelcheck.reader import read_spec
    from modelcheck.report.progress import Progress
    from modelcheck.report.scopes import render_growth, render_growth_json
    from modelcheck.verdict.scopes import NoScalarsetError, grow
    from modelcheck.verdict.verdicts import Limits

    name, _, ends = vary.partition("=")
    first, _, last = ends.partition("..")
    sizes = range(int(first), int(last) + 1)
    table = scope_table(scope)
    limits = Limits(
        seconds=timeout,
        properties=frozenset(properties) or None,
        deadlock=not no_deadlock,
    )
    read: list[Model] = []

    def model_of(size: int) -> Model:
        read.append(read_spec(spec, {**table, name: size}, preempt))
        return read[-1]

    with Progress(quiet=quiet) as watch:
        try:
            growth = grow(model_of, name, sizes, limits, watch, most=most, apart=apart)
        except NoScalarsetError as error:
            raise typer.BadParameter(str(error)) from None
        except EvaluationError as error:
            watch.close()
            options = selecting(dict(read[-1].scopes), preempt)
            return tell_evaluation(read[-1], error, options)
    if written == "json":
        text = render_growth_json(growth, read[0])
    else:
        tool = f"modelcheck {__version__}"
        text = render_growth(growth, read[0], tool, columns(width))
    sys.stdout.write(text)
    is_complete = len(growth.rows) == len(sizes) and all(
        row.is_complete for row in growth.rows
    )
    return Exit.EXPECTED if is_complete else Exit.INCONCLUSIVE
