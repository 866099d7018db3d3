"""What can be seen of a model from outside: its behaviours, without the silent steps.

An observer sees the values of some cells and, of some functions, each return with its
result. A step that changes none of these cells and returns from none of these functions
is silent. A *behaviour* is the sequence of what is seen along a path, the first values
included. Two models are compared by what they have in common, so that values, functions
and actors are those of both, and what is seen is numbered by one `Alphabet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import cast

from modelcheck.explore.bodies import footprint
from modelcheck.explore.compiled import CUT, CheckFailed, Compiled
from modelcheck.explore.expressions import leaves_of
from modelcheck.explore.interpreter import EvaluationError
from modelcheck.explore.memo import Entry
from modelcheck.explore.successors import Successors
from modelcheck.model.program import Cell, Kind, Model, Property, State, Step
from modelcheck.model.shapes import Scalar, shape
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    If,
    Mark,
    MarkKind,
    Statement,
)
from modelcheck.model.terms import TRUE, Op, Sort, Term, add, as_int, const, mul, sub
from modelcheck.model.types import Type

Values = tuple[int, ...]
"""What the observed cells hold, in their order."""


@dataclass(frozen=True, slots=True, order=True)
class Return:
    """An actor returns from a function; `result` is the rank of the value.

    The rank counts the values that the leaves of the result's type can have, the last
    leaf fastest; it is 0 for a function that returns nothing.
    """

    actor: str
    function: str
    result: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What one visible step shows: the values after it and what returned in it."""

    values: Values
    returns: tuple[Return, ...] = ()


@dataclass(slots=True)
class Alphabet:
    """All that has been seen so far in either model, numbered from 0."""

    symbols: list[Seen] = field(default_factory=list)
    _numbers: dict[Seen, int] = field(default_factory=dict)

    def number(self, seen: Seen) -> int:
        """The number of `seen`, a new one if it has none."""
        found = self._numbers.get(seen)
        if found is None:
            found = self._numbers[seen] = len(self.symbols)
            self.symbols.append(seen)
        return found


@dataclass(frozen=True, slots=True)
class View:
    """What is observed of one model.

    `values` are what is seen of a state: terms, each behind a body that writes
    temporaries only, in an order that both models share. Where a check in a body fails
    there is nothing to see, which is an error. `functions` maps the name of each
    function to the types of the values that its return is marked with; `actors` are
    those that both models have: a return of any other actor is seen without its actor.
    """

    values: tuple[tuple[Body, Term], ...]
    functions: Mapping[str, tuple[Type, ...]]
    actors: frozenset[str]


def plain(model: Model, cells: Iterable[int]) -> tuple[tuple[Body, Term], ...]:
    """What shows `cells` as they are, for a `View`."""
    return tuple(((), model.cells[cell].now) for cell in cells)


@dataclass(frozen=True, slots=True)
class Moves:
    """The steps from a state: where silent ones lead, and visible ones by symbol."""

    silent: tuple[int, ...]
    visible: Mapping[int, tuple[int, ...]]


class Behaviour:
    """The visible behaviours of one model; its states are packed integers."""

    def __init__(self, model: Model, view: View, alphabet: Alphabet) -> None:
        self.model = model
        self._alphabet = alphabet
        marked, self._returns = _record_returns(model, view)
        compiled = Compiled(marked)
        packing = compiled.packing
        self._packing = packing
        self._values = [compiled.value(*value) for value in view.values]
        self._mask = packing.bits(
            cell
            for body, result in view.values
            for cell in (footprint(body).reads | leaves_of([result], Op.CELL))
        )
        self._records = packing.bits(range(len(model.cells), len(marked.cells)))
        self._seen: dict[int, int] = {}
        self._moves: dict[int, Moves] = {}
        self.has_cuts = False
        self.has_failures = False
        self._constraints = [(p, compiled.state_property(p)) for p in model.constraints]
        self._successors = Successors(
            compiled, [0] * len(model.steps), self._note, keeps_loops=True
        )
        initial: list[int] = []
        bad: list[int] = []
        first = compiled.initial()
        first.run(0, initial, bad)
        for number in bad:
            if number != CUT:
                raise EvaluationError(_INITIAL, first.checks[number], model.zero)
        self.has_cuts |= CUT in bad
        self.initial = tuple(dict.fromkeys(s & ~self._records for s in initial))

    def symbol(self, state: int) -> int:
        """The number of what is seen in `state`, with the returns it records.

        Raises `EvaluationError` if what is observed has no value in it.
        """
        key = state & (self._mask | self._records)
        found = self._seen.get(key)
        if found is None:
            values = self._shown(key)
            returns = tuple(sorted(self._recorded(key)))
            found = self._alphabet.number(Seen(values, returns))
            self._seen[key] = found
        return found

    def _shown(self, state: int) -> Values:
        try:
            return tuple(value(state) for value in self._values)
        except CheckFailed as error:
            state = state & ~self._records
            raise EvaluationError(_VIEW, error.failed, self.unpack(state)) from None

    def moves(self, state: int) -> Moves:
        """The steps from `state`, one that leads to itself unseen left out.

        Raises `EvaluationError` if a constraint has no value in it.
        """
        found = self._moves.get(state)
        if found is None:
            found = self._moves[state] = self._look(state)
        return found

    def unpack(self, state: int) -> State:
        """`state` as a state of the model."""
        return self._packing.unpack(state)[: len(self.model.cells)]

    def _is_inside(self, state: int) -> bool:
        for prop, holds in self._constraints:
            try:
                if not holds(state):
                    return False
            except CheckFailed as error:
                raise EvaluationError(prop, error.failed, self.unpack(state)) from None
        return True

    def _look(self, state: int) -> Moves:
        if not self._is_inside(state):
            self.has_cuts = True
            return Moves((), {})
        now = self.symbol(state)
        successors = self._successors
        plan = successors.plans.get(state & successors.counters)
        silent: dict[int, None] = {}
        visible: dict[int, dict[int, None]] = {}
        for mask, get, miss in plan or successors.plan(state):
            entry = cast(Entry, get(state & mask) or miss(state))
            for delta in entry.deltas:
                after = state ^ delta
                symbol = self.symbol(after)
                base = after & ~self._records
                if symbol != now:
                    visible.setdefault(symbol, {})[base] = None
                elif base != state:
                    silent[base] = None
        return Moves(tuple(silent), {k: tuple(v) for k, v in visible.items()})

    def _recorded(self, state: int) -> Iterator[Return]:
        for cell, function, actors, many in self._returns:
            place = self._packing.fields[cell]
            value = (state >> place.shift & place.mask) + place.lo
            if value:
                actor, result = divmod(value - 1, many)
                yield Return(actors[actor], function, result)

    def _note(self, state: int, step: Step, failed: Assert | None) -> None:  # noqa: ARG002 - the explorer's signature
        """A failed check ends a path, and so does a cut; both hide what may follow."""
        self.has_cuts |= failed is None
        self.has_failures |= failed is not None


