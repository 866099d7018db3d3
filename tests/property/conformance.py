"""CPython as the judge of the compiled model.

`walk` runs a spec in CPython under `World`, one random step after the other, and keeps
the set of model states that fit what was seen: locals of processes cannot be seen from
outside. In every state both sides must offer the same steps: the same actors with the
same successors, as far as these can be seen, and the same failed checks.

The model leaves out suspensions after which a process only moves between its own locals
(`split.fuse`); there it is ahead of CPython until the process has made that step. A
`Guess` says of which processes this is assumed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from itertools import islice, product
from pathlib import Path
from typing import TypeVar

from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.language.errors import StepDisabled
from modelcheck.language.outcomes import (
    Branch,
    Disabled,
    Move,
    StepFailed,
    StepViolation,
    Taken,
    ViolationKind,
)
from modelcheck.language.scalarset import Scalarset
from modelcheck.language.scheduler import World
from modelcheck.language.spec import Spec
from modelcheck.language.suspension import PauseKind
from modelcheck.language.temporal import Formula as Built
from modelcheck.layout.values import Record, state_values
from modelcheck.model.program import Kind, Location, Model, Property, State
from modelcheck.model.statements import Assert, Check, Span, WaitKind
from modelcheck.model.temporal import Connective, Formula

T = TypeVar("T")

Visible = tuple[tuple[str, object], ...]
"""The value of every variable of the spec, hashable, by name."""

MOST_INITIAL = 300
"""With more initial states than this only one of them is looked at."""

MOST_BRANCHES = 200
"""With more ways in which one step can go a walk ends."""

_READY = frozenset({PauseKind.START, PauseKind.PREEMPT, PauseKind.LEAVE})
_KINDS = {
    Check.ASSERT: ViolationKind.ASSERTION,
    Check.RANGE: ViolationKind.RANGE,
    Check.FULL: ViolationKind.RANGE,
    Check.KEY: ViolationKind.KEY,
    Check.INDEX: ViolationKind.INDEX,
    Check.EMPTY: ViolationKind.INDEX,
    Check.DIVISION: ViolationKind.DIVISION,
    Check.LOCK: ViolationKind.LOCK,
}
_STATE_KINDS = frozenset({Kind.INVARIANT, Kind.REACHABLE})


class NonConformance(AssertionError):  # noqa: N818 - not an error of ours
    """The model does something that CPython does not do, or the other way round."""


@dataclass(slots=True)
class Tally:
    """What a walk has met, to see that it is worth something."""

    steps: int = 0
    stutters: int = 0
    formulas: int = 0
    branches: int = 0
    failures: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed check: its kind, and the lines among which it stands."""

    kind: ViolationKind
    path: str
    lines: range = field(compare=False)

    def agrees(self, other: Fault) -> bool:
        """Whether both may be the same check."""
        same = (self.kind, self.path) == (other.kind, other.path)
        return same and bool(set(self.lines) & set(other.lines))


@dataclass(frozen=True, slots=True)
class Guess:
    """A model state that fits what was seen; `ahead` are the processes ahead in it."""

    state: State
    ahead: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """What one actor can do in a state: visible successors, and checks that fail."""

    successors: frozenset[Visible]
    faults: tuple[Fault, ...]


def walk(model: Model, spec: type[Spec], seed: int, steps: int) -> Tally:
    """Walk at most `steps` steps; raises `NonConformance` where the two disagree."""
    chance = random.Random(seed)
    world = _world(spec, chance)
    if world is None:
        return Tally()
    run = _Walk(model, world, chance)
    try:
        for _ in range(steps):
            if not run.step():
                break
    finally:
        world.close()
    return run.tally


def check_initial_states(model: Model, spec: type[Spec]) -> int:
    """Compare all initial states, unless there are very many; how many there are."""
    expected = {visible_of(model, state) for state in Interpreter(model).initial()}
    found = set()
    for count, snapshot in enumerate(_starts(spec)):
        if count == MOST_INITIAL:
            return len(expected)
        found.add(freeze_all(snapshot))
    if found != expected:
        message = f"initial states: CPython {found}, model {expected}"
        raise NonConformance(message)
    return len(expected)


