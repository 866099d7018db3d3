"""Fuse: join segments that no property could tell apart.

A segment that only moves between locals and jumps on, at a place where the process is
always ready, is joined to what jumps to it: it can be neither blocked nor seen.
Segments that wait for the same thing and go on in the same way become one.
"""

from __future__ import annotations

from modelcheck.model.leaves import leaves_of
from modelcheck.model.segments import START, Segment, carried, jumps, retarget
from modelcheck.model.simplify import propagate
from modelcheck.model.statements import (
    Body,
    If,
    Jump,
    Let,
    Mark,
    Statement,
    WaitKind,
)
from modelcheck.model.terms import Op, Term

_READY = frozenset({WaitKind.START, WaitKind.PREEMPT, WaitKind.LEAVE})


def fuse(segments: list[Segment]) -> list[Segment]:
    """Join segments that only touch locals to what jumps to them.

    The start segment is kept; `is_local` says whether it could be run at once.
    """
    needed = carried(segments)
    local = {
        number
        for number, segment in enumerate(segments)
        if number != START and is_local(segment)
    }
    joined = [
        Segment(s.wait, propagate(_join(s.body, segments, local, (number,)), needed))
        for number, s in enumerate(segments)
    ]
    return _renumber(joined)


def is_local(segment: Segment) -> bool:
    """Whether a segment is always enabled and touches nothing but locals."""
    return segment.wait.kind in _READY and _touches_locals(segment.body)


def _touches_locals(body: Body) -> bool:
    for statement in body:
        match statement:
            case Jump():
                pass
            case Mark(values=values):
                terms = [leaf for _, _, shape in values for leaf in shape.leaves()]
                if not all(map(_is_local_term, terms)):
                    return False
            case Let(_, term):
                if not _is_local_term(term):
                    return False
            case If(cond, then, orelse):
                if not (
                    _is_local_term(cond)
                    and _touches_locals(then)
                    and _touches_locals(orelse)
                ):
                    return False
            case _:
                return False
    return True


def _is_local_term(term: Term) -> bool:
    return all(leaf.op is Op.TEMP for leaf in leaves_of(term))


def _join(
    body: Body, segments: list[Segment], local: set[int], path: tuple[int, ...]
) -> Body:
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Jump(location) if location in local and location not in path:
                inner = segments[location].body
                out.extend(_join(inner, segments, local, (*path, location)))
            case If(cond, then, orelse):
                sides = [_join(s, segments, local, path) for s in (then, orelse)]
                out.append(If(cond, sides[0], sides[1]))
            case _:
                out.append(statement)
    return tuple(out)


def _renumber(segments: list[Segment]) -> list[Segment]:
    """Keep the reachable segments, in the order they are met; the end stays last."""
    end = len(segments) - 1
    order = [START]
    for number in order:
        for target in jumps(segments[number].body):
            if target not in order and target != end:
                order.append(target)
    order.append(end)
    if order == list(range(len(segments))):
        return segments
    numbers = {old: new for new, old in enumerate(order)}
    return [
        Segment(segments[old].wait, retarget(segments[old].body, numbers))
        for old in order
    ]


def unite(segments: list[Segment]) -> list[Segment]:
    """Make one of segments that wait for the same thing and go on in the same way.

    Marks count: a trace through another caller's segment would name that caller.
    """
    while True:
        first: dict[object, int] = {}
        same: dict[int, int] = {}
        for number, segment in enumerate(segments):
            wait = segment.wait
            key = (wait.kind, wait.lock, wait.label, segment.body, number == 0)
            same[number] = first.setdefault(key, number)
        if all(old == new for old, new in same.items()):
            return segments
        segments = _renumber(
            [Segment(s.wait, retarget(s.body, same)) for s in segments]
        )
