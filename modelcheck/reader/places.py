"""Places and subscripts: the storage, or the part of a value, that code denotes."""

from __future__ import annotations

import ast
from dataclasses import replace

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Assert, Check, Statement
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    SetType,
    TupleType,
    Type,
    cardinality,
)
from modelcheck.reader.builder import Place
from modelcheck.reader.errors import Code
from modelcheck.reader.names import Names
from modelcheck.reader.values import (
    NOTHING,
    MismatchError,
    Value,
    blank,
    items_of,
    length_of,
    merge,
    rank,
    widened,
)
from modelcheck.reader.wording import code, describe


class Places(Names):
    """The part of `Lowering` for storage and subscripts."""

    def place_of(self, node: ast.expr) -> Place | None:
        """The storage that `node` denotes, if it denotes one."""
        match node:
            case ast.Name(id=name) if name in self.frame.locals:
                self._local(node, self.frame)
                return self.frame.locals[name].place
            case ast.Attribute(value=base, attr=name):
                if self.receiver_of(base) is False and name in self.world.fields:
                    return self.world.fields[name].now
            case ast.Subscript(value=base, slice=index):
                outer = self.place_of(base)
                return None if outer is None else self._element(node, outer, index)
        return None

    def _element(
        self, node: ast.Subscript, outer: Place, index: ast.expr
    ) -> Place | None:
        kind = outer.type_
        if not isinstance(kind, DictType | ListType):
            return None
        mark = len(self.rebound)
        with self.builder.block() as later:
            found = self.expression(index, _key_type(kind))
        if self.builder.changes(later):
            outer = self.builder.steady(outer)
            self._borrow(node, outer, later, mark)
        self.builder.out.extend(later)
        if isinstance(kind, DictType):
            at = rank(self._key(index, found, kind.key))
            return self._among(outer, kind.value, at, range(cardinality(kind.key)), 0)
        with self.builder.block() as checks:
            at = self._position(node, outer.read(), found)
        self.builder.out.extend(checks)
        lengths = (leaves.items[0].leaves() for _, leaves in outer.cases)
        return replace(
            self._among(outer, kind.item, at, range(kind.length), 1),
            lengths=outer.lengths.union(*lengths),
            checks=(*outer.checks, *(c for c in checks if isinstance(c, Assert))),
        )

    def _borrow(
        self, node: ast.Subscript, place: Place, later: list[Statement], mark: int
    ) -> None:
        """Refuse an index that replaces the container: Python has found it before."""
        if not self.world.is_fine:
            help_ = "compute the index first, in a statement of its own"
            self.borrow(place, later, mark, node.value, help_)

    def _among(
        self, outer: Place, type_: Type, index: Term, numbers: range, offset: int
    ) -> Place:
        """The place at position `index`; any if the check that it exists must fail."""
        place = _among(outer, type_, index, numbers, offset)
        return place if place.cases else self.builder.new_place(type_, "")

    def _key(self, node: ast.expr, value: Value, type_: Type) -> Value:
        before = len(self.builder.out)
        try:
            widened(value, type_)
        except MismatchError:
            value = self.convert(value, type_, node, "the key")
            _retitle(self.builder.out, before, Check.KEY)
        else:
            value = widened(value, type_)
        return value

    def _position(self, node: ast.Subscript, value: Value, found: Value) -> Term:
        """The position that the index `found` means in a list, checked."""
        if not isinstance(found.type_, IntType):
            raise self.error(
                Code.OPERAND_TYPE,
                f"the index of a list is an integer, not {describe(found.type_)}",
                node.slice,
                help_="a map is indexed by other types: dict[Device, bool]",
            )
        term, size = found.term, length_of(value)
        if term.lo < 0:
            term = t.ite(t.lt(term, t.const(0)), t.add(term, size), term)
        inside = t.and_(t.le(t.const(0), term), t.lt(term, size))
        self.builder.check(
            inside,
            Check.INDEX,
            f"{ast.unparse(node)} is past the end of the list",
            self.frame.title,
            self.span(node),
        )
        return term

    def _subscript(self, node: ast.Subscript) -> Value:
        if isinstance(node.slice, ast.Slice):
            raise self.unsupported(
                node, "a slice", "pop(0) takes the first; a loop builds a new list"
            )
        with self.builder.block() as before:
            base = self.present(self.expression(node.value), node.value)
        if isinstance(base.type_, DictType | ListType):
            base, index = self._base_and_index(node, base, before)
        else:
            self.builder.out.extend(before)
            index = NOTHING
        match base.type_:
            case DictType(key):
                at = rank(self._key(node.slice, index, key))
                return pick(items_of(base), at)
            case ListType(length=length):
                at = self._position(node, base, index)
                if not length:
                    return blank(base.type_.item)
                return pick(items_of(base), at)
            case TupleType():
                return self._component(node, base)
        what = f"{describe(base.type_)} has no elements"
        help_ = "lists, maps and tuples have; records have fields"
        if isinstance(base.type_, SetType):
            what = f"{describe(base.type_)} has no order, so no first element"
            help_ = f"test membership: x in {code(node.value)}"
            if not self.looks_only():
                help_ = f"take any element: choose({code(node.value)})"
        raise self.error(Code.OPERAND_TYPE, what, node, help_)

    def _base_and_index(
        self, node: ast.Subscript, base: Value, before: list[Statement]
    ) -> tuple[Value, Value]:
        """The container `base`, found by `before`, and the value of the index.

        What the index changes in the container is seen, for it is one object.
        """
        mark = len(self.rebound)
        with self.builder.block() as later:
            index = self.expression(node.slice, _key_type(base.type_))
        if not self.builder.changes(later) or self.world.is_fine:
            self.builder.out.extend((*before, *later))
            return base, index
        with self.builder.block() as finding:
            place = self.place_of(node.value)
        if place is None:
            self.builder.out.extend(before)
            base = self.builder.hold(base)
            self.builder.out.extend(later)
        else:
            self.builder.out.extend(finding)
            place = self.builder.steady(place)
            self.builder.out.extend(later)
            self._borrow(node, place, later, mark)
            base = place.read()
        return base, index

    def _component(self, node: ast.Subscript, base: Value) -> Value:
        index = self.expression(node.slice)
        items = items_of(base)
        if not isinstance(index.type_, IntType) or not index.is_const:
            raise self.error(
                Code.NOT_CONSTANT,
                "a component of a tuple is selected by a constant",
                node.slice,
                help_=f"write {code(node.value)}[0], or use a dict or a list",
            )
        number = index.term.value
        if not -len(items) <= number < len(items):
            last = f"count from 0 to {len(items) - 1}" if items else "it is empty"
            raise self.error(
                Code.OPERAND_TYPE,
                f"this tuple has {len(items)} components",
                node.slice,
                help_=last,
            )
        return items[number]


