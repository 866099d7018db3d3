"""State graphs in files: `verify --dump FILE` and `modelcheck graph`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import networkx as nx

    from modelcheck.model.program import Model

MOST_STATES = {".dot": 500, ".json": 20_000}
"""How many states a file of a kind may have: `dot` and people draw the line early."""


def check_graph_file(file: Path | None) -> Path | None:
    """`file` if its name says how a graph is written."""
    if file is not None and file.suffix not in MOST_STATES:
        message = f"{str(file)!r} ends in none of {', '.join(MOST_STATES)}"
        raise typer.BadParameter(message)
    return file


DumpFile = Annotated[
    Path | None,
    typer.Option(
        "--dump",
        metavar="FILE",
        callback=check_graph_file,
        help="Write the state graph, without symmetry: .dot, at most "
        f"{MOST_STATES['.dot']} states, or .json, at most {MOST_STATES['.json']:,}.",
        show_default=False,
    ),
]


def write_graph(
    model: Model, file: Path, most: int | None = None
) -> nx.MultiDiGraph[int]:
    """Write all states of `model` and their steps to `file`, as its suffix says.

    Raises `GraphTooLarge` if there are more than `most` states, or than is usual for a
    file of that kind; nothing is written then.
    """
    from modelcheck.explore.graph import state_graph
    from modelcheck.report.artifacts import replace_file
    from modelcheck.trace.graph_data import graph_data
    from modelcheck.trace.state_graph import render_graph

    found = state_graph(model, most or MOST_STATES[file.suffix])
    if file.suffix == ".json":
        text = json.dumps(graph_data(model, found), indent=1) + "\n"
    else:
        text = render_graph(model, found)
    replace_file(file, text)
    return found
