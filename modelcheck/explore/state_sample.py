"""Random walks: a sample of the reachable states, deep ones included."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from modelcheck.explore.compiled import CheckFailed, Compiled
from modelcheck.explore.successors import Successors
from modelcheck.model.program import Model, State, Step
from modelcheck.model.statements import Assert

LENGTH = 100
"""After so many steps a walk begins anew."""

PATIENCE = 20
"""After so many walks that met nothing new there is probably nothing left to meet."""

EFFORT = 10
"""At most so many steps are taken for each state that is wanted."""


class Walker:
    """A model's behaviours one step at a time, over packed states."""

    def __init__(self, model: Model) -> None:
        compiled = Compiled(model)
        self.packing = compiled.packing
        self.initial: list[int] = []
        self._seen: set[int] = set()
        compiled.initial().run(0, self.initial, [])
        self._inside = [compiled.state_property(each) for each in model.constraints]
        self._successors = Successors(
            compiled, [0] * len(model.steps), _ignore, keeps_loops=False
        )

    def following(self, state: int) -> list[int]:
        """What a step leads to; nothing where a constraint is false.

        A step that fails leads nowhere. `state` need not be one that can be reached.
        """
        if not self._is_inside(state):
            return []
        successors = self._successors
        key = state & successors.counters
        plan = successors.plans.get(key) or successors.plan(state)
        found = []
        for mask, get, miss in plan:
            entry = get(state & mask) or miss(state)
            found += [state ^ delta for delta in entry.deltas]  # type: ignore[attr-defined]
        return found

    def fresh(self, states: Iterable[int]) -> list[int]:
        """Those that were not among the states of an earlier call."""
        found = [state for state in states if state not in self._seen]
        self._seen.update(found)
        return found

    def _is_inside(self, state: int) -> bool:
        try:
            return all(holds(state) for holds in self._inside)
        except CheckFailed:  # it has no value: whoever searches will tell
            return False


def walk_states(model: Model, count: int, seed: int = 1) -> tuple[list[State], bool]:
    """About `count` different reachable states, or fewer if few are met.

    Also tells whether all initial states are among them.

    They are met by walks from initial states; the same ones in every run. A walk ends
    where a constraint is false, a step fails, or nothing follows.
    """
    walker = Walker(model)
    if not walker.initial:
        return [], True
    seen = dict.fromkeys(walker.initial[:count])
    random = Random(seed)  # noqa: S311 - no secret is made of it
    in_vain = 0
    for _ in range(EFFORT * count // LENGTH + 1):
        if len(seen) >= count or in_vain >= PATIENCE:
            break
        before = len(seen)
        state = random.choice(walker.initial)
        for _ in range(LENGTH):
            following = walker.following(state)
            if not following:
                break
            state = random.choice(following)
            seen[state] = None
        in_vain = in_vain + 1 if len(seen) == before else 0
    states = list(map(walker.packing.unpack, seen))
    return states, len(walker.initial) <= count


def _ignore(state: int, step: Step, failed: Assert | None) -> None:
    """A failed check is no state."""
