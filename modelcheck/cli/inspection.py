"""The commands that look at a spec, a run or a trace without a verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelcheck.cli.dumping import check_graph_file, write_graph
from modelcheck.cli.exits import Exit, worst
from modelcheck.cli.failures import tell
from modelcheck.cli.groups import Selection, grouped
from modelcheck.cli.options import (
    Full,
    Number,
    Scopes,
    SpecTarget,
    SpecTargets,
    Width,
    columns,
    scope_table,
)

TraceFormat = Literal["text", "mail"]
ReplayStyle = Literal["diff", "full"]


@grouped
def check(specs: SpecTargets, *, selection: Selection) -> int:
    """Read and type-check each SPEC and its twins, without searching."""
    return worst([_checked(spec, selection) for spec in specs])


def _checked(spec: str, selection: Selection) -> int:
    """The exit code of one spec; what is wrong with it is told."""
    from modelcheck.reader import Memory, SpecError, read_spec

    memory = Memory()
    scopes, preempt = selection.scopes, selection.preempt
    try:
        model = read_spec(spec, scopes, preempt, memory=memory)
        for twin in model.twins:
            target = f"{spec.partition('::')[0]}::{twin.name}"
            read_spec(target, scopes, preempt, memory=memory)
    except (SpecError, OSError) as error:
        told = tell(error)
        if told is None:
            raise
        return told
    for warning in model.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    count = len(model.twins)
    twins = f", {count} twin{'s' * (count > 1)}" if count else ""
    # At once: what is wrong with the next spec goes to another stream.
    print(
        f"{spec}: {model.name}: {len(model.properties)} properties{twins}, no error",
        flush=True,
    )
    return Exit.EXPECTED


@grouped
def show(spec: SpecTarget, *, selection: Selection) -> int:
    """Print the model: variables, steps, properties and sizes."""
    from modelcheck.model.printer import show_model
    from modelcheck.reader import read_spec
    from modelcheck.trace.wrap import fold_nested

    model = read_spec(spec, selection.scopes, selection.preempt)
    text = show_model(model)
    lines = text.rstrip().splitlines()
    if sys.stdout.isatty():
        # Long formulas are for people folded, and in a pipe one line for each thing.
        width = columns(None)
        lines = [part for line in lines for part in fold_nested(line, width)]
    print(*lines, sep="\n")
    return Exit.EXPECTED


def run(
    spec: SpecTarget,
    scope: Scopes = [],
    steps: Annotated[int, typer.Option(min=0, metavar="N", help="Take N steps.")] = 20,
    seed: Annotated[
        int, typer.Option(metavar="N", help="The seed of the schedule.")
    ] = 0,
    pdb: Annotated[
        bool, typer.Option("--pdb", help="Stop at every step in Python's debugger.")
    ] = False,
    width: Width = None,
) -> int:
    """Execute a spec in CPython at random.

    Unlike all other commands this one runs the code of SPEC. The status tells what was
    met: 0 nothing, 11 a deadlock, 12 a false invariant, 14 a failed assertion.
    """
    from modelcheck.cli.running import run_spec
    from modelcheck.reader import read_spec

    scopes = scope_table(scope)
    model = read_spec(spec, scopes)
    return run_spec(model, scopes, steps, seed, pdb=pdb, width=columns(width))


@grouped
def replay(
    spec: SpecTarget,
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS",
            help="What a report prints after a trace, such as 0/3/1/2.",
            show_default=False,
        ),
    ],
    *,
    selection: Selection,
    asked: Annotated[
        str | None,
        typer.Option(
            "--property",
            metavar="NAME",
            help="Explain this property, where the end decides several.",
            show_default=False,
        ),
    ] = None,
    written: Annotated[
        TraceFormat, typer.Option("--format", help="How to write the trace.")
    ] = "text",
    number: Number = False,
    full: Full = False,
    style: Annotated[
        ReplayStyle, typer.Option("--trace-style", help="Show changes, or all states.")
    ] = "diff",
    width: Width = None,
) -> int:
    """Print the trace that an address stands for."""
    from modelcheck.cli.session import refuse_unknown
    from modelcheck.cli.traces import (
        UndecidedError,
        full_states,
        replay_mail,
        replay_text,
    )
    from modelcheck.reader import read_spec
    from modelcheck.trace.replay import ReplayError, replay_address

    model = read_spec(spec, selection.scopes, selection.preempt)
    refuse_unknown(model, frozenset([asked]) if asked else None)
    options = selection.words
    try:
        trace = replay_address(model, address)
        if written == "mail":
            text = replay_mail(trace, options, asked, number=number, full=full)
        else:
            text = replay_text(trace, options, columns(width), asked)
    except (ReplayError, UndecidedError) as error:
        print(f"modelcheck: {spec} {address}: {error}", file=sys.stderr)
        return Exit.USAGE
    if style == "full":
        text += full_states(trace, columns(width))
    sys.stdout.write(text)
    return Exit.EXPECTED


@grouped
def graph(
    spec: SpecTarget,
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            callback=check_graph_file,
            help="Where to write: .dot to draw it, .json to compute with it.",
            show_default=False,
        ),
    ],
    max_states: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Refuse more than N states.",
            show_default="500, or 20,000 for .json",
        ),
    ] = None,
    selection: Selection,
) -> int:
    """Write the whole state graph, as DOT or as JSON."""
    from modelcheck.explore.graph import GraphTooLarge
    from modelcheck.reader import read_spec

    model = read_spec(spec, selection.scopes, selection.preempt)
    try:
        found = write_graph(model, out, max_states)
    except GraphTooLarge as error:
        print(
            f"modelcheck: {spec} has more than {error.max_states} states, nothing "
            "written:\nuse smaller scopes (--scope NAME=N), or raise --max-states",
            file=sys.stderr,
        )
        return Exit.INCONCLUSIVE
    print(f"{out}: {len(found)} states, {found.number_of_edges()} edges")
    return Exit.EXPECTED
