"""The compiled functions of one search, and the threads that call them."""

from __future__ import annotations

import ctypes
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from modelcheck.explore.book import Book
from modelcheck.explore.native.context import Layout, Slot
from modelcheck.explore.native.counting import Point
from modelcheck.explore.native.kernel import write_program
from modelcheck.explore.native.links import LinkStore
from modelcheck.explore.native.machine import Library, host, load
from modelcheck.explore.native.meanings import Meanings
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.plan import Entry, Node, make_plan
from modelcheck.explore.native.questions import Questions
from modelcheck.explore.native.store import CHUNK, LEAST, Range, Store, Worker
from modelcheck.explore.reduction import Reduction, used_reduction
from modelcheck.layout.packing import WORD, Packing
from modelcheck.model.program import Kind, Model
from modelcheck.model.statements import Body, Choose, If
from modelcheck.verdict.verdicts import TooManyOutcomesError

BATCH = 1024
"""How many states are expanded at once: enough to fill the lists of a plan."""

PARTS = 32
"""Into how many chunks a level is cut at least, if they are not too small."""

SMALL = 2048
"""Levels with fewer states are not worth a second worker."""

DIRECT = True
"""Whether states of one word lie in the table itself; tests try the other way."""

SCRATCH = 1 << 30
"""Bytes of scratch memory at most, most of which is never touched."""

MOST_OUTCOMES = 1 << 27
"""More successors of one state than there can be room for, whatever comes of them."""


class Machinery:
    """Code, memory and threads for one model."""

    def __init__(  # noqa: PLR0913 - what only some searches need has defaults
        self,
        model: Model,
        book: Book,
        workers: int,
        memory: int,
        make_store: type[Store] | None = None,
        *,
        links: bool = False,
        reduction: Reduction | None = None,
        counts_points: bool = False,
    ) -> None:
        self.reduction = used_reduction(reduction, model, book.limits)
        self.model = model
        self.packing = Packing(model)
        self.questions = Questions(book)
        plan = make_plan(model)
        self.layout = layout_for(self.packing.words, plan)
        self.keeps_loops = bool(book.open(Kind.TRANSITION))
        self.meanings = Meanings(model) if links else None
        is_direct = DIRECT and self.packing.words == 1 and self.packing.width < WORD
        # Edges lead to numbers, which a table of whole states does not have.
        is_direct = is_direct and not links
        self.is_compact = make_store is not None and not is_direct
        options = Options(
            packing=self.packing,
            questions=self.questions,
            layout=self.layout,
            lanes=host().lanes,
            is_direct=is_direct,
            is_compact=self.is_compact,
            is_shared=workers > 1,
            keeps_loops=self.keeps_loops,
            minds_deadlock=self.questions.stuck is not None,
            meanings=self.meanings,
            reduction=self.reduction,
            counts_points=counts_points,
        )
        program = write_program(model, options, plan)
        self.checks = program.checks
        self.points = program.points
        self.library: Library = load(program.text)
        kind = make_store if make_store is not None and self.is_compact else Store
        kind = LinkStore if links else kind
        self.store = self._make_store(kind, workers, memory)
        if self.meanings is not None:
            assert isinstance(self.store, LinkStore)
            self.store.describe(self.meanings)
        self._pool = ThreadPoolExecutor(workers - 1) if workers > 1 else None
        self._functions = {
            name: self.library.function(name)
            for name in ("run", "start", "admit", "peek", "seek", "rehash")
        }
        if self.is_compact:
            self._functions["locate"] = self.library.function("locate")
        if self.reduction is not None:
            self._functions["twin"] = self.library.function("twin")

    def _make_store(self, kind: type[Store], workers: int, memory: int) -> Store:
        """A store for as much of `memory` as the system lets us reserve."""
        while True:
            try:
                counters = len(self.model.steps) + len(self.points)
                return kind(self.layout, self.questions, counters, workers, memory)
            except MemoryError:
                if memory <= LEAST:
                    raise
                memory //= 2

    def call(self, name: str, worker: Worker) -> int:
        """Call a compiled function."""
        return self._functions[name](worker.address)

    def in_parallel(self, task: Callable[[Worker], None], size: int) -> None:
        """Do `task` with each worker; with one only where there is little to do."""
        workers = self.store.workers
        if self._pool is None or size < SMALL:
            task(workers[0])
            return
        futures = [self._pool.submit(task, worker) for worker in workers[1:]]
        try:
            task(workers[0])
        finally:
            for future in futures:
                future.result()

    def rehash(self, ranges: Sequence[Range]) -> None:
        """Fill a new table."""
        chunks = pieces(ranges)

        def task(worker: Worker) -> None:
            saved = [worker[slot] for slot in _POINTERS]
            for chunk in chunks:
                self.store.point(worker, chunk)
                self.call("rehash", worker)
            for slot, value in zip(_POINTERS, saved, strict=True):
                worker[slot] = value

        self.in_parallel(task, sum(r.end - r.begin for r in ranges))

    def give_room(self) -> bool:
        """Let the workers go on; False if there is no memory."""
        return self.store.give_room(self.rehash)

    def open_questions(self, words: Sequence[int]) -> None:
        """Tell the workers what is still open."""
        for worker in self.store.workers:
            for number, word in enumerate(words):
                worker.open[number] = word

    def packed(self, states: Range) -> Iterator[int]:
        """The packed states of a range."""
        count = self.layout.words
        base = self.store.workers[states.worker].arena + 8 * count * states.begin
        length = (states.end - states.begin) * count
        words = (ctypes.c_uint64 * length).from_address(base)
        for start in range(0, length, count):
            yield join(words[start : start + count])

    def passed(self) -> Counter[Point]:
        """How often each place was passed, if that was counted."""
        found: Counter[Point] = Counter()
        first = len(self.model.steps)
        for number, points in enumerate(self.points, first):
            total = sum(int(worker.fired[number]) for worker in self.store.workers)
            for point in points:
                found[point] += total
        return found

    def close(self) -> None:
        """Stop the threads and give the memory back."""
        if self._pool is not None:
            self._pool.shutdown()
        self.store.close()


