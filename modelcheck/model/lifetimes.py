"""Lifetimes: from where to where the temporaries of a process hold a value.

This looks at a body before it is cut, with its scopes and loops.
"""

from __future__ import annotations

from modelcheck.model import terms as t
from modelcheck.model.leaves import temps_of
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Break,
    Choose,
    If,
    Let,
    Loop,
    Mark,
    Require,
    Scope,
    Statement,
    Suspend,
)
from modelcheck.model.terms import Term

_NOTHING = frozenset[Term]()


def confine(body: Body) -> Body:
    """`body` where temporaries used in one scope only are set when it begins.

    A read of one is then never mistaken for a read of what an earlier round of a loop
    left in it: without this, conditions that stand for breaks (`flatten`) would seem to
    let control reach the read without the write.
    """
    total: dict[Term, int] = {}
    _count(body, total)
    return _confined(body, total, {})


def _count(body: Body, found: dict[Term, int]) -> None:
    for statement in body:
        for temp in temps_in(statement):
            found[temp] = found.get(temp, 0) + 1
        for inner in _inside(statement):
            _count(inner, found)


def _inside(statement: Statement) -> tuple[Body, ...]:
    match statement:
        case If(_, then, orelse):
            return (then, orelse)
        case Scope(_, body) | Loop(body):
            return (body,)
    return ()


def _confined(body: Body, total: dict[Term, int], used: dict[Term, int]) -> Body:
    """The new body; `used` is increased by the uses in it of unconfined temporaries."""
    out: list[Statement] = []
    for statement in body:
        for temp in temps_in(statement):
            used[temp] = used.get(temp, 0) + 1
        match statement:
            case If(cond, then, orelse):
                then = _confined(then, total, used)
                out.append(If(cond, then, _confined(orelse, total, used)))
            case Scope(label, inner):
                out.append(Scope(label, _scope(inner, total, used)))
            case Loop(inner, span):
                out.append(Loop(_scope(inner, total, used), span))
            case _:
                out.append(statement)
    return tuple(out)


def _scope(body: Body, total: dict[Term, int], used: dict[Term, int]) -> Body:
    mine: dict[Term, int] = {}
    new = _confined(body, total, mine)
    own = [temp for temp, count in mine.items() if count == total[temp]]
    for temp, count in mine.items():
        if count != total[temp]:
            used[temp] = used.get(temp, 0) + count
    starts = [
        Let(temp, t.constant_of(temp.sort, temp.lo, temp.hi))
        for temp in sorted(own, key=lambda temp: temp.value)
    ]
    return (*starts, *new)


def temps_in(statement: Statement) -> frozenset[Term]:
    """The temporaries that `statement` reads or writes, without those inside it."""
    match statement:
        case Let(temp, term):
            return temps_of(term) | {temp}
        case Choose(temp, among):
            return (_NOTHING if among is None else temps_of(among)) | {temp}
        case If(cond):
            return temps_of(cond)
        case Mark(values=values):
            terms = [leaf for _, _, shape in values for leaf in shape.leaves()]
            return _NOTHING.union(*map(temps_of, terms))
        case Assign(_, term):
            return temps_of(term)
        case Require(cond) | Assert(cond):
            return temps_of(cond)
    return _NOTHING


def crossing(body: Body) -> frozenset[Term]:
    """The temporaries that may be read behind a suspension as they were before it.

    Reads by marks count. This is the usual analysis of liveness, on the nest itself: a
    loop is gone through until nothing is added.
    """
    found: set[Term] = set()
    _live_before(body, _NOTHING, {}, found)
    return frozenset(found)


def _live_before(
    body: Body,
    behind: frozenset[Term],
    labels: dict[int, frozenset[Term]],
    found: set[Term],
) -> frozenset[Term]:
    """What is read in and behind `body`; what is read behind suspensions is `found`.

    `labels` has what is read where control goes on after a break.
    """
    live = set(behind)
    for statement in reversed(body):
        match statement:
            case Suspend():
                found |= live
            case Break(label):
                live = set(labels[label])
            case If(cond, then, orelse):
                behind = frozenset(live)
                for side in (then, orelse):
                    live |= _live_before(side, behind, labels, found)
                live |= temps_of(cond)
            case Scope(label, inner):
                behind = frozenset(live)
                inside = {**labels, label: behind}
                live = set(_live_before(inner, behind, inside, found))
            case Loop(inner):
                live = set(_live_before_loop(inner, labels, found))
            case Let(temp, term):
                live.discard(temp)
                live |= temps_of(term)
            case Choose(temp):
                live.discard(temp)
                live |= temps_in(statement) - {temp}
            case _:
                live |= temps_in(statement)
    return frozenset(live)


def _live_before_loop(
    body: Body, labels: dict[int, frozenset[Term]], found: set[Term]
) -> frozenset[Term]:
    live, before = None, _NOTHING
    while live != before:
        live, before = before, _live_before(body, before, labels, found)
    return before
