"""The state graph in vectors: what liveness is decided on.

States have numbers, the edges of each stand behind one another. An edge has a *label*:
its step, and which fairness constraints count it. A state without successors has one
edge, to itself, that is no step and that nothing counts; a state that was not expanded
has none, so that no cycle goes through it. Edges to states that constraints cut off
have no target, but they count for what is enabled: a run that is fair in the part that
was looked at is fair in the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modelcheck.liveness.records import Vector
from modelcheck.model.program import Model, State
from modelcheck.model.temporal import Atom
from modelcheck.verdict.verdicts import STUTTER, Stop

OUTSIDE = -1
"""The target of an edge to a state that constraints cut off."""


@dataclass(frozen=True, slots=True)
class Label:
    """A step, or STUTTER, and the set of constraints that count the edge, as bits."""

    step: int
    counted: int = 0


STUTTERING = Label(STUTTER)


@dataclass(frozen=True, slots=True)
class Graph:
    """States 0 to `size` - 1, and the edges `first[state]` up to `first[state + 1]`.

    `target` and `label` are by edge, `labels` says what a label means. `stops` is why
    there may be more states, empty if there are none. `runs_into_checks` says whether
    a check fails somewhere, where the run ends. `states` gives the cells of a state,
    and `valuation` bits for each state: which of some atoms hold in it.
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
    valuation: Callable[[Sequence[Atom]], Vector]

    @property
    def edges(self) -> int:
        """The number of edges."""
        return self.first.view[self.size]

    def enabled(self, state: int) -> int:
        """The constraints that are enabled in a state, as bits."""
        found = 0
        for edge in range(self.first.view[state], self.first.view[state + 1]):
            found |= self.labels[self.label.view[edge]].counted
        return found
