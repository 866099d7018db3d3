"""Small models built by hand, and what is needed to build them."""

from __future__ import annotations

from modelcheck.model.program import (
    DEADLOCK,
    EVALUATION,
    Cell,
    Kind,
    Location,
    Model,
    Process,
    Property,
    Role,
    Step,
    Variable,
)
from modelcheck.model.shapes import shape
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Check,
    WaitKind,
)
from modelcheck.model.terms import (
    FALSE,
    TRUE,
    Op,
    Sort,
    Term,
    and_,
    const,
    le,
    leaf,
)
from modelcheck.model.types import BOOL, EnumType, IntType, SetType, Type

NO_DEADLOCK = Property(DEADLOCK, Kind.DEADLOCK, (), TRUE)
NO_ERROR = Property(EVALUATION, Kind.ASSERTION, (), TRUE)


class Builder:
    """Collects the parts of a model."""

    def __init__(self, name: str = "hand-made") -> None:
        self.name = name
        self.cells: list[Cell] = []
        self.variables: list[Variable] = []
        self.processes: list[Process] = []
        self.steps: list[Step] = []
        self.properties: list[Property] = [NO_DEADLOCK, NO_ERROR]
        self.constraints: list[Property] = []
        self.zero: list[int] = []
        self.temps = 0

    def variable(
        self, name: str, type_: Type, *start: int, role: Role = Role.STATE
    ) -> list[Cell]:
        ranges = list(shape(type_).leaves())
        first = len(self.cells)
        numbers = iter(range(first, first + len(ranges)))
        self.variables.append(
            Variable(name, type_, shape(type_).map(lambda _: next(numbers)), role)
        )
        for range_ in ranges:
            self.cells.append(Cell(len(self.cells), name, range_))
        self.zero += start or [min(max(r.lo, 0), r.hi) for r in ranges]
        return self.cells[first:]

    def number(self, name: str, lo: int, hi: int, start: int = 0) -> Cell:
        return self.variable(name, IntType(lo, hi), start)[0]

    def flag(self, name: str) -> Cell:
        return self.variable(name, BOOL)[0]

    def members(self, name: str, width: int) -> Cell:
        members = tuple(f"m{index}" for index in range(width))
        return self.variable(name, SetType(EnumType("Member", members)))[0]

    def temp(self, lo: int, hi: int, sort: Sort = Sort.INT) -> Term:
        self.temps += 1
        return leaf(Op.TEMP, self.temps, sort, lo, hi)

    def step(self, name: str, *body: object, at: tuple[int, int] | None = None) -> None:
        self.steps.append(Step(len(self.steps), name, name, body, at))  # type: ignore[arg-type]

    def process(self, actor: str, labels: list[str]) -> Cell:
        kinds = [WaitKind.START, *[WaitKind.PREEMPT] * (len(labels) - 2), WaitKind.DONE]
        places = tuple(
            Location(number, kind, label)
            for number, (kind, label) in enumerate(zip(kinds, labels, strict=True))
        )
        pc = self.variable(f"{actor}.pc", IntType(0, len(labels) - 1), role=Role.PC)[0]
        self.processes.append(
            Process(actor, actor, 0, pc.index, places, len(labels) - 1, is_daemon=False)
        )
        return pc

    def ask(self, kind: Kind, name: str, result: Term, *body: object) -> None:
        self.properties.append(Property(name, kind, body, result))  # type: ignore[arg-type]

    def model(self, init: Body = (), is_rest: Term = FALSE) -> Model:
        return Model(
            self.name,
            "hand.py",
            "",
            {},
            tuple(self.cells),
            tuple(self.variables),
            tuple(self.processes),
            tuple(self.zero),
            init,
            tuple(self.steps),
            tuple(self.properties),
            tuple(self.constraints),
            is_rest,
        )


def in_range(cell: Cell, term: Term) -> Assert:
    """The check that `term` fits into `cell`."""
    lo, hi = cell.range.lo, cell.range.hi
    fits = and_(le(const(lo), term), le(term, const(hi)))
    return Assert(fits, Check.RANGE, f"{cell.name} leaves {lo}..{hi}", "step")


def put(cell: Cell, term: Term) -> tuple[Assert, Assign]:
    """A checked assignment."""
    return in_range(cell, term), Assign(cell.index, term)
