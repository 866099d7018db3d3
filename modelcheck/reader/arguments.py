"""Arguments: what a call of a function of the spec gives to its parameters."""

from __future__ import annotations

import ast

from modelcheck.model.types import Type
from modelcheck.reader.aliases import Aliases
from modelcheck.reader.context import Frame
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.loops import changed_names
from modelcheck.reader.methods import Function, Method
from modelcheck.reader.modules import Module, NameSymbol
from modelcheck.reader.signatures import default_values
from modelcheck.reader.values import Value


class Arguments(Aliases):
    """The part of `Lowering` for arguments of the spec's functions."""

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
        values = self._given_values(given, kinds)
        changed = changed_names(function)
        for name, argument in given.items():
            self.refuse_alias(argument, kinds[name], is_changed=name in changed)
        defaults = default_values(function)
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


def _position(node: ast.expr) -> tuple[int, int]:
    return (node.lineno, node.col_offset)
