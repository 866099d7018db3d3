"""The kernel that looks for shortest ways through the product, breadth-first."""

from __future__ import annotations

from modelcheck.liveness.kernels import DEAD, Product

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
