"""Records: what the kernels work on, large vectors of numbers and single ones.

A kernel is a function of a record. CPython runs it as it stands; `compiling.py` makes
machine code of the same text, which finds the vectors by their addresses.
"""

from __future__ import annotations

import ctypes
import mmap
from array import array
from contextlib import suppress
from typing import TypeAlias

U8: TypeAlias = "memoryview[int]"
"""A vector of numbers of 8 bits without a sign."""

U16: TypeAlias = "memoryview[int]"
"""A vector of numbers of 16 bits without a sign."""

I32: TypeAlias = "memoryview[int]"
"""A vector of signed numbers of 32 bits."""

I64: TypeAlias = "memoryview[int]"
"""A vector of signed numbers of 64 bits."""

SIZES = {"U8": 1, "U16": 2, "I32": 4, "I64": 8}

_FORMATS = {"U8": "B", "U16": "H", "I32": "i", "I64": "q"}

SMALL = 1 << 16
"""Up to this size in bytes memory comes from Python, beyond from the system, which
makes it real only where it is touched."""


def kind_for(bits: int) -> str:
    """The smallest kind of vector for numbers of so many bits, 63 at most."""
    return next(
        kind
        for kind, size in SIZES.items()
        if bits <= 8 * size - (kind in ("I32", "I64"))
    )


def seen_as(kind: str, memory: memoryview) -> memoryview[int]:
    """Memory as a vector of this kind."""
    return memory.cast("B").cast(_FORMATS[kind])  # type: ignore[call-overload, no-any-return]


class Vector:
    """`length` numbers, 0 at first; `view` is how Python reads and writes them.

    If they are gone through `at_random`, huge pages are asked for.
    """

    def __init__(self, kind: str, length: int, *, at_random: bool = False) -> None:
        size = max(length, 1) * SIZES[kind]
        self._memory: bytearray | mmap.mmap
        if size <= SMALL:
            self._memory = bytearray(size)
        else:
            # Not shared with children, or the system would not use huge pages.
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
            self._memory = mmap.mmap(-1, size, flags=flags)
            if at_random and hasattr(mmap, "MADV_HUGEPAGE"):
                # A kernel without them is slower, not wrong.
                with suppress(OSError):
                    self._memory.madvise(mmap.MADV_HUGEPAGE)
        self.kind = kind
        self.length = length
        self.view = seen_as(kind, memoryview(self._memory))

    def copy(self) -> Vector:
        """A vector with the same numbers."""
        found = Vector(self.kind, self.length)
        found.view[:] = self.view
        return found

    @property
    def address(self) -> int:
        """Where it lies."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self._memory))

    @classmethod
    def of(cls, kind: str, numbers: array[int]) -> Vector:
        """A vector with these numbers."""
        found = cls(kind, len(numbers))
        memoryview(found._memory)[: len(numbers) * SIZES[kind]] = (
            memoryview(numbers).cast("B")
        )  # fmt: skip
        return found
