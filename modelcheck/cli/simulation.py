"""The command `modelcheck simulate` and its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcheck.cli.exits import worst
from modelcheck.cli.options import (
    Full,
    MaxViolations,
    NoDeadlock,
    Number,
    PreemptAt,
    Properties,
    Quiet,
    Scopes,
    SpecTargets,
    Style,
    Svg,
    Timeout,
    TraceFiles,
    Width,
    Written,
    columns,
    one_spec,
    scope_table,
    worker_count,
)
from modelcheck.cli.session import Session

if TYPE_CHECKING:
    from modelcheck.explore.simulation import Simulator
    from modelcheck.model.program import Model
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Session):
    """One call of `modelcheck simulate`."""

    simulator: Simulator

    def judge(self, model: Model, watch: Watch, options: tuple[str, ...]) -> Report:
        """Take random walks through the model."""
        from modelcheck.verdict.simulate import simulate_model

        return simulate_model(
            model, self.simulator, self.limits, watch, options=options
        )


def simulate(
    specs: SpecTargets,
    runs: Annotated[
        int, typer.Option("--runs", "-n", min=1, metavar="N", help="Take N runs.")
    ] = 10_000,
    depth: Annotated[
        int,
        typer.Option("--depth", "-d", min=1, metavar="D", help="Of at most D steps."),
    ] = 100,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=(1 << 64) - 1, metavar="S", help="What the runs are drawn from."
        ),
    ] = 0,
    scope: Scopes = [],
    timeout: Timeout = None,
    properties: Properties = [],
    no_deadlock: NoDeadlock = False,
    max_violations: MaxViolations = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", "-w", parser=worker_count, metavar="N|auto", help="Threads."
        ),
    ] = 1,
    preempt: PreemptAt = "await",
    written: Written = "text",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write counterexamples here.", show_default=False
        ),
    ] = None,
    trace: TraceFiles = [],
    svg: Svg = False,
    quiet: Quiet = False,
    number: Number = False,
    full: Full = False,
    trace_style: Style = "diff",
    width: Width = None,
) -> int:
    """Take random runs of each SPEC, for models too large to search.

    The same seed gives the same runs, with any number of workers. Runs prove nothing:
    what no run violates is BOUNDED, and the status then is 30, not 0.
    """
    from modelcheck.explore.simulation import Simulator
    from modelcheck.verdict.verdicts import Limits

    one_spec(specs, trace)
    session = Simulation(
        simulator=Simulator(runs, seed, workers),
        limits=Limits(
            depth=depth,
            seconds=timeout,
            max_violations=max_violations,
            properties=frozenset(properties) or None,
            deadlock=not no_deadlock,
        ),
        scopes=scope_table(scope),
        preempt=preempt,
        written=written,
        style=trace_style,
        width=columns(width),
        out=out,
        traces=trace,
        svg=svg,
        quiet=quiet,
        number=number,
        full=full,
    )
    return worst(session.codes(specs))
