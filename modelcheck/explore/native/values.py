"""How many different values each variable has in the states of a search.

A set of hashes for each variable, counted by compiled code over the stored states.
When it is full, only hashes with one more zero bit at the end are kept: adaptive
sampling (Wegman; analysed by Flajolet, "On adaptive sampling", Computing 43, 1990). Up
to half of SIZE values the number is exact, beyond it is an estimate with a standard
error of 1.2 / sqrt(SIZE / 2), about one percent.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, auto

from modelcheck.explore.native.assembly import PROFILE, Function
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.lanes import WORD, declarations
from modelcheck.explore.native.machine import load
from modelcheck.explore.native.walking import mix_function
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Variable

BITS = 15
SIZE = 1 << BITS


@dataclass(frozen=True, slots=True)
class Spread:
    """`count` values of a variable were met, of `size` that its type has."""

    variable: Variable
    count: int
    is_exact: bool
    size: int


class _Field(IntEnum):
    """The words that a compiled function gets."""

    STATES = 0  # address of the states
    BEGIN = auto()
    END = auto()
    TABLE = auto()  # address of the hashes
    COUNT = auto()  # how many there are
    REFUSED = auto()  # the bits of which a hash must have none


def spreads(machinery: Machinery) -> tuple[Spread, ...]:
    """The values of every variable in all states that are stored."""
    model, packing = machinery.model, machinery.packing
    masks = [packing.bits(v.cells.leaves()) for v in model.variables]
    used = [number for number, mask in enumerate(masks) if mask]
    if not used:
        return tuple(_spread(packing, v, 1, 0) for v in model.variables)
    parts = [_scan(number, masks[number], packing.words) for number in used]
    text = "\n".join([*parts, mix_function()])
    library = load(f"{text}\n{declarations(text)}{PROFILE}")
    found = []
    for number, variable in enumerate(model.variables):
        count, level = 1, 0
        if masks[number]:
            function = library.function(f"scan{number}")
            count, level = _count(machinery, function)
        found.append(_spread(packing, variable, count, level))
    return tuple(found)


def _spread(packing: Packing, variable: Variable, count: int, level: int) -> Spread:
    size = 1
    for cell in variable.cells.leaves():
        field = packing.fields[cell]
        size *= field.hi - field.lo + 1
    return Spread(variable, min(count << level, size), not level, size)


def _scan(number: int, mask: int, words: int) -> str:
    """Put the hashes of one variable into the table; 1 if it is half full."""
    f = Function(f"scan{number}", "ptr %c", result="i64", linkage="")
    states = f.load(f.at("%c", _Field.STATES), "ptr")
    table = f.load(f.at("%c", _Field.TABLE), "ptr")
    refused = f.load(f.at("%c", _Field.REFUSED))
    end = f.load(f.at("%c", _Field.END))
    with f.loop(f.load(f.at("%c", _Field.BEGIN)), end) as place:
        state = f.at(states, f.let(f"mul i64 {place}, {words}"))
        value = "0"
        for word in range(words):
            part = mask >> WORD * word & (1 << WORD) - 1
            if part:
                now = f.load(f.at(state, word))
                now = f.let(f"and i64 {now}, {part - (part >> 63 << 64)}")
                mixed = f.let(f"xor i64 {value}, {now}")
                value = f.let(f"call i64 @mix(i64 {mixed})")
        value = f.let(f"call i64 @llvm.umax.i64(i64 {value}, i64 1)")
        outside = f.let(f"and i64 {value}, {refused}")
        with f.when(f.let(f"icmp eq i64 {outside}, 0")):
            _insert(f, table, value, place)
    f.ret("0")
    return f.text


def _insert(f: Function, table: str, value: str, place: str) -> None:
    """Insert one hash; linear probing."""
    start = f.let(f"lshr i64 {value}, {WORD - BITS}")
    probe, new, more = f.label("probe"), f.label("new"), f.label("more")
    look, done = f.label("look"), f.label("done")
    before = f.block
    following = f.name_of("next")
    f.begin(probe)
    index = f.let(f"phi i64 [ {start}, %{before} ], [ {following}, %{more} ]")
    entry = f.at(table, index)
    old = f.load(entry)
    f.branch(f.let(f"icmp eq i64 {old}, {value}"), done, look)
    f.begin(look)
    f.branch(f.let(f"icmp eq i64 {old}, 0"), new, more)
    f.begin(more)
    f.let(f"and i64 {f.let(f'add i64 {index}, 1')}, {SIZE - 1}", following)
    f.jump(probe)
    f.begin(new)
    f.store(value, entry)
    field = f.at("%c", _Field.COUNT)
    count = f.let(f"add i64 {f.load(field)}, 1")
    f.store(count, field)
    with f.when(f.let(f"icmp uge i64 {count}, {SIZE // 2}"), rarely=True):
        f.store(f.let(f"add i64 {place}, 1"), f.at("%c", _Field.BEGIN))
        f.ret("1")
    f.begin(done)


def _count(machinery: Machinery, scan: Callable[[int], int]) -> tuple[int, int]:
    """How many hashes were kept, and how many zeros at the end each has."""
    context = (ctypes.c_uint64 * len(_Field))()
    table = (ctypes.c_uint64 * SIZE)()
    context[_Field.TABLE] = ctypes.addressof(table)
    level = 0
    for worker in machinery.store.workers:
        context[_Field.STATES] = worker.arena
        context[_Field.BEGIN] = 0
        context[_Field.END] = worker[Slot.LENGTH]
        while scan(ctypes.addressof(context)):
            while context[_Field.COUNT] >= SIZE // 2:
                level += 1
                context[_Field.REFUSED] = (1 << level) - 1
                context[_Field.COUNT] = _purge(table, (1 << level) - 1)
    return int(context[_Field.COUNT]), level


def _purge(table: ctypes.Array[ctypes.c_uint64], refused: int) -> int:
    """Keep the hashes that have none of the bits `refused`; their number."""
    kept = [value for value in table if value and not value & refused]
    ctypes.memset(table, 0, ctypes.sizeof(table))
    for value in kept:
        index = value >> WORD - BITS
        while table[index]:
            index = (index + 1) % SIZE
        table[index] = value
    return len(kept)
