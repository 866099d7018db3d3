"""Iteration and choice: the values of loops, comprehensions and `choose`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model import terms as t
from modelcheck.model.shapes import Scalar, Shape, scalar
from modelcheck.model.statements import Choose
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    BoolType,
    DictType,
    IntType,
    ListType,
    OptionalType,
    RecordType,
    SetType,
    TupleType,
    Type,
    cardinality,
    parts,
    spell,
)
from modelcheck.reader.context import Local
from modelcheck.reader.errors import Code
from modelcheck.reader.expressions import Expressions
from modelcheck.reader.values import (
    Value,
    blank,
    int_value,
    items_of,
    length_of,
    merge,
    truth,
    unrank,
    values_of,
)
from modelcheck.reader.wording import code, describe


class Iteration(Expressions):
    """The part of `Lowering` for iterating and choosing."""

    def items(self, node: ast.expr, *, is_loop: bool) -> list[tuple[Term, Value]]:
        """The values of an iteration, each with the condition that it takes place."""
        symbol = self.class_symbol(node)
        if symbol is not None:
            type_ = self.world.types.of_class(symbol, self.span(node))
            return [(t.TRUE, value) for value in values_of(type_)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            special = _ITERATIONS.get(node.func.id)
            if special is not None and node.func.id not in self.frame.locals:
                return special(self, node)
        if isinstance(node, ast.GeneratorExp):
            return self.collect(node, node.generators, node.elt)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            pairs = self._map_items(node, node.func)
            if pairs is not None:
                return pairs
        return self._items_of(node, self.expression(node), is_loop=is_loop)

    def _items_of(
        self, node: ast.expr, value: Value, *, is_loop: bool
    ) -> list[tuple[Term, Value]]:
        match value.type_:
            case SetType(item):
                if is_loop:
                    raise self.error(
                        Code.NO_BOUND,
                        "the order of a loop over a set is not defined",
                        node,
                        help_=f"loop over the type and test membership: "
                        f"for x in {spell(item)}: if x in {code(node)}:",
                    )
                return [
                    (t.has(value.term, t.const(index)), entry)
                    for index, entry in enumerate(values_of(item))
                ]
            case ListType():
                size = length_of(value)
                return [
                    (t.lt(t.const(index), size), entry)
                    for index, entry in enumerate(items_of(value))
                ]
            case DictType(key):
                return [(t.TRUE, entry) for entry in values_of(key)]
            case TupleType():
                return [(t.TRUE, entry) for entry in items_of(value)]
        help_ = "loop over a class, a range, a list, a map or a tuple"
        if isinstance(value.type_, IntType):
            help_ = f"write range({code(node)})"
        raise self.error(
            Code.OPERAND_TYPE,
            f"{describe(value.type_)} cannot be looped over",
            node,
            help_,
        )

    def _map_items(
        self, node: ast.Call, func: ast.Attribute
    ) -> list[tuple[Term, Value]] | None:
        if func.attr not in ("keys", "values", "items") or node.args:
            return None
        value = self.expression(func.value)
        if not isinstance(value.type_, DictType):
            return None
        keys = list(values_of(value.type_.key))
        entries = items_of(value)
        if func.attr == "keys":
            return [(t.TRUE, key) for key in keys]
        if func.attr == "values":
            return [(t.TRUE, entry) for entry in entries]
        return [
            (t.TRUE, pair_of(key, entry))
            for key, entry in zip(keys, entries, strict=True)
        ]

    def iterate_range(self, node: ast.Call) -> list[tuple[Term, Value]]:
        """The values of `range(...)`, which may depend on the state."""
        bounds = self.ordered(*((argument, None) for argument in node.args))
        if len(bounds) not in (1, 2, 3) or not all(
            isinstance(b.type_, IntType) for b in bounds
        ):
            raise self.error(
                Code.CALL_TYPE,
                "range() takes one to three integers",
                node,
                help_="write range(3) or range(0, 3)",
            )
        step = bounds[2].term if len(bounds) == 3 else t.const(1)
        if not step.is_const or step.value == 0:
            raise self.not_constant(node.args[2])
        lo = t.const(0) if len(bounds) == 1 else self.builder.hold(bounds[0]).term
        hi = self.builder.hold(bounds[min(len(bounds) - 1, 1)]).term
        if not lo.is_const and step.value != 1:
            raise self.not_constant(node.args[0])
        if step.value < 0:
            numbers = range(lo.value, hi.lo, step.value)
            self._check_rounds(node, numbers)
            return [(t.lt(hi, t.const(n)), int_value(t.const(n))) for n in numbers]
        numbers = range(lo.lo, hi.hi, step.value)
        self._check_rounds(node, numbers)
        return [
            (t.and_(t.le(lo, t.const(n)), t.lt(t.const(n), hi)), int_value(t.const(n)))
            for n in numbers
        ]

    def _check_rounds(self, node: ast.AST, numbers: range) -> None:
        # len() of a range counts only as far as an index of a list goes.
        rounds = max(0, -((numbers.start - numbers.stop) // numbers.step))
        if rounds > _MAX_ROUNDS:
            raise self.error(
                Code.TOO_LARGE,
                f"this loop has {rounds} rounds; a spec's loops have at most "
                f"{_MAX_ROUNDS}",
                node,
                help_="loop over a smaller range, or over a type of the spec",
            )

    def iterate_enumerate(self, node: ast.Call) -> list[tuple[Term, Value]]:
        """The pairs of `enumerate(...)`."""
        if len(node.args) != 1:
            raise self.unsupported(
                node, "enumerate() with a start", "add the start to the index"
            )
        entries = self.items(node.args[0], is_loop=True)
        return [
            (cond, pair_of(int_value(t.const(index)), entry))
            for index, (cond, entry) in enumerate(entries)
        ]

    def iterate_reversed(self, node: ast.Call) -> list[tuple[Term, Value]]:
        """The values of `reversed(...)`."""
        if len(node.args) != 1:
            raise self.error(
                Code.CALL_TYPE,
                "reversed() takes one argument",
                node,
                help_="write reversed(range(3))",
            )
        return list(reversed(self.items(node.args[0], is_loop=True)))

    def bind(self, target: ast.expr, value: Value) -> None:
        """Bind loop variables to `value` without storing it."""
        match target:
            case ast.Name(id=name):
                self.frame.locals[name] = Local(value.type_, value=value)
                if self.frame.assigned is not None:
                    self.frame.assigned.add(name)
            case ast.Tuple(elts=names) if isinstance(value.type_, TupleType):
                entries = items_of(value)
                if len(entries) != len(names):
                    raise self.error(
                        Code.CALL_TYPE,
                        f"{len(names)} names for {len(entries)} values",
                        target,
                        help_="write one name for each of them",
                    )
                for inner, entry in zip(names, entries, strict=True):
                    self.bind(inner, entry)
            case _:
                raise self.unsupported(
                    target, "this loop variable", "write a name: for dev in Device:"
                )

    def choose_type(self, type_: Type, node: ast.AST) -> Value:
        """Any value of `type_`."""
        single = scalar(type_)
        if single is not None:
            temp = self.world.names.temp(single, "", type_)
            if not temp.is_const:
                self.builder.emit(Choose(temp, None, type_, self.span(node)))
            return Value(type_, Shape(temp))
        match type_:
            case OptionalType(item):
                return self._choose_optional(type_, item, node)
            case DictType(_, item):
                count = cardinality(type_.key)
                entries = [self.choose_type(item, node).shape for _ in range(count)]
                return Value(type_, Shape(items=tuple(entries)))
            case ListType(item, length):
                return self._choose_list(type_, item, length, node)
            case TupleType() | RecordType():
                entries = [self.choose_type(p, node).shape for p in parts(type_)]
                return Value(type_, Shape(items=tuple(entries)))
        raise self.error(
            Code.CALL_TYPE,
            f"{spell(type_)} cannot be chosen",
            node,
            help_="choose a bool, a member of a class or one of a range",
        )

    def _choose_optional(self, type_: OptionalType, item: Type, node: ast.AST) -> Value:
        flag = self.choose_type(BoolType(), node)
        with self.builder.block() as body:
            inner = self.choose_type(item, node)
        self.guarded(flag.term, body)
        present = Value(type_, Shape(items=(Shape(t.TRUE), inner.shape)))
        return merge(flag.term, present, blank(type_))

    def _choose_list(
        self, type_: ListType, item: Type, length: int, node: ast.AST
    ) -> Value:
        size = self.choose_type(IntType(0, length), node).term
        entries = []
        for index in range(length):
            used = t.lt(t.const(index), size)
            with self.builder.block() as body:
                inner = self.choose_type(item, node)
            self.guarded(used, body)
            entries.append(merge(used, inner, blank(item)).shape)
        return Value(type_, Shape(items=(Shape(size), *entries)))

    def choose_from(self, value: Value, node: ast.AST) -> Value:
        """Any member of a set value."""
        assert isinstance(value.type_, SetType)
        item = value.type_.item
        span = self.span(node)
        count = cardinality(item)
        if count == 1:
            self.require(truth(value), node)
            return next(values_of(item))
        interval = Scalar(t.Sort.INT, 0, count - 1)
        temp = self.world.names.temp(interval, "", item)
        self.builder.emit(Choose(temp, value.term, item, span))
        if scalar(item) is not None and not isinstance(item, OptionalType):
            return unrank(item, temp)
        options = list(values_of(item))
        result = options[-1]
        for index in range(count - 2, -1, -1):
            result = merge(t.eq(temp, t.const(index)), options[index], result)
        return result

    def refuse_effect(self, node: ast.AST, what: str) -> None:
        """Refuse `what` in bodies that only look at the state."""
        where = self.looks_only()
        whole = node
        while isinstance(whole, ast.Attribute | ast.Subscript):
            whole = whole.value
        if isinstance(whole, ast.Name) and self.receiver_of(whole) is True:
            raise self.error(
                Code.MUTATION,
                f"{what}, but what comes after a step is only compared",
                node,
                help_=f"write a test: {code(node)} == ...",
            )
        if where == "a constant":
            raise self.error(
                Code.NOT_CONSTANT,
                f"{what} in a constant, which is known before the run",
                node,
                help_="write the value out",
            )
        if where:
            raise self.error(
                Code.MUTATION,
                f"{what} in {where}, which only looks at the state",
                node,
                help_="do it after the wait"
                if "until" in where
                else "move it into an @action or a @process",
            )


def pair_of(left: Value, right: Value) -> Value:
    """The tuple of two values."""
    type_ = TupleType((left.type_, right.type_))
    return Value(type_, Shape(items=(left.shape, right.shape)))


_MAX_ROUNDS = 4096


_ITERATIONS: dict[str, Callable[[Iteration, ast.Call], list[tuple[Term, Value]]]] = {
    "range": Iteration.iterate_range,
    "enumerate": Iteration.iterate_enumerate,
    "reversed": Iteration.iterate_reversed,
}
