"""The command `modelcheck verify` and its options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcheck.cli.dumping import DumpFile
from modelcheck.cli.exits import for_bisect, worst
from modelcheck.cli.groups import Questions, Rendering, Selection, grouped
from modelcheck.cli.options import (
    EngineName,
    NoSymmetry,
    SpecTargets,
    one_spec,
    size,
    worker_count,
)
from modelcheck.cli.patched import PatchFile, UnderReview, chosen
from modelcheck.cli.session import Session, apart

if TYPE_CHECKING:
    from modelcheck.model.program import Model
    from modelcheck.verdict.check import Resources
    from modelcheck.verdict.deadline import Deadline
    from modelcheck.verdict.portfolio import Rival
    from modelcheck.verdict.report import Report
    from modelcheck.verdict.survey import Survey
    from modelcheck.verdict.verdicts import Limits, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Session):
    """One call of `modelcheck verify`."""

    engine: EngineName
    resources: Resources
    symmetry: bool
    twins: bool
    stats: bool
    coverage: bool

    def judge(
        self,
        model: Model,
        watch: Watch,
        options: tuple[str, ...],
        deadline: Deadline,
    ) -> Report:
        """Check the model and its twins, and survey it if asked for."""
        from modelcheck.cli.twins import run_twins
        from modelcheck.verdict.check import verify_model
        from modelcheck.verdict.portfolio import Rivals

        asked = {"--stats": self.stats, "--coverage": self.coverage}
        told = {**asked, "--no-twins": bool(model.twins) and not self.twins}
        report = verify_model(
            model,
            self.engine,
            self.limits,
            watch,
            resources=self.resources,
            symmetry=self.symmetry,
            rivals=Rivals(_launch),
            apart=apart,
            deadline=deadline,
            options=options,
            extra=[option for option, is_told in told.items() if is_told],
        )
        report = run_twins(report, self, watch, deadline)
        if not any(asked.values()) or watch.is_interrupted():
            return report
        found = self._survey(model, watch, deadline)
        if isinstance(found, str):
            words = " and ".join(option for option, is_on in asked.items() if is_on)
            return replace(report, notes=(*report.notes, f"{found}: no {words}"))
        return replace(report, survey=found)

    def _survey(self, model: Model, watch: Watch, deadline: Deadline) -> Survey | str:
        """The survey, made apart, or why there is none."""
        from modelcheck.cli.apart import done_apart
        from modelcheck.reader import read_counted
        from modelcheck.verdict.parts import SearchCrashError
        from modelcheck.verdict.survey import survey
        from modelcheck.verdict.verdicts import Stop, TooManyOutcomesError

        def task(watch: Watch) -> Survey:
            counted, points = model, None
            if self.coverage:
                chosen = self.selection
                counted, points = read_counted(
                    model.path, chosen.scopes, chosen.preempt
                )
            return survey(
                counted,
                deadline.limited(self.limits),
                watch,
                points=points,
                is_spread_wanted=self.stats,
                workers=self.resources.workers,
                memory=self.resources.memory,
            )

        try:
            found = done_apart(task, deadline.left, watch)
        except TooManyOutcomesError as error:
            return str(error)
        except SearchCrashError as error:
            return f"the survey failed: {error}"
        except MemoryError:
            return "the survey ran out of memory"
        if isinstance(found, Stop):
            return f"the survey was ended by {found.value}"
        return found


def _launch(engine: str, model: Model, limits: Limits) -> Rival:
    """Start a rival of the search; most runs never import what that takes."""
    from modelcheck.cli.rival import RivalProcess

    return RivalProcess(engine, model, limits)


@grouped
def verify(
    specs: SpecTargets,
    *,
    selection: Selection,
    engine: Annotated[
        EngineName,
        typer.Option(
            help="explore: all states. native: the same, compiled, for large models. "
            "bmc: a solver, to --depth (10 if there is no --timeout). induct: proofs "
            "by induction, k up to --depth. pdr: proofs by invariants that it "
            "finds. auto: explore, compiled if it takes long, against "
            "induct and pdr if it takes longer, and let bmc confirm.",
        ),
    ] = "auto",
    depth: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Look at most N steps far.", show_default=False
        ),
    ] = None,
    asked: Questions,
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
    stats: Annotated[
        bool,
        typer.Option(
            "--stats", help="Tell where the states come from: variables and steps."
        ),
    ] = False,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", help="Tell how often each statement and branch is run."
        ),
    ] = False,
    no_twins: Annotated[
        bool, typer.Option("--no-twins", help="Leave out the spec's broken variants.")
    ] = False,
    patch: PatchFile = None,
    series: UnderReview = False,
    shown: Rendering,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where counterexamples are written; nowhere for b4 and checkpatch.",
            show_default="counterexamples",
        ),
    ] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where proofs are written; nowhere for b4 and checkpatch.",
            show_default="certificates",
        ),
    ] = None,
    dump: DumpFile = None,
    bisect: Annotated[
        bool, typer.Option("--bisect", help="Exit with 125 instead of 20, 21 and 30.")
    ] = False,
) -> int:
    """Check the properties of each SPEC.

    The status is the worst of all specs: one that could not be read (20) or evaluated
    (21), a violation (14, 11, 12), a search without conclusion (30), or 0. A twin that
    does not fail as it must, and fewer states than the spec's floor, count as 12. A
    check in a step that fails is told of whatever --property asks for: nothing is said
    of what would follow it.
    """
    from modelcheck.verdict.check import Resources

    one_spec(specs, shown.trace, dump)
    affected = chosen(specs, patch, series=series)
    session = Verification(
        selection=selection,
        limits=asked.limits(depth),
        engine=engine,
        resources=Resources(workers, memory, hash_compact),
        symmetry=not no_symmetry,
        twins=not no_twins,
        stats=stats,
        coverage=coverage,
        shown=shown,
        out=shown.folder(out, "counterexamples"),
        certificates=shown.folder(certificates, "certificates"),
        dump=dump,
        places=affected.places,
    )
    code = worst(session.codes(affected.specs))
    return for_bisect(code) if bisect else code
