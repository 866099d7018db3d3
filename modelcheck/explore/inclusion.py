"""Inclusion of behaviours: what can be seen of one model and not of another.

A path of the left model is followed together with the set of all states in which the
right one can be after it has shown the same (the subset construction, applied to the
right side only and only where the left one goes). Where a visible step of the left
model has no counterpart from any state of the set, the behaviour is the left model's
alone. The search is breadth-first in the steps of the left model, so that each witness
is a shortest one; it ends, because both sides are finite, but the number of sets can be
exponential in the number of the right model's states.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from modelcheck.explore.behaviour import Behaviour
from modelcheck.model.program import State
from modelcheck.verdict.verdicts import Stop

CHUNK = 256
"""How many pairs are looked at between two looks at the clock and the user."""

RIVALS = 16
"""How many states of the right model are kept with a difference."""

_NOWHERE = -1
_START = (-1, -1)

_Pair = tuple[int, int]
"""A state of the left model, and the number of a set of states of the right one."""


@dataclass(slots=True)
class Difference:
    """A behaviour of the left model alone, the first of those that look alike.

    `path` are states of the left model; in the last but one `before` is seen, and the
    step to the last one shows `symbol` (the same, if there is no step), which
    the right model cannot after the same; what it could show are `instead`, from one of
    the states `rivals` (some of them, if they are many). `count` is how many pairs of a
    state and a set had such a step.
    """

    path: tuple[State, ...]
    before: int
    symbol: int
    instead: frozenset[int]
    rivals: tuple[State, ...] = ()
    count: int = 1


@dataclass(slots=True)
class Comparison:
    """The result: differences, shortest first, and how far the search went.

    Without `stops` every behaviour of the left model was looked at. `pairs` and `sets`
    were met, and `depth` steps of the left model were followed.
    """

    differences: list[Difference] = field(default_factory=list)
    stops: set[Stop] = field(default_factory=set)
    pairs: int = 0
    sets: int = 0
    depth: int = 0


class Inclusion:
    """One search for the behaviours of `left` that `right` does not have.

    `alike` maps the symbols before and in a step to what such steps have in common:
    of those that are alike the first is kept and the others are counted. `is_over` is
    asked now and then, with the number of pairs met so far, why the search shall end.
    """

    def __init__(
        self,
        left: Behaviour,
        right: Behaviour,
        alike: Callable[[int, int], Hashable],
        is_over: Callable[[int], Stop | None],
    ) -> None:
        self._left = left
        self._right = right
        self._alike = alike
        self._is_over = is_over
        self._sets: list[frozenset[int]] = []
        self._numbers: dict[frozenset[int], int] = {}
        self._after: dict[tuple[int, int], int] = {}
        self._parents: dict[_Pair, _Pair] = {}
        self._met: dict[int, list[int]] = {}
        self._within: dict[tuple[int, int], bool] = {}
        self._kinds: dict[Hashable, Difference] = {}
        self._found = Comparison()

    def run(self) -> Comparison:
        """Search until all is seen, or `is_over` gives a reason to end."""
        found, front = self._found, self._start()
        while front and not found.stops:
            following: list[_Pair] = []
            for position, pair in enumerate(front):
                if position % CHUNK == 0:
                    stop = self._is_over(len(self._parents))
                    if stop is not None:
                        found.stops.add(stop)
                        break
                self._expand(pair, following)
            else:
                found.depth += bool(following)
            front = following
        if self._left.has_cuts or self._right.has_cuts:
            found.stops.add(Stop.CONSTRAINT)
        found.pairs, found.sets = len(self._parents), len(self._sets)
        found.differences = list(self._kinds.values())
        return found

    def _start(self) -> list[_Pair]:
        front: list[_Pair] = []
        for state in self._left.initial:
            symbol = self._left.symbol(state)
            same = [s for s in self._right.initial if self._right.symbol(s) == symbol]
            if not same:
                self._note(symbol, symbol, (_START, state), _NOWHERE)
                continue
            pair = (state, self._number(same))
            self._meet(pair, _START, front)
        return front

    def _expand(self, pair: _Pair, following: list[_Pair]) -> None:
        state, number = pair
        moves = self._left.moves(state)
        for after in moves.silent:
            self._meet((after, number), pair, following)
        for symbol, states in moves.visible.items():
            to = self._follow(number, symbol)
            if to != _NOWHERE:
                for after in states:
                    self._meet((after, to), pair, following)
                continue
            self._note(
                self._left.symbol(state),
                symbol,
                (pair, states[0]),
                number,
            )

    def _meet(self, pair: _Pair, before: _Pair, following: list[_Pair]) -> None:
        """Go on with `pair`, unless one that was met before shows all that it can.

        What a set cannot show, no subset of it can: of two sets met with one state the
        smaller has all differences (the antichains of De Wulf, Doyen, Henzinger and
        Raskin, CAV 2006, in the order of a breadth-first search).
        """
        state, number = pair
        met = self._met.setdefault(state, [])
        if not any(self._is_within(other, number) for other in met):
            met.append(number)
            self._parents[pair] = before
            following.append(pair)

    def _is_within(self, one: int, other: int) -> bool:
        if one == other:
            return True
        key = (one, other)
        found = self._within.get(key)
        if found is None:
            found = self._within[key] = self._sets[one] <= self._sets[other]
        return found

    def _follow(self, number: int, symbol: int) -> int:
        """The set after `symbol` has been seen; `_NOWHERE` if it cannot be."""
        key = (number, symbol)
        found = self._after.get(key)
        if found is None:
            moves = self._right.moves
            ends = [
                end
                for state in self._sets[number]
                for end in moves(state).visible.get(symbol, ())
            ]
            found = self._after[key] = self._number(ends) if ends else _NOWHERE
        return found

    def _number(self, states: Iterable[int]) -> int:
        """The number of the set of `states` and all that silent steps lead to."""
        members = set(states)
        todo = list(members)
        while todo:
            for after in self._right.moves(todo.pop()).silent:
                if after not in members:
                    members.add(after)
                    todo.append(after)
        closed = frozenset(members)
        found = self._numbers.get(closed)
        if found is None:
            found = self._numbers[closed] = len(self._sets)
            self._sets.append(closed)
        return found

    def _note(
        self,
        before: int,
        symbol: int,
        path: tuple[_Pair, int],
        number: int,
    ) -> None:
        """Count a difference, and keep it if it is the first of its kind.

        `number` is that of the set, or `_NOWHERE` before the first state.
        """
        kind = self._alike(before, symbol)
        known = self._kinds.get(kind)
        if known is not None:
            known.count += 1
            return
        right = self._right
        if number == _NOWHERE:
            rivals: Iterable[int] = right.initial
            instead = frozenset(map(right.symbol, rivals))
        else:
            rivals = self._sets[number]
            instead = frozenset(s for r in rivals for s in right.moves(r).visible)
        some = tuple(map(right.unpack, sorted(rivals)[:RIVALS]))
        self._kinds[kind] = Difference(self._path(*path), before, symbol, instead, some)

    def _path(self, pair: _Pair, last: int) -> tuple[State, ...]:
        states = [last]
        while pair != _START:
            states.append(pair[0])
            pair = self._parents[pair]
        return tuple(self._left.unpack(state) for state in reversed(states))
