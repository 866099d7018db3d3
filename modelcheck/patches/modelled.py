"""Which specs a patch is about: those that model a file it touches, or are one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from modelcheck.patches.diff import Touched
from modelcheck.reader import Outline, SpecError, read_outline
from modelcheck.reader.source import load


@dataclass(frozen=True, slots=True)
class Affected:
    """A spec that a patch is about, and the first file of the patch that makes it so.

    `file` is None if nobody knows what the spec models, because it cannot be read.
    """

    spec: str
    file: Touched | None = None


def affected_specs(
    specs: Iterable[str], touched: Sequence[Touched], top: str = "."
) -> list[Affected]:
    """Those of `specs` that a patch which touches `touched` is about, in their order.

    `top` is the folder that the patch's paths start from. A spec that cannot be read is
    among them: to be silent about it would be to say that it does not matter.
    """
    found = []
    parse = cache(load)  # specs share most of the modules that they import
    for spec in specs:
        try:
            outline = read_outline(spec, parse)
        except SpecError:
            found.append(Affected(spec))
            continue
        file = next((each for each in touched if is_about(outline, each, top)), None)
        if file is not None:
            found.append(Affected(spec, file))
    return found


def is_about(outline: Outline, touched: Touched, top: str = ".") -> bool:
    """Whether a spec models the file `touched`, or is read from it."""
    own = (os.path.relpath(path, top) for path in outline.files)
    return any(_ends(path, touched) for path in own) or any(
        models(pattern, touched) for pattern in outline.models
    )


def models(pattern: str, touched: Touched) -> bool:
    """Whether `pattern`, as in the header of a spec, includes the file `touched`.

    Of a path that is cut off at its start only the end is known: a pattern that is no
    single path could include it, and then it counts as doing so.
    """
    if touched.is_cut:
        return not is_single(pattern) or _ends(pattern, touched)
    return bool(_compiled(pattern).fullmatch(touched.path))


def is_single(pattern: str) -> bool:
    """Whether `pattern` is the path of one file."""
    return not (pattern.endswith("/") or {"*", "?"} & set(pattern))


def _ends(path: str, touched: Touched) -> bool:
    """Whether `touched` is `path`, or may be for all that is left of it."""
    if touched.is_cut:
        return path.endswith(touched.path)
    return path == touched.path


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """`pattern` as a regular expression: `*` and `?` stay within a name."""
    wild = {"*": "[^/]*", "?": "[^/]"}
    text = "".join(wild.get(char, re.escape(char)) for char in pattern)
    return re.compile(text + (".*" if pattern.endswith("/") else ""), re.DOTALL)
