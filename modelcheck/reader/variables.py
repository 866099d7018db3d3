"""Variables: the fields of a spec as cells, and the values they begin with."""

from __future__ import annotations

import ast

from modelcheck.model import terms as t
from modelcheck.model.program import Role
from modelcheck.model.shapes import Shape, keys
from modelcheck.model.statements import Statement
from modelcheck.model.types import (
    DictType,
    LockKind,
    LockType,
    Type,
    cardinality,
    spell,
)
from modelcheck.reader.bodies import lowered, procedure
from modelcheck.reader.builder import Place
from modelcheck.reader.classes import Field
from modelcheck.reader.constants import class_constants
from modelcheck.reader.context import FieldInfo, Frame, Purpose, World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.signatures import is_frozen_annotation
from modelcheck.reader.storage import Storage
from modelcheck.reader.values import MismatchError, Value, constant, widened
from modelcheck.reader.wording import samples


def declare(world: World, storage: Storage) -> None:
    """Give every field of the spec its cells, and tell `world` where they are."""
    cells = storage.cells
    for field in world.spec.fields.values():
        type_ = _field_type(world, field)
        is_lock = _is_lock(type_)
        role = Role.LOCK if is_lock else Role.STATE
        variable = storage.variable(field.name, type_, role, span=field.span)

        now = variable.cells.map(lambda index: cells[index].now)
        after = variable.cells.map(lambda index: cells[index].after)
        world.fields[field.name] = FieldInfo(
            field,
            type_,
            Place(type_, ((t.TRUE, now),)),
            Place(type_, ((t.TRUE, after),)),
            is_lock,
            is_frozen_annotation(field.annotation),
        )


def _field_type(world: World, field: Field) -> Type:
    module = field.owner.module
    type_ = world.types.annotation(module, field.annotation)
    if isinstance(type_, LockType):
        return _lock_type(world, field, type_, field.default)
    if isinstance(type_, DictType) and isinstance(type_.value, LockType):
        default = field.default
        each = default.value if isinstance(default, ast.DictComp) else None
        lock = _lock_type(world, field, type_.value, each)
        return DictType(type_.key, lock)
    return type_


def _lock_type(
    world: World, field: Field, lock: LockType, default: ast.expr | None
) -> LockType:
    """The type of a lock, whose default says how many permits a semaphore has."""
    permits = 1
    if lock.kind is LockKind.SEMAPHORE:
        permits = _permits(world, field, default)
    return LockType(lock.kind, world.holders, permits)


def _permits(world: World, field: Field, default: ast.expr | None) -> int:
    match default:
        case ast.Call(args=[permits], keywords=[]):
            return world.types.evaluate(field.home.module, permits)
        case ast.Call(args=[], keywords=[]):
            return 1
    raise SpecError(
        Code.BAD_TYPE,
        "a semaphore needs its number of permits",
        field.span,
        help=f"write {field.name}: Semaphore = Semaphore(2); in a map, "
        "{key: Semaphore(2) for key in Type}",
    )


def initialised(world: World) -> list[Statement]:
    """What gives the variables their first values: the defaults, then @init."""
    found = lowered(world, Purpose.INIT, 0, _defaults)
    for method in world.spec.with_role("init"):
        found.extend(procedure(world, Purpose.INIT, 0, method, []))
    return found


def _defaults(lowering: Lowering) -> None:
    world = lowering.world
    for name, info in world.fields.items():
        field, module = info.field, info.field.home.module
        locals_ = class_constants(world, field.home)
        frame = Frame(name, module, function=field.annotation, locals=locals_)
        frame.assigned = set(locals_)
        lowering.frames.append(frame)
        if info.is_lock:
            value = _free(info.type_)
        elif field.default is None:
            value = lowering.choose_type(info.type_, field.annotation)
        else:
            found = lowering.expression(field.default, info.type_)
            value = _default(lowering, found, info)
        lowering.builder.store(info.now, value, field.span)
        lowering.frames.pop()


def _default(lowering: Lowering, value: Value, info: FieldInfo) -> Value:
    default = info.field.default
    assert default is not None
    try:
        return widened(value, info.type_)
    except MismatchError:
        pass
    before = len(lowering.builder.out)
    what = f"the default of `{info.field.name}`"
    converted = lowering.convert(value, info.type_, default, what)
    if value.is_const and len(lowering.builder.out) > before:
        raise SpecError(
            Code.ASSIGN_TYPE,
            f"{what} is not one of {spell(info.type_)}",
            info.field.home.module.span(default),
            help=f"write {samples(info.type_)}",
        )
    return converted


def _is_lock(type_: Type) -> bool:
    return isinstance(type_, LockType) or (
        isinstance(type_, DictType) and isinstance(type_.value, LockType)
    )


def _free(type_: Type) -> Value:
    """The value of a lock, or of a map of locks, that nobody holds."""
    if isinstance(type_, LockType):
        return constant(type_, next(keys(type_)))
    assert isinstance(type_, DictType)
    free = _free(type_.value).shape
    return Value(type_, Shape(items=(free,) * cardinality(type_.key)))
