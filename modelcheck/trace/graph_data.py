"""The state graph as plain data: every state with its values, every step.

`modelcheck.graph/1`: an object with `states`, numbered in breadth-first order, `steps`
between them, and `failures`, the steps that run into a failed check and lead nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Model, State
from modelcheck.trace.components import components, kept_locals
from modelcheck.trace.jsonform import Json
from modelcheck.trace.state_graph import broken

if TYPE_CHECKING:
    import networkx as nx

SCHEMA = "modelcheck.graph/1"


def graph_data(model: Model, graph: nx.MultiDiGraph[int]) -> dict[str, Json]:
    """`graph`, which `explore.graph.state_graph` made of `model`."""
    interpreter = Interpreter(model)
    states: list[Json] = []
    steps: list[Json] = []
    failures: list[Json] = []
    for number, node in graph.nodes.items():
        state = node["state"]
        names = broken(interpreter, state) if node["is_inside"] else []
        states.append(
            {
                "number": number,
                "depth": node["depth"],
                "initial": node["is_initial"],
                "expanded": node["is_inside"],
                "violates": list(names),
                "values": {p.name: p.text(state) for p in components(model)},
                "processes": _processes(model, state),
            }
        )
        for actor, step, message in node["failed"]:
            failures.append(
                {"from": number, "actor": actor, "step": step, "message": message}
            )
    for source, target, edge in graph.edges(data=True):
        taken: dict[str, Json] = {"from": source, "to": target}
        steps.append(taken | {"actor": edge["actor"], "step": edge["step"]})
    return {
        "schema": SCHEMA,
        "spec": model.path,
        "name": model.name,
        "scopes": dict(model.scopes),
        "preempt": model.preempt,
        "states": states,
        "steps": steps,
        "failures": failures,
    }


def _processes(model: Model, state: State) -> dict[str, Json]:
    """Where each process stands, and its locals that will be read again."""
    return {
        process.actor: {
            "at": process.locations[state[process.pc]].label,
            "locals": {
                part.name: part.text(state)
                for part in kept_locals(model, process, state)
            },
        }
        for process in model.processes
    }
