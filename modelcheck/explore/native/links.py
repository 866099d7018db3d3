"""The edges: what liveness needs to know of a search besides its states.

States have numbers in the order in which they are expanded, so the edges of all states
come out behind one another if those of each batch are sorted by their sources. That is
done when the batch is complete, while it is in the cache: its successors stand there
with parents, numbers and labels; so do steps that change nothing, which need not be
looked up, and steps that lead outside the constraints. A state without successors has
one edge, to itself.
"""

from __future__ import annotations

from array import array

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import Layout, Slot
from modelcheck.explore.native.meanings import STAY, UNJUDGED, Meanings
from modelcheck.explore.native.memory import Region
from modelcheck.explore.native.questions import Questions
from modelcheck.explore.native.records import ALIVE
from modelcheck.explore.native.steps import area, slot
from modelcheck.explore.native.store import CHUNK, Store

OUTSIDE = -1
"""The target of an edge that leads outside the constraints."""

TARGET_BYTES = 4
"""The target of an edge; it has a label besides."""

STATE_BYTES = 8
"""The number of the first edge of a state."""


class LinkStore(Store):
    """A store for one worker that keeps edges, in memory that counts like the rest."""

    def __init__(
        self,
        layout: Layout,
        questions: Questions,
        steps: int,
        workers: int,
        memory: int,
    ) -> None:
        assert workers == 1, "states are numbered in the order of one worker"
        super().__init__(layout, questions, steps, workers, memory)
        # The limit is looked at between chunks; one of them always has room.
        most = CHUNK * (layout.capacity // layout.batch + 1)
        most += self.memory // TARGET_BYTES
        self.most_edges = most
        self.first = Region(8 * (self.stride + 1), is_stream=True)
        self.targets = Region(4 * most, is_stream=True)
        worker = self.workers[0]
        worker[Slot.EDGES] = self.first.address
        worker[Slot.HEADS] = self.targets.address

    def describe(self, meanings: Meanings) -> None:
        """Make room for labels, those of all meanings; that of STAY is 0."""
        self.label_bytes = meanings.label_bytes
        self.labels = Region(self.label_bytes * self.most_edges, is_stream=True)
        self.workers[0][Slot.LABELS] = self.labels.address
        self.numbers = Region(4 * meanings.count)
        self.meanings = Region(8 * (meanings.count + 1))
        worker = self.workers[0]
        worker[Slot.NUMBERS] = self.numbers.address
        worker[Slot.MEANINGS] = self.meanings.address

    @property
    def bytes_a_state(self) -> int:
        """The bytes that a new state takes, besides its entry and its edges."""
        return self.bytes_stored + STATE_BYTES

    @property
    def used(self) -> int:
        """How many bytes are in use, whole pages not counted."""
        edge = TARGET_BYTES + self.label_bytes
        return super().used + STATE_BYTES * self.states + edge * self.edges

    @property
    def is_overfull(self) -> bool:
        """Whether more memory is in use than may be."""
        return self.used > self.memory

    @property
    def edges(self) -> int:
        """How many edges there are, of batches that are complete."""
        return self.workers[0][Slot.LINKED]

    @property
    def expanded(self) -> int:
        """How many states have all their edges: those up to this number."""
        return self.workers[0][Slot.EXPANDED]

    @property
    def met(self) -> tuple[int, ...]:
        """The meanings of the labels 1, 2 ..."""
        return tuple(self.meanings.words(8, self.workers[0][Slot.MET]))

    def complete(self) -> None:
        """Give the states that were not expanded no edges."""
        begin, size = self.expanded, self.states
        rest = self.first.words(8 * begin, size + 1 - begin)
        memoryview(rest).cast("B").cast("Q")[:] = array("Q", [self.edges]) * len(rest)

    def close(self) -> None:
        """Give all memory back."""
        super().close()
        for region in (
            *(self.first, self.targets, self.labels),
            *(self.numbers, self.meanings),
        ):
            region.close()


def link_functions(
    layout: Layout, meanings: Meanings, *, has_constraints: bool, splits_loops: bool
) -> list[str]:
    """What appends the edges of a batch of which all successors are inserted."""
    return [
        _Linker(layout, meanings.label_bytes, has_constraints, splits_loops).write(),
        _meet_function(),
        _unjudged_function(),
    ]


class _Linker:
    """Writes `link`: count the edges of each state, then put each where it belongs."""

    def __init__(
        self,
        layout: Layout,
        label_bytes: int,
        has_constraints: bool,  # noqa: FBT001 - one of two
        splits_loops: bool,  # noqa: FBT001
    ) -> None:
        self.layout = layout
        self.label_bytes = label_bytes
        self.f = f = Function("link", "ptr %c")
        f.attributes += " noinline"
        self.work = f.load(slot(f, Slot.WORK), "ptr")
        self.counts = area(f, self.work, layout.counts)
        self.degrees = area(f, self.work, layout.degrees)
        self.batch = f.load(slot(f, Slot.BATCH))
        self.heads = f.load(slot(f, Slot.HEADS), "ptr")
        self.labels = f.load(slot(f, Slot.LABELS), "ptr")
        self.numbers = f.load(slot(f, Slot.NUMBERS), "ptr")
        # Where the parents, labels and numbers of edges are, and how many.
        self.sources = [(layout.parents, layout.labels, layout.numbers, Slot.PENDING)]
        if has_constraints:
            self.sources.append(
                (layout.beyond_parents, layout.beyond_labels, 0, Slot.BEYOND)
            )
        if splits_loops:
            self.sources.append(
                (layout.loop_parents, layout.loop_labels, 0, Slot.LOOPS)
            )

    def write(self) -> str:
        """The text of the function."""
        f = self.f
        with f.loop(0, self.batch) as place:
            f.store("0", f.at(self.degrees, place))
        for parents, _, _, number in self.sources:
            with f.loop(0, f.load(slot(f, number))) as place:
                parent = self._half(parents, place)
                self._add(self.degrees, parent, 1)
                if number is Slot.LOOPS:
                    self._add(self.counts, parent, ALIVE)
        self._begin()
        for parents, labels, numbers, number in self.sources:
            with f.loop(0, f.load(slot(f, number))) as place:
                parent = self._half(parents, place)
                match number:
                    case Slot.BEYOND:
                        target = str(OUTSIDE)
                    case Slot.LOOPS:
                        target = f.let(f"add i64 {self.first}, {parent}")
                    case _:
                        target = self._half(numbers, place)
                self._put(parent, target, self._half(labels, place))
        f.ret()
        return f.text

    def _half(self, column: int, place: str) -> str:
        """A number of a column of 32 bits."""
        f = self.f
        address = f.at(area(f, self.work, column), place, "i32")
        return f.let(f"zext i32 {f.load(address, 'i32', 4)} to i64")

    def _add(self, base: str, place: str, number: int) -> None:
        f = self.f
        address = f.at(base, place)
        f.store(f.let(f"add i64 {f.load(address)}, {number}"), address)

    def _begin(self) -> None:
        """Turn the number of edges of each state into where they begin."""
        f = self.f
        begin = f.let(f"sub i64 {f.load(slot(f, Slot.BEGIN))}, {self.batch}")
        self.first = f.let(f"add i64 {f.load(slot(f, Slot.FROM))}, {begin}")
        edges = f.at(f.load(slot(f, Slot.EDGES), "ptr"), self.first)
        now = f.variable()
        f.store(f.load(slot(f, Slot.LINKED)), now)
        with f.loop(0, self.batch) as place:
            edge = f.load(now)
            f.store(edge, f.at(edges, place))
            degree = f.at(self.degrees, place)
            number = f.load(degree)
            f.store(edge, degree)
            f.store(f.let(f"add i64 {edge}, {number}"), now)
            # None failed or was cut off, either.
            count = f.load(f.at(self.counts, place))
            is_idle = f.let(f"icmp eq i64 {number}, 0")
            is_dead = f.let(f"icmp ult i64 {count}, {ALIVE}")
            with f.when(f.let(f"and i1 {is_idle}, {is_dead}"), rarely=True):
                target = f.let(f"add i64 {self.first}, {place}")
                self._write(edge, target, str(STAY))
                f.store(f.let(f"add i64 {edge}, 1"), now)
        end = f.load(now)
        f.store(end, f.at(edges, self.batch))
        f.store(end, slot(f, Slot.LINKED))
        expanded = f.let(f"add i64 {self.first}, {self.batch}")
        f.store(expanded, slot(f, Slot.EXPANDED))

    def _put(self, parent: str, target: str, meaning: str) -> None:
        """Append an edge to those of a state of the batch."""
        f = self.f
        degree = f.at(self.degrees, parent)
        edge = f.load(degree)
        f.store(f.let(f"add i64 {edge}, 1"), degree)
        pure = f.let(f"and i64 {meaning}, {UNJUDGED - 1}")
        number = f.at(self.numbers, pure, "i32")
        known = f.load(number, "i32", 4)
        is_news = f.let(f"icmp eq i32 {known}, 0")
        with f.when(is_news, rarely=True):
            f.do(f"call void @meet(ptr %c, i64 {pure})")
        with f.when(f.let(f"icmp uge i64 {meaning}, {UNJUDGED}"), rarely=True):
            source = f.let(f"add i64 {self.first}, {parent}")
            values = f"i64 {source}, i64 {target}, i64 {pure}"
            f.do(f"call void @unjudged(ptr %c, {values})")
        label = f.load(number, "i32", 4)
        self._write(edge, target, f.let(f"zext i32 {label} to i64"))

    def _write(self, edge: str, target: str, label: str) -> None:
        f = self.f
        for value, base, size in (
            (target, self.heads, TARGET_BYTES),
            (label, self.labels, self.label_bytes),
        ):
            type_ = f"i{8 * size}"
            short = f.let(f"trunc i64 {value} to {type_}")
            f.store(short, f.at(base, edge, type_), type_, size)


def _meet_function() -> str:
    """Give a meaning that was not met before a label."""
    f = Function("meet", "ptr %c", "i64 %meaning")
    f.attributes += " noinline cold"
    met = f.let(f"add i64 {f.load(slot(f, Slot.MET))}, 1")
    f.store(met, slot(f, Slot.MET))
    f.store("%meaning", f.at(f.load(slot(f, Slot.MEANINGS), "ptr"), met))
    numbers = f.load(slot(f, Slot.NUMBERS), "ptr")
    short = f.let(f"trunc i64 {met} to i32")
    f.store(short, f.at(numbers, "%meaning", "i32"), "i32", 4)
    f.ret()
    return f.text


def _unjudged_function() -> str:
    """Note an edge for which a predicate has no value, unless there is one already."""
    f = Function("unjudged", "ptr %c", "i64 %source", "i64 %target", "i64 %meaning")
    f.attributes += " noinline cold"
    before = f.load(slot(f, Slot.UNJUDGED))
    with f.when(f.let(f"icmp eq i64 {before}, 0")):
        f.store(f.let("add i64 %source, 1"), slot(f, Slot.UNJUDGED))
        f.store("%target", slot(f, Slot.UNJUDGED_HEAD))
        f.store("%meaning", slot(f, Slot.UNJUDGED_MEANING))
    f.ret()
    return f.text
