"""The kernels that judge components: those that are fair, and what is left of others.

Components that violate a strong fairness constraint lose the nodes in which it is
enabled and are taken apart again, as Emerson and Lei do it ("Modalities for model
checking", SCP 1987): what is left are all largest fair components.
"""

from __future__ import annotations

from modelcheck.liveness.kernels import DEAD, Product, components


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