def _starts(spec: type[Spec]) -> Iterator[Mapping[str, object]]:
    """The initial states that CPython makes, each choice answered in each way."""
    script: list[int] | None = []
    while script is not None:
        answers = _Answers(script)
        with suppress(StepDisabled):
            yield World(spec, answers).snapshot()
        script = _following(answers.asked)


class _Answers:
    """A chooser that takes the options of a script, then the first ones."""

    def __init__(self, script: list[int]) -> None:
        self.script = script
        self.asked: list[tuple[int, int]] = []

    def __call__(self, options: Sequence[T], /) -> T:
        position = len(self.asked)
        number = self.script[position] if position < len(self.script) else 0
        self.asked.append((number, len(options)))
        return options[number]


def _following(asked: list[tuple[int, int]]) -> list[int] | None:
    for position in reversed(range(len(asked))):
        number, count = asked[position]
        if number + 1 < count:
            return [*(earlier for earlier, _ in asked[:position]), number + 1]
    return None


def _world(spec: type[Spec], chance: random.Random) -> World[Spec] | None:
    def choose(options: Sequence[T], /) -> T:
        return chance.choice(options)

    for _ in range(100):
        try:
            return World(spec, choose)
        except (StepDisabled, StepFailed):
            continue
    return None


# What can be seen


def freeze(value: object) -> object:
    """A value of either side in one hashable form."""
    match value:
        case Enum():
            return value.name
        case Scalarset():
            return repr(value)
        case Record(name, parts):
            return ("record", name, tuple((n, freeze(v)) for n, v in parts))
        case frozenset() | set():
            return frozenset(map(freeze, value))
        case dict():
            pairs = frozenset((freeze(k), freeze(v)) for k, v in value.items())
            return ("map", pairs)
        case list() | tuple():
            return tuple(map(freeze, value))
    if is_dataclass(value) and not isinstance(value, type):
        found = ((f.name, freeze(getattr(value, f.name))) for f in fields(value))
        return ("record", type(value).__name__, tuple(found))
    return value


def freeze_all(values: Mapping[str, object]) -> Visible:
    """Every variable of a state."""
    return tuple(sorted((name, freeze(value)) for name, value in values.items()))


def visible_of(model: Model, state: State) -> Visible:
    """What can be seen of a model state: everything but the locals of processes."""
    values = state_values(model, state)
    return freeze_all({v.name: values[v.name] for v in model.variables if not v.owner})


# The walk


