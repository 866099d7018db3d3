"""The code of random walks: one batch of walks goes one step at a time.

Successors are made by the same `expand` as in a search. All are looked at; then each
walk goes on to the successor of least rank (`explore.walks` says how ranks are made),
and a walk that has ended makes room for the next one. What decides a property is kept
as the number of the walk: the walk itself can be taken again.
"""

from __future__ import annotations

from enum import IntEnum, auto

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.cells import leaf_reader
from modelcheck.explore.native.context import SLACK, Slot
from modelcheck.explore.native.kernel import Program, assemble
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.explore.native.looking import LookWriter
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.plan import Node
from modelcheck.explore.native.questions import Topic
from modelcheck.explore.native.records import ALIVE, RecordWriter
from modelcheck.explore.native.steps import HALF, ExpandWriter, area, slot
from modelcheck.explore.native.terms import TermWriter
from modelcheck.explore.walks import FIRST, GAMMA, SECOND, End, Sketch
from modelcheck.model.program import Model

NEVER = (1 << 64) - 1
"""Stands for no successor."""


class Walk(IntEnum):
    """The words behind `Slot.WALK`. Arrays have one element for each walk."""

    NUMBERS = 0  # address of the numbers of the walks
    STATES = auto()  # address of the states of their generators
    STEPS = auto()  # address of how many steps each has taken
    SALTS = auto()  # address of the random numbers of this step
    RANKS = auto()  # address of the least ranks
    TAKEN = auto()  # address of the places of the successors that have them
    ACTIVE = auto()  # how many walks there are
    NEXT = auto()  # number of the walk to begin next
    LAST = auto()  # number behind the last one
    KEY = auto()  # mixed from the seed
    STARTS = auto()  # address of the initial states
    START_COUNT = auto()
    DEPTH = auto()  # how many steps a walk may take
    FUEL = auto()  # how many steps each may take before the code returns
    SKETCH = auto()  # address of the registers
    WALKED = auto()  # steps taken by all
    BEGUN = auto()  # walks begun
    ENDS = auto()  # one counter for each `End`


SIZE = Walk.ENDS + len(End)


def write_walks(
    model: Model, options: Options, plan: Node, *, minds_starts: bool
) -> Program:
    """The module of random walks for `model`.

    With `minds_starts` questions are put to initial states, too.
    """
    expand = ExpandWriter(model, options, plan)
    parts = [expand.write()]
    slots = [options.questions.slot_of_check(check) for _, check in expand.checks]
    parts += _WalkRecords(options.layout).write(slots)
    writer = WalkWriter(model, options, minds_starts=minds_starts)
    parts += [*writer.looks(), *writer.write()]
    return assemble(parts, expand)


class _WalkRecords(RecordWriter):
    """Records with the numbers of walks for keys: the smallest one is kept."""

    def _batch_state(self, f: Function, place: str) -> list[str]:
        walk = f.load(slot(f, Slot.WALK), "ptr")
        numbers = f.load(f.at(walk, Walk.NUMBERS), "ptr")
        return [f.load(f.at(numbers, place))]

    def _hit_key(self, f: Function, lane: str) -> None:
        """The number of the walk whose state, or whose successor, lies at %base."""
        work = f.load(slot(f, Slot.WORK), "ptr")
        base = f.let("ptrtoint ptr %base to i64")
        starts = [
            f.let(f"ptrtoint ptr {area(f, work, offset)} to i64")
            for offset in (self.layout.inside(0), self.layout.outside(0))
        ]
        is_after = f.let(f"icmp uge i64 {base}, {starts[1]}")
        start = f.let(f"select i1 {is_after}, i64 {starts[1]}, i64 {starts[0]}")
        first = f.let(f"lshr i64 {f.let(f'sub i64 {base}, {start}')}, 3")
        number = f.let(f"add i64 {first}, {lane}")
        place = f.variable()
        f.store(number, place)
        with f.when(is_after):
            parents = area(f, work, self.layout.parents)
            parent = f.load(f.at(parents, number, "i32"), "i32", 4)
            f.store(f.let(f"zext i32 {parent} to i64"), place)
        self.keep(f, self._batch_state(f, f.load(place)))


