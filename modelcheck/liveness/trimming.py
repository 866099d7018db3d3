"""Trimming: what of the product leads to no fair cycle, found by sweeps over edges.

A fair cycle stays in one strongly connected component of the automaton, one whose
transitions have all marks among them; only nodes of the product in such components are
looked at here. One that has no successor leads to no cycle, and neither does one all of
whose successors do not. One whose only such successor is itself must be fair alone.
(McLendon and others trim so before a parallel search, "Finding strongly connected
components in distributed graphs", JPDC 2005.)

States have the numbers of a breadth-first search, and most edges lead to larger ones:
a sweep from the last state to the first sees most successors before their sources, and
one sweep does for a graph without cycles. A word for each state has all nodes of the
product that belong to it, so a sweep reads each edge once, whatever the automaton is.
What is left has cycles, or leads to some. Of that, what no run comes to (`arriving.py`)
and what cannot be fair (`reaching.py`) is taken away, and the rest, which has all nodes
on fair cycles, is left to Tarjan's algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.liveness.arriving import take_away
from modelcheck.liveness.automaton import Automaton
from modelcheck.liveness.graph import Graph
from modelcheck.liveness.reaching import Reaching
from modelcheck.liveness.records import I32, I64, Vector, kind_for
from modelcheck.liveness.tiers import Constraints, Kernels, Tick, vector_of

MOST_STATES = 31
"""An automaton with more states is not trimmed: a word has one bit for each."""

PAYS = 8
"""Once no more than one state in so many loses a node, other means are quicker."""

MOST_LETTERS = 16
"""So many conditions at most are looked up all at once."""


class Trim:
    """The record of the kernel; what it shares with `Product` means the same there."""

    first: I64
    target: I32
    label: I32
    value: I64
    states: int
    words: int
    counts: I64
    asked: I64
    all_marks: int
    # The transitions of the automaton: from where, what they read, as in `Product`.
    rules: int
    source: I32
    true: I64
    false: I64
    goes: I32
    marks: I64
    # The nodes that lead to no fair cycle, and those that are looked at.
    dead: I32
    trimmed: int
    fuel: int
    state: int
    gone: int
    left: int
    alive: int
    # The constraints that a loop at one state would not fulfil if they were enabled.
    open: I64
    # Whether all transitions lead back to where they come from; then, for a value of
    # the `letters` that was met, 1 + where something can be read.
    is_simple: int
    letters: int
    known: I32


def sweep(p: Trim) -> int:
    """Look at all states before `state`, the last first; 0 if fuel ran out, else 1.

    Counts those that lost a node in `gone`, those that have one left in `left`; notes
    the automaton's states of the latter in `alive`.
    """
    while p.state > 0:
        if p.fuel <= 0:
            return 0
        p.state -= 1
        state = p.state
        p.fuel -= 1
        nodes = p.trimmed & ~p.dead[state]
        if nodes != 0:
            kept = 0
            wanted = goals(p, nodes, p.value[state])
            if wanted != 0:
                kept = keep(p, state, nodes, wanted)
            if kept != nodes:
                p.dead[state] = p.dead[state] | nodes & ~kept
                p.gone += 1
            if kept != 0:
                p.alive = p.alive | kept
                p.left += 1
    return 1


def goals(p: Trim, nodes: int, value: int) -> int:
    """The automaton's states that it can go to from `nodes`, reading `value`."""
    if p.is_simple == 0:
        return read(p, nodes, value)
    # No transition leads to another state: what can be read is looked up.
    value = value & p.letters
    if p.known[value] == 0:
        p.known[value] = 1 + read(p, p.trimmed, value)
    return p.known[value] - 1 & nodes


def read(p: Trim, nodes: int, value: int) -> int:
    """As `goals`, by looking at all transitions."""
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


def keep(p: Trim, state: int, nodes: int, wanted: int) -> int:
    """Those of the `nodes` of `state` that have a successor, or are fair alone."""
    edge = p.first[state]
    last = p.first[state + 1]
    p.fuel -= last - edge
    after = 0
    is_loop = 0
    while edge < last and after & wanted != wanted:
        to = p.target[edge]
        if to == state:
            is_loop = 1
        elif to >= 0:
            after = after | ~p.dead[to]
        edge += 1
    if p.is_simple == 1:
        kept = wanted & after
        alone = wanted & ~after
    else:
        here = 0
        if is_loop == 1:
            here = ~p.dead[state]
        kept = sources(p, state, nodes, after, here)
        alone = nodes & ~kept
    if is_loop == 1 and alone != 0 and owes(p, state) == 0:
        kept = kept | fulfilled(p, state, alone)
    return kept


def sources(p: Trim, state: int, nodes: int, after: int, here: int) -> int:
    """Those of `nodes` that lead to a node `after`, or to another one `here`."""
    value = p.value[state]
    found = 0
    rule = 0
    while rule < p.rules:
        true = p.true[rule]
        source = p.source[rule]
        goes = p.goes[rule]
        if (
            nodes >> source & 1 == 1
            and value & true == true
            and value & p.false[rule] == 0
        ):
            lead = after
            if goes != source:
                lead = lead | here
            found = found | (lead >> goes & 1) << source
        rule += 1
    return found


