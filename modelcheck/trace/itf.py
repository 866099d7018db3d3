"""The trace in Apalache's Informal Trace Format (ADR-015), for viewers and checkers.

Integers are `{"#bigint": "1"}`, because JSON numbers are floats to many readers. A
value of `T | None` is a variant `Some(value)` or `None(UNIT)` as in Apalache's module
`Option`; a lock is the set of those who hold it. The top `#meta` names every type,
without which Apalache does not read a trace back.
"""

from __future__ import annotations

import json

from modelcheck.layout.values import Record, Value, decode
from modelcheck.model.program import State, Variable
from modelcheck.model.types import (
    BoolType,
    DictType,
    EnumType,
    IntType,
    ListType,
    LockKind,
    LockType,
    NoneType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
)
from modelcheck.trace.caption import Caption
from modelcheck.trace.jsonform import Json
from modelcheck.trace.lasso import respects
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, tell

UNIT = "U_OF_UNIT"
"""The only value of Apalache's type UNIT."""

_ADR = "https://apalache-mc.org/docs/adr/015adr-trace.html"


def render_itf(trace: Trace, caption: Caption) -> str:
    """`trace` as the text of a `.itf.json` file."""
    return json.dumps(itf_data(trace, caption), indent=1) + "\n"


def itf_data(trace: Trace, caption: Caption) -> dict[str, Json]:
    """`trace` as plain data in the form of ITF."""
    variables = trace.shown()
    moments = tell(trace).moments
    meta: dict[str, Json] = {
        "format": "ITF",
        "format-description": _ADR,
        "description": caption.title(trace),
        "source": trace.model.path,
        "replay": trace.address,
        "varTypes": {v.name: itf_type(v.type_) for v in variables},
    }
    states: list[Json] = []
    for index, state in enumerate(trace.distinct):
        entry: dict[str, Json] = {
            "#meta": _state_meta(index, moments[index - 1] if index else None)
        }
        entry |= {v.name: _variable(v, state) for v in variables}
        states.append(entry)
    data: dict[str, Json] = {
        "#meta": meta,
        "params": [],
        "vars": [v.name for v in variables],
        "states": states,
    }
    if trace.loop is not None:
        # The last state is followed by this one; the step between them has no state
        # of its own, and stands above.
        data["loop"] = trace.loop
        meta["fair"] = [f"{each.name}: {each.why}" for each in respects(trace)]
        if not trace.stutters:
            meta["closing"] = _state_meta(trace.loop, moments[-1])
    return data


def _state_meta(index: int, moment: Moment | None) -> dict[str, Json]:
    """What led to a state: `actor` took `action`, which stands at `span`."""
    meta: dict[str, Json] = {"index": index}
    if moment is not None:
        span = moment.taken.step.span
        meta["actor"] = moment.actor
        meta["action"] = moment.taken.step.name
        meta["events"] = [line.text for line in moment.plain]
        if span.line:
            meta["span"] = f"{span.path}:{span.line}"
    return meta


def _variable(variable: Variable, state: State) -> Json:
    leaves = [state[cell] for cell in variable.cells.leaves()]
    if isinstance(variable.type_, LockType):
        return _lock(variable.type_, decode(variable.type_, leaves))
    return itf_value(variable.type_, decode(variable.type_, leaves))


def itf_value(type_: Type, value: Value) -> Json:
    """`value` of `type_` as ITF writes it."""
    match type_, value:
        case BoolType(), bool():
            return value
        case IntType(), int():
            return _number(value)
        case ((EnumType() | ScalarsetType()), str()):
            return value
        case OptionalType(item), _:
            if value is None:
                return {"tag": "None", "value": UNIT}
            return {"tag": "Some", "value": itf_value(item, value)}
        case SetType(item), frozenset():
            return {"#set": [itf_value(item, member) for member in _sorted(value)]}
        case DictType(key, item), dict():
            pairs: list[Json] = [
                [itf_value(key, k), itf_value(item, v)] for k, v in value.items()
            ]
            return {"#map": pairs}
        case TupleType(items), tuple():
            parts = zip(items, value, strict=True)
            return {"#tup": [itf_value(item, part) for item, part in parts]}
        case ListType(item), list():
            return [itf_value(item, part) for part in value]
        case RecordType(_, fields), Record(_, parts):
            return {
                name: itf_value(part_type, part)
                for (name, part_type), (_, part) in zip(fields, parts, strict=True)
            }
        case LockType(), _:
            return _lock(type_, value)
        case NoneType(), None:
            return UNIT
    return {"#unserializable": repr(value)}


def _number(value: int) -> Json:
    return {"#bigint": str(value)}


def _sorted(members: frozenset[Value]) -> list[Value]:
    return sorted(members, key=repr)


def _lock(lock: LockType, value: Value) -> Json:
    """The holders of a lock; of a semaphore, the permits left."""
    match lock.kind, value:
        case LockKind.SEMAPHORE, int():
            return _number(value)
        case LockKind.RWLOCK, (writer, frozenset() as readers):
            names: list[Json] = [str(reader) for reader in _sorted(readers)]
            return {"writer": _holders(writer), "readers": {"#set": names}}
    return _holders(value)


def _holders(holder: Value) -> Json:
    return {"#set": [] if holder is None else [str(holder)]}


def itf_type(type_: Type) -> str:
    """`type_` in Apalache's type notation."""
    match type_:
        case BoolType():
            return "Bool"
        case IntType():
            return "Int"
        case EnumType() | ScalarsetType():
            return "Str"
        case NoneType():
            return "UNIT"
        case OptionalType(item):
            return f"Some({itf_type(item)}) | None(UNIT)"
        case SetType(item):
            return f"Set({itf_type(item)})"
        case DictType(key, value):
            return f"({itf_type(key)} -> {itf_type(value)})"
        case TupleType(items):
            return f"<<{', '.join(map(itf_type, items))}>>"
        case RecordType(_, fields):
            inside = ", ".join(f"{name}: {itf_type(part)}" for name, part in fields)
            return f"{{{inside}}}"
        case ListType(item):
            return f"Seq({itf_type(item)})"
        case LockType(kind=kind):
            return {
                LockKind.MUTEX: "Set(Str)",
                LockKind.RWLOCK: "{writer: Set(Str), readers: Set(Str)}",
                LockKind.SEMAPHORE: "Int",
            }[kind]
