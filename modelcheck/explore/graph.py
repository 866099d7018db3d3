"""The state graph as a networkx graph, for those who compute with it.

Small models only: every state carries its values in readable form, and the steps come
from the reference interpreter.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Interpreter
from modelcheck.layout.values import state_values
from modelcheck.model.program import Model, State

if TYPE_CHECKING:
    import networkx as nx


class GraphTooLarge(Exception):  # noqa: N818 - says what the graph is
    """The model has more states than the caller wants to see."""

    def __init__(self, model: Model, max_states: int) -> None:
        super().__init__(
            f"{model.name} has more than {max_states:,} states; "
            "make its scopes smaller or allow more"
        )
        self.max_states = max_states


def state_graph(model: Model, max_states: int) -> nx.MultiDiGraph[int]:
    """All reachable states and steps, the states numbered in breadth-first order.

    Nodes have `state`, `values` (by variable), `depth`, `is_initial`, `is_inside` (of
    the constraints; states outside have no successors here) and `failed`: actor, step
    and message of the checks that steps run into there. Edges have `actor`, `step` and
    `choices`.
    Raises `GraphTooLarge` if there are more than `max_states` states.
    """
    import networkx as nx

    interpreter = Interpreter(model)
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(name=model.name)
    numbers: dict[State, int] = {}
    queue: deque[tuple[State, int]] = deque()

    def add(state: State, depth: int) -> int:
        if state not in numbers:
            if len(numbers) == max_states:
                raise GraphTooLarge(model, max_states)
            numbers[state] = len(numbers)
            queue.append((state, depth))
            graph.add_node(
                numbers[state],
                state=state,
                values=state_values(model, state),
                depth=depth,
                is_initial=depth == 0,
                is_inside=interpreter.is_inside(state),
                failed=[],
            )
        return numbers[state]

    for state in interpreter.initial():
        add(state, 0)
    while queue:
        state, depth = queue.popleft()
        number = numbers[state]
        if not graph.nodes[number]["is_inside"]:
            continue
        for outcome in interpreter.successors(state):
            if outcome.failed is not None:
                failed = (outcome.step.actor, outcome.step.name, outcome.failed.message)
                graph.nodes[number]["failed"].append(failed)
            elif outcome.state is not None:
                graph.add_edge(
                    number,
                    add(outcome.state, depth + 1),
                    actor=outcome.step.actor,
                    step=outcome.step.name,
                    choices=outcome.choices,
                )
    return graph
