"""The state graph in vectors: what liveness is decided on.

States have numbers, the edges of each stand behind one another. An edge has a *label*:
its step, and which fairness constraints count it. A state without successors has one
edge, to itself, that is no step and that nothing counts; a state that was not expanded
has none, so that no cycle goes through it. Edges to states that constraints cut off
have no target, but they count for what is enabled: a run that is fair in the part that
was looked at is fair in the model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from modelcheck.explore.book import PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.liveness.records import Vector
from modelcheck.model.program import Model, Property, State
from modelcheck.verdict.verdicts import STUTTER, Stop

OUTSIDE = -1
"""The target of an edge to a state that constraints cut off."""


@dataclass(frozen=True, slots=True)
class Label:
    """A step, or STUTTER, and the set of constraints that count the edge, as bits."""

    step: int
    counted: int = 0


STUTTERING = Label(STUTTER)


class Refused(Exception):  # noqa: N818 - says what happens to the question
    """Something about the model keeps liveness from being decided, soundly."""


class Unjudged(Exception):  # noqa: N818 - says what happens to the question
    """One of `props` has no value in a state, or from it to the state `after`."""

    def __init__(
        self, props: Sequence[Property], state: int, after: int | None = None
    ) -> None:
        super().__init__(f"no value in state {state}")
        self.props = props
        self.state = state
        self.after = after


@dataclass(frozen=True, slots=True)
class Graph:
    """States 0 to `size` - 1, and the edges `first[state]` up to `first[state + 1]`.

    `target` and `label` are by edge, `labels` says what a label means. `stops` is why
    there may be more states, empty if there are none. `runs_into_checks` says whether
    a check fails somewhere, where the run ends. `states` gives the cells of a state,
    and `valuation` bits for each state: which of some atoms,
    as invariants, hold in it. `able` has the
    constraints enabled in each state, once some search has found them out.
    """

    model: Model
    size: int
    initial: tuple[int, ...]
    first: Vector
    target: Vector
    label: Vector
    labels: tuple[Label, ...]
    stops: frozenset[Stop]
    runs_into_checks: bool
    state: Callable[[int], State]
    valuation: Callable[[Sequence[Property]], Vector]
    able: list[Vector] = field(default_factory=list)

    @property
    def edges(self) -> int:
        """The number of edges."""
        return self.first.view[self.size]

    def path(self, state: int) -> tuple[State, ...]:
        """A shortest path from an initial state to `state`."""
        before = dict.fromkeys(self.initial, -1)
        waiting = deque(self.initial)
        while state not in before:
            now = waiting.popleft()
            for edge in range(self.first.view[now], self.first.view[now + 1]):
                after = self.target.view[edge]
                if after != OUTSIDE and after not in before:
                    before[after] = now
                    waiting.append(after)
        found = []
        while state >= 0:
            found.append(self.state(state))
            state = before[state]
        return tuple(reversed(found))

    def error(self, unjudged: Unjudged) -> PropertyError:
        """The error to raise where something has no value, with a path to there."""
        path = self.path(unjudged.state)
        after = None if unjudged.after is None else self.state(unjudged.after)
        interpreter = Interpreter(self.model)
        for prop in unjudged.props:
            try:
                interpreter.holds(prop, path[-1], after)
            except EvaluationError as error:
                end = () if after is None else (after,)
                return PropertyError(prop, error.failed, (*path, *end))
        message = f"everything has a value in {path[-1]} after all"
        raise AssertionError(message)

    def enabled(self, state: int) -> int:
        """The constraints that are enabled in a state, as bits."""
        found = 0
        for edge in range(self.first.view[state], self.first.view[state + 1]):
            found |= self.labels[self.label.view[edge]].counted
        return found
