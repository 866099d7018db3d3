"""From a path of representatives to a path of the model, in which names are stable.

A reduced search goes from a state to the representative of a successor, so the members
are renamed on the way. Since what can be done in a state can be done, under other
names, in its representative, there is a path of real states with these representatives,
and the interpreter finds it going forward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelcheck.explore.book import Book
from modelcheck.explore.interpreter import EvaluationError, Interpreter, Outcome
from modelcheck.explore.reduction import Reduction
from modelcheck.model.program import Property, State
from modelcheck.verdict.verdicts import Evidence


class UnfoldingError(AssertionError):
    """A path of representatives is not one of the model: our mistake."""


class Unfolding:
    """Unfolds the paths of one reduced search."""

    def __init__(self, reduction: Reduction, book: Book) -> None:
        self._pack = reduction.packing.pack
        self._canonical = reduction.canonical
        self._book = book
        self._interpreter = Interpreter(reduction.model)

    def path(self, path: Sequence[State]) -> tuple[State, ...]:
        """A path with these representatives; its first state is initial."""
        found = [self._start(path[0])]
        for state in path[1:]:
            found.append(self._successor(found[-1], state))
        return tuple(found)

    def pair(self, prop: Property, path: Sequence[State]) -> tuple[State, ...]:
        """The same, such that its last step violates `prop`, or fails in it."""

        def is_bad(before: State, after: State) -> bool:
            try:
                return not self._interpreter.holds(prop, before, after)
            except EvaluationError:
                return True

        found = self.path(path[:-1])
        return (*found, self._successor(found[-1], path[-1], is_bad))

    def failure(self, prop: Property, path: Sequence[State]) -> Evidence:
        """A path with these representatives, and a step that then violates `prop`."""
        found = self.path(path)
        for outcome in self._interpreter.successors(found[-1]):
            failed = outcome.failed
            if failed is not None and self._book.property_of(failed) == prop:
                return Evidence(found, failed, outcome.step.index)
        message = f"no step violates {prop.name}"
        raise UnfoldingError(message)

    def _start(self, wanted: State) -> State:
        """The first initial state with the representative of `wanted`.

        So names come in order, as far as that is possible.
        """
        target = self._canonical(self._pack(wanted))
        for state in self._interpreter.initial():
            if self._canonical(self._pack(state)) == target:
                return state
        message = "a path does not begin in an initial state"
        raise UnfoldingError(message)

    def _successor(
        self,
        before: State,
        wanted: State,
        accept: Callable[[State, State], bool] = lambda _before, _after: True,
    ) -> State:
        """The first successor with the representative of `wanted`."""
        target = self._canonical(self._pack(wanted))
        for outcome in self._interpreter.successors(before):
            if self._is(outcome, target):
                assert outcome.state is not None
                if accept(before, outcome.state):
                    return outcome.state
        message = "no step leads to the next representative"
        raise UnfoldingError(message)

    def _is(self, outcome: Outcome, target: int) -> bool:
        if outcome.state is None:
            return False
        return self._canonical(self._pack(outcome.state)) == target
