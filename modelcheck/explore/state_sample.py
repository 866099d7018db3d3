"""Random walks: a sample of the reachable states, deep ones included."""

from __future__ import annotations

from random import Random

from modelcheck.explore.compiled import CheckFailed, Compiled, StateFunction
from modelcheck.explore.successors import Successors
from modelcheck.model.program import Model, State, Step
from modelcheck.model.statements import Assert

LENGTH = 100
"""After so many steps a walk begins anew."""

PATIENCE = 20
"""After so many walks that met nothing new there is probably nothing left to meet."""

EFFORT = 10
"""At most so many steps are taken for each state that is wanted."""


def walk_states(model: Model, count: int, seed: int = 1) -> tuple[list[State], bool]:
    """About `count` different reachable states, or fewer if few are met.

    Also tells whether all initial states are among them.

    They are met by walks from initial states; the same ones in every run. A walk ends
    where a constraint is false, a step fails, or nothing follows.
    """
    compiled = Compiled(model)
    bad: list[int] = []
    initial: list[int] = []
    start = compiled.initial()
    start.run(0, initial, bad)
    if not initial:
        return [], True
    inside = [compiled.state_property(each) for each in model.constraints]
    successors = Successors(
        compiled, [0] * len(model.steps), _ignore, keeps_loops=False
    )
    seen = dict.fromkeys(initial[:count])
    random = Random(seed)  # noqa: S311 - no secret is made of it
    in_vain = 0
    for _ in range(EFFORT * count // LENGTH + 1):
        if len(seen) >= count or in_vain >= PATIENCE:
            break
        before = len(seen)
        state = random.choice(initial)
        for _ in range(LENGTH):
            if not _is_inside(inside, state):
                break
            following = _following(successors, state)
            if not following:
                break
            state = random.choice(following)
            seen[state] = None
        in_vain = in_vain + 1 if len(seen) == before else 0
    states = [compiled.packing.unpack(state) for state in seen]
    return states, len(initial) <= count


def _is_inside(inside: list[StateFunction], state: int) -> bool:
    try:
        return all(holds(state) for holds in inside)
    except CheckFailed:  # it has no value: whoever searches will tell
        return False


def _following(successors: Successors, state: int) -> list[int]:
    key = state & successors.counters
    plan = successors.plans.get(key) or successors.plan(state)
    found = []
    for mask, get, miss in plan:
        entry = get(state & mask) or miss(state)
        found += [state ^ delta for delta in entry.deltas]  # type: ignore[attr-defined]
    return found


def _ignore(state: int, step: Step, failed: Assert | None) -> None:
    """A failed check is no state."""
