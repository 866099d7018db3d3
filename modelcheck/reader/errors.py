"""What can be wrong with a user's file: a code, a place, a reason and a way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path

from modelcheck.model.statements import NO_SPAN, Span


class Code(Enum):
    """The codes of refusals: MC1xx syntax, MC2xx types, MC3xx bounds, MC4xx files."""

    SYNTAX = "MC100"
    UNSUPPORTED = "MC101"
    UNKNOWN_NAME = "MC102"
    UNKNOWN_ATTRIBUTE = "MC103"
    NO_BOUND = "MC104"
    RECURSION = "MC105"
    MUTATION = "MC106"
    AWAIT_OUTSIDE = "MC107"
    MISSING_AWAIT = "MC108"
    BUILTIN = "MC109"
    DECORATOR = "MC110"
    LAMBDA = "MC111"
    ALIAS = "MC112"
    SIGNATURE = "MC113"
    IMPORT = "MC114"
    NESTING = "MC115"
    TEMPORAL = "MC116"
    DEFINED_TWICE = "MC117"
    TWIN = "MC118"
    TWIN_HIDDEN = "MC119"
    BAD_TYPE = "MC200"
    ASSIGN_TYPE = "MC201"
    COMPARE_TYPE = "MC202"
    SCALARSET = "MC203"
    FLOAT = "MC204"
    STRING = "MC205"
    CALL_TYPE = "MC206"
    OPERAND_TYPE = "MC207"
    NOT_CONSTANT = "MC208"
    UNBOUNDED_INT = "MC300"
    TOO_LARGE = "MC301"
    SCOPE = "MC302"
    EMPTY_SCOPE = "MC303"
    NO_SPEC = "MC400"
    MANY_SPECS = "MC401"
    NOT_FOUND = "MC402"
    DIRECTORY = "MC403"
    BINARY = "MC404"
    UNREADABLE = "MC405"
    UNKNOWN_PROPERTY = "MC406"


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains an error: how one got there."""

    span: Span
    text: str


@dataclass
class SpecError(Exception):
    """The user's file is refused. `str()` is the message as it is printed.

    `span` without a line means the file as a whole.
    """

    code: Code
    message: str
    span: Span = NO_SPAN
    help: str = ""
    notes: list[Note] = field(default_factory=list)

    def __str__(self) -> str:
        """The message with its source line, carets, notes and way out."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The printed lines, at most twelve."""
        where = place(self.span)
        head = f"{where}: " if where else ""
        text = [f"{head}error[{self.code.value}]: {self.message}"]
        text += excerpt(self.span)
        for note in self.notes[:4]:
            text.append(f"   note: {place(note.span)}: {note.text}")
        if self.help:
            text.append(f"   help: {self.help}")
        return text


def place(span: Span) -> str:
    """`file:line:col`, or the file alone, or nothing."""
    if not span.line:
        return span.path
    return f"{span.path}:{span.line}:{span.col}"


def excerpt(span: Span) -> list[str]:
    """The source line of `span` with carets under it; nothing without a line."""
    lines = _source(span.path, _changed(span.path))
    if not 0 < span.line <= len(lines):
        return []
    line = lines[span.line - 1]
    text = line.expandtabs(1)
    end = span.end_col if span.end_line == span.line else len(text) + 1
    carets = "^" * max(1, min(end, len(text) + 1) - span.col)
    column = span.col
    if len(text) > _WIDTH:
        text, column = _cut(text, column)
        carets = carets[: max(1, len(text) - column + 1)]
    return _two_lines(span.line, text, column, carets)


_WIDTH = 88


def _cut(text: str, column: int) -> tuple[str, int]:
    """A part of a long line around `column`, and where that column is in it."""
    start = max(0, min(column - 1 - _WIDTH // 4, len(text) - _WIDTH))
    end = start + _WIDTH
    before, after = "..." if start else "", "..." if end < len(text) else ""
    return f"{before}{text[start:end]}{after}", column - start + len(before)


def _two_lines(number: int, text: str, col: int, carets: str) -> list[str]:
    return [
        f"{number:5d} | {text}".rstrip(),
        f"      | {' ' * (col - 1)}{carets}",
    ]


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


@lru_cache(maxsize=64)
def _source(path: str, changed: int) -> tuple[str, ...]:
    """The lines of a file; `changed` tells its versions apart."""
    del changed
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return ()
    # Not splitlines(): it also splits at form feeds and the like, which Python does
    # not count as line ends. Reading has already made one of CRLF and CR.
    return tuple(text.split("\n"))
