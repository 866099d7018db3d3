"""How a comparison of two designs' behaviours is shown: text, mail, JSON.

The JSON form has the schema `modelcheck.diff/1`; fields may be added within it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelcheck.model.program import Kind, Property
from modelcheck.model.terms import and_, constant_of, eq, not_
from modelcheck.report.captions import stops_text
from modelcheck.report.matrix import cell, labels, property_names
from modelcheck.trace.caption import Caption, counted, steps_text
from modelcheck.trace.jsonform import Json, trace_data
from modelcheck.trace.mail import WIDTH, render_mail
from modelcheck.trace.wrap import ascii_only, command_lines, fold
from modelcheck.verdict.difference import Common, OneWay, Only
from modelcheck.verdict.report import Report

SCHEMA = "modelcheck.diff/1"

_MARGIN = 4
_ALTERNATIVES = 3
"""How many of the things that the other design can do instead are listed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is known about two designs: what was compared, both ways, verdicts.

    `reports` are those of the two designs, or empty if properties were not compared.
    `tool` names the tool with its version; `options` are the words of a command that
    select the models.
    """

    shared: Common
    ways: tuple[OneWay, OneWay]
    reports: tuple[Report, ...]
    tool: str
    options: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, as far as it was looked at."""
        return not (
            any(way.found for way in self.ways) or changed_verdicts(self.reports)
        )

    @property
    def is_complete(self) -> bool:
        """Whether everything was looked at."""
        return all(way.is_complete for way in self.ways) and all(
            each.is_complete for each in self.reports
        )


def changed_verdicts(reports: Sequence[Report]) -> list[tuple[str, str, str]]:
    """The properties whose verdict or number of steps differs: name and both cells."""
    if not reports:
        return []
    tables = [{prop.prop.name: prop for prop in each.properties} for each in reports]
    rows = [
        (name, *(cell(table.get(name)).rstrip("!") for table in tables))
        for name in property_names(reports)
    ]
    return [(name, one, two) for name, one, two in rows if one != two]