def owes(p: Trim, state: int) -> int:
    """Whether going round at `state` violates a fairness constraint."""
    word = 0
    while word < p.words:
        p.open[word] = p.asked[word]
        word += 1
    edge = p.first[state]
    last = p.first[state + 1]
    while edge < last:
        if p.target[edge] == state:
            at = p.label[edge] * p.words
            word = 0
            while word < p.words:
                p.open[word] = p.open[word] & ~p.counts[at + word]
                word += 1
        edge += 1
    edge = p.first[state]
    while edge < last:
        at = p.label[edge] * p.words
        word = 0
        while word < p.words:
            if p.counts[at + word] & p.open[word] != 0:
                return 1
            word += 1
        edge += 1
    return 0


def fulfilled(p: Trim, state: int, nodes: int) -> int:
    """Those of `nodes` whose transitions to themselves have all marks among them."""
    found = 0
    source = 0
    while nodes >> source != 0:
        if nodes >> source & 1 == 1 and accepts(p, state, source) == 1:
            found = found | 1 << source
        source += 1
    return found


def accepts(p: Trim, state: int, source: int) -> int:
    """Whether the automaton accepts in `source` if it reads `state` for ever."""
    value = p.value[state]
    is_read = 0
    marks = 0
    rule = 0
    while rule < p.rules:
        true = p.true[rule]
        if (
            p.source[rule] == source
            and p.goes[rule] == source
            and value & true == true
            and value & p.false[rule] == 0
        ):
            is_read = 1
            marks = marks | p.marks[rule]
        rule += 1
    if is_read == 1 and marks & p.all_marks == p.all_marks:
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A transition and where it comes from; fields as in `Transition`."""

    source: int
    true: int
    false: int
    target: int
    marks: int


def rules_of(automaton: Automaton) -> list[Rule]:
    """The transitions from the states of the automaton that some word passes for ever.

    Those are the states of components whose transitions have all marks among them.
    """
    component = automaton.components()
    rules = [
        Rule(source, t.true, t.false, t.target, t.marks)
        for source, moves in enumerate(automaton.transitions)
        for t in moves
    ]
    marks: dict[int, int] = {}
    for rule in rules:
        place = component[rule.source]
        if place == component[rule.target]:
            marks[place] = marks.get(place, 0) | rule.marks
    return [r for r in rules if marks.get(component[r.source]) == automaton.all_marks]


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What trimming has found; `left` says whether there may be a fair cycle.

    If so, the `dead` nodes are on none: a word of bits for each state. The bits count
    for the automaton's states in `nodes`, a set of bits as well; there is no fair cycle
    through others. If nothing was looked at, `nodes` is 0.
    """

    dead: Vector
    nodes: int
    left: bool


def trim(
    graph: Graph, automaton: Automaton, value: Vector, tick: Tick, tier: Kernels
) -> Trimmed:
    """Take away what is on no fair cycle, as long as that pays."""
    if len(automaton.transitions) > MOST_STATES:
        return Trimmed(Vector("U8", 0), 0, left=True)
    rules = rules_of(automaton)
    nodes = 0
    for rule in rules:
        nodes |= 1 << rule.source
    dead = Vector(kind_for(nodes.bit_length()), graph.size)
    constraints = Constraints(graph)
    letters = 0
    for rule in rules:
        letters |= rule.true | rule.false
    is_simple = all(rule.source == rule.target for rule in rules)
    is_simple = is_simple and letters.bit_length() <= MOST_LETTERS
    vectors = {
        "first": graph.first,
        "target": graph.target,
        "label": graph.label,
        "value": value,
        "counts": constraints.counts,
        "asked": constraints.vector(constraints.weak | constraints.strong),
        "source": vector_of("I32", [rule.source for rule in rules]),
        "true": vector_of("I64", [rule.true for rule in rules]),
        "false": vector_of("I64", [rule.false for rule in rules]),
        "goes": vector_of("I32", [rule.target for rule in rules]),
        "marks": vector_of("I64", [rule.marks for rule in rules]),
        "dead": dead,
        "open": constraints.vector(),
        "known": Vector("I32", letters + 1 if is_simple else 0),
    }
    record = tier.make(
        Trim(),
        vectors,
        states=graph.size,
        words=constraints.words,
        all_marks=automaton.all_marks,
        rules=len(rules),
        trimmed=nodes,
        is_simple=int(is_simple),
        letters=letters,
        **dict.fromkeys(("fuel", "state", "gone", "left", "alive"), 0),
    )

    def swept() -> int:
        """Sweep as long as that pays; how many states have a node left then."""
        while True:
            record.state, record.gone, record.left, record.alive = graph.size, 0, 0, 0
            tier.run(sweep, record, tick)
            if not record.left or record.gone * PAYS <= record.left:
                return record.left

    is_left = swept() > 0
    if is_left and is_simple:
        reaching = Reaching(graph, dead, nodes, tick, tier)
        while is_left and reaching.condemn(record.alive) * PAYS > record.left:
            is_left = swept() > 0
    if is_left and take_away(graph, automaton, value, dead, nodes, tick, tier):
        is_left = swept() > 0
    return Trimmed(dead, nodes, is_left)
