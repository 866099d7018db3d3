"""The compiled explorer: complete breadth-first search on packed states.

Level by level in the order of the reference interpreter, so that what is found first is
found at the smallest depth, and the same paths come out. Counting is TLC's: initial
states and every successor of every expanded state are generated; a state outside a
constraint is generated and its invariants are looked at, but it is not distinct and not
expanded. The out-degree of an expanded state is the number of its successors that were
new when it was expanded.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from modelcheck.explore.book import Book
from modelcheck.explore.compiled import CUT, Compiled
from modelcheck.explore.forecast import Outlook
from modelcheck.explore.loop import Expand, make_loop
from modelcheck.explore.questions import NO_PARENT, Paths, Questions
from modelcheck.explore.reduction import Reduction, used_reduction
from modelcheck.explore.representatives import Representatives
from modelcheck.explore.successors import Successors
from modelcheck.explore.unfolding import Unfolding
from modelcheck.model.program import Model, Step
from modelcheck.model.statements import Assert
from modelcheck.verdict.verdicts import (
    Counts,
    Findings,
    Limits,
    Stop,
    Watch,
)

CHUNK = 512
"""How many states are expanded between two looks at the clock and the user."""

PER_STATE, PER_ENTRY = 4, 25
"""Microseconds for a state, and for what a step does if it is not remembered: measured
on a dozen specs, and right within a factor of two."""

PATIENCE = 0.2
"""Seconds between two reports of progress."""


class Explorer:
    """Searches all reachable states with functions generated for the model.

    With a `reduction`, only one of the states that are permutations of each other. With
    `effort`, the search is given up after so much work, in microseconds that it would
    take on some machine: where it ends does not depend on the real one. `is_given_up`
    says afterwards whether it was; the findings then say that time was up.
    """

    name = "explore"

    def __init__(
        self, reduction: Reduction | None = None, effort: int | None = None
    ) -> None:
        self.reduction = reduction
        self.effort = effort
        self.is_given_up = False

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Search within `limits`; raises `PropertyError` if a property has no value."""
        search = _Search(model, limits, watch, self.reduction)
        search.effort = self.effort
        with _without_cycle_collection():
            try:
                search.run()
            except MemoryError:
                search.book.stops.add(Stop.MEMORY)
            self.is_given_up = search.is_given_up
            return search.findings(self.name)