_POINTERS = (Slot.FRONT, Slot.FROM, Slot.BEGIN, Slot.END)


def join(words: Sequence[int]) -> int:
    """The packed state with these words, the lowest first."""
    packed = 0
    for number, word in enumerate(words):
        packed |= word << WORD * number
    return packed


def split(packed: int, count: int) -> list[int]:
    """The words of a packed state, the lowest first."""
    ones = (1 << WORD) - 1
    return [packed >> WORD * number & ones for number in range(count)]


def pieces(ranges: Sequence[Range]) -> Iterator[Range]:
    """The ranges in chunks; the iterator may be shared by threads."""
    size = sum(r.end - r.begin for r in ranges)
    # Small enough that no worker waits long for the last one.
    step = min(CHUNK, max(BATCH, size // PARTS))
    chunks = [
        Range(r.worker, begin, min(begin + step, r.end))
        for r in ranges
        for begin in range(r.begin, r.end, step)
    ]
    return iter(chunks)


class Portions:
    """The ranges of a level, taken by workers in portions as large as they ask for."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._left = deque(pieces(ranges))
        self._lock = Lock()

    def take(self, most: int) -> Range | None:
        """The next states, at most so many; None if there are no more."""
        with self._lock:
            if not self._left:
                return None
            first = self._left.popleft()
            end = min(first.begin + most, first.end)
            if end < first.end:
                self._left.appendleft(Range(first.worker, end, first.end))
            return Range(first.worker, first.begin, end)


def layout_for(words: int, plan: Node) -> Layout:
    """A batch of which all successors have room.

    Raises `TooManyOutcomesError` if a single state may have too many.
    """
    bound = max(most_successors(plan), 1)
    if bound > MOST_OUTCOMES:
        widest = max(_entries(plan), key=lambda entry: _ways(entry.body))
        raise TooManyOutcomesError(widest.step, _ways(widest.body))
    batch = BATCH
    while batch > 8 and Layout(words, batch, batch * bound, 0).total > SCRATCH:
        batch //= 2
    return Layout(words, batch, batch * bound, plan.lists())


def most_successors(node: Node) -> int:
    """A bound for the number of successors of one state."""
    found = 0
    for entry in node.entries:
        found += _ways(entry.body)
    for _, children in node.splits:
        found += max(map(most_successors, children.values()))
    return found + sum(most_successors(child) for _, child in node.filters)


def _entries(node: Node) -> Iterator[Entry]:
    """All steps of a plan."""
    yield from node.entries
    below = [child for _, children in node.splits for child in children.values()]
    for child in (*below, *(child for _, child in node.filters)):
        yield from _entries(child)


def _ways(body: Body) -> int:
    """A bound for the number of ways through `body`."""
    product = 1
    for statement in body:
        if isinstance(statement, Choose):
            product *= statement.temp.hi - statement.temp.lo + 1
        elif isinstance(statement, If):
            product *= max(_ways(statement.then), _ways(statement.orelse))
    return product
