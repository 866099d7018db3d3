"""Compiled code that looks at stored states: atoms, and the predicates of fairness."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from modelcheck.explore.native.assembly import PROFILE, Function
from modelcheck.explore.native.cells import Cells
from modelcheck.explore.native.division import (
    division_functions,
    has_wide_division,
)
from modelcheck.explore.native.lanes import Lanes, declarations
from modelcheck.explore.native.links import (
    BEYOND,
    HEADER,
    PLACE_BITS,
    STAY,
    STEP_SHIFT,
    TARGET_BITS,
    LinkStore,
)
from modelcheck.explore.native.looking import leaf_reader
from modelcheck.explore.native.machine import load
from modelcheck.explore.native.terms import TermWriter
from modelcheck.layout.packing import Packing
from modelcheck.liveness.graph import (
    Refused,
    Unjudged,
    fairness_property,
)
from modelcheck.liveness.records import Vector
from modelcheck.model.guarded import Judged, guard_property
from modelcheck.model.program import Model, Property

MOST_MEANINGS = 1 << 26
"""Pairs of a step and what predicates say about an edge: numbers are kept for all."""

PLACES = (1 << PLACE_BITS) - 1

NO_PLACE = (1 << 63) - 1


class Judge:
    """Looks at the states of one model.

    `relevant` has for each step the predicates, as bits, that say something about it.
    """

    def __init__(self, packing: Packing, model: Model) -> None:
        self.packing = packing
        self.model = model
        self.lanes = Lanes(1)
        self.cells = Cells(packing, self.lanes)
        self._looks = [
            number
            for number, fairness in enumerate(model.fairness)
            if fairness.result is not None
        ]
        self.predicates = len(self._looks)
        self.relevant = [
            sum(
                1 << bit
                for bit, number in enumerate(self._looks)
                if step.index in model.fairness[number].steps
            )
            for step in model.steps
        ]
        if len(model.steps) << self.predicates > MOST_MEANINGS:
            message = f"{self.predicates} fairness constraints look at states"
            raise Refused(message)

    def counted(self, step: int, holds: int) -> int:
        """The constraints that count an edge of `step` where predicates `holds`."""
        found = 0
        for number, fairness in enumerate(self.model.fairness):
            if step not in fairness.steps:
                continue
            looks = fairness.result is not None
            if looks and not holds >> self._looks.index(number) & 1:
                continue
            found |= 1 << number
        return found

    def states(self, address: int, size: int, props: Sequence[Property]) -> Vector:
        """For each of `size` states at `address` which invariants hold in it, as bits.

        Raises `Unjudged` if one has no value in a state.
        """
        f = Function("states", "ptr %c", result="i64", linkage="")
        states, out = (f.load(f.at("%c", n), "ptr") for n in (0, 1))
        bad = f.variable()
        f.store(str(NO_PLACE), bad)
        with f.loop(0, f.load(f.at("%c", 2))) as place:
            reader = leaf_reader(f, self.cells, self._words(f, states, place))
            bits = self._answer(f, TermWriter(f, self.lanes, reader), props, place, bad)
            f.store(bits, f.at(out, place))
        f.ret(f.load(bad))
        found = Vector("I64", size)
        where = _call(f, address, found.address, size)
        if where != NO_PLACE:
            raise Unjudged(props, where)
        return found

    def edges(self, store: LinkStore, length: int) -> Vector | None:
        """For each word of the log which predicates hold for its edge, as bits.

        None if there are no predicates. Raises `Unjudged` if one has no value.
        """
        if not self.predicates:
            return None
        if self.model.constraints:
            message = (
                "a fairness constraint looks at the states after a step, and a "
                "constraint of the search cuts some of these off"
            )
            raise Refused(message)
        props = [fairness_property(self.model.fairness[n]) for n in self._looks]
        found = Vector("I32", length)
        relevant = Vector("I64", len(self.relevant))
        for step, bits in enumerate(self.relevant):
            relevant.view[step] = bits
        f = self._edge_function(props)
        addresses = store.log.address, relevant.address
        arena = store.workers[0].arena
        where = _call(f, arena, found.address, length, *addresses)
        if where != NO_PLACE:
            raise self._unjudged(props, store.log.words(0, length), where)
        return found

    def _unjudged(
        self,
        props: Sequence[Property],
        words: ctypes.Array[ctypes.c_uint64],
        where: int,
    ) -> Unjudged:
        """What to raise for the edge at `where` in the log."""
        relevant = self.relevant[words[where] >> STEP_SHIFT]
        at = where
        while words[at] >> STEP_SHIFT != HEADER:
            at -= 1
        return Unjudged(
            [prop for bit, prop in enumerate(props) if relevant >> bit & 1],
            (words[at] & BEYOND) + (words[where] >> TARGET_BITS & PLACES),
            words[where] & BEYOND,
        )

    def _edge_function(self, props: Sequence[Property]) -> Function:
        f = Function("edges", "ptr %c", result="i64", linkage="")
        states, out, log, relevant = (
            f.load(f.at("%c", n), "ptr") for n in (0, 1, 3, 4)
        )
        source, bad = f.variable(), f.variable()
        f.store(str(NO_PLACE), bad)
        f.store("0", source)
        with f.loop(0, f.load(f.at("%c", 2))) as place:
            word = f.load(f.at(log, place))
            step = f.let(f"lshr i64 {word}, {STEP_SHIFT}")
            target = f.let(f"and i64 {word}, {BEYOND}")
            with f.when(f.let(f"icmp eq i64 {step}, {HEADER}")):
                f.store(target, source)
            with f.when(f.let(f"icmp ult i64 {step}, {STAY}")):
                within = f.let(f"lshr i64 {word}, {TARGET_BITS}")
                within = f.let(f"and i64 {within}, {PLACES}")
                before = f.let(f"add i64 {f.load(source)}, {within}")
                reader = leaf_reader(
                    f,
                    self.cells,
                    self._words(f, states, before),
                    self._words(f, states, target),
                )
                terms = TermWriter(f, self.lanes, reader)
                # What says nothing about a step need not have a value there.
                asked = f.load(f.at(relevant, step))
                bits = self._answer(f, terms, props, place, bad, asked)
                f.store(f.let(f"trunc i64 {bits} to i32"), f.at(out, place, "i32"),
                        "i32", 4)  # fmt: skip
        f.ret(f.load(bad))
        return f

    def _words(self, f: Function, states: str, number: str) -> list[str]:
        count = self.packing.words
        base = f.at(states, f.let(f"mul i64 {number}, {count}"))
        return [f.load(f.at(base, word)) for word in range(count)]

    def _answer(
        self,
        f: Function,
        terms: TermWriter,
        props: Sequence[Property],
        place: str,
        bad: str,
        asked: str = "-1",
    ) -> str:
        """One bit for each property; notes in `bad` the first place without a value.

        Only the properties whose bits `asked` has need a value.
        """
        bits = "0"
        for bit, prop in enumerate(props):
            judged: Judged = guard_property(prop)
            value = f.let(f"zext i1 {terms.write(judged.result)} to i64")
            bits = f.let(f"or i64 {bits}, {f.let(f'shl i64 {value}, {bit}')}")
            bit_asked = f.let(f"lshr i64 {asked}, {bit}")
            is_asked = f.let(f"trunc i64 {bit_asked} to i1")
            fails = f.let(f"and i1 {terms.write(judged.fails)}, {is_asked}")
            wrong = f.let(f"select i1 {fails}, i64 {place}, i64 {NO_PLACE}")
            f.store(f.minimum(f.load(bad), wrong), bad)
        return bits


def _call(f: Function, *arguments: int) -> int:
    """Run a function with a context of these words."""
    text = f.text
    if has_wide_division(text):
        text += division_functions()
    library = load(f"{text}\n{declarations(text)}{PROFILE}")
    context = (ctypes.c_int64 * len(arguments))(*arguments)
    return library.function(f.name)(ctypes.addressof(context))
