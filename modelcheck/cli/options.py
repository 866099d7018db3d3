"""The options that several commands share, and how their values are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from glob import glob
from pathlib import Path
from typing import Annotated, Literal

import typer

Preempt = Literal["await", "statement"]
Format = Literal[
    "text", "mail", "json", "ktap", "sarif", "junit", "github", "checkpatch", "b4"
]
TraceStyle = Literal["diff", "full", "off"]
EngineName = Literal["auto", "explore", "native", "bmc", "induct", "pdr"]

_UNITS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "min": 60, "h": 3600}


def seconds(text: str) -> float:
    """A duration, `90`, `90s`, `1.5m` or `2h`, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|min|h|)", text.strip())
    if not found or not float(found[1]):
        message = f"{text!r} is not a duration such as 30s, 10m or 2h"
        raise typer.BadParameter(message)
    return float(found[1]) * _UNITS[found[2]]


_BYTES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def size(text: str) -> int:
    """An amount of memory, `500M` or `8G`, in bytes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)i?B?", text.strip(), re.IGNORECASE)
    if not found or not float(found[1]):
        message = f"{text!r} is not an amount of memory such as 500M or 8G"
        raise typer.BadParameter(message)
    return int(float(found[1]) * _BYTES[found[2].upper()])


def worker_count(text: str) -> int:
    """A number of threads; `auto` is one for each processor this process may use."""
    text = str(text)  # typer hands over the default, too
    if text == "auto":
        return len(os.sched_getaffinity(0))
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        message = f"{text!r} is neither `auto` nor a number from 1 to {_MOST_WORKERS}"
        raise typer.BadParameter(message)
    return int(text)


_MOST_WORKERS = 256


def check_scopes(items: Iterable[str]) -> list[str]:
    """`items` if each of them reads NAME=N."""
    given = list(items)
    for item in given:
        if not re.fullmatch(r"[^\W\d]\w*=\d{1,9}", item):
            message = f"{item!r} is not NAME=N, for example Device=3"
            raise typer.BadParameter(message)
    return given


TRACE_SUFFIXES = (".itf.json", ".json", ".dot", ".svg", ".txt")
"""How a file given by `--trace` may end; the first that fits decides."""


def check_trace_files(files: Iterable[Path]) -> list[Path]:
    """`files` if the name of each says how a trace is written."""
    given = list(files)
    for file in given:
        if not file.name.endswith(TRACE_SUFFIXES):
            known = ", ".join(sorted(TRACE_SUFFIXES))
            message = f"{str(file)!r} ends in none of {known}"
            raise typer.BadParameter(message)
    return given


def expand_specs(items: Iterable[str]) -> list[str]:
    """`items` with patterns such as `specs/*.py` replaced by the files they stand for.

    A shell does that itself; b4 and others run a command without one. What stands for
    no file is left, to be told as missing.
    """
    expanded: list[str] = []
    for item in items:
        is_pattern = "*" in item and not Path(item).exists()
        files = sorted(glob(item)) if is_pattern else []  # noqa: PTH207 - keeps "./"
        expanded += files or [item]
    return expanded


def one_spec(
    specs: Iterable[str], files: Iterable[Path], dump: Path | None = None
) -> None:
    """Refuse files for several specs, of which each would replace the others'."""
    if len(list(specs)) < 2:
        return
    for given, option, what in (files, "--trace", "trace"), (dump, "--dump", "graph"):
        if given:
            message = f"the {what} of one SPEC, and there are several"
            raise typer.BadParameter(message, param_hint=option)


def scope_table(items: Iterable[str]) -> dict[str, int]:
    """The sizes given by `--scope`; the last one counts, as for any option."""
    pairs = (item.split("=") for item in items)
    return {name: int(size) for name, size in pairs}


NoSymmetry = Annotated[
    bool,
    typer.Option(
        "--no-symmetry",
        help="Look at each state, not at one of those alike but for members' names.",
    ),
]
SpecTarget = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        help="A file, or FILE::NAME for one of several specs in it.",
        show_default=False,
    ),
]
SpecTargets = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC",
        callback=expand_specs,
        help="Files, or FILE::NAME for one of several specs in a file.",
        show_default=False,
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        parser=seconds,
        metavar="TIME",
        help="Stop after, for example, 30s, 10m or 2h.",
        show_default=False,
    ),
]
Properties = Annotated[
    list[str],
    typer.Option(
        "--property",
        metavar="NAME",
        help="Check only this property. Repeatable.",
        show_default=False,
    ),
]
NoDeadlock = Annotated[
    bool, typer.Option("--no-deadlock", help="Do not look for deadlocks.")
]
MaxViolations = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Stop after N violations.", show_default=False
    ),
]
Written = Annotated[
    Format,
    typer.Option(
        "--format",
        help="How to write the report. json is one object for each SPEC; ktap, "
        "sarif and junit are one document for all, github lines for its runner, "
        "checkpatch and b4 what the check commands of b4 print.",
    ),
]
TraceFiles = Annotated[
    list[Path],
    typer.Option(
        "--trace",
        metavar="FILE",
        callback=check_trace_files,
        help="Write the first counterexample to FILE: .txt, .dot, .svg, .json or "
        ".itf.json. Repeatable.",
        show_default=False,
    ),
]
Svg = Annotated[
    bool, typer.Option("--svg", help="Render counterexamples, if dot is installed.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Scopes = Annotated[
    list[str],
    typer.Option(
        "--scope",
        metavar="NAME=N",
        callback=check_scopes,
        help="Give the type NAME the size N. Repeatable.",
        show_default=False,
    ),
]
PreemptAt = Annotated[
    Preempt,
    typer.Option(
        "--preempt",
        help="Preempt processes at await only, or at every access to shared state.",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Cut nothing in a mail.")]
Number = Annotated[bool, typer.Option("--number", help="Number the steps of a trace.")]
Style = Annotated[
    TraceStyle, typer.Option("--trace-style", help="Show changes, all, or no traces.")
]
Width = Annotated[
    int | None,
    typer.Option(
        "--width",
        metavar="COLUMNS",
        min=40,
        help="Columns to use; the terminal's by default.",
        show_default=False,
    ),
]


def selecting(scopes: Mapping[str, int], preempt: Preempt) -> tuple[str, ...]:
    """The words of a command that select the model, without those of the defaults."""
    words = [word for name in scopes for word in ("--scope", f"{name}={scopes[name]}")]
    if preempt != "await":
        words += ["--preempt", preempt]
    return tuple(words)


def columns(width: int | None) -> int:
    """The columns to write: those asked for, the terminal's, or 80 in a pipe."""
    from shutil import get_terminal_size

    return width or max(get_terminal_size((80, 24)).columns, 40)
