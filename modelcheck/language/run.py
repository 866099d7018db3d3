"""Running a spec at random in CPython: what `modelcheck run` shows."""

import random
from bdb import BdbQuit
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from modelcheck.language.actors import methods_with_role
from modelcheck.language.debugging import StepDebugger
from modelcheck.language.decorators import INVARIANTS, RoleKind
from modelcheck.language.errors import SpecDefinitionError, StepDisabled
from modelcheck.language.loading import SpecLoadError, load_spec
from modelcheck.language.outcomes import (
    Choice,
    Disabled,
    Move,
    StepFailed,
    StepViolation,
    Taken,
    Where,
)
from modelcheck.language.scheduler import World, enter_directly
from modelcheck.language.spec import Spec

__all__ = ["RecordKind", "RunRecord", "SpecLoadError", "load_spec", "run_random"]

_TRIES_FOR_A_START = 1000

Changes = dict[str, tuple[object, object]]


class RecordKind(Enum):
    """What a record of a run tells."""

    INITIAL = "initial"
    STEP = "step"
    VIOLATION = "violation"
    STUCK = "stuck"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One event of a run: `state` is the snapshot after it.

    `changed` maps each changed variable to its values before and after. `broken` names
    the invariants that are false in `state`. A violation carries its `StepViolation`
    and shows the state at the offending statement. A stuck record says where each
    process that is not done waits. A cut record names in `broken` the constraints that
    are false in `state`, from which no search goes on.
    """

    number: int
    kind: RecordKind
    actor: str
    state: dict[str, object]
    choices: tuple[Choice, ...] = ()
    changed: Changes = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    violation: StepViolation | None = None
    waiting: dict[str, Where] = field(default_factory=dict)


def run_random(
    spec_class: type[Spec], *, steps: int, seed: int, pdb: bool = False
) -> Iterator[RunRecord]:
    """Yield the initial state (record 0) and up to `steps` steps, chosen by `seed`.

    Ends early after a violation, with a stuck record when nothing can move, and with a
    cut record in a state that a constraint excludes. With `pdb` each step stops in the
    debugger at the first line of the spec it runs, and quitting there ends the run.
    A `@temporal` property is not judged, for no run is infinite; what it returns is
    looked at. Raises `SpecDefinitionError` when no initial state is found, or when a
    formula has another shape in another state.
    """
    dice = random.Random(seed)  # noqa: S311 - a reproducible walk, no secret
    try:
        world = _start(spec_class, dice, pdb=pdb)
    except StepFailed as failed:
        yield _violation_record(0, {}, failed.violation)
        return
    try:
        yield from _walk(world, steps, dice)
    except BdbQuit:
        return
    finally:
        world.close()


def _start(spec_class: type[Spec], dice: random.Random, *, pdb: bool) -> World[Spec]:
    enter = StepDebugger().enter if pdb else enter_directly
    for _ in range(_TRIES_FOR_A_START):
        try:
            return World(spec_class, dice.choice, enter=enter)
        except StepDisabled:
            continue
    message = f"{spec_class.__name__}: no initial state in {_TRIES_FOR_A_START} tries"
    raise SpecDefinitionError(message)


def _walk(world: World[Spec], steps: int, dice: random.Random) -> Iterator[RunRecord]:
    before = world.snapshot()
    shapes = _shapes(world)
    broken = _false(world, *INVARIANTS)
    choices = world.initial_choices
    yield RunRecord(0, RecordKind.INITIAL, "init", before, choices, broken=broken)
    for number in range(1, steps + 1):
        cut = _false(world, RoleKind.CONSTRAINT)
        if cut:
            yield RunRecord(number, RecordKind.CUT, "", before, broken=cut)
            return
        result = _step(world, dice)
        if isinstance(result, StepViolation):
            yield _violation_record(number, before, result)
            return
        after = world.snapshot()
        _check_shapes(shapes, _shapes(world))
        if result is None:
            waiting = _waiting(world)
            yield RunRecord(number, RecordKind.STUCK, "", after, waiting=waiting)
            return
        yield RunRecord(
            number,
            RecordKind.STEP,
            result.move.actor,
            after,
            result.choices,
            _changes(before, after),
            _false(world, *INVARIANTS),
        )
        before = after


def _step(world: World[Spec], dice: random.Random) -> Taken | StepViolation | None:
    """Take some step; return `None` when no actor can move."""
    moves = _shuffled(world, dice)
    for move in moves:
        result = world.take(move)
        if not isinstance(result, Disabled):
            return result
    # The choices made above may have been the wrong ones: look at all of them.
    for move in moves:
        scripts = _scripts(world, move)
        if scripts:
            result = world.take(move, dice.choice(scripts))
            return None if isinstance(result, Disabled) else result
    return None


def _shuffled(world: World[Spec], dice: random.Random) -> list[Move]:
    # By method first: otherwise an action with many arguments crowds out a process.
    moves = world.enabled()
    dice.shuffle(moves)
    methods = [world.actor(move.actor).method for move in moves]
    rank = {method: dice.random() for method in methods}
    ranks = [rank[method] for method in methods]
    return [moves[i] for i in sorted(range(len(moves)), key=ranks.__getitem__)]


def _scripts(world: World[Spec], move: Move) -> list[list[int]]:
    return [
        [choice.index for choice in branch.result.choices]
        for branch in world.branches(move)
        if not isinstance(branch.result, Disabled)
    ]


def _false(world: World[Spec], *kinds: RoleKind) -> tuple[str, ...]:
    return tuple(
        name
        for name, _, role in methods_with_role(type(world.spec))
        if role.kind in kinds and not _holds(world, name)
    )


def _shapes(world: World[Spec]) -> dict[str, str]:
    """The shape of each temporal property's formula, where it can be evaluated."""
    found: dict[str, str] = {}
    for name, _, role in methods_with_role(type(world.spec)):
        if role.kind is RoleKind.TEMPORAL:
            with suppress(StepFailed):
                found[name] = world.formula(name).shape
    return found


def _check_shapes(before: dict[str, str], now: dict[str, str]) -> None:
    for name, shape in now.items():
        if before.setdefault(name, shape) != shape:
            message = f"{name}: the shape of a formula must not depend on the state"
            raise SpecDefinitionError(message)


def _holds(world: World[Spec], name: str) -> bool:
    try:
        return world.holds(name)
    except StepFailed:
        return False


def _changes(before: dict[str, object], after: dict[str, object]) -> Changes:
    return {
        name: (before[name], after[name])
        for name in after
        if name in before and before[name] != after[name]
    }


def _violation_record(
    number: int, before: dict[str, object], violation: StepViolation
) -> RunRecord:
    return RunRecord(
        number,
        RecordKind.VIOLATION,
        violation.move.actor,
        violation.state,
        violation.choices,
        _changes(before, violation.state),
        violation=violation,
    )


def _waiting(world: World[Spec]) -> dict[str, Where]:
    return {
        name: world.where(name)
        for name in world.actors
        if world.actor(name).is_process and not world.done(name)
    }
