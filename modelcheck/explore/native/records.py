"""Records: the smallest key for each slot, and the functions for rare events.

A key is a state, the highest word first, such that keys compare as packed numbers do;
behind it the next state of a step, or the number of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import SLACK, Layout, Slot
from modelcheck.explore.native.steps import area, slot

ALIVE = 1 << 32
"""Added to the count of a state for each successor."""

KEY = 512
"""Where a key is put together, in bytes behind the room for a group."""


class RecordWriter:
    """Writes the functions of this module for one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def write(self, checks: Sequence[int]) -> list[str]:
        """All functions; `checks` are the slots of the checks, by number."""
        return [self._note(), self._hits(), self._touched(), self._failed(checks)]

    def _note(self) -> str:
        """Keep the key that was put together, if it is the smallest of its slot."""
        f = Function("note", "ptr %c", "i64 %slot")
        f.attributes += " noinline cold"
        key = self._key(f)
        length = 2 * self.layout.words + 1
        records = f.load(slot(f, Slot.RECORDS), "ptr")
        offset = f.let(f"mul i64 %slot, {length + 1}")
        record = f.at(records, offset)
        f.store("1", slot(f, Slot.FOUND))
        is_first = f.let(f"icmp eq i64 {f.load(record)}, 0")
        copy, look, done = f.label("copy"), f.label("look"), f.label("done")
        f.branch(is_first, copy, look)
        f.begin(look)
        for number in range(length):
            new = f.load(f.at(key, number))
            old = f.load(f.at(record, number + 1))
            more, differs = f.label("more"), f.label("differs")
            f.branch(f.let(f"icmp eq i64 {new}, {old}"), more, differs)
            f.begin(differs)
            f.branch(f.let(f"icmp ult i64 {new}, {old}"), copy, done)
            f.begin(more)
        f.jump(done)
        f.begin(copy)
        f.store("1", record)
        for number in range(length):
            f.store(f.load(f.at(key, number)), f.at(record, number + 1))
        f.begin(done)
        f.ret()
        return f.text

    def _key(self, f: Function) -> str:
        work = f.load(slot(f, Slot.WORK), "ptr")
        return area(f, work, self.layout.key + KEY)

    def keep(self, f: Function, parts: Sequence[str]) -> None:
        """Put the words `parts` into the key, and zeros behind them."""
        key = self._key(f)
        for number in range(2 * self.layout.words + 1):
            value = parts[number] if number < len(parts) else "0"
            f.store(value, f.at(key, number))

    def state(
        self, f: Function, base: str, place: str, column: str | int, row: str | int
    ) -> list[str]:
        """The words of a state for a key: the highest first, as numbers compare."""
        start = f.let(f"mul i64 {place}, {row}")
        found = []
        for word in reversed(range(self.layout.words)):
            shift = f.let(f"mul i64 {column}, {word}")
            offset = f.let(f"add i64 {start}, {shift}")
            found.append(f.load(f.at(base, offset, "i8")))
        return found

    def _batch_state(self, f: Function, place: str) -> list[str]:
        work = f.load(slot(f, Slot.WORK), "ptr")
        inside = area(f, work, self.layout.inside(0))
        return self.state(f, inside, place, 8 * (self.layout.batch + SLACK), 8)

    def _hits(self) -> str:
        """Look at each lane of a group whose answers are in the scratch memory."""
        f = Function(
            "hits", "ptr %c", "i64 %word", "ptr %base", "i64 %count", "i64 %column",
            "i64 %row", "ptr %second", "ptr %parents",
        )  # fmt: skip
        f.attributes += " noinline cold"
        work = f.load(slot(f, Slot.WORK), "ptr")
        answers = area(f, work, self.layout.key)
        is_open = f.load(f.at(f.load(slot(f, Slot.OPEN), "ptr"), "%word"))
        bits = f.variable()
        with f.loop(0, "%count") as lane:
            f.store(f.let(f"and i64 {f.load(f.at(answers, lane))}, {is_open}"), bits)
            head, body, end = f.label("bits"), f.label("bit"), f.label("end")
            f.begin(head)
            now = f.load(bits)
            f.branch(f.let(f"icmp eq i64 {now}, 0"), end, body)
            f.begin(body)
            f.store(f.let(f"and i64 {now}, {f.let(f'sub i64 {now}, 1')}"), bits)
            number = f.let(f"call i64 @llvm.cttz.i64(i64 {now}, i1 true)")
            first = f.let("mul i64 %word, 64")
            self._hit_key(f, lane)
            f.do(f"call void @note(ptr %c, i64 {f.let(f'add i64 {first}, {number}')})")
            f.jump(head)
            f.begin(end)
        f.ret()
        return f.text

    def _hit_key(self, f: Function, lane: str) -> None:
        """Put together the key of one lane: a state, or its parent and the state."""
        state = self.state(f, "%base", lane, "%column", "%row")
        self.keep(f, state)
        with f.when(f.let("icmp ne ptr %parents, null")):
            parent = f.load(f.at("%parents", lane, "i32"), "i32", 4)
            place = f.let(f"zext i32 {parent} to i64")
            before = self._batch_state(f, place)
            self.keep(f, [*before, *state])

    def _touched(self) -> str:
        """Count something that is not a stored successor for each lane of a group."""
        f = Function("touched", "ptr %c", "i64 %bits")
        self._for_lanes(f, lambda _: None)
        f.ret()
        return f.text

    def _for_lanes(self, f: Function, use: Callable[[str], None]) -> None:
        """Go through the lanes in %bits: count each, and `use` its place."""
        work = f.load(slot(f, Slot.WORK), "ptr")
        places = area(f, work, self.layout.key)
        counts = area(f, work, self.layout.counts)
        bits = f.variable()
        f.store("%bits", bits)
        head, body, end = f.label("bits"), f.label("bit"), f.label("end")
        f.begin(head)
        now = f.load(bits)
        f.branch(f.let(f"icmp eq i64 {now}, 0"), end, body)
        f.begin(body)
        f.store(f.let(f"and i64 {now}, {f.let(f'sub i64 {now}, 1')}"), bits)
        lane = f.let(f"call i64 @llvm.cttz.i64(i64 {now}, i1 true)")
        place = f.load(f.at(places, lane, "i32"), "i32", 4)
        place = f.let(f"zext i32 {place} to i64")
        count = f.at(counts, place)
        f.store(f.let(f"add i64 {f.load(count)}, {ALIVE}"), count)
        use(place)
        f.jump(head)
        f.begin(end)

    def _failed(self, checks: Sequence[int]) -> str:
        """A check failed in the lanes %bits of a group."""
        f = Function("failed", "ptr %c", "i64 %number", "i64 %bits")
        f.attributes += " noinline cold"
        f.store("1", slot(f, Slot.FAILED))
        slots = ", ".join(f"i64 {number}" for number in checks) or "i64 -1"
        size = max(len(checks), 1)
        table = f"@checks = internal constant [{size} x i64] [{slots}]\n"
        which = f.load(f.at("@checks", "%number"))
        opened = f.load(slot(f, Slot.OPEN), "ptr")
        is_asked = f.let(f"icmp sge i64 {which}, 0")
        which = f.let(f"select i1 {is_asked}, i64 {which}, i64 0")
        word = f.load(f.at(opened, f.let(f"lshr i64 {which}, 6")))
        shifted = f.let(f"lshr i64 {word}, {f.let(f'and i64 {which}, 63')}")
        is_open = f.let(f"trunc i64 {shifted} to i1")
        is_news = f.let(f"and i1 {is_asked}, {is_open}")

        def use(place: str) -> None:
            with f.when(is_news):
                self.keep(f, [*self._batch_state(f, place), "%number"])
                f.do(f"call void @note(ptr %c, i64 {which})")

        self._for_lanes(f, use)
        f.ret()
        return table + f.text
