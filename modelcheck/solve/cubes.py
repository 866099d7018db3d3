"""Cubes over features: sets of states that PDR blocks, and their literals in z3.

A *feature* is what a literal speaks about: a cell of few values is one feature with
these values; a mask has a feature for each member, an integer of many values one for
each bit. A cube allows each of some features a set of values. Enlarging such a set, not
only dropping it, is what bit-level cubes cannot express of a program counter, and the
clause that blocks a cube reads `pc in (3, 7) or owner is None`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from modelcheck.model.clauses import Clause, Literal, literal_term
from modelcheck.model.program import Cell, State
from modelcheck.model.terms import Sort
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.translate import Expr

FEW = 64
"""An integer with at most so many values is one feature."""

Cube: TypeAlias = Mapping[int, frozenset[int]]
"""For some features, by number, the values that they may have."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A cell, or one bit of it, with the values that it can have."""

    cell: Cell
    bit: int | None
    values: frozenset[int]

    def value(self, state: State) -> int:
        """The feature's value in `state`."""
        value = state[self.cell.index]
        if self.bit is None:
            return value
        low = 0 if self.cell.range.sort is Sort.MASK else self.cell.range.lo
        return (value - low) >> self.bit & 1

    def literal(self, values: frozenset[int]) -> Literal:
        """That the feature has one of `values`."""
        return Literal(self.cell.index, values, self.bit)


def features_of(cell: Cell) -> list[Feature]:
    """The features of one cell; none if it has a single value."""
    lo, hi = cell.range.lo, cell.range.hi
    if cell.range.sort is not Sort.MASK and hi - lo < FEW:
        values = frozenset(range(lo, hi + 1))
        return [Feature(cell, None, values)] if len(values) > 1 else []
    width = (hi if cell.range.sort is Sort.MASK else hi - lo).bit_length()
    return [Feature(cell, bit, frozenset({0, 1})) for bit in range(width)]


class Alphabet:
    """The features of a model, and their literals in two frames, 0 and 1."""

    def __init__(self, encoding: Encoding) -> None:
        import z3

        self._z3 = z3
        self.features = [f for c in encoding.model.cells for f in features_of(c)]
        self._literals: list[list[dict[int, Expr]]] = [[], []]
        self._negated: list[list[dict[int, Expr]]] = [[], []]
        self.definitions: list[list[Expr]] = [[], []]
        for frame in (0, 1):
            for number, feature in enumerate(self.features):
                self._define(encoding, frame, number, feature)

    def cube_of(self, state: State) -> dict[int, frozenset[int]]:
        """The cube that contains `state` alone."""
        return {
            number: frozenset({feature.value(state)})
            for number, feature in enumerate(self.features)
        }

    def contains(self, cube: Cube, state: State) -> bool:
        """Whether `state` is in the cube."""
        return all(
            self.features[number].value(state) in allowed
            for number, allowed in cube.items()
        )

    def literal(self, number: int, value: int, frame: int) -> Expr:
        """That a feature has this value."""
        return self._literals[frame][number][value]

    def literals(self, cube: Cube, frame: int) -> list[tuple[int, int | None, Expr]]:
        """Literals whose conjunction is the cube: each with its feature, and a value.

        A single allowed value is one literal and comes with None; otherwise there is
        one literal for each value that is not allowed.
        """
        found: list[tuple[int, int | None, Expr]] = []
        for number, allowed in cube.items():
            if len(allowed) == 1:
                (value,) = allowed
                found.append((number, None, self._literals[frame][number][value]))
            else:
                found += self.exclusions(number, allowed, frame)
        return found

    def exclusions(
        self, number: int, allowed: frozenset[int], frame: int
    ) -> list[tuple[int, int | None, Expr]]:
        """One literal for each value of a feature that is not in `allowed`."""
        excluded = self.features[number].values - allowed
        negated = self._negated[frame][number]
        return [(number, value, negated[value]) for value in sorted(excluded)]

    def clause(self, cube: Cube, frame: int) -> Expr:
        """That the state of a frame is not in the cube."""
        return self._z3.Or(self.escapes(cube, frame))

    def escapes(self, cube: Cube, frame: int) -> list[Expr]:
        """The literals of the clause that blocks the cube."""
        found: list[Expr] = []
        for number, allowed in cube.items():
            if len(allowed) == 1:
                found += [self._negated[frame][number][value] for value in allowed]
            else:
                others = self.features[number].values - allowed
                found += [self._literals[frame][number][v] for v in sorted(others)]
        return found

    def readable(self, cube: Cube) -> Clause:
        """The clause that blocks the cube."""
        parts = ((self.features[n], allowed) for n, allowed in sorted(cube.items()))
        return tuple(f.literal(f.values - allowed) for f, allowed in parts)

    def _define(
        self, encoding: Encoding, frame: int, number: int, feature: Feature
    ) -> None:
        z3 = self._z3
        values = sorted(feature.values)
        literals: dict[int, Expr] = {}
        for value in values[1:] if len(values) == 2 else values:
            literal = z3.Bool(f"feature {number} = {value} @{frame}", encoding.context)
            part = literal_term(feature.cell, feature.literal(frozenset({value})))
            meaning = encoding.at(part, frame)
            self.definitions[frame].append(literal == meaning)
            literals[value] = literal
        negated = {value: z3.Not(literal) for value, literal in literals.items()}
        if len(values) == 2:
            low, high = values
            literals[low], negated[low] = negated[high], literals[high]
        else:
            self.definitions[frame].append(z3.Or(list(literals.values())))
        self._literals[frame].append(literals)
        self._negated[frame].append(negated)


def is_within(inner: Cube, outer: Cube) -> bool:
    """Whether every state of `inner` is one of `outer`."""
    for number, allowed in outer.items():
        values = inner.get(number)
        if values is None or not values <= allowed:
            return False
    return True


def without(cube: Cube, number: int) -> dict[int, frozenset[int]]:
    """The cube without what it says about one feature."""
    return {other: allowed for other, allowed in cube.items() if other != number}


def keeping(
    cube: Cube, used: Iterable[tuple[int, int | None]], features: list[Feature]
) -> dict[int, frozenset[int]]:
    """The cube of those of its literals that were `used`, as `literals` has them."""
    found: dict[int, frozenset[int]] = {}
    for number, value in used:
        if value is None:
            found[number] = cube[number]
        else:
            kept = found.get(number, features[number].values)
            found[number] = kept - {value}
    return found
