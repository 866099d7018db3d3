"""Inlining: a call of a function of the spec becomes its body."""

from __future__ import annotations

import ast

from modelcheck.model.statements import (
    NO_SPAN,
    Mark,
    MarkKind,
    Scope,
)
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    NoneType,
    OptionalType,
    SetType,
    Type,
    is_container,
)
from modelcheck.reader.annotations import name_span
from modelcheck.reader.builder import has_effect
from modelcheck.reader.classes import Function, Method
from modelcheck.reader.context import Frame, Local, Purpose, WidenError
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.iteration import Iteration
from modelcheck.reader.loops import assigned_names, changed_names
from modelcheck.reader.modules import (
    Known,
    Module,
    NameSymbol,
)
from modelcheck.reader.values import (
    NOTHING,
    Value,
    blank,
    widened,
)
from modelcheck.reader.wording import code, describe


class Inlining(Iteration):
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
                value.type_, value=value, is_frozen=_is_frozen(function, name)
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
        returns = [n for s in statements for n in _returns(s)]
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
                type_ = declared or self.world.hints.get((function, name), local.type_)
                own = Local(type_, is_frozen=local.is_frozen, declared=declared)
                own.place = self.builder.new_variable(own.type_, name)
                self.builder.store(own.place, widened(local.value, own.type_))
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

    def widen(self, key: tuple[ast.AST, str], type_: Type, node: ast.AST) -> None:
        """Lower the body again with a larger type; raises MC300 if it never ends."""
        if isinstance(type_, IntType) and type_.hi - type_.lo > _MAX_INFERRED:
            self._cap(key)
            raise self.error(
                Code.UNBOUNDED_INT,
                "nothing bounds this integer: it grows each time round",
                node,
                help_="give it a range where it is first assigned: "
                f"{key[1]}: Annotated[int, range(0, 5)] = 0"
                if key[1] != "return"
                else "give the result a range: -> Annotated[int, range(0, 5)]",
            )
        if isinstance(type_, IntType):
            type_ = self._with_slack(key, type_)
        self.world.hints[key] = type_
        raise WidenError

    def _cap(self, key: tuple[ast.AST, str]) -> None:
        """Hold a parameter that nothing else bounds to the type it is declared with."""
        function, name = key
        if key not in self.world.capped and isinstance(function, FUNCTIONS):
            spec = function.args
            for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
                kind = None
                if parameter.arg == name and parameter.annotation is not None:
                    kind = self._parameter_type(self.frame.module, parameter)
                if kind is not None:
                    self.world.capped[key] = kind
                    raise WidenError

    def _with_slack(self, key: tuple[ast.AST, str], type_: IntType) -> IntType:
        """`type_`, made larger at a time the more often `key` has been widened.

        One more value each time would read a body once for every value up to the limit
        before saying that there is none.
        """
        known = self.world.hints.get(key)
        times = self.world.widenings[key] = self.world.widenings.get(key, 0) + 1
        if not isinstance(known, IntType) or times < _PATIENCE:
            return type_
        slack = type_.hi - type_.lo
        lo = type_.lo - (slack if type_.lo < known.lo else 0)
        return IntType(lo, type_.hi + (slack if type_.hi > known.hi else 0))

    def _arguments(
        self,
        frame: Frame,
        function: Function,
        method: Method | None,
        node: ast.expr,
    ) -> list[tuple[str, Value]]:
        """The arguments of a call, by parameter, in order of the parameters.

        Arguments that are the spec itself (`self`, `after`) go to the views of `frame`.
        """
        spec = function.args
        names = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        if method is not None and not method.is_static:
            names = names[1:]
        given = self._given(function, names, node)
        for name, argument in list(given.items()):
            view = self.receiver_of(argument)
            if view is not None:
                frame.views[name] = view
                del given[name]
        names = [parameter for parameter in names if parameter.arg not in frame.views]
        kinds = {p.arg: self._parameter_type(frame.module, p) for p in names}
        for name, argument in given.items():
            self.refuse_alias(argument, kinds[name])
        values = self._given_values(given, kinds)
        defaults = _defaults(function)
        found: list[tuple[str, Value]] = []
        for parameter in names:
            name = parameter.arg
            if name not in values and name not in defaults:
                what = f"`{function.name}` needs an argument `{name}`"
                raise self._call_error(what, node, function, names)
            if name not in values:
                symbol = NameSymbol(frame.module, name, defaults[name])
                values[name] = self.constant_of(symbol, node, kinds[name])
            value = self._argument(
                values[name], kinds[name], given.get(name, node), parameter
            )
            found.append((name, self.builder.keep(value, name)))
        return found

    def _given_values(
        self, given: dict[str, ast.expr], kinds: dict[str, Type | None]
    ) -> dict[str, Value]:
        """The values of arguments, evaluated in the order they are written."""
        order = sorted(given, key=lambda name: _position(given[name]))
        values = self.ordered(*((given[name], kinds[name]) for name in order))
        return dict(zip(order, values, strict=True))

    def _argument(
        self, value: Value, kind: Type | None, node: ast.expr, parameter: ast.arg
    ) -> Value:
        if kind is None:
            return value
        return self.convert(value, kind, node, f"the argument `{parameter.arg}`")

    def _parameter_type(self, module: Module, parameter: ast.arg) -> Type | None:
        annotation = parameter.annotation
        if annotation is None:
            raise SpecError(
                Code.SIGNATURE,
                f"the parameter `{parameter.arg}` has no type",
                module.span(parameter),
                help=f"write {parameter.arg}: Device",
            )
        if isinstance(annotation, ast.Name) and annotation.id == "int":
            return None
        return self.world.types.annotation(module, annotation)

    def _given(
        self, function: Function, names: list[ast.arg], node: ast.expr
    ) -> dict[str, ast.expr]:
        if not isinstance(node, ast.Call):
            return {}
        positional = len(names) - len(function.args.kwonlyargs)
        if len(node.args) > positional:
            many = "argument" if positional == 1 else "arguments"
            message = f"`{function.name}` takes {positional} {many}"
            message += f", not {len(node.args)}"
            raise self._call_error(message, node.args[positional], function, names)
        given = {p.arg: a for p, a in zip(names, node.args, strict=False)}
        for keyword in node.keywords:
            if keyword.arg in given:
                what = f"`{function.name}` is given `{keyword.arg}` twice"
                raise self._call_error(what, keyword, function, names)
            if keyword.arg not in [p.arg for p in names]:
                what = f"`{function.name}` has no parameter `{keyword.arg}`"
                if keyword.arg is None:
                    what = "`**` in a call is not part of the spec language"
                raise self._call_error(what, keyword, function, names)
            given[keyword.arg] = keyword.value
        return given

    def _call_error(
        self, what: str, node: ast.AST, function: Function, names: list[ast.arg]
    ) -> SpecError:
        """A call that does not fit the parameters `names` of `function`."""
        shown = ", ".join(name.arg for name in names)
        return self.error(
            Code.CALL_TYPE, what, node, help_=f"write {function.name}({shown})"
        )

    def refuse_alias(self, node: ast.expr, kind: Type | None) -> None:
        """Refuse a second name for a container that can change in place."""
        if kind is not None and not is_container(kind):
            return
        if isinstance(node, ast.IfExp):
            self.refuse_alias(node.body, kind)
            self.refuse_alias(node.orelse, kind)
            return
        call = node.value if isinstance(node, ast.Await) else node
        type_ = self.lent.get(call)
        if type_ is None:
            place = self.place_of(node) if _is_path(node) else None
            if place is None or self._is_frozen_path(node):
                return
            type_ = place.type_
        if not is_container(type_):
            return
        copy = {SetType: "set", ListType: "list", DictType: "dict"}[type(type_)]
        raise self.error(
            Code.ALIAS,
            "this would be a second name for the same container",
            node,
            help_=f"copy it: {copy}({code(node)})",
        )

    def _lend(self, node: ast.expr, value: Value) -> None:
        """Note that the call being inlined gives back a container that others have."""
        is_owned = not _is_path(node) or self._is_frozen_path(node)
        is_mine = isinstance(node, ast.Name) and node.id in self.frame.locals
        is_lent = is_container(value.type_) and not is_owned and not is_mine
        if is_lent and self.frame.site is not None:
            self.lent[self.frame.site] = value.type_

    def _is_frozen_path(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            # What is no local is a constant of a module.
            local = self.frame.locals.get(node.id)
            return local is None or local.is_frozen
        if isinstance(node, ast.Attribute):
            info = self.world.fields.get(node.attr)
            return info is not None and info.is_frozen
        return False


def _position(node: ast.expr) -> tuple[int, int]:
    return (node.lineno, node.col_offset)


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)


