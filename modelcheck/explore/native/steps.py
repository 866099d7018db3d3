"""The function `expand`: all successors of a batch of states, step by step.

It follows the plan: a split makes a list of places for each value of a cell, a filter
one list, and the steps behind it run on the states of the list, one group after the
other. Successors are appended column by column to the scratch memory, each with the
place of its parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.bodies import BodyWriter, Events, Group, Successor
from modelcheck.explore.native.cells import Cells, leaf_reader
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.counting import BodyCounter, Point
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.explore.native.meanings import UNJUDGED, Meanings
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.plan import Entry, Node, condition
from modelcheck.explore.native.terms import TermWriter
from modelcheck.model.program import Model
from modelcheck.model.statements import Assert
from modelcheck.model.terms import Op, Term, walk

HALF = 32


def slot(f: Function, number: Slot) -> str:
    """The address of a word of the context."""
    return f.at("%c", number.value)


def area(f: Function, work: str, offset: int) -> str:
    """The address of an array in the scratch memory."""
    return f.at(work, offset, "i8")


class ExpandWriter:
    """Writes `expand`; `checks` collects the checks, which it names by number.

    `points` are what the counters behind those of the steps count.
    """

    def __init__(self, model: Model, options: Options, plan: Node) -> None:
        self.model = model
        self.options = options
        self.layout = options.layout
        self.lanes = Lanes(options.lanes)
        self.cells = Cells(options.packing, self.lanes)
        self.plan = plan
        self.checks: list[tuple[int, Assert]] = []
        self.points: list[list[Point]] = []
        self.f = Function("expand", "ptr %c", result="i64")
        self.f.attributes += " noinline"
        self._step = 0

    def write(self) -> str:
        """The text of the function."""
        f, layout = self.f, self.layout
        self.count, self.loops = f.variable(), f.variable()
        f.store("0", self.count)
        f.store("0", self.loops)
        self.work = f.load(slot(f, Slot.WORK), "ptr")
        self.fired = f.load(slot(f, Slot.FIRED), "ptr")
        self.inside = [
            area(f, self.work, layout.inside(word)) for word in range(layout.words)
        ]
        self.outside = [
            area(f, self.work, layout.outside(word)) for word in range(layout.words)
        ]
        self.parents = area(f, self.work, layout.parents)
        self.counts = area(f, self.work, layout.counts)
        batch = f.load(slot(f, Slot.BATCH))
        self._node(self.plan, None, batch, 0)
        if self.options.splits_loops:
            f.store(f.load(self.loops), slot(f, Slot.LOOPS))
        f.ret(f.load(self.count))
        return f.text

    # Lists.

    def _list(self, number: int) -> str:
        return area(self.f, self.work, self.layout.list(number))

    @contextmanager
    def _groups(self, places: str | None, length: str) -> Iterator[tuple[str, str]]:
        """Go through a list (None: the whole batch); gives places and start."""
        lanes, f = self.lanes, self.f
        with f.loop(0, length, lanes.count) as start:
            if places is None:
                base = f.let(f"trunc i64 {start} to i32")
                base = lanes.spread(f, base, HALF)
                numbers = "0" if lanes.count == 1 else _iota(lanes.count)
                found = f.let(f"add {lanes.type_(HALF)} {base}, {numbers}")
            else:
                address = f.at(places, start, "i32")
                found = f.load(address, lanes.type_(HALF), 4)
            yield found, start

    def _words(
        self, places: str, start: str | None, needed: set[int] | None
    ) -> list[str]:
        """The words of the states at `places`; those not `needed` are left out."""
        f, lanes = self.f, self.lanes
        index = ""
        found = []
        for word in range(self.layout.words):
            if needed is not None and word not in needed:
                found.append("")
                continue
            if start is not None:
                address = f.at(self.inside[word], start)
                found.append(f.load(address, lanes.type_(WORD)))
                continue
            if not index:
                types = lanes.type_(HALF), lanes.type_(WORD)
                index = f.let(f"zext {types[0]} {places} to {types[1]}")
            found.append(lanes.gather(f, self.inside[word], index))
        return found

    def _active(self, length: str, start: str) -> tuple[str, str]:
        """Mask and number of the lanes of the group at `start`."""
        rest = self.f.let(f"sub i64 {length}, {start}")
        return self.lanes.first(self.f, rest), self.f.minimum(rest, self.lanes.count)

    # The plan.

    def _node(self, node: Node, places: str | None, length: str, free: int) -> None:
        """Write the steps of `node` for a list; `free` is the first unused list."""
        for cell, children in node.splits:
            self._split(cell, children, places, length, free)
        for cond, child in node.filters:
            self._filter(node, cond, child, places, length, free)
        if node.entries:
            with self._groups(places, length) as (found, start):
                direct = start if places is None else None
                words = self._words(found, direct, None)
                lanes, number = self._active(length, start)
                group = Group(words, found, lanes, number)
                for entry in node.entries:
                    self._entry(entry, node.known, group)

    def _split(
        self,
        cell: int,
        children: Mapping[int, Node],
        places: str | None,
        length: str,
        free: int,
    ) -> None:
        f, lanes = self.f, self.lanes
        lists = {value: self._list(free + n) for n, value in enumerate(children)}
        ends = {value: f.variable() for value in children}
        for end in ends.values():
            f.store("0", end)
        bits = self.cells.bits(cell)
        with self._groups(places, length) as (found, start):
            direct = start if places is None else None
            words = self._words(found, direct, set(self.cells.words(cell)))
            active, _ = self._active(length, start)
            now = self.cells.read(f, words, cell)
            for value, end in ends.items():
                constant = lanes.const(bits, value)
                is_it = f.let(f"icmp eq {lanes.type_(bits)} {now}, {constant}")
                self._push(lists[value], end, found, lanes.both(f, active, is_it))
        for value, child in children.items():
            below = f.load(ends[value])
            self._node(child, lists[value], below, free + len(children))

    def _filter(
        self,
        node: Node,
        cond: Term,
        child: Node,
        places: str | None,
        length: str,
        free: int,
    ) -> None:
        f, cells = self.f, self.cells
        end = f.variable()
        f.store("0", end)
        target = self._list(free)
        needed = {
            word
            for term in walk([cond])
            if term.op is Op.CELL
            for word in cells.words(term.value)
        }
        with self._groups(places, length) as (found, start):
            direct = start if places is None else None
            words = self._words(found, direct, needed)
            active, number = self._active(length, start)
            group = Group(words, found, active, number)
            writer = BodyWriter(f, cells, group, node.known, self._events())
            passed = self.lanes.both(f, active, writer.write(cond))
            self._push(target, end, found, passed)
        self._node(child, target, f.load(end), free + 1)

    def _push(self, target: str, end: str, places: str, mask: str) -> None:
        """Append the places of the lanes of `mask` to a list."""
        f, lanes = self.f, self.lanes
        length = f.load(end)
        kept = lanes.compress(f, places, HALF, mask)
        f.store(kept, f.at(target, length, "i32"), lanes.type_(HALF), 4)
        f.store(f.let(f"add i64 {length}, {lanes.number_of(f, mask)}"), end)

    # Steps.

    def _entry(self, entry: Entry, known: Mapping[int, int], group: Group) -> None:
        self._step = entry.step.index
        writer = BodyWriter(self.f, self.cells, group, known, self._events())
        if self.options.counts_points:
            steps = len(self.model.steps)
            writer.counter = BodyCounter(
                self.f, self.lanes, self.fired, steps, self.points
            )
        writer.run(condition(self.model, entry), entry.body)

    def _events(self) -> Events:
        return Events(self._failed, self._cut, self._escaped, self._successor)

    def _failed(self, group: Group, check: Assert, mask: str) -> None:
        number = len(self.checks)
        self.checks.append((self._step, check))
        f, lanes = self.f, self.lanes
        with f.when(lanes.any(f, mask), rarely=True):
            self._spill(group)
            bits = lanes.bits(f, mask)
            f.do(f"call void @failed(ptr %c, i64 {number}, i64 {bits})")

    def _cut(self, group: Group, mask: str) -> None:
        f, lanes = self.f, self.lanes
        with f.when(lanes.any(f, mask)):
            self._spill(group)
            f.store("1", slot(f, Slot.CUT))
            f.do(f"call void @touched(ptr %c, i64 {lanes.bits(f, mask)})")

    def _spill(self, group: Group) -> None:
        """Leave the places of the group where the functions for rare events look."""
        f = self.f
        key = area(f, self.work, self.layout.key)
        f.store(group.places, key, self.lanes.type_(HALF), 4)

    def _escaped(self) -> None:
        self.f.store(str(self._step + 1), slot(self.f, Slot.ESCAPED))

    def _successor(self, group: Group, end: Successor) -> None:
        f, lanes = self.f, self.lanes
        if end.lanes == lanes.const(1, 0):
            return
        new = self.cells.write(f, group.words, end.values, end.constants)
        counter = f.at(self.fired, self._step)
        is_all = end.lanes == group.lanes
        number = group.length if is_all else lanes.number_of(f, end.lanes)
        f.store(f.let(f"add i64 {f.load(counter)}, {number}"), counter)
        mask = end.lanes
        meanings = self.options.meanings
        label = "" if meanings is None else self._meaning(meanings, group, new)
        if not (end.is_other or self.options.keeps_loops):
            mask = self._without_loops(group, new, mask, label)
            number = lanes.number_of(f, mask)
            is_all = False
        place = f.load(self.count)
        columns = [(v, c, WORD) for v, c in zip(new, self.outside, strict=True)]
        columns.append((group.places, self.parents, HALF))
        if label:
            labels = area(f, self.work, self.layout.labels)
            columns.append((label, labels, HALF))
        for value, column, bits in columns:
            kept = value if is_all else lanes.compress(f, value, bits, mask)
            address = f.at(column, place, f"i{bits}")
            f.store(kept, address, lanes.type_(bits), bits // 8)
        f.store(f.let(f"add i64 {place}, {number}"), self.count)

    def _meaning(self, meanings: Meanings, group: Group, new: list[str]) -> str:
        """What is to be known of the edges from the states of `group` to `new`."""
        f, lanes = self.f, self.lanes
        label = lanes.const(HALF, meanings.first(self._step))
        type_, zero = lanes.type_(HALF), lanes.const(HALF, 0)
        reader = leaf_reader(f, self.cells, group.words, new)
        terms = TermWriter(f, lanes, reader)
        fails = lanes.const(1, 0)
        for bit, number in enumerate(meanings.predicates[self._step]):
            judged = meanings.judged(number)
            value = terms.write(judged.result)
            one = lanes.choose(f, value, lanes.const(HALF, 1 << bit), zero, HALF)
            label = f.let(f"add {type_} {label}, {one}")
            fails = lanes.either(f, fails, terms.write(judged.fails))
        if fails != lanes.const(1, 0):
            flag = lanes.choose(f, fails, lanes.const(HALF, UNJUDGED), zero, HALF)
            label = f.let(f"or {type_} {label}, {flag}")
        return label

    def _without_loops(
        self, group: Group, new: list[str], mask: str, label: str
    ) -> str:
        """The lanes in which something changes; the others count as successors.

        They have edges with this `label`, where edges are kept.
        """
        f, lanes = self.f, self.lanes
        type_ = lanes.type_(WORD)
        differs = lanes.const(1, 0)
        for one, two in zip(group.words, new, strict=True):
            if one != two:
                changed = f.let(f"icmp ne {type_} {one}, {two}")
                differs = lanes.either(f, differs, changed)
        if self.options.splits_loops:
            same = lanes.both(f, mask, lanes.negate(f, differs))
            self._keep_loops(group, same, label)
        elif self.options.minds_deadlock:
            same = lanes.both(f, mask, lanes.negate(f, differs))
            with f.when(lanes.any(f, same)):
                self._spill(group)
                f.do(f"call void @touched(ptr %c, i64 {lanes.bits(f, same)})")
        return lanes.both(f, mask, differs)

    def _keep_loops(self, group: Group, same: str, label: str) -> None:
        """Keep the edges of states that the step does not change."""
        f, lanes, layout = self.f, self.lanes, self.layout
        place = f.load(self.loops)
        for value, column in (
            (group.places, layout.loop_parents),
            (label, layout.loop_labels),
        ):
            kept = lanes.compress(f, value, HALF, same)
            address = f.at(area(f, self.work, column), place, "i32")
            f.store(kept, address, lanes.type_(HALF), 4)
        number = lanes.number_of(f, same)
        f.store(f.let(f"add i64 {place}, {number}"), self.loops)


def _iota(count: int) -> str:
    return f"<{', '.join(f'i32 {lane}' for lane in range(count))}>"
