"""Exchanges on packed states: which bits change places, and which values change.

`model.permuting` says what the exchange of two members of a Scalarset does to cells;
here it becomes a list of operations on a packed state, which the Python explorer and
the native one write in their own languages. Fields change places first, all those with
one distance at once; values change behind that.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.layout.packing import WORD, Packing
from modelcheck.model.permuting import Condition, Exchange, Kind


@dataclass(frozen=True, slots=True)
class Move:
    """Bits of two places change with each other.

    `mask` are the bits at the lower place, in place; the others are `distance` higher.
    """

    mask: int
    distance: int


@dataclass(frozen=True, slots=True)
class Change:
    """The value of a cell changes by `kind`, if all `conditions` hold."""

    cell: int
    kind: Kind
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """What to do with a packed state: all moves, then all changes, in any order.

    The cells of conditions are not among those that change.
    """

    moves: tuple[Move, ...]
    changes: tuple[Change, ...]


def program(packing: Packing, exchange: Exchange) -> Program:
    """The operations of an exchange."""
    fields = packing.fields
    moved: dict[tuple[int, int, int], int] = {}
    changes: list[Change] = []

    def move(one: int, two: int, width: int) -> None:
        # What moves between two given words by one distance moves at once.
        key = (two - one, one // WORD, two // WORD)
        moved[key] = moved.get(key, 0) | (1 << width) - 1 << one

    for source, target in enumerate(exchange.targets):
        one, two = fields[source], fields[target]
        if one.width and one.shift < two.shift:
            move(one.shift, two.shift, one.width)
    for cell, kind in sorted(exchange.kinds.items()):
        target = exchange.targets[cell]
        conditions = tuple(
            (exchange.targets[other], values)
            for other, values in exchange.conditions.get(cell, ())
        )
        if kind.is_mask and not conditions:
            # Shorter than any distance of whole fields, so the order does not matter.
            for low, high in kind.pairs:
                move(fields[target].shift + low, fields[target].shift + high, 1)
        else:
            changes.append(Change(target, kind, conditions))
    moves = tuple(Move(mask, key[0]) for key, mask in sorted(moved.items()))
    return Program(moves, tuple(changes))
