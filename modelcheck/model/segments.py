"""Segments: what a process does from one suspension to the next, and what it reads.

`live` says which temporaries are read after a suspension; they become cells, and a cell
holds its lowest value where its temporary is not live, so that states which differ only
in dead locals are one state.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modelcheck.model.leaves import temps_of
from modelcheck.model.lifetimes import temps_in
from modelcheck.model.simplify import drop_dead, pass_backward
from modelcheck.model.statements import (
    Body,
    Choose,
    If,
    Jump,
    Let,
    Mark,
    Statement,
    Suspend,
)
from modelcheck.model.terms import Term

START = 0
"""The number of the segment where a process begins."""

_NOTHING = frozenset[Term]()


@dataclass(frozen=True, slots=True)
class Segment:
    """What a process does from one suspension (`wait`) to the next, in jumps."""

    wait: Suspend
    body: Body


def live(segments: list[Segment]) -> list[frozenset[Term]]:
    """The temporaries read after each suspension, by segment number.

    Reads by marks do not count: a trace is no reason for a larger state.
    """
    reads = [_reads(segment.body, _Reads()) for segment in segments]
    before = [set(each.first) for each in reads]
    jumping: dict[int, list[int]] = {}
    for number, each in enumerate(reads):
        for target in each.kept:
            jumping.setdefault(target, []).append(number)
    todo = list(range(len(segments)))
    while todo:
        target = todo.pop()
        for number in jumping.get(target, ()):
            new = before[target] - reads[number].kept[target] - before[number]
            if new:
                before[number] |= new
                todo.append(number)
    return [frozenset(each) for each in before]


@dataclass(slots=True)
class _Reads:
    """What is read from a point of a body on: `first` are temporaries read as they are.

    `kept` has, for each location that is jumped to, the temporaries written on every
    way there: what is read behind the jump is then not read from this point.
    """

    first: set[Term] = field(default_factory=set)
    kept: dict[int, set[Term]] = field(default_factory=dict)

    def copy(self) -> _Reads:
        """An independent copy."""
        return _Reads(self.first.copy(), {k: v.copy() for k, v in self.kept.items()})

    def write(self, temp: Term) -> None:
        """Go back over a statement that gives `temp` a value."""
        self.first.discard(temp)
        for kept in self.kept.values():
            kept.add(temp)

    def join(self, other: _Reads) -> None:
        """Go back over the place where this way and another one begin."""
        self.first |= other.first
        for location, kept in other.kept.items():
            if location in self.kept:
                self.kept[location] &= kept
            else:
                self.kept[location] = kept


def _reads(body: Body, found: _Reads, *, with_marks: bool = False) -> _Reads:
    """What is read in and behind `body`, given what is `found` behind it."""
    for statement in reversed(body):
        match statement:
            case Jump(location):
                found = _Reads(set(), {location: set()})
            case Let(temp, term):
                found.write(temp)
                found.first |= temps_of(term)
            case If(cond, then, orelse):
                other = _reads(orelse, found.copy(), with_marks=with_marks)
                found = _reads(then, found, with_marks=with_marks)
                found.join(other)
                found.first |= temps_of(cond)
            case Choose(temp):
                found.write(temp)
                pass_backward(statement, found.first)
            case Mark() if with_marks:
                found.first |= temps_in(statement)
            case _:
                pass_backward(statement, found.first)
    return found


def carried(segments: list[Segment]) -> frozenset[Term]:
    """The temporaries that a segment reads, in marks or elsewhere, as it finds them."""
    reads = (_reads(s.body, _Reads(), with_marks=True).first for s in segments)
    return frozenset[Term]().union(*reads)


def trim(segments: list[Segment]) -> list[Segment]:
    """Drop dead temporaries, and the values of marks that are no longer known."""
    at = dict(enumerate(live(segments)))
    trimmed = []
    for number, segment in enumerate(segments):
        body = _strip(segment.body, set(at[number]))
        trimmed.append(Segment(segment.wait, drop_dead(body, at)))
    return trimmed


def _strip(body: Body, known: set[Term]) -> Body:
    """Remove from marks the values that depend on temporaries not in `known`."""
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Mark(kind, name, values):
                kept = all(
                    temps_of(leaf) <= known
                    for _, _, shape in values
                    for leaf in shape.leaves()
                )
                new = statement if kept else Mark(kind, name, (), statement.span)
                out.append(new)
            case If(cond, then, orelse):
                one, two = set(known), set(known)
                out.append(If(cond, _strip(then, one), _strip(orelse, two)))
                known |= one & two
            case _:
                temp = getattr(statement, "temp", None)
                if isinstance(temp, Term):
                    known.add(temp)
                out.append(statement)
    return tuple(out)


def jumps(body: Body) -> list[int]:
    """The locations that `body` jumps to, in order, with repetitions."""
    found: list[int] = []
    for statement in body:
        match statement:
            case Jump(location):
                found.append(location)
            case If(_, then, orelse):
                found.extend(jumps(then))
                found.extend(jumps(orelse))
    return found


def retarget(body: Body, targets: dict[int, int]) -> Body:
    """`body` with the locations of its jumps replaced as in `targets`."""
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Jump(location):
                out.append(Jump(targets.get(location, location)))
            case If(cond, then, orelse):
                then, orelse = retarget(then, targets), retarget(orelse, targets)
                out.append(If(cond, then, orelse))
            case _:
                out.append(statement)
    return tuple(out)
