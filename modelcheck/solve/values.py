"""The values of the features of a model, numbered: what lemmas are made of.

A *value* is a value of a feature (`cubes.py`). A *row* is a state as the numbers of its
values, one for each feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from modelcheck.model.program import Model, State
from modelcheck.model.terms import Sort
from modelcheck.solve.cubes import Feature


@dataclass(frozen=True, slots=True)
class _Places:
    """What each value of a cell is in a row, by the numbers of its features' values."""

    index: int
    parts: Sequence[tuple[Mapping[int, int], Feature]]
    known: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def look_up(self, value: int, state: State) -> list[int]:
        """What `value`, which the cell has in `state`, is; it is known from now on."""
        found = [numbers[feature.value(state)] for numbers, feature in self.parts]
        self.known[value] = found
        return found


class Values:
    """All values of all `features` of `model`, by number, from 0 on.

    `all` has, for each, its feature's number and what it is; `of_feature`, for each
    feature, the numbers of its values, in order.
    """

    def __init__(self, model: Model, features: Sequence[Feature]) -> None:
        self._model = model
        self._features = features
        self.all = [
            (number, value)
            for number, feature in enumerate(features)
            for value in sorted(feature.values)
        ]
        numbers: list[dict[int, int]] = [{} for _ in features]
        for place, (number, value) in enumerate(self.all):
            numbers[number][value] = place
        self.of_feature = [list(row.values()) for row in numbers]
        self._cells = [
            _Places(index, list(parts))
            for index, parts in groupby(
                zip(numbers, features, strict=True),
                key=lambda part: part[1].cell.index,
            )
        ]

    def row(self, state: State) -> list[int]:
        """The values in `state`, one for each feature."""
        row: list[int] = []
        for cell in self._cells:
            value = state[cell.index]
            row += cell.known.get(value) or cell.look_up(value, state)
        return row

    def state(self, row: Sequence[int]) -> State | None:
        """The state with these values; None if a cell would leave its range."""
        state = [cell.range.lo for cell in self._model.cells]
        bits: dict[int, int] = {}
        for feature, place in zip(self._features, row, strict=True):
            value, cell = self.all[place][1], feature.cell
            if feature.bit is None:
                state[cell.index] = value
            else:
                bits[cell.index] = bits.get(cell.index, 0) | value << feature.bit
        for index, distance in bits.items():
            scalar = self._model.cells[index].range
            low = 0 if scalar.sort is Sort.MASK else scalar.lo
            if scalar.sort is not Sort.MASK and low + distance > scalar.hi:
                return None
            state[index] = low + distance
        return tuple(state)
