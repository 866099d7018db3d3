"""Hash compaction: eight bytes a state in the table, eight for the way back.

The table holds fingerprints of 64 bits. Whole states are kept only as long as they are
to be expanded, and the initial ones. For each state the number of its parent and 24
bits of its own fingerprint are stored, which is enough to walk back to an initial
state, and forward again with the interpreter. Two states with one fingerprint are taken
for one, so a state can be missed; how probable that is is said in the findings.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from math import expm1

from modelcheck.explore.interpreter import Interpreter
from modelcheck.explore.native.answers import Answer, Answers
from modelcheck.explore.native.context import Layout, Slot
from modelcheck.explore.native.engine import Machinery, split
from modelcheck.explore.native.entries import TAG_BITS, fingerprint
from modelcheck.explore.native.memory import PAGE, Region, available
from modelcheck.explore.native.questions import Questions, Topic
from modelcheck.explore.native.store import Range, Store
from modelcheck.model.program import State
from modelcheck.verdict.verdicts import Evidence


def omission(states: int) -> float:
    """How probable it is that two of so many states have one fingerprint."""
    return -expm1(-states * (states - 1) / 2 / 2**64)


class CompactStore(Store):
    """A store that forgets whole states once they have been expanded."""

    def __init__(
        self,
        layout: Layout,
        questions: Questions,
        steps: int,
        workers: int,
        memory: int,
    ) -> None:
        self.freed = 0
        super().__init__(layout, questions, steps, workers, memory)
        self.parents = Region(8 * self.stride * workers)
        for worker in self.workers:
            place = 8 * self.stride * worker.number
            worker[Slot.PARENTS] = self.parents.address + place
        self._old: Region | None = None

    @property
    def bytes_stored(self) -> int:
        """A parent and a tag."""
        return 8

    @property
    def bytes_a_state(self) -> int:
        """While it waits for its expansion, the state itself as well."""
        return 8 + 8 * self.layout.words

    @property
    def used(self) -> int:
        """How many bytes are in use, whole pages not counted."""
        return self.size + self.bytes_a_state * self.states - self.freed

    def _first_table(self) -> Region:
        return Region(PAGE)

    def _enlarge(self, size: int, rehash: Callable[[Sequence[Range]], None]) -> bool:
        """Make a table of `size` bytes from the old one, which is there meanwhile."""
        if size > min(self.memory - self.used, available()):
            return False
        try:
            table = Region(size)
        except MemoryError:
            return False
        self._old, self.table = self.table, table
        entries, self.size = self.size // 8, size
        self._share_table()
        rehash([Range(-1, 0, entries)])
        self._old.close()
        self._old = None
        return True

    def front(self, states: Range) -> int:
        """Of no worker's states: the entries of the table that is being replaced."""
        if states.worker >= 0:
            return super().front(states)
        assert self._old is not None
        return self._old.address

    def forget(self, level: Sequence[Range]) -> None:
        """Give the memory of the states of `level` back."""
        for states in level:
            size = 8 * self.layout.words
            base = states.worker * self.stride
            begin, end = base + states.begin, base + states.end
            self.freed += self.arenas.release(begin * size, end * size)

    def parent(self, number: int) -> tuple[int, int]:
        """The number of the parent of state `number`, and the tag of the state."""
        words = self.parents.words(8 * number, 1)
        return words[0] >> TAG_BITS, words[0] & (1 << TAG_BITS) - 1

    def close(self) -> None:
        """Give all memory back."""
        super().close()
        self.parents.close()


class CompactAnswers(Answers):
    """Makes each path at once, as long as the states that it needs are there."""

    def __init__(self, machinery: Machinery, answers: Answers) -> None:
        super().__init__(machinery, answers.book)
        assert isinstance(machinery.store, CompactStore)
        self.store = machinery.store
        self._interpreter = Interpreter(machinery.model)
        self._made: dict[str, Evidence] = {}

    def decide(self, answer: Answer) -> None:
        """Take `answer`, and make the path."""
        super().decide(answer)
        name = answer.question.prop.name
        if name not in self._made:
            self._made[name] = self.proof(answer, self._paths([answer])[0])

    def evidence(self) -> dict[str, Evidence]:
        """The evidence for each property that was decided."""
        return self._made

    def _paths(self, answers: Sequence[Answer]) -> list[tuple[State, ...]]:
        return [self._path(answer) for answer in answers]

    def _path(self, answer: Answer) -> tuple[State, ...]:
        """The path to the state of one answer, from a parent that is still there."""
        unpack = self.machinery.packing.unpack
        chain = [answer.states[0]]
        is_made = answer.question.topic in _MADE
        if is_made and answer.level:
            chain.insert(0, self._parents(chain, self.levels[-1])[chain[0]])
        end = tuple(map(unpack, (*chain[1:], *answer.states[1:])))
        if is_made and not answer.level:
            return (unpack(chain[0]),)
        return (*self._way(chain[0], answer.level - is_made), *end)

    def _way(self, packed: int, steps: int) -> tuple[State, ...]:
        """The way to a state of the last level or beyond it, `steps` steps long."""
        is_beyond = steps == len(self.levels)
        number = self._locate(packed, self.beyond if is_beyond else self.levels[-1])
        tags: list[int] = []
        for _ in range(steps):
            number, tag = self.store.parent(number)
            tags.append(tag)
        worker, place = divmod(number, self.store.stride)
        start = next(self.machinery.packed(Range(worker, place, place + 1)))
        unpack = self.machinery.packing.unpack
        if not steps:
            return (unpack(packed),)
        return self._forward(unpack(start), tags[::-1], unpack(packed))

    def _locate(self, packed: int, level: Sequence[Range]) -> int:
        """The number of a state of `level`, where whole states still are."""
        machinery = self.machinery
        worker = self.store.workers[0]
        words = split(packed, machinery.layout.words)
        target = (ctypes.c_uint64 * len(words))(*words)
        worker[Slot.TARGETS] = ctypes.addressof(target)
        for states in level:
            self.store.point(worker, states)
            place = machinery.call("locate", worker)
            worker[Slot.BEGIN] = worker[Slot.END]
            if place < states.end:
                return states.worker * self.store.stride + place
        message = "a state that was found is not there"
        raise AssertionError(message)

    def _forward(
        self, start: State, tags: Sequence[int], target: State
    ) -> tuple[State, ...]:
        """The path from `start` over states with these tags to `target`."""
        levels: list[dict[State, State | None]] = [{start: None}]
        for tag in tags:
            found: dict[State, State | None] = {}
            for state in levels[-1]:
                for outcome in self._interpreter.successors(state):
                    if outcome.state is not None:
                        after = self._stored(outcome.state)
                        if self._tag(after) == tag:
                            found.setdefault(after, state)
            levels.append(found)
        path = [target]
        for level in reversed(levels[1:]):
            before = level[path[-1]]
            assert before is not None
            path.append(before)
        return tuple(reversed(path))

    def _stored(self, state: State) -> State:
        """The state itself, or its representative."""
        reduction = self.machinery.reduction
        if reduction is None:
            return state
        packing = self.machinery.packing
        return packing.unpack(reduction.canonical(packing.pack(state)))

    def _tag(self, state: State) -> int:
        packed = self.machinery.packing.pack(state)
        words = split(packed, self.machinery.layout.words)
        return fingerprint(words) & (1 << TAG_BITS) - 1


_MADE = frozenset({Topic.STATE, Topic.STATE_ERROR, Topic.BOUND_ERROR})
"""Topics about states of the level that was just made, and not expanded."""
