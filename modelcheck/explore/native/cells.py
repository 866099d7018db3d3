"""Cells in packed states: from the words of a group to values, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.explore.native.terms import bits_of
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Model
from modelcheck.model.terms import Op, Sort, Term


class Cells:
    """The layout of a model's states, written as LLVM code."""

    def __init__(self, packing: Packing, lanes: Lanes) -> None:
        self.packing = packing
        self.lanes = lanes
        self.model: Model = packing.model

    def bits(self, cell: int) -> int:
        """How many bits hold the cell's value while it is computed with."""
        scalar = self.model.cells[cell].range
        return bits_of(scalar.sort, scalar.lo, scalar.hi)

    def words(self, cell: int) -> range:
        """The numbers of the words in which the cell lies."""
        place = self.packing.fields[cell]
        first = place.shift // WORD
        return range(first, first + max(1, -(-place.width // WORD)))

    def read(self, f: Function, words: Sequence[str], cell: int) -> str:
        """The value of `cell` in the states with these words."""
        scalar = self.model.cells[cell].range
        place = self.packing.fields[cell]
        bits = self.bits(cell)
        if not place.width:
            return self.lanes.const(bits, scalar.lo)
        if place.width > WORD:
            raw, wide = self._read_wide(f, words, cell)
        else:
            raw, wide = words[place.shift // WORD], WORD
            shift = place.shift % WORD
            if shift:
                raw = self._let(f, "lshr", WORD, raw, shift)
            if shift + place.width < WORD:
                raw = self._let(f, "and", WORD, raw, place.mask)
        if scalar.sort is Sort.BOOL:
            return self._let(f, "icmp ne", WORD, raw, 0)
        if wide != bits:
            kind = "zext" if bits > wide else "trunc"
            types = self.lanes.type_(wide), self.lanes.type_(bits)
            raw = f.let(f"{kind} {types[0]} {raw} to {types[1]}")
        return self._let(f, "add", bits, raw, scalar.lo) if scalar.lo else raw

    def _let(self, f: Function, operation: str, bits: int, one: str, two: int) -> str:
        constant = self.lanes.const(bits, two)
        return f.let(f"{operation} {self.lanes.type_(bits)} {one}, {constant}")

    def _read_wide(
        self, f: Function, words: Sequence[str], cell: int
    ) -> tuple[str, int]:
        """A cell that has several words, and the number of its bits."""
        places = self.words(cell)
        bits = WORD * len(places)
        type_ = self.lanes.type_(bits)
        whole = self.lanes.const(bits, 0)
        for number, place in enumerate(places):
            one = self.lanes.type_(WORD)
            part = f.let(f"zext {one} {words[place]} to {type_}")
            part = self._let(f, "shl", bits, part, WORD * number)
            whole = f.let(f"or {type_} {whole}, {part}")
        return self._let(f, "and", bits, whole, self.packing.fields[cell].mask), bits

    def write(
        self,
        f: Function,
        words: Sequence[str],
        values: Mapping[int, str],
        constants: Mapping[int, int],
    ) -> list[str]:
        """The words of the states with the cells of `values` replaced.

        `constants` are those of which the value is known here.
        """
        touched: dict[int, list[str]] = {}
        cleared: dict[int, int] = {}
        fixed: dict[int, int] = {}
        ones = (1 << WORD) - 1
        for cell, value in values.items():
            place = self.packing.fields[cell]
            if not place.width:
                continue
            bits = constants.get(cell, place.lo) - place.lo << place.shift
            for number, word in enumerate(self.words(cell)):
                parts = touched.setdefault(word, [])
                if cell in constants:
                    now = fixed.get(word, 0)
                    fixed[word] = now | bits >> WORD * word & ones
                else:
                    parts.append(self._part(f, cell, value, number))
                cut = place.bits >> WORD * word & ones
                cleared[word] = cleared.get(word, 0) | cut
        result = list(words)
        type_ = self.lanes.type_(WORD)
        for word, parts in touched.items():
            new = self._let(f, "and", WORD, words[word], ~cleared[word])
            for part in parts:
                new = f.let(f"or {type_} {new}, {part}")
            if fixed.get(word):
                new = self._let(f, "or", WORD, new, fixed[word])
            result[word] = new
        return result

    def _part(self, f: Function, cell: int, value: str, number: int) -> str:
        """What word `number` of those of `cell` has where the cell is `value`."""
        scalar = self.model.cells[cell].range
        place = self.packing.fields[cell]
        bits = self.bits(cell)
        if scalar.lo:
            value = self._let(f, "sub", bits, value, scalar.lo)
        if number:
            value = self._let(f, "lshr", bits, value, WORD * number)
        if bits != WORD:
            kind = "zext" if bits < WORD else "trunc"
            types = self.lanes.type_(bits), self.lanes.type_(WORD)
            value = f.let(f"{kind} {types[0]} {value} to {types[1]}")
        shift = place.shift % WORD
        return self._let(f, "shl", WORD, value, shift) if shift else value


def leaf_reader(
    f: Function, cells: Cells, now: Sequence[str], after: Sequence[str] = ()
) -> Callable[[Term], str]:
    """Reads CELL and NEXT terms from the words of states."""

    def read(term: Term) -> str:
        if term.op is Op.TEMP:
            message = "a temporary that no statement sets"
            raise TypeError(message)
        return cells.read(f, after if term.op is Op.NEXT else now, term.value)

    return read
