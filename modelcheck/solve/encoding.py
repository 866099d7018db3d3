"""A model as z3 formulas over numbered frames.

Everything is translated once, over template variables: the state before a step, the
state after it, the choices made in it and one Boolean per step. Frame k of a path is
an instance of a template, made by z3's own substitution. In a transition exactly one
step is taken, whose guard holds; each cell after it is a function of the step and the
cells before it. The initialisation leads from frame -1 to frame 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modelcheck.model.guarded import Judged, guard_init, guard_property, guard_step
from modelcheck.model.program import Cell, Kind, Model, Property, State
from modelcheck.model.statements import Assert
from modelcheck.model.terms import (
    FALSE,
    TRUE,
    Op,
    Term,
    and_,
    constant_of,
    eq,
    not_,
    or_,
    walk,
)
from modelcheck.solve.translate import Z3, Expr, Translator


@dataclass(frozen=True, slots=True)
class Question:
    """What a property asks about a path of k steps.

    The path answers it if `goal` holds: over its last frame, or (TRANSITION) over its
    last two, or (ASSERTION) over the frame that the failing k-th step leaves. Where
    `fails` holds, the property cannot be evaluated.
    """

    prop: Property
    goal: Term
    fails: Term = FALSE


class Encoding:
    """The formulas of one model, in a z3 context of their own.

    A context of its own makes what z3 does independent of earlier runs. `inside` says
    that a frame is within all constraints, `cut` that an assumption ends a step there.
    """

    def __init__(self, model: Model) -> None:
        import z3

        self._z3: Z3 = z3
        self.context: Z3 = z3.Context()
        self.model = model
        self.init = guard_init(model)
        self.steps = tuple(guard_step(model, step) for step in model.steps)
        self._constraints = tuple(map(guard_property, model.constraints))
        self.inside = and_(*(judged.result for judged in self._constraints))
        self.cut = or_(*(step.cut for step in self.steps))
        self._true = z3.BoolVal(val=True, ctx=self.context)
        self._templates: dict[Term, Expr] = {}
        self._translate = Translator(self.context, self._template)
        self._taken = [self._bool(f"step {step.index}") for step in model.steps]
        self._leaves: dict[Term, list[Term]] = {}
        self._updates = self._encode_updates()
        self._guards = self._encode_guards()

    def question(self, prop: Property, is_asked: Callable[[Assert], bool]) -> Question:
        """What `prop` asks; an ASSERTION stands for the checks that are `is_asked`."""
        if prop.kind is Kind.DEADLOCK:
            return Question(prop, self._stuck())
        if prop.kind is Kind.ASSERTION:
            failures = (f for step in self.steps for f in step.failures)
            failing = [f.condition for f in failures if is_asked(f.failed)]
            return Question(prop, or_(*failing))
        judged = guard_property(prop)
        return Question(prop, _goal(prop, judged), judged.fails)

    def constraint_questions(self) -> list[Question]:
        """For each constraint, whether a check inside it can fail.

        As in the interpreter, one is not evaluated where an earlier one is false.
        """
        found, earlier = [], TRUE
        for prop, judged in zip(self.model.constraints, self._constraints, strict=True):
            found.append(Question(prop, FALSE, and_(earlier, judged.fails)))
            earlier = and_(earlier, judged.result)
        return found

    def choices(self, frame: int) -> list[Expr]:
        """The choices of the step that leaves `frame` lie in their intervals."""
        bodies = (self.init,) if frame < 0 else self.steps
        made = dict.fromkeys(choice for body in bodies for choice in body.choices)
        return [
            self._translate.interval(choice, self._variable(choice, frame))
            for choice in made
        ]

    def initial(self) -> Expr:
        """The initialisation leads from frame -1 to frame 0."""
        values = (
            eq(cell.after, self.init.updates.get(cell.index, self._zero(cell)))
            for cell in self.model.cells
        )
        return self.at(and_(self.init.guard, *values), -1)

    def transition(self, frame: int) -> Expr:
        """Exactly one step leads from `frame` to the next."""
        parts = self._exactly_one(), self._guards, self._updates
        return self.instance(self._z3.And(*parts), frame)

    def guards(self, frame: int) -> Expr:
        """The guard of each step that is taken in `frame` holds there."""
        return self.instance(self._guards, frame)

    def updates(self, frame: int) -> Expr:
        """The frame after `frame` is what the steps taken make of it."""
        return self.instance(self._updates, frame)

    def inputs(self, frame: int) -> list[Expr]:
        """What determines a step that leaves `frame`: the step taken, its choices."""
        made = dict.fromkeys(choice for step in self.steps for choice in step.choices)
        choices = [self._variable(choice, frame) for choice in made]
        return [*(taken for _, taken in self._taken_in(frame)), *choices]

    def at(self, term: Term, frame: int) -> Expr:
        """`term` with its CELLs in `frame` and its NEXTs in the frame after it."""
        template = self._translate(term)
        if term not in self._leaves:
            self._leaves[term] = [t for t in walk([term]) if t in self._templates]
        return self._z3.substitute(template, *self._pairs(self._leaves[term], frame))

    def template(self, term: Term) -> Expr:
        """`term` as part of a formula that `instance()` places into a frame."""
        return self._translate(term)

    def instance(self, template: Expr, frame: int) -> Expr:
        """A formula made of templates, in `frame`."""
        pairs = self._taken_in(frame) + self._pairs(self._templates, frame)
        return self._z3.substitute(template, *pairs)

    def ranges(self, frame: int) -> list[Expr]:
        """The cells lie in their ranges in `frame`, which no step has led to."""
        leaves = (cell.now for cell in self.model.cells)
        return [
            self._translate.interval(now, self._variable(now, frame))
            for now in leaves
            if not now.is_const
        ]

    def differ(self, one: int, two: int) -> Expr:
        """The states of two frames are not the same."""
        leaves = [cell.now for cell in self.model.cells if not cell.now.is_const]
        return self._z3.Or(
            [self._variable(now, one) != self._variable(now, two) for now in leaves]
            or [self._z3.BoolVal(val=False, ctx=self.context)]
        )

    def states(self, found: Z3, frames: int) -> tuple[State, ...]:
        """The first `frames` states of the path that z3's model `found` is."""
        return tuple(self._state(found, frame) for frame in range(frames))

    def _state(self, found: Z3, frame: int) -> State:
        values = []
        for like in (cell.now for cell in self.model.cells):
            if like.is_const:
                values.append(like.value)
            else:
                variable = self._variable(like, frame)
                number = found.eval(variable, model_completion=True)
                values.append(self._translate.value(like, number))
        return tuple(values)

    def _zero(self, cell: Cell) -> Term:
        value = self.model.zero[cell.index]
        return constant_of(cell.range.sort, value, cell.range.hi)

    def _bool(self, name: str) -> Expr:
        return self._z3.Bool(name, self.context)

    def _template(self, leaf: Term) -> Expr:
        if leaf not in self._templates:
            self._templates[leaf] = self._translate.variable(_name(leaf), leaf)
        return self._templates[leaf]

    def _variable(self, leaf: Term, frame: int) -> Expr:
        """The variable for `leaf` in `frame`; to z3, one name is one variable."""
        if leaf.op is Op.TEMP:
            return self._translate.variable(f"{_name(leaf)} @{frame}", leaf)
        place = frame + (leaf.op is Op.NEXT)
        cell = self.model.cells[leaf.value]
        return self._translate.variable(f"{cell.index} {cell.name} @{place}", leaf)

    def _pairs(self, leaves: Iterable[Term], frame: int) -> list[tuple[Expr, Expr]]:
        """Template variables, each with what it is in `frame`."""
        return [(self._templates[leaf], self._variable(leaf, frame)) for leaf in leaves]

    def _taken_in(self, frame: int) -> list[tuple[Expr, Expr]]:
        return [
            (taken, self._bool(f"step {step.index} @{frame}"))
            for taken, step in zip(self._taken, self.model.steps, strict=True)
        ]

    def _encode_guards(self) -> Expr:
        both = zip(self._taken, self.steps, strict=True)
        implied = (self._z3.Implies(t, self._translate(s.guard)) for t, s in both)
        return self._z3.And([self._true, *implied])

    def _encode_updates(self) -> Expr:
        z3, translate = self._z3, self._translate
        clauses = [self._true]
        writers: dict[int, dict[Term, list[Expr]]] = {}
        for taken, step in zip(self._taken, self.steps, strict=True):
            for cell, value in step.updates.items():
                writers.setdefault(cell, {}).setdefault(value, []).append(taken)
        for written in self.model.cells:
            after = translate(written.now)
            for value, steps in writers.get(written.index, {}).items():
                is_written = z3.Or(*steps) if len(steps) > 1 else steps[0]
                after = z3.If(is_written, translate.like(written.now, value), after)
            clauses.append(translate(written.after) == after)
        return z3.And(clauses)

    def _exactly_one(self) -> Expr:
        if not self._taken:
            return self._z3.BoolVal(val=False, ctx=self.context)
        return self._z3.PbEq([(taken, 1) for taken in self._taken], 1)

    def _stuck(self) -> Term:
        """No step is possible, and the state is not one of rest."""
        enabled = (step.enabled for step in self.steps)
        return and_(self.inside, not_(self.model.is_rest), *map(not_, enabled))


def _name(leaf: Term) -> str:
    return f"{leaf.op.name} {leaf.value} {leaf.sort.name} {leaf.lo} {leaf.hi}"


def _goal(prop: Property, judged: Judged) -> Term:
    goal = judged.result if prop.kind is Kind.REACHABLE else not_(judged.result)
    # Where a check fails the property has no value, neither true nor false.
    return and_(goal, not_(judged.fails))
