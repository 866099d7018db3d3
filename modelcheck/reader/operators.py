"""Operators: arithmetic, comparisons, membership, and/or with short circuit."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    BoolType,
    EnumType,
    IntType,
    NoneType,
    OptionalType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
)
from modelcheck.reader.errors import Code
from modelcheck.reader.places import Places
from modelcheck.reader.values import (
    NOTHING,
    MismatchError,
    Value,
    bool_value,
    equal,
    int_value,
    join,
    member,
    merge,
    truth,
    values_of,
    widened,
)
from modelcheck.reader.wording import code, describe, samples

_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ARITHMETIC: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: t.add,
    ast.Sub: t.sub,
    ast.Mult: t.mul,
    ast.FloorDiv: t.div,
    ast.Mod: t.mod,
}


class Operators(Places):
    """The part of `Lowering` for operators."""

    def ordered(self, *nodes: tuple[ast.expr, Type | None]) -> list[Value]:
        """Lower operands left to right.

        An operand is read before later ones run: its value is kept if they change
        the state.
        """
        values: list[Value] = []
        for node, expect in nodes:
            with self.builder.block() as later:
                value = self.expression(node, expect)
            values = [
                self.early(before, earlier, later)
                for (before, _), earlier in zip(nodes, values, strict=False)
            ]
            self.builder.out.extend(later)
            values.append(value)
        return values

    def _pair(self, left: ast.expr, right: ast.expr) -> tuple[Value, Value]:
        """Two operands; one without a type of its own takes the other's."""
        if _is_untyped(left) and not _is_untyped(right):
            two, one = self.ordered((right, None), (left, None))[0], left
            return self.expression(one, two.type_), two
        first = self.expression(left)
        with self.builder.block() as later:
            second = self.expression(right, first.type_)
        first = self.early(left, first, later)
        self.builder.out.extend(later)
        return first, second

    def condition(self, node: ast.expr) -> Term:
        """Lower an expression that is tested for truth."""
        match node:
            case ast.BoolOp(op=op, values=parts):
                return self._connect(parts, self.condition, is_and=_is_and(op))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return t.not_(self.condition(operand))
        value = self.expression(node)
        try:
            return truth(value)
        except MismatchError:
            raise self.error(
                Code.OPERAND_TYPE,
                f"{describe(value.type_)} is neither true nor false",
                node,
                help_=_test_of(node, value.type_),
            ) from None

    def _connect(
        self, parts: list[ast.expr], lower: Callable[[ast.expr], Term], *, is_and: bool
    ) -> Term:
        """`and`/`or` with Python's short circuit for checks and calls."""
        result = t.boolean(is_and)
        for part in parts:
            with self.builder.block() as body:
                term = lower(part)
            if body:
                if self.builder.changes(body):
                    result = self.builder.hold(bool_value(result)).term
                self.guarded(result if is_and else t.not_(result), body)
            result = t.and_(result, term) if is_and else t.or_(result, term)
        return result

    def _bool_value(self, node: ast.BoolOp) -> Value:
        """`and`/`or` where they are more than a test: what they give back is a bool."""
        return bool_value(self._bool_operand(node))

    def _bool_operand(self, node: ast.expr) -> Term:
        """Lower an operand of `and`/`or` whose value may be that of the whole."""
        if isinstance(node, ast.BoolOp):
            is_and = _is_and(node.op)
            return self._connect(node.values, self._bool_operand, is_and=is_and)
        found = self.expression(node)
        if not isinstance(found.type_, BoolType):
            raise self.error(
                Code.OPERAND_TYPE,
                f"`and`/`or` give back this {describe(found.type_)}, not a bool",
                node,
                help_="write the test out, or use `x if c else y`",
            )
        return truth(found)

    def _unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return bool_value(t.not_(self.condition(node.operand)))
        value = self.expression(node.operand)
        if not isinstance(value.type_, IntType | BoolType) or isinstance(
            node.op, ast.Invert
        ):
            raise self.error(
                Code.OPERAND_TYPE,
                f"this operator has no meaning for {describe(value.type_)}",
                node,
                help_="- and + stand before integers, `not` before a test",
            )
        term = t.as_int(value.term)
        return int_value(term if isinstance(node.op, ast.UAdd) else _negated(term))

    def _binary(self, node: ast.BinOp, expect: Type | None) -> Value:
        expected = expect if isinstance(expect, SetType) else None
        if expected is not None:
            left, right = self.ordered((node.left, expected), (node.right, expected))
        else:
            left, right = self._pair(node.left, node.right)
        return self.operate(node, node.op, left, right)

    def operate(
        self, node: ast.AST, op: ast.operator, left: Value, right: Value
    ) -> Value:
        """The value of a binary operator at `node`."""
        left = self.present(left, _part(node, "left", "target"))
        right = self.present(right, _part(node, "right", "value"))
        kinds = (left.type_, right.type_)
        if all(isinstance(kind, IntType | BoolType) for kind in kinds):
            return self._arithmetic(node, op, left, right)
        if all(isinstance(kind, SetType) for kind in kinds):
            return self._set_operation(node, op, left, right)
        for kind in kinds:
            if isinstance(kind, ScalarsetType):
                raise self.error(
                    Code.SCALARSET,
                    f"{kind.name} is a Scalarset: its members cannot be calculated "
                    "with",
                    node,
                    help_="only ==, is, in and iteration apply; for numbers use "
                    "Annotated[int, range(...)]",
                )
        one, two = describe(kinds[0]), describe(kinds[1])
        raise self.error(
            Code.OPERAND_TYPE,
            f"this operator has no meaning for {one} and {two}",
            node,
            help_="both sides must be integers, or both sets",
        )

    def _arithmetic(
        self, node: ast.AST, op: ast.operator, left: Value, right: Value
    ) -> Value:
        if isinstance(op, ast.Div):
            raise self.error(
                Code.FLOAT,
                "`/` makes a floating-point number, which is not finite data",
                node,
                help_="write // for whole numbers",
            )
        bools = isinstance(left.type_, BoolType) and isinstance(right.type_, BoolType)
        if bools and type(op) in _LOGIC:
            return bool_value(_LOGIC[type(op)](left.term, right.term))
        if type(op) not in _ARITHMETIC:
            raise self.unsupported(
                node, "this operator on integers", "use + - * // and %"
            )
        one, two = t.as_int(left.term), t.as_int(right.term)
        if isinstance(op, ast.FloorDiv | ast.Mod):
            self.builder.check(
                t.not_(t.eq(two, t.const(0))),
                Check.DIVISION,
                "division by zero",
                self.frame.title,
                self.span(node),
            )
        return int_value(_ARITHMETIC[type(op)](one, two))

    def _set_operation(
        self, node: ast.AST, op: ast.operator, left: Value, right: Value
    ) -> Value:
        type_ = self.join_types(left.type_, right.type_, node)
        one, two = widened(left, type_).term, widened(right, type_).term
        match op:
            case ast.BitOr():
                term = t.union(one, two)
            case ast.BitAnd():
                term = t.inter(one, two)
            case ast.Sub():
                term = t.minus(one, two)
            case ast.BitXor():
                term = t.union(t.minus(one, two), t.minus(two, one))
            case _:
                raise self.unsupported(node, "this operator on sets", "use | & - and ^")
        return Value(type_, Shape(term))

    def join_types(self, left: Type, right: Type, node: ast.AST) -> Type:
        """The common type of two values met at `node`; raises MC202 if none."""
        try:
            return join(left, right)
        except MismatchError:
            raise self.error(
                Code.COMPARE_TYPE,
                f"{describe(left)} and {describe(right)} have no value in common",
                node,
                help_=_common_type(left, right),
            ) from None

    def _compare(self, node: ast.Compare) -> Term:
        operands = [node.left, *node.comparators]
        # Python evaluates an operand between two operators once.
        self.once.update((id(operand), None) for operand in operands[1:-1])
        result: Term = t.TRUE
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            with self.builder.block() as body:
                term = self._comparison(node, op, left, right)
            if body:
                if self.builder.changes(body):
                    result = self.builder.hold(bool_value(result)).term
                self.guarded(result, body)
            result = t.and_(result, term)
        for operand in operands[1:-1]:
            del self.once[id(operand)]
        return result

    def _comparison(
        self, node: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr
    ) -> Term:
        if isinstance(op, ast.In | ast.NotIn):
            found = self._membership(left, right)
            return t.not_(found) if isinstance(op, ast.NotIn) else found
        one, two = self._pair(left, right)
        if isinstance(op, ast.Is | ast.IsNot):
            self._check_identity(node, op, left, right, (one, two))
        if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            found = self._equal(node, one, two)
            return t.not_(found) if isinstance(op, ast.NotEq | ast.IsNot) else found
        one, two = self.present(one, left), self.present(two, right)
        return self._order(node, _ORDER[type(op)], one, two)

    def _equal(self, node: ast.AST, one: Value, two: Value) -> Term:
        self.join_types(one.type_, two.type_, node)
        if isinstance(one.type_, NoneType) != isinstance(two.type_, NoneType):
            other = two if isinstance(one.type_, NoneType) else one
            if not isinstance(other.type_, OptionalType):
                raise self.error(
                    Code.COMPARE_TYPE,
                    f"{describe(other.type_)} is never None",
                    node,
                    help_="drop the test, or declare it as "
                    f"{describe(other.type_)} | None",
                )
        return equal(one, two)

    def _check_identity(
        self,
        node: ast.AST,
        op: ast.cmpop,
        left: ast.expr,
        right: ast.expr,
        values: tuple[Value, Value],
    ) -> None:
        for value in values:
            kind = value.type_
            kind = kind.item if isinstance(kind, OptionalType) else kind
            if not isinstance(kind, EnumType | ScalarsetType | BoolType | NoneType):
                if NOTHING in values:
                    continue
                same = ast.Eq() if isinstance(op, ast.Is) else ast.NotEq()
                raise self.error(
                    Code.COMPARE_TYPE,
                    f"`is` on {describe(kind)} depends on how Python stores it",
                    node,
                    help_=f"write {code(ast.Compare(left, [same], [right]))}",
                )

    def _order(self, node: ast.AST, symbol: str, one: Value, two: Value) -> Term:
        if symbol in (">", ">="):
            one, two, symbol = two, one, {">": "<", ">=": "<="}[symbol]
        match one.type_, two.type_:
            case ((IntType() | BoolType()), (IntType() | BoolType())):
                compare = t.lt if symbol == "<" else t.le
                return compare(t.as_int(one.term), t.as_int(two.term))
            case SetType(), SetType():
                type_ = self.join_types(one.type_, two.type_, node)
                left, right = widened(one, type_).term, widened(two, type_).term
                below = t.subset(left, right)
                strict = t.and_(below, t.not_(t.eq(left, right)))
                return strict if symbol == "<" else below
            case ScalarsetType(symmetric=False), ScalarsetType() if (
                one.type_ == two.type_
            ):
                return (t.lt if symbol == "<" else t.le)(one.term, two.term)
            case ScalarsetType(name=name), _:
                raise self.error(
                    Code.SCALARSET,
                    f"{name} is a Scalarset: its members have no order",
                    node,
                    help_=f"class {name}(Scalarset, size=2, symmetric=False) orders "
                    "them",
                )
        kinds = {describe(one.type_): None, describe(two.type_): None}
        have = "has" if len(kinds) == 1 else "have"
        raise self.error(
            Code.COMPARE_TYPE,
            f"{' and '.join(kinds)} {have} no order",
            node,
            help_="only integers, sets and ordered Scalarsets can be compared so",
        )

    def _membership(self, left: ast.expr, right: ast.expr) -> Term:
        symbol = self.class_symbol(right)
        if symbol is not None:
            self.world.types.of_class(symbol, self.span(right))
            item = self.expression(left)
            type_ = self.world.types.of_class(symbol, self.span(right))
            return self._equal_any(left, item, list(values_of(type_)))
        if _is_range(right):
            item = self.expression(left)
            with self.builder.block() as later:
                values = self.items(right, is_loop=False)
            item = self.early(left, item, later)
            self.builder.out.extend(later)
            return t.or_(
                *(t.and_(cond, self._equal(left, item, each)) for cond, each in values)
            )
        item, container = self._item_and_container(left, right)
        try:
            return member(container, item)
        except MismatchError:
            raise self.error(
                Code.COMPARE_TYPE,
                f"{describe(item.type_)} is never in {describe(container.type_)}",
                left,
                help_="the element and the container must be of one type",
            ) from None

    def _item_and_container(
        self, left: ast.expr, right: ast.expr
    ) -> tuple[Value, Value]:
        item = self.expression(left)
        expect: Type | None = SetType(item.type_)
        if isinstance(right, ast.List | ast.Tuple):
            with self.builder.block() as later:
                parts = self.ordered(*((part, item.type_) for part in right.elts))
            item = self.early(left, item, later)
            self.builder.out.extend(later)
            whole = TupleType(tuple(part.type_ for part in parts))
            shape: Shape[Term] = Shape(items=tuple(part.shape for part in parts))
            return item, Value(whole, shape)
        with self.builder.block() as later:
            container = self.present(self.expression(right, expect), right)
        item = self.early(left, item, later)
        self.builder.out.extend(later)
        return item, container

    def _equal_any(self, node: ast.AST, item: Value, values: list[Value]) -> Term:
        return t.or_(*(self._equal(node, item, value) for value in values))

    def _conditional(self, node: ast.IfExp, expect: Type | None) -> Value:
        cond = self.condition(node.test)
        with self.builder.block() as then:
            one = self.expression(node.body, expect)
        with self.builder.block() as orelse:
            two = self.expression(node.orelse, expect or one.type_)
        if self.builder.changes([*then, *orelse]):
            cond = self.builder.hold(bool_value(cond)).term
        self.guarded(cond, then)
        self.guarded(t.not_(cond), orelse)
        type_ = self.join_types(one.type_, two.type_, node)
        return merge(cond, widened(one, type_), widened(two, type_))


