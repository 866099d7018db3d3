"""The options that choose among specs by a patch: `--patch` and `--series`."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from modelcheck.patches.diff import Touched

PatchFile = Annotated[
    str | None,
    typer.Option(
        "--patch",
        metavar="FILE",
        help="Leave out each SPEC that models no file which the patch FILE touches, by "
        "the models= of its class; - is standard input.",
        show_default=False,
    ),
]
UnderReview = Annotated[
    bool,
    typer.Option(
        "--series",
        help="The same for the series that b4 has under review, with its cover letter "
        "on standard input.",
    ),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The specs to check, and for some of them a line of the patch, `-:12`."""

    specs: Sequence[str]
    places: Mapping[str, str] = field(default_factory=dict)


def chosen(specs: Sequence[str], patch: str | None, *, series: bool) -> Chosen:
    """Those of `specs` that the patch or the series is about; all without either.

    Raises `OSError` if the patch cannot be read.
    """
    if patch is not None and series:
        message = "a patch or the series, not both"
        raise typer.BadParameter(message, param_hint="--series")
    if patch is None and not series:
        return Chosen(specs)
    from modelcheck.patches.modelled import affected_specs

    found = affected_specs(specs, _series() if series else _patch(patch or ""))
    places = {
        each.spec: f"{patch}:{each.file.line}"
        for each in found
        if patch is not None and each.file is not None
    }
    return Chosen([each.spec for each in found], places)


def _patch(patch: str) -> list[Touched]:
    from modelcheck.patches.diff import touched_files

    return touched_files(_piped() if patch == "-" else Path(patch).read_bytes())


def _piped() -> bytes:
    if sys.stdin is None:  # closed by the caller: `modelcheck ... <&-`
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
    return sys.stdin.buffer.read()


def _series() -> list[Touched]:
    """What b4 says that the series touches, or else what its cover letter says."""
    from modelcheck.patches.series import series_files

    found = series_files()
    return _patch("-") if found is None else found
