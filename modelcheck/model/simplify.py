"""Simplify bodies: propagate what is known, drop what is never read.

Both passes keep the meaning of a body exactly: the same paths, in the same order, with
the same final cells, failed checks and marks.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelcheck.model import terms as t
from modelcheck.model.leaves import leaves_of, numbers_of, reads_state, size, temps_of
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Jump,
    Let,
    Mark,
    Require,
    Statement,
)
from modelcheck.model.terms import Op, Sort, Term

_MAX_COPIED = 12
"""Terms with more nodes than this are computed once and kept in a temporary."""


@dataclass(slots=True)
class Facts:
    """What is known at a point of a body.

    `pending` are definitions of temporaries not yet emitted, `temps` and `cells` the
    constants that temporaries and cells (by number) are known to hold. `read` are the
    numbers of all cells and temporaries that a definition has ever read: most are not
    among them when they change, and then no definition has to be looked at. Where
    the body jumps, temporaries in `crossing` must have their values; with `keep_reads`
    also those that depend on the state, so that it can be seen what the body touches.
    """

    pending: dict[Term, Term] = field(default_factory=dict)
    temps: dict[Term, Term] = field(default_factory=dict)
    cells: dict[int, Term] = field(default_factory=dict)
    read: dict[Op, set[int]] = field(
        default_factory=lambda: {Op.CELL: set(), Op.TEMP: set()}
    )
    crossing: Container[Term] = ()
    keep_reads: bool = False

    def copy(self) -> Facts:
        """An independent copy; what has been read is shared."""
        return Facts(
            self.pending.copy(),
            self.temps.copy(),
            self.cells.copy(),
            self.read,
            self.crossing,
            self.keep_reads,
        )

    def __call__(self, term: Term) -> Term:
        """`term` with everything known put in."""
        known: dict[Term, Term] = {}
        for leaf in leaves_of(term):
            if leaf.op is Op.CELL:
                found = self.cells.get(leaf.value)
            else:
                found = self.pending.get(leaf) or self.temps.get(leaf)
            if found is not None:
                known[leaf] = found
        if not known:
            return term
        return known[term] if term in known else t.substitute(term, known, {})

    def define(self, temp: Term, term: Term) -> None:
        """Remember the definition of `temp`, to be emitted where it is needed."""
        self.pending[temp] = term
        for op, numbers in self.read.items():
            numbers.update(numbers_of(term, op))

    def reading(self, op: Op, number: int) -> list[Term]:
        """The temporaries whose pending definitions read this cell or temporary."""
        if number not in self.read[op]:
            return []
        return [
            temp
            for temp, term in self.pending.items()
            if number in numbers_of(term, op)
        ]

    def set_equal(self, leaf: Term, value: Term) -> None:
        """Remember that a CELL or TEMP has a known value."""
        if leaf.op is Op.CELL:
            self.cells[leaf.value] = value
        else:
            self.temps[leaf] = value

    def learn(self, cond: Term, *, holds: bool) -> None:
        """Remember what follows from `cond` being true or false."""
        if cond.op is Op.NOT:
            self.learn(cond.args[0], holds=not holds)
        elif cond.op is (Op.AND if holds else Op.OR):
            for part in cond.args:
                self.learn(part, holds=holds)
        elif cond.op in (Op.CELL, Op.TEMP) and cond.sort is Sort.BOOL:
            self.set_equal(cond, t.boolean(holds))
        elif cond.op is Op.EQ and holds:
            for one, two in (cond.args, cond.args[::-1]):
                if one.op in (Op.CELL, Op.TEMP) and two.is_const:
                    self.set_equal(one, two)


def simplify(body: Body) -> Body:
    """`body` with constants and copies propagated and dead temporaries removed."""
    return drop_dead(tuple(_run(body, Facts())[0]), {})


def simplify_result(body: Body, result: Term) -> tuple[Body, Term]:
    """`body` and a term evaluated behind it, simplified together."""
    facts = Facts()
    new, _ = _run(body, facts)
    result = facts(result)
    # A definition not yet emitted may be needed by the statements that stay only if
    # the result mentions it; `facts` has put it in.
    live = set(temps_of(result))
    return tuple(_drop(tuple(new), live, {}, keep_marks=False)), result


def propagate(body: Body, crossing: Container[Term]) -> Body:
    """`body` with constants and copies propagated.

    At its jumps, the temporaries that are in `crossing` have their values.
    """
    return tuple(_run(body, Facts(crossing=crossing))[0])


def _run(body: Iterable[Statement], facts: Facts) -> tuple[list[Statement], bool]:
    """The new statements, and whether control can pass their end."""
    out: list[Statement] = []
    for statement in body:
        if not step(statement, facts, out):
            return out, False
    return out, True


def step(statement: Statement, facts: Facts, out: list[Statement]) -> bool:
    """Append what is left of `statement`; whether control can pass it."""
    handler = _HANDLERS.get(type(statement))
    if handler is None:
        out.append(statement)
        return True
    return handler(statement, facts, out)


def _assign(statement: Assign, facts: Facts, out: list[Statement]) -> bool:
    term, number = facts(statement.term), statement.cell
    is_kept = term.op is Op.CELL and term.value == number
    if is_kept or (term.is_const and facts.cells.get(number) is term):
        return True
    _settle(facts.reading(Op.CELL, number), facts, out)
    facts.cells.pop(number, None)
    is_same = term is statement.term
    out.append(statement if is_same else Assign(number, term, statement.span))
    if term.is_const:
        facts.cells[number] = term
    return True


def _let(statement: Let, facts: Facts, out: list[Statement]) -> bool:
    temp, term = statement.temp, facts(statement.term)
    if term is not temp:
        _forget(temp, facts, out)
        if size(term) <= _MAX_COPIED and temp.value not in numbers_of(term, Op.TEMP):
            facts.define(temp, term)
        else:
            out.append(Let(temp, term))
    return True


def _test(statement: Require | Assert, facts: Facts, out: list[Statement]) -> bool:
    new = facts(statement.cond)
    if new is not t.TRUE:
        is_same = new is statement.cond
        out.append(statement if is_same else replace(statement, cond=new))
    facts.learn(new, holds=True)
    return new is not t.FALSE


def _choose(statement: Choose, facts: Facts, out: list[Statement]) -> bool:
    among = None if statement.among is None else facts(statement.among)
    _forget(statement.temp, facts, out)
    is_same = among is statement.among
    out.append(statement if is_same else replace(statement, among=among))
    return True


def _mark(statement: Mark, facts: Facts, out: list[Statement]) -> bool:
    if statement.values:
        values = tuple((n, y, shape.map(facts)) for n, y, shape in statement.values)
        statement = Mark(statement.kind, statement.name, values, statement.span)
    out.append(statement)
    return True


def _jump(statement: Jump, facts: Facts, out: list[Statement]) -> bool:
    needed = [
        temp
        for temp, term in facts.pending.items()
        if temp in facts.crossing or (facts.keep_reads and reads_state(term))
    ]
    _settle(needed, facts, out)
    out.append(statement)
    return False


def _forget(temp: Term, facts: Facts, out: list[Statement]) -> None:
    """Prepare for a new value of `temp`."""
    facts.pending.pop(temp, None)
    facts.temps.pop(temp, None)
    _settle(facts.reading(Op.TEMP, temp.value), facts, out)


def _settle(temps: list[Term], facts: Facts, out: list[Statement]) -> None:
    """Emit the pending definitions of `temps`."""
    for temp in temps:
        term = facts.pending.pop(temp)
        out.append(Let(temp, term))
        if term.is_const:
            facts.temps[temp] = term


def _branch(statement: If, facts: Facts, out: list[Statement]) -> bool:
    cond = facts(statement.cond)
    if cond.is_const:
        taken = statement.then if cond.value else statement.orelse
        for inner in taken:
            if not step(inner, facts, out):
                return False
        return True
    sides = []
    # What is known before is not asked for again: the second side may change it.
    for body, holds, side in (
        (statement.then, True, facts.copy()),
        (statement.orelse, False, facts),
    ):
        side.learn(cond, holds=holds)
        statements, passes = _run(body, side)
        sides.append((statements, passes, side))
    passing = [side for _, passes, side in sides if passes]
    if len(passing) == 2:
        _meet(sides)
    if passing:
        merged = passing[0]
        facts.pending, facts.temps = merged.pending, merged.temps
        facts.cells = merged.cells
    then, orelse = tuple(sides[0][0]), tuple(sides[1][0])
    if then:
        out.append(If(cond, then, orelse))
    elif orelse:
        out.append(If(t.not_(cond), orelse))
    return bool(passing)


_HANDLERS: dict[type, Callable[[Any, Facts, list[Statement]], bool]] = {
    Assign: _assign,
    Let: _let,
    If: _branch,
    Require: _test,
    Assert: _test,
    Choose: _choose,
    Mark: _mark,
    Jump: _jump,
}


def _meet(sides: list[tuple[list[Statement], bool, Facts]]) -> None:
    """Make two passing branches end with the same pending definitions."""
    (out_one, _, one), (out_two, _, two) = sides
    for temp in [*one.pending, *two.pending]:
        if one.pending.get(temp) is not two.pending.get(temp):
            for out, side in ((out_one, one), (out_two, two)):
                if temp in side.pending:
                    _settle([temp], side, out)
    one.temps = {k: v for k, v in one.temps.items() if two.temps.get(k) is v}
    one.cells = {k: v for k, v in one.cells.items() if two.cells.get(k) is v}


def drop_dead(
    body: Body,
    live_at: Mapping[int, frozenset[Term]],
    *,
    keep_marks: bool = True,
) -> Body:
    """`body` without assignments to temporaries that are not read afterwards.

    `live_at` gives the temporaries that are read behind each `Jump`. With
    `keep_marks=False` marks go too, and what only they read.
    """
    return tuple(_drop(body, set(), live_at, keep_marks=keep_marks))


def _drop(
    body: Body,
    live: set[Term],
    live_at: Mapping[int, frozenset[Term]],
    *,
    keep_marks: bool,
) -> list[Statement]:
    """What is kept of `body`; `live` is what is read behind it, and then before it."""
    out: list[Statement] = []
    for statement in reversed(body):
        match statement:
            case Let(temp, term):
                if temp not in live:
                    continue
                live.discard(temp)
                live |= temps_of(term)
            case If(cond, then, orelse):
                other = live.copy()
                one = _drop(then, live, live_at, keep_marks=keep_marks)
                two = _drop(orelse, other, live_at, keep_marks=keep_marks)
                if one or two:
                    live |= other
                    live |= temps_of(cond)
                    out.append(_if(cond, tuple(one), tuple(two)))
                continue
            case Mark(values=values):
                if not keep_marks:
                    continue
                for _, _, shape in values:
                    live.update(*map(temps_of, shape.leaves()))
            case Jump(location):
                live.clear()
                live |= live_at.get(location, _NOTHING)
            case _:
                pass_backward(statement, live)
        out.append(statement)
    out.reverse()
    return out


_NOTHING = frozenset[Term]()


def _if(cond: Term, then: Body, orelse: Body) -> If:
    return If(cond, then, orelse) if then else If(t.not_(cond), orelse)


def pass_backward(statement: Statement, live: set[Term]) -> None:
    """Make of what is read behind a statement without branches what is before it."""
    match statement:
        case Assign(_, term):
            live |= temps_of(term)
        case Require(cond) | Assert(cond):
            live |= temps_of(cond)
        case Choose(temp, among):
            live.discard(temp)
            if among is not None:
                live |= temps_of(among)


def without_marks(body: Body) -> Body:
    """`body` for engines that make no traces: no marks, nothing only marks read."""
    return drop_dead(body, {}, keep_marks=False)
