"""From annotations to finite types."""

import types
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, TypeGuard, Union, get_args, get_origin, get_type_hints

from modelcheck.language.container_types import (
    LOCKS,
    DictType,
    ListType,
    LockClass,
    LockType,
    SetType,
)
from modelcheck.language.errors import SpecDefinitionError
from modelcheck.language.finite import (
    BoolType,
    FiniteType,
    IntType,
    Length,
    MemberType,
    OptionalType,
    RecordType,
    TupleType,
)
from modelcheck.language.scalarset import Scalarset


def finite_type(annotation: object) -> FiniteType:
    """Return the finite type that `annotation` (not a string) stands for.

    Raises `SpecDefinitionError`, saying what to write instead, when it stands for none.
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        return _annotated(annotation)
    if origin in (Union, types.UnionType):
        return _optional(annotation)
    if origin in (set, frozenset, dict, tuple):
        return _generic(origin, get_args(annotation), annotation)
    if isinstance(annotation, type) and origin is None:
        return _class(annotation)
    raise _no_type(annotation)


def _annotated(annotation: object) -> FiniteType:
    base, *metadata = get_args(annotation)
    for extra in metadata:
        if base is int and isinstance(extra, range):
            return IntType(extra)
        if get_origin(base) is list and isinstance(extra, Length):
            (element,) = get_args(base)
            return ListType(finite_type(element), extra.maximum)
    return finite_type(base)


def _optional(annotation: object) -> FiniteType:
    inner = [part for part in get_args(annotation) if part is not types.NoneType]
    if len(inner) != 1:
        message = f"{annotation}: the only union with a finite type here is `T | None`"
        raise SpecDefinitionError(message)
    return OptionalType(finite_type(inner[0]))


def _generic(
    origin: object, arguments: tuple[object, ...], annotation: object
) -> FiniteType:
    if Ellipsis in arguments:
        message = f"{annotation}: a tuple has a fixed number of items"
        raise SpecDefinitionError(message)
    parts = tuple(finite_type(argument) for argument in arguments)
    if origin is tuple:
        return TupleType(parts)
    if not parts[0].immutable:
        message = f"{annotation}: {parts[0]} can change, so it cannot be looked up"
        raise SpecDefinitionError(message)
    if origin is dict:
        return DictType(parts[0], parts[1])
    return SetType(parts[0], frozen=origin is frozenset)


def _class(annotation: type[object]) -> FiniteType:
    if annotation is bool:
        return BoolType()
    if _is_lock_class(annotation):
        return LockType(annotation)
    if annotation is not Scalarset and issubclass(annotation, (Enum, Scalarset)):
        return MemberType(annotation)
    if is_dataclass(annotation):
        return _record(annotation)
    raise _no_type(annotation)


def _is_lock_class(annotation: type[object]) -> TypeGuard[LockClass]:
    return annotation in LOCKS


def _record(record: type[object]) -> FiniteType:
    # The `frozen` flag is kept only in this undocumented but stable attribute.
    if not getattr(getattr(record, "__dataclass_params__", None), "frozen", False):
        message = (
            f"{record.__name__}: write @dataclass(frozen=True); values do not change"
        )
        raise SpecDefinitionError(message)
    hints = get_type_hints(record, include_extras=True)
    names = [f.name for f in fields(record) if f.init]  # type: ignore[arg-type]
    parts = tuple((name, finite_type(hints[name])) for name in names)
    for name, kind in parts:
        if not kind.immutable:
            message = (
                f"{record.__name__}.{name}: {kind} can change; use a frozenset or tuple"
            )
            raise SpecDefinitionError(message)
    return RecordType(record, parts)


def _no_type(annotation: object) -> SpecDefinitionError:
    name = annotation.__name__ if isinstance(annotation, type) else annotation
    if annotation is int:
        hint = "write Annotated[int, range(lo, hi)]"
    elif annotation is list or get_origin(annotation) is list:
        hint = "write Annotated[list[T], Length(n)]"
    else:
        hint = (
            "use bool, Annotated[int, range(lo, hi)], an Enum, a Scalarset, T | None, "
            "set, dict, tuple, a frozen dataclass, a bounded list or a lock"
        )
    return SpecDefinitionError(f"{name} has no finite set of values: {hint}")
