"""Which files a patch touches: a diff, a mail with one in it, or a mailbox.

The forms are those of `git diff` (its documentation, "Generating patch text with -p")
and of plain `diff -u`. The lines of a hunk are counted and not looked at, since a line
that is removed may look like the head of another file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

NOWHERE = "/dev/null"


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that a patch changes, makes or removes, or gives another name.

    `line` is the line of the patch that says so first, from 1, or 0 if none does.
    `is_cut` if `path` is only the end of the path, as in a diffstat.
    """

    path: str
    line: int = 0
    is_cut: bool = False


def touched_files(patch: bytes) -> list[Touched]:
    """The files that `patch` touches, each once, in its order.

    Of a letter without a diff, such as a cover letter, those of its diffstat.
    """
    lines = _text(patch.replace(b"\r\n", b"\n")).split("\n")
    found = list(_diffs(lines)) or list(_diffstat(lines))
    first: dict[str, Touched] = {}
    for each in found:
        first.setdefault(each.path, each)
    return list(first.values())


_MAILBOX = re.compile(rb"^(?=From \S+ .*\d{4}$)", re.MULTILINE)


def _text(patch: bytes) -> str:
    """`patch` as text with the same lines; what a mail has encoded is decoded."""
    return "".join(_letter(part) for part in _MAILBOX.split(patch))


def _letter(raw: bytes) -> str:
    """One letter, its parts in a row if they are encoded."""
    letter = message_from_bytes(raw)
    parts = [part for part in letter.walk() if not part.is_multipart()]
    if not any(map(_is_encoded, parts)):
        return _decoded(raw)
    head = raw.partition(b"\n\n")[0]
    return "\n\n".join([_decoded(head), *map(_body, parts), ""])


def _is_encoded(part: Message) -> bool:
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    return encoding in ("quoted-printable", "base64")


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return (
        _decoded(payload.replace(b"\r\n", b"\n")) if isinstance(payload, bytes) else ""
    )


def _decoded(raw: bytes) -> str:
    """As Python names files: bytes that are no UTF-8 come back as they were."""
    return raw.decode("utf-8", "surrogateescape")


_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_HEADS = (
    *("rename from ", "rename to ", "copy from ", "copy to "),
    *("diff --cc ", "diff --combined "),
)
"""Lines that name one file, behind their second blank."""


def _diffs(lines: list[str]) -> Iterator[Touched]:
    """The files of all diffs in `lines`."""
    number = 0
    while number < len(lines):
        line = lines[number]
        number = here = number + 1
        names: list[str] = []
        if line.startswith("diff --git "):
            names = _of_header(line.removeprefix("diff --git "))
        elif line.startswith(_HEADS):
            names = [_unquoted(line.split(" ", 2)[2])]
        elif _begins_hunks(lines, number):
            names = _of_pair(line[4:], lines[number][4:])
            number += 1
        elif found := _HUNK.match(line):
            old, new = (1 if size is None else int(size) for size in found.groups())
            number = _behind(lines, number, old, new)
        for name in names:
            if name != NOWHERE:
                yield Touched(name, here)


def _begins_hunks(lines: list[str], number: int) -> bool:
    """Whether the line before `number` and that one name the two sides of a file."""
    return (
        lines[number - 1].startswith("--- ")
        and number < len(lines)
        and lines[number].startswith("+++ ")
    )


def _behind(lines: list[str], number: int, old: int, new: int) -> int:
    """The line behind a hunk of `old` lines of one side and `new` of the other."""
    while number < len(lines) and (old > 0 or new > 0):
        match lines[number][:1]:
            case "-":
                old -= 1
            case "+":
                new -= 1
            case " " | "":  # mail programs cut the blank of an empty line off
                old, new = old - 1, new - 1
            case "\\":
                pass
            case _:
                return number
        number += 1
    return number


def _of_pair(old: str, new: str) -> list[str]:
    """The names in `--- old` and `+++ new`, without what `patch -p1` takes away."""
    return _stripped(*(_unquoted(_undated(side)) for side in (old, new)))


def _undated(side: str) -> str:
    """`side` without the time that `diff -u` puts behind a tab."""
    return side if side.startswith('"') else side.partition("\t")[0]


def _of_header(rest: str) -> list[str]:
    """The names in `diff --git rest`, where blanks within them are not told.

    If the two are not the same, other lines of the head give them.
    """
    quoted = [_unquoted(each) for each in re.findall(r'"(?:[^"\\]|\\.)*"', rest)]
    if len(quoted) == 2:
        return _stripped(*quoted)
    half = len(rest) // 2
    old, new = rest[:half], rest[half + 1 :]
    names = _stripped(old, new)
    return names[:1] if len(set(names)) == 1 else []


_PREFIXES = {"a", "b", "c", "i", "o", "w", "1", "2"}
"""What git puts before the two sides (`diff.mnemonicPrefix` among them)."""


def _stripped(old: str, new: str) -> list[str]:
    """The two names in the tree: without `a/` and `b/`, or a plain diff's folders."""
    folders = {side.partition("/")[0] for side in (old, new) if side != NOWHERE}
    is_whole = NOWHERE not in (old, new)
    if len(folders) == 2 if is_whole else folders <= _PREFIXES:
        return [side if side == NOWHERE else _below(side) for side in (old, new)]
    return [old, new]


def _below(side: str) -> str:
    return side.partition("/")[2] or side


_ESCAPED = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


def _unquoted(name: str) -> str:
    """A name as git writes it (`core.quotePath`), without quotes and escapes."""
    if not (name.startswith('"') and name.endswith('"') and len(name) > 1):
        return name
    raw = name[1:-1].encode("utf-8", "surrogateescape")
    return _ESCAPED.sub(_unescaped, raw).decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 8) & 0xFF])
    return bytes([_LETTERS.get(found[2][0], found[2][0])])


_STAT = re.compile(r" (?P<name>\S.*?) +\| +(?:\d+(?: [+-]*)?|Bin .*|Unmerged)")
_SUMMARY = re.compile(
    r" (?:(?:create|delete) mode \d{6} (?P<made>.+)"
    r"|(?:rename|copy) (?P<moved>.+) \(\d+%\))"
)


def _diffstat(lines: list[str]) -> Iterator[Touched]:
    """The files in a diffstat and in the summary below it."""
    for number, line in enumerate(lines, 1):
        found = _STAT.fullmatch(line) or _SUMMARY.fullmatch(line)
        if found is None:
            continue
        name = next(each for each in found.groupdict().values() if each)
        for side in _sides(name):
            path = _unquoted(side)
            is_cut = path.startswith("...")
            yield Touched(path.removeprefix("...").lstrip("/"), number, is_cut)


def _sides(name: str) -> list[str]:
    """Both names of `old => new`, or of `folder/{old => new}/file`."""
    if found := re.fullmatch(r"(.*)\{(.*) => (.*)\}(.*)", name):
        head, old, new, tail = found.groups()
        both = (f"{head}{side}{tail}" for side in (old, new))
        return [side.replace("//", "/") for side in both]
    return name.split(" => ")
