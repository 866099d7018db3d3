"""The checking mode: native successors against the interpreter's, on a sample.

On with `MODELCHECK_CHECK=1`. Code that was made in memory cannot be run under the
usual sanitisers, so this is what finds a wrong translation in the field: after each
level, and after each growth of the table, some states are expanded by both, and stored
states are looked for again. A difference is an error of ours, never a verdict.
"""

from __future__ import annotations

import ctypes
import os
from collections import Counter
from collections.abc import Sequence
from random import Random

from modelcheck.explore.interpreter import Interpreter
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.store import Range, Worker

SAMPLE = 16
"""How many states of a level, or of a table, are looked at."""


class Mistake(AssertionError):  # noqa: N818 - one word says it
    """Compiled code and interpreter differ."""


def is_wanted() -> bool:
    """Whether the user asked for the checks."""
    return os.environ.get("MODELCHECK_CHECK", "") not in ("", "0")


class SelfCheck:
    """Compares one search with the interpreter; does nothing unless asked for."""

    def __init__(self, machinery: Machinery, *, keeps_loops: bool) -> None:
        self.machinery = machinery
        self.is_on = is_wanted()
        self.checked = 0
        self._keeps_loops = keeps_loops
        self._interpreter = Interpreter(machinery.model)
        self._random = Random(1)  # noqa: S311 - a sample, the same in each run
        self._size = machinery.store.size

    def look(self, level: Sequence[Range]) -> None:
        """Check some states of `level`, and the table if it has grown."""
        if not self.is_on:
            return
        for states in level:
            self._sample(states, self._compare)
        if self.machinery.store.size != self._size:
            self._size = self.machinery.store.size
            for states in level:
                self._sample(states, self._compare)
                self._sample(states, self._find)

    def _sample(self, states: Range, check: object) -> None:
        assert callable(check)
        for _ in range(min(SAMPLE, states.end - states.begin)):
            number = self._random.randrange(states.begin, states.end)
            check(Range(states.worker, number, number + 1))
            self.checked += 1

    def _compare(self, one: Range) -> None:
        """Expand one state both ways."""
        packing = self.machinery.packing
        packed = next(self.machinery.packed(one))
        made = self._native(one)
        found = Counter(made)
        expected = Counter(
            packing.pack(outcome.state)
            for outcome in self._interpreter.successors(packing.unpack(packed))
            if outcome.state is not None
        )
        if not self._keeps_loops:
            found.pop(packed, None)
            expected.pop(packed, None)
        if found != expected:
            message = f"wrong successors of {packing.unpack(packed)}"
            raise Mistake(message)
        self._compare_representatives(made)

    def _native(self, one: Range) -> list[int]:
        """The successors of one state as compiled code makes them."""
        machinery = self.machinery
        worker = machinery.store.workers[0]
        saved = {slot: worker[slot] for slot in _SAVED}
        fired = (ctypes.c_uint64 * len(worker.fired))()
        worker[Slot.FIRED] = ctypes.addressof(fired)
        machinery.open_questions([0] * len(machinery.questions.open_words))
        machinery.store.point(worker, one)
        count = machinery.call("peek", worker)
        found = self._successors(count)
        for slot, value in saved.items():
            worker[slot] = value
        machinery.open_questions(machinery.questions.open_words)
        return found

    def _successors(self, count: int) -> list[int]:
        """The packed states that lie in the first worker's scratch memory."""
        worker, layout = self.machinery.store.workers[0], self.machinery.layout
        columns = [
            worker.work.words(layout.outside(word), max(count, 1))
            for word in range(layout.words)
        ]
        return [
            sum(column[n] << 64 * word for word, column in enumerate(columns))
            for n in range(count)
        ]

    def _compare_representatives(self, made: list[int]) -> None:
        """Permute the successors that lie in the scratch memory, both ways."""
        machinery = self.machinery
        if machinery.reduction is None:
            return
        worker = machinery.store.workers[0]
        worker[Slot.PENDING] = len(made)
        machinery.call("twin", worker)
        worker[Slot.PENDING] = 0
        expected = [machinery.reduction.canonical(state) for state in made]
        if self._successors(len(made)) != expected:
            message = "wrong representatives"
            raise Mistake(message)

    def _find(self, one: Range) -> None:
        """Insert a stored state again: it must be found."""
        machinery = self.machinery
        worker: Worker = machinery.store.workers[0]
        layout = machinery.layout
        packed = next(machinery.packed(one))
        for word in range(layout.words):
            column = worker.work.words(layout.outside(word), 1)
            column[0] = packed >> 64 * word & (1 << 64) - 1
        length = worker[Slot.LENGTH]
        worker[Slot.PENDING], worker[Slot.POSITION] = 1, 0
        machinery.call("start", worker)
        worker[Slot.PENDING] = worker[Slot.POSITION] = 0
        if worker[Slot.LENGTH] != length:
            message = f"a stored state is not found: {machinery.packing.unpack(packed)}"
            raise Mistake(message)


_SAVED = (Slot.FRONT, Slot.FROM, Slot.BEGIN, Slot.END, Slot.FIRED, Slot.CUT)
