"""Split: the body of a process, with its suspensions, cut into segments.

There is one segment for each place where the process can be suspended: it runs from
there to the next such places, where it jumps. What is known on the way is put in as it
goes, so that ways which are never taken are not followed: cut first and simplified
later, a body with many early returns would be many times as large in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.model.flatten import flatten
from modelcheck.model.lifetimes import confine, crossing
from modelcheck.model.segments import Segment, retarget
from modelcheck.model.simplify import Facts, step
from modelcheck.model.statements import (
    Body,
    Break,
    If,
    Jump,
    Loop,
    Scope,
    Span,
    Statement,
    Suspend,
    WaitKind,
)
from modelcheck.model.terms import Term


class EndlessLoopError(Exception):
    """A loop can go round without a suspension; `span` is where it stands."""

    def __init__(self, span: Span) -> None:
        super().__init__("a loop goes round without a suspension")
        self.span = span


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """A position in a nest of statements; `inside` is what comes after `body`."""

    body: Body
    index: int
    inside: _Frame | None
    label: int = 0
    loop: Loop | None = None

    def at(self, index: int) -> _Frame:
        """Another position in the same body."""
        return _Frame(self.body, index, self.inside, self.label, self.loop)


def cut(body: Body, start: Suspend) -> list[Segment]:
    """The segments of a process; number 0 starts it and `len - 1` is its end.

    Raises `EndlessLoopError` if a loop can go round without a suspension.
    """
    _check_loops(body)
    body = _without_plain_scopes(confine(body))
    cutter = _Cutter()
    cutter.locate(start, _Frame(body, 0, None))
    needed = crossing(body)
    done = Suspend(WaitKind.DONE, "returned", span=start.span)
    segments: list[Segment] = []
    while len(segments) < len(cutter.places):
        wait, frame = cutter.places[len(segments)]
        segments.append(
            Segment(
                wait, tuple(cutter.run(frame, Facts(crossing=needed, keep_reads=True)))
            )
        )
    end = len(segments)
    segments = [Segment(s.wait, retarget(s.body, {-1: end})) for s in segments]
    return [*segments, Segment(done, ())]


def _check_loops(body: Body) -> tuple[bool, frozenset[int]]:
    """Raise `EndlessLoopError` if a loop in `body` can go round without a suspension.

    The result says whether control can pass the end of `body` without one, and to which
    labels it can break without one.
    """
    passes, broken = True, frozenset[int]()
    for statement in body:
        match statement:
            case Suspend():
                ways = False, _NO_LABELS
            case Break(label):
                ways = False, frozenset({label})
            case If(_, then, orelse):
                one, two = _check_loops(then), _check_loops(orelse)
                ways = one[0] or two[0], one[1] | two[1]
            case Scope(label, inner):
                inside, labels = _check_loops(inner)
                ways = inside or label in labels, labels - {label}
            case Loop(inner, span):
                inside, labels = _check_loops(inner)
                if inside:
                    raise EndlessLoopError(span)
                ways = False, labels
            case _:
                continue
        if passes:
            passes, broken = ways[0], broken | ways[1]
    return passes, broken


_NO_LABELS = frozenset[int]()


def _without_plain_scopes(body: Body) -> Body:
    """`body` where only what has a suspension or jumps out of itself has scopes."""
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Scope() | If() if not _escapes(statement, _NO_LABELS):
                out.extend(flatten((statement,)))
            case If(cond, then, orelse):
                sides = map(_without_plain_scopes, (then, orelse))
                out.append(If(cond, *sides))
            case Scope(label, inner):
                out.append(Scope(label, _without_plain_scopes(inner)))
            case Loop(inner, span):
                out.append(Loop(_without_plain_scopes(inner), span))
            case _:
                out.append(statement)
    return tuple(out)


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

    def run(self, frame: _Frame | None, facts: Facts) -> list[Statement]:
        """The statements from `frame` on to the next suspensions, given `facts`."""
        out: list[Statement] = []
        while frame is not None:
            if frame.index == len(frame.body):
                frame = frame.inside if frame.loop is None else frame.at(0)
                continue
            statement = frame.body[frame.index]
            frame = frame.at(frame.index + 1)
            match statement:
                case Suspend():
                    step(Jump(self.locate(statement, frame)), facts, out)
                    return out
                case Break(label):
                    frame = _leave(frame, label)
                case Loop(body):
                    frame = _Frame(body, 0, frame, 0, statement)
                case Scope(label, body):
                    frame = _Frame(body, 0, frame, label)
                case If(cond, then, orelse) if not self.is_plain(statement):
                    cond = facts(cond)
                    if not cond.is_const:
                        out.append(self.branch(cond, then, orelse, frame, facts))
                        return out
                    frame = _Frame(then if cond.value else orelse, 0, frame)
                case _:
                    if not step(statement, facts, out):
                        return out
        step(Jump(-1), facts, out)
        return out

    def branch(
        self, cond: Term, then: Body, orelse: Body, behind: _Frame, facts: Facts
    ) -> If:
        """An `If` whose sides go on to the next suspensions."""
        sides = []
        for body, holds, known in ((then, True, facts.copy()), (orelse, False, facts)):
            known.learn(cond, holds=holds)
            sides.append(tuple(self.run(_Frame(body, 0, behind), known)))
        return If(cond, *sides)

    def is_plain(self, statement: Statement) -> bool:
        """Whether a statement holds no suspension and no jump out of itself."""
        found = self.plain.get(id(statement))
        if found is None:
            found = not _escapes(statement, _NO_LABELS)
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
