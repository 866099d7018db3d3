"""The reference engine: breadth-first search with the interpreter, nothing else.

Slow and short. It says what the compiled explorer must find and count; tests compare
the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modelcheck.explore.book import INITIAL, Book, PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter, Outcome
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.verdict.verdicts import (
    Counts,
    Evidence,
    Findings,
    Limits,
    Stop,
    Watch,
)


class Reference:
    """Searches all reachable states by interpreting the model."""

    name = "interpret"

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Search within `limits`; raises `PropertyError` if a property has no value."""
        search = _Search(model, limits, watch)
        search.run()
        return search.findings(self.name)


class _Search:
    """One run; `parent` maps each distinct state to the one it was found from.

    `beyond` is the state that is being looked at, which may not be stored.
    """

    def __init__(self, model: Model, limits: Limits, watch: Watch) -> None:
        self.interpreter = Interpreter(model)
        self.book = Book(model, limits)
        self.watch = watch
        self.parent: dict[State, State | None] = {}
        self.levels: list[list[State]] = []
        self.beyond: tuple[State, State | None] = ((), None)
        self.degrees: list[int] = []
        self.generated = 0
        self.depth = 0

    def run(self) -> None:
        """Search to the end, or until something ends the search."""
        initial = list(self._initial())
        level = [s for s in initial if self._is_new(s, None)]
        while level:
            self.levels.append(level)
            self.depth = len(self.levels) - 1
            if self.book.is_deep_enough(self.depth):
                self._look_at_bound()
                return
            level = []
            for state in self.levels[-1]:
                if self.book.is_over(is_interrupted=self.watch.is_interrupted()):
                    self.levels += [level] if level else []
                    return
                new = [s for s in self._successors(state) if self._is_new(s, state)]
                self.degrees.append(len(new))
                level += new

    def _look_at_bound(self) -> None:
        """Tell deadlocks among the states at the depth bound, which stay unexpanded."""
        for state in self.levels[-1]:
            if self.book.open(Kind.DEADLOCK) and self.interpreter.is_deadlock(state):
                self._stuck(state)

    def findings(self, engine: str) -> Findings:
        """The result, whether the search is complete or not."""
        degrees = self.degrees or [0]
        counts = Counts(
            len(self.parent),
            self.generated,
            tuple(map(len, self.levels)),
            len(self.parent) - len(self.degrees),
            (min(degrees), sum(degrees) / len(degrees), max(degrees)),
        )
        return self.book.findings(engine, counts, self.depth)

    def _initial(self) -> Iterator[State]:
        init = replace(INITIAL, body=self.interpreter.model.init)
        for outcome in self.interpreter.outcomes(init, self.interpreter.model.zero):
            if outcome.failed is not None:
                raise self.book.fail_initially(outcome.failed)
            if outcome.state is None:
                self.book.stops.add(Stop.CONSTRAINT)
            else:
                self.generated += 1
                yield outcome.state

    def _successors(self, state: State) -> Iterator[State]:
        outcomes = list(self.interpreter.successors(state))
        if not outcomes and self.interpreter.is_deadlock(state):
            self._stuck(state)
        for outcome in outcomes:
            if outcome.state is None:
                self._note(outcome, state)
                continue
            self.generated += 1
            self.book.fired[outcome.step.index] += 1
            for prop in self.book.open(Kind.TRANSITION):
                if not self._holds(prop, state, outcome.state):
                    path = (*self._path(state), outcome.state)
                    self.book.decide(prop, Evidence(path))
            yield outcome.state

    def _stuck(self, state: State) -> None:
        for prop in self.book.open(Kind.DEADLOCK):
            self.book.decide(prop, Evidence(self._path(state)))

    def _note(self, outcome: Outcome, state: State) -> None:
        if outcome.failed is None:
            self.book.stops.add(Stop.CONSTRAINT)
            return
        prop = self.book.property_of(outcome.failed)
        evidence = Evidence(self._path(state), outcome.failed, outcome.step.index)
        self.book.decide(prop, evidence)

    def _is_new(self, state: State, before: State | None) -> bool:
        """Put the questions to `state`, and store it if it is new."""
        if state in self.parent:
            return False
        self.beyond = (state, before)
        constraints = self.interpreter.model.constraints
        is_inside = all(self._holds(prop, state) for prop in constraints)
        if is_inside:
            self.parent[state] = before
        else:
            self.book.stops.add(Stop.CONSTRAINT)
        for prop in self.book.open(Kind.INVARIANT, Kind.REACHABLE):
            if self._holds(prop, state) is (prop.kind is Kind.REACHABLE):
                self.book.decide(prop, Evidence(self._path(state)))
        return is_inside

    def _holds(self, prop: Property, state: State, after: State | None = None) -> bool:
        try:
            return self.interpreter.holds(prop, state, after)
        except EvaluationError as error:
            ends = () if after is None else (after,)
            path = (*self._path(state), *ends)
            raise PropertyError(prop, error.failed, path) from error

    def _path(self, state: State | None) -> tuple[State, ...]:
        found: list[State] = []
        while state is not None:
            found.append(state)
            state = self.parent[state] if state in self.parent else self.beyond[1]
        return tuple(reversed(found))
