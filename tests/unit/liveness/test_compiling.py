"""Kernels do the same as machine code as they do in CPython."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from modelcheck.explore.native.machine import load
from modelcheck.liveness import kernels
from modelcheck.liveness.compiling import assembly, fields
from modelcheck.liveness.kernels import Product
from modelcheck.liveness.native import Handle
from modelcheck.liveness.records import I32, I64, SMALL, Vector
from modelcheck.liveness.trimming import Trim

FIVE = 5


class Record:
    one: int
    two: int
    small: I32
    large: I64


def double(p: Record, number: int) -> int:  # noqa: ARG001 - every kernel has one
    return 2 * number


def note(p: Record, number: int) -> None:
    p.small[0] = number
    if number < 0:
        return
    p.large[1] = number


def abs_of(p: Record, number: int) -> int:  # noqa: ARG001 - every kernel has one
    if number < 0:
        return -number
    return number


def flow(p: Record) -> int:
    """Loops that are left and gone on with, and conditions that stop halfway."""
    found = 0
    at = 0
    while at < 10:
        at += 1
        if at == 3 or (at == 5 and p.one > 0):
            continue
        inner = 0
        while inner < at and p.small[inner] != 9:
            inner += 1
        if at != p.two and p.one <= 3:
            found += inner
        elif at >= 8:
            found -= 1
    while True:
        if found > 5:
            return found
        found += 3


def both(kernel: Callable[[Record], int], *numbers: int) -> tuple[list[object], ...]:
    """What is left of a record after a kernel was run in both ways."""
    found = []
    library = load(assembly(fields(Record), [kernel]), inlines=True)
    for is_native in (False, True):
        record = Record()
        record.one, record.two = numbers[:2]
        vectors = {"small": Vector("I32", 16), "large": Vector("I64", 8)}
        record.small, record.large = vectors["small"].view, vectors["large"].view
        for place, number in enumerate(numbers[2:]):
            record.small[place] = number
        if is_native:
            handle = Handle(record, vectors)
            answer = handle.call(library.function(kernel.__name__))
        else:
            answer = kernel(record)
        found.append(
            [answer, record.one, record.two, list(record.small), list(record.large)]
        )
    return tuple(found)


def test_flow() -> None:
    random = Random(3)
    for _ in range(20):
        numbers = [random.randint(-9, 9) for _ in range(12)]
        python, native = both(flow, *numbers)
        assert python == native


def arithmetic(p: Record) -> int:
    note(p, min(p.one, p.two))
    p.large[2] = p.one + p.two * FIVE - (p.one & 3 | p.two ^ 1)
    p.large[3] = abs_of(p, p.one) // FIVE << 2
    p.large[4] = p.one >> 1
    p.small[3] = abs_of(p, p.two) % 7
    p.large[5] = ~p.one
    p.two += 1
    return double(p, -p.one)


def test_arithmetic() -> None:
    random = Random(4)
    for _ in range(20):
        python, native = both(arithmetic, *(random.randint(-99, 99) for _ in "ab"))
        assert python == native


def with_for(p: Record) -> int:
    for number in range(3):
        p.one = number
    return 0


def with_division(p: Record) -> int:
    return p.one / 2  # type: ignore[return-value]


def with_chain(p: Record) -> int:
    if 0 < p.one < p.two:
        return 1
    return 0


def with_unknown_field(p: Record) -> int:
    return p.three  # type: ignore[attr-defined, no-any-return]


def with_truth(p: Record) -> int:
    if p.one:
        return 1
    return 0


def with_other_call(p: Record) -> int:
    return abs(p.one)


@pytest.mark.parametrize(
    "kernel",
    [
        *(with_for, with_division, with_chain, with_unknown_field, with_truth),
        with_other_call,
    ],
)
def test_what_is_no_kernel_is_refused(kernel: Callable[[Record], int]) -> None:
    with pytest.raises(TypeError, match=f"no kernel can have .*{kernel.__name__}"):
        assembly(fields(Record), [kernel])


def test_each_field_of_a_record_has_a_kind() -> None:
    for record in (Product, Trim):
        assert set(fields(record)) == set(record.__annotations__)
    assert list(fields(Record)) == ["one", "two", "small", "large"]


def test_vectors_are_zero_wherever_they_lie() -> None:
    for length in (0, 3, SMALL):
        vector = Vector("I64", length)
        assert not any(vector.view)
        assert vector.address % 8 == 0
    assert kernels.DEAD > kernels.MOST_NODES
