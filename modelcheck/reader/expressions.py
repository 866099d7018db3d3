"""Expressions: which part of the reader lowers which form."""

from __future__ import annotations

import ast

from modelcheck.model.types import Type
from modelcheck.reader.context import Purpose
from modelcheck.reader.displays import Displays
from modelcheck.reader.errors import Code
from modelcheck.reader.refusals import strings
from modelcheck.reader.values import Value, bool_value


class Expressions(Displays):
    """The part of `Lowering` that sorts expressions by their form."""

    def expression(self, node: ast.expr, expect: Type | None = None) -> Value:
        """Lower an expression; `expect` helps literals that have no type alone."""
        if id(node) in self.once:
            return self._lowered_once(node, expect)
        value = self._form(node, expect)
        access = self.accesses.pop(id(node), None)
        if access is not None:
            value = self.builder.keep(value)
            self.touch_place(*access)
        return value

    def _lowered_once(self, node: ast.expr, expect: Type | None) -> Value:
        """The value of an expression that stands once and is used several times."""
        known = self.once[id(node)]
        if known is None:
            known = self.builder.hold(self._form(node, expect))
            self.once[id(node)] = known
        return known

    def _form(self, node: ast.expr, expect: Type | None) -> Value:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self.call(node, expect, is_awaited=False)
            case ast.Await():
                return self._await(node, expect)
            case ast.Compare():
                return bool_value(self._compare(node))
            case ast.BoolOp():
                return self._bool_value(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node, expect)
            case ast.IfExp():
                return self._conditional(node, expect)
        return self._display(node, expect)

    def _display(self, node: ast.expr, expect: Type | None) -> Value:
        match node:
            case ast.Tuple(elts=items):
                return self._tuple(items, expect)
            case ast.Set(elts=items):
                return self._set_display(node, items, expect)
            case ast.List(elts=items):
                return self._list_display(node, items, expect)
            case ast.Dict():
                return self._dict_display(node, expect)
            case ast.SetComp(elt=element):
                return self._set_comprehension(node, element, expect)
            case ast.ListComp():
                return self._list_comprehension(node, expect)
            case ast.DictComp():
                return self._dict_comprehension(node, expect)
            case ast.Lambda():
                raise self.error(
                    Code.LAMBDA,
                    "a function is not a value that a spec can keep",
                    node,
                    help_="a lambda stands only in `await until(lambda: ...)`; "
                    "write a method",
                )
            case ast.JoinedStr():
                raise strings(self.span(node))
        what, help_ = _REFUSED.get(type(node), ("this expression", ""))
        raise self.unsupported(node, what, help_)

    def _await(self, node: ast.Await, expect: Type | None) -> Value:
        if not self.frame.is_async or self.purpose is not Purpose.PROCESS:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                "`await` stands only in the async functions of a process",
                node,
                help_=self._instead_of_await(),
            )
        if not isinstance(node.value, ast.Call):
            raise self.unsupported(
                node, "awaiting anything but a call", "write `await preempt()`"
            )
        return self.call(node.value, expect, is_awaited=True)

    def _instead_of_await(self) -> str:
        name = self.frame.title
        if self.purpose is Purpose.PROCESS:
            return f"write `async def {name}`, and await it where it is called"
        if self.looks_only():
            return f"{self.looks_only()} only looks at the state: drop the await"
        return f"this is atomic: drop the await, or make `{name}` a @process"


_REFUSED: dict[type[ast.expr], tuple[str, str]] = {
    ast.NamedExpr: ("`:=`", "assign it on a line before"),
    ast.Yield: ("`yield`", "write `await preempt()`"),
    ast.YieldFrom: ("`yield from`", "await an async function"),
    ast.Starred: ("`*`", "write the values one by one"),
    ast.GeneratorExp: (
        "a generator outside all(), any(), sum(), min(), max(), set() and list()",
        "write a set or a list: [x for x in Device]",
    ),
    ast.Slice: ("a slice", "pop(0) takes the first; a loop builds a new list"),
}
