"""Lines that fit: ASCII only, broken where a reader would break them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

DEEPER = 4
"""A continuation stands this many blanks deeper than what it continues."""

# Where a line may end, best first: behind a blank or a comma, behind an opening
# bracket, inside a name.
_BREAKS = (
    re.compile(r"(?<=[\s,;])(?=\S)|(?<=\S)(?=\s)"),
    re.compile(r"(?<=[(\[{=|])(?=\S)"),
    re.compile(r"(?<=[._:/-])(?=\w)"),
)


def ascii_only(text: str) -> str:
    """`text` with everything but printable ASCII written as an escape.

    One character beyond ASCII makes mail programs encode the whole message.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if " " <= char <= "~" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def fold(text: str, width: int, deeper: int = DEEPER) -> list[str]:
    """`text` in lines of at most `width` columns, the later ones `deeper`.

    Nothing is lost but the blanks at the breaks; a word that is too long is broken
    anywhere.
    """
    lines: list[str] = []
    rest, indent = text.rstrip(), ""
    while len(indent) + len(rest) > width:
        room = max(width - len(indent), 1)
        at = _break_at(rest, room)
        lines.append((indent + rest[:at]).rstrip())
        rest = rest[at:].lstrip()
        indent = " " * min(deeper, max(width - 1, 0) // 2)
    return [*lines, indent + rest] if rest or not lines else lines


def _break_at(text: str, room: int) -> int:
    """The best place to break `text` so that at most `room` characters stay.

    A break that would leave the line nearly empty is only taken if there is no other.
    """
    last = 0
    for pattern in _BREAKS:
        found = [match.start() for match in pattern.finditer(text[: room + 1])]
        inside = max((at for at in found if at), default=0)
        if inside > room // 3:
            return inside
        last = max(last, inside)
    return last or room


def fold_nested(line: str, width: int) -> list[str]:
    """`line` folded; its continuations keep its own indentation."""
    text = line.lstrip(" ")
    indent = " " * min(len(line) - len(text), max(width - 8, 0))
    return [indent + part for part in fold(text, width - len(indent))]


def packed(items: Iterable[str], width: int, margin: int) -> Iterator[str]:
    """Items side by side behind `margin` blanks, two blanks apart, as many as fit."""
    line = ""
    for item in items:
        if line and len(line) + 2 + len(item) <= width - margin:
            line = f"{line}  {item}"
            continue
        if line:
            yield " " * margin + line
        *full, line = fold(item, width - margin)
        yield from (" " * margin + part for part in full)
    if line:
        yield " " * margin + line


def command_lines(label: str, words: Iterable[str], width: int) -> Iterator[str]:
    """`label` and a command that can be pasted into a shell although it is folded.

    A shell joins lines that end in a backslash, but only without indentation.
    """
    line = label
    for word in (ascii_only(shlex.quote(word)) for word in words):
        if line != label and len(line) + 1 + len(word) > width - 2:
            yield f"{line} \\"
            line = word
        else:
            line = f"{line} {word}"
        while len(line) > width - 2:  # room for ` \` if another word follows
            yield line[: width - 2] + "\\"
            line = line[width - 2 :]
    yield line


def share(natural: list[int], total: int, least: Sequence[int]) -> list[int]:
    """Widths that sum up to at most `total`: the widest columns give way first.

    No column becomes narrower than `least`, even if the sum stays above `total`.
    """
    widths = list(natural)
    while sum(widths) > total:
        shrinking = [i for i, low in enumerate(least) if widths[i] > low]
        if not shrinking:
            break
        widths[max(shrinking, key=widths.__getitem__)] -= 1
    return widths


_ACTOR = re.compile(r"(?P<function>[^()]+)(?P<arguments>\(.*\))")


def fold_actor(name: str, width: int) -> list[str]:
    """The name of an actor in lines, broken before its arguments if it must be."""
    if len(name) > width and (parts := _ACTOR.fullmatch(name)):
        halves: tuple[str, ...] = parts.groups()
    else:
        halves = (name,)
    return [line for half in halves for line in fold(half, width, deeper=0)]
