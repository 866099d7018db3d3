"""Functions that put the questions: to states, to pairs of states, to whole batches.

Answers are collected as one bit for each slot and lane. Only if a bit is set whose
question is open, which is rare, each lane is looked at: `note` keeps the smallest key.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.cells import Cells, leaf_reader
from modelcheck.explore.native.context import SLACK, Slot
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.questions import Question, Topic
from modelcheck.explore.native.records import ALIVE
from modelcheck.explore.native.steps import HALF, area, slot
from modelcheck.explore.native.terms import TermWriter
from modelcheck.model.program import Model


class LookWriter:
    """Writes the functions of this module for one model."""

    def __init__(self, model: Model, options: Options) -> None:
        self.model = model
        self.options = options
        self.layout = options.layout
        self.lanes = Lanes(options.lanes)
        self.cells = Cells(options.packing, self.lanes)
        self.column = 8 * (self.layout.capacity + SLACK)

    def write(self) -> list[str]:
        """All functions."""
        questions = self.options.questions
        found: list[str] = []
        states = questions.of(Topic.STATE, Topic.STATE_ERROR)
        words = self.layout.words
        found.append(self._check("check", states, 8, 8 * words))
        if questions.has_constraints:
            found.append(self._check("check_beyond", states, self.column, 8))
            found.append(self._filter())
        if questions.of(Topic.PAIR, Topic.PAIR_ERROR):
            found.append(self._pairs())
        found.append(self._finish())
        return found

    def _answers(
        self, f: Function, questions: Sequence[Question], terms: TermWriter
    ) -> dict[int, str]:
        """The answers by word: one bit for each slot, in each lane."""
        lanes = self.lanes
        found: dict[int, str] = {}
        zero = lanes.const(WORD, 0)
        type_ = lanes.type_(WORD)
        for question in questions:
            word, bit = divmod(question.slot, 64)
            if question.answer.is_const and not question.answer.value:
                continue
            value = terms.write(question.answer)
            one = lanes.const(WORD, 1 << bit)
            answer = lanes.choose(f, value, one, zero, WORD)
            old = found.get(word)
            found[word] = (
                answer if old is None else f.let(f"or {type_} {old}, {answer}")
            )
        return found

    def _report(
        self, f: Function, answers: dict[int, str], active: str, number: str, call: str
    ) -> None:
        """Where an open question is answered, call `hits`; `call` are arguments."""
        lanes = self.lanes
        opened = f.load(slot(f, Slot.OPEN), "ptr")
        type_ = lanes.type_(WORD)
        zero = lanes.const(WORD, 0)
        for word, answer in answers.items():
            shown = lanes.choose(f, active, answer, zero, WORD)
            is_open = lanes.spread(f, f.load(f.at(opened, word)), WORD)
            news = f.let(f"and {type_} {shown}, {is_open}")
            is_news = f.let(f"icmp ne {type_} {news}, {zero}")
            with f.when(lanes.any(f, is_news), rarely=True):
                work = f.load(slot(f, Slot.WORK), "ptr")
                f.store(news, area(f, work, self.layout.key), type_)
                f.do(f"call void @hits(ptr %c, i64 {word}, {call.format(number)})")

    def _load(
        self, f: Function, base: str, start: str, column: int, row: int
    ) -> list[str]:
        """The words of a group of states that lie `row` bytes apart."""
        lanes = self.lanes
        found = []
        first = f.at(base, f.let(f"mul i64 {start}, {row}"), "i8")
        for word in range(self.layout.words):
            address = f.at(first, word * column, "i8")
            if row == 8:
                found.append(f.load(address, lanes.type_(WORD)))
                continue
            step = lanes.const(WORD, row // 8)
            type_ = lanes.type_(WORD)
            index = f.let(f"mul {type_} {lanes.numbers()}, {step}")
            found.append(lanes.gather(f, address, index))
        return found

    def _check(
        self, name: str, questions: Sequence[Question], column: int, row: int
    ) -> str:
        """Put the questions about states to %count states behind %base."""
        f, lanes = Function(name, "ptr %c", "ptr %base", "i64 %count"), self.lanes
        f.attributes += " noinline"
        if questions:
            with f.loop(0, "%count", lanes.count) as start:
                words = self._load(f, "%base", start, column, row)
                rest = f.let(f"sub i64 %count, {start}")
                active, number = lanes.first(f, rest), f.minimum(rest, lanes.count)
                reader = leaf_reader(f, self.cells, words)
                answers = self._answers(f, questions, TermWriter(f, lanes, reader))
                place = f.at("%base", f.let(f"mul i64 {start}, {row}"), "i8")
                call = (
                    f"ptr {place}, i64 {{}}, i64 {column}, i64 {row}, "
                    "ptr null, ptr null"
                )
                self._report(f, answers, active, number, call)
        f.ret()
        return f.text

    def _pairs(self) -> str:
        """Put the questions about steps to the %count successors of the batch."""
        f, lanes = Function("pairs", "ptr %c", "i64 %count"), self.lanes
        f.attributes += " noinline"
        questions = self.options.questions.of(Topic.PAIR, Topic.PAIR_ERROR)
        work = f.load(slot(f, Slot.WORK), "ptr")
        with f.loop(0, "%count", lanes.count) as start:
            after, parents = self._successors(f, work, start)
            types = lanes.type_(HALF), lanes.type_(WORD)
            index = f.let(f"zext {types[0]} {parents} to {types[1]}")
            now = [
                lanes.gather(f, area(f, work, self.layout.inside(word)), index)
                for word in range(self.layout.words)
            ]
            rest = f.let(f"sub i64 %count, {start}")
            active, number = lanes.first(f, rest), f.minimum(rest, lanes.count)
            reader = leaf_reader(f, self.cells, now, after)
            answers = self._answers(f, questions, TermWriter(f, lanes, reader))
            base = f.at(area(f, work, self.layout.outside(0)), start)
            shown = f.at(area(f, work, self.layout.parents), start, "i32")
            call = (
                f"ptr {base}, i64 {{}}, i64 {self.column}, i64 8, ptr null, ptr {shown}"
            )
            self._report(f, answers, active, number, call)
        f.ret()
        return f.text

    def _successors(self, f: Function, work: str, start: str) -> tuple[list[str], str]:
        """Words and parents of the group of successors at `start`."""
        lanes = self.lanes
        words = [
            f.load(
                f.at(area(f, work, self.layout.outside(word)), start),
                lanes.type_(WORD),
            )
            for word in range(self.layout.words)
        ]
        parents = f.at(area(f, work, self.layout.parents), start, "i32")
        return words, f.load(parents, lanes.type_(HALF), 4)

    def _filter(self) -> str:
        """Take successors outside the constraints away; the number that is left."""
        f = Function("filter", "ptr %c", "i64 %count", result="i64")
        lanes, layout, questions = self.lanes, self.layout, self.options.questions
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        self._count_all(f, work)
        kept, beyond = f.variable(), f.variable()
        f.store("0", kept)
        f.store("0", beyond)
        with f.loop(0, "%count", lanes.count) as start:
            words, parents = self._successors(f, work, start)
            rest = f.let(f"sub i64 %count, {start}")
            active, number = lanes.first(f, rest), f.minimum(rest, lanes.count)
            terms = TermWriter(f, lanes, leaf_reader(f, self.cells, words))
            bounds = questions.of(Topic.BOUND_ERROR)
            answers = self._answers(f, bounds, terms)
            base = f.at(area(f, work, layout.outside(0)), start)
            call = f"ptr {base}, i64 {{}}, i64 {self.column}, i64 8, ptr null, ptr null"
            self._report(f, answers, active, number, call)
            moved, homes, exiles = self._kept(f, work, start)
            inside = lanes.both(f, active, terms.write(questions.inside))
            out = lanes.negate(f, terms.write(questions.inside))
            out = lanes.both(f, active, out)
            if bounds:
                no_error = lanes.negate(f, terms.write(questions.errors))
                out = lanes.both(f, out, no_error)
            columns = [area(f, work, layout.outside(w)) for w in range(layout.words)]
            columns.append(area(f, work, layout.parents))
            self._move(f, (*words, parents, *moved), [*columns, *homes], inside, kept)
            columns = [area(f, work, layout.beyond(w)) for w in range(layout.words)]
            columns += exiles
            values = (*words, parents, *moved) if moved else words
            self._move(f, values, columns, out, beyond)
        if self.options.links:
            f.store(f.load(beyond), slot(f, Slot.BEYOND))
        with f.when(f.let(f"icmp ne i64 {f.load(beyond)}, 0")):
            f.store("1", slot(f, Slot.CUT))
            base = area(f, work, layout.beyond(0))
            f.do(f"call void @check_beyond(ptr %c, ptr {base}, i64 {f.load(beyond)})")
        f.ret(f.load(kept))
        return f.text

    def _kept(
        self, f: Function, work: str, start: str
    ) -> tuple[list[str], list[str], list[str]]:
        """Steps of a group of successors, where they go, and what goes outside."""
        layout = self.layout
        if not self.options.links:
            return [], [], []
        labels = area(f, work, layout.labels)
        address = f.at(labels, start, "i32")
        return (
            [f.load(address, self.lanes.type_(HALF), 4)],
            [labels],
            [area(f, work, layout.beyond_parents), area(f, work, layout.beyond_labels)],
        )

    def _count_all(self, f: Function, work: str) -> None:
        """Count each successor for its parent; those outside count as well."""
        counts = area(f, work, self.layout.counts)
        parents = area(f, work, self.layout.parents)
        with f.loop(0, "%count") as place:
            parent = f.load(f.at(parents, place, "i32"), "i32", 4)
            count = f.at(counts, f.let(f"zext i32 {parent} to i64"))
            f.store(f.let(f"add i64 {f.load(count)}, {ALIVE}"), count)

    def _move(
        self,
        f: Function,
        values: Sequence[str],
        columns: Sequence[str],
        mask: str,
        end: str,
    ) -> None:
        """Append the lanes of `mask` to the columns, of which a fifth is of places."""
        lanes = self.lanes
        length = f.load(end)
        for number, (value, column) in enumerate(zip(values, columns, strict=True)):
            bits = WORD if number < self.layout.words else HALF
            packed = lanes.compress(f, value, bits, mask)
            address = f.at(column, length, f"i{bits}")
            f.store(packed, address, lanes.type_(bits), bits // 8)
        f.store(f.let(f"add i64 {length}, {lanes.number_of(f, mask)}"), end)

    # The end of a batch.

    def _finish(self) -> str:
        """Look for deadlocks in a batch, and for extremes of the out-degree."""
        f, lanes = Function("finish", "ptr %c"), self.lanes
        f.attributes += " noinline"
        work = f.load(slot(f, Slot.WORK), "ptr")
        batch = f.load(slot(f, Slot.BATCH))
        counts = area(f, work, self.layout.counts)
        self._extremes(f, counts, batch)
        question = self.options.questions.stuck
        if question is not None:
            type_ = lanes.type_(WORD)
            with f.loop(0, batch, lanes.count) as start:
                count = f.load(f.at(counts, start), type_)
                alive = lanes.const(WORD, ALIVE)
                dead = f.let(f"icmp ult {type_} {count}, {alive}")
                rest = f.let(f"sub i64 {batch}, {start}")
                active, number = lanes.first(f, rest), f.minimum(rest, lanes.count)
                dead = lanes.both(f, dead, active)
                with f.when(lanes.any(f, dead), rarely=True):
                    self._stuck(f, question, start, dead, number)
        f.ret()
        return f.text

    def _extremes(self, f: Function, counts: str, batch: str) -> None:
        least, most = f.variable(), f.variable()
        f.store(f.load(slot(f, Slot.LEAST)), least)
        f.store(f.load(slot(f, Slot.MOST)), most)
        with f.loop(0, batch) as place:
            count = f.let(f"and i64 {f.load(f.at(counts, place))}, {ALIVE - 1}")
            for extreme, relation in ((least, "ult"), (most, "ugt")):
                old = f.load(extreme)
                is_new = f.let(f"icmp {relation} i64 {count}, {old}")
                f.store(f.let(f"select i1 {is_new}, i64 {count}, i64 {old}"), extreme)
        f.store(f.load(least), slot(f, Slot.LEAST))
        f.store(f.load(most), slot(f, Slot.MOST))

    def _stuck(
        self, f: Function, question: Question, start: str, dead: str, number: str
    ) -> None:
        """Note the states of a group without successors, unless they are at rest."""
        lanes, layout = self.lanes, self.layout
        work = f.load(slot(f, Slot.WORK), "ptr")
        base = f.at(area(f, work, layout.inside(0)), start)
        column = 8 * (layout.batch + SLACK)
        words = self._load(f, base, "0", column, 8)
        terms = TermWriter(f, lanes, leaf_reader(f, self.cells, words))
        rest = terms.write(self.model.is_rest)
        dead = lanes.both(f, dead, lanes.negate(f, rest))
        word, bit = divmod(question.slot, 64)
        one, zero = lanes.const(WORD, 1 << bit), lanes.const(WORD, 0)
        answers = {word: lanes.choose(f, dead, one, zero, WORD)}
        call = f"ptr {base}, i64 {{}}, i64 {column}, i64 8, ptr null, ptr null"
        self._report(f, answers, dead, number, call)
