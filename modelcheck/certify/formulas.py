"""A second, independent reading of a model as formulas.

It shares nothing with `modelcheck.solve`, so that a mistake there does not repeat
itself here. It is made to be checked by eye: integers are signed bit-vectors of one
width in which nothing overflows, a choice is a new variable, branches are merged by
`If`, and a transition is a disjunction over the steps that says of every cell what it
becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from modelcheck.model.program import Cell, Model, Property, Step
from modelcheck.model.shapes import Scalar
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
)
from modelcheck.model.terms import Op, Sort, Term, walk

Expr: TypeAlias = Any
Cells: TypeAlias = list[Expr]
"""One expression for each cell of the model: a state."""


@dataclass(slots=True)
class Path:
    """Where a body stands: what it has written, and whether it comes here at all."""

    cells: Cells
    alive: Expr
    temps: dict[int, Expr] = field(default_factory=dict[int, Expr])

    def copy(self, alive: Expr) -> Path:
        """The same, for one of two branches."""
        return Path(list(self.cells), alive, dict(self.temps))


@dataclass(slots=True)
class Outcome:
    """What a body does: it ends in `end` or not at all, fails, or is cut off.

    `choices` are its variables with their least and greatest values.
    """

    end: Path
    failures: list[tuple[Expr, Assert]] = field(
        default_factory=list[tuple[Expr, Assert]]
    )
    cuts: list[Expr] = field(default_factory=list[Expr])
    choices: list[tuple[Expr, int, int]] = field(
        default_factory=list[tuple[Expr, int, int]]
    )


class Formulas:
    """The formulas of one model."""

    def __init__(self, model: Model) -> None:
        import z3

        self.z3: Any = z3
        self.model = model
        widest = max((_bits(term) for term in _terms(model)), default=0)
        # Sets whose elements are counted may have more of them than any integer has.
        bits = sum(cell.range.hi.bit_length() for cell in model.cells if _is_mask(cell))
        self.width = 2 + max(widest, bits.bit_length())
        self._choices = 0
        self._numbers: dict[int, Expr] = {}
        self._operators = self._make_operators()

    def state(self, name: str) -> Cells:
        """New variables for a state."""
        return [
            self._variable(f"{name} {cell.name} {cell.index}", cell.range)
            for cell in self.model.cells
        ]

    def in_ranges(self, cells: Cells) -> Expr:
        """Every cell has a value of its range."""
        found: list[Expr] = []
        for cell, value in zip(self.model.cells, cells, strict=True):
            if cell.range.sort is Sort.INT:
                found.append(self._between(value, cell.range.lo, cell.range.hi))
            elif _is_mask(cell) and not cell.range.hi:
                # No bit-vector is as narrow as a set that nothing can be in.
                found.append(value == 0)
        return self._and(found)

    def zero(self) -> Cells:
        """The state on which the initialisation runs."""
        both = zip(self.model.cells, self.model.zero, strict=True)
        return [self._constant(c.range.sort, value, c.range.hi) for c, value in both]

    def equal(self, one: Cells, two: Cells) -> Expr:
        """Two states are the same."""
        return self._and(a == b for a, b in zip(one, two, strict=True))

    def run(self, body: Body, cells: Cells, after: Cells | None = None) -> Outcome:
        """What `body` does in the state `cells`."""
        outcome = Outcome(Path(list(cells), self.z3.BoolVal(val=True)))
        self._run(body, outcome.end, outcome, after)
        return outcome

    def take(self, step: Step, cells: Cells) -> Outcome:
        """What `step` does in the state `cells`, its location included."""
        found = Path(list(cells), self._is_at(step, cells))
        outcome = Outcome(found)
        self._run(step.body, found, outcome, None)
        return outcome

    def judge(
        self, prop: Property, cells: Cells, after: Cells | None = None
    ) -> tuple[Expr, Expr]:
        """Whether `prop` has the value true, and whether a check inside it fails."""
        outcome = self.run(prop.body, cells, after)
        end = outcome.end
        value = self.z3.And(end.alive, self.term(prop.result, end, after))
        return value, self.z3.Or([condition for condition, _ in outcome.failures])

    def ranges(self, outcome: Outcome) -> Expr:
        """The choices of a body have values of their intervals."""
        return self._and(self._between(*choice) for choice in outcome.choices)

    def exists(self, formula: Expr, outcome: Outcome) -> Expr:
        """Whether some choices of the body make `formula` true."""
        for variable, lo, hi in reversed(outcome.choices):
            values = (
                self.z3.substitute(formula, (variable, self.number(value)))
                for value in range(lo, hi + 1)
            )
            formula = self.z3.simplify(self.z3.Or(list(values)))
        return formula

    def rests(self, cells: Cells) -> Expr:
        """The state is one of rest."""
        return self.term(self.model.is_rest, Path(cells, None), None)

    def _is_at(self, step: Step, cells: Cells) -> Expr:
        if step.at is None:
            return self.z3.BoolVal(val=True)
        pc, location = step.at
        return cells[pc] == self.number(location)

    def _run(
        self, body: Body, path: Path, outcome: Outcome, after: Cells | None
    ) -> None:
        for statement in body:
            match statement:
                case Assign(cell, term):
                    path.cells[cell] = self.term(term, path, after)
                case Let(temp, term):
                    path.temps[temp.value] = self.term(term, path, after)
                case Require(cond, is_assumption=is_assumption):
                    holds = self.term(cond, path, after)
                    if is_assumption:
                        outcome.cuts.append(self._but(path.alive, holds))
                    path.alive = self.z3.And(path.alive, holds)
                case Assert(cond):
                    holds = self.term(cond, path, after)
                    outcome.failures.append((self._but(path.alive, holds), statement))
                    path.alive = self.z3.And(path.alive, holds)
                case If():
                    self._branch(statement, path, outcome, after)
                case Choose():
                    self._choose(statement, path, outcome, after)
                case Mark():
                    pass
                case _:
                    message = f"{type(statement).__name__} in a finished body"
                    raise TypeError(message)

    def _but(self, this: Expr, that: Expr) -> Expr:
        return self.z3.And(this, self.z3.Not(that))

    def _branch(
        self, statement: If, path: Path, outcome: Outcome, after: Cells | None
    ) -> None:
        cond = self.term(statement.cond, path, after)
        then = path.copy(self.z3.And(path.alive, cond))
        other = path.copy(self._but(path.alive, cond))
        self._run(statement.then, then, outcome, after)
        self._run(statement.orelse, other, outcome, after)
        path.alive = self.z3.Or(then.alive, other.alive)
        path.cells[:] = [
            one if one is two else self.z3.If(cond, one, two)
            for one, two in zip(then.cells, other.cells, strict=True)
        ]
        # A temporary that only one branch sets is read only where that one was taken.
        path.temps = {**other.temps, **then.temps}
        for temp in then.temps.keys() & other.temps.keys():
            one, two = then.temps[temp], other.temps[temp]
            path.temps[temp] = one if one is two else self.z3.If(cond, one, two)

    def _choose(
        self, choose: Choose, path: Path, outcome: Outcome, after: Cells | None
    ) -> None:
        temp = choose.temp
        self._choices += 1
        value = self.z3.BitVec(f"choice {self._choices}", self.width)
        outcome.choices.append((value, temp.lo, temp.hi))
        if choose.among is not None:
            members = self.term(choose.among, path, after)
            path.alive = self.z3.And(path.alive, self._has(members, value))
        if temp.op is Op.TEMP:
            is_bool = temp.sort is Sort.BOOL
            path.temps[temp.value] = value == self.number(1) if is_bool else value

    # Terms

    def term(self, term: Term, path: Path, after: Cells | None) -> Expr:
        """The value of `term` where a body stands at `path`."""
        known: dict[Term, Expr] = {}
        for part in walk([term]):
            known[part] = self._term(part, [known[a] for a in part.args], path, after)
        return known[term]

    def _term(
        self, term: Term, args: list[Expr], path: Path, after: Cells | None
    ) -> Expr:
        match term.op:
            case Op.CONST:
                return self._constant(term.sort, term.value, term.hi)
            case Op.CELL:
                return path.cells[term.value]
            case Op.NEXT:
                assert after is not None, "only a transition property looks ahead"
                return after[term.value]
            case Op.TEMP:
                return path.temps[term.value]
            case Op.CARD:
                return self.size(args[0])
            case Op.BIT:
                return self._singleton(args[0], term.width)
        return self._operators[term.op](*args)

    def _make_operators(self) -> dict[Op, Callable[..., Expr]]:
        z3 = self.z3
        return {
            Op.NOT: z3.Not,
            Op.AND: z3.And,
            Op.OR: z3.Or,
            Op.ITE: z3.If,
            Op.EQ: lambda left, right: left == right,
            Op.LT: lambda left, right: left < right,
            Op.LE: lambda left, right: left <= right,
            Op.ADD: lambda left, right: left + right,
            Op.SUB: lambda left, right: left - right,
            Op.MUL: lambda left, right: left * right,
            # In z3, `%` has the sign of the divisor, as in Python; `/` is cut off.
            Op.DIV: lambda left, right: (left - left % right) / right,
            Op.MOD: lambda left, right: left % right,
            Op.HAS: self._has,
            Op.UNION: lambda left, right: left | right,
            Op.INTER: lambda left, right: left & right,
            Op.MINUS: lambda left, right: left & ~right,
            Op.SUBSET: lambda left, right: left & ~right == 0,
        }

    def _members(self, members: Expr) -> list[Expr]:
        extract = self.z3.Extract
        return [extract(i, i, members) == 1 for i in range(members.size())]

    def size(self, members: Expr) -> Expr:
        """How many elements a set has."""
        one, none = self.number(1), self.number(0)
        return self.z3.Sum([self.z3.If(o, one, none) for o in self._members(members)])

    def _has(self, members: Expr, index: Expr) -> Expr:
        return self.z3.Or(
            [
                self.z3.And(index == self.number(place), is_in)
                for place, is_in in enumerate(self._members(members))
            ]
        )

    def _singleton(self, index: Expr, width: int) -> Expr:
        found = self.z3.BitVecVal(0, width)
        for place in range(width):
            only = self.z3.BitVecVal(1 << place, width)
            found = self.z3.If(index == self.number(place), only, found)
        return found

    def _variable(self, name: str, range_: Scalar) -> Expr:
        if range_.sort is Sort.BOOL:
            return self.z3.Bool(name)
        is_mask = range_.sort is Sort.MASK
        return self.z3.BitVec(name, _room(range_.hi) if is_mask else self.width)

    def _constant(self, sort: Sort, value: int, hi: int) -> Expr:
        if sort is Sort.BOOL:
            return self.z3.BoolVal(bool(value))
        if sort is Sort.MASK:
            return self.z3.BitVecVal(value, _room(hi))
        return self.number(value)

    def number(self, value: int) -> Expr:
        """An integer constant."""
        if value not in self._numbers:
            self._numbers[value] = self.z3.BitVecVal(value, self.width)
        return self._numbers[value]

    def _between(self, value: Expr, lo: int, hi: int) -> Expr:
        return self.z3.And(self.number(lo) <= value, value <= self.number(hi))

    def _and(self, parts: Iterable[Expr]) -> Expr:
        return self.z3.And(list(parts))


def _is_mask(cell: Cell) -> bool:
    return cell.range.sort is Sort.MASK


def _room(members: int) -> int:
    """The width of a bit-vector for subsets of these members."""
    return max(members.bit_length(), 1)


def _bits(term: Term) -> int:
    """The bits of the greatest magnitude that an integer can have."""
    if term.sort is not Sort.INT:
        return 1
    return max(abs(term.lo), abs(term.hi)).bit_length()


def _terms(model: Model) -> Iterator[Term]:
    bodies = [model.init, *(step.body for step in model.steps)]
    properties = (*model.properties, *model.constraints)
    bodies += [prop.body for prop in properties]
    roots = [root for body in bodies for root in _roots(body)]
    roots += [prop.result for prop in properties]
    roots += [end for cell in model.cells for end in (cell.now, cell.after)]
    yield from walk([*roots, model.is_rest])


def _roots(body: Body) -> Iterator[Term]:
    for statement in body:
        match statement:
            case Assign(_, term) | Let(_, term) | Require(term) | Assert(term):
                yield term
            case If(cond, then, orelse):
                yield cond
                yield from _roots(then)
                yield from _roots(orelse)
            case Choose(temp, among):
                yield temp
                if among is not None:
                    yield among
            case _:
                pass
