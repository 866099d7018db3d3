"""What `modelcheck run` does: a random run of a spec in CPython, line by line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modelcheck.cli.exits import Exit, worst
from modelcheck.language.errors import LanguageError
from modelcheck.language.outcomes import place_of
from modelcheck.language.run import (
    RecordKind,
    RunRecord,
    SpecLoadError,
    load_spec,
    run_random,
)
from modelcheck.language.values import render_value
from modelcheck.trace.wrap import fold

if TYPE_CHECKING:
    from modelcheck.model.program import Model


def run_spec(
    model: Model,
    scopes: Mapping[str, int],
    steps: int,
    seed: int,
    *,
    pdb: bool,
    width: int,
) -> int:
    """Run the spec that `model` was read from; the exit code."""
    path = model.path.partition("::")[0]
    folder = Path(path).resolve().parent
    codes = {int(Exit.EXPECTED)}
    try:
        spec_class = load_spec(path, model.name, scopes)
        for record in run_random(spec_class, steps=steps, seed=seed, pdb=pdb):
            is_stuck = _is_stuck(record, model)
            for text in _lines(record, width, is_stuck=is_stuck):
                print(text, flush=pdb)
            codes.add(Exit.DEADLOCK if is_stuck else _code(record))
    except SpecLoadError as error:
        return _refused((error.file, error.line), str(error))
    except LanguageError as error:
        return _refused(place_of(error.__traceback__, folder), str(error))
    except Exception as error:
        place = place_of(error.__traceback__, folder)
        if not place[0]:
            raise  # no line of the spec took part: it is our fault
        return _refused(place, f"{type(error).__name__}: {error}")
    return worst(codes)


def _refused(place: tuple[str, int], message: str) -> int:
    file, line = place
    where = f"{_relative(file)}:{line}: " if file else ""
    print(f"{where}error: {message}", file=sys.stderr)
    return Exit.SPEC_ERROR


def _relative(file: str) -> str:
    shown = os.path.relpath(file)
    return file if shown.startswith("..") else shown


def _is_stuck(record: RunRecord, model: Model) -> bool:
    """Whether nothing can move although somebody should."""
    should_move = {p.actor for p in model.processes if not p.is_daemon}
    waits = not model.processes or not should_move.isdisjoint(record.waiting)
    return record.kind is RecordKind.STUCK and waits


def _code(record: RunRecord) -> int:
    if record.kind is RecordKind.VIOLATION:
        return Exit.ASSERTION
    if record.kind is not RecordKind.CUT and record.broken:
        return Exit.SAFETY
    return Exit.EXPECTED


def _lines(record: RunRecord, width: int, *, is_stuck: bool) -> Iterator[str]:
    """A line for the event; below it what changed and what is wrong."""
    event = "deadlock: nothing can move" if is_stuck else _event(record)
    yield from fold(f"{record.number:4}  {event}", width)
    for text in _details(record):
        yield from (f"{'':8}{part}" for part in fold(text, width - 8))


def _event(record: RunRecord) -> str:
    match record.kind:
        case RecordKind.STUCK:
            return "every process has returned"
        case RecordKind.CUT:
            return f"cut off by the constraint {', '.join(record.broken)}"
    chosen = ", ".join(map(_text, (choice.value for choice in record.choices)))
    return record.actor + (f"  (chose {chosen})" if chosen else "")


def _details(record: RunRecord) -> Iterator[str]:
    if record.kind is RecordKind.INITIAL:
        for name, value in record.state.items():
            yield f"{name} = {_text(value)}"
    for name, (before, after) in record.changed.items():
        yield from _change(name, before, after)
    if record.kind is not RecordKind.CUT:
        for name in record.broken:
            yield f"invariant {name} is false"
    if record.violation is not None:
        found = record.violation
        place = f"{_relative(found.file)}:{found.line}"
        yield f"{place}: {found.kind.value}: {found.message}"
    for actor, where in record.waiting.items():
        lock = f" for {where.waits_for}" if where.waits_for else ""
        frames = "".join(f", {_relative(file)}:{line}" for file, line in where.frames)
        yield f"{actor} waits{lock} ({where.kind.value}{frames})"


def _change(name: str, before: object, after: object) -> Iterator[str]:
    """A change; of a map only the keys whose values changed."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in after:
            if before[key] != after[key]:
                yield from _change(f"{name}[{_text(key)}]", before[key], after[key])
    else:
        yield f"{name}: {_text(before)} -> {_text(after)}"


def _text(value: object) -> str:
    """`value` as a spec's author reads it; the holder of a lock is a bare name."""
    return value if isinstance(value, str) else render_value(value)
