"""Simplify bodies: propagate what is known, drop what is never read.

Both passes keep the meaning of a body exactly: the same paths, in the same order, with
the same final cells, failed checks and marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from modelcheck.model import terms as t
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
class _Facts:
    """What is known at a point of a body.

    `pending` are definitions of temporaries not yet emitted, `temps` and `cells` the
    constants that temporaries and cells (by number) are known to hold.
    """

    pending: dict[Term, Term] = field(default_factory=dict)
    temps: dict[Term, Term] = field(default_factory=dict)
    cells: dict[int, Term] = field(default_factory=dict)

    def copy(self) -> _Facts:
        """An independent copy."""
        return _Facts(dict(self.pending), dict(self.temps), dict(self.cells))

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
        return t.substitute(term, known, {}) if known else term

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
    return drop_dead(tuple(_run(body, _Facts())[0]), {})


def simplify_result(body: Body, result: Term) -> tuple[Body, Term]:
    """`body` and a term evaluated behind it, simplified together."""
    facts = _Facts()
    new, _ = _run(body, facts)
    result = facts(result)
    # A definition not yet emitted may be needed by the statements that stay only if
    # the result mentions it; `facts` has put it in.
    kept, _ = _drop(tuple(new), temps_of(result), {}, keep_marks=False)
    return tuple(kept), result


def propagate(body: Body) -> Body:
    """`body` with constants and copies propagated; temporaries are kept at jumps."""
    return tuple(_run(body, _Facts())[0])


def _run(body: Iterable[Statement], facts: _Facts) -> tuple[list[Statement], bool]:
    """The new statements, and whether control can pass their end."""
    out: list[Statement] = []
    for statement in body:
        if not _step(statement, facts, out):
            return out, False
    return out, True


def _step(statement: Statement, facts: _Facts, out: list[Statement]) -> bool:
    match statement:
        case Assign():
            _assign(statement, facts, out)
        case Let(temp, term):
            _let(temp, facts(term), facts, out)
        case If():
            return _branch(statement, facts, out)
        case Require(cond):
            new = facts(cond)
            if new is not t.TRUE:
                out.append(replace(statement, cond=new))
            facts.learn(new, holds=True)
            return new is not t.FALSE
        case Assert(cond):
            new = facts(cond)
            if new is not t.TRUE:
                out.append(replace(statement, cond=new))
            facts.learn(new, holds=True)
            return new is not t.FALSE
        case Choose(temp, among):
            among = None if among is None else facts(among)
            _forget(temp, facts, out)
            out.append(replace(statement, among=among))
        case Mark(values=values):
            new_values = tuple((n, y, shape.map(facts)) for n, y, shape in values)
            out.append(replace(statement, values=new_values))
        case Jump():
            _settle(list(facts.pending), facts, out)
            out.append(statement)
            return False
        case _:
            out.append(statement)
    return True


def _assign(statement: Assign, facts: _Facts, out: list[Statement]) -> None:
    term, number = facts(statement.term), statement.cell
    is_kept = term.op is Op.CELL and term.value == number
    if is_kept or (term.is_const and facts.cells.get(number) is term):
        return
    stale = [k for k, v in facts.pending.items() if _mentions(v, Op.CELL, number)]
    _settle(stale, facts, out)
    facts.cells.pop(number, None)
    out.append(replace(statement, term=term))
    if term.is_const:
        facts.cells[number] = term


def _let(temp: Term, term: Term, facts: _Facts, out: list[Statement]) -> None:
    if term is temp:
        return
    _forget(temp, facts, out)
    if size(term) <= _MAX_COPIED and not _mentions(term, Op.TEMP, temp.value):
        facts.pending[temp] = term
    else:
        out.append(Let(temp, term))


def _forget(temp: Term, facts: _Facts, out: list[Statement]) -> None:
    """Prepare for a new value of `temp`."""
    facts.pending.pop(temp, None)
    facts.temps.pop(temp, None)
    stale = [k for k, v in facts.pending.items() if _mentions(v, Op.TEMP, temp.value)]
    _settle(stale, facts, out)


def _settle(temps: list[Term], facts: _Facts, out: list[Statement]) -> None:
    """Emit the pending definitions of `temps`."""
    for temp in temps:
        term = facts.pending.pop(temp)
        out.append(Let(temp, term))
        if term.is_const:
            facts.temps[temp] = term


def _branch(statement: If, facts: _Facts, out: list[Statement]) -> bool:
    cond = facts(statement.cond)
    if cond.is_const:
        taken = statement.then if cond.value else statement.orelse
        for inner in taken:
            if not _step(inner, facts, out):
                return False
        return True
    sides = []
    for body, holds in ((statement.then, True), (statement.orelse, False)):
        side = facts.copy()
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


def _meet(sides: list[tuple[list[Statement], bool, _Facts]]) -> None:
    """Make two passing branches end with the same pending definitions."""
    (out_one, _, one), (out_two, _, two) = sides
    for temp in [*one.pending, *two.pending]:
        if one.pending.get(temp) is not two.pending.get(temp):
            for out, side in ((out_one, one), (out_two, two)):
                if temp in side.pending:
                    _settle([temp], side, out)
    one.temps = {k: v for k, v in one.temps.items() if two.temps.get(k) is v}
    one.cells = {k: v for k, v in one.cells.items() if two.cells.get(k) is v}


_sizes: dict[Term, int] = {}


def size(term: Term) -> int:
    """The number of nodes of `term` written out as a tree."""
    for part in t.walk([term]):
        if part not in _sizes:
            _sizes[part] = 1 + sum(_sizes[arg] for arg in part.args)
    return _sizes[term]


_leaf_sets: dict[Term, frozenset[Term]] = {}


def leaves_of(term: Term) -> frozenset[Term]:
    """The CELL, NEXT and TEMP terms in `term`."""
    found = _leaf_sets.get(term)
    if found is None:
        found = frozenset(
            part for part in t.walk([term]) if part.op in (Op.CELL, Op.NEXT, Op.TEMP)
        )
        _leaf_sets[term] = found
    return found


def _mentions(term: Term, op: Op, number: int) -> bool:
    return any(leaf.op is op and leaf.value == number for leaf in leaves_of(term))


def temps_of(term: Term) -> frozenset[Term]:
    """The temporaries in `term`."""
    return frozenset(leaf for leaf in leaves_of(term) if leaf.op is Op.TEMP)


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
    return tuple(_drop(body, frozenset(), live_at, keep_marks=keep_marks)[0])


def _drop(
    body: Body,
    live: frozenset[Term],
    live_at: Mapping[int, frozenset[Term]],
    *,
    keep_marks: bool,
) -> tuple[list[Statement], frozenset[Term]]:
    out: list[Statement] = []
    for statement in reversed(body):
        match statement:
            case Let(temp, term):
                if temp not in live:
                    continue
                live = (live - {temp}) | temps_of(term)
            case If(cond, then, orelse):
                one, live_one = _drop(then, live, live_at, keep_marks=keep_marks)
                two, live_two = _drop(orelse, live, live_at, keep_marks=keep_marks)
                if not one and not two:
                    continue
                live = live_one | live_two | temps_of(cond)
                out.append(_if(cond, tuple(one), tuple(two)))
                continue
            case Mark(values=values):
                if not keep_marks:
                    continue
                for _, _, shape in values:
                    live = live.union(*map(temps_of, shape.leaves()))
            case Jump(location):
                live = live_at.get(location, frozenset())
            case _:
                live = live_before(statement, live)
        out.append(statement)
    out.reverse()
    return out, live


def _if(cond: Term, then: Body, orelse: Body) -> If:
    return If(cond, then, orelse) if then else If(t.not_(cond), orelse)


def live_before(statement: Statement, live: frozenset[Term]) -> frozenset[Term]:
    """What is read at or behind a statement without branches, given what is behind."""
    match statement:
        case Assign(_, term):
            return live | temps_of(term)
        case Require(cond) | Assert(cond):
            return live | temps_of(cond)
        case Choose(temp, among):
            used = frozenset[Term]() if among is None else temps_of(among)
            return (live - {temp}) | used
    return live


def without_marks(body: Body) -> Body:
    """`body` for engines that make no traces: no marks, nothing only marks read."""
    return drop_dead(body, {}, keep_marks=False)