class _Walk:
    """One walk: a world, and what the model may be in."""

    def __init__(self, model: Model, world: World[Spec], chance: random.Random) -> None:
        self.model = model
        self.world = world
        self.chance = chance
        self.tally = Tally()
        self.interpreter = Interpreter(model)
        self.processes = {process.actor: process for process in model.processes}
        self.seen = freeze_all(world.snapshot())
        states = dict.fromkeys(self.interpreter.initial())
        self.guesses = [
            guess
            for state in states
            if visible_of(model, state) == self.seen
            for guess in self._guesses(state, list(self.processes), frozenset())
        ]
        self._demand(self.guesses, "no initial state of the model fits")

    def step(self) -> bool:
        """Compare what both sides offer, then take one step; whether there is one."""
        offered = self._settle()
        taken = [
            (actor, branch.result)
            for actor, branches in offered.items()
            for branch in branches
            if isinstance(branch.result, Taken)
        ]
        if not taken:
            self.tally.is_over = True
            return False
        actor, result = self.chance.choice(taken)
        self._take(actor, [choice.index for choice in result.choices])
        self.tally.steps += 1
        return True

    def _settle(self) -> dict[str, list[Branch]]:
        """Drop guesses that offer something else; let CPython catch up if need be."""
        problem = ""
        while True:
            offered = {
                actor: list(islice(self.world.branches(Move(actor)), MOST_BRANCHES))
                for actor in self.world.actors
            }
            if any(len(found) == MOST_BRANCHES for found in offered.values()):
                return {}
            left = []
            for guess in self.guesses:
                found = "" if guess.ahead else self._problem(guess.state, offered)
                problem = problem or found
                if not found:
                    left.append(guess)
            self.guesses = left
            self._demand(left, problem)
            if any(not guess.ahead for guess in left):
                return offered
            self._catch_up(min(left[0].ahead), offered, problem)

    def _catch_up(
        self, actor: str, offered: Mapping[str, list[Branch]], problem: str
    ) -> None:
        """Make the step of `actor` that the model has left out."""
        match offered[actor]:
            case [Branch(Taken(choices=()), state)] if state is not None:
                if freeze_all(state) == self.seen:
                    self.tally.stutters += 1
                    self._take(actor, [])
                    return
        self.guesses = [g for g in self.guesses if actor not in g.ahead]
        self._demand(self.guesses, problem or f"{actor} has been left out")

    def _take(self, actor: str, choices: list[int]) -> None:
        result = self.world.take(Move(actor), choices)
        assert isinstance(result, Taken)
        before, self.seen = self.seen, freeze_all(self.world.snapshot())
        self.guesses = self._after(actor, is_stutter=before == self.seen)
        self._demand(self.guesses, f"no step of {actor} in the model leads here")

    def _after(self, actor: str, *, is_stutter: bool) -> list[Guess]:
        found: dict[Guess, None] = {}
        for guess in self.guesses:
            if actor in guess.ahead:
                if is_stutter:
                    others = guess.ahead - {actor}
                    found.update(
                        dict.fromkeys(self._guesses(guess.state, [actor], others))
                    )
                continue
            for state in self._successors(guess.state, actor):
                found.update(dict.fromkeys(self._guesses(state, [actor], guess.ahead)))
        return list(found)

    def _successors(self, state: State, actor: str) -> Iterator[State]:
        """The states to which `actor` leads and which look like what is seen now."""
        for step in self.model.steps:
            if step.actor != actor:
                continue
            if step.at is not None and state[step.at[0]] != step.at[1]:
                continue
            for outcome in self.interpreter.outcomes(step, state):
                after = outcome.state
                if after is not None and visible_of(self.model, after) == self.seen:
                    yield after

    def _guesses(
        self, state: State, actors: list[str], ahead: frozenset[str]
    ) -> Iterator[Guess]:
        """`state`, with each of `actors` here or ahead, as far as that is possible."""
        options = [list(self._positions(state, a)) for a in actors]
        for chosen in product(*options):
            more = {a for a, is_ahead in zip(actors, chosen, strict=True) if is_ahead}
            yield Guess(state, ahead | more)

    def _positions(self, state: State, actor: str) -> Iterator[bool]:
        """Whether the model can be where CPython is (False), or ahead of it (True)."""
        process = self.processes.get(actor)
        if process is None:
            yield False
            return
        where = self.world.where(actor)
        location = process.locations[state[process.pc]]
        line = where.frames[-1][1] if where.frames else 0
        if where.kind.value == location.kind.value and _is_at(location, line):
            yield False
        if where.kind in _READY:
            # A process that has not started is nowhere else.
            if where.kind is PauseKind.START and location.kind is WaitKind.START:
                return
            yield True

    # Comparing

    def _problem(self, state: State, offered: Mapping[str, list[Branch]]) -> str:
        """What CPython offers and `state` does not, or the other way round."""
        for actor, branches in offered.items():
            theirs = _offer(branches)
            ours = self._offer(state, actor)
            self.tally.branches += len(theirs.successors)
            self.tally.failures += len(theirs.faults)
            if theirs.successors != ours.successors:
                return self._difference(actor, theirs.successors, ours.successors)
            if not _same(theirs.faults, ours.faults):
                return f"{actor}: CPython fails with {theirs.faults}, not {ours.faults}"
        return self._done_problem(state) or self._property_problem(state)

    def _offer(self, state: State, actor: str) -> Offer:
        successors: set[Visible] = set()
        faults: list[Fault] = []
        for step in self.model.steps:
            if step.actor != actor:
                continue
            if step.at is not None and state[step.at[0]] != step.at[1]:
                continue
            for outcome in self.interpreter.outcomes(step, state):
                if outcome.state is not None:
                    successors.add(visible_of(self.model, outcome.state))
                elif outcome.failed is not None:
                    faults.append(_fault(outcome.failed))
        return Offer(frozenset(successors), tuple(faults))

    def _difference(
        self, actor: str, theirs: frozenset[Visible], ours: frozenset[Visible]
    ) -> str:
        lines = [f"{actor} leads elsewhere"]
        for side, states in (("CPython", theirs - ours), ("model", ours - theirs)):
            for state in states:
                changed = [pair for pair in state if pair not in self.seen]
                lines.append(f"  only in {side}: {changed or 'no change'}")
        return "\n".join(lines)

    def _done_problem(self, state: State) -> str:
        for actor, process in self.processes.items():
            if self.world.done(actor) != (state[process.pc] == process.done):
                return f"{actor} is done on one side only"
        return ""

    def _property_problem(self, state: State) -> str:
        for prop in (*self.model.properties, *self.model.constraints):
            if prop.kind in _STATE_KINDS or prop.kind is Kind.CONSTRAINT:
                theirs, ours = self._theirs(prop), self._ours(prop, state)
                if theirs != ours:
                    return f"{prop.name}: CPython says {theirs}, the model {ours}"
            elif prop.temporal is not None and not self._is_same(prop, state):
                return f"{prop.name}: CPython builds another formula"
        return ""

    def _is_same(self, prop: Property, state: State) -> bool:
        """Whether both sides build one formula, with the same Booleans in this state.

        A check that fails in one of them leaves no formula on either side.
        """
        assert prop.temporal is not None
        try:
            theirs = self.world.formula(prop.name)
        except StepFailed as error:
            kinds = [self._ours(atom, state) for atom in prop.of_atoms()]
            failed = [kind for kind in kinds if isinstance(kind, ViolationKind)]
            return error.violation.kind in failed[:1]
        self.tally.formulas += 1
        atoms = [self._ours(atom, state) for atom in prop.of_atoms()]
        return _is_same_formula(theirs, prop.temporal.formula, atoms)

    def _theirs(self, prop: Property) -> bool | ViolationKind:
        try:
            return self.world.holds(prop.name)
        except StepFailed as error:
            return error.violation.kind

    def _ours(self, prop: Property, state: State) -> bool | ViolationKind:
        try:
            return self.interpreter.holds(prop, state)
        except EvaluationError as error:
            return _KINDS[error.failed.check]

    def _demand(self, guesses: list[Guess], problem: str) -> None:
        if guesses:
            return
        steps = [
            f"  {taken.move.actor} {[str(c.value) for c in taken.choices] or ''}"
            for taken in self.world.history
        ]
        places = [
            f"  {actor} is at {self.world.where(actor)}" for actor in self.processes
        ]
        lines = [problem, "after", *steps, "in", f"  {dict(self.seen)}", *places]
        raise NonConformance("\n".join(lines))


