"""How much of a breadth-first search is left, judged by the levels so far.

The logarithms of the sizes of levels lie near a parabola: levels grow by a shrinking
factor and then shrink by a growing one. One is fitted to the newer half of the levels,
the larger ones counting more, and the levels to come are read off it. Of eleven models
with 300 to 2.4 million states, the total was foreseen within a factor of 2.2 when a
quarter of the states was found, 1.5 at a half and 1.2 at three quarters; for two or
three, whose levels are few or jump, nothing was said. Models that come in phases, one
after the other, look nearly done at the end of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import exp, log

FEWEST = 8
"""Fewer levels say nothing."""

_WINDOW = 2
"""Each level is averaged with so many on both sides: sizes often go up and down.

With as many on one side as on the other, so that even growth stays even."""

_FARTHEST = 20
"""A forecast of more than so many times the states so far is none."""


_LAST = 5
_ENOUGH = 3


def expected_total(levels: Sequence[int]) -> int | None:
    """The number of states that a search with these complete levels will find."""
    if len(levels) < FEWEST or not all(levels):
        return None
    count = max(6, len(levels) // 2)
    heights = [_height(levels, n) for n in range(len(levels) - count, len(levels))]
    # The newest level is number 0, so that the next ones are 1, 2, ...
    places = [float(n) for n in range(1 - count, 1)]
    fit = _parabola(places, heights, [exp(height / 2) for height in heights])
    if fit is None:
        return None
    constant, slope, bend = fit
    if bend > -1e-4:
        return None
    so_far = sum(levels)
    total, place = float(so_far), 1
    while total <= _FARTHEST * so_far:
        height = constant + slope * place + bend * place * place
        if height < 0 and slope + 2 * bend * place < 0:
            return round(total)
        total += exp(height)
        place += 1
    return None


def _height(levels: Sequence[int], number: int) -> float:
    """The logarithm of a level's size, with its neighbours on both sides."""
    width = min(_WINDOW, number, len(levels) - 1 - number)
    near = levels[number - width : number + width + 1]
    return sum(map(log, near)) / len(near)


def _parabola(
    places: Sequence[float], heights: Sequence[float], weights: Sequence[float]
) -> tuple[float, float, float] | None:
    """The coefficients of 1, x and x * x, by weighted least squares."""
    moments = [
        sum(w * x**power for w, x in zip(weights, places, strict=True))
        for power in range(5)
    ]
    rows = [
        [
            *moments[power : power + 3],
            sum(
                w * y * x**power
                for w, x, y in zip(weights, places, heights, strict=True)
            ),
        ]
        for power in range(3)
    ]
    for column in range(3):
        pivot = max(range(column, 3), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        if abs(rows[column][column]) < 1e-9:
            return None
        for row in range(3):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [
                    a - factor * b for a, b in zip(rows[row], rows[column], strict=True)
                ]
    return rows[0][3] / rows[0][0], rows[1][3] / rows[1][1], rows[2][3] / rows[2][2]


class Outlook:
    """The end of a line of progress: what is still to be expected.

    Sizes of levels jump, and a forecast with them: the median of the last few counts.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._totals: deque[int] = deque(maxlen=_LAST)

    def text(
        self,
        levels: Sequence[int],
        expanded: int,
        seconds: float,
        memory: float | None = None,
    ) -> str:
        """`, ~1.2M in all, 30 s left, memory 5%`, as far as it is known.

        `levels` are complete, the last one being expanded; `memory` is the share used.
        """
        for depth in range(max(self._depth, len(levels) - _LAST) + 1, len(levels) + 1):
            total = expected_total(levels[:depth])
            if total is not None:
                self._totals.append(total)
        self._depth = len(levels)
        parts = []
        total = 0
        if len(self._totals) >= _ENOUGH:
            total = sorted(self._totals)[len(self._totals) // 2]
        if total > sum(levels) >= expanded > 0:
            left = seconds * (total - expanded) / expanded
            parts.append(f"~{short(total)} in all, {duration(left)} left")
        if memory is not None:
            parts.append(f"memory {memory:.0%}")
        return "".join(f", {part}" for part in parts)


def short(number: int) -> str:
    """A number of two or three digits and its unit: `950`, `12k`, `3.4M`."""
    value, unit = float(number), ""
    for unit in ("", "k", "M", "G", "T"):  # noqa: B007 - the unit is used behind
        if value < 999.5:
            break
        value /= 1000
    return f"{value:.2g}{unit}" if value < 99.5 else f"{value:.0f}{unit}"


def duration(seconds: float) -> str:
    """`40 s`, `5 min` or `2 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
