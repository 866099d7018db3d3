"""Random walks meet reachable states, and nothing else."""

from __future__ import annotations

from random import Random

import pytest

from modelcheck.explore.graph import GraphTooLarge, state_graph
from modelcheck.explore.interpreter import EvaluationError
from modelcheck.explore.state_sample import walk_states
from tests.unit.explore.random_models import random_model


@pytest.mark.parametrize("seed", range(60))
def test_what_is_met_can_be_reached(seed: int) -> None:
    model = random_model(Random(seed).randint)
    try:
        graph = state_graph(model, 2000)
    except (EvaluationError, GraphTooLarge):
        return
    reachable = {graph.nodes[node]["state"] for node in graph}
    initial = {graph.nodes[n]["state"] for n in graph if graph.nodes[n]["is_initial"]}
    found, has_initial = walk_states(model, 2000)
    assert set(found) <= reachable
    assert len(found) == len(set(found))
    assert has_initial
    assert initial <= set(found)
    assert walk_states(model, 2000) == (found, has_initial)


def test_most_of_a_small_graph_is_met() -> None:
    met = total = 0
    for seed in range(60):
        model = random_model(Random(seed).randint)
        try:
            graph = state_graph(model, 500)
        except (EvaluationError, GraphTooLarge):
            continue
        total += len(graph)
        met += len(walk_states(model, 2000)[0])
    assert total > 200
    assert met > 0.8 * total


def test_no_more_than_asked_for() -> None:
    for seed in range(20):
        model = random_model(Random(seed).randint)
        found, has_initial = walk_states(model, 3)
        assert len(found) <= 3 + 100
        assert has_initial or len(found) >= 3
