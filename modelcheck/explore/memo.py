"""Memory of what steps and properties did to the cells they look at.

A step depends on the few cells that it touches, so what it did to one state it does to
every state with the same values there: `old ^ delta`, for remembered deltas. Steps that
touch few bits in all are remembered together, which saves looking each of them up.
Tables are bounded, and dropped where states hardly repeat on the cells in question.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from modelcheck.explore.compiled import CUT, Compiled, CompiledStep
from modelcheck.model.program import Step
from modelcheck.model.statements import Assert

MOST_ENTRIES = 1 << 16
"""How many entries one table may have."""

MOST_ENTRIES_IN_ALL = 1 << 20
"""How many entries the tables of all steps may have together (about 350 bytes each)."""

MOST_BITS = 14
"""How many bits steps or properties may touch together to share a table."""

OnBad = Callable[[int, Step, Assert | None], None]
"""Told about a check that fails in a state, or, with None, about a path cut off."""

T = TypeVar("T")


@dataclass(slots=True)
class Entry:
    """What the steps of a group do to states with one projection.

    `hits` counts the states; `deltas` lead to the successors, in order, without
    repetitions and, unless asked for, without the state itself; `fired` is the number
    of successors of each step; `is_stuck` says that there are neither successors nor
    failed checks nor cut paths.
    """

    hits: int
    deltas: tuple[int, ...]
    fired: tuple[tuple[int, int], ...]
    is_stuck: bool


@dataclass(slots=True)
class Budget:
    """How many entries all tables together may still have, and how many were made."""

    left: int
    made: int = 0


class Group:
    """Steps that are enabled together, and what they did so far.

    `on_bad` is told about failed checks and cut paths the first time, at least, that
    they happen on a projection. With `keeps_loops`, a step from a state to itself is
    among the deltas.
    """

    __slots__ = (
        "_budget",
        "_compiled",
        "_fired",
        "_is_wide",
        "_keeps_loops",
        "_on_bad",
        "_steps",
        "at",
        "cache",
        "mask",
    )

    def __init__(
        self,
        compiled: Compiled,
        steps: tuple[Step, ...],
        mask: int,
        fired: list[int],
        on_bad: OnBad,
        budget: Budget,
        *,
        keeps_loops: bool,
    ) -> None:
        self.at = steps[0].at
        self._budget = budget
        self.mask = mask
        self.cache: dict[int, Entry] = {}
        self._compiled = compiled
        self._steps = steps
        self._fired = fired
        self._on_bad = on_bad
        self._is_wide = False
        self._keeps_loops = keeps_loops

    def entry(self, state: int) -> Entry:
        """What the steps do to `state`, not counted."""
        return self.cache.get(state & self.mask) or self.look(state)

    def miss(self, state: int) -> Entry:
        """The entry for a state that the table does not have; stores it."""
        entry = self.look(state)
        self._budget.made += 1
        if self._is_wide:
            self._count(entry, 1)
            return entry
        size = len(self.cache)
        if size >= MOST_ENTRIES:
            self._is_wide = sum(e.hits for e in self.cache.values()) < 2 * size
            self.flush()
        elif not self._budget.left:
            # The table that misses most is the likeliest to get here: it makes room.
            self.flush()
        self._budget.left -= 1
        self.cache[state & self.mask] = entry
        return entry

    def look(self, state: int) -> Entry:
        """What the steps do to `state`, computed and not counted."""
        out: list[int] = []
        fired: list[tuple[int, int]] = []
        is_stuck = True
        for step in self._steps:
            compiled = self._compiled.step(step)
            bad: list[int] = []
            before = len(out)
            compiled.run(state, out, bad)
            if len(out) > before:
                fired.append((step.index, len(out) - before))
            if bad:
                is_stuck = False
                self._report(state, step, compiled, bad)
        deltas = dict.fromkeys(out)
        if not self._keeps_loops:
            deltas.pop(0, None)
        return Entry(0, tuple(deltas), tuple(fired), is_stuck and not out)

    def _report(
        self, state: int, step: Step, compiled: CompiledStep, bad: list[int]
    ) -> None:
        for number in dict.fromkeys(bad):
            failed = None if number == CUT else compiled.checks[number]
            self._on_bad(state, step, failed)

    def _count(self, entry: Entry, times: int) -> None:
        for step, count in entry.fired:
            self._fired[step] += count * times

    def flush(self) -> None:
        """Empty the table, adding what it counted to `fired`."""
        for entry in self.cache.values():
            self._count(entry, entry.hits)
        self._budget.left += len(self.cache)
        self.cache.clear()


class Verdicts:
    """Projections of states on which there is nothing to find any more.

    `look(state)` finds out and writes down what there is; it is called once for each
    projection, as long as the table lasts.
    """

    __slots__ = ("_look", "mask", "seen")

    def __init__(self, mask: int, look: Callable[[int], None]) -> None:
        self.mask = mask
        self.seen: set[int] = set()
        self._look = look

    def ask(self, state: int) -> None:
        """Look at a state, if its projection has not been seen."""
        if state & self.mask not in self.seen:
            self.miss(state)

    def miss(self, state: int) -> None:
        """Look at a state whose projection has not been seen."""
        self._look(state)
        if len(self.seen) >= MOST_ENTRIES:
            self.seen.clear()
        self.seen.add(state & self.mask)


class PairVerdicts:
    """The same for pairs of states: `rows` maps the first projection to the seconds."""

    __slots__ = ("_look", "_size", "mask", "rows")

    def __init__(self, mask: int, look: Callable[[int, int], None]) -> None:
        self.mask = mask
        self.rows: dict[int, set[int]] = {}
        self._look = look
        self._size = 0

    def row(self, state: int) -> set[int]:
        """A new row for `state`; the table has none."""
        if self._size >= MOST_ENTRIES:
            self.rows.clear()
            self._size = 0
        self._size += 1
        row: set[int] = set()
        self.rows[state & self.mask] = row
        return row

    def miss(self, state: int, after: int, row: set[int]) -> None:
        """Look at a pair that has not been seen."""
        self._look(state, after)
        self._size += 1
        row.add(after & self.mask)


@dataclass(frozen=True, slots=True)
class Cluster(Generic[T]):
    """Items that share a table, and the bits that they look at together."""

    items: tuple[T, ...]
    mask: int


def runs(items: Iterable[tuple[T, Hashable, int]]) -> list[Cluster[T]]:
    """Neighbours of one kind that touch few bits together, in the given order.

    Items are triples: the item, its kind, and the bits that it touches.
    """
    found: list[Cluster[T]] = []
    last: Hashable = None
    for item, kind, mask in items:
        if found and kind == last and _is_small(found[-1].mask, mask):
            before = found.pop()
            found.append(Cluster((*before.items, item), before.mask | mask))
        else:
            found.append(Cluster((item,), mask))
        last = kind
    return found


def clusters(items: Iterable[tuple[T, int]]) -> list[Cluster[T]]:
    """Items that touch few bits together, in any order; each takes the best place."""
    found: list[Cluster[T]] = []
    for item, mask in items:
        best: int | None = None
        for index, cluster in enumerate(found):
            if _is_small(cluster.mask, mask) and (
                best is None
                or _growth(cluster.mask, mask) < _growth(found[best].mask, mask)
            ):
                best = index
        if best is None:
            found.append(Cluster((item,), mask))
        else:
            old = found[best]
            found[best] = Cluster((*old.items, item), old.mask | mask)
    return found


def _is_small(one: int, two: int) -> bool:
    """Whether a shared table costs little: few bits, or no more than one has alone."""
    union = one | two
    return union in (one, two) or union.bit_count() <= MOST_BITS


def _growth(one: int, two: int) -> int:
    return (one | two).bit_count() - one.bit_count()
