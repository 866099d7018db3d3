"""Which nodes of the product a run can come to, found by sweeps over edges.

States have the numbers of a breadth-first search, and most edges lead to larger ones: a
sweep from the first state to the last passes on most of what arrives, and later ones
only what is new. A fair cycle that nobody comes to violates nothing.
"""

from __future__ import annotations

from modelcheck.liveness.automaton import Automaton
from modelcheck.liveness.graph import Graph
from modelcheck.liveness.records import I32, I64, Vector, kind_for
from modelcheck.liveness.tiers import Kernels, Tick, vector_of

MOST_SWEEPS = 100
"""What needs more of them is left to a search for a path."""


class Arrive:
    """The record of the kernels; what it shares with `Trim` means the same there."""

    first: I64
    target: I32
    value: I64
    states: int
    rules: int
    source: I32
    true: I64
    false: I64
    goes: I32
    # The nodes that are come to: those of all states, others, and which of these have
    # been passed on.
    everywhere: int
    reached: I32
    done: I32
    dead: I32
    trimmed: int
    fuel: int
    state: int
    again: int
    gone: int


def arrive(p: Arrive) -> int:
    """Pass on what is new, from `state` to the last; 0 if fuel ran out, else 1.

    Counts in `again` what came to a state that had been passed.
    """
    while p.state < p.states:
        if p.fuel <= 0:
            return 0
        state = p.state
        news = (p.everywhere | p.reached[state]) & ~p.done[state]
        p.fuel -= 1
        if news != 0:
            p.done[state] = p.done[state] | news
            pass_on(p, state, onward(p, news, p.value[state]))
        p.state += 1
    return 1


def onward(p: Arrive, nodes: int, value: int) -> int:
    """The automaton's states that it can go to from `nodes`, reading `value`."""
    found = 0
    rule = 0
    while rule < p.rules:
        true = p.true[rule]
        if (
            nodes >> p.source[rule] & 1 == 1
            and value & true == true
            and value & p.false[rule] == 0
        ):
            found = found | 1 << p.goes[rule]
        rule += 1
    return found


def pass_on(p: Arrive, state: int, nodes: int) -> None:
    """Let `nodes` arrive at the successors of a state."""
    nodes = nodes & ~p.everywhere
    if nodes == 0:
        return
    edge = p.first[state]
    last = p.first[state + 1]
    p.fuel -= last - edge
    while edge < last:
        to = p.target[edge]
        if to >= 0 and nodes & ~p.reached[to] != 0:
            p.reached[to] = p.reached[to] | nodes
            if to <= state:
                p.again += 1
        edge += 1


def forget(p: Arrive) -> int:
    """Nodes that nobody comes to become dead; 0 if fuel ran out, else 1.

    Counts states that lost a node in `gone`.
    """
    while p.state < p.states:
        if p.fuel <= 0:
            return 0
        state = p.state
        lost = p.trimmed & ~p.dead[state] & ~p.reached[state] & ~p.everywhere
        if lost != 0:
            p.dead[state] = p.dead[state] | lost
            p.gone += 1
        p.fuel -= 1
        p.state += 1
    return 1


def take_away(  # noqa: PLR0917 - what every search in a product needs
    graph: Graph,
    automaton: Automaton,
    value: Vector,
    dead: Vector,
    trimmed: int,
    tick: Tick,
    tier: Kernels,
) -> int:
    """Let those of the `trimmed` nodes be `dead` that no run comes to.

    Gives the number of states that lost one; 0 as well if it takes too many sweeps.
    """
    rules = [(at, t) for at, moves in enumerate(automaton.transitions) for t in moves]
    kind = kind_for(len(automaton.transitions))
    reached = Vector(kind, graph.size)
    for state in graph.initial:
        reached.view[state] = 1
    record = tier.make(
        Arrive(),
        {
            "first": graph.first,
            "target": graph.target,
            "value": value,
            "source": vector_of("I32", [at for at, _ in rules]),
            "true": vector_of("I64", [rule.true for _, rule in rules]),
            "false": vector_of("I64", [rule.false for _, rule in rules]),
            "goes": vector_of("I32", [rule.target for _, rule in rules]),
            "reached": reached,
            "done": Vector(kind, graph.size),
            "dead": dead,
        },
        states=graph.size,
        rules=len(rules),
        trimmed=trimmed,
        # Where it may wait, it has been where it began when it comes to any state.
        everywhere=int(automaton.may_wait),
        **dict.fromkeys(("fuel", "state", "again", "gone"), 0),
    )
    for _ in range(MOST_SWEEPS):
        record.state, record.again = 0, 0
        tier.run(arrive, record, tick)
        if not record.again:
            record.state = 0
            tier.run(forget, record, tick)
            return record.gone
    return 0
