"""The kernels: fair components of the product, and shortest ways through it.

Written in the small part of Python that `compiling.py` translates: whole numbers,
vectors, `while`, `if` and calls of other kernels. A kernel keeps what it needs in the
record, so that it can be left when its `fuel` is used up, and gone on with later.

The *product* has a node `state * width + rule state` for each state of the graph and
each state of the automaton. An edge of the graph and a transition of the automaton (a
*rule*) that reads the valuation of the edge's source make an edge of the product.

Components are found by Tarjan's algorithm in the form of Pearce, "A space-efficient
algorithm for finding strongly connected components" (IPL 2016), which needs one number
per node, here `rank`. Those that violate a strong fairness constraint lose the nodes in
which it is enabled and are taken apart again, as Emerson and Lei do it ("Modalities for
model checking", SCP 1987): what is left are all largest fair components.
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
    # What trimming has found: `trimmed` says for which states of the automaton.
    dead: I32
    trimmed: I32
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
            sweep(p)
        while p.depth == 0 and p.root < p.roots_end:
            node = p.roots[p.root]
            if p.rank[node] == 0 and is_dead(p, node) == 0:
                push(p, node // p.width, node % p.width)
            p.root += 1
        if p.depth > 0 and p.fuel > 0:
            advance(p)
        elif p.depth > 0 or p.skips == 1:
            return 0
        else:
            return 1


def is_dead(p: Product, node: int) -> int:
    """Whether trimming has found that a node is on no fair cycle and leads to none."""
    at = node % p.width
    if p.trimmed[at] == 0:
        return 0
    return p.dead[node // p.width] >> at & 1


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
                    if (
                        to >= 0
                        and (p.trimmed[goes] == 0 or p.dead[to] >> goes & 1 == 0)
                        and p.rank[to * p.width + goes] == 0
                    ):
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
        is_trimmed = p.trimmed[goes]
        p.fuel -= last - edge + 1
        while edge < last:
            to = p.target[edge]
            if to >= 0 and (is_trimmed == 0 or p.dead[to] >> goes & 1 == 0):
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


def find_enabled(p: Product) -> int:
    """Fill `able`: for each state the constraints that are enabled in it."""
    state = 0
    while state < p.states:
        edge = p.first[state]
        last = p.first[state + 1]
        while edge < last:
            word = 0
            while word < p.words:
                at = state * p.words + word
                p.able[at] = p.able[at] | p.counts[p.label[edge] * p.words + word]
                word += 1
            edge += 1
        state += 1
    return 1


def survey(p: Product, begin: int, end: int) -> int:
    """Which marks the edges inside a component have; fills `on`, `always`, `taken`."""
    component = p.rank[p.members[begin]]
    is_single = 0
    if end == begin + 1:
        is_single = 1
    marks = 0
    word = 0
    while word < p.words:
        p.on[word] = 0
        p.always[word] = -1
        p.taken[word] = 0
        word += 1
    while begin < end:
        node = p.members[begin]
        state = node // p.width
        word = 0
        while word < p.words:
            found = p.able[state * p.words + word]
            p.on[word] = p.on[word] | found
            p.always[word] = p.always[word] & found
            word += 1
        if is_single == 1:
            marks = look_alone(p, node)
        else:
            marks = marks | look(p, node, component)
        p.fuel -= p.first[state + 1] - p.first[state] + 1
        begin += 1
        if marks & p.all_marks == p.all_marks and lacking(p) == 0:
            # What else the component has changes nothing any more.
            return marks
    return marks


def lacking(p: Product) -> int:
    """Whether what was seen so far leaves open that some constraint is violated."""
    word = 0
    while word < p.words:
        open_ = p.weak[word] & p.always[word] | p.strong[word]
        if open_ & ~p.taken[word] != 0:
            return 1
        word += 1
    return 0


def look(p: Product, node: int, component: int) -> int:
    """The marks of the edges from `node` inside `component`; adds to `taken`."""
    state = node // p.width
    value = p.value[state]
    rule = p.rules[node % p.width]
    marks = 0
    while rule < p.rules[node % p.width + 1]:
        true = p.true[rule]
        if value & true == true and value & p.false[rule] == 0:
            edge = p.first[state]
            while edge < p.first[state + 1]:
                other = p.target[edge] * p.width + p.goes[rule]
                if p.target[edge] >= 0 and p.rank[other] == component:
                    marks = marks | p.marks[rule]
                    take(p, edge)
                edge += 1
        rule += 1
    return marks


def look_alone(p: Product, node: int) -> int:
    """As `look`, for a component of one node: no other rank needs to be read."""
    state = node // p.width
    value = p.value[state]
    rule = p.rules[node % p.width]
    marks = 0
    while rule < p.rules[node % p.width + 1]:
        true = p.true[rule]
        if (
            p.goes[rule] == node % p.width
            and value & true == true
            and value & p.false[rule] == 0
        ):
            edge = p.first[state]
            while edge < p.first[state + 1]:
                if p.target[edge] == state:
                    marks = marks | p.marks[rule]
                    take(p, edge)
                edge += 1
        rule += 1
    return marks


def take(p: Product, edge: int) -> None:
    """Add the constraints that count an edge to `taken`."""
    word = 0
    while word < p.words:
        counted = p.counts[p.label[edge] * p.words + word]
        p.taken[word] = p.taken[word] | counted
        word += 1


def judge(p: Product) -> int:
    """Judge components: 1 if all are, 0 if fuel ran out, 2 if one is to be taken apart.

    Nodes of components that are not fair become DEAD. For one that violates a strong
    constraint, those of its nodes in which it is not enabled become the roots.
    """
    while p.segments > 0:
        if p.fuel <= 0:
            return 0
        p.segments -= 1
        begin = p.begin[p.segments]
        end = p.end[p.segments]
        marks = survey(p, begin, end)
        is_unfair = 0
        is_strong = 0
        if marks & p.all_marks != p.all_marks:
            is_unfair = 1
        word = 0
        while word < p.words:
            if p.weak[word] & p.always[word] & ~p.taken[word] != 0:
                is_unfair = 1
            if p.strong[word] & p.on[word] & ~p.taken[word] != 0:
                is_strong = 1
            word += 1
        if is_unfair == 1:
            while begin < end:
                p.rank[p.members[begin]] = DEAD
                begin += 1
        elif is_strong == 1:
            part(p, begin, end)
            return 2
        else:
            p.fair += 1
    return 1


def part(p: Product, begin: int, end: int) -> None:
    """Take the nodes away in which a strong constraint asks for what never comes."""
    p.out = begin
    p.root = 0
    p.roots_end = 0
    while begin < end:
        node = p.members[begin]
        is_bad = 0
        word = 0
        while word < p.words:
            asked = p.strong[word] & p.on[word] & ~p.taken[word]
            if p.able[node // p.width * p.words + word] & asked != 0:
                is_bad = 1
            word += 1
        if is_bad == 1:
            p.rank[node] = DEAD
        else:
            p.rank[node] = 0
            p.roots[p.roots_end] = node
            p.roots_end += 1
        begin += 1
    p.index = 0


def decide(p: Product) -> int:
    """Find all largest fair components; 0 if fuel ran out, else 1.

    Afterwards a node is on a fair cycle if it has a rank that is not DEAD.
    """
    while True:
        if components(p) == 0:
            return 0
        found = judge(p)
        if found < 2:
            return found


STEM = 0
CLOSE = 1
COVER = 2


def hunt(p: Product) -> int:
    """Search breadth-first from the queue; 1 if found, -1 if not, 0 if out of fuel.

    STEM looks for a node on a fair cycle; the others stay in the component `goal` is
    in. CLOSE looks for an edge to `goal`, COVER for one that has a wanted mark or that
    a wanted constraint counts, or leaves a node in which one of `want_off` is disabled.
    `hit` is the node found, for CLOSE and COVER the source of the edge that was.
    """
    while p.head < p.tail:
        if p.fuel <= 0:
            return 0
        node = p.queue[p.head]
        p.head += 1
        if p.mode == STEM and p.rank[node] != DEAD and p.rank[node] != 0:
            p.hit = node
            return 1
        if spread(p, node) == 1:
            return 1
    return -1


def spread(p: Product, node: int) -> int:
    """Put the unseen successors of `node` into the queue; 1 if an edge is wanted."""
    state = node // p.width
    value = p.value[state]
    p.fuel -= p.first[state + 1] - p.first[state] + 1
    is_off = 0
    if p.mode == COVER:
        is_off = lacks(p, state)
    rule = p.rules[node % p.width]
    while rule < p.rules[node % p.width + 1]:
        true = p.true[rule]
        if value & true == true and value & p.false[rule] == 0:
            edge = p.first[state]
            while edge < p.first[state + 1]:
                if p.target[edge] >= 0:
                    other = p.target[edge] * p.width + p.goes[rule]
                    if p.mode == STEM or p.rank[other] == p.rank[p.goal]:
                        if is_wanted(p, rule, edge, other) == 1 or is_off == 1:
                            p.hit = node
                            p.hit_rule = rule
                            p.hit_edge = edge
                            return 1
                        if p.seen[other] != p.epoch:
                            p.seen[other] = p.epoch
                            p.before[other] = node
                            p.by_rule[other] = rule
                            p.by_edge[other] = edge
                            p.queue[p.tail] = other
                            p.tail += 1
                edge += 1
        rule += 1
    return 0


def lacks(p: Product, state: int) -> int:
    """Whether a constraint of `want_off` is disabled in `state`."""
    word = 0
    while word < p.words:
        if p.want_off[word] & ~p.able[state * p.words + word] != 0:
            return 1
        word += 1
    return 0


def is_wanted(p: Product, rule: int, edge: int, other: int) -> int:
    """Whether an edge inside the component is what CLOSE or COVER looks for."""
    if p.mode == CLOSE:
        if other == p.goal:
            return 1
        return 0
    if p.mode == COVER:
        if p.marks[rule] & p.want_marks != 0:
            return 1
        word = 0
        while word < p.words:
            if p.counts[p.label[edge] * p.words + word] & p.want[word] != 0:
                return 1
            word += 1
    return 0