def _part(node: ast.AST, *names: str) -> ast.AST:
    """The part of `node` with one of the names, or the whole."""
    for name in names:
        if hasattr(node, name):
            found = getattr(node, name)
            assert isinstance(found, ast.AST)
            return found
    return node


def _common_type(left: Type, right: Type) -> str:
    """What to write where a value of one of two unlike types stands."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, EnumType) and isinstance(other, IntType):
            return f"write {samples(one)} for the number"
    return "both sides must be of one type"


def _test_of(node: ast.expr, type_: Type) -> str:
    """A test to write in place of the bare value of `type_`."""
    text = code(node)
    match type_:
        case EnumType(name, (member, *_)):
            return f"compare it: {text} is {name}.{member}"
        case OptionalType():
            return f"compare it: {text} is not None"
    return f"compare it with a value: {text} == ..."


def _is_and(op: ast.boolop) -> bool:
    return isinstance(op, ast.And)


def _negated(term: Term) -> Term:
    return t.sub(t.const(0), term)


def _is_untyped(node: ast.expr) -> bool:
    """Whether a literal says nothing about the type of its elements."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[]):
            return name in ("set", "frozenset", "list")
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return True
    return False


def _is_range(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "range"
    )


def _xor(left: Term, right: Term) -> Term:
    return t.not_(t.eq(left, right))


_LOGIC: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.BitAnd: t.and_,
    ast.BitOr: t.or_,
    ast.BitXor: _xor,
}
