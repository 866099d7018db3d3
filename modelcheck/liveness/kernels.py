"""The kernels: components of the product of graph and automaton.

Kernels are written in the small part of Python that `compiling.py` translates: whole
numbers, vectors, `while`, `if` and calls of other kernels. A kernel keeps what it needs
in the record, so that it can be left when its `fuel` is used up and gone on with later.
Those in `fair.py` judge the components, those in `hunting.py` look for ways.

The *product* has a node `state * width + rule state` for each state of the graph and
each state of the automaton. An edge of the graph and a transition of the automaton (a
*rule*) that reads the valuation of the edge's source make an edge of the product.

Components are found by Tarjan's algorithm in the form of Pearce, "A space-efficient
algorithm for finding strongly connected components" (IPL 2016), which needs one number
per node, here `rank`.
"""

from __future__ import annotations

from modelcheck.liveness.records import I32, I64

DEAD = 0x7FFFFFFF
"""The rank of a node on no fair cycle; those of components count down from below."""

MOST_NODES = 0x3FFFFFFF
"""So many nodes at most: their ranks and the components' must not meet."""


class Product:
    """The record of the kernels: graph, automaton, fairness, and their own notes."""

    # The graph: edges first[state] up to first[state + 1]; target -1 is outside.
    first: I64
    target: I32
    label: I32
    value: I64
    # The automaton: rules rules[q] up to rules[q + 1]; atoms that must hold or not.
    width: int
    rules: I32
    true: I64
    false: I64
    goes: I32
    marks: I64
    all_marks: int
    # Fairness: `words` words for each label say which constraints count it.
    words: int
    counts: I64
    weak: I64
    strong: I64
    able: I64
    # The depth-first search: roots, the path, the stack, and components as segments.
    fuel: int
    rank: I32
    # What trimming has found: only nodes of `left` that are not dead are entered, and
    # if there are any, all of them are.
    dead: I32
    left: int
    index: int
    component: int
    states: int
    skips: int
    sweep_state: int
    root: int
    roots: I32
    roots_end: int
    depth: int
    path: I32
    low: I32
    loops: I32
    source: I32
    rule: I32
    last_rule: I32
    edge: I64
    top: int
    stack: I32
    out: int
    members: I32
    segments: int
    begin: I32
    end: I32
    fair: int
    on: I64
    always: I64
    taken: I64
    # Breadth-first search.
    epoch: int
    seen: I32
    queue: I32
    head: int
    tail: int
    before: I32
    by_rule: I32
    by_edge: I64
    mode: int
    goal: int
    want_marks: int
    want: I64
    want_off: I64
    hit: int
    hit_rule: int
    hit_edge: int


def push(p: Product, state: int, at: int) -> None:
    """Begin with the node of `state` and the automaton's state `at`; it has no rank."""
    node = state * p.width + at
    p.index += 1
    p.rank[node] = p.index
    p.path[p.depth] = node
    p.low[p.depth] = p.index
    p.loops[p.depth] = 0
    p.source[p.depth] = state
    p.rule[p.depth] = p.rules[at]
    p.last_rule[p.depth] = p.rules[at + 1]
    p.edge[p.depth] = -1
    p.depth += 1


def leave(p: Product) -> None:
    """Be done with the last node of the path; if it is a root, note its component."""
    p.depth -= 1
    node = p.path[p.depth]
    rank = p.rank[node]
    if p.low[p.depth] != rank:
        p.stack[p.top] = node
        p.top += 1
        # The first node of a path is always a root.
        p.low[p.depth - 1] = min(p.low[p.depth - 1], p.low[p.depth])
        return
    start = p.out
    while p.top > 0 and p.rank[p.stack[p.top - 1]] > rank:
        p.top -= 1
        p.rank[p.stack[p.top]] = p.component
        p.members[p.out] = p.stack[p.top]
        p.out += 1
    if p.out == start and p.loops[p.depth] == 0:
        p.rank[node] = DEAD
        return
    p.rank[node] = p.component
    p.members[p.out] = node
    p.out += 1
    p.component -= 1
    p.begin[p.segments] = start
    p.end[p.segments] = p.out
    p.segments += 1


def components(p: Product) -> int:
    """Find the components that can be reached from the roots; 0 if fuel ran out.

    Only nodes without a rank are entered. A component without an edge inside is none.
    """
    while True:
        if p.depth == 0 and p.skips == 1:
            if p.left == 0:
                sweep(p)
            else:
                pick(p)
        while p.depth == 0 and p.root < p.roots_end:
            node = p.roots[p.root]
            if p.rank[node] == 0:
                push(p, node // p.width, node % p.width)
            p.root += 1
        if p.depth > 0 and p.fuel > 0:
            advance(p)
        elif p.depth > 0 or p.skips == 1:
            return 0
        else:
            return 1


def pick(p: Product) -> None:
    """Begin with a node that trimming has left; skipping ends with the last state."""
    while p.sweep_state < p.states:
        state = p.sweep_state
        p.fuel -= 1
        left = p.left & ~p.dead[state]
        at = 0
        while left >> at != 0:
            if left >> at & 1 == 1 and p.rank[state * p.width + at] == 0:
                push(p, state, at)
                return
            at += 1
        p.sweep_state += 1
        if p.fuel <= 0:
            return
    p.skips = 0


def sweep(p: Product) -> None:
    """Begin with a node that the automaton's initial state leads to.

    For an automaton that may wait in its initial state whatever it reads, and that is
    on no fair cycle there: with every state of the graph the product has a node that
    can be reached, and which need not be looked at. Skipping ends with
    the last state.
    """
    while p.sweep_state < p.states:
        state = p.sweep_state
        value = p.value[state]
        last = p.first[state + 1]
        p.fuel -= 1
        rule = p.rules[0]
        while rule < p.rules[1]:
            true = p.true[rule]
            if (
                p.goes[rule] != 0
                and value & true == true
                and value & p.false[rule] == 0
            ):
                edge = p.first[state]
                while edge < last:
                    to = p.target[edge]
                    goes = p.goes[rule]
                    if to >= 0 and p.rank[to * p.width + goes] == 0:
                        push(p, to, goes)
                        return
                    edge += 1
            rule += 1
        p.sweep_state += 1
        if p.fuel <= 0:
            return
    p.skips = 0


def advance(p: Product) -> None:
    """Follow the edges of the last node of the path up to one that leads on."""
    place = p.depth - 1
    state = p.source[place]
    first = p.first[state]
    last = p.first[state + 1]
    edge = p.edge[place]
    rule = p.rule[place]
    last_rule = p.last_rule[place]
    low = p.low[place]
    width = p.width
    while rule < last_rule:
        if edge < 0:
            true = p.true[rule]
            value = p.value[state]
            if value & true != true or value & p.false[rule] != 0:
                rule += 1
                continue
            edge = first
        goes = p.goes[rule]
        if p.left != 0 and p.left >> goes & 1 == 0:
            rule += 1
            edge = -1
            continue
        p.fuel -= last - edge + 1
        while edge < last:
            to = p.target[edge]
            if to >= 0 and (p.left == 0 or p.dead[to] >> goes & 1 == 0):
                found = p.rank[to * width + goes]
                if found == 0:
                    p.low[place] = low
                    p.rule[place] = rule
                    p.edge[place] = edge + 1
                    push(p, to, goes)
                    return
                if found < low:
                    low = found
                elif to == state and to * width + goes == p.path[place]:
                    p.loops[place] = 1
            edge += 1
        rule += 1
        edge = -1
    p.low[place] = low
    leave(p)
