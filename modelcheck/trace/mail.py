"""The diagram that kernel developers draw in mail: one column per CPU, time runs down.

Mail is quoted, cut and answered line by line, so every line carries one event, stays
within 72 columns, and is ASCII without tabs. The rules are those of the kernel's
`maintainer-tip.rst` and of the diagrams on its lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from modelcheck.model.program import Kind
from modelcheck.trace.caption import Caption
from modelcheck.trace.explain import explain, relevant, stuck
from modelcheck.trace.lasso import LOOP, respects
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Line, Moment, Told, tell
from modelcheck.trace.wrap import (
    ascii_only,
    command_lines,
    fold,
    fold_actor,
    fold_nested,
    packed,
)

WIDTH = 72
"""Two quote levels (`> > `) still fit into 76 columns."""

BLOCKS = "/* blocks */"

_MARGIN = 2
_GAP = 2
_MAX_LANES = 3
_MIN_LANE = 18
_MAX_PREFIX = 20
_FEW = 3
_MAX_STRETCH = 1.7
"""Columns are shown although wrapping makes them this many times longer than one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event: `text` of `lane`; `is_bad` if it is what breaks the property."""

    lane: str
    text: str
    number: int
    is_bad: bool = False


def render_mail(
    trace: Trace, caption: Caption, *, number: bool = False, full: bool = False
) -> str:
    """The diagram of `trace` with its heading and replay line.

    `number` adds the numbers of the steps; `full` shows every choice and assignment,
    not only assignments to what the property reads.
    """
    rows = _rows(trace, caption, is_full=full)
    digits = len(str(len(trace.steps))) + 1 if number else 0
    lines = [
        *fold(ascii_only(caption.title(trace)), WIDTH),
        *fold(ascii_only(caption.facts(trace)), WIDTH),
        "",
        *_diagram(rows, trace.loop, max(_MARGIN, digits), is_numbered=number),
        *_ending(trace, caption),
        "",
        *command_lines("Replay:", caption.replay(trace), WIDTH),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _rows(trace: Trace, caption: Caption, *, is_full: bool) -> list[Row]:
    """The events of `trace` in order; one of the last step is marked as to blame."""
    read = {part.name for part in relevant(trace, caption.prop)}
    story = tell(trace)
    rows: list[Row] = []
    for moment in story.moments:
        lines = _lines(moment, read, is_full=is_full)
        bad = None
        is_end = moment is story.moments[-1] and trace.loop is None
        if is_end and not caption.is_witness:
            bad = _culprit(trace, caption, lines)
        rows += [
            Row(moment.lane, _text(line), moment.number, index == bad)
            for index, line in enumerate(lines)
        ]
    if caption.prop.kind is Kind.DEADLOCK:
        last = len(story.moments) + 1
        rows += [
            Row(lane, f"{_text(told)}  {BLOCKS}", last) for lane, told in story.blocked
        ]
    return rows


def _text(line: Told) -> str:
    return ascii_only("  " * line.depth + line.text)


def _culprit(trace: Trace, caption: Caption, lines: list[Told]) -> int | None:
    """The line of the last step that breaks the property.

    That is the last write to a variable that makes it false, if it is shown; else the
    step's last line. At a deadlock nobody in particular is to blame.
    """
    if caption.prop.kind is Kind.DEADLOCK or not lines:
        return None
    deciding = {value.name for value in explain(trace, caption.prop).values}
    writes = [
        index
        for index, line in enumerate(lines)
        if line.kind is Line.WRITE and line.about in deciding
    ]
    return writes[-1] if writes else len(lines) - 1


def _lines(moment: Moment, read: set[str], *, is_full: bool) -> list[Told]:
    """What a step shows: calls, locks, and writes to what the property reads.

    Choices are left out: the reader of a mail sees what came of them, in the arguments
    and results of calls. A step without calls shows its writes, if they are few,
    whatever the property reads; one that would show nothing shows the first few of
    many, or else its name.
    """
    writes = moment.shown(lambda line: line.kind is Line.WRITE)
    has_call = moment.shown(lambda line: line.kind is Line.CALL)
    is_bare = not has_call and len(writes) <= _FEW

    def is_shown(line: Told) -> bool:
        if line.kind is Line.CHOICE:
            return is_full
        is_wanted = is_full or is_bare or line.about in read
        return line.kind is not Line.WRITE or is_wanted

    lines = moment.shown(is_shown)
    if lines:
        return list(lines)
    if not writes:
        return list(moment.plain)
    rest = Told(Line.OTHER, writes[0].depth, "...")
    return [*writes[:_FEW], *([rest] if len(writes) > _FEW else [])]


def _diagram(
    rows: list[Row], loop: int | None, margin: int, *, is_numbered: bool
) -> Iterator[str]:
    if not rows:
        yield " " * margin + "(the initial state)"
        if loop is not None:
            yield " " * margin + LOOP
        return
    lanes = list(dict.fromkeys(row.lane for row in rows))
    widths = _lane_widths(rows, lanes, WIDTH - margin)
    lines = list(_single(rows, lanes, margin))
    if widths is not None:
        columns = list(_columns(rows, lanes, widths, margin))
        # Columns in which every other event is broken are worse than none.
        events = sum(number > 0 for _, number in columns)
        if events <= _MAX_STRETCH * sum(number > 0 for _, number in lines):
            lines = columns
    shown = 0
    for line, number in lines:
        if loop is not None and number > loop >= shown:
            yield " " * margin + LOOP
        is_first = is_numbered and number > shown
        shown = max(shown, number)
        yield str(number).ljust(margin) + line[margin:] if is_first else line
    if loop is not None and loop >= shown:
        yield " " * margin + LOOP


_Numbered = tuple[str, int]


def _lane_widths(rows: list[Row], lanes: list[str], total: int) -> list[int] | None:
    """The widths of columns that take the fewest lines; None if they do not fit."""
    if len(lanes) > _MAX_LANES:
        return None
    total -= _GAP * (len(lanes) - 1)
    choices = [_heights([r for r in rows if r.lane == lane], lane) for lane in lanes]
    best = min(
        (widths for widths in product(*choices) if sum(widths) <= total),
        # Of equally short diagrams the one with the most even columns.
        key=lambda ws: (_lines_of(choices, ws), max(ws), ws),
        default=None,
    )
    return None if best is None else list(best)


def _heights(rows: list[Row], lane: str) -> dict[int, int]:
    """For each width worth trying, the lines that the events of a lane take."""
    least = _heading_width(lane)
    natural = max([least, *(len(row.text) for row in rows)])
    least = max(least, min(_MIN_LANE, natural))
    return {
        width: sum(len(_folded(row, width)) for row in rows)
        for width in range(least, min(natural, WIDTH) + 1)
    }


def _lines_of(choices: list[dict[int, int]], widths: tuple[int, ...]) -> int:
    return sum(lines[width] for lines, width in zip(choices, widths, strict=True))


def _columns(
    rows: list[Row], lanes: list[str], widths: list[int], margin: int
) -> Iterator[_Numbered]:
    starts = [margin + sum(widths[:i]) + _GAP * i for i in range(len(lanes))]
    headings = [heading(lane, width) for lane, width in zip(lanes, widths, strict=True)]
    height = max(map(len, headings))
    for level in range(height):
        parts = [head[level] if level < len(head) else "" for head in headings]
        yield _placed(parts, starts), 0
    yield _placed(["-" * max(map(len, head)) for head in headings], starts), 0
    for row in rows:
        lane = lanes.index(row.lane)
        for part in _folded(row, widths[lane]):
            yield " " * starts[lane] + part, row.number


def _placed(parts: list[str], starts: list[int]) -> str:
    line = ""
    for part, start in zip(parts, starts, strict=True):
        line = line.ljust(start) + part
    return line.rstrip()


def _folded(row: Row, width: int) -> list[str]:
    lines = fold_nested(row.text, width)
    if row.is_bad:
        last = lines[-1]
        indent = len(last) - len(last.lstrip())
        lines.append(" " * indent + "^" * (len(last) - indent))
    return lines


def _single(rows: list[Row], lanes: list[str], margin: int) -> Iterator[_Numbered]:
    """One column in which each event names its actor."""
    names = {lane: ascii_only(lane) for lane in lanes}
    if max(map(len, names.values())) > _MAX_PREFIX:
        for index, lane in enumerate(lanes):
            names[lane] = f"T{index}"
            for line in fold(f"T{index} = {ascii_only(lane)}", WIDTH - margin):
                yield " " * margin + line, 0
        yield "", 0
    prefix = max(map(len, names.values())) + 2
    for row in rows:
        head = f"{names[row.lane]}:".ljust(prefix)
        for part in _folded(row, WIDTH - margin - prefix):
            yield " " * margin + head + part, row.number
            head = " " * prefix


_CPU = re.compile(r"(?P<role>[^()]*?)_?\(?(?P<cpu>cpu\d+)\)?", re.IGNORECASE)


def heading(lane: str, width: int) -> list[str]:
    """The lines over a column: `CPU0` for a CPU, else the actor's name.

    `reclaim(cpu0)` is CPU0 in the role of `(reclaim)`; a name that is too wide for its
    column is broken before its arguments.
    """
    name = ascii_only(lane)
    found = _CPU.fullmatch(name)
    if found is None:
        return fold_actor(name, width)
    cpu, role = found["cpu"].upper(), f"({found['role']})" if found["role"] else ""
    return fold_actor(f"{cpu} {role}".rstrip(), width)


def _heading_width(lane: str) -> int:
    """The width that a column needs for its heading, which may take two lines."""
    return max(map(len, heading(lane, _MIN_LANE)))


def _ending(trace: Trace, caption: Caption) -> Iterator[str]:
    """What stands below the diagram: the deadlock, and what the verdict depends on."""
    if caption.prop.kind is Kind.DEADLOCK:
        yield from ("", " *** DEADLOCK ***", "")
        waits = [ascii_only(wait.text) for wait in stuck(trace)]
        for text in waits or ["no action is enabled"]:
            yield from _indented(text)
    values = explain(trace, caption.prop).values
    if values:
        yield ""
        if trace.loop is not None:
            yield "In the loop:"
        texts = [ascii_only(value.text) for value in values]
        yield from packed(texts, WIDTH, _MARGIN)
    if trace.loop is not None:
        yield ""
        found = respects(trace)
        for head, is_fair in (("Fair to", True), ("Not fair to", False)):
            names = [ascii_only(r.name) for r in found if r.is_fair is is_fair]
            if names:
                yield from fold(f"{head}: {', '.join(names)}", WIDTH)
        if not found:
            yield "No fairness is declared."


def _indented(text: str) -> list[str]:
    return [" " * _MARGIN + line for line in fold(text, WIDTH - _MARGIN)]
