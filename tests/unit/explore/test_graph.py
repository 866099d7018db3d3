from __future__ import annotations

import networkx as nx
import pytest

from modelcheck.explore.graph import GraphTooLarge, state_graph
from modelcheck.model.program import Kind, Property
from modelcheck.model.statements import Choose, Require
from modelcheck.model.terms import add, const, le, lt
from modelcheck.model.types import IntType
from tests.unit.explore.models import Builder, put


def walk() -> Builder:
    builder = Builder("walk")
    x = builder.number("x", 0, 3)
    temp = builder.temp(1, 2)
    below = Require(lt(x.now, const(3)))
    builder.step(
        "up", below, Choose(temp, None, IntType(1, 2)), *put(x, add(x.now, temp))
    )
    return builder


def test_nodes_are_states_and_edges_are_steps() -> None:
    graph = state_graph(walk().model(), 10)
    assert nx.is_directed_acyclic_graph(graph)
    assert [graph.nodes[n]["values"] for n in graph] == [{"x": n} for n in range(4)]
    assert [graph.nodes[n]["depth"] for n in graph] == [0, 1, 1, 2]
    assert [n for n in graph if graph.nodes[n]["is_initial"]] == [0]
    assert graph.get_edge_data(0, 2) == {
        0: {"actor": "up", "step": "up", "choices": (2,)}
    }
    assert graph.nodes[2]["failed"] == [("up", "up", "x leaves 0..3")]


def test_states_outside_a_constraint_have_no_successors() -> None:
    builder = walk()
    bound = Property("bound", Kind.CONSTRAINT, (), le(builder.cells[0].now, const(0)))
    builder.constraints.append(bound)
    graph = state_graph(builder.model(), 3)
    assert sorted(graph.edges()) == [(0, 1), (0, 2)]
    assert not graph.nodes[1]["is_inside"]


def test_a_large_graph_is_refused() -> None:
    with pytest.raises(GraphTooLarge, match="walk has more than 3 states"):
        state_graph(walk().model(), 3)
