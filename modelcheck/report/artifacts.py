"""The files that a run leaves behind: each counterexample as graph, text and ITF.

Their content depends on the trace alone, not on time, machine or version, so that they
can be committed and compared. Each file is replaced in one step: a reader sees the old
one or the new one, never half of one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from modelcheck.certify.certificate import to_json
from modelcheck.report.captions import lasting_caption, violations
from modelcheck.trace.dot import render_dot
from modelcheck.trace.invariant import ClauseSpeller
from modelcheck.trace.itf import render_itf
from modelcheck.trace.jsonform import trace_data
from modelcheck.trace.mail import render_mail
from modelcheck.trace.svg import render_svg
from modelcheck.trace.text import render_text
from modelcheck.verdict.report import PropertyReport, Report

SUFFIXES = (".dot", ".txt", ".itf.json", ".svg")


@dataclass(frozen=True, slots=True)
class Written:
    """The files written and removed; `problem` says why there are no pictures."""

    folder: Path
    files: tuple[Path, ...]
    removed: tuple[Path, ...]
    problem: str = ""


def write_artifacts(report: Report, out: Path, *, svg: bool = False) -> Written:
    """Write the counterexamples of `report` to `out/<stem of the spec>/`.

    Files of properties of this report that no longer have a counterexample, and of
    properties that the model no longer has, are removed. Those of properties that were
    not asked for stay, and all that a simulation has merely not met.
    """
    folder = out / folder_name(report.model.path)
    contents: dict[str, str] = {}
    problem = ""
    for prop in violations(report):
        contents |= _contents(report, prop)
        if svg:
            picture = render_svg(contents[f"{prop.prop.name}.dot"])
            problem = problem or picture.problem
            if picture.svg:
                contents[f"{prop.prop.name}.svg"] = picture.svg
    removed = _remove_stale(report, folder, contents, is_svg=svg)
    if contents:
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        replace_file(folder / name, text)
    files = tuple(folder / name for name in sorted(contents))
    return Written(folder, files, removed, problem)


def write_certificate(report: Report, out: Path) -> Path | None:
    """Write the proof in `report`, if it has one, to `out/<stem of the spec>.json`."""
    if report.certificate is None:
        return None
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{folder_name(report.model.path)}.json"
    texts = ClauseSpeller(report.model).invariant(report.certificate)
    replace_file(path, to_json(report.certificate, report.model, texts))
    return path


def write_traces(report: Report, paths: Sequence[Path]) -> str:
    """Write the first counterexample to each of `paths`, as its suffix says.

    That is the one of the violation nobody expected, if there is one. The result says
    what was not written and why, or is empty. Without a counterexample older files
    stay: they are the user's.
    """
    if not paths:
        return ""
    prop = next(iter(violations(report)), None)
    if prop is None or prop.trace is None:
        return "nothing is violated, so there is no trace to write"
    known = _contents(report, prop)
    problem = ""
    for path in paths:
        suffix = next((s for s in SUFFIXES if path.name.endswith(s)), ".json")
        if suffix == ".svg":
            picture = render_svg(known[f"{prop.prop.name}.dot"])
            problem = picture.problem
            text = picture.svg
        elif suffix == ".json":
            text = json.dumps(trace_data(prop.trace, prop.prop), indent=2) + "\n"
        else:
            text = known[f"{prop.prop.name}{suffix}"]
        if text:
            replace_file(path, text)
    return problem


def folder_name(spec: str) -> str:
    """`replace_domain` for `specs/replace_domain.py`; `x-Name` for `x.py::Name`."""
    path, _, name = spec.partition("::")
    stem = PurePath(path).stem
    return f"{stem}-{name}" if name else stem


def _contents(report: Report, prop: PropertyReport) -> dict[str, str]:
    trace, name = prop.trace, prop.prop.name
    assert trace is not None, "violations() gives properties with a trace"
    words = lasting_caption(report, prop)
    table = render_text(trace, prop.prop)
    return {
        f"{name}.dot": render_dot(trace, words),
        f"{name}.txt": f"{render_mail(trace, words)}\n\nStep by step\n\n{table}",
        f"{name}.itf.json": render_itf(trace, words),
    }


def _remove_stale(
    report: Report, folder: Path, contents: dict[str, str], *, is_svg: bool
) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    is_sampled = report.sampling is not None
    asked = {
        p.prop.name for p in report.properties if p.is_conclusive or not is_sampled
    }
    skipped = {prop.name for prop in report.model.properties} - asked
    removed = []
    for path in sorted(folder.iterdir()):
        suffix = next((s for s in SUFFIXES if path.name.endswith(s)), None)
        if suffix is None or path.name in contents:
            continue
        name = path.name.removesuffix(suffix)
        # A picture of a trace that is still there stays if none were asked for; it
        # may show an older trace, so it goes if pictures are drawn anew.
        is_kept = suffix == ".svg" and f"{name}.dot" in contents and not is_svg
        if name not in skipped and not is_kept:
            path.unlink()
            removed.append(path)
    if not contents:
        with suppress(OSError):  # other files in it keep the folder
            folder.rmdir()
    return tuple(removed)


def replace_file(path: Path, text: str) -> None:
    """Write `text` to `path`: beside it first, then renamed, so never half of it.

    A link stays one, and what is no plain file (`/dev/stdout`, a pipe) is written to as
    it is. An `OSError` names `path`.
    """
    place = Path(os.path.realpath(path))
    try:
        if place.exists() and not place.is_file():
            place.write_text(text, encoding="utf-8", newline="\n")
        else:
            _rename_into(place, text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _rename_into(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)  # mkstemp makes files that only the owner reads
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
