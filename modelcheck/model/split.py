"""Split: from the body of a process, with its suspensions, to atomic steps.

1. `cut`: one segment for each place where the process can be suspended; a segment runs
   from there to the next such places, where it jumps.
2. `fuse`: a segment that only moves between locals and jumps on, at a place where the
   process is always ready, is joined to what jumps to it: it can be neither blocked
   nor seen, so no property can tell.
3. `live`: which temporaries are read after a suspension; they become cells, and a cell
   holds its lowest value where its temporary is not live, so that states which differ
   only in dead locals are one state.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.model import terms as t
from modelcheck.model.flatten import flatten
from modelcheck.model.simplify import (
    drop_dead,
    leaves_of,
    live_before,
    propagate,
    temps_of,
)
from modelcheck.model.statements import (
    Body,
    Break,
    Choose,
    If,
    Jump,
    Let,
    Loop,
    Mark,
    Scope,
    Span,
    Statement,
    Suspend,
    WaitKind,
)
from modelcheck.model.terms import Op, Term

START = 0
"""The number of the segment where a process begins."""

_READY = frozenset({WaitKind.START, WaitKind.PREEMPT, WaitKind.LEAVE})


class EndlessLoopError(Exception):
    """A loop can go round without a suspension; `span` is where it stands."""

    def __init__(self, span: Span) -> None:
        super().__init__("a loop goes round without a suspension")
        self.span = span


@dataclass(frozen=True, slots=True)
class Segment:
    """What a process does from one suspension (`wait`) to the next, in jumps."""

    wait: Suspend
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """A position in a nest of statements; `inside` is what comes after `body`."""

    body: Body
    index: int
    inside: _Frame | None
    label: int = 0
    loop: Loop | None = None


def cut(body: Body, start: Suspend) -> list[Segment]:
    """The segments of a process; number 0 starts it and `len - 1` is its end.

    Raises `EndlessLoopError` if a loop can go round without a suspension.
    """
    cutter = _Cutter()
    cutter.locate(start, _Frame(_confine(body), 0, None))
    done = Suspend(WaitKind.DONE, "returned", span=start.span)
    segments: list[Segment] = []
    while len(segments) < len(cutter.places):
        wait, frame = cutter.places[len(segments)]
        segments.append(Segment(wait, tuple(cutter.run(frame, frozenset()))))
    end = len(segments)
    segments = [Segment(s.wait, _retarget(s.body, {-1: end})) for s in segments]
    return [*segments, Segment(done, ())]


class _Cutter:
    """Finds the places where a process is suspended, and what follows each."""

    def __init__(self) -> None:
        self.places: list[tuple[Suspend, _Frame]] = []
        self.numbers: dict[int, int] = {}
        self.plain: dict[int, bool] = {}
        self.kept: list[Statement] = []

    def locate(self, wait: Suspend, frame: _Frame) -> int:
        # A suspension stands at one place of the nest, so it has one continuation;
        # `places` keeps it alive, and so its address its own.
        if id(wait) not in self.numbers:
            self.numbers[id(wait)] = len(self.places)
            self.places.append((wait, frame))
        return self.numbers[id(wait)]

    def run(self, frame: _Frame | None, loops: frozenset[int]) -> list[Statement]:
        """The statements from `frame` on to the next suspensions."""
        out: list[Statement] = []
        while frame is not None:
            if frame.index == len(frame.body):
                if frame.loop is not None:
                    if id(frame.loop) in loops:
                        raise EndlessLoopError(frame.loop.span)
                    loops |= {id(frame.loop)}
                    frame = _Frame(frame.body, 0, frame.inside, 0, frame.loop)
                else:
                    frame = frame.inside
                continue
            statement = frame.body[frame.index]
            frame = _Frame(
                frame.body, frame.index + 1, frame.inside, frame.label, frame.loop
            )
            match statement:
                case Suspend():
                    out.append(Jump(self.locate(statement, frame)))
                    return out
                case Break(label):
                    frame = _leave(frame, label)
                case Loop(body):
                    frame = _Frame(body, 0, frame, 0, statement)
                case Scope(label, body) if not self.is_plain(statement):
                    frame = _Frame(body, 0, frame, label)
                case Scope() | If() if self.is_plain(statement):
                    out.extend(flatten((statement,)))
                case If(cond, then, orelse) if not self.is_plain(statement):
                    sides = [
                        tuple(self.run(_Frame(side, 0, frame), loops))
                        for side in (then, orelse)
                    ]
                    out.append(If(cond, sides[0], sides[1]))
                    return out
                case _:
                    out.append(statement)
        out.append(Jump(-1))
        return out

    def is_plain(self, statement: Statement) -> bool:
        """Whether a statement holds no suspension and no jump out of itself."""
        found = self.plain.get(id(statement))
        if found is None:
            found = not _escapes(statement, frozenset())
            self.plain[id(statement)] = found
            # The key is an address: the statement must stay alive as long as it.
            self.kept.append(statement)
        return found


def _leave(frame: _Frame | None, label: int) -> _Frame | None:
    while frame is not None and frame.label != label:
        frame = frame.inside
    assert frame is not None, "a break without its scope"
    return frame.inside


def _escapes(statement: Statement, inside: frozenset[int]) -> bool:
    match statement:
        case Suspend() | Loop():
            return True
        case Break(label):
            return label not in inside
        case If(_, then, orelse):
            return any(_escapes(s, inside) for s in (*then, *orelse))
        case Scope(label, body):
            return any(_escapes(s, inside | {label}) for s in body)
    return False


# Temporaries of a scope


def _confine(body: Body) -> Body:
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
        for temp in _used(statement):
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


def _used(statement: Statement) -> frozenset[Term]:
    match statement:
        case Let(temp, term):
            return temps_of(term) | {temp}
        case Choose(temp):
            return live_before(statement, frozenset()) | {temp}
        case If(cond):
            return temps_of(cond)
        case Mark(values=values):
            terms = [leaf for _, _, shape in values for leaf in shape.leaves()]
            return frozenset[Term]().union(*map(temps_of, terms))
    return live_before(statement, frozenset())


def _confined(body: Body, total: dict[Term, int], used: dict[Term, int]) -> Body:
    """The new body; `used` is increased by the uses in it of unconfined temporaries."""
    out: list[Statement] = []
    for statement in body:
        for temp in _used(statement):
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


# Fusing


def _retarget(body: Body, targets: dict[int, int]) -> Body:
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Jump(location):
                out.append(Jump(targets.get(location, location)))
            case If(cond, then, orelse):
                then, orelse = _retarget(then, targets), _retarget(orelse, targets)
                out.append(If(cond, then, orelse))
            case _:
                out.append(statement)
    return tuple(out)


def fuse(segments: list[Segment]) -> list[Segment]:
    """Join segments that only touch locals to what jumps to them.

    The start segment is kept; `is_local` says whether it could be run at once.
    """
    segments = [Segment(s.wait, propagate(s.body)) for s in segments]
    local = {
        number
        for number, segment in enumerate(segments)
        if number != START and is_local(segment)
    }
    joined = [
        Segment(s.wait, propagate(_join(s.body, segments, local, (number,))))
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


def _renumber(segments: list[Segment]) -> list[Segment]:
    """Keep the reachable segments, in the order they are met; the end stays last."""
    end = len(segments) - 1
    order = [START]
    for number in order:
        for target in jumps(segments[number].body):
            if target not in order and target != end:
                order.append(target)
    order.append(end)
    numbers = {old: new for new, old in enumerate(order)}
    return [
        Segment(segments[old].wait, _retarget(segments[old].body, numbers))
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
            [Segment(s.wait, _retarget(s.body, same)) for s in segments]
        )


# Liveness


def live(segments: list[Segment]) -> list[frozenset[Term]]:
    """The temporaries read after each suspension, by segment number.

    Reads by marks do not count: a trace is no reason for a larger state.
    """
    found: list[frozenset[Term]] = [frozenset()] * len(segments)
    has_changed = True
    while has_changed:
        has_changed = False
        for number in range(len(segments) - 1, -1, -1):
            now = _live(segments[number].body, frozenset(), found)
            if now != found[number]:
                found[number] = now
                has_changed = True
    return found


def _live(
    body: Body, behind: frozenset[Term], found: list[frozenset[Term]]
) -> frozenset[Term]:
    for statement in reversed(body):
        match statement:
            case Jump(location):
                behind = found[location]
            case Let(temp, term):
                behind = behind - {temp}
                behind |= temps_of(term)
            case If(cond, then, orelse):
                one, two = _live(then, behind, found), _live(orelse, behind, found)
                behind = one | two | temps_of(cond)
            case _:
                behind = live_before(statement, behind)
    return behind


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
