"""The successors of packed states: groups of steps, and which are enabled where.

The pcs of all processes decide which steps can be enabled; for each combination of
their values that is met, the *plan* lists the groups, in the order of the steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from modelcheck.explore.compiled import Compiled
from modelcheck.explore.memo import (
    MOST_ENTRIES,
    MOST_ENTRIES_IN_ALL,
    Budget,
    Group,
    OnBad,
    runs,
)

Plan = tuple[tuple[int, Callable[[int], object], Callable[[int], object]], ...]
"""For each group of steps that are enabled: its mask, its table's `get`, its `miss`."""


class Successors:
    """All groups of a model, and the plans made so far.

    `fired` is added to by `flush()`; `on_bad` is told about failed checks and cuts.
    """

    def __init__(
        self,
        compiled: Compiled,
        fired: list[int],
        on_bad: OnBad,
        *,
        keeps_loops: bool,
    ) -> None:
        packing = compiled.packing
        items = [
            (step, step.at, packing.bits(compiled.footprint(step).touched))
            for step in compiled.model.steps
        ]
        budget = self._budget = Budget(MOST_ENTRIES_IN_ALL)
        self._groups = [
            Group(
                compiled,
                cluster.items,
                cluster.mask,
                fired,
                on_bad,
                budget,
                keeps_loops=keeps_loops,
            )
            for cluster in runs(items)
        ]
        self._handles = [(g.mask, g.cache.get, g.miss) for g in self._groups]
        self._always: list[int] = []
        self._at: dict[int, dict[int, list[int]]] = defaultdict(dict)
        for number, group in enumerate(self._groups):
            if group.at is None:
                self._always.append(number)
            else:
                cell, value = group.at
                self._at[cell].setdefault(value, []).append(number)
        self._fields = [(packing.fields[cell], self._at[cell]) for cell in self._at]
        self.counters = packing.bits(self._at)
        self.plans: dict[int, Plan] = {}

    def _enabled(self, state: int) -> list[int]:
        """The numbers of the groups that leave where the processes stand."""
        numbers = list(self._always)
        for place, groups in self._fields:
            value = (state >> place.shift & place.mask) + place.lo
            numbers += groups.get(value, ())
        return sorted(numbers)

    def plan(self, state: int) -> Plan:
        """Make and store the plan for a state."""
        plan = tuple(self._handles[number] for number in self._enabled(state))
        if len(self.plans) >= MOST_ENTRIES:
            self.plans.clear()
        self.plans[state & self.counters] = plan
        return plan

    def is_stuck(self, state: int) -> bool:
        """Whether no step does anything in `state`, be it fail."""
        groups = (self._groups[number] for number in self._enabled(state))
        return all(group.entry(state).is_stuck for group in groups)

    @property
    def made(self) -> int:
        """How often it was computed what a group does, for want of an entry."""
        return self._budget.made

    def flush(self) -> None:
        """Forget what steps did, adding what was counted to `fired`."""
        for group in self._groups:
            group.flush()
