"""Symmetry reduction in machine code: from states to their representatives.

`canon` sorts the members of each Scalarset by their keys, in a network of exchanges
that runs on a group of states at once. Where members with equal keys are left that are
not interchangeable, `settle` tries the permutations of one state: by exchanges of
neighbours, in the order of Johnson (1963) and Trotter (1962), which comes back to where
it began, so that the loops of several Scalarsets nest. `weigh` counts the states that
new representatives stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import factorial

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.steps import area, slot
from modelcheck.explore.reduction import Axis, Reduction
from modelcheck.layout.exchanging import Change, Move, Program
from modelcheck.layout.packing import Packing
from modelcheck.layout.sorting import Piece
from modelcheck.model.permuting import Condition


def rounds(size: int) -> list[int]:
    """Exchanges of neighbours that go once through all orders of `size` members.

    The last one leads back to the first order.
    """
    if size < 2:
        return []
    order, ways = list(range(size)), [-1] * size
    found: list[int] = []
    while (place := _mobile(order, ways)) is not None:
        member = order[place]
        other = place + ways[member]
        found.append(min(place, other))
        order[place], order[other] = order[other], member
        for larger in range(member + 1, size):
            ways[larger] = -ways[larger]
    return [*found, 0]


def _mobile(order: Sequence[int], ways: Sequence[int]) -> int | None:
    """The place of the largest member whose neighbour, on its way, is smaller."""
    best: int | None = None
    for place, member in enumerate(order):
        other = place + ways[member]
        is_mobile = 0 <= other < len(order) and order[other] < member
        if is_mobile and (best is None or member > order[best]):
            best = place
    return best


class ExchangeWriter:
    """Writes exchanges and keys for groups of states, in lanes."""

    def __init__(self, packing: Packing, lanes: Lanes) -> None:
        self.packing = packing
        self.lanes = lanes

    def _let(self, f: Function, operation: str, one: str, two: str) -> str:
        return f.let(f"{operation} {self.lanes.type_(WORD)} {one}, {two}")

    def _with(self, f: Function, operation: str, one: str, two: int) -> str:
        if not two and operation in ("shl", "lshr"):
            return one
        return self._let(f, operation, one, self.lanes.const(WORD, two))

    def _shifted(self, f: Function, value: str, left: int) -> str:
        return self._with(f, "shl" if left > 0 else "lshr", value, abs(left))

    def exchange(
        self, f: Function, words: list[str], program: Program, cond: str
    ) -> None:
        """Exchange two members in the states in which `cond` holds."""
        for move in program.moves:
            self._move(f, words, move, cond)
        for change in program.changes:
            self._change(f, words, change, cond)

    def _only(self, f: Function, cond: str, value: str) -> str:
        zero = self.lanes.const(WORD, 0)
        return self.lanes.choose(f, cond, value, zero, WORD)

    def _move(self, f: Function, words: list[str], move: Move, cond: str) -> None:
        lowest = (move.mask & -move.mask).bit_length() - 1
        one, two = lowest // WORD, (lowest + move.distance) // WORD
        left = move.distance - WORD * (two - one)
        moved = self._shifted(f, words[two], -left)
        changed = self._let(f, "xor", words[one], moved)
        changed = self._with(f, "and", changed, move.mask >> WORD * one)
        changed = self._only(f, cond, changed)
        words[one] = self._let(f, "xor", words[one], changed)
        words[two] = self._let(f, "xor", words[two], self._shifted(f, changed, left))

    def _change(self, f: Function, words: list[str], change: Change, cond: str) -> None:
        place = self.packing.fields[change.cell]
        number, shift = divmod(place.shift, WORD)
        word = words[number]
        cond = self.lanes.both(f, cond, self._test(f, words, change.conditions))
        for one, two in change.kind.pairs:
            if change.kind.is_mask:
                low, high = shift + one, shift + two
                differs = self._let(f, "xor", self._shifted(f, word, -low),
                                    self._shifted(f, word, -high))  # fmt: skip
                bit = self._only(f, cond, self._with(f, "and", differs, 1))
                for end in (low, high):
                    word = self._let(f, "xor", word, self._shifted(f, bit, end))
                continue
            is_it = self.lanes.either(
                f,
                self._equals(f, words[number], place.shift, place.mask, one - place.lo),
                self._equals(f, words[number], place.shift, place.mask, two - place.lo),
            )
            flip = (one - place.lo ^ two - place.lo) << shift
            is_it = self.lanes.both(f, cond, is_it)
            changed = self._only(f, is_it, self.lanes.const(WORD, flip))
            word = self._let(f, "xor", word, changed)
        words[number] = word

    def _equals(self, f: Function, word: str, shift: int, mask: int, raw: int) -> str:
        value = self._with(f, "and", self._shifted(f, word, -(shift % WORD)), mask)
        constant = self.lanes.const(WORD, raw)
        return f.let(f"icmp eq {self.lanes.type_(WORD)} {value}, {constant}")

    def _test(
        self, f: Function, words: Sequence[str], conditions: Sequence[Condition]
    ) -> str:
        """Whether all cells of `conditions` have one of their values."""
        found = self.lanes.const(1, 1)
        for cell, values in conditions:
            place = self.packing.fields[cell]
            word = words[place.shift // WORD]
            is_one = self.lanes.const(1, 0)
            for value in sorted(values):
                raw = value - place.lo
                is_it = self._equals(f, word, place.shift, place.mask, raw)
                is_one = self.lanes.either(f, is_one, is_it)
            found = self.lanes.both(f, found, is_one)
        return found

    def keys(self, f: Function, words: Sequence[str], axis: Axis) -> list[str]:
        """The key of each member."""
        return [self._key(f, words, pieces) for pieces in axis.keys.pieces]

    def _key(self, f: Function, words: Sequence[str], pieces: Sequence[Piece]) -> str:
        key = self.lanes.const(WORD, 0)
        shift = 0
        for piece in reversed(pieces):
            word = words[piece.shift // WORD]
            mask = (1 << piece.width) - 1
            if piece.equals is None:
                place = piece.shift % WORD
                value = self._with(f, "and", self._shifted(f, word, -place), mask)
            else:
                is_it = self._equals(f, word, piece.shift, mask, piece.equals)
                test = self._test(f, words, piece.conditions)
                is_it = self.lanes.both(f, is_it, test)
                value = self._only(f, is_it, self.lanes.const(WORD, 1))
            key = self._let(f, "or", key, self._shifted(f, value, shift))
            shift += piece.size
        return key

    def relation(self, f: Function, relation: str, one: str, two: str) -> str:
        """A comparison of keys."""
        return f.let(f"icmp {relation} {self.lanes.type_(WORD)} {one}, {two}")

    def sort(self, f: Function, words: list[str], axis: Axis, keys: list[str]) -> None:
        """Sort the members of `axis` by their keys."""
        lanes = self.lanes
        for end in range(axis.size - 1, 0, -1):
            for place in range(end):
                one, two = keys[place : place + 2]
                is_wrong = self.relation(f, "ugt", one, two)
                self.exchange(f, words, axis.programs[place], is_wrong)
                keys[place] = lanes.choose(f, is_wrong, two, one, WORD)
                keys[place + 1] = lanes.choose(f, is_wrong, one, two, WORD)

    def has_ties(self, f: Function, keys: Sequence[str]) -> str:
        """Whether two neighbours have one key."""
        found = self.lanes.const(1, 0)
        for one, two in pairwise(keys):
            same = self.relation(f, "eq", one, two)
            found = self.lanes.either(f, found, same)
        return found


class CanonWriter:
    """Writes the functions of this module for one reduction."""

    def __init__(self, options: Options, reduction: Reduction) -> None:
        self.options = options
        self.layout = options.layout
        self.reduction = reduction
        self.lanes = Lanes(options.lanes)
        self.wide = ExchangeWriter(reduction.packing, self.lanes)
        self.single = ExchangeWriter(reduction.packing, Lanes(1))

    def write(self) -> list[str]:
        """All functions."""
        found = [self._canon(), self._twin(), self._weigh()]
        return [*found, self._settle()] if self.reduction.mixed else found

    def _canon(self) -> str:
        """Replace the first %count successors by their representatives."""
        f, lanes = Function("canon", "ptr %c", "i64 %count"), self.lanes
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        columns = [area(f, work, self.layout.outside(w)) for w in range(self._words)]
        type_ = lanes.type_(WORD)
        with f.loop(0, "%count", lanes.count) as start:
            words = [f.load(f.at(column, start), type_) for column in columns]
            before = list(words)
            ties = lanes.const(1, 0)
            for axis in self.reduction.axes:
                keys = self.wide.keys(f, words, axis)
                self.wide.sort(f, words, axis, keys)
                if not axis.keys.is_local:
                    ties = lanes.either(f, ties, self.wide.has_ties(f, keys))
            for column, old, word in zip(columns, before, words, strict=True):
                if old != word:
                    f.store(word, f.at(column, start), type_)
            if self.reduction.mixed:
                rest = f.let(f"sub i64 %count, {start}")
                ties = lanes.both(f, ties, lanes.first(f, rest))
                self._settle_lanes(f, columns, start, ties)
        f.ret()
        return f.text

    @property
    def _words(self) -> int:
        return self.layout.words

    def _settle_lanes(
        self, f: Function, columns: Sequence[str], start: str, ties: str
    ) -> None:
        """Settle each state of the group in a lane of `ties`."""
        bits = f.variable()
        f.store(self.lanes.bits(f, ties), bits)
        head, body, end = f.label("bits"), f.label("bit"), f.label("end")
        f.begin(head)
        now = f.load(bits)
        f.branch(f.let(f"icmp eq i64 {now}, 0"), end, body)
        f.begin(body)
        f.store(f.let(f"and i64 {now}, {f.let(f'sub i64 {now}, 1')}"), bits)
        lane = f.let(f"call i64 @llvm.cttz.i64(i64 {now}, i1 true)")
        place = f.let(f"add i64 {start}, {lane}")
        first = f.at(columns[0], place)
        column = self.layout.outside(1) - self.layout.outside(0)
        f.let(f"call i64 @settle(ptr {first}, i64 {column})")
        f.jump(head)
        f.begin(end)

    def _twin(self) -> str:
        """`canon` for the pending successors, for the checking mode."""
        f = Function("twin", "ptr %c", result="i64", linkage="")
        count = f.load(slot(f, Slot.PENDING))
        f.do(f"call void @canon(ptr %c, i64 {count})")
        f.ret(count)
        return f.text

    def _weigh(self) -> str:
        """Count the states that the %count representatives behind %base stand for."""
        f = Function("weigh", "ptr %c", "ptr %base", "i64 %count")
        f.attributes += " noinline"
        total = f.variable()
        f.store(f.load(slot(f, Slot.WEIGHT)), total)
        buffer = f.variable(f"[{self._words} x i64]")
        with f.loop(0, "%count") as place:
            state = f.at("%base", f.let(f"mul i64 {place}, {self._words}"))
            words = [f.load(f.at(state, word)) for word in range(self._words)]
            twins, ties = "1", "false"
            for axis in self.reduction.axes:
                keys = self.single.keys(f, words, axis)
                if axis.keys.is_local:
                    twins = self._interchangeable(f, keys, twins)
                else:
                    some = self.single.has_ties(f, keys)
                    ties = self.single.lanes.either(f, ties, some)
            if self.reduction.mixed:
                twins = self._counted(f, buffer, words, twins, ties)
            orbit = f.let(f"udiv i64 {self.reduction.order}, {twins}")
            f.store(f.let(f"add i64 {f.load(total)}, {orbit}"), total)
        f.store(f.load(total), slot(f, Slot.WEIGHT))
        f.ret()
        return f.text

    def _interchangeable(self, f: Function, keys: Sequence[str], twins: str) -> str:
        """`twins` times the number of orders of members with equal keys."""
        run = "1"
        for one, two in pairwise(keys):
            same = self.single.relation(f, "eq", one, two)
            longer = f.let(f"add i64 {run}, 1")
            run = f.let(f"select i1 {same}, i64 {longer}, i64 1")
            twins = f.let(f"mul i64 {twins}, {run}")
        return twins

    def _counted(
        self, f: Function, buffer: str, words: Sequence[str], twins: str, ties: str
    ) -> str:
        """`twins` times the number of permutations that `settle` counts."""
        result = f.variable()
        f.store(twins, result)
        with f.when(ties):
            for number, word in enumerate(words):
                f.store(word, f.at(buffer, number))
            count = f.let(f"call i64 @settle(ptr {buffer}, i64 8)")
            f.store(f.let(f"mul i64 {twins}, {count}"), result)
        return f.load(result)

    # Permutations of one state.

    def _settle(self) -> str:
        """Make the sorted state at %first, words %column bytes apart, the least one.

        Gives the number of permutations that lead to it.
        """
        f = Function("settle", "ptr %first", "i64 %column", result="i64")
        f.attributes += " noinline"
        places = [
            f.at("%first", f.let(f"mul i64 %column, {word}"), "i8")
            for word in range(self._words)
        ]
        now = [f.variable() for _ in places]
        best = [f.variable() for _ in places]
        for place, one, two in zip(places, now, best, strict=True):
            word = f.load(place)
            f.store(word, one)
            f.store(word, two)
        count = f.variable()
        f.store("0", count)
        words = [f.load(one) for one in now]
        keys: list[list[str]] = []
        for axis in self.reduction.mixed:
            keys.append([f.variable() for _ in range(axis.size)])
            for place, key in zip(
                keys[-1], self.single.keys(f, words, axis), strict=True
            ):
                f.store(key, place)
        self._rounds(f, 0, now, keys, best, count)
        for place, word in zip(places, best, strict=True):
            f.store(f.load(word), place)
        f.ret(f.load(count))
        return f.text + "".join(map(self._table, range(len(self.reduction.mixed))))

    def _table(self, number: int) -> str:
        """The exchanges of one Scalarset, as a constant."""
        order = rounds(self.reduction.mixed[number].size)
        values = ", ".join(f"i8 {place}" for place in order)
        return f"@rounds{number} = internal constant [{len(order)} x i8] [{values}]\n"

    def _rounds(
        self,
        f: Function,
        number: int,
        now: list[str],
        keys: list[list[str]],
        best: list[str],
        count: str,
    ) -> None:
        """Go through the orders of the Scalarsets from `number` on."""
        if number == len(self.reduction.mixed):
            self._look(f, now, best, count)
            return
        axis, mine = self.reduction.mixed[number], keys[number]
        ties = self.single.has_ties(f, [f.load(key) for key in mine])
        turn = f.variable()
        f.store("0", turn)
        head, done = f.label("round"), f.label("done")
        move, following = f.label("move"), f.label("following")
        f.begin(head)
        is_sorted = "true"
        for one, two in pairwise([f.load(key) for key in mine]):
            fits = self.single.relation(f, "ule", one, two)
            is_sorted = self.single.lanes.both(f, is_sorted, fits)
        with f.when(is_sorted):
            self._rounds(f, number + 1, now, keys, best, count)
        f.branch(ties, move, done)
        f.begin(move)
        at = f.load(turn)
        which = f.load(f.at(f"@rounds{number}", at, "i8"), "i8", 1)
        ends = [f.label("exchange") for _ in axis.programs]
        cases = " ".join(f"i8 {n}, label %{end}" for n, end in enumerate(ends))
        f.switch(which, "i8", following, cases)
        for place, end in enumerate(ends):
            f.begin(end)
            words = [f.load(word) for word in now]
            self.single.exchange(f, words, axis.programs[place], "true")
            for word, value in zip(now, words, strict=True):
                f.store(value, word)
            one, two = f.load(mine[place]), f.load(mine[place + 1])
            f.store(two, mine[place])
            f.store(one, mine[place + 1])
            f.jump(following)
        f.begin(following)
        one_more = f.let(f"add i64 {at}, 1")
        f.store(one_more, turn)
        is_more = f.let(f"icmp ult i64 {one_more}, {factorial(axis.size)}")
        f.branch(is_more, head, done)
        f.begin(done)

    def _look(self, f: Function, now: list[str], best: list[str], count: str) -> None:
        """Keep the state if it is less than the best; count it if it is as good."""
        less, same = "false", "true"
        for one, two in zip(reversed(now), reversed(best), strict=True):
            new, old = f.load(one), f.load(two)
            is_less = f.let(f"icmp ult i64 {new}, {old}")
            is_same = f.let(f"icmp eq i64 {new}, {old}")
            decides = self.single.lanes.both(f, same, is_less)
            less = self.single.lanes.either(f, less, decides)
            same = self.single.lanes.both(f, same, is_same)
        with f.when(less):
            for one, two in zip(now, best, strict=True):
                f.store(f.load(one), two)
            f.store("0", count)
        counts = self.single.lanes.either(f, less, same)
        more = f.let(f"zext i1 {counts} to i64")
        f.store(f.let(f"add i64 {f.load(count)}, {more}"), count)
