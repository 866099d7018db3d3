"""Inlining: a call of a function of the spec becomes its body."""

from __future__ import annotations

import ast

from modelcheck.model.statements import NO_SPAN, Mark, MarkKind, Scope
from modelcheck.model.types import NoneType, OptionalType, Type, is_container
from modelcheck.reader.builder import has_effect
from modelcheck.reader.context import Frame, Local, Purpose, WidenError
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.loops import assigned_names, changed_names
from modelcheck.reader.methods import Function, Method
from modelcheck.reader.modules import Module
from modelcheck.reader.signatures import (
    is_frozen,
    receiver_name,
    returns_formula,
    returns_of,
    without_docstring,
)
from modelcheck.reader.symbols import name_span
from modelcheck.reader.values import NOTHING, Value, blank, join, widened
from modelcheck.reader.widening import Widening
from modelcheck.reader.wording import describe


class Inlining(Widening):
    """The part of `Lowering` for calls of the spec's functions."""

    def invoke(
        self,
        function: Function,
        method: Method | None,
        module: Module,
        node: ast.expr,
        *,
        is_after: bool,
    ) -> Value:
        """Inline a function of the spec called at `node`."""
        if returns_formula(function, module):
            raise self.no_formula(node, f"`{function.name}()`")
        frame, arguments = self.opened(
            function, method, module, node, is_after=is_after
        )
        return self._inline(frame, function, arguments)

    def opened(
        self,
        function: Function,
        method: Method | None,
        module: Module,
        node: ast.expr,
        *,
        is_after: bool,
    ) -> tuple[Frame, list[tuple[str, Value]]]:
        """The frame of a call at `node`, and its arguments."""
        if any(frame.function is function for frame in self.frames):
            raise self._recursion(function, node)
        self.spend(node)
        frame = Frame(
            function.name,
            module,
            method.owner if method else None,
            function,
            node,
            is_async=isinstance(function, ast.AsyncFunctionDef),
        )
        arguments = self._arguments(frame, function, method, node)
        if method is not None and not method.is_static:
            frame.receiver = receiver_name(method)
            frame.views[frame.receiver] = is_after
        self.world.used.add(function)
        return frame, arguments

    def no_formula(self, node: ast.AST, what: str) -> SpecError:
        """The error for a formula where a value is needed."""
        return self.error(
            Code.TEMPORAL,
            f"{what} is a formula over runs, which has no value in one state",
            node,
            help_="formulas stand in a @temporal method, and are joined by `&`, `|`, "
            "`~` and implies()",
        )

    def _recursion(self, function: Function, node: ast.expr) -> SpecError:
        between = self.frame.title
        through = "" if between == function.name else f" through `{between}`"
        return self.error(
            Code.RECURSION,
            f"`{function.name}` calls itself{through}",
            node,
            help_="write a loop over a finite type instead",
        )

    def _inline(
        self, frame: Frame, function: Function, arguments: list[tuple[str, Value]]
    ) -> Value:
        for name, value in arguments:
            frame.locals[name] = Local(
                value.type_, value=value, is_frozen=is_frozen(function, name)
            )
        frame.assigned = {name for name, _ in arguments}
        frame.result_type = self.result_type(frame, function)
        site = self.span(frame.site) if frame.site is not None else NO_SPAN
        self.frames.append(frame)
        try:
            with self.builder.block() as body:
                result = self.run_body(frame, function)
        finally:
            self.frames.pop()
        is_shown = self.purpose is not Purpose.PROPERTY and has_effect(body)
        if is_shown:
            values = tuple((name, v.type_, v.shape) for name, v in arguments)
            self.builder.emit(Mark(MarkKind.CALL, function.name, values, site))
        self.builder.out.extend(body)
        if is_shown:
            shown = (("", result.type_, result.shape),)
            values = () if isinstance(result.type_, NoneType) else shown
            self.builder.emit(Mark(MarkKind.RETURN, function.name, values, site))
        return result

    def result_type(self, frame: Frame, function: Function) -> Type | None:
        """The declared result; None for a plain `int`, whose range is inferred."""
        returns = function.returns
        if returns is None:
            raise SpecError(
                Code.SIGNATURE,
                f"`{function.name}` does not say what it returns",
                name_span(frame.module, function),
                help="write -> None, or the type of the result",
            )
        if isinstance(returns, ast.Name) and returns.id == "int":
            return None
        return self.world.types.annotation(frame.module, returns)

    def run_body(self, frame: Frame, function: Function) -> Value:
        """Lower the body of `function` in `frame`; its result."""
        self.own_assigned(function)
        statements = without_docstring(function.body)
        returns = [n for s in statements for n in returns_of(s)]
        if not returns:
            self.block(statements)
            if frame.assigned is not None:
                self._check_falls_off(frame, function)
            return NOTHING
        last = statements[-1]
        if len(returns) == 1 and last is returns[0] and isinstance(last, ast.Return):
            self.block(statements[:-1])
            return self._returned(frame, last)
        return self._scoped_body(frame, function, statements)

    def own_assigned(self, function: Function) -> None:
        """Give storage to the parameters of `function` that its body changes."""
        assigned = assigned_names(function)
        for name in sorted(assigned | changed_names(function)):
            local = self.frame.locals.get(name)
            if local is None or not (name in assigned or is_container(local.type_)):
                continue
            if local.value is not None:
                declared = self.world.capped.get((function, name))
                hint = self.world.hints.get((function, name), local.type_)
                # Another call may have given the parameter more, or less.
                type_ = declared or join(hint, local.type_)
                own = Local(type_, is_frozen=local.is_frozen, declared=declared)
                own.place = self.builder.new_variable(own.type_, name)
                if declared is None:
                    value = widened(local.value, own.type_)
                else:
                    value = self.convert(local.value, own.type_, function, f"`{name}`")
                self.note_interval(own.place, value)
                self.builder.store(own.place, value)
                self.frame.locals[name] = own

    def _returned(self, frame: Frame, node: ast.Return) -> Value:
        if node.value is None:
            if frame.result_type is None:
                return NOTHING
            what = f"the result of `{frame.title}`"
            return self.convert(NOTHING, frame.result_type, node, what)
        value = self.expression(node.value, frame.result_type)
        self._lend(node.value, value)
        if frame.result_type is None:
            return value
        return self.convert(
            value, frame.result_type, node.value, f"the result of `{frame.title}`"
        )

    def _scoped_body(
        self, frame: Frame, function: Function, statements: list[ast.stmt]
    ) -> Value:
        frame.return_label = self.world.names.label()
        type_ = frame.result_type
        if type_ is None:
            type_ = self.world.hints.get((function, "return"))
        if type_ is not None:
            frame.result = self.builder.new_place(type_, f"{frame.title}()")
        with self.builder.block() as body:
            self.block(statements)
        if frame.assigned is not None:
            self._check_falls_off(frame, function)
        self.builder.emit(Scope(frame.return_label, tuple(body)))
        return NOTHING if frame.result is None else frame.result.read()

    def _check_falls_off(self, frame: Frame, function: Function) -> None:
        if isinstance(frame.result_type, NoneType | OptionalType):
            if frame.result is not None:
                self.builder.store(frame.result, blank(frame.result.type_))
            return
        raise SpecError(
            Code.SIGNATURE,
            f"`{function.name}` can end without returning a value",
            frame.module.span(function.body[-1]),
            help="end every way through it with `return ...`",
        )

    def return_value(self, node: ast.Return) -> None:
        """Store what a `return` in a scoped body gives back."""
        frame = self.frame
        if node.value is None:
            if frame.result is not None and not isinstance(frame.result_type, NoneType):
                self.builder.store(
                    frame.result,
                    self.convert(NOTHING, frame.result.type_, node, "the result"),
                )
            return
        value = self.expression(node.value, frame.result_type)
        self._lend(node.value, value)
        function = frame.function
        assert function is not None
        if isinstance(frame.result_type, NoneType):
            self._refuse_result(value, node.value)
            return
        if frame.result is None:
            self.world.hints[function, "return"] = value.type_
            raise WidenError
        if frame.result_type is None:
            value = self._widen_result(value, function, node)
        else:
            value = self.convert(
                value, frame.result_type, node.value, f"the result of `{frame.title}`"
            )
        self.builder.store(frame.result, value)

    def _refuse_result(self, value: Value, node: ast.expr) -> None:
        """Refuse a value returned by what is declared to return nothing."""
        if not isinstance(value.type_, NoneType):
            raise self.error(
                Code.ASSIGN_TYPE,
                f"`{self.frame.title}` returns nothing, but this is "
                f"{describe(value.type_)}",
                node,
                help_="write `return` alone, and keep the value in a variable",
            )

    def _widen_result(self, value: Value, function: ast.AST, node: ast.AST) -> Value:
        assert self.frame.result is not None
        known = self.frame.result.type_
        wider = self.join_types(known, value.type_, node)
        if wider != known:
            self.widen((function, "return"), wider, node)
        return widened(value, known)
