"""What a document says of an output that has changed: the news, and the old `...`.

The expected text is aligned with the actual one at the least cost (Needleman and
Wunsch, 1970), line by line, and a line that has changed word by word. `...` fits any
line or word at no cost, so it stays where it is; a line of news beside it is told only
if it takes the place of one that was told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

GAP = "..."
"""Stands for any lines where it is alone on one, and for any text within a line."""

_STATUS = r"\[exit \d"
"""How a status begins, which `...` does not stand for."""

DROP, ADD = 2.0, 1.0
"""What it costs to leave out what is expected, and to put in what is not."""


def matches(expected: str, actual: str) -> bool:
    """Whether `actual` is what `expected` describes."""
    lines = (
        rf"(?:(?!{_STATUS}).*\n)*?" if line == f"{GAP}\n" else _pattern(line)
        for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch("".join(lines), actual) is not None


def merged(expected: str, actual: str) -> str:
    """A text that describes `actual`, in the words of `expected` as far as it can."""
    if not actual or matches(expected, actual):
        return expected if actual else ""
    lines = (text.splitlines(keepends=True) for text in (expected, actual))
    return "".join(_merged(*lines, f"{GAP}\n", _merged_line))


def _merged_line(expected: str, actual: str) -> str:
    if GAP not in expected:
        return actual
    words = (re.findall(r"\s+|\S+", text) for text in (expected, actual))
    return "".join(_merged(*words, GAP, lambda _, word: word))


def _merged(
    expected: Sequence[str],
    actual: Sequence[str],
    gap: str,
    inside: Callable[[str, str], str],
) -> list[str]:
    """The cheapest alignment; `inside` says what to write for one item by another."""
    # For each two rests, what it costs to align them, and the first move.
    costs: dict[tuple[int, int], tuple[float, str]] = {}
    for e in range(len(expected), -1, -1):
        for a in range(len(actual), -1, -1):
            ways: list[tuple[float, str]] = []
            is_gap = e < len(expected) and expected[e] == gap
            if is_gap:
                ways.append((costs[e + 1, a][0], "end"))
                if a < len(actual) and not re.match(_STATUS, actual[a]):
                    ways.append((costs[e, a + 1][0], "eat"))
            elif e < len(expected):
                if a < len(actual):
                    change = _change(expected[e], actual[a])
                    ways.append((change + costs[e + 1, a + 1][0], "take"))
                ways.append((DROP + costs[e + 1, a][0], "drop"))
            if a < len(actual) and not is_gap:
                ways.append((ADD + costs[e, a + 1][0], "add"))
            costs[e, a] = min(ways, key=lambda way: way[0], default=(0.0, ""))
    return _told(expected, actual, costs, inside)


def _told(
    expected: Sequence[str],
    actual: Sequence[str],
    costs: dict[tuple[int, int], tuple[float, str]],
    inside: Callable[[str, str], str],
) -> list[str]:
    """What to write along the cheapest way."""
    told: list[str] = []
    e = a = 0
    while move := costs[e, a][1]:
        if move == "end" and told[-1:] != [expected[e]]:
            told.append(expected[e])
        elif move == "take":
            is_kept = _change(expected[e], actual[a]) == 0
            told.append(expected[e] if is_kept else inside(expected[e], actual[a]))
        elif move == "add":
            told.append(actual[a])
        e += move in ("end", "take", "drop")
        a += move in ("eat", "take", "add")
    return told


def _change(expected: str, actual: str) -> float:
    """The cost of one item for the other: less than to drop the one, if they are alike.

    Nothing if it still fits.
    """
    if re.fullmatch(_pattern(expected), actual):
        return 0.0
    one, two = set(expected.split()), set(actual.split())
    return DROP - len(one & two) / max(len(one | two), 1)


def _pattern(text: str) -> str:
    return re.escape(text).replace(re.escape(GAP), ".*")
