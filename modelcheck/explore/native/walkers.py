"""Compiled random walks: the memory of one thread, and blocks of walks."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

from modelcheck.explore.book import Book
from modelcheck.explore.native.context import SLACK, Slot
from modelcheck.explore.native.engine import layout_for, split
from modelcheck.explore.native.machine import host, load
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.plan import make_plan
from modelcheck.explore.native.questions import Questions, Topic
from modelcheck.explore.native.store import LEAST, Store, Worker
from modelcheck.explore.native.walking import SIZE, Walk, write_walks
from modelcheck.explore.walks import ONES, Course, End, Sketch, Tally, mix
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Model

FUEL = 64
"""How many steps each walk of a batch takes between two looks at the clock."""

_ARRAYS = (
    Walk.NUMBERS,
    Walk.STATES,
    Walk.STEPS,
    Walk.SALTS,
    Walk.RANKS,
    Walk.TAKEN,
)
_ERRORS = (Topic.STATE_ERROR, Topic.BOUND_ERROR, Topic.PAIR_ERROR)


class NativeWalks:
    """The compiled walks of one model.

    Each worker is used by one thread at a time. With `minds_starts`, some of the
    initial states decide properties.
    """

    def __init__(
        self,
        model: Model,
        book: Book,
        course: Course,
        workers: int,
        *,
        minds_starts: bool,
    ) -> None:
        packing = Packing(model)
        self.questions = Questions(book)
        plan = make_plan(model)
        layout = layout_for(packing.words, plan)
        options = Options(
            packing=packing,
            questions=self.questions,
            layout=layout,
            lanes=host().lanes,
            is_direct=False,
            is_compact=False,
            is_shared=False,
            keeps_loops=True,
            minds_deadlock=self.questions.stuck is not None,
        )
        program = write_walks(model, options, plan, minds_starts=minds_starts)
        self._library = load(program.text)
        self._walk = self._library.function("walk")
        self._course = course
        self._starts = _table(course.starts, layout.words)
        self._store = Store(layout, self.questions, len(model.steps), workers, LEAST)
        self._sides = [_Side(worker, layout.batch) for worker in self._store.workers]

    def run(
        self,
        worker: int,
        walks: range,
        decided: frozenset[str],
        must_end: Callable[[], bool],
    ) -> tuple[dict[str, int], Tally]:
        """Take `walks`; the first one that decides each property, and what was counted.

        What is found about the properties of `decided` need not be told. The name of a
        property without a value has `!` in front. Ends early if `must_end`.
        """
        side, course = self._sides[worker], self._course
        self._open(side.worker, decided)
        for field, value in (
            (Walk.ACTIVE, 0),
            (Walk.NEXT, walks.start),
            (Walk.LAST, walks.stop),
            (Walk.KEY, mix(course.seed & ONES)),
            (Walk.STARTS, ctypes.addressof(self._starts)),
            (Walk.START_COUNT, len(course.starts)),
            (Walk.DEPTH, course.depth),
            (Walk.FUEL, FUEL),
            (Walk.WALKED, 0),
            (Walk.BEGUN, 0),
            *((Walk.ENDS + end, 0) for end in End),
        ):
            side.walk[field] = value
        ctypes.memset(side.sketch, 0, Sketch.SIZE)
        while self._walk(side.worker.address) and not must_end():
            pass
        return self._found(side.worker), side.tally()

    def _open(self, worker: Worker, decided: frozenset[str]) -> None:
        for number in range(len(worker.open)):
            worker.open[number] = 0
        for question in self.questions.of(*Topic):
            if question.topic in _ERRORS or question.prop.name not in decided:
                worker.open[question.slot // 64] |= 1 << question.slot % 64

    def _found(self, worker: Worker) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, key in worker.take_records().items():
            question = self.questions.all[number]
            mark = "!" if question.topic in _ERRORS else ""
            name = mark + question.prop.name
            found[name] = min(key[0], found.get(name, key[0]))
        return found

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()


def _table(states: Sequence[int], count: int) -> ctypes.Array[ctypes.c_uint64]:
    """The `count` words of each of the packed states."""
    words = [word for state in states for word in split(state, count)]
    return (ctypes.c_uint64 * len(words))(*words)


class _Side:
    """What one worker needs for walks besides its context."""

    def __init__(self, worker: Worker, batch: int) -> None:
        self.worker = worker
        self.walk = (ctypes.c_uint64 * SIZE)()
        self.arrays = [(ctypes.c_uint64 * (batch + SLACK))() for _ in _ARRAYS]
        self.sketch = (ctypes.c_uint8 * Sketch.SIZE)()
        for field, array in zip(_ARRAYS, self.arrays, strict=True):
            self.walk[field] = ctypes.addressof(array)
        self.walk[Walk.SKETCH] = ctypes.addressof(self.sketch)
        worker[Slot.WALK] = ctypes.addressof(self.walk)

    def tally(self) -> Tally:
        """What was counted since the fields were cleared."""
        ends = [int(self.walk[Walk.ENDS + end]) for end in End]
        begun, walked = int(self.walk[Walk.BEGUN]), int(self.walk[Walk.WALKED])
        return Tally(begun, walked, ends, Sketch(bytes(self.sketch)))
