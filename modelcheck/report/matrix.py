"""`modelcheck compare`: one table of designs and properties.

A row is a property, a column a design. A cell says `holds`, in how many steps the
property is violated, or whether a goal is `reached`; `n/a` is a property that holds
because nothing in the design could break it, `?` a search that was cut short, `-` a
design without such a property, `*` a verdict on the runs that no failed check ends, and
`!` a verdict other than the declared.
The JSON form has the schema `modelcheck.compare/1`; fields may be added within it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from modelcheck.model.program import Kind
from modelcheck.report.captions import caption, completeness
from modelcheck.trace.jsonform import Json
from modelcheck.trace.wrap import ascii_only, command_lines, fold
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import Verdict

SCHEMA = "modelcheck.compare/1"

_WIDTH = 80

_FEW = 8
"""Up to so many designs stand side by side in Markdown."""

_ABSENT = "-"
_NOT_APPLICABLE = "n/a"
_KEY = (
    "N: violated in N steps. reached, unreachable: a goal. ?: the search was cut "
    "short. -: the design has no such property. !: not the verdict that the spec "
    "declares."
)
_CANNOT_FAIL = (
    "n/a: holds, but is not applicable: what it speaks of does not exist there, and "
    "no values of the variables, however combined, make it false."
)
_LASSO = "N+M: violated by a run that repeats M steps for ever after N."
_CONDITION = "*: only of the runs that no failed check ends."
_SPARSE = "A block leaves out the properties that none of its designs has."

_Rows = dict[str, list[str]]
"""For each property its cells, one for each design."""

_Block = tuple[int, int]
"""The first column of a block, and the first one behind it."""


def labels(paths: Sequence[str]) -> list[str]:
    """A short name for each spec: its stem, or the whole path if others share it."""
    stems = list(map(_stem, paths))
    often = Counter(stems)
    return [
        stem if often[stem] == 1 else path
        for stem, path in zip(stems, paths, strict=True)
    ]


def _stem(path: str) -> str:
    """`a` for specs/a.py, `a::B` for one of several specs in it."""
    file, separator, name = path.partition("::")
    return PurePath(file).stem + separator + name


def property_names(reports: Sequence[Report]) -> list[str]:
    """The properties of all designs, in the order in which they first appear."""
    return list(dict.fromkeys(p.prop.name for each in reports for p in each.properties))


def cell(prop: PropertyReport | None) -> str:
    """What the table says about one property of one design."""
    if prop is None:
        return _ABSENT
    if not prop.is_conclusive:
        return "?"
    does_hold = prop.verdict is Verdict.HOLDS
    if prop.prop.kind is Kind.REACHABLE:
        word = "reached" if does_hold else "unreachable"
    else:
        word = _held(prop) if does_hold else _length(prop)
    word += "*" if prop.condition else ""
    return word if prop.is_expected else f"{word}!"


def _held(prop: PropertyReport) -> str:
    return "holds" if prop.applies else _NOT_APPLICABLE


def _length(prop: PropertyReport) -> str:
    """The number of steps of a violation; of a lasso those before and in the loop."""
    trace = prop.trace
    if trace is None or trace.loop is None:
        return str(prop.steps)
    return f"{trace.loop}+{len(trace.steps) - trace.loop}"


def key_text(reports: Sequence[Report]) -> str:
    """What the cells mean, as far as they occur."""
    found = [prop for each in reports for prop in each.properties]
    parts = [_KEY]
    if not all(prop.applies for prop in found):
        parts.append(_CANNOT_FAIL)
    if any(prop.condition for prop in found):
        parts.append(_CONDITION)
    if any(prop.trace is not None and prop.trace.loop is not None for prop in found):
        parts.append(_LASSO)
    return " ".join(parts)


def _rows(reports: Sequence[Report]) -> _Rows:
    """The whole table, its rows in the order of `property_names`."""
    tables = [{prop.prop.name: prop for prop in each.properties} for each in reports]
    return {
        name: [cell(table.get(name)) for table in tables]
        for name in property_names(reports)
    }


def render_matrix(reports: Sequence[Report], *, width: int = _WIDTH) -> str:
    """The table as text: the columns are numbered, and folded into blocks.

    Goals stand in a table of their own below the rest.
    """
    if not reports:
        return ""
    tables = [_table_lines(table, width) for table in _tables(reports) if table]
    key = key_text(reports)
    if any(len(blocks) > 1 for blocks in tables):
        key += f" {_SPARSE}"
    sections = [
        _legend(reports, width),
        *(block for blocks in tables for block in blocks),
        fold(key, width, 0),
        list(_traces(reports, width)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _tables(reports: Sequence[Report]) -> list[_Rows]:
    """What must hold, and the goals: their words need wider columns."""
    kinds: dict[str, Kind] = {}
    for prop in (prop for each in reports for prop in each.properties):
        kinds.setdefault(prop.prop.name, prop.prop.kind)
    tables: list[_Rows] = [{}, {}]
    for name, cells in _rows(reports).items():
        tables[kinds[name] is Kind.REACHABLE][name] = cells
    return tables


def _table_lines(rows: _Rows, width: int) -> list[list[str]]:
    """The blocks of one table, as wide as they may be."""
    names = min(max(map(len, rows)), width // 2)
    count = len(next(iter(rows.values())))
    return [
        _block_lines(rows, block, names)
        for block in _blocks(rows, count, width - names)
    ]


def _legend(reports: Sequence[Report], width: int) -> list[str]:
    """The number of each design, its size, and what its search left out."""
    names = [ascii_only(name) for name in _labels_of(reports)]
    digits, longest = len(str(len(names))), max(map(len, names))
    sizes = [size_text(report) for report in reports]
    most = max(map(len, sizes))
    lines: list[str] = []
    for number, name in enumerate(names, 1):
        report = reports[number - 1]
        line = f"{number:>{digits}} {name:{longest}}  {sizes[number - 1]:>{most}} "
        line += f"states  {report.seconds:.2f} s"
        if not report.is_complete:
            line += f", {completeness(report)}"
        if report.is_above_floor is False:
            line += f", below the floor of {report.model.floor}!"
        lines += fold(line, width, digits + 1)
    return lines


def _labels_of(reports: Sequence[Report]) -> list[str]:
    return labels([report.model.path for report in reports])


def designs(reports: Sequence[Report]) -> Iterator[tuple[str, Report]]:
    """Each report with the short name of its spec."""
    yield from zip(_labels_of(reports), reports, strict=True)


def size_text(report: Report) -> str:
    """The number of distinct states, or `?`."""
    return "?" if report.states is None else str(report.states)


def _column(rows: _Rows, column: int) -> int:
    """How wide a column is: the widest cell, or the number above it."""
    cells = (len(cells[column]) for cells in rows.values())
    return max(len(str(column + 1)), *cells, 0)


def _blocks(rows: _Rows, count: int, room: int) -> Iterator[_Block]:
    """As many columns side by side as `room` has place for, and at least one."""
    first, taken = 0, 0
    for column in range(count):
        needed = 1 + _column(rows, column)
        if column > first and taken + needed > room:
            yield first, column
            first, taken = column, 0
        taken += needed
    yield first, count


def _block_lines(rows: _Rows, block: _Block, names: int) -> list[str]:
    """Some columns of the table, below their numbers."""
    columns = range(*block)
    widths = [_column(rows, column) for column in columns]
    lines = [_line("", [str(column + 1) for column in columns], names, widths)]
    for name, cells in rows.items():
        shown = [cells[column] for column in columns]
        if set(shown) == {_ABSENT}:
            continue
        head, *more = fold(ascii_only(name), names)
        lines += [_line(head, shown, names, widths), *more]
    return lines


def _line(head: str, cells: Sequence[str], names: int, widths: Sequence[int]) -> str:
    padded = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return " ".join([f"{head:{names}}", *padded]).rstrip()


def _traces(reports: Sequence[Report], width: int) -> Iterator[str]:
    """How to see a trace: of each unexpected cell, or of one as an example."""
    yield from fold(
        "To see a trace: modelcheck replay SPEC ADDRESS, with an address that "
        "--format json gives.",
        width,
    )
    found = [
        (number, report, prop)
        for number, report in enumerate(reports, 1)
        for prop in report.properties
        if prop.trace is not None
    ]
    violated = [each for each in found if each[2].verdict is Verdict.VIOLATED]
    unexpected = [each for each in found if not each[2].is_expected]
    for number, report, prop in unexpected or violated[:1]:
        if prop.trace is not None:
            words = caption(report, prop).replay(prop.trace)
            head = f"{number} {ascii_only(prop.prop.name)}:"
            yield from command_lines(head, words, width)


def render_matrix_markdown(reports: Sequence[Report]) -> str:
    """The table in Markdown.

    A few designs are columns. Many are rows, below the numbers of the properties that
    most of them have; what only some are asked is in a second table. There are no times
    in it: a file that keeps it changes only with its contents.
    """
    if not reports:
        return ""
    names = list(map(_code, _labels_of(reports)))
    sizes = [f"{size_text(each)}{_cut_short(each)}" for each in reports]
    rows = {_code(name): cells for name, cells in _rows(reports).items()}
    if len(reports) <= _FEW:
        columns = {"property": names, **rows, "distinct states": sizes}
        lines = _markdown_table([head, *cells] for head, cells in columns.items())
    else:
        lines = _by_design(names, sizes, rows)
    return "\n".join([*lines, "", key_text(reports)]) + "\n"


def _by_design(names: list[str], sizes: list[str], rows: _Rows) -> list[str]:
    """A row for each design, and below it what fewer than half of them are asked."""
    most = {
        name: cells
        for name, cells in rows.items()
        if 2 * cells.count(_ABSENT) <= len(names)
    }
    numbered = {str(number): cells for number, cells in enumerate(most.values(), 1)}
    columns = {"design": names, **numbered, "distinct states": sizes}
    lines = [f"{number}. {name}" for number, name in enumerate(most, 1)]
    table = [list(columns), *zip(*columns.values(), strict=True)]
    lines += ["", *_markdown_table(table)]
    others = [
        [name, _by_verdict(names, cells)]
        for name, cells in rows.items()
        if name not in most
    ]
    if others:
        lines += ["", *_markdown_table([["asked of some designs", "found"], *others])]
    return lines


def _by_verdict(names: list[str], cells: list[str]) -> str:
    """`5: a, b; holds: c`, without the designs that are not asked."""
    found: dict[str, list[str]] = {}
    for name, word in zip(names, cells, strict=True):
        if word != _ABSENT:
            found.setdefault(word, []).append(name)
    return "; ".join(f"{word}: {', '.join(asked)}" for word, asked in found.items())


def _markdown_table(rows: Iterable[Sequence[str]]) -> list[str]:
    """The rows, with a line below the first one."""
    head, *rest = rows
    line = ["---"] * len(head)
    return list(map(_markdown_row, [head, line, *rest]))


def _cut_short(report: Report) -> str:
    return "" if report.is_complete else f", {completeness(report)}"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """`text` as code; a bar in the name of a file does not end the cell."""
    return f"`{text}`".replace("|", "\\|")


def render_matrix_json(reports: Sequence[Report]) -> str:
    """The table as JSON, with the address of every trace."""
    designs: list[Json] = [_design(report) for report in reports]
    return json.dumps({"schema": SCHEMA, "designs": designs}, indent=2) + "\n"


def _design(report: Report) -> Json:
    counts = report.counts
    return {
        "spec": report.model.path,
        "name": report.model.name,
        "scopes": dict(report.scopes),
        "states": report.states,
        "representatives": None if counts is None else counts.distinct,
        "seconds": round(report.seconds, 3),
        "complete": report.is_complete,
        "floor": report.model.floor or None,
        "properties": {
            prop.prop.name: _property(report, prop) for prop in report.properties
        },
    }


def _property(report: Report, prop: PropertyReport) -> Json:
    """A cell; `twins` are the variants of the design that must violate the property.

    `applicable` is false of one that holds because nothing could make it false.
    """
    return {
        "kind": prop.prop.kind.value,
        "verdict": prop.verdict.value,
        "applicable": prop.applies,
        "expected": prop.prop.expect.value,
        "condition": prop.condition or None,
        "steps": prop.steps,
        "address": None if prop.trace is None else prop.trace.address,
        "twins": [
            twin.name for twin in report.model.twins if prop.prop.name in twin.breaks
        ],
    }