class WalkWriter(LookWriter):
    """Writes the functions of this module for one model."""

    def __init__(self, model: Model, options: Options, *, minds_starts: bool) -> None:
        super().__init__(model, options)
        self.minds_starts = minds_starts

    def looks(self) -> list[str]:
        """The functions that put the questions."""
        questions = self.options.questions
        states = questions.of(Topic.STATE, Topic.STATE_ERROR)
        found = [self._check("look", states, self.column, 8)]
        if self.minds_starts:
            column = 8 * (self.layout.batch + SLACK)
            found.append(self._check("look_first", states, column, 8))
        if questions.has_constraints:
            # All successors have been looked at before.
            found += [self._check("check_beyond", (), self.column, 8), self._filter()]
        if questions.of(Topic.PAIR, Topic.PAIR_ERROR):
            found.append(self._pairs())
        return found

    def write(self) -> list[str]:
        """The functions that walk."""
        parts = [self._walk(), self._begin(), self._prepare(), self._choose()]
        return [*parts, self._ends(), self._advance(), self._see(), mix_function()]

    def _field(self, f: Function, number: int) -> str:
        """The address of a word behind `Slot.WALK`."""
        return f.at(f.load(slot(f, Slot.WALK), "ptr"), int(number))

    def _array(self, f: Function, number: Walk) -> str:
        return f.load(self._field(f, number), "ptr")

    def _count(self, f: Function, number: int, more: str) -> None:
        """Add to a counter."""
        field = self._field(f, number)
        f.store(f.let(f"add i64 {f.load(field)}, {more}"), field)

    def _columns(self, f: Function, *, after: bool) -> list[str]:
        work = f.load(slot(f, Slot.WORK), "ptr")
        where = self.layout.outside if after else self.layout.inside
        return [area(f, work, where(word)) for word in range(self.layout.words)]

    def _walk(self) -> str:
        """Walk as long as there is fuel; 0 if all walks have ended, else 1."""
        f = Function("walk", "ptr %c", result="i64", linkage="")
        questions = self.options.questions
        with f.loop(0, f.load(self._field(f, Walk.FUEL))):
            f.do("call void @begin(ptr %c)")
            active = f.load(self._field(f, Walk.ACTIVE))
            with f.when(f.let(f"icmp eq i64 {active}, 0"), rarely=True):
                f.ret("0")
            f.store(active, slot(f, Slot.BATCH))
            f.do("call void @prepare(ptr %c)")
            count = f.let("call i64 @expand(ptr %c)")
            if questions.of(Topic.PAIR, Topic.PAIR_ERROR):
                f.do(f"call void @pairs(ptr %c, i64 {count})")
            base = self._columns(f, after=True)[0]
            f.do(f"call void @look(ptr %c, ptr {base}, i64 {count})")
            if questions.has_constraints:
                count = f.let(f"call i64 @filter(ptr %c, i64 {count})")
            f.do(f"call void @choose(ptr %c, i64 {count})")
            f.do("call void @ends(ptr %c)")
            f.do("call void @advance(ptr %c)")
        f.ret("1")
        return f.text

    def _begin(self) -> str:
        """Begin walks, as many as there is room for."""
        f = Function("begin", "ptr %c")
        f.attributes += " noinline"
        active, number = self._field(f, Walk.ACTIVE), self._field(f, Walk.NEXT)
        columns = self._columns(f, after=False)
        first = f.at(columns[0], f.load(active))
        free = f.let(f"sub i64 {self.layout.batch}, {f.load(active)}")
        left = f.let(f"sub i64 {f.load(self._field(f, Walk.LAST))}, {f.load(number)}")
        count = f.minimum(free, left)
        with f.loop(0, count):
            place, now = f.load(active), f.load(number)
            f.store(now, f.at(self._array(f, Walk.NUMBERS), place))
            f.store("0", f.at(self._array(f, Walk.STEPS), place))
            key = f.load(self._field(f, Walk.KEY))
            state = f.let(f"call i64 @mix(i64 {f.let(f'add i64 {key}, {now}')})")
            state = f.let(f"add i64 {state}, {GAMMA - (1 << 64)}")
            f.store(state, f.at(self._array(f, Walk.STATES), place))
            wide = f.let(f"zext i64 {f.let(f'call i64 @mix(i64 {state})')} to i128")
            many = f.load(self._field(f, Walk.START_COUNT))
            product = f.let(f"mul i128 {wide}, {f.let(f'zext i64 {many} to i128')}")
            which = f.let(f"trunc i128 {f.let(f'lshr i128 {product}, 64')} to i64")
            start = f.let(f"mul i64 {which}, {self.layout.words}")
            base = f.at(self._array(f, Walk.STARTS), start)
            for word, column in enumerate(columns):
                f.store(f.load(f.at(base, word)), f.at(column, place))
            f.do(f"call void @see(ptr %c, i64 {place})")
            self._count(f, Walk.BEGUN, "1")
            f.store(f.let(f"add i64 {place}, 1"), active)
            f.store(f.let(f"add i64 {now}, 1"), number)
        if self.minds_starts:
            f.do(f"call void @look_first(ptr %c, ptr {first}, i64 {count})")
        f.ret()
        return f.text

    def _prepare(self) -> str:
        """A random number for each walk; no successors yet."""
        f = Function("prepare", "ptr %c")
        f.attributes += " noinline"
        states = self._array(f, Walk.STATES)
        salts, ranks = self._array(f, Walk.SALTS), self._array(f, Walk.RANKS)
        taken = self._array(f, Walk.TAKEN)
        work = f.load(slot(f, Slot.WORK), "ptr")
        counts = area(f, work, self.layout.counts)
        with f.loop(0, f.load(slot(f, Slot.BATCH))) as place:
            state = f.load(f.at(states, place))
            state = f.let(f"add i64 {state}, {GAMMA - (1 << 64)}")
            f.store(state, f.at(states, place))
            f.store(f.let(f"call i64 @mix(i64 {state})"), f.at(salts, place))
            f.store("-1", f.at(ranks, place))
            f.store("-1", f.at(taken, place))
            f.store("0", f.at(counts, place))
        f.ret()
        return f.text

    def _choose(self) -> str:
        """Find the successor of least rank for each walk."""
        f, lanes = Function("choose", "ptr %c", "i64 %count"), self.lanes
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        hashes = area(f, work, self.layout.hashes)
        salts = self._array(f, Walk.SALTS)
        wide = lanes.type_(WORD)
        with f.loop(0, "%count", lanes.count) as start:
            words, parents = self._successors(f, work, start)
            index = f.let(f"zext {lanes.type_(HALF)} {parents} to {wide}")
            # Behind the end there may be anything: no place of a walk.
            active = lanes.first(f, f.let(f"sub i64 %count, {start}"))
            index = lanes.choose(f, active, index, lanes.const(WORD, 0), WORD)
            value = lanes.gather(f, salts, index)
            for word in words:
                value = _mixed(f, lanes, f.let(f"xor {wide} {value}, {word}"))
            f.store(value, f.at(hashes, start), wide)
        ranks, taken = self._array(f, Walk.RANKS), self._array(f, Walk.TAKEN)
        parents = area(f, work, self.layout.parents)
        counts = area(f, work, self.layout.counts)
        with f.loop(0, "%count") as number:
            parent = f.load(f.at(parents, number, "i32"), "i32", 4)
            place = f.let(f"zext i32 {parent} to i64")
            value, least = f.load(f.at(hashes, number)), f.at(ranks, place)
            old, which = f.load(least), f.at(taken, place)
            is_less = f.let(f"icmp ule i64 {value}, {old}")
            f.store(f.let(f"select i1 {is_less}, i64 {value}, i64 {old}"), least)
            before = f.load(which)
            new = f.let(f"select i1 {is_less}, i64 {number}, i64 {before}")
            f.store(new, which)
            if not self.options.questions.has_constraints:
                count = f.at(counts, place)
                f.store(f.let(f"add i64 {f.load(count)}, {ALIVE}"), count)
        f.ret()
        return f.text

    def _ends(self) -> str:
        """Count the walks that cannot go on, by what stops them; note deadlocks."""
        f, lanes = Function("ends", "ptr %c"), self.lanes
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        batch = f.load(slot(f, Slot.BATCH))
        taken = self._array(f, Walk.TAKEN)
        type_ = lanes.type_(WORD)
        with f.loop(0, batch, lanes.count) as start:
            where = f.load(f.at(taken, start), type_)
            ended = f.let(f"icmp eq {type_} {where}, {lanes.const(WORD, -1)}")
            active = lanes.first(f, f.let(f"sub i64 {batch}, {start}"))
            ended = lanes.both(f, ended, active)
            with f.when(lanes.any(f, ended), rarely=True):
                self._end(f, work, start, ended, batch)
        f.ret()
        return f.text

    def _end(self, f: Function, work: str, start: str, ended: str, batch: str) -> None:
        """The walks in the lanes `ended` of a group."""
        lanes, layout = self.lanes, self.layout
        type_ = lanes.type_(WORD)
        count = f.load(f.at(area(f, work, layout.counts), start), type_)
        alive = lanes.const(WORD, ALIVE)
        dead = f.let(f"icmp ult {type_} {count}, {alive}")
        dead = lanes.both(f, dead, ended)
        base = f.at(area(f, work, layout.inside(0)), start)
        words = self._load(f, base, "0", 8 * (layout.batch + SLACK), 8)
        terms = TermWriter(f, lanes, leaf_reader(f, self.cells, words))
        rest = lanes.both(f, dead, terms.write(self.model.is_rest))
        stuck = lanes.both(f, dead, lanes.negate(f, rest))
        blocked = lanes.both(f, ended, lanes.negate(f, dead))
        for end, mask in (
            (End.REST, rest),
            (End.DEADLOCK, stuck),
            (End.BLOCKED, blocked),
        ):
            self._count(f, Walk.ENDS + end, lanes.number_of(f, mask))
        question = self.options.questions.stuck
        if question is not None:
            with f.when(lanes.any(f, stuck), rarely=True):
                rest = f.let(f"sub i64 {batch}, {start}")
                number = f.minimum(rest, lanes.count)
                self._stuck(f, question, start, stuck, number)

    def _advance(self) -> str:
        """Take the steps; walks that have ended leave no gap."""
        f = Function("advance", "ptr %c")
        f.attributes += " noinline"
        inside = self._columns(f, after=False)
        outside = self._columns(f, after=True)
        taken, steps = self._array(f, Walk.TAKEN), self._array(f, Walk.STEPS)
        moved = [self._array(f, n) for n in (Walk.NUMBERS, Walk.STATES)]
        depth = f.load(self._field(f, Walk.DEPTH))
        kept, walked, ended = f.variable(), f.variable(), f.variable()
        for counter in (kept, walked, ended):
            f.store("0", counter)
        with f.loop(0, f.load(slot(f, Slot.BATCH))) as place:
            which = f.load(f.at(taken, place))
            with f.when(f.let(f"icmp ne i64 {which}, -1")):
                to = f.load(kept)
                for source, target in zip(outside, inside, strict=True):
                    f.store(f.load(f.at(source, which)), f.at(target, to))
                f.do(f"call void @see(ptr %c, i64 {to})")
                for array in moved:
                    f.store(f.load(f.at(array, place)), f.at(array, to))
                step = f.let(f"add i64 {f.load(f.at(steps, place))}, 1")
                f.store(step, f.at(steps, to))
                f.store(f.let(f"add i64 {f.load(walked)}, 1"), walked)
                is_last = f.let(f"icmp sge i64 {step}, {depth}")
                more = f.let(f"zext i1 {is_last} to i64")
                f.store(f.let(f"add i64 {f.load(ended)}, {more}"), ended)
                less = f.let(f"sub i64 1, {more}")
                f.store(f.let(f"add i64 {to}, {less}"), kept)
        f.store(f.load(kept), self._field(f, Walk.ACTIVE))
        self._count(f, Walk.WALKED, f.load(walked))
        self._count(f, Walk.ENDS + End.DEPTH, f.load(ended))
        f.ret()
        return f.text

    def _see(self) -> str:
        """Count the state at a place of the batch in the sketch."""
        f = Function("see", "ptr %c", "i64 %place")
        value = "0"
        for column in self._columns(f, after=False):
            word = f.load(f.at(column, "%place"))
            value = f.let(f"call i64 @mix(i64 {f.let(f'xor i64 {value}, {word}')})")
        where = f.let(f"lshr i64 {value}, {WORD - Sketch.BITS}")
        rest = f.let(f"shl i64 {value}, {Sketch.BITS}")
        rest = f.let(f"or i64 {rest}, {1 << Sketch.BITS - 1}")
        zeros = f.let(f"call i64 @llvm.ctlz.i64(i64 {rest}, i1 true)")
        zeros = f.let(f"trunc i64 {f.let(f'add i64 {zeros}, 1')} to i8")
        register = f.at(self._array(f, Walk.SKETCH), where, "i8")
        old = f.load(register, "i8", 1)
        is_more = f.let(f"icmp ugt i8 {zeros}, {old}")
        f.store(f.let(f"select i1 {is_more}, i8 {zeros}, i8 {old}"), register, "i8", 1)
        f.ret()
        return f.text


def _mixed(f: Function, lanes: Lanes, value: str) -> str:
    """`explore.walks.mix` of every lane."""
    type_ = lanes.type_(WORD)

    def shifted(number: int) -> str:
        part = f.let(f"lshr {type_} {value}, {lanes.const(WORD, number)}")
        return f.let(f"xor {type_} {value}, {part}")

    for number, factor in ((30, FIRST), (27, SECOND)):
        value = f.let(f"mul {type_} {shifted(number)}, {lanes.const(WORD, factor)}")
    return shifted(31)


def mix_function() -> str:
    """The function `mix` of `explore.walks`."""
    f = Function("mix", "i64 %value", result="i64")
    f.ret(_mixed(f, Lanes(1), "%value"))
    return f.text
