"""What liveness must know of an edge: its step, and what fairness says about it.

A *meaning* is a step together with those of the predicates of fairness constraints
about the step that hold for the edge. Meanings have numbers: those of a step stand
behind its first one, by a set of its predicates as bits; 0 is the meaning of the edge
of a state without successors, which is no step.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from modelcheck.model.guarded import Judged, fairness_property, guard_property
from modelcheck.model.program import Model, Property

STAY = 0
"""The meaning of the edge of a state without successors."""

MOST_MEANINGS = 1 << 26
"""There is a table of all meanings; with more of them, none is told from its step's."""

UNJUDGED = 1 << 31
"""This bit beside the meaning of an edge: a predicate about it has no value there."""


class Meanings:
    """The meanings of the steps of a model.

    `predicates` has for each step the constraints whose predicates are about it, none
    if that is `too_many`.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        looks = [n for n, each in enumerate(model.fairness) if each.result is not None]
        self.looks = tuple(looks)
        self.predicates: tuple[tuple[int, ...], ...] = tuple(
            tuple(n for n in looks if step.index in model.fairness[n].steps)
            for step in model.steps
        )
        sizes = [1 << len(found) for found in self.predicates]
        self.too_many = sum(sizes) > MOST_MEANINGS
        if self.too_many:
            self.predicates = ((),) * len(model.steps)
            sizes = [1] * len(model.steps)
        self._first = [*accumulate(sizes, initial=STAY + 1)]
        self._judged: dict[int, Judged] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return self._first[-1]

    @property
    def label_bytes(self) -> int:
        """How many bytes hold the number of a meaning: 1, 2 or 4."""
        return 1 if self.count <= 1 << 8 else 2 if self.count <= 1 << 16 else 4

    def first(self, step: int) -> int:
        """The meaning of an edge of `step` for which no predicate holds."""
        return self._first[step]

    def judged(self, number: int) -> Judged:
        """The predicate of a constraint, as terms over CELL and NEXT."""
        if number not in self._judged:
            self._judged[number] = guard_property(self.predicate(number))
        return self._judged[number]

    def predicate(self, number: int) -> Property:
        """The predicate of a constraint."""
        return fairness_property(self.model.fairness[number])

    def step(self, meaning: int) -> int:
        """The step of a meaning other than STAY."""
        return bisect_right(self._first, meaning) - 1

    def counted(self, meaning: int) -> int:
        """The constraints that count an edge of this meaning, as bits."""
        step = self.step(meaning)
        holds = meaning - self._first[step]
        found = 0
        for number, fairness in enumerate(self.model.fairness):
            if fairness.result is None and step in fairness.steps:
                found |= 1 << number
        for bit, number in enumerate(self.predicates[step]):
            found |= (holds >> bit & 1) << number
        return found
