"""The trace as a networkx graph, for those who compute with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelcheck.layout.values import Value, decode
from modelcheck.model.program import State
from modelcheck.trace.path import Trace
from modelcheck.trace.story import tell

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(trace: Trace) -> nx.DiGraph[int]:
    """See `Trace.to_networkx()`."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph(name=trace.model.name, address=trace.address)
    for number, state in enumerate(trace.states):
        graph.add_node(number, values=_values(trace, state))
    last = len(trace.states) - 1
    for moment in tell(trace).moments:
        if moment.taken.state is None:
            continue
        # The last state of a lasso is the state at which the loop starts.
        is_closing = trace.loop is not None and moment.number == last
        target = trace.loop if is_closing else moment.number
        graph.add_edge(
            moment.number - 1,
            target,
            actor=moment.actor,
            action=moment.taken.step.name,
            lines=[line.text for line in moment.plain],
            changes={c.name: (c.before, c.after) for c in moment.changes},
        )
    if trace.loop is not None and last != trace.loop:
        graph.remove_node(last)
    if trace.failed is not None:
        graph.nodes[last]["failed"] = trace.failed.message
    return graph


def _values(trace: Trace, state: State) -> dict[str, Value]:
    return {
        variable.name: decode(
            variable.type_, (state[cell] for cell in variable.cells.leaves())
        )
        for variable in trace.shown()
    }
