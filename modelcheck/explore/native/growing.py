"""Growing the visited set: its entries are put into a larger table, in bulk."""

from __future__ import annotations

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import BLOCK, Slot
from modelcheck.explore.native.entries import LINE, EntryWriter
from modelcheck.explore.native.steps import slot


class GrowthWriter(EntryWriter):
    """Writes `rehash`."""

    def write(self) -> str:
        """The function, for the kind of table that there is."""
        return self._rehash_hashes() if self.options.is_compact else self._rehash()

    def _rehash(self) -> str:
        """Insert the states BEGIN to END of FRONT, all different, into a new table."""
        f = Function("rehash", "ptr %c", linkage="")
        front = f.load(slot(f, Slot.FRONT), "ptr")
        table = f.load(slot(f, Slot.TABLE), "ptr")
        buckets = f.load(slot(f, Slot.BUCKETS))
        end = f.load(slot(f, Slot.END))
        with f.loop(f.load(slot(f, Slot.BEGIN)), end, BLOCK) as start:
            stop = f.minimum(f.let(f"add i64 {start}, {BLOCK}"), end)
            with f.loop(start, stop) as place:
                bucket = self._bucket(
                    f, table, self._hash(f, self._stored(f, front, place)), buckets
                )
                f.do(f"call void @llvm.prefetch.p0(ptr {bucket}, i32 1, i32 3, i32 1)")
            with f.loop(start, stop) as place:
                self._place(f, front, table, buckets, place)
        f.ret()
        return f.text

    def _rehash_hashes(self) -> str:
        """Insert the entries BEGIN to END of FRONT, a compact table, into a new one."""
        f = Function("rehash", "ptr %c", result="i64", linkage="")
        front = f.load(slot(f, Slot.FRONT), "ptr")
        table = f.load(slot(f, Slot.TABLE), "ptr")
        buckets = f.load(slot(f, Slot.BUCKETS))
        begin, end = f.load(slot(f, Slot.BEGIN)), f.load(slot(f, Slot.END))
        with f.loop(begin, end) as place:
            entry = f.load(f.at(front, place))
            with f.when(f.let(f"icmp ne i64 {entry}, 0")):
                self._put(f, table, buckets, entry, entry)
        f.ret("0")
        return f.text

    def _stored(self, f: Function, front: str, place: str) -> list[str]:
        base = f.at(front, f.let(f"mul i64 {place}, {self.words}"))
        return [f.load(f.at(base, word)) for word in range(self.words)]

    def _place(
        self, f: Function, front: str, table: str, buckets: str, place: str
    ) -> None:
        """Put the entry of one state where there is room."""
        words = self._stored(f, front, place)
        hashed = self._hash(f, words)
        if self.options.is_direct:
            entry = f.let(f"xor i64 {words[0]}, -1")
        else:
            first = f.load(slot(f, Slot.FROM))
            number = f.let(f"add i64 {first}, {f.let(f'add i64 {place}, 1')}")
            entry = f.let(f"or i64 {self._tag(f, hashed)}, {number}")
        self._put(f, table, buckets, entry, hashed)

    def _put(
        self, f: Function, table: str, buckets: str, entry: str, hashed: str
    ) -> None:
        """Write an entry that the table does not have to where there is room."""
        bucket = f.variable()
        f.store(f.let(f"and i64 {hashed}, {buckets}"), bucket)
        probe, free, following = f.label("probe"), f.label("free"), f.label("next")
        done = f.label("done")
        f.begin(probe)
        now = f.load(bucket)
        base = f.at(table, f.let(f"shl i64 {now}, 6"), "i8")
        empty = self._empty(f, f.load(base, LINE, 64))
        f.branch(f.let(f"icmp eq i32 {empty}, 0"), following, free, rarely=True)
        f.begin(following)
        f.store(f.let(f"and i64 {f.let(f'add i64 {now}, 1')}, {buckets}"), bucket)
        f.jump(probe)
        f.begin(free)
        target = f.at(base, self._first(f, empty))
        if self.options.is_shared:
            pair = f.let(
                f"cmpxchg ptr {target}, i64 0, i64 {entry} acq_rel monotonic, align 8"
            )
            is_ours = f.let(f"extractvalue {{ i64, i1 }} {pair}, 1")
            f.branch(is_ours, done, probe)
        else:
            f.store(entry, target)
        f.begin(done)
