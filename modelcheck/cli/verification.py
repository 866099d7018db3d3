"""The command `modelcheck verify` and its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelcheck.cli.exits import for_bisect, worst
from modelcheck.cli.options import (
    EngineName,
    Format,
    Full,
    NoSymmetry,
    Number,
    PreemptAt,
    Scopes,
    Style,
    Width,
    columns,
    scope_table,
    seconds,
    size,
    worker_count,
)
from modelcheck.cli.session import Session


def verify(
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC",
            help="Files, or FILE::NAME for one of several specs in a file.",
            show_default=False,
        ),
    ],
    scope: Scopes = [],
    engine: Annotated[
        EngineName,
        typer.Option(
            help="explore: all states. native: the same, compiled, for large models. "
            "bmc: a solver, to --depth (10 if there is no --timeout). auto: explore, "
            "compiled if it takes long, and let bmc confirm.",
        ),
    ] = "auto",
    depth: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Look at most N steps far.", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Stop after, for example, 30s, 10m or 2h.",
            show_default=False,
        ),
    ] = None,
    properties: Annotated[
        list[str],
        typer.Option(
            "--property",
            metavar="NAME",
            help="Check only this property. Repeatable.",
            show_default=False,
        ),
    ] = [],
    no_deadlock: Annotated[
        bool, typer.Option("--no-deadlock", help="Do not look for deadlocks.")
    ] = False,
    max_violations: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Stop after N violations.", show_default=False
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            "-w",
            parser=worker_count,
            metavar="N|auto",
            help="Threads of the native explorer.",
        ),
    ] = 1,
    memory: Annotated[
        int | None,
        typer.Option(
            parser=size,
            metavar="SIZE",
            help="Memory of the native explorer, such as 8G; most of what is free.",
            show_default=False,
        ),
    ] = None,
    hash_compact: Annotated[
        bool,
        typer.Option(
            "--hash-compact",
            help="Store 64-bit fingerprints of large states; may miss some.",
        ),
    ] = False,
    no_symmetry: NoSymmetry = False,
    preempt: PreemptAt = "await",
    no_twins: Annotated[
        bool, typer.Option("--no-twins", help="Leave out the spec's broken variants.")
    ] = False,
    written: Annotated[
        Format, typer.Option("--format", help="How to write the report.")
    ] = "text",
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where counterexamples are written.")
    ] = Path("counterexamples"),
    svg: Annotated[
        bool, typer.Option("--svg", help="Render counterexamples, if dot is installed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    number: Number = False,
    full: Full = False,
    trace_style: Style = "diff",
    width: Width = None,
    bisect: Annotated[
        bool, typer.Option("--bisect", help="Exit with 125 instead of 20, 21 and 30.")
    ] = False,
) -> int:
    """Check the properties of each SPEC.

    The status is the worst of all specs: one that could not be read (20) or evaluated
    (21), a violation (14, 11, 12), a search without conclusion (30), or 0. A twin that
    does not fail as it must, and fewer states than the spec's floor, count as 12.
    """
    from modelcheck.verdict.check import Resources
    from modelcheck.verdict.verdicts import Limits

    names = frozenset(properties) or None
    limits = Limits(
        depth=depth,
        seconds=timeout,
        max_violations=max_violations,
        properties=names,
        deadlock=not no_deadlock,
    )
    session = Session(
        limits=limits,
        engine=engine,
        resources=Resources(workers, memory, hash_compact),
        symmetry=not no_symmetry,
        scopes=scope_table(scope),
        preempt=preempt,
        written=written,
        style=trace_style,
        width=columns(width),
        out=out,
        svg=svg,
        quiet=quiet,
        number=number,
        full=full,
        twins=not no_twins,
    )
    code = worst(session.codes(specs))
    return for_bisect(code) if bisect else code
