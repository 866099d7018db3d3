"""How the growth of a scope is shown: a table, and JSON.

The JSON form has the schema `modelcheck.scopes/1`; fields may be added within it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from modelcheck.model.program import Model
from modelcheck.trace.jsonform import Json
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.scopes import Growth, Row
from modelcheck.verdict.verdicts import Verdict

SCHEMA = "modelcheck.scopes/1"

_TITLES = ("states", "orbits", "local states", "new", "shapes", "new", "violated")


def render_growth(growth: Growth, model: Model, tool: str, width: int) -> str:
    """The table, what is violated at which size, and what follows from that."""
    head = f"{tool}: {model.path} ({model.name})"
    sections = [
        fold(ascii_only(head), width),
        list(_table(growth)),
        list(_violations(growth, width)),
        fold(_conclusion(growth), width),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _table(growth: Growth) -> Iterator[str]:
    lines = [(growth.name, *_TITLES), *map(_cells, growth.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        columns = zip(line, widths, strict=True)
        yield "  ".join(f"{text:>{width}}" for text, width in columns)


def _cells(row: Row) -> tuple[str, ...]:
    searched = "" if row.is_searched else ">="
    viewed = "" if row.is_viewed else ">="
    return (
        f"{row.size}",
        f"{searched}{row.states:,}",
        f"{searched}{row.orbits:,}",
        f"{viewed}{row.locals:,}",
        f"{viewed}{row.new_locals:,}",
        f"{viewed}{row.shapes:,}",
        f"{viewed}{row.new_shapes:,}",
        f"{searched}{len(row.violated)}",
    )


def _violations(growth: Growth, width: int) -> Iterator[str]:
    """Each property that some size violates, with the lengths of the paths."""
    names = dict.fromkeys(name for row in growth.rows for name in row.violated)
    for name in names:
        sizes = ", ".join(
            f"{growth.name}={row.size}{_length(row, name)}"
            for row in growth.rows
            if name in row.violated
        )
        yield from fold(f"{Verdict.VIOLATED.value.upper()}  {name}: {sizes}", width)


def _length(row: Row, name: str) -> str:
    length = row.lengths.get(name)
    return "" if length is None else f" in {length}"


def _conclusion(growth: Growth) -> str:
    left = [row.size for row in growth.rows if not row.is_complete]
    bounded = ""
    if left:
        sizes = ", ".join(f"{growth.name}={size}" for size in left)
        bounded = f" Not all was seen of {sizes}."
    size = growth.saturated
    if size is None:
        return f"Not saturated within these sizes.{bounded}"
    last = growth.rows[-1].size
    return (
        f"Saturated from {growth.name}={size} on: up to {last} there are no new local "
        "states, shapes of transitions or verdicts. This is evidence, not a proof: "
        f"nothing was looked at beyond {growth.name}={last}."
    )


def render_growth_json(growth: Growth, model: Model) -> str:
    """The same as JSON text."""
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "spec": model.path,
        "name": model.name,
        "scalarset": growth.name,
        "saturated_from": growth.saturated,
        "is_proof": False,
        "rows": [_row_data(row) for row in growth.rows],
    }
    return json.dumps(data, indent=2) + "\n"


def _row_data(row: Row) -> Json:
    return {
        "size": row.size,
        "states": row.states,
        "orbits": row.orbits,
        "local_states": row.locals,
        "new_local_states": row.new_locals,
        "shapes": row.shapes,
        "new_shapes": row.new_shapes,
        "verdicts": {name: v.value for name, v in row.verdicts.items()},
        "steps": dict(row.lengths),
        "is_searched": row.is_searched,
        "is_viewed": row.is_viewed,
        "seconds": round(row.seconds, 3),
    }
