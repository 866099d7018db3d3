"""The log of edges: what liveness needs to know of a search besides its states.

One word for each edge, in the order in which successors are dealt with: the number of
the target, the place of the source in its batch, and the step. Before the edges of a
batch stands a word with the number of its first state. A state without successors has
one edge, to itself.
"""

from __future__ import annotations

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import Layout, Slot
from modelcheck.explore.native.memory import Region
from modelcheck.explore.native.questions import Questions
from modelcheck.explore.native.records import ALIVE
from modelcheck.explore.native.steps import area, slot
from modelcheck.explore.native.store import CHUNK, Store

PLACE_BITS = 10
"""Enough for the places of a batch."""

TARGET_BITS = 36
"""Enough for the states of a terabyte."""

STEP_BITS = 17
STEP_SHIFT = TARGET_BITS + PLACE_BITS

BEYOND = (1 << TARGET_BITS) - 1
"""The target of an edge that leads outside the constraints."""

HEADER = (1 << STEP_BITS) - 1
"""Stands for the step in the word before a batch ..."""

STAY = HEADER - 1
"""... and in the edge of a state without successors."""

MOST_STEPS = STAY
"""Steps of a model whose edges can be logged."""


class LinkStore(Store):
    """A store for one worker that logs edges, in memory that counts like the rest."""

    def __init__(
        self,
        layout: Layout,
        questions: Questions,
        steps: int,
        workers: int,
        memory: int,
    ) -> None:
        assert workers == 1, "the order of the log is that of one worker"
        assert steps < MOST_STEPS, "a step has no room in a word"
        super().__init__(layout, questions, steps, workers, memory)
        # The limit is looked at between chunks; one of them always has room.
        most = 8 * CHUNK * (layout.capacity // layout.batch + 1)
        self.log = Region(self.memory + most)
        self.workers[0][Slot.LINKS] = self.log.address

    @property
    def used(self) -> int:
        """How many bytes are in use, whole pages not counted."""
        return super().used + 8 * self.links

    @property
    def is_overfull(self) -> bool:
        """Whether more memory is in use than may be."""
        return self.used > self.memory

    @property
    def links(self) -> int:
        """How many words the log has; those of a batch that was left count."""
        return self.workers[0][Slot.LINKED]

    def complete(self) -> int:
        """How many words belong to batches of which all edges were logged."""
        worker, length = self.workers[0], self.links
        if worker[Slot.POSITION] < worker[Slot.PENDING]:
            words = self.log.words(0, length)
            while length:
                length -= 1
                if words[length] >> STEP_SHIFT == HEADER:
                    break
        return length

    def close(self) -> None:
        """Give all memory back."""
        super().close()
        self.log.close()


def log_edge(f: Function, target: str, parent: str, step: str) -> None:
    """Log an edge; `parent` and `step` have 32 bits."""
    place = f.let(f"zext i32 {parent} to i64")
    number = f.let(f"zext i32 {step} to i64")
    _append(f, target, place, f.let(f"shl i64 {number}, {STEP_SHIFT}"))


def _append(f: Function, target: str, place: str, step: str) -> None:
    log = f.load(slot(f, Slot.LINKS), "ptr")
    length = f.load(slot(f, Slot.LINKED))
    shifted = f.let(f"shl i64 {place}, {TARGET_BITS}")
    word = f.let(f"or i64 {f.let(f'or i64 {shifted}, {target}')}, {step}")
    f.store(word, f.at(log, length))
    f.store(f.let(f"add i64 {length}, 1"), slot(f, Slot.LINKED))


def _first_of_batch(f: Function) -> str:
    """The number of the first state of the batch."""
    batch = f.load(slot(f, Slot.BATCH))
    begin = f.let(f"sub i64 {f.load(slot(f, Slot.BEGIN))}, {batch}")
    return f.let(f"add i64 {f.load(slot(f, Slot.FROM))}, {begin}")


def head_function() -> str:
    """Log the head of a batch."""
    f = Function("log_head", "ptr %c")
    _append(f, _first_of_batch(f), "0", str(HEADER << STEP_SHIFT))
    f.ret()
    return f.text


def stay_function(layout: Layout) -> str:
    """Log the states of a batch that have no successors; none failed or was cut."""
    f = Function("log_stay", "ptr %c")
    first = _first_of_batch(f)
    counts = area(f, f.load(slot(f, Slot.WORK), "ptr"), layout.counts)
    with f.loop(0, f.load(slot(f, Slot.BATCH))) as place:
        count = f.load(f.at(counts, place))
        with f.when(f.let(f"icmp ult i64 {count}, {ALIVE}"), rarely=True):
            target = f.let(f"add i64 {first}, {place}")
            _append(f, target, place, str(STAY << STEP_SHIFT))
    f.ret()
    return f.text


def log_beyond(f: Function, layout: Layout, work: str, count: str) -> None:
    """Log the edges to `count` successors outside the constraints."""
    parents = area(f, work, layout.beyond_parents)
    labels = area(f, work, layout.beyond_labels)
    with f.loop(0, count) as place:
        parent = f.load(f.at(parents, place, "i32"), "i32", 4)
        label = f.load(f.at(labels, place, "i32"), "i32", 4)
        log_edge(f, str(BEYOND), parent, label)