def _key_type(type_: Type) -> Type | None:
    return type_.key if isinstance(type_, DictType) else None


def pick(values: list[Value], index: Term) -> Value:
    """The value at position `index`, which is in range."""
    if index.is_const and 0 <= index.value < len(values):
        return values[index.value]
    return _pick(values, index, 0)


def _pick(values: list[Value], index: Term, first: int) -> Value:
    """The value at position `index - first`: few are compared, many halved."""
    if len(values) > _FEW:
        half = len(values) // 2
        below = t.lt(index, t.const(first + half))
        left = _pick(values[:half], index, first)
        return merge(below, left, _pick(values[half:], index, first + half))
    result = values[-1]
    for number in range(len(values) - 2, -1, -1):
        result = merge(t.eq(index, t.const(first + number)), values[number], result)
    return result


_FEW = 16


def _among(
    outer: Place, type_: Type, index: Term, numbers: range, offset: int
) -> Place:
    """The place at position `index` of a map's or list's components."""
    if index.is_const and index.value in numbers:
        return outer.inside(type_, index.value + offset)
    cases: list[tuple[Term, Shape[Term]]] = []
    for cond, leaves in outer.cases:
        for number in numbers:
            here = t.and_(cond, t.eq(index, t.const(number)))
            if here is not t.FALSE:
                cases.append((here, leaves.items[number + offset]))
    return replace(outer, type_=type_, cases=tuple(cases))


def _retitle(out: list[Statement], start: int, check: Check) -> None:
    """Turn the range checks emitted since `start` into checks of kind `check`."""
    for index in range(start, len(out)):
        statement = out[index]
        if isinstance(statement, Assert):
            out[index] = replace(statement, check=check)
