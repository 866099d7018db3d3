"""Packing: one place that decides which bits of a packed state hold which cell.

A packed state is one integer. It is laid out in words of 64 bits, the lowest first,
such that an engine with machine words can use the same layout: no cell straddles a
word boundary unless it is wider than a word, and such a cell starts a word of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelcheck.model.program import Cell, Model, State

WORD = 64


@dataclass(frozen=True, slots=True)
class Field:
    """Where a cell lives: its value is `(packed >> shift & mask) + lo`."""

    shift: int
    width: int
    lo: int
    hi: int

    @property
    def mask(self) -> int:
        """The ones of the field, shifted down."""
        return (1 << self.width) - 1

    @property
    def bits(self) -> int:
        """The ones of the field where they stand in a packed state."""
        return self.mask << self.shift


class Packing:
    """The layout of a model's states; `fields[n]` belongs to cell number n."""

    __slots__ = ("_places", "fields", "model", "words")

    def __init__(self, model: Model) -> None:
        self.model = model
        free: list[int] = []
        placed = {cell.index: _place(cell, free) for cell in _order(model)}
        self.fields = tuple(placed[cell.index] for cell in model.cells)
        self.words = max(len(free), 1)
        self._places = tuple((f.shift, f.mask, f.lo) for f in self.fields)

    @property
    def width(self) -> int:
        """The number of bits in use, gaps not counted."""
        return sum(field.width for field in self.fields)

    def bits(self, cells: Iterable[int]) -> int:
        """The ones of all the given cells where they stand in a packed state."""
        union = 0
        for cell in cells:
            union |= self.fields[cell].bits
        return union

    def pack(self, state: State) -> int:
        """The packed form; raises `ValueError` for a value outside its range."""
        packed = 0
        for number, (field, value) in enumerate(zip(self.fields, state, strict=True)):
            if not field.lo <= value <= field.hi:
                name = self.model.cells[number].name
                message = f"{name} = {value} is not in {field.lo}..{field.hi}"
                raise ValueError(message)
            packed |= (value - field.lo) << field.shift
        return packed

    def unpack(self, packed: int) -> State:
        """The value of every cell."""
        return tuple(
            [(packed >> shift & mask) + lo for shift, mask, lo in self._places]
        )


def _order(model: Model) -> list[Cell]:
    """The program counters first: an engine looks at all of them in every state."""
    counters = {process.pc for process in model.processes}
    return sorted(model.cells, key=lambda cell: cell.index not in counters)


def _place(cell: Cell, free: list[int]) -> Field:
    """The field of `cell`; `free[n]` is the number of bits left in word n."""
    lo, hi = cell.range.lo, cell.range.hi
    width = (hi - lo).bit_length()
    if width > WORD:
        shift = WORD * len(free)
        count = -(-width // WORD)
        free.extend([0] * (count - 1) + [count * WORD - width])
        return Field(shift, width, lo, hi)
    for word, room in enumerate(free):
        if width <= room:
            free[word] = room - width
            return Field(WORD * (word + 1) - room, width, lo, hi)
    free.append(WORD - width)
    return Field(WORD * (len(free) - 1), width, lo, hi)