@contextmanager
def _without_cycle_collection() -> Iterator[None]:
    """No garbage collection: a search makes no cycles, and many objects to walk."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Search:
    """One run: `frontier` is the level being expanded, `found` the next one."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        watch: Watch,
        reduction: Reduction | None,
    ) -> None:
        self.book = Book(model, limits)
        self.compiled = Compiled(model)
        self.watch = watch
        self.representatives = None
        unfolding = None
        reduction = used_reduction(reduction, model, limits)
        if reduction is not None:
            self.representatives = Representatives(reduction)
            unfolding = Unfolding(reduction, self.book)
        self.paths = Paths(self.compiled, unfolding)
        self.questions = Questions(self.compiled, self.book, self.paths)
        self.successors = Successors(
            self.compiled,
            self.book.fired,
            self._note,
            keeps_loops=self.questions.has_pairs,
        )
        self.found: list[int] = []
        self.levels: list[int] = []
        self.depth = 0
        self.initial: list[int] = []
        self.starts = 0
        self.expanded = 0
        self.extremes = (sys.maxsize, 0)
        self._told = 0.0
        self._outlook = Outlook()
        self.is_at_bound = False
        self.effort: int | None = None
        self.is_given_up = False

    def run(self) -> None:
        """Search to the end, or until something ends the search."""
        self._start()
        expand = self._loop()
        while self.found and not self.book.is_deep_enough(len(self.levels)):
            frontier, self.found = self.found, []
            self.levels.append(len(frontier))
            if self.representatives is not None:
                self.representatives.count(frontier)
            for start in range(0, len(frontier), CHUNK):
                if self._is_over():
                    return
                if self.questions.is_stale:
                    expand = self._loop()
                chunk = frontier[start : start + CHUNK]
                parent = self.paths.parent
                self.extremes = expand(chunk, parent, self.found, *self.extremes)
                self.expanded += len(chunk)
            self.depth = len(self.levels)
        self._look_at_bound()

    def _look_at_bound(self) -> None:
        """Tell deadlocks among the states at the depth bound, which stay unexpanded.

        What their steps run into lies beyond the bound and is not noted.
        """
        self.is_at_bound = True
        for state in self.found:
            if not self.questions.minds_deadlock:
                return
            if self.successors.is_stuck(state):
                self.questions.stuck(state)

    def findings(self, engine: str) -> Findings:
        """The result, whether the search is complete or not."""
        self.successors.flush()
        distinct = len(self.paths.parent)
        new = distinct - self.starts
        counts = Counts(
            distinct,
            len(self.initial) + sum(self.book.fired),
            tuple(self.levels + [len(self.found)] * bool(self.found)),
            distinct - self.expanded,
            (self.extremes[0], new / self.expanded, self.extremes[1])
            if self.expanded
            else (0, 0.0, 0),
        )
        found = self.book.findings(engine, counts, self.depth)
        if self.representatives is None:
            return found
        self.representatives.count(self.found)
        return replace(found, saving=self.representatives.saving())

    def _start(self) -> None:
        """Make the initial states and put the questions to them."""
        compiled = self.compiled.initial()
        bad: list[int] = []
        compiled.run(0, self.initial, bad)
        for number in bad:
            if number != CUT:
                raise self.book.fail_initially(compiled.checks[number])
            self.book.stops.add(Stop.CONSTRAINT)
        questions, parent = self.questions, self.paths.parent
        tables = questions.tables()[0]
        for made in self.initial:
            state = (
                made
                if self.representatives is None
                else self.representatives.canonical(made)
            )
            if state in parent:
                continue
            self.paths.beyond = (state, NO_PARENT)
            if questions.is_inside(state, NO_PARENT):
                parent[state] = NO_PARENT
                self.found.append(state)
            for table in tables:
                table.ask(state)
        self.starts = len(self.found)

    def _loop(self) -> Expand:
        """The inner loop for the questions that are open now."""
        questions, successors = self.questions, self.successors
        states, pairs = questions.tables()

        def outside(state: int, before: int) -> None:
            self.paths.beyond = (state, before)
            for table in states:
                table.ask(state)

        def stuck(state: int) -> None:
            if questions.minds_deadlock and successors.is_stuck(state):
                questions.stuck(state)

        namespace: dict[str, object] = {
            "get_plan": successors.plans.get,
            "plan": successors.plan,
            "inside": questions.inside,
            "is_inside": questions.is_inside,
            "outside": outside,
            "stuck": stuck,
        }
        constraint = questions.constraint_bits if questions.has_constraints else None
        moved = None
        if self.representatives is not None:
            moved = self.representatives.bits
            namespace |= {
                "get_delta": self.representatives.deltas.get,
                "represent": self.representatives.miss,
            }
        return make_loop(
            successors.counters, states, pairs, constraint, moved, namespace
        )

    def _note(self, state: int, step: Step, failed: Assert | None) -> None:
        """Write down that `step` runs into a check in `state`, or is cut off."""
        if self.is_at_bound:
            return
        if failed is None:
            self.book.stops.add(Stop.CONSTRAINT)
            return
        prop = self.book.property_of(failed)
        if self.book.is_open(prop):
            self.book.decide(prop, self.paths.into(prop, state, failed, step))

    def _is_over(self) -> bool:
        """Tell how far the search is, and whether it must end."""
        seconds = self.book.seconds
        if seconds - self._told >= PATIENCE:
            self._told = seconds
            distinct = len(self.paths.parent)
            queued = distinct - self.expanded
            text = f"{distinct:,} states, {queued:,} queued, depth {len(self.levels)}"
            text += self._outlook.text(self.levels, self.expanded, seconds)
            self.watch.progress(Explorer.name, text, None)
        if self.effort is not None and self._work() > self.effort:
            self.is_given_up = True
            self.book.stops.add(Stop.TIME)
            return True
        return self.book.is_over(is_interrupted=self.watch.is_interrupted())

    def _work(self) -> int:
        """About how many microseconds the search took where that was measured."""
        return self.expanded * PER_STATE + self.successors.made * PER_ENTRY
