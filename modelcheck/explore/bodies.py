"""What a generator of code must know about bodies before it writes them.

Bodies are nested statements that branch, and a `Choose` inside a branch offers its
values also to what follows the branch. Here is found, once for each `If`, whether it
can be written as a plain Python `if`, and for whole bodies which cells they touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modelcheck.explore.expressions import leaves_of
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Require,
    Statement,
)
from modelcheck.model.terms import Op, Term

MOST_INDENTED = 30
"""How deep `if` statements are nested; Python's tokenizer allows a hundred levels."""


@dataclass(frozen=True, slots=True)
class Branching:
    """What an `If` can do: which cells it may assign, and how it must be written.

    It is `split` if a path through it can fork, or if it is nested too deep: then
    both branches go on with what follows as a function of their own.
    """

    assigned: frozenset[int]
    depth: int
    has_choose: bool

    @property
    def is_split(self) -> bool:
        """Whether what follows must be a function that both branches call."""
        return self.has_choose or self.depth > MOST_INDENTED


def statements(body: Body) -> Iterator[Statement]:
    """Every statement in `body`, at any depth, parents before children."""
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        yield statement
        if isinstance(statement, If):
            stack.extend(reversed((*statement.then, *statement.orelse)))


def terms_of(statement: Statement) -> tuple[Term, ...]:
    """The terms that `statement` itself evaluates; those of a `Mark` do not count."""
    match statement:
        case Assign(term=term) | Let(term=term):
            return (term,)
        case If(cond=cond) | Require(cond=cond) | Assert(cond=cond):
            return (cond,)
        case Choose(among=among):
            return () if among is None else (among,)
    return ()


def branchings(body: Body) -> dict[int, Branching]:
    """For the `id()` of every `If` in `body`, what it can do."""
    found: dict[int, Branching] = {}
    for statement in reversed(list(statements(body))):
        if isinstance(statement, If):
            found[id(statement)] = _branching(statement, found)
    return found


def _branching(statement: If, found: dict[int, Branching]) -> Branching:
    """What `statement` can do, given that the statements inside are in `found`."""
    assigned: set[int] = set()
    depth = 0
    has_choose = False
    for inner in (*statement.then, *statement.orelse):
        match inner:
            case Assign(cell=cell):
                assigned.add(cell)
            case Choose():
                has_choose = True
            case If():
                below = found[id(inner)]
                assigned |= below.assigned
                depth = max(depth, below.depth)
                has_choose = has_choose or below.has_choose
    return Branching(frozenset(assigned), depth + 1, has_choose)


@dataclass(frozen=True, slots=True)
class Footprint:
    """The cells that a body reads before the step, reads after it, and writes."""

    reads: frozenset[int]
    nexts: frozenset[int]
    writes: frozenset[int]

    @property
    def touched(self) -> frozenset[int]:
        """The cells of the state that decide what the body does to it."""
        return self.reads | self.writes


def footprint(body: Body, *more: Term) -> Footprint:
    """What `body` and the terms `more` touch."""
    everything = list(statements(body))
    terms = [*more, *(term for s in everything for term in terms_of(s))]
    writes = frozenset(s.cell for s in everything if isinstance(s, Assign))
    reads = frozenset(leaves_of(terms, Op.CELL))
    return Footprint(reads, frozenset(leaves_of(terms, Op.NEXT)), writes)


def has_choose(body: Body) -> bool:
    """Whether paths fork in `body`."""
    return any(isinstance(s, Choose) for s in statements(body))


def written_cells(body: Body) -> set[int]:
    """The cells that `body` writes."""
    return {s.cell for s in statements(body) if isinstance(s, Assign)}


def written_temps(body: Body) -> list[Term]:
    """The temporaries that `body` writes."""
    lets = (s.temp for s in statements(body) if isinstance(s, Let | Choose))
    return [temp for temp in dict.fromkeys(lets) if temp.op is Op.TEMP]


def written(body: Body) -> list[tuple[Op, int]]:
    """The cells and temporaries that `body` writes."""
    temps = [(Op.TEMP, temp.value) for temp in written_temps(body)]
    return [*temps, *((Op.CELL, cell) for cell in written_cells(body))]
