"""The state graph of a small model, made by the Python explorer's functions."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from time import monotonic

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.compiled import (
    CUT,
    CheckFailed,
    Compiled,
    PairFunction,
)
from modelcheck.liveness.graph import (
    OUTSIDE,
    STUTTERING,
    Graph,
    Label,
)
from modelcheck.liveness.records import Vector
from modelcheck.model.guarded import fairness_property
from modelcheck.model.program import Model, Property, State, Step
from modelcheck.model.temporal import Fairness
from modelcheck.verdict.verdicts import Limits, Stop, Watch

BETWEEN = 256
"""After how many states the limits are looked at."""


def collect(model: Model, limits: Limits, watch: Watch) -> Graph:
    """The reachable states of `model` within `limits`, and the edges between them.

    Raises `PropertyError` if a constraint has no value in a state.
    """
    collector = _Collector(model)
    collector.run(limits, watch)
    return collector.graph()


class _Collector:
    """One search, breadth-first; the number of a state is its place in `states`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.compiled = Compiled(model)
        self.numbers: dict[int, int] = {}
        self.states: list[int] = []
        self.before = array("i")
        self.labels: dict[Label, int] = {STUTTERING: 0}
        self.first = array("q", [0])
        self.target = array("i")
        self.label = array("i")
        self.stops: set[Stop] = set()
        self.runs_into_checks = False
        self._fair = [
            (number, each, None if each.result is None else self._pair(each))
            for number, each in enumerate(model.fairness)
        ]
        self._inside = [
            (prop, self.compiled.state_property(prop)) for prop in model.constraints
        ]
        self._steps = [
            (step, self.compiled.packing.fields[step.at[0]] if step.at else None)
            for step in model.steps
        ]

    def _pair(self, fairness: Fairness) -> PairFunction:
        return self.compiled.pair_property(fairness_property(fairness))

    def run(self, limits: Limits, watch: Watch) -> None:
        """Search to the end, or until something ends the search."""
        end = None if limits.seconds is None else monotonic() + limits.seconds
        self._start()
        initial, level, depth = len(self.states), 0, 0
        self.initial = tuple(range(initial))
        while level < len(self.states):
            if limits.depth is not None and depth >= limits.depth:
                self.stops.add(Stop.DEPTH)
                return
            for number in range(level, len(self.states)):
                if not number % BETWEEN and self._is_over(end, watch):
                    return
                self._expand(number)
            level, depth = number + 1, depth + 1

    def _is_over(self, end: float | None, watch: Watch) -> bool:
        if watch.is_interrupted():
            self.stops.add(Stop.INTERRUPT)
            return True
        if end is not None and monotonic() >= end:
            self.stops.add(Stop.TIME)
            return True
        return False

    def _start(self) -> None:
        compiled = self.compiled.initial()
        made: list[int] = []
        bad: list[int] = []
        compiled.run(0, made, bad)
        for number in bad:
            if number != CUT:
                book = Book(self.model, Limits())
                raise book.fail_initially(compiled.checks[number])
            self.stops.add(Stop.CONSTRAINT)
        for state in made:
            self._number(state, -1)

    def _number(self, state: int, before: int) -> int:
        """The number of a state, which is stored if it is new; OUTSIDE if it is cut.

        `before` is the number of the state that it was found from.
        """
        number = self.numbers.get(state)
        if number is None:
            number = OUTSIDE
            if self._is_inside(state, before):
                number = len(self.states)
                self.states.append(state)
                self.before.append(before)
            else:
                self.stops.add(Stop.CONSTRAINT)
            self.numbers[state] = number
        return number

    def _error(
        self, prop: Property, check: CheckFailed, number: int, *after: int
    ) -> PropertyError:
        """The error to raise where `prop` has no value at the end of a path."""
        path = list(after)[::-1]
        while number >= 0:
            path.append(self.states[number])
            number = self.before[number]
        unpack = self.compiled.packing.unpack
        return PropertyError(prop, check.failed, tuple(map(unpack, reversed(path))))

    def _is_inside(self, state: int, before: int) -> bool:
        for prop, function in self._inside:
            try:
                if not function(state):
                    return False
            except CheckFailed as check:
                raise self._error(prop, check, before, state) from None
        return True

    def _expand(self, source: int) -> None:
        """Append the edges of a state."""
        state = self.states[source]
        is_stuck = True
        for step, field in self._steps:
            if field is not None and step.at is not None:
                value = (state >> field.shift & field.mask) + field.lo
                if value != step.at[1]:
                    continue
            deltas: list[int] = []
            bad: list[int] = []
            self.compiled.step(step).run(state, deltas, bad)
            for number in bad:
                is_stuck = False
                if number == CUT:
                    self.stops.add(Stop.CONSTRAINT)
                else:
                    self.runs_into_checks = True
            for delta in deltas:
                is_stuck = False
                self._edge(step, source, state ^ delta)
        if is_stuck:
            self.target.append(source)
            self.label.append(0)
        self.first.append(len(self.target))

    def _edge(self, step: Step, source: int, after: int) -> None:
        counted = 0
        for number, fairness, holds in self._fair:
            if step.index not in fairness.steps:
                continue
            try:
                if holds is None or holds(self.states[source], after):
                    counted |= 1 << number
            except CheckFailed as check:
                prop = fairness_property(fairness)
                raise self._error(prop, check, source, after) from None
        label = Label(step.index, counted)
        self.target.append(self._number(after, source))
        self.label.append(self.labels.setdefault(label, len(self.labels)))

    def graph(self) -> Graph:
        """What was found; states that were not expanded have no edges."""
        size = len(self.states)
        edges = len(self.target)
        self.first.extend([edges] * (size + 1 - len(self.first)))
        return Graph(
            self.model,
            size,
            self.initial,
            Vector.of("I64", self.first),
            Vector.of("I32", self.target),
            Vector.of("I32", self.label),
            tuple(self.labels),
            frozenset(self.stops),
            self.runs_into_checks,
            self._state,
            self._valuation,
        )

    def _state(self, number: int) -> State:
        return self.compiled.packing.unpack(self.states[number])

    def _valuation(self, atoms: Sequence[Property]) -> Vector:
        """Bit n of a state's number says whether `atoms[n]` holds in it."""
        functions = [(atom, self.compiled.state_property(atom)) for atom in atoms]
        found = Vector("I64", len(self.states))
        for number, state in enumerate(self.states):
            bits = 0
            for bit, (prop, function) in enumerate(functions):
                try:
                    if function(state):
                        bits |= 1 << bit
                except CheckFailed as check:
                    raise self._error(prop, check, number) from None
            found.view[number] = bits
        return found
