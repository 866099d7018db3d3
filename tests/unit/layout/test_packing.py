from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcheck.layout.packing import WORD, Packing
from tests.unit.explore.models import Builder

RANGES = st.tuples(st.integers(-(2**70), 2**70), st.integers(0, 2**70))
SMALL = st.tuples(st.integers(-20, 20), st.integers(0, 300))


def packing_of(ranges: list[tuple[int, int]]) -> Packing:
    builder = Builder()
    for number, (lo, size) in enumerate(ranges):
        builder.number(f"x{number}", lo, lo + size, lo)
    return Packing(builder.model())


@given(st.lists(RANGES | SMALL, max_size=40), st.randoms())
def test_states_survive(ranges: list[tuple[int, int]], random: object) -> None:
    packing = packing_of(ranges)
    for state in (
        tuple(lo for lo, _ in ranges),
        tuple(lo + size for lo, size in ranges),
        tuple(random.randint(lo, lo + size) for lo, size in ranges),  # type: ignore[attr-defined]
    ):
        packed = packing.pack(state)
        assert 0 <= packed < 1 << WORD * packing.words
        assert packing.unpack(packed) == state


@given(st.lists(RANGES | SMALL, max_size=40))
def test_fields_are_apart_and_within_words(ranges: list[tuple[int, int]]) -> None:
    packing = packing_of(ranges)
    taken = 0
    for place in packing.fields:
        assert not taken & place.bits
        taken |= place.bits
        if 0 < place.width <= WORD:
            assert place.shift // WORD == (place.shift + place.width - 1) // WORD
        elif place.width > WORD:
            assert place.shift % WORD == 0
    assert taken.bit_count() == packing.width


def test_small_cells_fill_the_gap_that_a_large_one_left() -> None:
    packing = packing_of([(0, 2**40 - 1), (0, 2**40 - 1), (0, 2**20 - 1)])
    assert [place.shift for place in packing.fields] == [0, 64, 40]
    assert packing.words == 2


def test_program_counters_come_first() -> None:
    builder = Builder()
    builder.number("x", 0, 7)
    builder.process("a", ["start", "done"])
    packing = Packing(builder.model())
    assert [place.shift for place in packing.fields] == [1, 0]


def test_one_value_takes_no_bits() -> None:
    packing = packing_of([(5, 0)])
    assert (packing.width, packing.words) == (0, 1)
    assert packing.unpack(packing.pack((5,))) == (5,)


def test_a_value_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x0 = 4 is not in -3\.\.3"):
        packing_of([(-3, 6)]).pack((4,))


def test_bits_of_cells() -> None:
    packing = packing_of([(0, 3), (0, 7), (0, 1)])
    assert packing.bits([0, 2]) == 0b100011
