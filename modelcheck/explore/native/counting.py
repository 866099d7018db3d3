"""Counters for coverage: how often the paths of a body pass its marks and choices.

A path counts when it ends in a successor or runs into a check; where a `Require` stops
it, nothing has happened. So the lanes that pass a mark are remembered, and counted
where they come to an end. Marks that stand together share a counter: nothing between
them ends only some of the paths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.lanes import Lanes
from modelcheck.model.statements import Choose, Mark, Span

Point = tuple[str, Span, int | None]
"""What is counted: the value of a `MarkKind`, where; or "choice", where, the value."""


@dataclass(slots=True)
class _Passed:
    """The lanes that passed a place, and the number of its counter."""

    lanes: str
    counter: str | int


class BodyCounter:
    """Writes the counters of one body, behind `base`.

    `points` has what each counter stands for; `first` is the number of the first one.
    """

    def __init__(
        self,
        f: Function,
        lanes: Lanes,
        base: str,
        first: int,
        points: list[list[Point]],
    ) -> None:
        self.f = f
        self.lanes = lanes
        self._base = base
        self._first = first
        self._points = points
        self._passed: list[_Passed] = []
        self._is_open = False

    def passes(self, mark: Mark, lanes: str) -> None:
        """The paths in `lanes` pass a mark."""
        if not self._is_open:
            self._is_open = True
            self._passed.append(_Passed(lanes, self._first + len(self._points)))
            self._points.append([])
        self._points[-1].append((mark.kind.value, mark.span, None))

    def chooses(self, choose: Choose, value: str, lanes: str) -> None:
        """The paths in `lanes` choose `value`, the counter of a loop over values."""
        temp = choose.temp
        shift = self._first + len(self._points) - temp.lo
        counter = self.f.let(f"add i64 {value}, {shift}")
        self._passed.append(_Passed(lanes, counter))
        self._points.extend(
            [("choice", choose.span, number)] for number in range(temp.lo, temp.hi + 1)
        )

    def part(self) -> None:
        """From here on other paths may come, or some of them may have ended."""
        self._is_open = False

    def position(self) -> int:
        """How many places were passed so far; for `join`."""
        return len(self._passed)

    def join(self, since: int, meet: Callable[[str], str]) -> None:
        """Code was jumped over: `meet` gives the lanes that passed a place in it."""
        for passed in self._passed[since:]:
            passed.lanes = meet(passed.lanes)

    def count(self, lanes: str) -> None:
        """The paths in `lanes` end here, and count."""
        for passed in self._passed:
            both = self.lanes.both(self.f, passed.lanes, lanes)
            number = self.lanes.number_of(self.f, both)
            field = self.f.at(self._base, passed.counter)
            self.f.store(self.f.let(f"add i64 {self.f.load(field)}, {number}"), field)
