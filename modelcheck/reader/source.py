"""A spec's text: read, decoded and parsed, with every failure as a `SpecError`."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, SpecError

_MAX_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path as the user wrote it, its lines and its syntax tree."""

    path: str
    lines: tuple[bytes, ...]
    tree: ast.Module
    _spans: dict[ast.AST, Span] = field(default_factory=dict, repr=False, compare=False)

    def span(self, node: ast.AST) -> Span:
        """The place of a node of this file's tree."""
        found = self._spans.get(node)
        if found is None:
            found = self._spans[node] = self._place(node)
        return found

    def _place(self, node: ast.AST) -> Span:
        line = getattr(node, "lineno", 0)
        if not line:
            return Span(self.path)
        end_line = getattr(node, "end_lineno", line)
        return Span(
            self.path,
            line,
            self._column(line, getattr(node, "col_offset", 0)),
            end_line,
            self._column(end_line, getattr(node, "end_col_offset", 0)),
        )

    def _column(self, line: int, offset: int) -> int:
        """Columns count characters from 1; `ast` counts bytes of UTF-8 from 0."""
        if not 0 < line <= len(self.lines):
            return offset + 1
        return len(self.lines[line - 1][:offset].decode("utf-8", "replace")) + 1


def load(path: str) -> Source:
    """Read and parse the file at `path`.

    Accepts a byte-order mark and any line ends. Raises `SpecError` if it cannot be
    found, read, decoded or parsed.
    """
    text = _decode(path, _read(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, filename=path)
    except SyntaxError as error:
        raise _syntax_error(path, error) from None
    except (RecursionError, MemoryError):
        raise too_deep(Span(path)) from None
    except ValueError as error:
        message = f"this is not Python: {error}"
        raise SpecError(Code.SYNTAX, message, Span(path), _DEFAULT_HELP) from None
    return Source(path, tuple(text.encode("utf-8").split(b"\n")), tree)


def check_compiles(source: Source) -> None:
    """Refuse what parses but is no Python: a parameter twice, `return` at the top.

    Compiling does not execute anything. It comes last, since what the reader says of
    its own rules is clearer.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.tree, source.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _syntax_error(source.path, error) from None
    except (RecursionError, MemoryError):
        raise too_deep(Span(source.path)) from None
    except ValueError as error:
        raise SpecError(
            Code.SYNTAX,
            f"this is not Python: {error}",
            Span(source.path),
            help=_DEFAULT_HELP,
        ) from None


def too_deep(span: Span) -> SpecError:
    """The error for expressions or statements nested beyond what Python parses."""
    return SpecError(
        Code.NESTING,
        "this file is nested too deeply to be read",
        span,
        help="split the expression, or name its parts in helper functions",
    )


def deepest(source: Source) -> tuple[Span, int]:
    """Where the nesting of a file is deepest, and how deep it is there."""
    best, found = 0, Span(source.path)
    stack: list[tuple[ast.AST, ast.AST, int]] = [(source.tree, source.tree, 0)]
    while stack:
        node, line, depth = stack.pop()
        if getattr(node, "lineno", 0) != getattr(line, "lineno", 0):
            line = node if isinstance(node, ast.stmt | ast.expr) else line
        if depth > best:
            best, found = depth, source.span(line)
        stack.extend((child, line, depth + 1) for child in ast.iter_child_nodes(node))
    return found, best


def _read(path: str) -> bytes:
    where = Span(path)
    try:
        data = Path(path or "no/name").read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SpecError(
            Code.NOT_FOUND,
            "there is no such file",
            where,
            help="give the path of a spec, for example specs/replace_domain.py",
        ) from None
    except IsADirectoryError:
        raise SpecError(
            Code.DIRECTORY,
            "this is a directory, not a spec",
            where,
            help=f"give the files in it: {path.rstrip('/')}/*.py",
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(
            Code.UNREADABLE,
            f"the file cannot be read: {reason}",
            where,
            help="give the path of a Python source file",
        ) from None
    if len(data) > _MAX_BYTES:
        raise SpecError(
            Code.UNREADABLE,
            f"the file has {len(data)} bytes: too large for a spec",
            where,
            help=f"a spec has at most {_MAX_BYTES} bytes",
        )
    return data


def _decode(path: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise SpecError(
            Code.BINARY,
            "this is not a text file in UTF-8",
            Span(path),
            help="a spec is a Python source file: save it as UTF-8",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _syntax_error(path: str, error: SyntaxError) -> SpecError:
    line, column = error.lineno or 0, max(error.offset or 1, 1)
    end_line = getattr(error, "end_lineno", None) or line
    end = getattr(error, "end_offset", None) or column + 1
    message = error.msg or "invalid syntax"
    span = Span(path, line, column, end_line, max(end, column + 1))
    if message.startswith("too many"):
        return too_deep(span)
    return SpecError(
        Code.SYNTAX,
        f"this is not Python: {message}",
        span,
        help=next((h for text, h in _HELPS.items() if text in message), _DEFAULT_HELP),
    )


_DEFAULT_HELP = "a spec is an ordinary Python module: look at this line and before it"
_HELPS = {
    "expected ':'": "end the line with a colon",
    "was never closed": "close it where the expression ends",
    "unterminated": "close the string where it ends",
    "expected an indented block": "indent the lines that belong to it, or write `pass`",
    "unexpected indent": "line it up with the lines around it",
    "unindent does not match": "line it up with the lines above it",
    "tabs and spaces": "indent with blanks only",
    "Maybe you meant '==' ": "a test is written ==, an assignment stands alone",
    "duplicate argument": "give every parameter a name of its own",
    "outside function": "move it into a method",
    "outside loop": "move it into a loop",
    "not properly in loop": "move it into a loop",
    "does not match opening": "close what was opened last first",
    "unmatched": "remove it, or open it before",
}
