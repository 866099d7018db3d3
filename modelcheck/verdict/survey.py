"""The survey: where the states of a model come from, and which lines made them.

A search of its own, by the native explorer and without properties, so that asking for
it changes no verdict and costs nothing where it is not asked for. It is never reduced:
every state is expanded, whatever the search for verdicts left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Model
from modelcheck.model.statements import (
    COUNTED,
    Body,
    Choose,
    If,
    Mark,
    MarkKind,
    Span,
)
from modelcheck.trace.components import value_text
from modelcheck.trace.retell import chosen_leaves, is_rank
from modelcheck.verdict.verdicts import Counts, Limits, Stop, Watch

if TYPE_CHECKING:
    from modelcheck.explore.native.counting import Point
    from modelcheck.explore.native.values import Spread

Points = frozenset[tuple[MarkKind, Span]]
"""Statements and branches that a spec has."""


@dataclass(frozen=True, slots=True)
class Place:
    """A statement or a branch; `count` says how often steps came by.

    None: it was seen before the search that none ever does, and it was left out.
    """

    span: Span
    count: int | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition: how often it held, and how often it did not."""

    span: Span
    then: int | None
    orelse: int | None

    @property
    def is_covered(self) -> bool:
        """Whether all was met that is possible."""
        return 0 not in (self.then, self.orelse)


@dataclass(frozen=True, slots=True)
class Choice:
    """A `choose`: how often each value, as a spec writes it, was chosen."""

    span: Span
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the steps of a search passed, each in the order of the text."""

    statements: tuple[Place, ...]
    branches: tuple[Branch, ...]
    choices: tuple[Choice, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing that could happen and never did.

        Statements that stand together, and those of a branch that is never taken, are
        one thing.
        """
        never = {place.span for place in self.statements if place.count == 0}
        branches = [b for b in self.branches if b.span not in never]
        found: list[tuple[Span, str]] = []
        for branch in branches:
            if branch.then == 0:
                found.append((branch.span, "the condition never holds"))
            if branch.orelse == 0:
                found.append((branch.span, "the condition always holds"))
        idle = [branch.span for branch in branches if not branch.is_covered]
        for is_never, group in groupby(self.statements, lambda p: p.span in never):
            spans = [place.span for place in group]
            if not is_never or any(_is_inside(spans[0], span) for span in idle):
                continue
            many = f"these {len(spans)} statements never run"
            text = "this statement never runs" if len(spans) == 1 else many
            found.append((spans[0], text))
        return tuple(
            f"{span.path}:{span.line}:{span.col}: {text}"
            for span, text in sorted(found)
        )


def _is_inside(inner: Span, outer: Span) -> bool:
    is_within = outer.line <= inner.line and inner.end_line <= outer.end_line
    return inner.path == outer.path and is_within


@dataclass(frozen=True, slots=True)
class Share:
    """A place where steps begin: how many of the transitions they made."""

    actors: int
    name: str
    span: Span
    count: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a survey found; `stops` says what ended it early.

    `spreads` and `coverage` are None if they were not asked for.
    """

    counts: Counts
    stops: frozenset[Stop]
    seconds: float
    shares: tuple[Share, ...]
    spreads: tuple[Spread, ...] | None = None
    coverage: Coverage | None = None


def survey(
    model: Model,
    limits: Limits,
    watch: Watch,
    *,
    points: Points | None,
    is_spread_wanted: bool,
    workers: int = 1,
    memory: int | None = None,
) -> Survey:
    """Search all states of `model`; with `points`, it was read to be counted.

    Raises `EvaluationError` if a constraint has no value.
    """
    from modelcheck.explore.native import NativeExplorer

    explorer = NativeExplorer(
        workers,
        memory,
        counts_points=points is not None,
        counts_values=is_spread_wanted,
    )
    nothing = replace(limits, properties=frozenset[str](), max_violations=None)
    found = explorer.run(model, nothing, watch)
    assert found.counts is not None
    coverage = None
    if points is not None:
        coverage = _coverage(model, points, explorer.passed + _initially(model))
    return Survey(
        found.counts,
        found.stops,
        found.seconds,
        _shares(model, found.fired),
        explorer.spreads if is_spread_wanted else None,
        coverage,
    )


def _shares(model: Model, fired: Iterable[int]) -> tuple[Share, ...]:
    """The places by the number of their transitions, the largest first."""
    total: dict[tuple[str, Span], Share] = {}
    for step, count in zip(model.steps, fired, strict=True):
        key = (step.name, step.span)
        old = total.get(key, Share(0, step.name, step.span, 0))
        total[key] = replace(old, actors=old.actors + 1, count=old.count + count)
    return tuple(sorted(total.values(), key=lambda share: -share.count))


# Coverage


def _initially(model: Model) -> Counter[Point]:
    """What is passed on the way to the initial states."""
    marks = Interpreter(model).initial_marks()
    return Counter(
        (mark.kind.value, mark.span, None) for mark in marks if mark.kind in COUNTED
    )


def _coverage(model: Model, points: Points, passed: Counter[Point]) -> Coverage:
    kept, chooses = _kept(model)

    def count(kind: MarkKind, span: Span) -> int | None:
        return passed[kind.value, span, None] if (kind, span) in kept else None

    lines = sorted(span for kind, span in points if kind is MarkKind.LINE)
    branches = sorted({span for kind, span in points if kind is not MarkKind.LINE})
    return Coverage(
        tuple(Place(span, count(MarkKind.LINE, span)) for span in lines),
        tuple(
            Branch(span, count(MarkKind.THEN, span), count(MarkKind.ELSE, span))
            for span in branches
        ),
        tuple(
            _choice(span, choose, passed) for span, choose in sorted(chooses.items())
        ),
    )


def _choice(span: Span, choose: Choose, passed: Counter[Point]) -> Choice:
    found: list[tuple[str, int]] = []
    for number in range(choose.temp.lo, choose.temp.hi + 1):
        leaves = chosen_leaves(choose.type_, number, is_rank=is_rank(choose))
        count = passed["choice", span, number]
        found.append((value_text(choose.type_, leaves), count))
    return Choice(span, tuple(found))


def _kept(model: Model) -> tuple[set[tuple[MarkKind, Span]], dict[Span, Choose]]:
    """The marks that are left in `model`, and what its steps choose."""
    marks: set[tuple[MarkKind, Span]] = set()
    chooses: dict[Span, Choose] = {}
    for body in (model.init, *(step.body for step in model.steps)):
        for statement in _flat(body):
            if isinstance(statement, Mark):
                marks.add((statement.kind, statement.span))
            elif body is not model.init and statement.span.line:
                chooses.setdefault(statement.span, statement)
    return marks, chooses


def _flat(body: Body) -> Iterator[Mark | Choose]:
    for statement in body:
        match statement:
            case If(_, then, orelse):
                yield from _flat(then)
                yield from _flat(orelse)
            case Mark() | Choose():
                yield statement
