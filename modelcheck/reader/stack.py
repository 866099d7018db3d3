"""The stack: how deeply a spec may be nested, whoever reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.source import deepest, load, too_deep


@contextmanager
def own_stack() -> Iterator[None]:
    """The same room for recursion, wherever and whenever a spec is read.

    Python's parser and compiler take C stack as long as this limit allows: under the
    high limit that the interpreter sets, a sum of 60,000 terms ends the process.
    """
    depth, frame = 0, sys._getframe()  # noqa: SLF001 - the only way that is not slow
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + _STACK)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


_STACK = 2000


def out_of_stack(path: str) -> SpecError:
    """What to say when reading ran out of stack: the text is at fault, or its loops."""
    span, depth = deepest(load(path))
    if depth > _DEEP:
        return too_deep(span)
    return SpecError(
        Code.TOO_LARGE,
        "written out, the loops and calls of this spec are nested too deeply",
        Span(path),
        help="use smaller types and ranges, or leave long loops in fewer places",
    )


_DEEP = 60
