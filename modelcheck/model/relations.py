"""Steps and properties as relations that can be compared under an exchange.

A cell with conditions (`model.permuting`) changes in one way where it means something
and in another where it does not. So a relation is cut into *cases*, in each of which
the cells of the conditions have known values before the step and after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from modelcheck.model.guarded import Failure, Guarded, guard_property
from modelcheck.model.permuting import Exchange, Kind
from modelcheck.model.program import Cell, Model, Property, Step
from modelcheck.model.statements import Check
from modelcheck.model.terms import (
    FALSE,
    LEAVES,
    TRUE,
    Op,
    Term,
    and_,
    constant_of,
    eq,
    leaf,
    or_,
    rebuild,
    walk,
)

MOST_CASES = 256
"""A relation is not cut into more cases."""


class TooManyCases(Exception):  # noqa: N818 - says what is wrong with it
    """A relation depends on too many lists, or in a way that is not understood."""


@dataclass(frozen=True, slots=True)
class Case:
    """One part of a relation: `terms` by what they are about.

    `values` are what distinguishes the case: for each cell of a condition, before or
    after the step, its value. A key of `terms` is ("cell", number) for what becomes of
    a cell, else a name for a condition.
    """

    values: frozenset[tuple[Op, int, int]]
    now: Mapping[int, Kind]
    after: Mapping[int, Kind]
    terms: Mapping[tuple[str, object], Term]

    def kind(self, key: tuple[str, object]) -> Kind | None:
        """The kind of the term with this key."""
        name, cell = key
        return (
            self.after.get(cell) if name == "cell" and isinstance(cell, int) else None
        )


def cases_of_step(
    model: Model, step: Step, guarded: Guarded, exchange: Exchange
) -> Iterator[Case]:
    """The cases of `step`, together all of it; `guarded` is its relation."""
    known = {} if step.at is None else dict([step.at])
    conditions = _failures(guarded.failures)
    conditions["cut", None] = guarded.cut
    roots = [guarded.guard, *guarded.updates.values(), *conditions.values()]
    cells = _cells(roots) | guarded.updates.keys()
    cells |= _dependent(exchange, guarded.updates)
    count = 0
    for before in _values(model, _deciding(exchange, cells) - known.keys()):
        now = Replacement(_fix(model, before, Op.CELL))
        case = {key: now(term) for key, term in conditions.items()}
        # A step that comes to no end may still fail, or be cut off.
        ends = list(_ends(model, guarded, now, exchange)) or [({}, FALSE, {})]
        for after, guard, updates in ends:
            count += 1
            if count > MOST_CASES:
                message = "too many cases"
                raise TooManyCases(message)
            values = {**before, **known}
            terms: dict[tuple[str, object], Term] = {
                ("cell", c): term for c, term in updates.items()
            }
            yield Case(
                _marks(values, Op.CELL) | _marks(after, Op.NEXT),
                _kinds(exchange, values),
                _kinds(exchange, {**values, **after}),
                {**case, **terms, ("guard", None): guard},
            )


def _ends(
    model: Model, guarded: Guarded, now: Replacement, exchange: Exchange
) -> Iterator[tuple[dict[int, int], Term, dict[int, Term]]]:
    """The ends that the step can come to, by the cells of conditions after it."""
    guard = now(guarded.guard)
    updates = {c: now(term) for c, term in guarded.updates.items()}
    for cell in _dependent(exchange, guarded.updates):
        updates.setdefault(cell, model.cells[cell].now)
    deciding = sorted(_deciding(exchange, updates))
    afters = {cell: updates.get(cell, now(model.cells[cell].now)) for cell in deciding}
    options = [sorted(_constants(term)) for term in afters.values()]
    for values in product(*options):
        after = dict(zip(deciding, values, strict=True))
        tests = [
            eq(afters[cell], _constant(model.cells[cell], value))
            for cell, value in after.items()
        ]
        end = and_(guard, *tests)
        if end is not FALSE:
            facts = Replacement(_facts(end))
            yield after, end, {c: facts(u) for c, u in updates.items()}


def cases_of_property(
    model: Model, prop: Property, exchange: Exchange
) -> Iterator[Case]:
    """The cases of a property."""
    judged = guard_property(prop)
    yield from _cases(
        model,
        {("holds", None): judged.result, ("fails", None): judged.fails},
        exchange,
    )


def cases_of_term(model: Model, term: Term, exchange: Exchange) -> Iterator[Case]:
    """The cases of a term over one state."""
    yield from _cases(model, {("holds", None): term}, exchange)


def _cases(
    model: Model, terms: Mapping[tuple[str, object], Term], exchange: Exchange
) -> Iterator[Case]:
    leaves = [leaf_ for leaf_ in walk(terms.values()) if leaf_.op in LEAVES]
    count = 0
    by_op = [
        _deciding(exchange, {x.value for x in leaves if x.op is op})
        for op in (Op.CELL, Op.NEXT)
    ]
    for before in _values(model, by_op[0]):
        for after in _values(model, by_op[1]):
            count += 1
            if count > MOST_CASES:
                message = "too many cases"
                raise TooManyCases(message)
            fixed = Replacement(
                {**_fix(model, before, Op.CELL), **_fix(model, after, Op.NEXT)}
            )
            yield Case(
                _marks(before, Op.CELL) | _marks(after, Op.NEXT),
                _kinds(exchange, before),
                _kinds(exchange, after),
                {key: fixed(term) for key, term in terms.items()},
            )


def _failures(failures: Iterable[Failure]) -> dict[tuple[str, object], Term]:
    """The conditions of failed checks: of each `assert`, and of all others."""
    found: dict[tuple[str, object], Term] = {}
    for failure in failures:
        check = failure.failed
        is_assert = check.check is Check.ASSERT
        key = ("failure", check.span if is_assert else None)
        found[key] = or_(found.get(key, FALSE), failure.condition)
    return found


def _cells(terms: Iterable[Term]) -> set[int]:
    return {term.value for term in walk(terms) if term.op is Op.CELL}


def _deciding(exchange: Exchange, cells: Iterable[int]) -> set[int]:
    """The cells that decide whether some of `cells` mean something."""
    conditions = exchange.conditions
    return {other for c in cells for other, _ in conditions.get(c, ())}


def _dependent(exchange: Exchange, updates: Mapping[int, Term]) -> set[int]:
    """The cells that may begin or cease to mean something when `updates` are made."""
    return {
        cell
        for cell, conditions in exchange.conditions.items()
        if any(other in updates for other, _ in conditions)
    }


def _values(model: Model, cells: Iterable[int]) -> Iterator[dict[int, int]]:
    """Every combination of values of `cells`."""
    order = sorted(cells)
    ranges = [
        range(c.range.lo, c.range.hi + 1) for c in (model.cells[n] for n in order)
    ]
    count = 1
    for each in ranges:
        count *= len(each)
    if count > MOST_CASES:
        message = "too many cases"
        raise TooManyCases(message)
    for values in product(*ranges):
        yield dict(zip(order, values, strict=True))


def _fix(model: Model, values: Mapping[int, int], op: Op) -> dict[Term, Term]:
    """Leaves, and the constants to replace them by."""
    found = {}
    for number, value in values.items():
        cell = model.cells[number]
        scalar = cell.range
        term = leaf(op, number, scalar.sort, scalar.lo, scalar.hi)
        found[term] = _constant(cell, value)
    return found


def _constant(cell: Cell, value: int) -> Term:
    return constant_of(cell.range.sort, value, cell.range.hi)


def _marks(values: Mapping[int, int], op: Op) -> frozenset[tuple[Op, int, int]]:
    return frozenset((op, cell, value) for cell, value in values.items())


def _kinds(exchange: Exchange, values: Mapping[int, int]) -> dict[int, Kind]:
    """The kinds of the cells where those of the conditions have these values.

    A cell of which the conditions are not known does not occur.
    """
    return {
        cell: kind
        for cell, kind in exchange.kinds.items()
        if all(
            other in values and values[other] in used
            for other, used in exchange.conditions.get(cell, ())
        )
    }


def _constants(term: Term) -> set[int]:
    """The values of a choice between constants."""
    found: set[int] = set()
    for part in _branches(term):
        if not part.is_const:
            if part.sort.value == "mask" or part.hi - part.lo >= MOST_CASES:
                message = "a length that is computed"
                raise TooManyCases(message)
            return set(range(term.lo, term.hi + 1))
        found.add(part.value)
    return found


def _branches(term: Term) -> Iterator[Term]:
    stack, seen = [term], set()
    while stack:
        top = stack.pop()
        if top in seen:
            continue
        seen.add(top)
        if top.op is Op.ITE:
            stack += top.args[1:]
        else:
            yield top


def _facts(cond: Term) -> dict[Term, Term]:
    """What is known where `cond` holds: terms, and their values."""
    parts = cond.args if cond.op is Op.AND else (cond,)
    facts: dict[Term, Term] = {}
    for part in parts:
        if part.op is Op.NOT:
            facts[part.args[0]] = FALSE
        elif not part.is_const:
            facts[part] = TRUE
    return facts


class Replacement:
    """Terms with every subterm in `known` replaced, folded again."""

    def __init__(self, known: Mapping[Term, Term]) -> None:
        self._memo = dict(known)
        self._is_void = not known

    def __call__(self, term: Term) -> Term:
        """`term` after the replacement."""
        memo = self._memo
        if self._is_void or term in memo:
            return memo.get(term, term)
        stack = [term]
        while stack:
            top = stack[-1]
            if top in memo:
                stack.pop()
            elif top.op in LEAVES:
                memo[top] = top
            else:
                missing = [arg for arg in top.args if arg not in memo]
                if missing:
                    stack += missing
                else:
                    memo[top] = rebuild(top, tuple(memo[arg] for arg in top.args))
        return memo[term]
