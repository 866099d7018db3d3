"""Which nodes of the product reach what fairness asks of a cycle through them.

On a fair cycle each weakly fair constraint is taken, or disabled somewhere, and each
strongly fair one that is enabled is taken. So a node from which no way, among the nodes
that are left, leads to a transition that counts or to a state in which the constraint
is disabled is on no fair cycle; neither is one in which a strong constraint is enabled,
if no such way leads to a transition that counts. What is left when nodes are taken away
for that is the set that Emerson and Lei compute ("Modalities for model checking", SCP
1987), here without their acceptance sets, and only where each component of the
automaton is one state; then whole words of pairs of a node and a constraint are dealt
with at once.

What is reached is found by sweeps over all states, one way and back, until nothing
changes. Most nodes reach everything after the first one, and are passed over.
"""

from __future__ import annotations

from modelcheck.liveness.graph import Graph
from modelcheck.liveness.records import I32, I64, Vector
from modelcheck.liveness.tiers import Constraints, Kernels, Tick, vector_of

MOST_STATES = 10
"""Of the automaton: there is a table of all sets of them."""

MOST_SWEEPS = 40
"""What needs more of them is left to Tarjan's algorithm."""

MOST_GROUPS = 4
"""Nor are more constraints than fit into so many words looked at."""

PAIRS = 62
"""Pairs of a state of the automaton and a constraint in a word."""


class Reach:
    """The record of the kernels; what it shares with `Trim` means the same there.

    Words have a bit for each pair of a state of the automaton and a constraint.
    """

    first: I64
    target: I32
    label: I32
    states: int
    dead: I32
    trimmed: int
    fuel: int
    # For a set of the automaton's states all their pairs; for a label those counted.
    spread: I64
    counted: I64
    weak: int
    strong: int
    # What each state reaches, for its nodes that are left.
    reach: I64
    # What some state reaches, and what is taken to be reached by all.
    somewhere: int
    granted: int
    state: int
    is_first: int
    changed: int
    gone: int


def flood_down(p: Reach) -> int:
    """Look at all states before `state`, the last first; 0 if fuel ran out, else 1."""
    while p.state > 0:
        if p.fuel <= 0:
            return 0
        p.state -= 1
        look(p, p.state)
    return 1


def flood_up(p: Reach) -> int:
    """Look at all states from `state` on; 0 if fuel ran out, else 1."""
    while p.state < p.states:
        if p.fuel <= 0:
            return 0
        look(p, p.state)
        p.state += 1
    return 1


def look(p: Reach, state: int) -> None:
    """Note what a state reaches by its successors; news counts in `changed`."""
    p.fuel -= 1
    nodes = p.trimmed & ~p.dead[state]
    all_pairs = p.spread[nodes]
    before = 0
    if p.is_first == 0:
        before = p.reach[state]
    elif nodes != 0:
        before = p.weak & all_pairs & ~enabled(p, state)
    found = before
    edge = p.first[state]
    last = p.first[state + 1]
    while edge < last and found != all_pairs:
        to = p.target[edge]
        if to >= 0:
            both = p.spread[nodes & ~p.dead[to]]
            if p.is_first == 0 or to > state:
                found = found | both & p.reach[to]
            found = found | both & p.counted[p.label[edge]]
        edge += 1
        p.fuel -= 1
    if found != before or p.is_first == 1:
        p.reach[state] = found
        p.somewhere = p.somewhere | found
        p.changed += 1


def enabled(p: Reach, state: int) -> int:
    """The pairs of constraints that are enabled in a state."""
    edge = p.first[state]
    last = p.first[state + 1]
    found = 0
    while edge < last:
        found = found | p.counted[p.label[edge]]
        edge += 1
    return found


