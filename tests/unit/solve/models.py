"""Models built by hand and at random, for the tests of the solver."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from modelcheck.model import terms as t
from modelcheck.model.program import (
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
from modelcheck.model.shapes import Scalar, Shape
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Check,
    Choose,
    If,
    Let,
    Require,
    Span,
    Statement,
    WaitKind,
)
from modelcheck.model.terms import Op, Sort, Term
from modelcheck.model.types import BOOL, IntType

T = TypeVar("T")

sys.setrecursionlimit(50_000)  # as the interpreter does, which Hypothesis minds

BOOLS = Scalar(Sort.BOOL, 0, 1)


def ints(lo: int, hi: int) -> Scalar:
    return Scalar(Sort.INT, lo, hi)


def masks(width: int) -> Scalar:
    return Scalar(Sort.MASK, 0, (1 << width) - 1)


def temp(number: int, scalar: Scalar) -> Term:
    return t.leaf(Op.TEMP, number, scalar.sort, scalar.lo, scalar.hi)


def cells(**ranges: Scalar) -> tuple[Cell, ...]:
    return tuple(Cell(i, name, r) for i, (name, r) in enumerate(ranges.items()))


def line(number: int) -> Span:
    return Span("made.py", number, 1, number, 9)


def prop(kind: Kind, name: str, result: Term, *body: Statement) -> Property:
    return Property(name, kind, body, result)


def assertion(number: int) -> Property:
    name = f"assert_{number}"
    return Property(name, Kind.ASSERTION, (), t.TRUE, span=line(number))


DEADLOCK = Property("deadlock", Kind.DEADLOCK, (), t.TRUE)
CHECKS = Property(EVALUATION, Kind.ASSERTION, (), t.TRUE)


def check(cond: Term, number: int, kind: Check = Check.ASSERT) -> Assert:
    return Assert(cond, kind, f"line {number}", "f", line(number))


def choose(choice: Term, among: Term | None = None) -> Choose:
    return Choose(choice, among, IntType(choice.lo, choice.hi))


def fitting(cell: Cell, value: Term, number: int) -> Body:
    """Write `value` to `cell`; a value outside its range is a failed check."""
    if cell.range.sort is not Sort.INT:
        return (Assign(cell.index, value),)
    lo, hi = t.const(cell.range.lo), t.const(cell.range.hi)
    fits = t.and_(t.le(lo, value), t.le(value, hi))
    return (check(fits, number, Check.RANGE), Assign(cell.index, value))


@dataclass
class Parts:
    """What a model is made of, with defaults for the rest."""

    cells: tuple[Cell, ...]
    zero: tuple[int, ...]
    init: Body = ()
    processes: tuple[Process, ...] = ()
    steps: list[Step] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    constraints: list[Property] = field(default_factory=list)
    is_rest: Term = t.FALSE

    def step(
        self, actor: str, *body: Statement, at: tuple[int, int] | None = None
    ) -> None:
        self.steps.append(Step(len(self.steps), actor, actor, body, at))

    def model(self) -> Model:
        variables = tuple(
            Variable(c.name, BOOL, Shape(c.index), Role.STATE) for c in self.cells
        )
        return Model(
            "Made",
            "made.py",
            "",
            {},
            self.cells,
            variables,
            self.processes,
            self.zero,
            self.init,
            tuple(self.steps),
            tuple(self.properties),
            tuple(self.constraints),
            self.is_rest,
        )


def process(actor: str, pc: int, locations: int) -> Process:
    places = tuple(
        Location(number, WaitKind.PREEMPT, f"l{number}") for number in range(locations)
    )
    return Process(actor, actor, 0, pc, places, locations - 1, is_daemon=False)


class TermMaker:
    """Draws terms over given leaves; every term has a value in every state."""

    def __init__(self, draw: st.DrawFn, leaves: list[Term]) -> None:
        self.draw = draw
        self.leaves = leaves

    def pick(self, *options: T) -> T:
        return self.draw(st.sampled_from(options))

    def leaf(self, sort: Sort) -> Term | None:
        found = [leaf for leaf in self.leaves if leaf.sort is sort]
        return self.pick(*found) if found else None

    def boolean(self, depth: int) -> Term:
        if depth == 0:
            return self.leaf(Sort.BOOL) or t.boolean(self.draw(st.booleans()))
        kind = self.pick("leaf", "and", "or", "not", "eq", "lt", "le", "has", "sub")
        if kind == "leaf":
            return self.boolean(0)
        if kind == "not":
            return t.not_(self.boolean(depth - 1))
        if kind in ("and", "or"):
            make = t.and_ if kind == "and" else t.or_
            return make(*(self.boolean(depth - 1) for _ in range(2)))
        if kind == "has":
            members, index = self.mask(depth - 1), self.integer(depth - 1)
            if index.is_const:
                index = t.mod(index, t.const(3))
            inside = t.and_(t.le(t.const(0), index), t.lt(index, t.const(3)))
            return t.ite(inside, t.has(members, index), self.boolean(0))
        if kind == "sub":
            return t.subset(self.mask(depth - 1), self.mask(depth - 1))
        make = {"eq": t.eq, "lt": t.lt, "le": t.le}[kind]
        return make(self.integer(depth - 1), self.integer(depth - 1))

    def integer(self, depth: int) -> Term:
        if depth == 0:
            found = self.leaf(Sort.INT)
            if found is not None and self.pick(True, True, False):
                return found
            return t.const(self.draw(st.integers(-5, 5)))
        kind = self.pick("leaf", "add", "sub", "mul", "div", "mod", "ite", "card", "b")
        if kind == "leaf":
            return self.integer(0)
        if kind == "card":
            return t.card(self.mask(depth - 1))
        if kind == "b":
            return t.as_int(self.boolean(depth - 1))
        left, right = self.integer(depth - 1), self.integer(depth - 1)
        if kind == "ite":
            return t.ite(self.boolean(depth - 1), left, right)
        if kind in ("div", "mod"):
            make = t.div if kind == "div" else t.mod
            zero = t.eq(right, t.const(0))
            return t.ite(zero, left, make(left, right))
        return {"add": t.add, "sub": t.sub, "mul": t.mul}[kind](left, right)

    def mask(self, depth: int) -> Term:
        if depth == 0:
            found = self.leaf(Sort.MASK)
            if found is not None and self.pick(True, True, False):
                return found
            return t.mask(self.draw(st.integers(0, 7)), 3)
        kind = self.pick("leaf", "union", "inter", "minus", "ite", "bit")
        if kind == "leaf":
            return self.mask(0)
        if kind == "bit":
            index = t.mod(self.integer(depth - 1), t.const(3))
            return t.bit(index, 3)
        left, right = self.mask(depth - 1), self.mask(depth - 1)
        if kind == "ite":
            return t.ite(self.boolean(depth - 1), left, right)
        return {"union": t.union, "inter": t.inter, "minus": t.minus}[kind](left, right)

    def of(self, scalar: Scalar, depth: int) -> Term:
        make = {
            Sort.BOOL: self.boolean,
            Sort.INT: self.integer,
            Sort.MASK: self.mask,
        }
        return make[scalar.sort](depth)


class BodyMaker(TermMaker):
    """Draws bodies that write `cells`; checks are numbered from 1, as lines."""

    def __init__(self, draw: st.DrawFn, cells: tuple[Cell, ...]) -> None:
        super().__init__(draw, [cell.now for cell in cells])
        self.cells = cells
        self.lines = 0
        self.temps = 0

    def line(self) -> int:
        self.lines += 1
        return self.lines

    def body(self, budget: int) -> Body:
        found: list[Statement] = []
        while budget > 0:
            budget -= 1
            found += self.statement(budget)
        return tuple(found)

    def statement(self, budget: int) -> Body:
        kind = self.pick(
            "assign", "assign", "assign", "let", "if", "if", "require", "assume",
            "assert", "choose", "choose", "among", "again",
        )  # fmt: skip
        if kind == "assign":
            cell = self.pick(*self.cells)
            return fitting(cell, self.of(cell.range, 2), self.line())
        if kind == "let":
            return (self.let(),)
        if kind == "again" and any(leaf.op is Op.TEMP for leaf in self.leaves):
            again = self.pick(*(x for x in self.leaves if x.op is Op.TEMP))
            return (Let(again, self.within(again)),)
        if kind == "if":
            return (self.branch(budget),)
        if kind == "assert":
            return (check(t.or_(self.boolean(1), self.boolean(2)), self.line()),)
        if kind in ("choose", "among"):
            return (self.choice(is_free=kind == "choose"),)
        cond = t.or_(self.boolean(1), self.boolean(1))
        return (Require(cond, is_assumption=kind == "assume"),)

    def within(self, leaf: Term) -> Term:
        if leaf.sort is not Sort.INT:
            return self.boolean(2) if leaf.sort is Sort.BOOL else self.mask(2)
        size = t.const(leaf.hi - leaf.lo + 1)
        return t.add(t.mod(self.integer(2), size), t.const(leaf.lo))

    def let(self) -> Let:
        scalar = self.pick(BOOLS, ints(-2, 3), masks(3))
        self.temps += 1
        target = temp(self.temps, scalar)
        statement = Let(target, self.within(target))
        self.leaves = [*self.leaves, target]
        return statement

    def choice(self, *, is_free: bool) -> Choose:
        scalar = self.pick(BOOLS, ints(0, 2), ints(1, 4)) if not is_free else None
        target = scalar or self.pick(BOOLS, ints(-1, 1), ints(1, 5), masks(3))
        self.temps += 1
        variable = temp(self.temps, target)
        among = None if is_free else self.mask(2)
        self.leaves = [*self.leaves, variable]
        return choose(variable, among)

    def branch(self, budget: int) -> If:
        cond, before = self.boolean(2), self.leaves  # temporaries stay inside
        then = self.body(min(budget, 2))
        self.leaves = before
        orelse = self.body(self.pick(0, 1, 2))
        self.leaves = before
        return If(cond, then, orelse)


@st.composite
def random_models(draw: st.DrawFn) -> Model:
    made = cells(
        pc=ints(0, 2), flag=BOOLS, level=ints(-2, 3), members=masks(3), count=ints(0, 3)
    )
    maker = BodyMaker(draw, made)
    parts = Parts(made, (0, 0, draw(st.integers(-2, 3)), 0, 1))
    parts.processes = (process("p", 0, 3),)
    if draw(st.booleans()):
        parts.init = maker.body(2)
        maker.leaves = [cell.now for cell in made]
    for number in range(draw(st.integers(2, 5))):
        at = draw(st.sampled_from([None, (0, 0), (0, 1)]))
        body = maker.body(draw(st.integers(1, 4)))
        maker.leaves = [cell.now for cell in made]
        goto = (Assign(0, t.const(draw(st.integers(0, 2)))),) if at else ()
        parts.step(f"s{number}", *body, *goto, at=at)
    _add_properties(draw, parts, maker)
    return parts.model()


def _add_properties(draw: st.DrawFn, parts: Parts, maker: BodyMaker) -> None:
    parts.is_rest = t.eq(parts.cells[0].now, t.const(2))
    parts.properties = [DEADLOCK, CHECKS]
    parts.properties += [assertion(number) for number in range(1, maker.lines + 1)]
    now = TermMaker(draw, [cell.now for cell in parts.cells])
    step = TermMaker(draw, [x for cell in parts.cells for x in (cell.now, cell.after)])
    target = temp(1, ints(-9, 9))
    for kind, terms in (
        (Kind.INVARIANT, now), (Kind.REACHABLE, now), (Kind.TRANSITION, step)
    ):  # fmt: skip
        body, leaves = (Let(target, terms.integer(1)),), terms.leaves
        if draw(st.integers(0, 9)) == 0:
            body = (check(terms.boolean(2), 99, Check.KEY), *body)
        terms.leaves = [*leaves, target]
        result = t.and_(terms.boolean(1), terms.boolean(1), _far(draw, parts.cells))
        result = t.not_(result) if kind is not Kind.REACHABLE else result
        parts.properties.append(prop(kind, kind.value, result, *body))
        terms.leaves = leaves
    if draw(st.integers(0, 3)) == 0:
        parts.constraints = [prop(Kind.CONSTRAINT, "bound", now.boolean(2))]


def _far(draw: st.DrawFn, made: tuple[Cell, ...]) -> Term:
    """One value for two of the cells: often not initial, and reached after a while."""
    chosen = draw(st.permutations(made))[:2]
    values = [draw(st.integers(cell.range.lo, cell.range.hi)) for cell in chosen]
    return t.and_(
        *(
            t.eq(cell.now, t.constant_of(cell.range.sort, value, cell.range.hi))
            for cell, value in zip(chosen, values, strict=True)
        )
    )
