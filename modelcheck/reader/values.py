"""Values while reading: a type and a tree of terms, and what can be done with them.

Everything here is pure: it builds terms. Checks that can fail while a step runs (a
value out of its range, a missing key) are returned as conditions; the caller, who knows
the place in the text, turns them into `Assert` statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

from modelcheck.model import terms as t
from modelcheck.model.shapes import Scalar, Shape, keys, shape, unused
from modelcheck.model.terms import Sort, Term
from modelcheck.model.types import (
    BOOL,
    NONE,
    BoolType,
    DictType,
    EnumType,
    IntType,
    ListType,
    NoneType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
    cardinality,
    parts,
)

T = TypeVar("T")
_FEW = 16


@dataclass(frozen=True, slots=True)
class Value:
    """A value of `type_` as terms; integers carry the interval of their term."""

    type_: Type
    shape: Shape[Term]

    @property
    def term(self) -> Term:
        """The one term of a scalar."""
        assert self.shape.leaf is not None
        return self.shape.leaf

    @property
    def is_const(self) -> bool:
        """Whether every component is known."""
        return all(leaf.is_const for leaf in self.shape.leaves())


NOTHING = Value(NONE, Shape())


class MismatchError(Exception):
    """Two types do not fit together; the caller knows where and says so."""


def scalar_value(type_: Type, term: Term) -> Value:
    """A value with one component."""
    return Value(type_, Shape(term))


def bool_value(term: Term) -> Value:
    """A Boolean."""
    return Value(BOOL, Shape(term))


def int_value(term: Term) -> Value:
    """An integer; its type is the interval of `term`."""
    return Value(IntType(term.lo, term.hi), Shape(term))


def constant(type_: Type, leaves: tuple[int, ...]) -> Value:
    """The value of `type_` whose components are the numbers `leaves`."""
    numbers = iter(leaves)

    def term(scalar: Scalar) -> Term:
        return t.constant_of(scalar.sort, next(numbers), scalar.hi)

    return Value(type_, shape(type_).map(term))


def values_of(type_: Type) -> Iterator[Value]:
    """Every value of `type_`, in rank order."""
    return (constant(type_, leaves) for leaves in keys(type_))


def blank(type_: Type) -> Value:
    """The components that fill unused places of a value of `type_`."""
    return constant(type_, unused(type_))


def merge(cond: Term, then: Value, other: Value) -> Value:
    """`then` where `cond` holds, `other` elsewhere; both of one type."""
    pairs = iter(list(then.shape.zip(other.shape)))
    merged = then.shape.map(lambda _: t.ite(cond, *next(pairs)))
    if isinstance(then.type_, IntType):
        return int_value(t.ite(cond, then.term, other.term))
    return Value(then.type_, merged)


def balanced(parts: list[T], combine: Callable[[T, T], T]) -> T:
    """All of `parts`, in order, combined: few in a chain, many in a tree of terms."""
    if len(parts) <= _FEW:
        return reduce(combine, parts)
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        odd = parts[-1:] if len(parts) % 2 else []
        parts = [combine(one, two) for one, two in pairs] + odd
    return parts[0]


def join(left: Type, right: Type) -> Type:
    """The smallest type that holds the values of both; raises `MismatchError`."""
    if left == right:
        return left
    match left, right:
        case IntType(), IntType():
            return IntType(min(left.lo, right.lo), max(left.hi, right.hi))
        case NoneType(), OptionalType():
            return right
        case OptionalType(), NoneType():
            return left
        case NoneType(), _:
            return OptionalType(right)
        case _, NoneType():
            return OptionalType(left)
        case OptionalType(a), OptionalType(b):
            return OptionalType(join(a, b))
        case OptionalType(a), _:
            return OptionalType(join(a, right))
        case _, OptionalType(b):
            return OptionalType(join(left, b))
        case BoolType(), IntType():
            return IntType(min(0, right.lo), max(1, right.hi))
        case IntType(), BoolType():
            return IntType(min(0, left.lo), max(1, left.hi))
    return _join_composite(left, right)


def _join_composite(left: Type, right: Type) -> Type:
    match left, right:
        case SetType(a), SetType(b):
            return SetType(join(a, b))
        case DictType(k, a), DictType(m, b) if k == m:
            return DictType(k, join(a, b))
        case TupleType(a), TupleType(b) if len(a) == len(b):
            return TupleType(tuple(map(join, a, b)))
        case ListType(a, n), ListType(b, m):
            return ListType(join(a, b), max(n, m))
    raise MismatchError


def widened(value: Value, type_: Type) -> Value:
    """`value` in the representation of `type_`, which holds all its values.

    Raises `MismatchError` if it does not.
    """
    checks: list[Term] = []
    result = narrowed(value, type_, checks)
    if any(check is not t.TRUE for check in checks):
        raise MismatchError
    return result


def narrowed(value: Value, type_: Type, checks: list[Term]) -> Value:
    """`value` in the representation of `type_`.

    Conditions under which it is one of the type's values are added to `checks`; raises
    `MismatchError` if the types have nothing to do with each other.
    """
    source = value.type_
    if isinstance(type_, IntType):
        return _to_int(value, type_, checks)
    if source == type_:
        return value
    if isinstance(type_, OptionalType):
        return _to_optional(value, type_, checks)
    if isinstance(source, OptionalType):
        present, item = unwrap(value)
        checks.append(present)
        return narrowed(item, type_, checks)
    return _to_composite(value, type_, checks)


def _to_int(value: Value, type_: IntType, checks: list[Term]) -> Value:
    if isinstance(value.type_, OptionalType):
        present, value = unwrap(value)
        checks.append(present)
    if not isinstance(value.type_, IntType | BoolType):
        raise MismatchError
    source = value.type_
    if isinstance(source, IntType) and type_.lo <= source.lo and source.hi <= type_.hi:
        # The term may have a larger interval, where a check before it has failed.
        return Value(type_, value.shape)
    term = t.as_int(value.term)
    inside = (t.le(t.const(type_.lo), term), t.le(term, t.const(type_.hi)))
    checks.append(t.and_(*inside))
    return Value(type_, Shape(term))


def _to_optional(value: Value, type_: OptionalType, checks: list[Term]) -> Value:
    if isinstance(value.type_, NoneType):
        return blank(type_)
    if isinstance(value.type_, OptionalType):
        present, item = unwrap(value)
        inner: list[Term] = []
        result = wrap(narrowed(item, type_.item, inner), type_)
        checks.extend(t.or_(t.not_(present), check) for check in inner)
        return merge(present, result, blank(type_))
    return wrap(narrowed(value, type_.item, checks), type_)


def wrap(value: Value, type_: OptionalType) -> Value:
    """A value of T as one of `T | None`."""
    if shape(type_).leaf is None:
        return Value(type_, Shape(items=(Shape(t.TRUE), value.shape)))
    return Value(type_, Shape(t.add(rank(value), t.const(1))))


def unwrap(value: Value) -> tuple[Term, Value]:
    """Whether a value of `T | None` is not None, and its T (any value if it is)."""
    assert isinstance(value.type_, OptionalType)
    item = value.type_.item
    if value.shape.leaf is None:
        flag, inner = value.shape.items
        assert flag.leaf is not None
        return flag.leaf, Value(item, inner)
    index = value.term
    present = t.not_(t.eq(index, t.const(0)))
    return present, unrank(item, _lowered(index))


def _lowered(index: Term) -> Term:
    """`index - 1`, through conditionals, so that constants stay constants."""
    if index.op is t.Op.ITE:
        cond, then, other = index.args
        if then.is_const or other.is_const:
            return t.ite(cond, _lowered(then), _lowered(other))
    if index.is_const and index.value == 0:
        return t.const(0)
    if index.op is t.Op.ADD and index.args[1] is t.const(1):
        return index.args[0]
    if index.lo == 0:
        # None has no T: any value in range serves, and a range that starts below
        # 0 would leave the type.
        return t.ite(t.eq(index, t.const(0)), t.const(0), t.sub(index, t.const(1)))
    return t.sub(index, t.const(1))


def _to_composite(value: Value, type_: Type, checks: list[Term]) -> Value:
    match value.type_, type_:
        case SetType(), SetType():
            return _to_set(value, type_, checks)
        case DictType(key=a), DictType(key=b) if a == b:
            return _zipped(value, [type_.value] * cardinality(b), type_, checks)
        case (TupleType(), TupleType()) if len(parts(value.type_)) == len(parts(type_)):
            return _zipped(value, list(parts(type_)), type_, checks)
        case ListType(), ListType():
            return _to_list(value, type_, checks)
    raise MismatchError


def items_of(value: Value) -> list[Value]:
    """The component values of a product, or of a map in rank order of its keys."""
    match value.type_:
        case DictType(_, item):
            types: list[Type] = [item] * len(value.shape.items)
        case ListType(item):
            types = [item] * (len(value.shape.items) - 1)
            return [
                Value(type_, part)
                for type_, part in zip(types, value.shape.items[1:], strict=True)
            ]
        case _:
            types = list(parts(value.type_))
    return [
        Value(type_, part) for type_, part in zip(types, value.shape.items, strict=True)
    ]


def _zipped(value: Value, types: list[Type], type_: Type, checks: list[Term]) -> Value:
    items = [
        narrowed(item, target, checks).shape
        for item, target in zip(items_of(value), types, strict=True)
    ]
    return Value(type_, Shape(items=tuple(items)))


def _to_list(value: Value, type_: ListType, checks: list[Term]) -> Value:
    size = length_of(value)
    items = [
        merge(
            t.lt(t.const(index), size),
            _checked_item(item, type_.item, t.lt(t.const(index), size), checks),
            blank(type_.item),
        ).shape
        for index, item in enumerate(items_of(value)[: type_.length])
    ]
    items += [blank(type_.item).shape] * (type_.length - len(items))
    checks.append(t.le(size, t.const(type_.length)))
    return Value(type_, Shape(items=(Shape(size), *items)))


def _checked_item(item: Value, type_: Type, is_used: Term, checks: list[Term]) -> Value:
    inner: list[Term] = []
    result = narrowed(item, type_, inner)
    checks.extend(t.or_(t.not_(is_used), check) for check in inner)
    return result


def _to_set(value: Value, type_: SetType, checks: list[Term]) -> Value:
    assert isinstance(value.type_, SetType)
    width = cardinality(type_.item)
    result = t.mask(0, width)
    for index, member in enumerate(values_of(value.type_.item)):
        inside = t.has(value.term, t.const(index))
        inner: list[Term] = []
        moved = rank(narrowed(member, type_.item, inner))
        checks.extend(t.or_(t.not_(inside), check) for check in inner)
        if all(check is not t.FALSE for check in inner):
            bit = t.ite(inside, t.bit(moved, width), t.mask(0, width))
            result = t.union(result, bit)
    return Value(type_, Shape(result))


def length_of(value: Value) -> Term:
    """The number of elements of a list."""
    size = value.shape.items[0].leaf
    assert size is not None
    return size


def rank(value: Value) -> Term:
    """The position of `value` among the values of its type, counted from 0.

    Raises `MismatchError` for containers, which have no small rank.
    """
    match value.type_:
        case BoolType():
            return t.as_int(value.term)
        case IntType(lo):
            return t.sub(value.term, t.const(lo))
        case EnumType() | ScalarsetType():
            return value.term
        case NoneType():
            return t.const(0)
        case OptionalType():
            return _rank_optional(value)
        case TupleType() | RecordType():
            result = t.const(0)
            for item in items_of(value):
                size = t.const(cardinality(item.type_))
                result = t.add(t.mul(result, size), rank(item))
            return result
    raise MismatchError


def _rank_optional(value: Value) -> Term:
    if value.shape.leaf is not None:
        return value.term
    present, item = unwrap(value)
    return t.ite(present, t.add(rank(item), t.const(1)), t.const(0))


def unrank(type_: Type, index: Term) -> Value:
    """The value at position `index`; the inverse of `rank` for scalars."""
    match type_:
        case BoolType():
            return bool_value(t.eq(index, t.const(1)))
        case IntType(lo):
            return Value(type_, Shape(t.add(index, t.const(lo))))
    return Value(type_, Shape(index))


def equal(left: Value, right: Value) -> Term:
    """Whether two values are equal; raises `MismatchError` if they never could be."""
    type_ = join(left.type_, right.type_)
    one, two = widened(left, type_), widened(right, type_)
    return t.and_(*(t.eq(a, b) for a, b in one.shape.zip(two.shape)))


def truth(value: Value) -> Term:
    """What `if value:` tests; raises `MismatchError` where that is no honest test."""
    match value.type_:
        case BoolType():
            return value.term
        case IntType():
            return t.not_(t.eq(value.term, t.const(0)))
        case SetType():
            return t.not_(t.eq(value.term, t.mask(0, value.term.width)))
        case ListType():
            return t.not_(t.eq(length_of(value), t.const(0)))
        case OptionalType(EnumType() | ScalarsetType() | RecordType()):
            return unwrap(value)[0]
        case OptionalType(BoolType() | IntType()):
            present, item = unwrap(value)
            return t.and_(present, truth(item))
    raise MismatchError


def member(container: Value, item: Value) -> Term:
    """`item in container` for sets, lists, maps and tuples; raises `MismatchError`."""
    match container.type_:
        case SetType(inner):
            return _in_set(container, item, inner)
        case DictType(key):
            return _in_universe(item, key)
        case ListType():
            size = length_of(container)
            return t.or_(
                *(
                    t.and_(t.lt(t.const(index), size), equal(entry, item))
                    for index, entry in enumerate(items_of(container))
                )
            )
        case TupleType():
            return t.or_(*(equal(entry, item) for entry in items_of(container)))
    raise MismatchError


def _in_universe(item: Value, type_: Type) -> Term:
    checks: list[Term] = []
    narrowed(item, type_, checks)
    return t.and_(*checks)


def _in_set(container: Value, item: Value, inner: Type) -> Term:
    checks: list[Term] = []
    inside = narrowed(item, inner, checks)
    index = rank(inside)
    ok = t.and_(*checks)
    if ok is t.TRUE:
        return t.has(container.term, index)
    # The index must stay inside the universe even where `ok` is false.
    width = container.term.width
    safe = (
        t.ite(ok, index, t.const(0)) if (index.lo < 0 or index.hi >= width) else index
    )
    return t.and_(ok, t.has(container.term, safe))


def is_mask(value: Value) -> bool:
    """Whether the value is a set."""
    return value.shape.leaf is not None and value.shape.leaf.sort is Sort.MASK
