"""Compiled code that looks at stored states: which atoms hold in them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from modelcheck.explore.native.assembly import PROFILE, Function
from modelcheck.explore.native.cells import Cells, leaf_reader
from modelcheck.explore.native.division import (
    division_functions,
    has_wide_division,
)
from modelcheck.explore.native.lanes import Lanes, declarations
from modelcheck.explore.native.machine import load
from modelcheck.explore.native.terms import TermWriter
from modelcheck.layout.packing import Packing
from modelcheck.liveness.graph import Unjudged
from modelcheck.liveness.records import SIZES, Vector, kind_for
from modelcheck.model.guarded import guard_property
from modelcheck.model.program import Property

NO_PLACE = (1 << 63) - 1


def judge(
    packing: Packing, address: int, size: int, props: Sequence[Property]
) -> Vector:
    """For each of `size` states at `address` which invariants hold in it, as bits.

    Raises `Unjudged` if one has no value in a state.
    """
    lanes = Lanes(1)
    kind = kind_for(len(props))
    type_ = f"i{8 * SIZES[kind]}"
    cells = Cells(packing, lanes)
    f = Function("states", "ptr %c", result="i64", linkage="")
    states, out = (f.load(f.at("%c", n), "ptr") for n in (0, 1))
    bad = f.variable()
    f.store(str(NO_PLACE), bad)
    with f.loop(0, f.load(f.at("%c", 2))) as place:
        base = f.at(states, f.let(f"mul i64 {place}, {packing.words}"))
        words = [f.load(f.at(base, word)) for word in range(packing.words)]
        terms = TermWriter(f, lanes, leaf_reader(f, cells, words))
        bits = _answer(f, terms, props, place, bad)
        if type_ != "i64":
            bits = f.let(f"trunc i64 {bits} to {type_}")
        f.store(bits, f.at(out, place, type_), type_, SIZES[kind])
    f.ret(f.load(bad))
    found = Vector(kind, size)
    where = _call(f, address, found.address, size)
    if where != NO_PLACE:
        raise Unjudged(props, where)
    return found


def _answer(
    f: Function, terms: TermWriter, props: Sequence[Property], place: str, bad: str
) -> str:
    """One bit for each property; notes in `bad` the first place without a value."""
    bits = "0"
    for bit, prop in enumerate(props):
        judged = guard_property(prop)
        value = f.let(f"zext i1 {terms.write(judged.result)} to i64")
        bits = f.let(f"or i64 {bits}, {f.let(f'shl i64 {value}, {bit}')}")
        fails = terms.write(judged.fails)
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
