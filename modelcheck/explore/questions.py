"""The questions that a search puts to each state: properties and constraints.

An answer that is found is written into the search's `Book` with its path, and the
question is not put again; `is_stale` then says that the tables made by `tables()` ask
more than they need to.
"""

from __future__ import annotations

from modelcheck.explore.bodies import footprint
from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.compiled import (
    CheckFailed,
    Compiled,
    PairFunction,
    StateFunction,
)
from modelcheck.explore.memo import MOST_ENTRIES, PairVerdicts, Verdicts, clusters
from modelcheck.explore.unfolding import Unfolding
from modelcheck.model.program import Kind, Property, State, Step
from modelcheck.model.statements import Assert
from modelcheck.verdict.verdicts import Evidence, Stop

NO_PARENT = -1


class Paths:
    """The way to each state: `parent` maps it to the state it was found from.

    `beyond` is a pair of a state that is not stored and the one it was found from. With
    an `unfolding`, states are representatives, and paths are unfolded.
    """

    def __init__(self, compiled: Compiled, unfolding: Unfolding | None = None) -> None:
        self.parent: dict[int, int] = {}
        self._unfolding = unfolding
        self.beyond: tuple[int, int] | None = None
        self._unpack = compiled.packing.unpack

    def to(self, state: int) -> tuple[State, ...]:
        """The states from an initial one to `state`."""
        path = self._back(state)
        return path if self._unfolding is None else self._unfolding.path(path)

    def over(self, prop: Property, state: int, after: int) -> tuple[State, ...]:
        """The states to `state`, and `after`, a successor; the step violates `prop`."""
        path = (*self._back(state), self._unpack(after))
        return path if self._unfolding is None else self._unfolding.pair(prop, path)

    def into(self, prop: Property, state: int, failed: Assert, step: Step) -> Evidence:
        """Evidence that in `state` the check `failed` of `step` violates `prop`."""
        path = self._back(state)
        if self._unfolding is not None:
            return self._unfolding.failure(prop, path)
        return Evidence(path, failed, step.index)

    def _back(self, state: int) -> tuple[State, ...]:
        found: list[int] = []
        while state != NO_PARENT:
            found.append(state)
            if state in self.parent:
                state = self.parent[state]
            else:
                assert self.beyond is not None
                assert self.beyond[0] == state
                state = self.beyond[1]
        return tuple(map(self._unpack, reversed(found)))


class Questions:
    """What one search asks."""

    def __init__(self, compiled: Compiled, book: Book, paths: Paths) -> None:
        self.book = book
        self.paths = paths
        self.is_stale = False
        self.inside: dict[int, bool] = {}
        self._compiled = compiled
        self._constraints = [
            (prop, compiled.state_property(prop)) for prop in compiled.model.constraints
        ]
        self.constraint_bits = 0
        self.has_constraints = bool(self._constraints)
        for prop, _ in self._constraints:
            self.constraint_bits |= self._bits(prop)
        self._deadlock = book.open(Kind.DEADLOCK)
        self._is_rest = compiled.is_rest()
        self._states = [
            (prop, compiled.state_property(prop))
            for prop in book.open(Kind.INVARIANT, Kind.REACHABLE)
        ]
        self._pairs = [
            (prop, compiled.pair_property(prop)) for prop in book.open(Kind.TRANSITION)
        ]

    @property
    def has_pairs(self) -> bool:
        """Whether anything was asked about pairs of states."""
        return bool(self._pairs)

    def tables(self) -> tuple[list[Verdicts], list[PairVerdicts]]:
        """Empty tables for the questions that are still open."""
        self.is_stale = False
        states = [
            (q, self._bits(q[0])) for q in self._states if self.book.is_open(q[0])
        ]
        pairs = [(q, self._bits(q[0])) for q in self._pairs if self.book.is_open(q[0])]
        return (
            [Verdicts(c.mask, _StateLook(self, c.items)) for c in clusters(states)],
            [PairVerdicts(c.mask, _PairLook(self, c.items)) for c in clusters(pairs)],
        )

    def decide(self, prop: Property, path: tuple[State, ...]) -> None:
        """Note that `path` decides `prop`."""
        self.book.decide(prop, Evidence(path))
        self.is_stale = True

    def is_inside(self, state: int, before: int) -> bool:
        """Whether all constraints hold in `state`, found from `before`; stores it."""
        self.paths.beyond = (state, before)
        answer = True
        for prop, function in self._constraints:
            try:
                answer = answer and bool(function(state))
            except CheckFailed as check:
                path = self.paths.to(state)
                raise PropertyError(prop, check.failed, path) from None
        if len(self.inside) >= MOST_ENTRIES:
            self.inside.clear()
        self.inside[state & self.constraint_bits] = answer
        if not answer:
            self.book.stops.add(Stop.CONSTRAINT)
        return answer

    def stuck(self, state: int) -> None:
        """Note that nothing can be done in `state`; it may be at rest."""
        for prop in self._deadlock:
            if self.book.is_open(prop) and not self._is_rest(state):
                self.book.decide(prop, Evidence(self.paths.to(state)))

    @property
    def minds_deadlock(self) -> bool:
        """Whether a deadlock would be news."""
        return any(map(self.book.is_open, self._deadlock))

    def _bits(self, prop: Property) -> int:
        found = footprint(prop.body, prop.result)
        return self._compiled.packing.bits(found.reads | found.nexts)


class _StateLook:
    """Puts the questions of one table to a state."""

    def __init__(
        self, questions: Questions, items: tuple[tuple[Property, StateFunction], ...]
    ) -> None:
        self._questions = questions
        self._items = items

    def __call__(self, state: int) -> None:
        questions = self._questions
        for prop, function in self._items:
            if not questions.book.is_open(prop):
                continue
            try:
                is_good = bool(function(state))
            except CheckFailed as check:
                path = questions.paths.to(state)
                raise PropertyError(prop, check.failed, path) from None
            if is_good is (prop.kind is Kind.REACHABLE):
                questions.decide(prop, questions.paths.to(state))


class _PairLook:
    """Puts the questions of one table to a pair of states."""

    def __init__(
        self, questions: Questions, items: tuple[tuple[Property, PairFunction], ...]
    ) -> None:
        self._questions = questions
        self._items = items

    def __call__(self, state: int, after: int) -> None:
        questions = self._questions
        for prop, function in self._items:
            if not questions.book.is_open(prop):
                continue
            try:
                is_good = bool(function(state, after))
            except CheckFailed as check:
                path = questions.paths.over(prop, state, after)
                raise PropertyError(prop, check.failed, path) from None
            if not is_good:
                questions.decide(prop, questions.paths.over(prop, state, after))