def render_difference(found: Difference, *, width: int, most: int) -> str:
    """At most `most` differences each way as a list, then the verdicts."""
    names = _names(found)
    sections = [
        fold(f"Compared: {_observed(found.shared)}.", width),
        *(
            list(_way_lines(found, way, other, width, most))
            for way, other in zip(found.ways, reversed(names), strict=True)
        ),
        list(_verdict_lines(found, names, width)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _names(found: Difference) -> list[str]:
    return labels([way.model.path for way in found.ways])


def _observed(shared: Common) -> str:
    parts, functions = len(shared.components), len(shared.functions)
    told = f"{counted(parts, 'component')} of the state and the returns of "
    told += counted(functions, "function")
    left_out = dict.fromkeys([*shared.left_only, *shared.right_only])
    if left_out:
        told += f"; not in both, or of different types: {', '.join(left_out)}"
    if shared.apart:
        told += f"; different from the start: {', '.join(shared.apart)}"
    return ascii_only(told)


def _way_lines(
    found: Difference, way: OneWay, other: str, width: int, most: int
) -> Iterator[str]:
    name = _names(found)[found.ways.index(way)]
    count = len(way.found)
    head = (
        f"Only {name} can do this" if count else f"All that {name} can do, {other} can"
    )
    head += f" ({_extent(way)}):" if count else f" too ({_extent(way)})."
    yield from fold(ascii_only(head), width)
    for number, only in enumerate(way.found[:most], 1):
        yield from _only_lines(found, only, other, number, width)
    if count > most:
        yield f"  ... and {count - most} more; --max-differences shows them."


def _extent(way: OneWay) -> str:
    if way.stops:
        bound = stops_text(way.stops)
        said = f"behaviours of up to {way.depth} steps, bounded by {bound}"
    else:
        said = "every behaviour was compared"
    if way.failing:
        names = " and ".join(way.failing)
        said += f", but not what would follow a check that fails in {names}"
    return said


def _only_lines(
    found: Difference, only: Only, other: str, number: int, width: int
) -> Iterator[str]:
    head = f"{number:>3}. {steps_text(len(only.trace.steps))}: {'; '.join(only.shows)}"
    yield from fold(ascii_only(head), width, _MARGIN + 1)
    if not only.trace.steps:
        return
    told = [f"{other} there: {'; '.join(each)}" for each in only.instead]
    for text in told[:_ALTERNATIVES] or [f"{other} there: no such step"]:
        yield from _indented(text, width)
    if len(told) > _ALTERNATIVES:
        yield from _indented(f"... or one of {len(told) - _ALTERNATIVES} others", width)
    words = _caption(found, only, other).replay(only.trace)
    yield from command_lines(" " * (_MARGIN + 1) + "$", words, width)


def _indented(text: str, width: int) -> Iterator[str]:
    indent = " " * (_MARGIN + 1)
    for line in fold(ascii_only(text), width - len(indent)):
        yield indent + line


def _verdict_lines(found: Difference, names: list[str], width: int) -> Iterator[str]:
    if not found.reports:
        return
    changed = changed_verdicts(found.reports)
    if not changed:
        yield "Every property has the same verdict in both."
        return
    yield from fold(
        ascii_only(f"Verdicts that differ (steps, or holds): {', '.join(names)}"), width
    )
    longest = min(max(len(name) for name, _, _ in changed), width // 2)
    second = max(len(one) for _, one, _ in changed)
    for name, one, two in changed:
        first, *more = fold(ascii_only(name), longest)
        yield f"  {first:{longest}}  {one:{second}}  {two}".rstrip()
        yield from (f"  {line}" for line in more)


def render_difference_mail(found: Difference, *, most: int) -> str:
    """The diagrams of at most `most` differences each way, for a mail."""
    names = _names(found)
    diagrams = [
        render_mail(only.trace, _caption(found, only, other))
        for way, other in zip(found.ways, reversed(names), strict=True)
        for only in way.found[:most]
    ]
    summary = [
        "\n".join(
            line
            for way, other in zip(found.ways, reversed(names), strict=True)
            if not way.found
            for line in _way_lines(found, way, other, WIDTH, most)
        ),
        "\n".join(_verdict_lines(found, names, WIDTH)),
    ]
    return "\n\n".join(text.rstrip() for text in (*diagrams, *summary) if text) + "\n"


def _caption(found: Difference, only: Only, other: str) -> Caption:
    """The words around a witness: its last step is what the other cannot do."""
    return Caption(
        _last_step(only),
        f"IMPOSSIBLE in {other}",
        tool=found.tool,
        options=found.options,
    )


def _last_step(only: Only) -> Property:
    """A property that is false at the end, and of what the last step changed."""
    cells = only.trace.model.cells
    state = only.trace.states[-1]
    values = (
        eq(
            cells[cell].now,
            constant_of(cells[cell].range.sort, state[cell], cells[cell].range.hi),
        )
        for part in only.changed
        for cell in part.cells
    )
    return Property("last step", Kind.INVARIANT, (), not_(and_(*values)))


def render_difference_json(found: Difference) -> str:
    """Everything, with every trace."""
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "observed": [*found.shared.names],
        "not_observed": {
            "only_in_first": list(found.shared.left_only),
            "only_in_second": list(found.shared.right_only),
            "different_from_the_start": list(found.shared.apart),
        },
        "only": [_way_data(way) for way in found.ways],
        "verdicts": [
            {"property": name, "first": one, "second": two}
            for name, one, two in changed_verdicts(found.reports)
        ],
        "complete": found.is_complete,
    }
    return json.dumps(data, indent=2) + "\n"


def _way_data(way: OneWay) -> dict[str, Json]:
    stops: list[Json] = [*sorted(stop.value for stop in way.stops)]
    return {
        "spec": way.model.path,
        "not_in": way.other.path,
        "complete": way.is_complete,
        "failing": list(way.failing),
        "stops": stops,
        "depth": way.depth,
        "pairs": way.pairs,
        "seconds": round(way.seconds, 3),
        "behaviours": [_only_data(only) for only in way.found],
    }


def _only_data(only: Only) -> dict[str, Json]:
    return {
        "steps": len(only.trace.steps),
        "shows": list(only.shows),
        "instead": [list(each) for each in only.instead],
        "count": only.count,
        "trace": trace_data(only.trace, _last_step(only)),
    }