def _is_same_formula(
    theirs: Built, ours: Formula, atoms: Sequence[bool | ViolationKind]
) -> bool:
    """Whether the trees are alike; a constant of ours is an atom of theirs."""
    value: bool | ViolationKind | None = None
    match ours:
        case Formula(op=Connective.ATOM, atom=number):
            value = atoms[number]
        case Formula(op=Connective.TRUE):
            value = True
        case Formula(op=Connective.NOT, operands=(Formula(op=Connective.TRUE),)) if (
            not theirs.operands
        ):
            value = False
    if value is not None:
        return theirs.connective.value == "atom" and theirs.value is value
    return (
        theirs.connective.value == ours.op.value
        and len(theirs.operands) == len(ours.operands)
        and all(
            _is_same_formula(one, two, atoms)
            for one, two in zip(theirs.operands, ours.operands, strict=True)
        )
    )


def _is_at(location: Location, line: int) -> bool:
    if location.kind in (WaitKind.START, WaitKind.DONE):
        return True
    return line in _lines(location.span)


def _lines(span: Span) -> range:
    return range(span.line, max(span.line, span.end_line) + 1)


def _fault(failed: Assert) -> Fault:
    span = failed.span
    return Fault(_KINDS[failed.check], str(Path(span.path).resolve()), _lines(span))


def _offer(branches: list[Branch]) -> Offer:
    successors: set[Visible] = set()
    faults: list[Fault] = []
    for branch in branches:
        match branch.result:
            case Taken():
                assert branch.state is not None
                successors.add(freeze_all(branch.state))
            case StepViolation(kind=kind, file=file, line=line):
                path = str(Path(file).resolve())
                faults.append(Fault(kind, path, range(line, line + 1)))
            case Disabled():
                pass
    return Offer(frozenset(successors), tuple(faults))


def _same(theirs: tuple[Fault, ...], ours: tuple[Fault, ...]) -> bool:
    forward = all(any(a.agrees(b) for b in ours) for a in theirs)
    return forward and all(any(a.agrees(b) for a in theirs) for b in ours)
