"""The machine-readable forms of a trace."""

from __future__ import annotations

import json
from dataclasses import replace

import itf_py
import networkx as nx
import pytest
from hypothesis import given

from modelcheck.layout.values import Record, decode
from modelcheck.model.program import Role
from modelcheck.model.shapes import keys
from modelcheck.model.types import (
    BOOL,
    NONE,
    DictType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    RecordType,
    SetType,
    TupleType,
    Type,
)
from modelcheck.trace.caption import Caption
from modelcheck.trace.components import Component
from modelcheck.trace.itf import UNIT, itf_data, itf_type, itf_value, render_itf
from modelcheck.trace.jsonform import trace_data
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_address
from tests.golden import samples
from tests.golden.samples import DEVICE, DOMAIN
from tests.unit.trace.random_traces import traces

HOLDERS = ("a", "b")
TYPES: dict[str, Type] = {
    "Bool": BOOL,
    "Int": IntType(-2, 2),
    "Str": DEVICE,
    "UNIT": NONE,
    "Some(Int) | None(UNIT)": OptionalType(IntType(0, 1)),
    "Some(<<Str, Bool>>) | None(UNIT)": OptionalType(TupleType((DEVICE, BOOL))),
    "Set(Str)": SetType(DEVICE),
    "(Str -> Set(Bool))": DictType(DEVICE, SetType(BOOL)),
    "<<Str, Int>>": TupleType((DOMAIN, IntType(0, 1))),
    "{dev: Str, ok: Bool}": RecordType("R", (("dev", DEVICE), ("ok", BOOL))),
    "Seq(Str)": ListType(DEVICE, 2),
    "{writer: Set(Str), readers: Set(Str)}": LockType(LockKind.RWLOCK, HOLDERS),
}


def check_value(value: object) -> None:
    """What ADR-015 allows: above all, no plain number anywhere."""
    match value:
        case bool() | str():
            pass
        case {"#bigint": str() as number, **rest}:
            assert str(int(number)) == number
            assert not rest
        case {"#set": list() as items, **rest} | {"#tup": list() as items, **rest}:
            assert not rest
            list(map(check_value, items))
        case {"#map": list() as pairs, **rest}:
            assert not rest
            for key, item in pairs:
                check_value(key)
                check_value(item)
        case {"tag": str(), "value": item, **rest}:
            assert not rest
            check_value(item)
        case dict():
            assert not any(name.startswith("#") for name in value)
            list(map(check_value, value.values()))
        case list():
            list(map(check_value, value))
        case _:
            pytest.fail(f"not an ITF value: {value!r}")


@pytest.mark.parametrize("name", TYPES)
def test_values_of_every_type(name: str) -> None:
    assert itf_type(TYPES[name]) == name
    shown = []
    for leaves in keys(TYPES[name]):
        data = itf_value(TYPES[name], decode(TYPES[name], leaves))
        check_value(data)
        shown.append(json.dumps(data, sort_keys=True))
    assert len(set(shown)) == len(shown)


def test_values_as_apalache_writes_them() -> None:
    number = {"#bigint": "-2"}
    assert itf_value(IntType(-2, 2), -2) == number
    assert itf_value(OptionalType(IntType(-2, 2)), None) == {
        "tag": "None",
        "value": UNIT,
    }
    assert itf_value(OptionalType(IntType(-2, 2)), -2) == {
        "tag": "Some",
        "value": number,
    }
    record = Record("R", (("dev", "dev0"),))
    assert itf_value(RecordType("R", (("dev", DEVICE),)), record) == {"dev": "dev0"}
    mutex = LockType(LockKind.MUTEX, HOLDERS)
    assert itf_value(mutex, "a") == {"#set": ["a"]}
    assert itf_type(mutex) == "Set(Str)"
    semaphore = LockType(LockKind.SEMAPHORE, HOLDERS, 2)
    assert itf_value(semaphore, 1) == {"#bigint": "1"}
    assert itf_type(semaphore) == "Int"


