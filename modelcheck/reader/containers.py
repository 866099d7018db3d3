"""Methods of sets, lists and maps, on state and on locals."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    OptionalType,
    SetType,
    Type,
    cardinality,
    spell,
)
from modelcheck.reader.builder import Place
from modelcheck.reader.builtins import Builtins
from modelcheck.reader.context import Purpose
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.loops import MUTATORS
from modelcheck.reader.modules import suggest
from modelcheck.reader.names import pick
from modelcheck.reader.values import (
    NOTHING,
    MismatchError,
    Value,
    blank,
    bool_value,
    equal,
    int_value,
    items_of,
    join,
    length_of,
    narrowed,
    rank,
    widened,
)
from modelcheck.reader.wording import attribute_name, code, describe


class Containers(Builtins):
    """The part of `Lowering` for containers."""

    def container_call(self, node: ast.Call, base: ast.expr, name: str) -> Value:
        """Lower a method call on a set, list or map."""
        if node.keywords:
            raise self.unsupported(
                node.keywords[0], "a named argument here", "give it by position"
            )
        place = self.place_of(base)
        value = place.read() if place is not None else self.expression(base)
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
            return self._mutate(node, place, table[name])
        return table[name](self, node, Place(value.type_, ((t.TRUE, value.shape),)))

    def _mutate(self, node: ast.Call, place: Place, operation: Operation) -> Value:
        if any(isinstance(n, ast.Call) for a in node.args for n in ast.walk(a)):
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
            if self.purpose is not Purpose.PROPERTY:
                self.touch(node)
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

    def _argument_of(self, node: ast.Call, kind: Type, what: str) -> Value:
        if len(node.args) != 1:
            raise self._one_argument(node)
        value = self.expression(node.args[0], kind)
        self._grow(node, value)
        return self.convert(value, kind, node.args[0], what)

    def _grow(self, node: ast.Call, value: Value) -> None:
        """Give a local without annotation a type in which `value` has room, too."""
        assert isinstance(node.func, ast.Attribute)
        base, function = node.func.value, self.frame.function
        if not isinstance(base, ast.Name) or function is None:
            return
        local = self.frame.locals[base.id]
        if local.declared is not None or local.place is None:
            return
        type_ = local.type_
        if isinstance(type_, ListType):
            raise self.error(
                Code.NO_BOUND,
                f"nothing bounds the length of `{base.id}`",
                node,
                help_=f"annotate it where it is first assigned: {base.id}: "
                f"Annotated[list[{spell(type_.item)}], Length(3)] = ...",
            )
        added = (
            value.type_ if isinstance(value.type_, SetType) else SetType(value.type_)
        )
        try:
            wider = join(type_, added)
        except MismatchError:
            return
        if wider != type_ and isinstance(type_, SetType):
            self.widen((function, base.id), wider, node)

    def _one_argument(self, node: ast.Call) -> SpecError:
        return self.error(
            Code.CALL_TYPE,
            f"this method takes one argument, not {len(node.args)}",
            node,
            help_=f"write {code(node.func)}(x)",
        )

    def _fail(self, node: ast.AST, cond: Term, check: Check, message: str) -> None:
        self.builder.check(cond, check, message, self.frame.title, self.span(node))

    def _no_arguments(self, node: ast.Call) -> None:
        if node.args:
            raise self.error(
                Code.CALL_TYPE,
                "this method takes no argument",
                node,
                help_=f"write {code(node.func)}()",
            )

    # Sets

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

    def clear(self, node: ast.Call, place: Place) -> Value:
        """`clear`."""
        self._no_arguments(node)
        self.builder.store(place, blank(place.type_), self.span(node))
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

    def copy(self, node: ast.Call, place: Place) -> Value:
        """`copy`."""
        self._no_arguments(node)
        return self.builder.hold(place.read())

    # Lists

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

    # Maps

    def dict_get(self, node: ast.Call, place: Place) -> Value:
        """`get(key)`: as `[key]`, since maps are total."""
        assert isinstance(place.type_, DictType)
        key = self._argument_of(node, place.type_.key, "the key")
        return pick(items_of(place.read()), rank(key))

    # Operators that assign

    def augmented(self, node: ast.AugAssign, place: Place, value: Value) -> Value:
        """The new value of `place op= value`, where `place` is read first."""
        old = place.read()
        if isinstance(old.type_, ListType):
            raise self.unsupported(node, "`+=` on a list", "append() each element")
        if isinstance(old.type_, SetType):
            value = self.convert(value, old.type_, node.value, "the other set")
        return self.operate(node, node.op, old, value)


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
_SETS: dict[str, Operation] = {
    "add": Containers.set_add,
    "discard": Containers.set_discard,
    "remove": Containers.set_remove,
    "clear": Containers.clear,
    "update": Containers.set_update,
    "difference_update": Containers.set_difference_update,
    "intersection_update": Containers.set_intersection_update,
    "union": Containers.set_union,
    "intersection": Containers.set_intersection,
    "difference": Containers.set_difference,
    "issubset": Containers.set_issubset,
    "issuperset": Containers.set_issuperset,
    "isdisjoint": Containers.set_isdisjoint,
    "copy": Containers.copy,
}
_LISTS: dict[str, Operation] = {
    "append": Containers.list_append,
    "insert": Containers.list_insert,
    "pop": Containers.list_pop,
    "remove": Containers.list_remove,
    "clear": Containers.clear,
    "index": Containers.list_index,
    "count": Containers.list_count,
    "copy": Containers.copy,
}
_MAPS: dict[str, Operation] = {
    "get": Containers.dict_get,
    "copy": Containers.copy,
}


def _table(type_: Type) -> dict[str, Operation] | None:
    match type_:
        case SetType():
            return _SETS
        case ListType():
            return _LISTS
        case DictType():
            return _MAPS
    return None
