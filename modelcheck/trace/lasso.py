"""Lassos: infinite runs that repeat a loop for ever.

What is said here of a lasso is read off its states alone, by the definitions: the value
of a formula of linear temporal logic on an ultimately periodic run, and what fairness
asks of the transitions in its loop. No engine has a part in it, so that it can judge
what an engine shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.temporal import Connective, Fairness, Formula, Strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelcheck.model.program import Property
    from modelcheck.trace.path import Trace


LOOP = "-- loop from here, repeats for ever --"
"""The line that stands where the loop begins, in every rendering with lines."""


@dataclass(frozen=True, slots=True)
class Respect:
    """How a loop stands to a fairness constraint.

    `step` is the number of the first step in the loop that counts, None if there is
    none; `enabled` says in how many of the `size` states of the loop one could.
    """

    fairness: Fairness
    step: int | None
    enabled: int
    size: int

    @property
    def is_fair(self) -> bool:
        """Whether the run satisfies the constraint."""
        if self.step is not None or not self.enabled:
            return True
        is_weak = self.fairness.strength is Strength.WEAK
        return is_weak and self.enabled < self.size

    @property
    def name(self) -> str:
        """`driver_core(dev0) (weak)`."""
        return f"{self.fairness.name} ({self.fairness.strength.value})"

    @property
    def why(self) -> str:
        """How the loop satisfies the constraint, or fails to, in words."""
        if self.step is not None:
            return f"step {self.step}"
        if not self.enabled:
            return "not possible in the loop"
        if self.enabled < self.size:
            return "not always possible in the loop"
        return "always possible, never taken"


def respects(trace: Trace) -> tuple[Respect, ...]:
    """How the lasso `trace` stands to every fairness constraint of its model."""
    assert trace.loop is not None
    interpreter = Interpreter(trace.model)
    states = trace.states
    numbers = range(trace.loop, len(trace.steps))
    loop = trace.distinct[trace.loop :]
    moves = [
        [
            (outcome.step, state, outcome.state)
            for outcome in interpreter.successors(state)
            if outcome.state is not None
        ]
        for state in loop
    ]
    found = []
    for fair in trace.model.fairness:
        counting = (
            number + 1
            for number in numbers
            if interpreter.counts(
                fair, trace.steps[number].step, states[number], states[number + 1]
            )
        )
        enabled = sum(
            any(interpreter.counts(fair, *move) for move in possible)
            for possible in moves
        )
        found.append(Respect(fair, next(counting, None), enabled, len(loop)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Course:
    """An atom of a formula along a lasso: its value in each distinct state."""

    text: str
    values: tuple[bool, ...]
    loop: int

    @property
    def words(self) -> str:
        """When it is true, in words; a number is that of the step it is true after."""
        if all(self.values):
            return "always"
        if not any(self.values):
            return "never"
        ending = set(self.values[self.loop :])
        if len(ending) > 1:
            return "again and again, but not always"
        last = self.values[-1]
        since = len(self.values)
        while self.values[since - 1] is last:
            since -= 1
        return f"{'true' if last else 'false'} for ever after step {since}"


def courses(trace: Trace, prop: Property) -> tuple[Course, ...]:
    """The atoms of the temporal property `prop` along the lasso `trace`."""
    assert prop.temporal is not None
    assert trace.loop is not None
    interpreter = Interpreter(trace.model)
    return tuple(
        Course(
            atom.text,
            tuple(interpreter.holds(asked, state) for state in trace.distinct),
            trace.loop,
        )
        for atom, asked in zip(prop.temporal.atoms, prop.of_atoms(), strict=True)
    )


def satisfies(trace: Trace, prop: Property) -> bool:
    """Whether the run that the lasso `trace` stands for satisfies `prop`."""
    assert prop.temporal is not None
    assert trace.loop is not None
    atoms = [course.values for course in courses(trace, prop)]
    count = len(trace.distinct)
    follows = [*range(1, count), trace.loop]
    return evaluate(prop.temporal.formula, atoms, follows)[0]


def evaluate(
    formula: Formula, atoms: Sequence[Sequence[bool]], follows: Sequence[int]
) -> list[bool]:
    """The value of `formula` at each position of an ultimately periodic run.

    `atoms` gives the values of each atom by position, `follows` the position behind
    each. UNTIL, EVENTUALLY and ALWAYS are the least and greatest solutions of their
    expansion laws (Baier and Katoen, Principles of Model Checking, 5.1): as many rounds
    as there are positions reach them.
    """
    places = range(len(follows))
    inner = [evaluate(operand, atoms, follows) for operand in formula.operands]
    match formula.op:
        case Connective.ATOM:
            return list(atoms[formula.atom])
        case Connective.TRUE:
            return [True for _ in places]
        case Connective.NOT:
            return [not inner[0][place] for place in places]
        case Connective.AND:
            return [all(values[place] for values in inner) for place in places]
        case Connective.OR:
            return [any(values[place] for values in inner) for place in places]
        case Connective.NEXT:
            return [inner[0][follows[place]] for place in places]
        case Connective.UNTIL:
            return _least(inner[0], inner[1], follows)
        case Connective.EVENTUALLY:
            return _least([True for _ in places], inner[0], follows)
        case Connective.ALWAYS:
            negated = [not value for value in inner[0]]
            later = _least([True for _ in places], negated, follows)
            return [not value for value in later]


def _least(
    left: Sequence[bool], right: Sequence[bool], follows: Sequence[int]
) -> list[bool]:
    """The least u with u = right or (left and u at the following position)."""
    found = list(right)
    for _ in follows:
        found = [
            right[place] or (left[place] and found[after])
            for place, after in enumerate(follows)
        ]
    return found
