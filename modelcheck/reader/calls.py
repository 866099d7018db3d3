"""Calls: which function a call means, and whether it may be awaited."""

from __future__ import annotations

import ast

from modelcheck.model.shapes import Shape
from modelcheck.model.types import EnumType, RecordType, Type
from modelcheck.reader.context import Purpose
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.inlining import Inlining
from modelcheck.reader.methods import Function
from modelcheck.reader.modules import (
    ClassSymbol,
    FunctionSymbol,
    Known,
    Module,
    NameSymbol,
    suggest,
    unknown_name,
)
from modelcheck.reader.values import Value
from modelcheck.reader.wording import attribute_name, code, samples

_ASYNC_ONLY = frozenset({"preempt", "until"})


class Calls(Inlining):
    """The part of `Lowering` that sorts calls."""

    def call(self, node: ast.Call, expect: Type | None, *, is_awaited: bool) -> Value:
        """Lower a call."""
        match node.func:
            case ast.Name(id=name):
                return self._call_name(node, name, expect, is_awaited=is_awaited)
            case ast.Attribute(value=base, attr=name):
                return self._call_attribute(node, base, name, is_awaited=is_awaited)
        raise self.unsupported(
            node, "calling this value", "call a function by its name"
        )

    def _call_name(
        self, node: ast.Call, name: str, expect: Type | None, *, is_awaited: bool
    ) -> Value:
        assert isinstance(node.func, ast.Name)
        if name in self.frame.locals:
            raise self.unsupported(
                node, "calling a variable", "call a method, or a function of the module"
            )
        symbol = self.symbol(node.func)
        match symbol:
            case Known(known):
                return self._call_known(node, known, expect, is_awaited=is_awaited)
            case ClassSymbol():
                return self._construct(node, symbol)
            case FunctionSymbol(module, function):
                self._check_await(node, function, is_awaited=is_awaited)
                return self.invoke(function, None, module, node, is_after=False)
            case NameSymbol():
                raise self.unsupported(
                    node, "calling a constant", "call a function of the module"
                )
        raise self.not_a_value(symbol, node.func)

    def _call_known(
        self, node: ast.Call, name: str, expect: Type | None, *, is_awaited: bool
    ) -> Value:
        is_formula = name == "until" and len(node.args) > 1 and not is_awaited
        if is_awaited != (name in _ASYNC_ONLY) and not is_formula:
            self._refuse_await(node, name, is_awaited=is_awaited)
        for keyword in node.keywords:
            if name != "replace":
                raise self.unsupported(
                    keyword, f"`{name}` with a named argument", "give it by position"
                )
        return self.builtin(node, name, expect)

    def _refuse_await(self, node: ast.Call, name: str, *, is_awaited: bool) -> None:
        if is_awaited:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                f"`{name}()` is not awaited",
                node,
                help_=f"write {code(node)}",
            )
        if self.purpose is not Purpose.PROCESS:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                f"`{name}()` stands only in the async functions of a process",
                node,
                help_="of runs it says until(f, g), in a @temporal method"
                if name == "until" and self.looks_only()
                else "an action is atomic: make it a @process, or use require()",
            )
        raise self.error(
            Code.MISSING_AWAIT,
            f"`{name}()` does nothing without await",
            node,
            help_=f"write `await {code(node)}`",
        )

    def _call_attribute(
        self, node: ast.Call, base: ast.expr, name: str, *, is_awaited: bool
    ) -> Value:
        is_after = self.receiver_of(base)
        if is_after is not None:
            return self._call_method(
                node, name, is_after=is_after, is_awaited=is_awaited
            )
        if _is_super(base):
            return self._call_super(node, name, is_awaited=is_awaited)
        with self.builder.block():
            is_lock = self.lock_place(base) is not None
        if is_lock:
            return self.lock_call(node, base, name, is_awaited=is_awaited)
        if is_awaited:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                f"`{name}()` is not awaited",
                node,
                help_=f"write {code(node)}",
            )
        symbol = self.frame.module.names.get(getattr(base, "id", ""))
        if isinstance(symbol, Module | Known):
            return self._call_in_module(node, symbol, name)
        return self.container_call(node, base, name)

    def _call_in_module(
        self, node: ast.Call, symbol: Module | Known, name: str
    ) -> Value:
        if isinstance(symbol, Known):
            return self._call_known(node, name, None, is_awaited=False)
        found = symbol.names.get(name)
        if isinstance(found, FunctionSymbol):
            return self.invoke(found.node, None, found.module, node, is_after=False)
        if isinstance(found, ClassSymbol):
            return self._construct(node, found)
        assert isinstance(node.func, ast.Attribute)
        raise unknown_name(name, self.span(attribute_name(node.func)), symbol)

    def _call_method(
        self, node: ast.Call, name: str, *, is_after: bool, is_awaited: bool
    ) -> Value:
        method = self.world.spec.methods.get(name)
        if method is None:
            assert isinstance(node.func, ast.Attribute)
            raise self.no_member(node.func)
        if method.role in ("process", "init"):
            raise self.unsupported(
                node,
                f"calling the @{method.role} `{name}`",
                "put the shared part into a helper without a decorator",
            )
        self._check_await(node, method.node, is_awaited=is_awaited)
        return self.invoke(method.node, method, method.module, node, is_after=is_after)

    def _call_super(self, node: ast.Call, name: str, *, is_awaited: bool) -> Value:
        owner = self.frame.owner
        method = self.world.spec.above(owner, name) if owner is not None else None
        if method is None:
            spec = self.world.spec
            above = spec.order[spec.order.index(owner) + 1 :] if owner else []
            known = [name for base, name in spec.by_class if base in above]
            assert isinstance(node.func, ast.Attribute)
            raise self.error(
                Code.UNKNOWN_ATTRIBUTE,
                f"no base class has a method `{name}`",
                attribute_name(node.func),
                help_=suggest(name, known) or f"define `{name}` in a base class",
            )
        self._check_await(node, method.node, is_awaited=is_awaited)
        is_after = self.frame.views[self.frame.receiver]
        return self.invoke(method.node, method, method.module, node, is_after=is_after)

    def _check_await(
        self, node: ast.Call, function: Function, *, is_awaited: bool
    ) -> None:
        is_async = isinstance(function, ast.AsyncFunctionDef)
        if is_async == is_awaited:
            return
        if not is_async:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                f"`{function.name}` is a plain function and is not awaited",
                node,
                help_=f"write {code(node)}",
            )
        if self.purpose is not Purpose.PROCESS:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                f"`{function.name}` is async: only a process can call it",
                node,
                help_=f"make `{function.name}` a plain function, "
                "or its caller a @process",
            )
        raise self.error(
            Code.MISSING_AWAIT,
            f"`{function.name}` is async: without await it does not run",
            node,
            help_=f"write `await {code(node)}`",
        )

    def _construct(self, node: ast.Call, symbol: ClassSymbol) -> Value:
        """`Record(...)`: a value of a frozen dataclass."""
        type_ = self.world.types.of_class(symbol, self.span(node))
        if not isinstance(type_, RecordType):
            help_ = f"write choose({symbol.node.name}), or take one as a parameter"
            if isinstance(type_, EnumType):
                help_ = f"write {samples(type_)}"
            raise self.unsupported(
                node, f"making a {symbol.node.name} by a call", help_
            )
        given = self._given_fields(node, symbol, type_)
        kinds = dict(type_.fields)
        order = [*given]
        values = dict(
            zip(
                order,
                self.ordered(*((given[name], kinds[name]) for name in order)),
                strict=True,
            )
        )
        shapes = []
        for name, kind in type_.fields:
            default = self.world.types.record_default(symbol, name)
            if name not in values and default is None:
                what = f"`{symbol.node.name}` needs a value for `{name}`"
                raise self._field_error(what, node, type_)
            if name not in values and default is not None:
                constant = NameSymbol(symbol.module, name, default)
                values[name] = self.constant_of(constant, node, kind)
            where = given.get(name, node)
            shapes.append(self.convert(values[name], kind, where, f"`{name}`").shape)
        return Value(type_, Shape(items=tuple(shapes)))

    def _given_fields(
        self, node: ast.Call, symbol: ClassSymbol, type_: RecordType
    ) -> dict[str, ast.expr]:
        """The fields that a call of a dataclass gives, in the order it is written."""
        names = [name for name, _ in type_.fields]
        if len(node.args) > len(names):
            what = f"`{symbol.node.name}` has no more fields than {', '.join(names)}"
            raise self._field_error(what, node.args[len(names)], type_)
        given = dict(zip(names, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg not in names:
                what = f"`{symbol.node.name}` has no field `{keyword.arg or '**'}`"
                raise self._field_error(what, keyword, type_)
            if keyword.arg in given:
                what = f"`{symbol.node.name}` is given `{keyword.arg}` twice"
                raise self._field_error(what, keyword, type_)
            given[keyword.arg] = keyword.value
        return given

    def _field_error(self, what: str, node: ast.AST, type_: RecordType) -> SpecError:
        return self.error(Code.CALL_TYPE, what, node, help_=f"write {samples(type_)}")


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
    )
