"""The visited set: open addressing over buckets of one cache line, eight entries each.

A *direct* table holds whole states of one word, complemented, so that 0 means empty. A
table of *numbers* holds, for each state, 24 bits of its hash and 40 bits of its number
plus one; the state itself lies in its worker's arena. A *compact* table holds hashes of
64 bits and nothing else: two states with one hash are taken for the same.

Nothing is ever removed. Buckets are filled from their first entry on, and a full one
overflows into the next, so two workers that insert the same state meet at the same
entry, where one of them wins.
"""

from __future__ import annotations

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import BLOCK, Slot
from modelcheck.explore.native.entries import LINE
from modelcheck.explore.native.inserting import InsertWriter
from modelcheck.explore.native.steps import area, slot


class TableWriter(InsertWriter):
    """Writes the function that deals with the successors of a batch."""

    def write(self) -> str:
        """The function `absorb`."""
        return self._absorb()

    def _absorb(self) -> str:
        """Insert the pending successors; 1 if the limit was reached before the end."""
        f = Function("absorb", "ptr %c", result="i64")
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        table = f.load(slot(f, Slot.TABLE), "ptr")
        buckets = f.load(slot(f, Slot.BUCKETS))
        pending = f.load(slot(f, Slot.PENDING))
        limit = f.load(slot(f, Slot.LIMIT))
        position, length = f.variable(), f.variable()
        f.store(f.load(slot(f, Slot.POSITION)), position)
        f.store(f.load(slot(f, Slot.LENGTH)), length)
        status = f.variable()
        f.store("0", status)
        head, body = f.label("head"), f.label("body")
        full, end = f.label("full"), f.label("end")
        self._fetch(f, work, table, buckets, f.load(position), pending)
        f.begin(head)
        now = f.load(position)
        more, room = f.label("more"), f.label("room")
        f.branch(f.let(f"icmp slt i64 {now}, {pending}"), more, end)
        f.begin(more)
        needed = f.let(f"add i64 {f.load(length)}, {BLOCK}")
        f.branch(f.let(f"icmp sgt i64 {needed}, {limit}"), full, room, rarely=True)
        f.begin(room)
        stop = f.minimum(f.let(f"add i64 {now}, {BLOCK}"), pending)
        self._fetch(f, work, table, buckets, stop, pending)
        if not (self.options.is_direct or self.options.is_compact):
            self._fetch_states(f, work, table, buckets, now, stop)
        f.jump(body)
        f.begin(body)
        with f.loop(now, stop) as place:
            self._insert(f, work, table, buckets, place, length)
        f.store(stop, position)
        f.jump(head)
        f.begin(full)
        f.store("1", status)
        f.begin(end)
        f.store(f.load(position), slot(f, Slot.POSITION))
        f.store(f.load(length), slot(f, Slot.LENGTH))
        self._check_new(f)
        f.ret(f.load(status))
        return f.text

    def _check_new(self, f: Function) -> None:
        """Put the questions to the states that were stored since the last time."""
        start, end = f.load(slot(f, Slot.CHECKED)), f.load(slot(f, Slot.LENGTH))
        base = f.at(
            f.load(slot(f, Slot.ARENA), "ptr"), f.let(f"mul i64 {start}, {self.words}")
        )
        f.store(end, slot(f, Slot.CHECKED))
        number = f.let(f"sub i64 {end}, {start}")
        f.do(f"call void @check(ptr %c, ptr {base}, i64 {number})")
        if self.options.reduction is not None:
            f.do(f"call void @weigh(ptr %c, ptr {base}, i64 {number})")

    def _fetch(
        self, f: Function, work: str, table: str, buckets: str, start: str, stop: str
    ) -> None:
        """Hash the block of successors at `start`, and fetch their buckets."""
        stop = f.minimum(f.let(f"add i64 {start}, {BLOCK}"), stop)
        hashes = area(f, work, self.layout.hashes)
        with f.loop(start, stop) as place:
            hashed = self._hash(f, self._successor(f, work, place))
            f.store(hashed, f.at(hashes, place))
            bucket = self._bucket(f, table, hashed, buckets)
            f.do(f"call void @llvm.prefetch.p0(ptr {bucket}, i32 1, i32 3, i32 1)")

    def _fetch_states(
        self, f: Function, work: str, table: str, buckets: str, start: str, stop: str
    ) -> None:
        """Fetch the states that the first equal tag in each bucket points to."""
        hashes = area(f, work, self.layout.hashes)
        states = f.load(slot(f, Slot.STATES), "ptr")
        with f.loop(start, stop) as place:
            hashed = f.load(f.at(hashes, place))
            bucket = self._bucket(f, table, hashed, buckets)
            line = f.load(bucket, LINE, 64)
            same = self._same_tag(f, line, self._tag(f, hashed))
            with f.when(f.let(f"icmp ne i32 {same}, 0")):
                entry = f.load(f.at(bucket, self._first(f, same)))
                address = self._address(f, states, entry)
                f.do(f"call void @llvm.prefetch.p0(ptr {address}, i32 0, i32 3, i32 1)")
