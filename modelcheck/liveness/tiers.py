"""What runs the kernels: CPython here, machine code in `native.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from modelcheck.liveness.graph import Graph
from modelcheck.liveness.records import Vector
from modelcheck.model.temporal import Strength

BITS = 62
"""Constraints in a word of a record, whose numbers have signs."""

Tick = Callable[[], None]
"""Called now and then; raises what is to end the search."""

R = TypeVar("R")


class Kernels:
    """The kernels as Python runs them; `fuel` is what they may use between ticks."""

    fuel = 1 << 16

    def make(self, record: R, vectors: dict[str, Vector], **numbers: int) -> R:
        """The record, with these vectors and numbers."""
        for name, vector in vectors.items():
            setattr(record, name, vector.view)
        for name, number in numbers.items():
            setattr(record, name, number)
        return record

    def call(self, kernel: Callable[[R], int], record: R) -> int:
        """What a kernel answers about a record that was made here."""
        return kernel(record)

    def run(self, kernel: Callable[[R], int], record: R, tick: Tick) -> int:
        """Call a kernel, with more fuel while it answers 0."""
        while True:
            record.fuel = self.fuel  # type: ignore[attr-defined]
            answer = self.call(kernel, record)
            if answer:
                return answer
            tick()


class Constraints:
    """The fairness constraints of a graph's model, as words of bits."""

    def __init__(self, graph: Graph) -> None:
        self.words = -(-len(graph.model.fairness) // BITS)
        fairness = graph.model.fairness
        self.weak, self.strong = (
            sum(1 << n for n, each in enumerate(fairness) if each.strength is strength)
            for strength in (Strength.WEAK, Strength.STRONG)
        )
        self.counts = vector_of(
            "I64", [w for each in graph.labels for w in self.split(each.counted)]
        )

    def split(self, bits: int) -> list[int]:
        """A set of constraints as words."""
        ones = (1 << BITS) - 1
        return [bits >> BITS * word & ones for word in range(self.words)]

    def vector(self, bits: int = 0) -> Vector:
        """A set of constraints as a vector."""
        return vector_of("I64", self.split(bits))


def vector_of(kind: str, numbers: Iterable[int]) -> Vector:
    """A vector with these numbers."""
    found: Sequence[int] = list(numbers)
    vector = Vector(kind, len(found))
    for place, number in enumerate(found):
        vector.view[place] = number
    return vector
