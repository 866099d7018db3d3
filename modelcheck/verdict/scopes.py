"""What changes as a scope grows: local states, shapes of transitions, verdicts.

A design whose members see ever the same things, whatever their number, is unlikely to
surprise at the next size. That is evidence and no proof: nothing here says anything
about a size that was not searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from modelcheck.explore.compiled import Compiled
from modelcheck.explore.member_view import MemberViews
from modelcheck.explore.reduction import Reduction, find_reduction
from modelcheck.model.permuting import scalarset_types
from modelcheck.model.program import Kind, Model, Step
from modelcheck.model.types import ScalarsetType
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.deadline import GRACE, Deadline
from modelcheck.verdict.parts import Apart
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import Limits, Verdict, Watch, is_asked

MOST_STATES = 50_000
"""So many states, or representatives, are looked at from each member's side."""

CHUNK = 256
"""How many states are expanded between two looks at the clock and the user."""


class NoScalarsetError(Exception):
    """The model has no such Scalarset, or the members of it are ordered."""


@dataclass(frozen=True, slots=True)
class Row:
    """One size: what was found there, and what of it no smaller size had.

    `states` are all, `orbits` those that were stored. `verdicts` has each property
    asked, `lengths` those with a path. With `is_searched` the search was complete, with
    `is_viewed` every state was looked at from each member's side.
    """

    size: int
    states: int
    orbits: int
    locals: int
    new_locals: int
    shapes: int
    new_shapes: int
    verdicts: Mapping[str, Verdict]
    lengths: Mapping[str, int]
    is_searched: bool
    is_viewed: bool
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether nothing of this size was left out."""
        return self.is_searched and self.is_viewed

    @property
    def violated(self) -> dict[str, int]:
        """The properties that are violated, with the lengths of shortest paths."""
        return {
            name: self.lengths.get(name, 0)
            for name, verdict in self.verdicts.items()
            if verdict is Verdict.VIOLATED
        }


@dataclass(frozen=True, slots=True)
class Growth:
    """The rows of one Scalarset, smallest size first."""

    name: str
    rows: tuple[Row, ...]

    @property
    def saturated(self) -> int | None:
        """The least size after which nothing new came; None if there is none.

        At least one larger size was looked at, and all from it on are complete.
        """
        found = None
        for row, following in zip(
            reversed(self.rows[:-1]), reversed(self.rows[1:]), strict=True
        ):
            is_new = following.new_locals or following.new_shapes
            if is_new or not (row.is_complete and following.is_complete):
                break
            if row.verdicts != following.verdicts:
                break
            found = row.size
        return found


@dataclass
class _Seen:
    """All local states and shapes of transitions that some size had."""

    locals: set[Hashable] = field(default_factory=set[Hashable])
    shapes: set[Hashable] = field(default_factory=set[Hashable])


def grow(
    read: Callable[[int], Model],
    name: str,
    sizes: range,
    limits: Limits,
    watch: Watch,
    *,
    most: int = MOST_STATES,
    apart: Apart | None = None,
) -> Growth:
    """Look at each of `sizes`, each within `limits`; `read` makes the model of a size.

    `apart` is as in `verify_model`. Temporal properties are left out. Raises
    `NoScalarsetError` if there is nothing called `name` whose members are alike, and
    what `verify_model` raises.
    """
    look = _Look(name, limits, watch, most, apart)
    rows: list[Row] = []
    for size in sizes:
        if rows and watch.is_interrupted():
            break
        deadline = Deadline(limits.seconds)
        with deadline.enforced(GRACE):
            model = read(size)
        rows.append(look.row(model, deadline))
    return Growth(name, tuple(rows))


@dataclass
class _Look:
    """What `grow` is given, and all that smaller sizes had."""

    name: str
    limits: Limits
    watch: Watch
    most: int
    apart: Apart | None
    seen: _Seen = field(default_factory=_Seen)

    def row(self, model: Model, deadline: Deadline) -> Row:
        """What one size has; raises `NoScalarsetError` if it has no such Scalarset."""
        scalarset = scalarset_types(model).get(self.name)
        if scalarset is None or not scalarset.symmetric:
            message = f"{model.name} has no symmetric Scalarset called {self.name}"
            raise NoScalarsetError(message)
        limits, watch, seen = _without_runs(model, self.limits), self.watch, self.seen
        report = verify_model(
            *(model, "auto", limits, watch),
            confirm=False,
            apart=self.apart,
            deadline=deadline,
        )
        reduction = deadline.within(
            lambda: find_reduction(model, limits), lambda _: None
        )
        walk = _Walk(model, scalarset, reduction)
        is_viewed = walk.run(self.most, deadline, watch)
        row = Row(
            scalarset.size,
            report.states or 0,
            0 if report.counts is None else report.counts.distinct,
            len(walk.locals),
            len(walk.locals - seen.locals),
            len(walk.shapes),
            len(walk.shapes - seen.shapes),
            {each.prop.name: each.verdict for each in report.properties},
            _lengths(report),
            report.is_complete,
            is_viewed,
            deadline.spent,
        )
        seen.locals |= walk.locals
        seen.shapes |= walk.shapes
        return row


def _lengths(report: Report) -> dict[str, int]:
    return {p.prop.name: p.steps for p in report.properties if p.steps is not None}


def _without_runs(model: Model, limits: Limits) -> Limits:
    """`limits` that ask for no temporal property: these need all states."""
    asked = frozenset(
        prop.name
        for prop in model.properties
        if prop.kind is not Kind.TEMPORAL and is_asked(prop, limits)
    )
    return replace(limits, properties=asked)


class _Walk:
    """All states of a model, seen from each member; one of each orbit if possible.

    A state and its permutations show the same local states, so one of them will do.
    """

    def __init__(
        self, model: Model, scalarset: ScalarsetType, reduction: Reduction | None
    ) -> None:
        self.locals: set[Hashable] = set()
        self.shapes: set[Hashable] = set()
        self._model = model
        self._compiled = Compiled(model)
        self._views = MemberViews(model, scalarset)
        self._canonical = reduction.canonical if reduction is not None else None
        self._inside = [self._compiled.state_property(p) for p in model.constraints]
        self._interned: dict[Hashable, Hashable] = {}
        self._at: dict[int, list[Step]] = {}
        self._always: list[Step] = []
        for step in model.steps:
            if step.at is None:
                self._always.append(step)
            else:
                self._at.setdefault(step.at[0], []).append(step)
        self._titles = {s.index: _title(s, scalarset) for s in model.steps}

    def run(self, most: int, deadline: Deadline, watch: Watch) -> bool:
        """Look at up to `most` states until `deadline`; whether these are all."""
        queue = self._initial()
        known = set(queue)
        for number, state in enumerate(queue):
            if number % CHUNK == 0 and self._is_over(number, deadline, watch):
                return False
            for successor in self._expand(state):
                if successor not in known:
                    if len(known) >= most:
                        return False
                    known.add(successor)
                    queue.append(successor)
        return True

    def _is_over(self, number: int, deadline: Deadline, watch: Watch) -> bool:
        watch.progress("view", f"{number:,} states seen from each member", None)
        left = deadline.left
        return watch.is_interrupted() or (left is not None and left < 0)

    def _initial(self) -> list[int]:
        found: list[int] = []
        self._compiled.initial().run(0, found, [])
        for state in found:
            self.locals.update(self._local(state))
        return list(dict.fromkeys(map(self._representative, found)))

    def _representative(self, state: int) -> int:
        return state if self._canonical is None else self._canonical(state)

    def _local(self, packed: int) -> tuple[Hashable, ...]:
        state = self._compiled.packing.unpack(packed)
        views = self._views.local(state)
        return tuple(self._interned.setdefault(view, view) for view in views)

    def _expand(self, packed: int) -> Iterator[int]:
        """The representatives of the successors, whose views are noted."""
        if not all(holds(packed) for holds in self._inside):
            return
        before = self._local(packed)
        for step in self._enabled(packed):
            deltas: list[int] = []
            self._compiled.step(step).run(packed, deltas, [])
            for delta in deltas:
                after = self._local(packed ^ delta)
                self._note(self._titles[step.index], before, after)
                yield self._representative(packed ^ delta)

    def _enabled(self, packed: int) -> Iterator[Step]:
        yield from self._always
        for cell, steps in self._at.items():
            place = self._compiled.packing.fields[cell]
            value = (packed >> place.shift & place.mask) + place.lo
            yield from (step for step in steps if step.at == (cell, value))

    def _note(
        self,
        title: tuple[Hashable, frozenset[int]],
        before: tuple[Hashable, ...],
        after: tuple[Hashable, ...],
    ) -> None:
        """Add what the step was for each member that takes part or sees a change."""
        self.locals.update(after)
        name, actors = title
        for member, (old, new) in enumerate(zip(before, after, strict=True)):
            if member in actors or old != new:
                self.shapes.add((name, member in actors, old, new))


def _title(step: Step, scalarset: ScalarsetType) -> tuple[Hashable, frozenset[int]]:
    """A step's name without members, and the members that its actor mentions."""
    words = set(re.findall(r"\w+", step.actor))
    mentioned = (n for n, name in enumerate(scalarset.members) if name in words)
    return (step.name, step.span), frozenset(mentioned)
