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
    # The depth-first search: roots, the path, the stack, and components as segments.
    fuel: int
    rank: I32
    index: int
    component: int
    root: int
    roots: I32
    roots_end: int
    depth: int
    path: I32
    began: I32
    rule: I32
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


def push(p: Product, node: int) -> None:
    """Begin with `node`, which has no rank."""
    p.index += 1
    p.rank[node] = p.index
    p.path[p.depth] = node
    p.began[p.depth] = p.index
    p.rule[p.depth] = p.rules[node % p.width]
    p.edge[p.depth] = -1
    p.depth += 1


def leave(p: Product, has_loop: int) -> None:
    """Be done with the last node of the path; if it is a root, note its component."""
    p.depth -= 1
    node = p.path[p.depth]
    rank = p.rank[node]
    if rank != p.began[p.depth]:
        p.stack[p.top] = node
        p.top += 1
        return
    start = p.out
    while p.top > 0 and p.rank[p.stack[p.top - 1]] >= rank:
        p.top -= 1
        p.rank[p.stack[p.top]] = p.component
        p.members[p.out] = p.stack[p.top]
        p.out += 1
    if p.out == start and has_loop == 0:
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
        while p.depth == 0 and p.root < p.roots_end:
            if p.rank[p.roots[p.root]] == 0:
                push(p, p.roots[p.root])
            p.root += 1
        if p.depth == 0:
            return 1
        if p.fuel <= 0:
            return 0
        advance(p)


def advance(p: Product) -> None:
    """Follow the edges of the last node of the path up to one that leads on."""
    place = p.depth - 1
    node = p.path[place]
    state = node // p.width
    value = p.value[state]
    last = p.first[state + 1]
    rule = p.rule[place]
    edge = p.edge[place]
    rank = p.rank[node]
    # Until the node is left, `seen` says whether it has an edge to itself.
    has_loop = p.seen[node]
    last_rule = p.rules[node % p.width + 1]
    while rule < last_rule:
        if edge < 0:
            true = p.true[rule]
            if value & true != true or value & p.false[rule] != 0:
                rule += 1
                continue
            edge = p.first[state]
        goes = p.goes[rule]
        p.fuel -= last - edge + 1
        while edge < last:
            if p.target[edge] >= 0:
                other = p.target[edge] * p.width + goes
                found = p.rank[other]
                if found == 0:
                    p.rank[node] = rank
                    p.rule[place] = rule
                    # Looked at again when `other` is done, for its rank.
                    p.edge[place] = edge
                    p.seen[node] = has_loop
                    push(p, other)
                    return
                rank = min(rank, found)
                if other == node:
                    has_loop = 1
            edge += 1
        rule += 1
        edge = -1
    p.rank[node] = rank
    leave(p, has_loop)


def enabled(p: Product, state: int, word: int) -> int:
    """The constraints of a word that are enabled in `state`."""
    found = 0
    edge = p.first[state]
    while edge < p.first[state + 1]:
        found = found | p.counts[p.label[edge] * p.words + word]
        edge += 1
    return found


def survey(p: Product, begin: int, end: int) -> int:
    """Which marks the edges inside a component have; fills `on`, `always`, `taken`."""
    component = p.rank[p.members[begin]]
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
            found = enabled(p, state, word)
            p.on[word] = p.on[word] | found
            p.always[word] = p.always[word] & found
            word += 1
        marks = marks | look(p, node, component)
        p.fuel -= p.first[state + 1] - p.first[state] + 1
        begin += 1
    return marks


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
                    word = 0
                    while word < p.words:
                        counted = p.counts[p.label[edge] * p.words + word]
                        p.taken[word] = p.taken[word] | counted
                        word += 1
                edge += 1
        rule += 1
    return marks


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
            if enabled(p, node // p.width, word) & asked != 0:
                is_bad = 1
            word += 1
        if is_bad == 1:
            p.rank[node] = DEAD
        else:
            p.rank[node] = 0
            p.seen[node] = 0
            p.roots[p.roots_end] = node
            p.roots_end += 1
        begin += 1
    p.index = 0


def decide(p: Product) -> int:
    """Find all largest fair components; 0 if fuel ran out, else 1.

    Afterwards a node that was reached is on a fair cycle if its rank is not DEAD.
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
        if p.mode == STEM and p.rank[node] != DEAD:
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
        if p.want_off[word] & ~enabled(p, state, word) != 0:
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
