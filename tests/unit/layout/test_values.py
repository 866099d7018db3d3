from __future__ import annotations

import pytest

from modelcheck.layout.values import Record, Value, decode, show, state_values
from modelcheck.model.shapes import keys, shape
from modelcheck.model.types import (
    BOOL,
    NONE,
    DictType,
    EnumType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
)
from tests.unit.explore.models import Builder

DEVICE = ScalarsetType("Device", 2, symmetric=True, prefix="dev")
ERRNO = EnumType("Errno", ("OK", "EBUSY"))
BIG = ScalarsetType("Big", 11, symmetric=True, prefix="dev")
PAIR = TupleType((DEVICE, BOOL))
ENTRY = RecordType("Entry", (("dev", DEVICE), ("error", OptionalType(ERRNO))))
HOLDERS = ("driver_core(dev0)", "user0")


@pytest.mark.parametrize(
    ("type_", "leaves", "value", "shown"),
    [
        (BOOL, (1,), True, "True"),
        (IntType(-3, 3), (-2,), -2, "-2"),
        (ERRNO, (1,), "EBUSY", "EBUSY"),
        (DEVICE, (0,), "dev0", "dev0"),
        (NONE, (), None, "None"),
        (OptionalType(DEVICE), (0,), None, "None"),
        (OptionalType(DEVICE), (2,), "dev1", "dev1"),
        (OptionalType(IntType(5, 9)), (1,), 5, "5"),
        (OptionalType(BOOL), (1,), False, "False"),
        (OptionalType(PAIR), (0, 0, 0), None, "None"),
        (OptionalType(PAIR), (1, 1, 0), ("dev1", False), "(dev1, False)"),
        (SetType(DEVICE), (0,), frozenset(), "{}"),
        (SetType(DEVICE), (3,), frozenset({"dev0", "dev1"}), "{dev0, dev1}"),
        (SetType(BIG), (0b10000000100,), frozenset({"dev2", "dev10"}), "{dev2, dev10}"),
        (SetType(IntType(-1, 2)), (0b1001,), frozenset({-1, 2}), "{-1, 2}"),
        (SetType(PAIR), (0b1010,), frozenset({("dev0", True), ("dev1", True)}), None),
        (
            SetType(OptionalType(DEVICE)),
            (3,),
            frozenset({None, "dev0"}),
            "{None, dev0}",
        ),
        (DictType(DEVICE, ERRNO), (0, 1), {"dev0": "OK", "dev1": "EBUSY"}, None),
        (DictType(DEVICE, BOOL), (1, 0), {"dev0": True, "dev1": False}, None),
        (TupleType((BOOL,)), (1,), (True,), "(True,)"),
        (ENTRY, (1, 2), Record("Entry", (("dev", "dev1"), ("error", "EBUSY"))), None),
        (ListType(DEVICE, 3), (2, 1, 0, 0), ["dev1", "dev0"], "[dev1, dev0]"),
        (LockType(LockKind.MUTEX, HOLDERS), (0,), None, "None"),
        (LockType(LockKind.MUTEX, HOLDERS), (2,), "user0", "user0"),
        (LockType(LockKind.SEMAPHORE, HOLDERS, 3), (2,), 2, "2"),
        (
            LockType(LockKind.RWLOCK, HOLDERS),
            (0, 2),
            (None, frozenset({"user0"})),
            "(None, {user0})",
        ),
    ],
)
def test_decode(
    type_: Type, leaves: tuple[int, ...], value: Value, shown: str | None
) -> None:
    assert decode(type_, leaves) == value
    if shown is not None:
        assert show(decode(type_, leaves)) == shown


@pytest.mark.parametrize("type_", [PAIR, ENTRY, ListType(PAIR, 2), OptionalType(ENTRY)])
def test_values_in_rank_order_are_distinct(type_: Type) -> None:
    shown = [show(decode(type_, leaves)) for leaves in keys(type_)]
    assert len(set(shown)) == len(shown)
    assert all(
        len(leaves) == len(list(shape(type_).leaves())) for leaves in keys(type_)
    )


def test_records_and_dicts_are_shown_in_order() -> None:
    assert show(decode(ENTRY, (0, 0))) == "Entry(dev=dev0, error=None)"
    shown = show(decode(DictType(DEVICE, SetType(DEVICE)), (1, 2)))
    assert shown == "{dev0: {dev0}, dev1: {dev1}}"


def test_sets_of_tuples_are_shown_in_order() -> None:
    assert show(decode(SetType(PAIR), (0b1111,))) == (
        "{(dev0, False), (dev0, True), (dev1, False), (dev1, True)}"
    )


def test_state_values() -> None:
    builder = Builder()
    builder.process("walker", ["start", "middle", "done"])
    builder.variable("entry", ENTRY)
    values = state_values(builder.model(), (1, 1, 0))
    assert values == {
        "walker.pc": "middle",
        "entry": Record("Entry", (("dev", "dev1"), ("error", None))),
    }
