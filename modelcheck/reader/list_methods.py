"""Methods of lists."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check
from modelcheck.model.terms import Term
from modelcheck.model.types import IntType, ListType
from modelcheck.reader.builder import Place
from modelcheck.reader.errors import Code
from modelcheck.reader.places import pick
from modelcheck.reader.set_methods import SetMethods
from modelcheck.reader.values import (
    NOTHING,
    MismatchError,
    Value,
    blank,
    equal,
    int_value,
    items_of,
    length_of,
    widened,
)
from modelcheck.reader.wording import code, describe


class ListMethods(SetMethods):
    """The part of `Lowering` for methods of lists."""

    def list_append(self, node: ast.Call, place: Place) -> Value:
        """`append`; a full list is a violation."""
        assert isinstance(place.type_, ListType)
        item = self._argument_of(node, place.type_.item, "an element of this list")
        self._store_list(node, place, _inserted(place.read(), item, None))
        return NOTHING

    def list_insert(self, node: ast.Call, place: Place) -> Value:
        """`insert(0, x)`; a full list is a violation."""
        assert isinstance(place.type_, ListType)
        first = node.args[0] if node.args else None
        if len(node.args) != 2 or not (
            isinstance(first, ast.Constant) and first.value == 0
        ):
            raise self.unsupported(
                node,
                "insert() anywhere but at 0",
                f"write {code(node.func)}(0, x)",
            )
        kind = place.type_.item
        value = self.expression(node.args[1], kind)
        self._grow(node, value)
        item = self.convert(value, kind, node.args[1], "an element of this list")
        self._store_list(node, place, _inserted(place.read(), item, 0))
        return NOTHING

    def _store_list(self, node: ast.Call, place: Place, value: Value) -> None:
        assert isinstance(place.type_, ListType)
        old = place.read()
        room = t.lt(length_of(old), t.const(place.type_.length))
        text = ast.unparse(node.func)
        message = f"{text}: the list is full ({place.type_.length} elements)"
        self._fail(node, room, Check.FULL, message)
        self.builder.store(place, value, self.span(node))

    def list_pop(self, node: ast.Call, place: Place) -> Value:
        """`pop(0)` and `pop()`; an empty list is a violation."""
        match node.args:
            case []:
                is_first = False
            case [ast.Constant(value=0)]:
                is_first = True
            case _:
                name = code(node.func)
                raise self.unsupported(
                    node, "pop() in the middle", f"write {name}(0) or {name}()"
                )
        value = place.read()
        size = length_of(value)
        nonempty = t.lt(t.const(0), size)
        text = ast.unparse(node)
        self._fail(node, nonempty, Check.EMPTY, f"{text}: the list is empty")
        entries = items_of(value)
        if not entries:
            assert isinstance(place.type_, ListType)
            return blank(place.type_.item)
        taken = entries[0] if is_first else pick(entries, t.sub(size, t.const(1)))
        taken = self.builder.hold(taken)
        at = t.const(0) if is_first else t.sub(size, t.const(1))
        self.builder.store(place, _without(value, at), self.span(node))
        return taken

    def list_remove(self, node: ast.Call, place: Place) -> Value:
        """`remove`: the first equal element; none is a violation."""
        at, is_there = self._find(node, place)
        text = ast.unparse(node)
        self._fail(node, is_there, Check.KEY, f"{text}: not an element")
        if items_of(place.read()):
            value = _without(place.read(), at)
            self.builder.store(place, value, self.span(node))
        return NOTHING

    def list_index(self, node: ast.Call, place: Place) -> Value:
        """`index`: the position of the first equal element; none is a violation."""
        at, is_there = self._find(node, place)
        text = ast.unparse(node)
        self._fail(node, is_there, Check.KEY, f"{text}: not an element")
        return int_value(at)

    def list_count(self, node: ast.Call, place: Place) -> Value:
        """`count`."""
        matches = self._matches(node, place)
        total: Term = t.const(0)
        for match in matches:
            total = t.add(total, t.as_int(match))
        return int_value(total)

    def _matches(self, node: ast.Call, place: Place) -> list[Term]:
        assert isinstance(place.type_, ListType)
        value = place.read()
        if len(node.args) != 1:
            raise self._one_argument(node)
        item = self.expression(node.args[0], place.type_.item)
        size = length_of(value)
        try:
            return [
                t.and_(t.lt(t.const(index), size), equal(entry, item))
                for index, entry in enumerate(items_of(value))
            ]
        except MismatchError:
            raise self.error(
                Code.COMPARE_TYPE,
                f"{describe(item.type_)} is never in {describe(place.type_)}",
                node.args[0],
                help_="the element and the list must be of one type",
            ) from None

    def _find(self, node: ast.Call, place: Place) -> tuple[Term, Term]:
        """The position of the first match (0 if none), and whether there is one."""
        matches = self._matches(node, place)
        at: Term = t.const(0)
        for index in range(len(matches) - 1, -1, -1):
            at = t.ite(matches[index], t.const(index), at)
        return at, t.or_(*matches)


def _inserted(value: Value, item: Value, at: int | None) -> Value:
    """The list with `item` at its front (`at` 0) or its end (None), if room is left."""
    size, entries = length_of(value), items_of(value)
    if at == 0:
        shifted = [item, *entries[:-1]] if entries else []
    else:
        shifted = [
            _choice(t.eq(size, t.const(index)), item, entry)
            for index, entry in enumerate(entries)
        ]
    shapes = tuple(entry.shape for entry in shifted)
    grown: Shape[Term] = Shape(t.add(size, t.const(1)))
    return Value(value.type_, Shape(items=(grown, *shapes)))


def _without(value: Value, at: Term) -> Value:
    """The list without the element at position `at`."""
    size, entries = length_of(value), items_of(value)
    assert isinstance(value.type_, ListType)
    padded = [*entries, blank(value.type_.item)]
    kept = [
        _choice(t.lt(t.const(index), at), entry, padded[index + 1])
        for index, entry in enumerate(entries)
    ]
    shapes = tuple(entry.shape for entry in kept)
    shrunk: Shape[Term] = Shape(t.sub(size, t.const(1)))
    return Value(value.type_, Shape(items=(shrunk, *shapes)))


def _choice(cond: Term, then: Value, other: Value) -> Value:
    type_ = then.type_
    if isinstance(type_, IntType):
        return Value(other.type_, Shape(t.ite(cond, then.term, other.term)))
    pairs = iter(list(then.shape.zip(widened(other, type_).shape)))
    return Value(type_, then.shape.map(lambda _: t.ite(cond, *next(pairs))))


LISTS: Mapping[str, Callable[[ListMethods, ast.Call, Place], Value]] = {
    "append": ListMethods.list_append,
    "insert": ListMethods.list_insert,
    "pop": ListMethods.list_pop,
    "remove": ListMethods.list_remove,
    "clear": ListMethods.clear,
    "index": ListMethods.list_index,
    "count": ListMethods.list_count,
    "copy": ListMethods.copy,
}
