"""Strategies for small random models that use every statement and operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

from modelcheck.model.program import Cell, Kind, Model, Property
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Check,
    Choose,
    If,
    Let,
    Mark,
    MarkKind,
    Require,
    Span,
    Statement,
)
from modelcheck.model.terms import (
    FALSE,
    TRUE,
    Sort,
    Term,
    add,
    and_,
    as_int,
    bit,
    boolean,
    card,
    const,
    div,
    eq,
    has,
    inter,
    ite,
    le,
    lt,
    mask,
    minus,
    mod,
    mul,
    not_,
    or_,
    sub,
    subset,
    union,
)
from modelcheck.model.types import IntType
from tests.unit.explore.models import Builder, in_range

WIDTH = 3
OPERATOR_SPAN = Span("hand.py", 7, 1, 7, 9)


def clamp(term: Term, lo: int, hi: int) -> Term:
    """`term`, or the end of `lo`..`hi` that is nearest to it."""
    high = ite(lt(const(hi), term), const(hi), term)
    return ite(lt(term, const(lo)), const(lo), high)


@dataclass
class Generator:
    """Draws terms and bodies over the cells of `builder`."""

    draw: Callable[[int, int], int]
    builder: Builder
    temps: list[Term] = field(default_factory=list)
    has_next: bool = False
    is_short: bool = False

    def number(self, lo: int, hi: int) -> int:
        return self.draw(lo, hi)

    def leaf(self, sort: Sort) -> Term:
        cells = [c for c in self.builder.cells if c.range.sort is sort]
        found = [cell.now for cell in cells]
        if self.has_next:
            found += [cell.after for cell in cells]
        found += [temp for temp in self.temps if temp.sort is sort]
        index = self.number(0, len(found))
        if index < len(found):
            return found[index]
        if sort is Sort.BOOL:
            return boolean(bool(self.number(0, 1)))
        if sort is Sort.MASK:
            return mask(self.number(0, 2**WIDTH - 1), WIDTH)
        return const(self.number(-3, 4))

    def term(self, sort: Sort, depth: int) -> Term:
        if depth == 0 or self.number(0, 4) == 0:
            return self.leaf(sort)
        if sort is Sort.BOOL:
            return self.boolean(depth - 1)
        if sort is Sort.MASK:
            return self.mask(depth - 1)
        return self.integer(depth - 1)

    def index(self, depth: int) -> Term:
        """A member number; where it is not clamped, evaluation is guarded."""
        return clamp(self.term(Sort.INT, depth), 0, WIDTH - 1)

    def boolean(self, depth: int) -> Term:
        number = self.number(0, 9)
        if number in (0, 1):
            args = [self.term(Sort.BOOL, depth) for _ in range(self.number(2, 3))]
            return and_(*args) if number else or_(*args)
        if number == 2:
            return not_(self.term(Sort.BOOL, depth))
        if number == 3:
            return ite(*(self.term(Sort.BOOL, depth) for _ in range(3)))
        if number == 4:
            sort = (Sort.BOOL, Sort.INT, Sort.MASK)[self.number(0, 2)]
            return eq(self.term(sort, depth), self.term(sort, depth))
        if number in (5, 6):
            compare = lt if number == 5 else le
            return compare(self.term(Sort.INT, depth), self.term(Sort.INT, depth))
        if number == 7:
            return subset(self.term(Sort.MASK, depth), self.term(Sort.MASK, depth))
        if number == 8:
            return has(self.term(Sort.MASK, depth), self.index(depth))
        index = self.term(Sort.INT, depth)
        fits = and_(le(const(0), index), lt(index, const(WIDTH)))
        if index.is_const and fits is FALSE:
            return fits
        return and_(fits, has(self.term(Sort.MASK, depth), index))

    def integer(self, depth: int) -> Term:
        number = self.number(0, 7)
        if number == 0:
            return card(self.term(Sort.MASK, depth))
        if number == 1:
            return as_int(self.term(Sort.BOOL, depth))
        left, right = self.term(Sort.INT, depth), self.term(Sort.INT, depth)
        if number == 2:
            return ite(self.term(Sort.BOOL, depth), left, right)
        if number in (3, 4):
            operator = div if number == 3 else mod
            return ite(eq(right, const(0)), left, operator(left, right))
        return (add, sub, mul)[number - 5](left, right)

    def mask(self, depth: int) -> Term:
        number = self.number(0, 4)
        if number == 0:
            return bit(self.index(depth), WIDTH)
        if number == 1:
            cond = self.term(Sort.BOOL, depth)
            return ite(cond, self.term(Sort.MASK, depth), self.term(Sort.MASK, depth))
        operator = (union, inter, minus)[number - 2]
        return operator(self.term(Sort.MASK, depth), self.term(Sort.MASK, depth))

    def assign(self) -> list[Statement]:
        cell: Cell = self.builder.cells[self.number(0, len(self.builder.cells) - 1)]
        if cell.range.sort is Sort.INT and self.number(0, 1):
            lo, hi = cell.range.lo, cell.range.hi
            moved = add(sub(cell.now, const(lo)), const(self.number(1, 2)))
            around = add(mod(moved, const(hi - lo + 1)), const(lo))
            return [Assign(cell.index, around)]
        term = self.term(cell.range.sort, 2)
        if cell.range.sort is not Sort.INT:
            return [Assign(cell.index, term)]
        if self.number(0, 5):
            return [Assign(cell.index, clamp(term, cell.range.lo, cell.range.hi))]
        return [in_range(cell, term), Assign(cell.index, term)]

    def let(self) -> list[Statement]:
        again = self.number(0, 2) == 0
        if again and self.temps:
            temp = self.temps[self.number(0, len(self.temps) - 1)]
        else:
            sort = (Sort.BOOL, Sort.INT, Sort.MASK)[self.number(0, 2)]
            ends = {Sort.BOOL: (0, 1), Sort.INT: (-2, 3), Sort.MASK: (0, 2**WIDTH - 1)}
            temp = self.builder.temp(*ends[sort], sort)
        term = self.term(temp.sort, 2)
        if temp.sort is Sort.INT:
            term = clamp(term, temp.lo, temp.hi)
        if temp not in self.temps:
            self.temps.append(temp)
        return [Let(temp, term)]

    def choose(self) -> list[Statement]:
        if self.number(0, 1):
            temp = self.builder.temp(0, WIDTH - 1)
            among: Term | None = self.term(Sort.MASK, 1)
            type_ = IntType(0, WIDTH - 1)
        else:
            lo = self.number(-1, 1)
            temp, among = self.builder.temp(lo, lo + 1), None
            type_ = IntType(lo, lo + 1)
        self.temps.append(temp)
        return [Choose(temp, among, type_)]

    def branch(self, depth: int) -> list[Statement]:
        cond = self.term(Sort.BOOL, 2)
        before = list(self.temps)
        then = self.body(depth - 1)
        self.temps = list(before)
        orelse = self.body(depth - 1)
        self.temps = before
        return [If(cond, then, orelse)]

    def check(self) -> list[Statement]:
        number = self.number(0, 7)
        cond = or_(self.term(Sort.BOOL, 2), self.term(Sort.BOOL, 1))
        if number < 5:
            return [Require(cond, is_assumption=number == 0)]
        if number == 5:
            return [Mark(MarkKind.CALL, "f", ())]
        check = Check.ASSERT if number == 6 else Check.DIVISION
        span = OPERATOR_SPAN if self.number(0, 1) else Span("hand.py", 9)
        return [Assert(cond, check, f"check {number}", "step", span)]

    def body(self, depth: int) -> Body:
        found: list[Statement] = []
        for _ in range(self.number(1, 2 if self.is_short else 4)):
            number = self.number(0, 11)
            if number < 5:
                found += self.assign()
            elif number < 7:
                found += self.let()
            elif number < 8:
                found += self.choose()
            elif number < 11 and depth:
                found += self.branch(depth)
            else:
                found += self.check()
        return tuple(found)

    def pure(self, kind: Kind, name: str) -> Property:
        """A property whose body writes temporaries only, and may fail."""
        self.temps = []
        self.has_next = kind is Kind.TRANSITION
        found: list[Statement] = []
        for _ in range(self.number(0, 2)):
            cond = self.term(Sort.BOOL, 1)
            if self.number(0, 19) == 0:
                found.append(Assert(cond, Check.KEY, "no such key", name))
            elif self.temps and self.number(0, 2) == 0:
                temp = self.temps[0]
                found.append(If(cond, (Let(temp, self.term(temp.sort, 1)),)))
            else:
                temp = self.builder.temp(0, 1, Sort.BOOL)
                found.append(Let(temp, self.term(Sort.BOOL, 2)))
                self.temps.append(temp)
        result = self.term(Sort.BOOL, 2 if self.is_short else 3)
        self.has_next = False
        return Property(name, kind, tuple(found), result)


def random_model(draw: Callable[[int, int], int], *, is_short: bool = False) -> Model:
    """A model with up to four cells, four steps and a property of each kind.

    With `is_short` there are three steps at most, bodies of one or two statements,
    smaller terms and one invariant, where there are two otherwise.
    """
    builder = Builder("random")
    generator = Generator(draw, builder, is_short=is_short)
    pc = None
    if generator.number(0, 1):
        pc = builder.process("walker", ["start", "middle", "done"])
    builder.number("x", generator.number(-2, 0), generator.number(1, 3))
    builder.flag("flag")
    if generator.number(0, 1):
        builder.members("members", WIDTH)
    if generator.number(0, 1):
        builder.number("y", 0, 2)
    init = generator.body(1) if generator.number(0, 2) == 0 else ()
    for number in range(generator.number(1, 3 if is_short else 4)):
        generator.temps = []
        body = generator.body(1 if is_short else 2)
        at = None
        if pc is not None and generator.number(0, 1):
            at = (pc.index, generator.number(0, 1))
            body = (*body, Assign(pc.index, const(generator.number(0, 2))))
        builder.step(f"step{number}", *body, at=at)
    kinds = (Kind.INVARIANT, Kind.INVARIANT, Kind.REACHABLE, Kind.TRANSITION)
    for number, kind in enumerate(kinds[is_short:]):
        builder.properties.append(generator.pure(kind, f"{kind.value}{number}"))
    builder.properties.append(
        Property("asserted", Kind.ASSERTION, (), TRUE, span=OPERATOR_SPAN)
    )
    if generator.number(0, 3) == 0:
        builder.constraints.append(generator.pure(Kind.CONSTRAINT, "bound"))
    generator.temps = []
    return builder.model(init, generator.term(Sort.BOOL, 1) if pc else FALSE)


@st.composite
def drawn_models(draw: st.DrawFn) -> Model:
    """Models that Hypothesis can make smaller when one fails; most are small."""
    return random_model(lambda lo, hi: draw(st.integers(lo, hi)))


def models() -> st.SearchStrategy[Model]:
    """Models of both sorts: drawn number by number, and by an even generator."""
    even = st.integers(0, 2**48).map(lambda seed: random_model(Random(seed).randint))
    return drawn_models() | even | even
