"""State graphs as pictures and as data, against the reference search."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import jsonschema
import pydot
import pytest

from modelcheck.explore.graph import state_graph
from modelcheck.explore.interpreter import Interpreter
from modelcheck.explore.reference import Reference
from modelcheck.model.program import Kind, Model
from modelcheck.reader import read_spec
from modelcheck.trace.graph_data import graph_data
from modelcheck.trace.jsonform import Json
from modelcheck.trace.state_graph import render_graph
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.unit.report.test_sarif import closed, many
from tests.unit.trace.test_dot import dot, needs_dot

# pydot uses names that pyparsing has renamed.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SPECS = Path(__file__).parents[2] / "corpus/specs"
# Locks, locals, actions, failed checks, deadlocks, constraints.
NAMES = ["lock", "lost_update", "double_free", "barrier", "die_hard", "kettle"]
MOST = 400

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
STATE = closed(
    *("number", "depth", "initial", "expanded", "violates", "values", "processes"),
    number=COUNT,
    depth=COUNT,
    initial=FLAG,
    expanded=FLAG,
    violates=many(TEXT),
    values=TEXTS,
    processes={
        "type": "object",
        "additionalProperties": closed("at", "locals", at=TEXT, locals=TEXTS),
    },
)
WHO = {"actor": TEXT, "step": TEXT}
STEP = closed("from", "to", "actor", "step", **{"from": COUNT}, to=COUNT, **WHO)
FAILURE = closed("from", "message", **{"from": COUNT}, message=TEXT, **WHO)
GRAPH = closed(
    *("schema", "spec", "name", "scopes", "preempt", "states", "steps", "failures"),
    schema={"const": "modelcheck.graph/1"},
    spec=TEXT,
    name=TEXT,
    scopes={"type": "object", "additionalProperties": COUNT},
    preempt=TEXT,
    states=many(STATE),
    steps=many(STEP),
    failures=many(FAILURE),
)


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    path = SPECS / f"{request.param}.py"
    name = "::LostUpdate" if request.param == "lost_update" else ""
    return read_spec(f"{path}{name}")


def labels(text: str) -> tuple[dict[str, str], int]:
    """What stands in the nodes of a drawn graph, and how many arrows there are."""
    (graph,) = pydot.graph_from_dot_data(text)
    nodes = {
        node.get_name(): node.get("label")
        for node in graph.get_nodes()
        if re.fullmatch(r"s\d+", node.get_name())
    }
    return nodes, len(graph.get_edges())


def drawn_and_told(model: Model) -> tuple[str, dict[str, Json]]:
    graph = state_graph(model, MOST)
    data = graph_data(model, graph)
    jsonschema.Draft7Validator.check_schema(GRAPH)
    jsonschema.validate(data, GRAPH)
    return render_graph(model, graph), json.loads(json.dumps(data))


def test_both_have_every_state(model: Model) -> None:
    text, data = drawn_and_told(model)
    found = Reference().run(model, Limits(), Silence())
    assert found.counts is not None
    inside = [state for state in data["states"] if state["expanded"]]
    assert len(inside) == found.counts.distinct
    assert [state["number"] for state in data["states"]] == [
        *range(len(data["states"]))
    ]
    levels = Counter(state["depth"] for state in inside)
    assert [levels[depth] for depth in sorted(levels)] == list(found.counts.levels)
    nodes, _ = labels(text)
    assert set(nodes) == {f"s{state['number']}" for state in data["states"]}


def test_generated_states_are_initial_ones_and_steps(model: Model) -> None:
    _, data = drawn_and_told(model)
    found = Reference().run(model, Limits(), Silence())
    assert found.counts is not None
    initial = sum(1 for _ in Interpreter(model).initial())
    assert len(data["steps"]) + initial == found.counts.generated


def test_what_a_search_finds_is_marked(model: Model) -> None:
    _, data = drawn_and_told(model)
    found = Reference().run(model, Limits(), Silence())
    kinds = (Kind.INVARIANT, Kind.DEADLOCK)
    violated = {
        each.prop.name: each.evidence.length
        for each in found.findings
        if each.prop.kind in kinds
        and each.evidence
        and each.verdict is Verdict.VIOLATED
    }
    marked: dict[str, int] = {}
    for state in data["states"]:
        for name in state["violates"]:
            marked.setdefault(name, state["depth"])
    assert marked == violated
    failing = {each["message"] for each in data["failures"]}
    assert bool(failing) is any(
        each.prop.kind is Kind.ASSERTION and each.verdict is Verdict.VIOLATED
        for each in found.findings
    )


def test_states_that_differ_look_different(model: Model) -> None:
    """Locals count: without them two states of a race would look the same."""
    text, data = drawn_and_told(model)
    nodes, _ = labels(text)
    # The first line is the number.
    shown = [re.sub(r'^"\d+(\\l)?', "", label) for label in nodes.values()]
    assert len(set(shown)) == len(shown)
    told = [json.dumps([each["values"], each["processes"]]) for each in data["states"]]
    assert len(set(told)) == len(told)


def test_a_local_is_shown_where_it_is_read_again() -> None:
    model = read_spec(f"{SPECS / 'lost_update.py'}::LostUpdate")
    _, data = drawn_and_told(model)
    seen = {
        (process["at"], tuple(process["locals"].items()))
        for state in data["states"]
        for process in state["processes"].values()
    }
    assert any(values for _, values in seen)
    assert all(not values for place, values in seen if place == "returned")


@needs_dot
def test_dot_draws_it(model: Model) -> None:
    text, _ = drawn_and_told(model)
    nodes, arrows = labels(text)
    shown = dot(text, "-Tplain").splitlines()
    assert sum(line.startswith("edge ") for line in shown) == arrows
    names = {line.split()[1] for line in shown if line.startswith("node ")}
    assert names >= set(nodes)
