"""Small models with temporal properties, for tests that look at more than verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from modelcheck.model.program import Cell, Kind, Model, Property
from modelcheck.model.statements import Assign, Require
from modelcheck.model.temporal import Atom, Fairness, Formula, Strength, Temporal
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.terms import TRUE, Term, add, const, eq, lt
from tests.unit.explore.models import Builder
from tests.unit.liveness.formulas import atom, op

ALWAYS_EVENTUALLY = op(Op.ALWAYS, op(Op.EVENTUALLY, atom(0)))


def temporal(
    name: str,
    formula: Formula,
    *atoms: Term,
    antecedents: Sequence[tuple[Formula, str]] = (),
) -> Property:
    return Property(
        name,
        Kind.TEMPORAL,
        (),
        TRUE,
        temporal=Temporal(
            formula,
            tuple(Atom((), term, f"atom{n}") for n, term in enumerate(atoms)),
            tuple(antecedents),
        ),
    )


def fair(strength: Strength, name: str, *steps: int) -> Fairness:
    return Fairness(name, strength, frozenset(steps))


def move(builder: Builder, cell: Cell, source: int, target: int) -> int:
    """Add a step that takes `cell` from one value to another; its number."""
    number = len(builder.steps)
    builder.step(
        f"{source}to{target}",
        Require(eq(cell.now, const(source))),
        Assign(cell.index, const(target)),
    )
    return number


def moves(*edges: tuple[int, int], most: int = 9) -> tuple[Builder, Cell]:
    """A builder with one cell, which is 0 at first, and a step for each edge."""
    builder = Builder()
    cell = builder.number("x", 0, most)
    for source, target in edges:
        move(builder, cell, source, target)
    return builder, cell


def made(builder: Builder, props: Sequence[Property], *fairness: Fairness) -> Model:
    builder.properties += props
    return replace(builder.model(), fairness=fairness)


def counter(most: int) -> tuple[Builder, Cell]:
    """A cell that is counted up to its largest value and begins anew."""
    builder = Builder()
    cell = builder.number("n", 0, most)
    builder.step(
        "up",
        Require(lt(cell.now, const(most))),
        Assign(cell.index, add(cell.now, const(1))),
    )
    builder.step(
        "again", Require(eq(cell.now, const(most))), Assign(cell.index, const(0))
    )
    return builder, cell
