"""Targets: for each property, the states that no path may come to.

A proof needs one kind of question where a search has several. So every property is
turned into a predicate on a single state: a failing check and a bad step become the
state that they start from. Whether something follows after that state plays no part,
so a path that cannot go on hides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from modelcheck.model.guarded import Guarded, exists, guard_property
from modelcheck.model.program import Kind, Property
from modelcheck.model.statements import Assert
from modelcheck.model.terms import Op, Term, and_, not_, or_, substitute, walk
from modelcheck.solve.encoding import Encoding


@dataclass(frozen=True, slots=True)
class Target:
    """The states, `bad` of them, that refute `prop` if a path comes to one.

    Of a reachability goal these are the witnesses, so that a proof refutes the goal.
    `prop` is None for the states in which a constraint or an assumption cuts something
    off: unless none of them can be reached, nothing has been proved about the rest.
    """

    prop: Property | None
    bad: Term

    @property
    def name(self) -> str:
        """The property's name; empty for what is cut off."""
        return "" if self.prop is None else self.prop.name


def targets(
    encoding: Encoding,
    properties: Iterable[Property],
    property_of: Callable[[Assert], Property],
) -> list[Target]:
    """One target for each of `properties`, and the one for what is cut off.

    `property_of` tells the property that a failing check violates.
    """
    found = [Target(prop, _bad(encoding, prop, property_of)) for prop in properties]
    return [*found, Target(None, _cut(encoding))]


def _bad(
    encoding: Encoding, prop: Property, property_of: Callable[[Assert], Property]
) -> Term:
    if prop.kind is Kind.TRANSITION:
        return and_(encoding.inside, or_(*_bad_steps(encoding, prop)))
    if prop.kind is Kind.ASSERTION:
        failing = (
            exists(failure.condition, step.choices)
            for step in encoding.steps
            for failure in step.failures
            if property_of(failure.failed) is prop
        )
        return and_(encoding.inside, or_(*failing))
    question = encoding.question(prop, lambda _: False)
    return or_(question.goal, question.fails)


def _bad_steps(encoding: Encoding, prop: Property) -> Iterator[Term]:
    """For each step, whether it can be taken in a way that violates `prop`."""
    judged = guard_property(prop)
    bad = or_(not_(judged.result), judged.fails)
    after = [leaf for leaf in walk([bad]) if leaf.op is Op.NEXT]
    for step in encoding.steps:
        values = {leaf: _after(encoding, step, leaf) for leaf in after}
        violates = substitute(bad, values, {})
        yield exists(and_(step.guard, violates), step.choices)


def _after(encoding: Encoding, step: Guarded, leaf: Term) -> Term:
    kept = encoding.model.cells[leaf.value].now
    return step.updates.get(leaf.value, kept)


def _cut(encoding: Encoding) -> Term:
    """Outside a constraint, at an assumption, or where a constraint has no value."""
    assumed = (exists(step.cut, step.choices) for step in encoding.steps)
    failing = (question.fails for question in encoding.constraint_questions())
    return or_(not_(encoding.inside), *assumed, *failing)
