"""The plan: which steps are tried on which states of a batch.

Most steps begin with a test: a program counter has a value, a member of an enum is
this one. Steps that test one cell are put behind a *split* of the batch by that cell,
so that their code runs on lists of states that have all passed. A long step behind a
condition gets a *filter*, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from modelcheck.explore.bodies import statements, terms_of
from modelcheck.model.program import Model, Step
from modelcheck.model.statements import Body, Mark, Require, Statement
from modelcheck.model.terms import Op, Term, and_, constant_of, eq, walk

HEAVY = 24
"""From how many operators on it pays to make a list for a step or a few."""

DEEP = 3
"""How many splits and filters may stand behind each other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A step: what must hold for it, one cell each or more, and what it then does."""

    step: Step
    tests: Mapping[int, int]
    conds: tuple[Term, ...]
    body: Body
    weight: int

    def without(self, cell: int) -> Entry:
        """The step behind a split by `cell`."""
        tests = {c: v for c, v in self.tests.items() if c != cell}
        return Entry(self.step, tests, self.conds, self.body, self.weight)

    def behind(self, cond: Term) -> Entry:
        """The step behind a filter by `cond`."""
        conds = tuple(c for c in self.conds if c is not cond)
        return Entry(self.step, self.tests, conds, self.body, self.weight)


@dataclass(slots=True)
class Node:
    """Steps for the states of one list, in which the cells of `known` are constant."""

    known: Mapping[int, int]
    entries: list[Entry] = field(default_factory=list)
    splits: list[tuple[int, dict[int, Node]]] = field(default_factory=list)
    filters: list[tuple[Term, Node]] = field(default_factory=list)

    def lists(self) -> int:
        """How many lists are in use at once below this node, at most."""
        needs = [
            len(children) + max(child.lists() for child in children.values())
            for _, children in self.splits
        ]
        needs += [1 + child.lists() for _, child in self.filters]
        return max(needs, default=0)


def make_plan(model: Model) -> Node:
    """The plan for all steps of `model`."""
    found = (_entry(step) for step in model.steps)
    return _node({}, [entry for entry in found if entry is not None], DEEP)


def _entry(step: Step) -> Entry | None:
    """`step` with its tests apart; None if they contradict each other."""
    tests: dict[int, int] = {} if step.at is None else dict([step.at])
    conds: list[Term] = []
    body = list(step.body)
    marks: list[Statement] = []
    while body and isinstance(body[0], Require | Mark):
        statement = body[0]
        if isinstance(statement, Require):
            if statement.is_assumption:
                break
            for cond in _conjuncts(statement.cond):
                test = _test(cond)
                if cond.is_const:
                    if not cond.value:
                        return None
                elif test is None:
                    conds.append(cond)
                elif tests.setdefault(*test) != test[1]:
                    return None
        else:
            marks.append(statement)
        body.pop(0)
    # What counts is who passes the marks and comes to an end: all that pass the tests.
    body = [*marks, *body]
    return Entry(step, tests, tuple(conds), tuple(body), weight(body))


def weight(body: Iterable[object]) -> int:
    """How many operators the terms of `body` have."""
    everything = statements(tuple(body))  # type: ignore[arg-type]
    terms = [term for s in everything for term in terms_of(s)]
    return sum(1 for term in walk(terms) if term.args)


def _conjuncts(cond: Term) -> tuple[Term, ...]:
    return cond.args if cond.op is Op.AND else (cond,)


def _test(cond: Term) -> tuple[int, int] | None:
    """The cell and the value that it must have, if that is what `cond` says."""
    if cond.op is Op.CELL:
        return cond.value, 1
    if cond.op is Op.NOT and cond.args[0].op is Op.CELL:
        return cond.args[0].value, 0
    if cond.op is Op.EQ:
        for one, two in (cond.args, cond.args[::-1]):
            if one.op is Op.CELL and two.is_const:
                return one.value, two.value
    return None


def condition(model: Model, entry: Entry) -> tuple[Term, ...]:
    """What is left to be tested for `entry`."""
    found = []
    for cell, value in entry.tests.items():
        scalar = model.cells[cell].range
        constant = constant_of(scalar.sort, value, scalar.hi)
        found.append(eq(model.cells[cell].now, constant))
    return _conjuncts(and_(*found, *entry.conds))


def _node(known: Mapping[int, int], entries: list[Entry], depth: int) -> Node:
    node = Node(known)
    while depth:
        cell = _best_cell(entries)
        if cell is None:
            break
        children: dict[int, list[Entry]] = {}
        for entry in entries:
            if cell in entry.tests:
                children.setdefault(entry.tests[cell], []).append(entry.without(cell))
        entries = [entry for entry in entries if cell not in entry.tests]
        made = {
            value: _node({**known, cell: value}, below, depth - 1)
            for value, below in sorted(children.items())
        }
        node.splits.append((cell, made))
    node.entries = _filtered(node, entries, depth)
    return node


def _best_cell(entries: list[Entry]) -> int | None:
    """The cell that most steps test, if a split by it pays."""
    gain: dict[int, int] = {}
    for entry in entries:
        for cell in entry.tests:
            gain[cell] = gain.get(cell, 0) + 8 + entry.weight
    best = max(gain, key=lambda cell: (gain[cell], -cell), default=None)
    return best if best is not None and gain[best] >= HEAVY else None


def _filtered(node: Node, entries: list[Entry], depth: int) -> list[Entry]:
    """Move steps that are long, or share a condition, behind filters of `node`."""
    shared: dict[Term, list[Entry]] = {}
    for entry in entries:
        if entry.conds and depth:
            shared.setdefault(entry.conds[0], []).append(entry)
    moved: set[int] = set()
    for cond, group in shared.items():
        if sum(8 + entry.weight for entry in group) >= 2 * HEAVY:
            below = [entry.behind(cond) for entry in group]
            node.filters.append((cond, _node(node.known, below, depth - 1)))
            moved.update(entry.step.index for entry in group)
    return [entry for entry in entries if entry.step.index not in moved]
