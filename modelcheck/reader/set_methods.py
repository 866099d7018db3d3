"""Methods of sets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check
from modelcheck.model.terms import Term
from modelcheck.model.types import SetType, cardinality
from modelcheck.reader.builder import Place
from modelcheck.reader.container_arguments import ContainerArguments
from modelcheck.reader.values import (
    NOTHING,
    MismatchError,
    Value,
    bool_value,
    narrowed,
    rank,
    widened,
)


class SetMethods(ContainerArguments):
    """The part of `Lowering` for methods of sets."""

    def set_add(self, node: ast.Call, place: Place) -> Value:
        """`add`."""
        assert isinstance(place.type_, SetType)
        item = self._argument_of(node, place.type_.item, "an element of this set")
        width = cardinality(place.type_.item)
        term = t.union(place.read().term, t.bit(rank(item), width))
        self.builder.store(place, Value(place.type_, Shape(term)), self.span(node))
        return NOTHING

    def set_discard(self, node: ast.Call, place: Place) -> Value:
        """`discard`."""
        bit, _ = self._bit_of(node, place)
        term = t.minus(place.read().term, bit)
        self.builder.store(place, Value(place.type_, Shape(term)), self.span(node))
        return NOTHING

    def _bit_of(self, node: ast.Call, place: Place) -> tuple[Term, Term]:
        """The argument as a bit of a set, and whether the set can hold it at all.

        A value of another range is no element, which is no mistake by itself.
        """
        assert isinstance(place.type_, SetType)
        if len(node.args) != 1:
            raise self._one_argument(node)
        inner = place.type_.item
        value = self.expression(node.args[0], inner)
        checks: list[Term] = []
        try:
            moved = narrowed(value, inner, checks)
        except MismatchError:
            moved = self.convert(value, inner, node.args[0], "an element of this set")
        inside, width = t.and_(*checks), cardinality(inner)
        index = t.ite(inside, rank(moved), t.const(0))
        return t.ite(inside, t.bit(index, width), t.mask(0, width)), inside

    def set_remove(self, node: ast.Call, place: Place) -> Value:
        """`remove`; a missing element is a violation."""
        assert isinstance(place.type_, SetType)
        bit, inside = self._bit_of(node, place)
        now, text = place.read().term, ast.unparse(node)
        is_there = t.and_(inside, t.subset(bit, now))
        self._fail(node, is_there, Check.KEY, f"{text}: not an element")
        term = t.minus(now, bit)
        self.builder.store(place, Value(place.type_, Shape(term)), self.span(node))
        return NOTHING

    def _set_change(
        self, node: ast.Call, place: Place, change: Callable[[Term, Term], Term]
    ) -> Value:
        other = self._argument_of(node, place.type_, "the other set")
        term = change(place.read().term, other.term)
        self.builder.store(place, Value(place.type_, Shape(term)), self.span(node))
        return NOTHING

    def set_update(self, node: ast.Call, place: Place) -> Value:
        """`update`."""
        return self._set_change(node, place, t.union)

    def set_difference_update(self, node: ast.Call, place: Place) -> Value:
        """`difference_update`."""
        value = self.set_difference(node, place)
        self.builder.store(place, value, self.span(node))
        return NOTHING

    def set_intersection_update(self, node: ast.Call, place: Place) -> Value:
        """`intersection_update`."""
        value = self.set_intersection(node, place)
        self.builder.store(place, value, self.span(node))
        return NOTHING

    def _restricted(self, node: ast.Call, place: Place) -> tuple[Term, Term]:
        """The other set's elements that this one can hold; whether that is all."""
        if len(node.args) != 1:
            raise self._one_argument(node)
        other = self.expression(node.args[0], place.type_)
        checks: list[Term] = []
        try:
            inside = narrowed(other, place.type_, checks)
        except MismatchError:
            inside = self.convert(other, place.type_, node.args[0], "the other set")
        return inside.term, t.and_(*checks)

    def _set_value(
        self, node: ast.Call, place: Place, change: Callable[[Term, Term], Term]
    ) -> Value:
        other, _ = self._restricted(node, place)
        return Value(place.type_, Shape(change(place.read().term, other)))

    def set_union(self, node: ast.Call, place: Place) -> Value:
        """`union`."""
        if len(node.args) != 1:
            raise self._one_argument(node)
        other = self.expression(node.args[0], place.type_)
        type_ = self.join_types(place.type_, other.type_, node)
        one, two = widened(place.read(), type_), widened(other, type_)
        return Value(type_, Shape(t.union(one.term, two.term)))

    def set_intersection(self, node: ast.Call, place: Place) -> Value:
        """`intersection`."""
        return self._set_value(node, place, t.inter)

    def set_difference(self, node: ast.Call, place: Place) -> Value:
        """`difference`."""
        return self._set_value(node, place, t.minus)

    def set_issubset(self, node: ast.Call, place: Place) -> Value:
        """`issubset`."""
        other, _ = self._restricted(node, place)
        return bool_value(t.subset(place.read().term, other))

    def set_issuperset(self, node: ast.Call, place: Place) -> Value:
        """`issuperset`."""
        other, is_all = self._restricted(node, place)
        return bool_value(t.and_(is_all, t.subset(other, place.read().term)))

    def set_isdisjoint(self, node: ast.Call, place: Place) -> Value:
        """`isdisjoint`."""
        other, _ = self._restricted(node, place)
        both = t.inter(place.read().term, other)
        return bool_value(t.eq(both, t.mask(0, both.width)))


SETS: Mapping[str, Callable[[SetMethods, ast.Call, Place], Value]] = {
    "add": SetMethods.set_add,
    "discard": SetMethods.set_discard,
    "remove": SetMethods.set_remove,
    "clear": SetMethods.clear,
    "update": SetMethods.set_update,
    "difference_update": SetMethods.set_difference_update,
    "intersection_update": SetMethods.set_intersection_update,
    "union": SetMethods.set_union,
    "intersection": SetMethods.set_intersection,
    "difference": SetMethods.set_difference,
    "issubset": SetMethods.set_issubset,
    "issuperset": SetMethods.set_issuperset,
    "isdisjoint": SetMethods.set_isdisjoint,
    "copy": SetMethods.copy,
}
