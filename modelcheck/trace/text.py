"""The trace as a table of steps on a terminal, and why its end is bad.

One step takes as many lines as it has calls or changes; the number and the actor stand
on its first line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from modelcheck.model.program import Kind, Property
from modelcheck.trace.components import components
from modelcheck.trace.explain import Explanation, explain, relevant, stuck
from modelcheck.trace.lasso import LOOP, courses, respects
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, tell
from modelcheck.trace.wrap import (
    ascii_only,
    fold_actor,
    fold_nested,
    packed,
    share,
)

_GAP = "  "
_MIN = (1, 8, 16, 16)
_MAX_ACTOR = 20
_HEADER = ("#", "actor", "step", "changes")


def render_text(trace: Trace, prop: Property, *, width: int = 80) -> str:
    """The steps of `trace` and the explanation of its end, without a heading."""
    moments = tell(trace).moments
    lines = [*_initial(trace, width)]
    if moments:
        lines += ["", *_table(list(map(_cells, moments)), width, trace.loop)]
    elif trace.loop is not None:
        lines += ["", LOOP]
    closing = list(explanation_lines(trace, prop, width))
    if closing:
        lines += ["", *closing]
    return "\n".join(lines).lstrip("\n") + "\n"


def _initial(trace: Trace, width: int) -> Iterator[str]:
    parts = [p for p in components(trace.model) if not p.is_default(trace.initial)]
    values = [f"{part.name} = {part.text(trace.initial)}" for part in parts]
    yield "Initially" if values else "Initially all empty"
    yield from packed(list(map(ascii_only, values)), width, 2)


_Row = tuple[list[str], list[str], list[str], list[str]]


def _cells(moment: Moment) -> _Row:
    """The four cells of a step, each a list of lines."""
    steps = ["  " * line.depth + line.text for line in moment.plain]
    changes = [f"{c.name}: {c.before} -> {c.after}" for c in moment.news]
    return (
        [str(moment.number)],
        [ascii_only(moment.actor)],
        list(map(ascii_only, steps)),
        list(map(ascii_only, changes)),
    )


def _table(rows: list[_Row], width: int, loop: int | None) -> Iterator[str]:
    """The steps; `loop` is the number of those before the loop begins."""
    widths = _widths(rows, width)
    yield _join(list(_HEADER), widths)
    rules = ("-" * len(head) for head in _HEADER)
    yield _join([rule[:w] for rule, w in zip(rules, widths, strict=True)], widths)
    for index, row in enumerate(rows):
        if index == loop:
            yield LOOP
        cells = _folded(row, widths)
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            yield _join(parts, widths)
    if loop == len(rows):
        yield LOOP


def _folded(row: _Row, widths: Sequence[int]) -> list[list[str]]:
    """The cells of a row, folded; an actor is broken before its arguments."""
    number, actor, *others = row
    return [
        number,
        fold_actor(actor[0], widths[1]),
        *(
            [part for line in cell for part in _pieces(line, columns)]
            for cell, columns in zip(others, widths[2:], strict=True)
        ),
    ]


@lru_cache(maxsize=1 << 15)
def _pieces(line: str, columns: int) -> tuple[str, ...]:
    # One line is tried in one width for many widths of the other columns.
    return tuple(fold_nested(line, columns))


def _join(parts: list[str], widths: list[int]) -> str:
    padded = (part.ljust(columns) for part, columns in zip(parts, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _widths(rows: list[_Row], width: int) -> list[int]:
    """Columns as wide as their content where that fits, else the fewest lines."""
    natural = [
        max([len(head), *(len(line) for row in rows for line in row[column])])
        for column, head in enumerate(_HEADER)
    ]
    total = width - len(_GAP) * (len(natural) - 1)
    if sum(natural) <= total:
        return natural
    best = share(natural, total, _MIN)
    # A function's name stays whole; its arguments may go to the next line.
    words = [part for row in rows for part in row[1][0].split("(")]
    narrow = min(max(_MIN[1], *map(len, words)), natural[1], _MAX_ACTOR)
    for actor in range(narrow, natural[1] + 1):
        rest = total - natural[0] - actor
        for step in range(min(_MIN[2], natural[2]), min(natural[2], rest) + 1):
            widths = [natural[0], actor, step, min(rest - step, natural[3])]
            if widths[3] >= min(_MIN[3], natural[3]):
                best = min(best, widths, key=lambda w: _height(rows, w))
    return best


def _height(rows: list[_Row], widths: list[int]) -> int:
    return sum(max(map(len, _folded(row, widths))) for row in rows)


def explanation_lines(trace: Trace, prop: Property, width: int = 80) -> Iterator[str]:
    """Why the end of `trace` is what `prop` excludes, or what it asks for."""
    if trace.loop is not None:
        yield from _lasso(trace, prop, width)
    elif trace.failed is not None:
        place = trace.failed.span.short if trace.failed.span.line else ""
        where = f"in {trace.failed.function}" + (f", {place}" if place else "")
        yield from _say(f"Step {len(trace.steps)} fails {where}:", width)
        yield from _say(f"  {trace.failed.message}", width)
        yield from _values(explain(trace, prop), "where before the step", width)
    elif prop.kind is Kind.DEADLOCK:
        yield "Deadlock: no step is enabled."
        for wait in stuck(trace):
            where = f" ({wait.where})" if wait.where else ""
            yield from _say(f"  {wait.text}{where}", width)
        yield from _values(explain(trace, prop), "where", width)
    elif prop.kind is Kind.REACHABLE:
        yield "Reached:"
        for part in relevant(trace, prop):
            yield from _say(f"  {part.name}: {part.text(trace.states[-1])}", width)
    else:
        yield from _false(explain(trace, prop), prop.kind, width)


def _lasso(trace: Trace, prop: Property, width: int) -> Iterator[str]:
    """What repeats, when the parts of the property are true, and who is served."""
    assert trace.loop is not None
    if trace.stutters:
        yield "No step is enabled any more: the run stays in this state for ever."
    else:
        first, last = trace.loop + 1, len(trace.steps)
        steps = f"Step {first} repeats"
        if first < last:
            steps = f"Steps {first} to {last} repeat"
        yield f"{steps} for ever."
    if prop.kind is Kind.TEMPORAL:
        yield "On this run:"
        for course in courses(trace, prop):
            yield from _say(f"  {course.text}: {course.words}", width)
    yield from _values(explain(trace, prop), "with, in the loop", width)
    found = respects(trace)
    for head, is_fair in (("It is fair to:", True), ("It is not fair to:", False)):
        lines = [f"  {r.name}: {r.why}" for r in found if r.is_fair is is_fair]
        yield from [head] if lines else []
        for line in lines:
            yield from _say(line, width)
    if not found:
        yield "No fairness is declared."


def _false(found: Explanation, kind: Kind, width: int) -> Iterator[str]:
    if not found.conjuncts:
        return
    head = "False in the last step" if kind is Kind.TRANSITION else "False at the end"
    is_long = found.is_refuted_by_facts(width - 2)
    yield f"{head}, because" if is_long else f"{head}:"
    for reason in found.reasons(width - 2):
        yield from _say(f"  {reason}", width)
    yield from _values(found, "where", width)


def _values(found: Explanation, head: str, width: int) -> Iterator[str]:
    if found.values:
        yield head
    for value in found.values:
        yield from _say(f"  {value.text}", width)


def _say(text: str, width: int) -> list[str]:
    return fold_nested(ascii_only(text), width)
