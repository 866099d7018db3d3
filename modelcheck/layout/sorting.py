"""Keys of the members of a Scalarset: what is known of each member alone.

If the members are sorted by their keys, most permutations of a state need not be
looked at to find its representative: only those that leave the keys sorted, that is,
that exchange members with equal keys. A key must not depend on how the members of any
Scalarset are called, except the member's own. Where all that a state says about the
members is in their keys (maps to values without members, sets, a few variables), two
members with equal keys are interchangeable, and sorting alone gives a representative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from modelcheck.layout.packing import WORD, Packing
from modelcheck.model.permuting import Condition
from modelcheck.model.symmetry import Symmetric


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a key: `width` bits of the packed state, from `shift` on.

    Or one bit: whether they are `equals`, where all `conditions` hold.
    """

    shift: int
    width: int
    equals: int | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def size(self) -> int:
        """How many bits of the key it takes."""
        return self.width if self.equals is None else 1


@dataclass(frozen=True, slots=True)
class Keys:
    """For each member the pieces of its key, the most significant first.

    `is_local` says that a state depends on the names of the members only through them.
    """

    pieces: tuple[tuple[Piece, ...], ...]
    is_local: bool


def keys_of(
    packing: Packing, symmetric: Symmetric, others: Sequence[Symmetric]
) -> Keys:
    """The keys of the members of one Scalarset; `others` are the other ones."""
    size = symmetric.scalarset.size
    alien = [exchange for each in others for exchange in each.exchanges]
    pieces: list[list[Piece]] = [[] for _ in range(size)]
    is_local = True
    room = WORD
    for column in _columns(packing, symmetric):
        found = None if column is None else _field_pieces(packing, column)
        is_free = column is not None and not any(
            cell in each.kinds or (each in alien and each.targets[cell] != cell)
            for each in (*alien, *symmetric.exchanges)
            for cell in column
        )
        if found is None or not is_free or found[0].size > room:
            is_local = False
            continue
        room -= found[0].size
        for mine, piece in zip(pieces, found, strict=True):
            mine.append(piece)
    for cell in sorted({c for each in symmetric.exchanges for c in each.kinds}):
        if any(each.targets[cell] != cell for each in symmetric.exchanges):
            continue
        is_free = not any(
            cell in each.kinds or each.targets[cell] != cell for each in alien
        )
        for column in _value_columns(symmetric, cell):
            if column is None or not is_free or not room:
                is_local = False
                continue
            room -= 1
            for mine, value in zip(pieces, column, strict=True):
                mine.append(_value_piece(packing, symmetric, cell, value))
    return Keys(tuple(map(tuple, pieces)), is_local)


def _columns(
    packing: Packing, symmetric: Symmetric
) -> Iterable[tuple[int, ...] | None]:
    """The cells that change places, each set in the order of the members.

    None for a set of cells that do not belong to one member each.
    """
    steps: list[Callable[[int], int]] = [
        each.targets.__getitem__ for each in symmetric.exchanges
    ]
    cells = [c for c, place in enumerate(packing.fields) if place.width]
    return _orbits(cells, steps)


def _value_columns(symmetric: Symmetric, cell: int) -> Iterable[tuple[int, ...] | None]:
    """The values of `cell`, or the members of a set, likewise."""
    kinds = [each.kinds.get(cell) for each in symmetric.exchanges]
    first = next(kind for kind in kinds if kind is not None)
    values = range(first.lo, first.lo + len(first.images))

    def step(number: int) -> Callable[[int], int]:
        kind = kinds[number]
        images = {} if kind is None else dict(zip(values, kind.images, strict=True))
        return lambda value: images.get(value, value)

    return _orbits(values, [step(number) for number in range(len(kinds))])


def _orbits(
    items: Iterable[int], steps: Sequence[Callable[[int], int]]
) -> Iterable[tuple[int, ...] | None]:
    """The orbits of `items` that are not trivial, in the order of the members."""
    seen: set[int] = set()
    for item in items:
        if item in seen:
            continue
        orbit = {item}
        stack = [item]
        while stack:
            top = stack.pop()
            for step in steps:
                image = step(top)
                if image not in orbit:
                    orbit.add(image)
                    stack.append(image)
        seen |= orbit
        if len(orbit) > 1:
            yield _in_order(orbit, steps)


def _in_order(
    orbit: set[int], steps: Sequence[Callable[[int], int]]
) -> tuple[int, ...] | None:
    """The items of an orbit by the member that each belongs to, if it is so."""
    if len(orbit) != len(steps) + 1:
        return None
    for start in sorted(orbit):
        chain = [start]
        for step in steps:
            chain.append(step(chain[-1]))
        is_chain = len(set(chain)) == len(chain) and all(
            step(item) == item
            for number, step in enumerate(steps)
            for place, item in enumerate(chain)
            if place not in (number, number + 1)
        )
        if is_chain:
            return tuple(chain)
    return None


def _field_pieces(packing: Packing, column: Sequence[int]) -> list[Piece]:
    places = [packing.fields[cell] for cell in column]
    return [Piece(place.shift, place.width) for place in places]


def _value_piece(
    packing: Packing, symmetric: Symmetric, cell: int, value: int
) -> Piece:
    place = packing.fields[cell]
    exchange = next(e for e in symmetric.exchanges if cell in e.kinds)
    conditions = exchange.conditions.get(cell, ())
    if exchange.kinds[cell].is_mask:
        return Piece(place.shift + value, 1, 1, conditions)
    return Piece(place.shift, place.width, value - place.lo, conditions)
