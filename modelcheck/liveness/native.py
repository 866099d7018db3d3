"""The kernels as machine code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

from modelcheck.explore.native.machine import Library, load
from modelcheck.liveness import kernels
from modelcheck.liveness.compiling import assembly, fields
from modelcheck.liveness.kernels import Product
from modelcheck.liveness.product import Kernels
from modelcheck.liveness.records import Vector


class Handle:
    """A record in memory; `call` takes the numbers there and back again."""

    def __init__(self, record: object, vectors: dict[str, Vector]) -> None:
        self.record = record
        self.kinds = fields(type(record))
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
def _library() -> Library:
    return load(
        assembly(Product, [kernels.decide, kernels.find_enabled, kernels.hunt]),
        inlines=True,
    )


class NativeKernels(Kernels):
    """Runs the kernels as machine code; for one product."""

    fuel = 1 << 25

    def make(self, vectors: dict[str, Vector], numbers: dict[str, int]) -> Product:
        """A record with these vectors and numbers."""
        product = super().make(vectors, numbers)
        self._handle = Handle(product, vectors)
        return product

    def decide(self, product: Product) -> int:
        """`kernels.decide`."""
        assert product is self._handle.record
        return self._handle.call(_library().function("decide"))

    def find_enabled(self, product: Product) -> int:
        """`kernels.find_enabled`."""
        assert product is self._handle.record
        return self._handle.call(_library().function("find_enabled"))

    def hunt(self, product: Product) -> int:
        """`kernels.hunt`."""
        assert product is self._handle.record
        return self._handle.call(_library().function("hunt"))
