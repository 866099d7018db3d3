"""The kernels as machine code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import cache

from modelcheck.explore.native.machine import Library, load
from modelcheck.liveness import arriving, fair, hunting, reaching, trimming
from modelcheck.liveness.arriving import Arrive
from modelcheck.liveness.compiling import assembly, fields
from modelcheck.liveness.kernels import Product
from modelcheck.liveness.reaching import Reach
from modelcheck.liveness.records import Vector
from modelcheck.liveness.tiers import Kernels, R
from modelcheck.liveness.trimming import Trim

EXPORTED: dict[str, tuple[Callable[..., int], ...]] = {
    Trim.__name__: (trimming.sweep,),
    Arrive.__name__: (arriving.arrive, arriving.forget),
    Reach.__name__: (reaching.flood_down, reaching.flood_up, reaching.condemn),
    Product.__name__: (fair.decide, fair.find_enabled, hunting.hunt),
}
"""The kernels of each record."""


MOST_FUEL = 1 << 25
LEAST_FUEL = 1 << 16
"""What a call may use: about a tenth of a second, and a thousandth."""

BYTES = 128
"""More memory than a unit of fuel makes real, but for the size of pages."""


class Handle:
    """A record in memory; `call` takes the numbers there and back again."""

    def __init__(self, record: object, vectors: Mapping[str, Vector]) -> None:
        self.record = record
        self.kinds = fields(type(record))
        self.kinds |= {name: vector.kind for name, vector in vectors.items()}
        self.memory = (ctypes.c_int64 * len(self.kinds))()
        for place, name in enumerate(self.kinds):
            if name in vectors:
                self.memory[place] = vectors[name].address

    def call(self, kernel: Callable[[int], int]) -> int:
        """Run a compiled kernel on the record."""
        for place, (name, kind) in enumerate(self.kinds.items()):
            if kind == "int":
                self.memory[place] = getattr(self.record, name)
        answer = kernel(ctypes.addressof(self.memory))
        for place, (name, kind) in enumerate(self.kinds.items()):
            if kind == "int":
                setattr(self.record, name, self.memory[place])
        return ctypes.c_int64(answer).value


@cache
def _library(record: str, kinds: tuple[tuple[str, str], ...]) -> Library:
    return load(assembly(dict(kinds), EXPORTED[record]), inlines=True)


class NativeKernels(Kernels):
    """Runs the kernels as machine code, in about `room` bytes if there is a limit."""

    def __init__(self, room: int | None = None) -> None:
        self._handles: dict[int, Handle] = {}
        # A limit on memory is looked at between two calls.
        most = MOST_FUEL if room is None else room // BYTES
        self.fuel = max(LEAST_FUEL, min(MOST_FUEL, most))

    def make(self, record: R, vectors: dict[str, Vector], **numbers: int) -> R:
        """The record, with these vectors and numbers."""
        made = super().make(record, vectors, **numbers)
        self._handles[id(made)] = Handle(made, vectors)
        return made

    def call(self, kernel: Callable[[R], int], record: R) -> int:
        """What a kernel answers about a record that was made here."""
        handle = self._handles[id(record)]
        name = type(record).__name__
        library = _library(name, tuple(handle.kinds.items()))
        return handle.call(library.function(kernel.__name__))
