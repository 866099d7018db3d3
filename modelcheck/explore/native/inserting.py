"""Insertion of one state: into a direct table, a compact one, or one of numbers."""

from __future__ import annotations

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.entries import (
    LINE,
    NUMBER_BITS,
    TAG_BITS,
    EntryWriter,
)
from modelcheck.explore.native.records import ALIVE
from modelcheck.explore.native.steps import area, slot


class InsertWriter(EntryWriter):
    """Writes the insertion of a successor."""

    def _insert(
        self, f: Function, work: str, table: str, buckets: str, place: str, length: str
    ) -> None:
        """Insert one successor, and append it to the arena if it is new."""
        words = self._successor(f, work, place)
        hashed = f.load(f.at(area(f, work, self.layout.hashes), place))
        arena = f.load(slot(f, Slot.ARENA), "ptr")
        old = f.load(length)
        target = f.at(arena, f.let(f"mul i64 {old}, {self.words}"))
        for number, word in enumerate(words):
            # Also where the state is not new: the next one is written over it.
            f.store(word, f.at(target, number))
        if self.options.is_direct:
            key = f.let(f"xor i64 {words[0]}, -1")
            is_new = self._insert_key(f, table, buckets, key, hashed)
        elif self.options.is_compact:
            self._remember(f, work, place, old, hashed)
            is_new = self._insert_key(f, table, buckets, hashed, hashed)
        else:
            is_new = self._insert_number(f, table, buckets, words, hashed, old)
        if self.options.links:
            self._keep_number(f, work, place)
        wide = f.let(f"zext i1 {is_new} to i64")
        f.store(f.let(f"add i64 {old}, {wide}"), length)
        parent = f.at(area(f, work, self.layout.parents), place, "i32")
        where = f.let(f"zext i32 {f.load(parent, 'i32', 4)} to i64")
        count = f.at(area(f, work, self.layout.counts), where)
        if not self.options.questions.has_constraints:
            wide = f.let(f"or i64 {wide}, {ALIVE}")
        f.store(f.let(f"add i64 {f.load(count)}, {wide}"), count)

    def _keep_number(self, f: Function, work: str, place: str) -> None:
        """Keep the number of the state that was inserted, or that was there."""
        mask = (1 << NUMBER_BITS) - 1
        number = f.let(f"and i64 {f.load(self._found)}, {mask}")
        short = f.let(f"trunc i64 {f.let(f'sub i64 {number}, 1')} to i32")
        numbers = area(f, work, self.layout.numbers)
        f.store(short, f.at(numbers, place, "i32"), "i32", 4)

    def _remember(
        self, f: Function, work: str, place: str, number: str, hashed: str
    ) -> None:
        """Store the parent's number, and bits of the hash, for the state `number`."""
        parent = f.at(area(f, work, self.layout.parents), place, "i32")
        where = f.let(f"zext i32 {f.load(parent, 'i32', 4)} to i64")
        batch = f.load(slot(f, Slot.BATCH))
        begin = f.let(f"sub i64 {f.load(slot(f, Slot.BEGIN))}, {batch}")
        first = f.let(f"add i64 {f.load(slot(f, Slot.FROM))}, {begin}")
        wide = f.let(f"shl i64 {f.let(f'add i64 {first}, {where}')}, {TAG_BITS}")
        tag = f.let(f"and i64 {hashed}, {(1 << TAG_BITS) - 1}")
        parents = f.load(slot(f, Slot.PARENTS), "ptr")
        f.store(f.let(f"or i64 {wide}, {tag}"), f.at(parents, number))

    def _insert_key(
        self, f: Function, table: str, buckets: str, key: str, hashed: str
    ) -> str:
        """Insert a word, which is not 0, into the table; whether it is new."""
        where = f.variable()
        f.store(f.let(f"and i64 {hashed}, {buckets}"), where)
        probe, found, following = f.label("probe"), f.label("found"), f.label("next")
        f.begin(probe)
        number = f.load(where)
        bucket = f.at(table, f.let(f"shl i64 {number}, 6"), "i8")
        line = f.load(bucket, LINE, 64)
        same, empty = self._equal(f, line, key), self._empty(f, line)
        either = f.let(f"or i32 {same}, {empty}")
        f.branch(f.let(f"icmp eq i32 {either}, 0"), following, found, rarely=True)
        f.begin(following)
        one_more = f.let(f"add i64 {number}, 1")
        f.store(f.let(f"and i64 {one_more}, {buckets}"), where)
        f.jump(probe)
        f.begin(found)
        is_new = f.let(f"icmp eq i32 {same}, 0")
        entry = f.at(bucket, self._first(f, empty))
        if self.options.is_shared:
            return self._claim(f, is_new, entry, key, probe)
        dummy = f.load(slot(f, Slot.DUMMY), "ptr")
        # No jump that cannot be foreseen: what is not new is written elsewhere.
        entry = f.let(f"select i1 {is_new}, ptr {entry}, ptr {dummy}")
        f.store(key, entry)
        return is_new

    def _claim(self, f: Function, is_new: str, entry: str, key: str, probe: str) -> str:
        """Write `key` to an empty entry, unless another worker was faster."""
        claim, done = f.label("claim"), f.label("done")
        before = f.block
        f.branch(is_new, claim, done)
        f.begin(claim)
        pair = f.let(
            f"cmpxchg ptr {entry}, i64 0, i64 {key} acq_rel monotonic, align 8"
        )
        is_ours = f.let(f"extractvalue {{ i64, i1 }} {pair}, 1")
        f.branch(is_ours, done, probe)
        f.begin(done)
        return f.let(f"phi i1 [ false, %{before} ], [ true, %{claim} ]")

    def _insert_number(
        self,
        f: Function,
        table: str,
        buckets: str,
        words: list[str],
        hashed: str,
        place: str,
    ) -> str:
        """Insert the number of a state; whether it is new."""
        tag = self._tag(f, hashed)
        first = f.load(slot(f, Slot.FIRST))
        number = f.let(f"add i64 {first}, {f.let(f'add i64 {place}, 1')}")
        entry = f.let(f"or i64 {tag}, {number}")
        bucket, result = f.variable(), f.variable("i1")
        self._found = f.variable()
        f.store(f.let(f"and i64 {hashed}, {buckets}"), bucket)
        probe, free = f.label("probe"), f.label("free")
        following, is_old, is_new = f.label("next"), f.label("old"), f.label("new")
        done = f.label("done")
        f.begin(probe)
        now = f.load(bucket)
        base = f.at(table, f.let(f"shl i64 {now}, 6"), "i8")
        line = f.load(base, LINE, 64)
        self._search_line(f, base, line, tag, words, is_old)
        empty = self._empty(f, line)
        f.branch(f.let(f"icmp eq i32 {empty}, 0"), following, free, rarely=True)
        f.begin(following)
        f.store(f.let(f"and i64 {f.let(f'add i64 {now}, 1')}, {buckets}"), bucket)
        f.jump(probe)
        f.begin(free)
        target = f.at(base, self._first(f, empty))
        if self.options.links:
            f.store(entry, self._found)
        if self.options.is_shared:
            pair = f.let(
                f"cmpxchg ptr {target}, i64 0, i64 {entry} acq_rel acquire, align 8"
            )
            is_ours = f.let(f"extractvalue {{ i64, i1 }} {pair}, 1")
            f.branch(is_ours, is_new, probe)
        else:
            f.store(entry, target)
            f.jump(is_new)
        for label, value in ((is_new, "true"), (is_old, "false")):
            f.begin(label)
            f.store(value, result, "i1", 1)
            f.jump(done)
        f.begin(done)
        return f.load(result, "i1", 1)

    def _search_line(
        self, f: Function, base: str, line: str, tag: str, words: list[str], found: str
    ) -> None:
        """Go to `found` if an entry of the line is that of the state."""
        states = f.load(slot(f, Slot.STATES), "ptr")
        same = f.variable("i32")
        f.store(self._same_tag(f, line, tag), same, "i32", 4)
        look, compare = f.label("look"), f.label("compare")
        other, absent = f.label("other"), f.label("absent")
        f.begin(look)
        rest = f.load(same, "i32", 4)
        f.branch(f.let(f"icmp eq i32 {rest}, 0"), absent, compare)
        f.begin(compare)
        candidate = f.load(f.at(base, self._first(f, rest)))
        if self.options.links:
            f.store(candidate, self._found)
        same_state = self._is_same(f, words, self._address(f, states, candidate))
        f.branch(same_state, found, other)
        f.begin(other)
        fewer = f.let(f"and i32 {rest}, {f.let(f'sub i32 {rest}, 1')}")
        f.store(fewer, same, "i32", 4)
        f.jump(look)
        f.begin(absent)

    def _is_same(self, f: Function, words: list[str], address: str) -> str:
        """Whether the state at `address` has these words."""
        differs = "0"
        for index, word in enumerate(words):
            changed = f.let(f"xor i64 {word}, {f.load(f.at(address, index))}")
            differs = f.let(f"or i64 {differs}, {changed}")
        return f.let(f"icmp eq i64 {differs}, 0")