def caption(trace: Trace) -> Caption:
    return Caption(trace.model.properties[0], "VIOLATED")


@given(traces())
def test_itf_follows_the_rules(trace: Trace) -> None:
    data = json.loads(render_itf(trace, caption(trace)))
    assert list(data) == ["#meta", "params", "vars", "states"]
    assert set(data["#meta"]["varTypes"]) == set(data["vars"])
    for index, state in enumerate(data["states"]):
        assert state["#meta"]["index"] == index
        assert set(state) == {"#meta", *data["vars"]}
        for name in data["vars"]:
            check_value(state[name])


def test_itf_py_reads_it() -> None:
    trace = replay_address(samples.crowd(), "0/0/0/0/0")
    read = itf_py.trace_from_json(itf_data(trace, caption(trace)))
    assert read.vars == ["mutex", "hw", "users"]
    assert [state.values["users"] for state in read.states] == [0, 1, 1, 2, 2]
    assert read.states[1].values["mutex"] == frozenset({"driver_core(dev0)"})
    assert read.states[1].meta["actor"] == "driver_core(dev0)"


def test_the_loop_of_a_lasso() -> None:
    trace = replace(replay_address(samples.claims(), "0/0/0"), loop=1)
    assert itf_data(trace, caption(trace))["loop"] == 1


def test_networkx() -> None:
    trace = replay_address(samples.claims(), "0/0/0/0")
    graph = trace.to_networkx()
    assert isinstance(graph, nx.DiGraph)
    assert nx.is_path(graph, [0, 1, 2, 3])
    assert graph.nodes[3]["values"]["bound"] == frozenset({"dev0"})
    edge = graph.edges[1, 2]
    assert edge["actor"] == "driver_core(dev0)"
    assert edge["changes"] == {"owner_cnt": ("0", "1")}


def test_networkx_closes_a_lasso() -> None:
    trace = replace(replay_address(samples.claims(), "0/0/0/0"), loop=1)
    graph = trace.to_networkx()
    assert sorted(graph.edges) == [(0, 1), (1, 2), (2, 1)]


def test_networkx_marks_a_failed_check() -> None:
    graph = replay_address(samples.counting(), "0/1/1").to_networkx()
    assert graph.nodes[1]["failed"] == "refs <= 3"
    assert len(graph) == 2


@given(traces())
def test_plain_data_is_plain(trace: Trace) -> None:
    data = trace_data(trace, trace.model.properties[0])
    assert json.loads(json.dumps(data)) == data
    assert data["address"] == trace.address


@pytest.mark.parametrize(
    ("type_", "leaves", "is_empty"),
    [
        (BOOL, (0,), True),
        (BOOL, (1,), False),
        (IntType(-2, 2), (0,), True),
        (IntType(-2, 2), (-2,), False),
        (IntType(5, 9), (5,), False),
        (DEVICE, (0,), False),
        (OptionalType(DEVICE), (0,), True),
        (OptionalType(DEVICE), (1,), False),
        (SetType(DEVICE), (0,), True),
        (TupleType((IntType(0, 1), BOOL)), (0, 0), True),
        (TupleType((DEVICE, BOOL)), (0, 0), False),
        (TupleType((IntType(5, 9), BOOL)), (5, 0), False),
        (ListType(IntType(5, 9), 2), (0, 5, 5), True),
        (ListType(IntType(0, 1), 2), (1, 0, 0), False),
        (LockType(LockKind.SEMAPHORE, HOLDERS, 2), (2,), True),
        (LockType(LockKind.SEMAPHORE, HOLDERS, 2), (0,), False),
        (LockType(LockKind.MUTEX, HOLDERS), (0,), True),
    ],
)
def test_only_what_is_empty_is_left_out(
    type_: Type, leaves: tuple[int, ...], *, is_empty: bool
) -> None:
    """Who reads a trace takes what it does not mention for 0, None or nothing."""
    part = Component("x", type_, tuple(range(len(leaves))), Role.STATE)
    assert part.is_default(leaves) is is_empty