def condemn(p: Reach) -> int:
    """Nodes of states before `state` that do not reach what is asked become dead.

    0 if fuel ran out, else 1. Counts states that lost a node in `gone`.
    """
    while p.state > 0:
        if p.fuel <= 0:
            return 0
        p.state -= 1
        state = p.state
        p.fuel -= 1
        nodes = p.trimmed & ~p.dead[state]
        missing = p.spread[nodes] & ~p.reach[state] & ~p.granted
        if missing != 0:
            missing = missing & (p.weak | p.strong & enabled(p, state))
            if missing != 0:
                p.dead[state] = p.dead[state] | lacking(p, nodes, missing)
                p.gone += 1
    return 1


def lacking(p: Reach, nodes: int, missing: int) -> int:
    """Those of `nodes` of which a pair is missing."""
    found = 0
    at = 0
    while nodes >> at != 0:
        if nodes >> at & 1 == 1 and p.spread[1 << at] & missing != 0:
            found = found | 1 << at
        at += 1
    return found


class Reaching:
    """Finds dead nodes of one product; for automata whose components are states."""

    def __init__(
        self, graph: Graph, dead: Vector, trimmed: int, tick: Tick, tier: Kernels
    ) -> None:
        self.tick = tick
        self.tier = tier
        self.graph = graph
        self.trimmed = trimmed
        self.constraints = Constraints(graph)
        self.vectors = {
            "first": graph.first,
            "target": graph.target,
            "label": graph.label,
            "dead": dead,
        }

    def condemn(self, alive: int) -> int:
        """Look for dead nodes of the states `alive` of the automaton, by rising bits.

        Gives in how many states of the graph there were some.
        """
        count = len(self.graph.model.fairness)
        places = alive.bit_count()
        if not count or not places or self.trimmed.bit_length() > MOST_STATES:
            return 0
        size = PAIRS // places
        groups = -(-count // size)
        if groups > MOST_GROUPS:
            return 0
        if "reach" not in self.vectors:
            self.vectors["reach"] = Vector("I64", self.graph.size)
        return sum(
            self._condemn(alive, ((1 << size) - 1) << size * group, size * group, size)
            for group in range(groups)
        )

    def _condemn(self, alive: int, group: int, first: int, size: int) -> int:
        """The same for the constraints of a group, the first of them and how many."""
        places = [at for at in range(self.trimmed.bit_length()) if alive >> at & 1]
        ones = (1 << size) - 1

        def pairs(bits: int, states: int) -> int:
            word = (bits & group) >> first
            return sum(
                word << size * place
                for place, at in enumerate(places)
                if states >> at & 1
            )

        record = self.tier.make(
            Reach(),
            self.vectors
            | {
                "spread": vector_of(
                    "I64",
                    [
                        pairs(ones << first, states)
                        for states in range(1 << self.trimmed.bit_length())
                    ],
                ),
                "counted": vector_of(
                    "I64", [pairs(each.counted, alive) for each in self.graph.labels]
                ),
            },
            states=self.graph.size,
            trimmed=alive,
            weak=pairs(self.constraints.weak, alive),
            strong=pairs(self.constraints.strong, alive),
            **dict.fromkeys(("fuel", "state", "changed", "gone"), 0),
            **dict.fromkeys(("somewhere", "granted"), 0),
            is_first=1,
        )
        self._flood(record)
        if (record.weak | record.strong) & ~record.somewhere:
            # What nobody reaches need not be looked for: what follows is cheap.
            record.granted = record.somewhere
            self._sentence(record)
            record.granted = 0
        if not record.gone:
            self._flood_on(record)
        return record.gone

    def _flood_on(self, record: Reach) -> None:
        """Look for all that is reached, and condemn those who do not reach enough."""
        record.is_first = 0
        for number in range(1, MOST_SWEEPS):
            self._flood(record, is_up=number % 4 == 3)
            if not record.changed:
                self._sentence(record)
                return

    def _flood(self, record: Reach, *, is_up: bool = False) -> None:
        record.changed = 0
        record.state = 0 if is_up else self.graph.size
        self.tier.run(flood_up if is_up else flood_down, record, self.tick)

    def _sentence(self, record: Reach) -> None:
        record.state = self.graph.size
        self.tier.run(condemn, record, self.tick)