def _is_frozen(function: Function, name: str) -> bool:
    spec = function.args
    for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        if parameter.arg == name:
            return is_frozen_annotation(parameter.annotation)
    return False


def is_frozen_annotation(node: ast.expr | None) -> bool:
    """Whether an annotation is `frozenset[...]`."""
    head = node.value if isinstance(node, ast.Subscript) else None
    return isinstance(head, ast.Name) and head.id == "frozenset"


def receiver_name(method: Method) -> str:
    """What a method calls its instance: `self`; raises MC113 if nothing."""
    if not method.node.args.args:
        raise SpecError(
            Code.SIGNATURE,
            f"`{method.name}` has no parameter `self`",
            method.span,
            help=f"write `def {method.name}(self)`"
            + ("" if method.role else ", or make it a @staticmethod"),
        )
    return method.node.args.args[0].arg


def _defaults(function: Function) -> dict[str, ast.expr]:
    spec = function.args
    names = [*spec.posonlyargs, *spec.args]
    found = {
        p.arg: d for p, d in zip(reversed(names), reversed(spec.defaults), strict=False)
    }
    for parameter, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            found[parameter.arg] = default
    return found


def returns_formula(function: Function, module: Module) -> bool:
    """Whether `function` is declared to return a formula of temporal logic."""
    return names_formula(function.returns, module)


def names_formula(node: ast.expr | None, module: Module) -> bool:
    """Whether an annotation is `Formula`, `modelcheck.Formula` or one in quotes."""
    match node:
        case ast.Name(id=name):
            return module.names.get(name) == Known("Formula")
        case ast.Attribute(value=ast.Name(id=owner), attr="Formula"):
            return module.names.get(owner) == Known("modelcheck")
        case ast.Constant(value=str(text)):
            return text.rpartition(".")[2] == "Formula"
    return False


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body behind its docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest] if rest:
            return rest
    return body


def _returns(node: ast.AST) -> list[ast.AST]:
    """The `return` statements in `node`, not in functions inside it."""
    if isinstance(node, ast.Return):
        return [node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return []
    return [n for child in ast.iter_child_nodes(node) for n in _returns(child)]


_MAX_INFERRED = 4096
_PATIENCE = 40
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
