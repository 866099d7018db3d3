"""Shortening: from a walk that shows something to a short path that shows it.

Random walks wander. First their loops are cut out. Then the states of the path, and the
initial ones, are expanded breadth-first all at once, so that a corridor around the path
is known; the shortest way through it to a state that decides the property takes the
path's place, and the next corridor is around that, as long as it helps. The result is
no longer than the walk, and need not be the shortest path of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from modelcheck.explore.book import PropertyError
from modelcheck.explore.walks import End, Expansion, Sight, Sighting, Walker
from modelcheck.model.program import Kind, Property

EXPANSIONS = 2_000
"""How many states of a corridor are expanded, besides those of the path."""

LONGEST = 20_000
"""Longer paths are left as they are, but for their loops."""

_UNKNOWN = Expansion((), {}, End.BLOCKED)


class Shortener:
    """Shortens what the walks of `walker` from `starts` have found.

    Stops early, with what it has, if `must_end`. What is known of states is kept.
    """

    def __init__(
        self, walker: Walker, starts: Sequence[int], must_end: Callable[[], bool]
    ) -> None:
        self.walker = walker
        self.starts = starts
        self.must_end = must_end
        self._known: dict[int, Expansion] = {}

    def shorten(self, prop: Property, found: Sighting) -> Sighting:
        """A path that decides `prop` as `found` does, shorter if possible."""
        found = replace(found, path=_without_loops(prop, found.path))
        while 1 < len(found.path) < LONGEST:
            shorter = self._through(self._corridor(prop, found), prop)
            if shorter is None or shorter.length >= found.length:
                break
            found = replace(shorter, number=found.number)
        return found

    def _corridor(self, prop: Property, found: Sighting) -> set[int]:
        """The states that are expanded around the path."""
        path = found.path if _ends_expanded(prop) else found.path[:-1]
        queue = list(dict.fromkeys((*path, *self.starts[:EXPANSIONS])))
        queued = set(queue)
        for state in islice(queue, len(queue) + EXPANSIONS):
            if self.must_end():
                break
            for after in self._expand(state).successors:
                if after not in queued:
                    queued.add(after)
                    queue.append(after)
        return {state for state in queue if state in self._known}

    def _expand(self, state: int) -> Expansion:
        found = self._known.get(state)
        if found is None:
            self.walker.path = [state]
            try:
                found = self.walker.expand(state)
            except PropertyError:
                # The walks have not come here, and the shown path shall not either.
                found = _UNKNOWN
            self._known[state] = found
        return found

    def _through(self, corridor: set[int], prop: Property) -> Sighting | None:
        """The shortest path inside `corridor` to what decides `prop`, if any does."""
        before: dict[int, int | None] = {}
        level: list[int] = []
        for state in self.starts:
            # Asked of each of them only if the answer is known to be yes for some.
            if self.walker.minds_starts and prop.name in self.walker.decided(state):
                return Sighting(0, (state,))
            if state in corridor:
                before[state] = None
                level.append(state)
        while level:
            shown = [s for s in level if prop.name in self._known[s].seen]
            if shown:
                return self._to(shown[0], self._known[shown[0]].seen[prop.name], before)
            following: list[int] = []
            for state in level:
                for after in self._known[state].successors:
                    if after in corridor and after not in before:
                        before[after] = state
                        following.append(after)
            level = following
        return None

    def _to(self, state: int, sight: Sight, before: dict[int, int | None]) -> Sighting:
        path = [] if sight.after is None else [sight.after]
        here: int | None = state
        while here is not None:
            path.append(here)
            here = before[here]
        return Sighting(0, tuple(reversed(path)), sight.failed, sight.step)


def _ends_expanded(prop: Property) -> bool:
    """Whether `prop` is decided by what comes after the last state of a path.

    Else the last state is only looked at, and may be outside the constraints.
    """
    return prop.kind in (Kind.DEADLOCK, Kind.ASSERTION)


def _without_loops(prop: Property, path: tuple[int, ...]) -> tuple[int, ...]:
    if _ends_expanded(prop):
        return without_loops(path)
    # The last step decides, wherever it leads.
    return (*without_loops(path[:-1]), path[-1])


def without_loops(path: Sequence[int]) -> tuple[int, ...]:
    """The path without what lies between two visits of the same state."""
    places: dict[int, int] = {}
    kept: list[int] = []
    for state in path:
        if state in places:
            for gone in kept[places[state] + 1 :]:
                del places[gone]
            del kept[places[state] + 1 :]
        else:
            places[state] = len(kept)
            kept.append(state)
    return tuple(kept)
