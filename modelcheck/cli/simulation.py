"""The command `modelcheck simulate` and its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcheck.cli.exits import worst
from modelcheck.cli.groups import Questions, Rendering, Selection, grouped
from modelcheck.cli.options import SpecTargets, one_spec, worker_count
from modelcheck.cli.session import Session, apart

if TYPE_CHECKING:
    from modelcheck.explore.simulation import Simulator
    from modelcheck.model.program import Model
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.verdicts import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Session):
    """One call of `modelcheck simulate`."""

    simulator: Simulator

    def judge(
        self,
        model: Model,
        watch: Watch,
        options: tuple[str, ...],
        deadline: Deadline,
    ) -> Report:
        """Take random walks through the model."""
        from modelcheck.verdict.simulate import simulate_model

        return simulate_model(
            *(model, self.simulator, self.limits, watch),
            apart=apart,
            deadline=deadline,
            options=options,
        )


@grouped
def simulate(
    specs: SpecTargets,
    *,
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
    selection: Selection,
    asked: Questions,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", "-w", parser=worker_count, metavar="N|auto", help="Threads."
        ),
    ] = 1,
    shown: Rendering,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write counterexamples here.", show_default=False
        ),
    ] = None,
) -> int:
    """Take random runs of each SPEC, for models too large to search.

    The same seed gives the same runs, with any number of workers. Runs prove nothing:
    what no run violates is BOUNDED, and the status then is 30, not 0.
    """
    from modelcheck.explore.simulation import Simulator

    one_spec(specs, shown.trace)
    session = Simulation(
        simulator=Simulator(runs, seed, workers),
        selection=selection,
        limits=asked.limits(depth),
        shown=shown,
        out=out,
    )
    return worst(session.codes(specs))
