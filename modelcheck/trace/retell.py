"""Retelling a step: what happened inside it, in order.

The interpreter reports the marks that a step passes, but not the assignments between
them. To learn their order without a second evaluator, the step's body gets an extra
mark behind every assignment and every choice, and the reference interpreter takes the
same step again along the same choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from modelcheck.explore.interpreter import Event, Interpreter
from modelcheck.model.program import Model, State, Step
from modelcheck.model.shapes import Shape, keys, scalar
from modelcheck.model.statements import (
    Assign,
    Body,
    Choose,
    If,
    Mark,
    MarkKind,
    Statement,
)
from modelcheck.model.terms import Term
from modelcheck.model.types import Type, cardinality, is_container
from modelcheck.trace.components import Component, components
from modelcheck.trace.path import TraceStep


@dataclass(frozen=True, slots=True)
class Write(Mark):
    """An assignment to a part of `component`, whose whole value the event carries."""

    component: Component | None = None


@dataclass(frozen=True, slots=True)
class Chosen(Mark):
    """A choice among several values of `type_`; the event carries the number.

    With `is_rank` it is the place of the value among those of the type.
    """

    type_: Type | None = None
    is_rank: bool = False


class Retelling:
    """Retells the steps of one model."""

    def __init__(self, model: Model) -> None:
        self._interpreter = Interpreter(model)
        self._model = model
        self._owner = {c: part for part in components(model) for c in part.cells}

    def events(self, taken: TraceStep, before: State) -> tuple[Event, ...]:
        """What `taken` did from `before`: marks, writes and choices in order."""
        step = replace(taken.step, body=tuple(self._marked(taken.step.body)))
        for outcome in self._interpreter.outcomes(step, before):
            if outcome.choices == taken.choices and outcome.state == taken.state:
                return tuple(self._visible(outcome.events, before))
        return taken.events

    def before_the_first(self, number: int) -> dict[str, tuple[Event, ...]]:
        """For each process what it passed on its way to initial state `number`.

        Where nobody can see a process start, it stands further on from the beginning.
        """
        pcs = {process.pc: process.actor for process in self._model.processes}
        body = tuple(_with_ends(self._model.init, pcs))
        beginning = Step(0, "", "", body)
        outcomes = self._interpreter.outcomes(beginning, self._model.zero)
        starts = (each for each in outcomes if each.state is not None)
        passed: dict[str, tuple[Event, ...]] = {}
        events: list[Event] = []
        for event in next(islice(starts, number, None)).events:
            if event.mark.kind is MarkKind.LINE and event.mark.name in pcs.values():
                passed[event.mark.name], events = tuple(events), []
            else:
                events.append(event)
        return passed

    def _marked(self, body: Body) -> Iterator[Statement]:
        for statement in body:
            match statement:
                case If(cond, then, orelse):
                    then = tuple(self._marked(then))
                    yield If(cond, then, tuple(self._marked(orelse)))
                case Assign(cell) if cell in self._owner:
                    yield statement
                    yield self._write(statement)
                case Choose():
                    yield statement
                    yield from _chosen(statement)
                case _:
                    yield statement

    def _write(self, assign: Assign) -> Write:
        component = self._owner[assign.cell]
        cells = [self._model.cells[cell].now for cell in component.cells]
        value: Shape[Term] = Shape(items=tuple(Shape(cell) for cell in cells))
        return Write(
            MarkKind.CALL,
            component.name,
            (("", component.type_, value),),
            assign.span,
            component,
        )

    def _visible(self, events: tuple[Event, ...], before: State) -> Iterator[Event]:
        """Without writes of parts that are written again at once.

        Containers are written whole where only an element changes: a write that leaves
        one as it was is left out. One that leaves a scalar as it was may be the point
        of the story, a lost update.
        """
        known = {part.name: part.leaves(before) for part in components(self._model)}
        for index, event in enumerate(events):
            if isinstance(event.mark, Write):
                following = events[index + 1].mark if events[index + 1 :] else None
                if _is_of(following, event.mark.component):
                    continue
                is_same = known[event.mark.name] == event.leaves[0]
                if is_same and not _is_scalar(event.mark.component):
                    continue
                known[event.mark.name] = event.leaves[0]
            yield event


def _with_ends(body: Body, pcs: Mapping[int, str]) -> Iterator[Statement]:
    """A body with a mark where a process gets its place, the last that it is told."""
    for statement in body:
        if isinstance(statement, If):
            then = tuple(_with_ends(statement.then, pcs))
            yield If(statement.cond, then, tuple(_with_ends(statement.orelse, pcs)))
            continue
        yield statement
        if isinstance(statement, Assign) and statement.cell in pcs:
            yield Mark(MarkKind.LINE, pcs[statement.cell], ())


def _is_of(mark: Mark | None, component: Component | None) -> bool:
    return isinstance(mark, Write) and mark.component == component


def _is_scalar(component: Component | None) -> bool:
    return (
        component is not None
        and len(component.cells) == 1
        and not is_container(component.type_)
    )


def _chosen(choose: Choose) -> Iterator[Statement]:
    if cardinality(choose.type_) > 1:
        value = (("", choose.type_, Shape(choose.temp)),)
        yield Chosen(
            MarkKind.CALL,
            "choose",
            value,
            choose.span,
            choose.type_,
            is_rank(choose),
        )


def is_rank(choose: Choose) -> bool:
    """Whether the number chosen is the place of a value among those of the type.

    So it is for members of a set, which are numbered; a value of a type is itself.
    """
    return choose.among is not None


def chosen_leaves(type_: Type, number: int, *, is_rank: bool) -> tuple[int, ...]:
    """The components of a chosen value: the number itself, or the value's of that rank.

    A choice is one number even where the value takes several components.
    """
    if scalar(type_) is not None and not is_rank:
        return (number,)
    return list(keys(type_))[number]
