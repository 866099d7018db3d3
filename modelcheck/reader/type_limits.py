"""Limits of types: how large what is stored may be, and what a key can be."""

from __future__ import annotations

from modelcheck.model.statements import Span
from modelcheck.model.types import (
    DictType,
    ListType,
    LockType,
    OptionalType,
    RecordType,
    SetType,
    TupleType,
    Type,
    cardinality,
    parts,
    spell,
)
from modelcheck.reader.errors import Code, SpecError

MAX_MEMBERS = 1024
"""The largest universe of a set, and the largest number of keys of a map."""


MAX_WIDTH = 65_536
"""The largest number of numbers and set elements that a variable consists of."""


def check_universe(type_: Type, span: Span, what: str) -> None:
    """Refuse what cannot be an element or a key; `what` names which."""
    if holds_container(type_):
        raise SpecError(
            Code.BAD_TYPE,
            f"{spell(type_)} cannot be {what}",
            span,
            help="elements and keys are bools, ints, members or tuples of them",
        )
    if cardinality(type_) > MAX_MEMBERS:
        raise SpecError(
            Code.TOO_LARGE,
            f"this type has {cardinality(type_)} values: {what} has at most "
            f"{MAX_MEMBERS}",
            span,
            help="use a smaller range or a Scalarset",
        )


def holds_container(type_: Type) -> bool:
    """Whether a value of `type_` is or contains a set, a list, a map or a lock."""
    match type_:
        case SetType() | ListType() | DictType() | LockType():
            return True
        case OptionalType(item):
            return holds_container(item)
    return any(map(holds_container, parts(type_)))


def check_width(type_: Type, span: Span) -> Type:
    """`type_`, unless a state would take more numbers to store it than is sensible."""
    if _width(type_) > MAX_WIDTH:
        raise SpecError(
            Code.TOO_LARGE,
            f"a value of this type takes {_width(type_)} numbers to store; "
            f"at most {MAX_WIDTH} are possible",
            span,
            help="use smaller types inside it",
        )
    return type_


def _width(type_: Type) -> int:
    """How many numbers and elements of sets a value of `type_` consists of."""
    match type_:
        case SetType(item):
            return cardinality(item)
        case DictType(key, value):
            return cardinality(key) * _width(value)
        case ListType(item, length):
            return 1 + length * _width(item)
        case OptionalType(item):
            return 1 + _width(item)
        case TupleType() | RecordType():
            return sum(map(_width, parts(type_)))
    return 1