def returns(model: Model) -> dict[str, tuple[Type, ...]]:
    """The functions whose returns are marked, with the types of what they return.

    Left out are functions that return sets, or values of different types in different
    places.
    """
    found: dict[str, tuple[Type, ...]] = {}
    odd: set[str] = set()
    for step in model.steps:
        for mark in _marks(step.body):
            types = tuple(type_ for _, type_, _ in mark.values)
            if found.setdefault(mark.name, types) != types or any(
                leaf.sort is Sort.MASK for leaf in _leaves(types)
            ):
                odd.add(mark.name)
    return {name: types for name, types in found.items() if name not in odd}


def _marks(body: Body) -> Iterator[Mark]:
    for statement in body:
        if isinstance(statement, Mark) and statement.kind is MarkKind.RETURN:
            yield statement
        elif isinstance(statement, If):
            yield from _marks(statement.then)
            yield from _marks(statement.orelse)


_INITIAL = Property("initial states", Kind.INVARIANT, (), TRUE)
"""What is blamed if a check fails before the first state."""

_VIEW = Property("mapping", Kind.INVARIANT, (), TRUE)
"""What is blamed if what is observed of a state has no value."""

_Record = tuple[int, str, tuple[str, ...], int]
"""A cell that records a function's returns, its actors and the number of results."""


def _record_returns(model: Model, view: View) -> tuple[Model, list[_Record]]:
    """`model` with one more cell for each function of `view`.

    A step that returns from the function sets it to 1 + the number of actor and result;
    it is 0 in every state that the steps are asked about.
    """
    actors = ("", *sorted(view.actors))
    numbers = {actor: number for number, actor in enumerate(actors)}
    cells = list(model.cells)
    records: dict[str, _Record] = {}
    for function, types in view.functions.items():
        many = prod(leaf.hi - leaf.lo + 1 for leaf in _leaves(types))
        index = len(cells)
        top = len(actors) * many
        cells.append(Cell(index, f"return of {function}", Scalar(Sort.INT, 0, top)))
        records[function] = (index, function, actors, many)
    steps = tuple(
        replace(step, body=_recording(step.body, records, numbers.get(step.actor, 0)))
        for step in model.steps
    )
    zero = (*model.zero, *(0 for _ in records))
    marked = replace(model, cells=tuple(cells), zero=zero, steps=steps)
    return marked, list(records.values())


def _recording(body: Body, records: Mapping[str, _Record], actor: int) -> Body:
    written: list[Statement] = []
    for statement in body:
        if isinstance(statement, If):
            then = _recording(statement.then, records, actor)
            orelse = _recording(statement.orelse, records, actor)
            written.append(If(statement.cond, then, orelse))
            continue
        written.append(statement)
        if isinstance(statement, Mark) and statement.kind is MarkKind.RETURN:
            record = records.get(statement.name)
            if record is not None:
                cell, _, _, many = record
                term = add(_rank(statement), const(1 + actor * many))
                written.append(Assign(cell, term, statement.span))
    return tuple(written)


def _leaves(types: Sequence[Type]) -> list[Scalar]:
    return [leaf for type_ in types for leaf in shape(type_).leaves()]


def _rank(mark: Mark) -> Term:
    """The number of the returned value, as a term."""
    rank = const(0)
    for _, type_, value in mark.values:
        for term, leaf in value.zip(shape(type_)):
            shifted = sub(as_int(term), const(leaf.lo))
            rank = add(mul(rank, const(leaf.hi - leaf.lo + 1)), shifted)
    return rank


def result_leaves(types: Sequence[Type], result: int) -> tuple[int, ...]:
    """The leaves of the value whose rank is `result`."""
    found: list[int] = []
    for leaf in reversed(_leaves(types)):
        result, digit = divmod(result, leaf.hi - leaf.lo + 1)
        found.append(digit + leaf.lo)
    return tuple(reversed(found))
