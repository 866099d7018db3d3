"""The state graph as DOT: all states, each showing what differs from the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Kind, Model, State
from modelcheck.trace.components import components, kept_locals
from modelcheck.trace.dot import attributes, label

if TYPE_CHECKING:
    import networkx as nx

# Of the Brewer palette "paired" those that can be read as text on white.
_COLOURS = ("#1F78B4", "#E31A1C", "#33A02C", "#6A3D9A", "#FF7F00", "#B15928", "#555555")
_BAD = {"color": "#B00020", "fillcolor": "#FDE7E9", "penwidth": "2.5"}
_INITIAL = {"fillcolor": "#DDDDDD"}
_OUTSIDE = {"style": "rounded,filled,dashed"}


def render_graph(model: Model, graph: nx.MultiDiGraph[int]) -> str:
    """`graph`, which `explore.graph.state_graph` made of `model`, as DOT."""
    lines = [
        "digraph states {",
        f"  graph{attributes(_title(model, graph))};",
        f"  node{attributes(_NODE)};",
        f"  edge{attributes(_EDGE)};",
        *_nodes(model, graph),
        *_edges(graph),
        "}",
    ]
    return "\n".join(lines) + "\n"


_NODE = {
    "shape": "box",
    "style": "rounded,filled",
    "fillcolor": "#FFFFFF",
    "fontname": "monospace",
    "fontsize": "10",
}
_EDGE = {"fontname": "monospace", "fontsize": "9", "arrowsize": "0.7"}


def _title(model: Model, graph: nx.MultiDiGraph[int]) -> dict[str, str]:
    scopes = ", ".join(f"{name}={size}" for name, size in model.scopes.items())
    text = f"{model.path} ({model.name})"
    text += f": {len(graph)} states" + (f"; {scopes}" if scopes else "")
    return {"label": text, "labelloc": "t", "labeljust": "l", "fontname": "Helvetica"}


def _nodes(model: Model, graph: nx.MultiDiGraph[int]) -> Iterator[str]:
    interpreter = Interpreter(model)
    first: State = graph.nodes[0]["state"] if graph else ()
    for number, node in graph.nodes.items():
        state = node["state"]
        names = broken(interpreter, state) if node["is_inside"] else []
        lines = [f"{number}", *_differences(model, first, state)]
        lines += [f"VIOLATES {name}" for name in names]
        values = {"label": label(lines), "tooltip": _whole(model, state)}
        if node["is_initial"]:
            values |= _INITIAL
        if not node["is_inside"]:
            values |= _OUTSIDE
        if names:
            values |= _BAD
        yield f"  s{number}{attributes(values)};"


def broken(interpreter: Interpreter, state: State) -> list[str]:
    """The names of the properties that `state` violates by itself."""
    return [
        prop.name
        for prop in interpreter.model.properties
        if (prop.kind is Kind.INVARIANT and not interpreter.holds(prop, state))
        or (prop.kind is Kind.DEADLOCK and interpreter.is_deadlock(state))
    ]


def _differences(model: Model, first: State, state: State) -> list[str]:
    lines = [
        f"{part.name}: {part.text(state)}"
        for part in components(model)
        if (not part.is_default(state))
        if state == first or part.leaves(state) != part.leaves(first)
    ]
    gone = [
        f"{part.name}: {part.text(state)}"
        for part in components(model)
        if part.is_default(state) and part.leaves(state) != part.leaves(first)
    ]
    return [*lines, *gone, *_places(model, first, state)]


def _places(model: Model, first: State, state: State) -> list[str]:
    """Where the processes stand that are not where they began, with their locals."""
    lines = []
    for process in model.processes:
        kept = kept_locals(model, process, state)
        if kept or state[process.pc] != first[process.pc]:
            place = f"{process.actor} at {process.locations[state[process.pc]].label}"
            values = (f"{part.name} = {part.text(state)}" for part in kept)
            lines.append(", ".join([place, *values]))
    return lines


def _whole(model: Model, state: State) -> str:
    return "\n".join(f"{part.name} = {part.text(state)}" for part in components(model))


def _edges(graph: nx.MultiDiGraph[int]) -> Iterator[str]:
    """The steps; one that runs into a check leads to a node for its message."""
    steps: dict[tuple[int, int | str, str], None] = {}
    for source, target, edge in graph.edges(data=True):
        steps[source, target, _step_name(edge["actor"], edge["step"])] = None
    for source, failed in graph.nodes(data="failed"):
        for actor, step, message in failed:
            steps[source, message, _step_name(actor, step)] = None
    actors = list(dict.fromkeys(name.split(":")[0] for _, _, name in steps))
    colours = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(actors)}
    failures: dict[str, str] = {}
    for source, target, name in steps:
        colour = colours[name.split(":")[0]]
        values = {"label": f" {name}", "color": colour, "fontcolor": colour}
        end = f"s{target}"
        if isinstance(target, str):
            if target not in failures:
                failures[target] = f"f{len(failures)}"
                bad = {"label": target, "shape": "octagon", "style": "filled", **_BAD}
                yield f"  {failures[target]}{attributes(bad)};"
            end = failures[target]
        yield f"  s{source} -> {end}{attributes(values)};"


def _step_name(actor: str, step: str) -> str:
    """`detach(dev0)` for an action, `user0: detach` for a step of a process."""
    return actor if actor.partition("(")[0] == step else f"{actor}: {step}"
