"""Calls of methods of sets, lists and maps, on state and on locals."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from modelcheck.model import terms as t
from modelcheck.model.types import DictType, ListType, OptionalType, SetType, Type
from modelcheck.reader.builder import Place
from modelcheck.reader.errors import Code
from modelcheck.reader.list_methods import LISTS, ListMethods
from modelcheck.reader.loops import MUTATORS
from modelcheck.reader.modules import suggest
from modelcheck.reader.places import pick
from modelcheck.reader.set_methods import SETS
from modelcheck.reader.values import Value, items_of, rank
from modelcheck.reader.wording import attribute_name, describe


class Containers(ListMethods):
    """The part of `Lowering` for containers."""

    def container_call(self, node: ast.Call, base: ast.expr, name: str) -> Value:
        """Lower a method call on a set, list or map."""
        if node.keywords:
            raise self.unsupported(
                node.keywords[0], "a named argument here", "give it by position"
            )
        with self.builder.block() as body:
            place = self.place_of(base)
        if place is None:
            value = self.expression(base)
        else:
            self.builder.out.extend(body)
            value = place.read()
        if isinstance(value.type_, OptionalType):
            value = self.present(value, base)
            if place is not None:
                place = place.inside(value.type_, 1)
        table = _table(value.type_)
        if table is None:
            raise self.error(
                Code.UNKNOWN_ATTRIBUTE,
                f"{describe(value.type_)} has no method `{name}`",
                _name_called(node),
                help_="write a method of the spec, or a function of the module",
            )
        if name not in table:
            instead = _INSTEAD.get((type(value.type_), name))
            raise self.error(
                Code.UNKNOWN_ATTRIBUTE,
                f"{describe(value.type_)} has no `{name}` here",
                _name_called(node),
                help_=instead
                or suggest(name, table)
                or f"it has {', '.join(sorted(table))}",
            )
        if name in MUTATORS:
            place = self._writable(node, base, place)
            self.mutate(place.type_, place)
            return self._operate_on(node, place, table[name])
        is_access = place is not None and self._arrive(node, base, place)
        if place is not None and (is_access or _calls(node)):
            result = self._operate_on(node, place, table[name])
            return self.builder.keep(result) if is_access else result
        value = self.builder.hold(value) if _calls(node) else value
        return table[name](self, node, Place(value.type_, ((t.TRUE, value.shape),)))

    def _arrive(self, node: ast.Call, base: ast.expr, place: Place | None) -> bool:
        """At the finest grain, be preempted before the container is accessed.

        That is when the arguments are known. Whether the grain is such.
        """
        if not self.world.is_fine or not self.is_state(base):
            return False
        last = node.args[-1] if node.args else None
        if last is not None and any(map(_may_read, ast.walk(last))):
            self.accesses[id(last)] = node, place
            return True
        return self.touch_place(node, place)

    def _operate_on(self, node: ast.Call, place: Place, operation: Operation) -> Value:
        """Call a method of the container at `place`, found before the arguments are."""
        if _calls(node):
            place = self.builder.steady(place)
        mark = len(self.rebound)
        with self.builder.block() as body:
            result = operation(self, node, place)
        self.builder.out.extend(body)
        help_ = "compute the argument first, in a statement of its own"
        assert isinstance(node.func, ast.Attribute)
        self.borrow(place, body, mark, node.func.value, help_)
        return result

    def _writable(self, node: ast.Call, base: ast.expr, place: Place | None) -> Place:
        if self.is_state(base):
            self.refuse_effect(node, f"`{ast.unparse(node)}` changes the state")
            self._arrive(node, base, place)
        if place is None:
            raise self.error(
                Code.ALIAS,
                "this container is not a variable that can be changed",
                base,
                help_="change a variable in place: self.queue.append(x)",
            )
        return place

    def is_state(self, node: ast.expr) -> bool:
        """Whether `node` is a variable of the state, or a part of one."""
        while isinstance(node, ast.Subscript):
            node = node.value
        return (
            isinstance(node, ast.Attribute) and self.receiver_of(node.value) is not None
        )

    def dict_get(self, node: ast.Call, place: Place) -> Value:
        """`get(key)`: as `[key]`, since maps are total."""
        assert isinstance(place.type_, DictType)
        key = self._argument_of(node, place.type_.key, "the key")
        return pick(items_of(place.read()), rank(key))

    def augmented(self, node: ast.AugAssign, place: Place, value: Value) -> Value:
        """The new value of `place op= value`, where `place` is read first."""
        old = place.read()
        if isinstance(old.type_, ListType):
            raise self.unsupported(node, "`+=` on a list", "append() each element")
        if isinstance(old.type_, SetType):
            value = self.convert(value, old.type_, node.value, "the other set")
        return self.operate(node, node.op, old, value)


def _calls(node: ast.Call) -> bool:
    """Whether an argument calls something, which may change the state."""
    return any(isinstance(n, ast.Call) for a in node.args for n in ast.walk(a))


def _may_read(node: ast.AST) -> bool:
    """Whether an expression of this kind may look at the state."""
    return isinstance(node, ast.Attribute | ast.Call)


def _name_called(node: ast.Call) -> ast.AST:
    """The name of the method that `node` calls."""
    assert isinstance(node.func, ast.Attribute)
    return attribute_name(node.func)


_INSTEAD: dict[tuple[type[Type], str], str] = {
    (SetType, "append"): "write add(x): a set has no order",
    (SetType, "pop"): "choose() any element, then remove() it",
    (SetType, "symmetric_difference"): "write a ^ b",
    (SetType, "symmetric_difference_update"): "write a = a ^ b",
    (ListType, "add"): "write append(x)",
    (ListType, "extend"): "loop and append() each element",
    (ListType, "sort"): "keep the elements in order as they are added",
    (ListType, "reverse"): "write [x for x in reversed(a)]",
    (DictType, "pop"): "maps are total: store None for a missing value",
    (DictType, "clear"): "maps are total: store None for a missing value",
    (DictType, "update"): "assign each key: m[key] = value",
    (DictType, "setdefault"): "maps are total: every key has a value, m[key]",
}


Operation = Callable[[Containers, ast.Call, Place], Value]
_MAPS: Mapping[str, Operation] = {
    "get": Containers.dict_get,
    "copy": Containers.copy,
}


def _table(type_: Type) -> Mapping[str, Operation] | None:
    match type_:
        case SetType():
            return SETS
        case ListType():
            return LISTS
        case DictType():
            return _MAPS
    return None
