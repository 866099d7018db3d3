"""What the methods of sets, lists and maps share: their arguments and checks."""

from __future__ import annotations

import ast

from modelcheck.model.statements import Check
from modelcheck.model.terms import Term
from modelcheck.model.types import DictType, ListType, SetType, Type, spell
from modelcheck.reader.builder import Place
from modelcheck.reader.builtins import Builtins
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.values import NOTHING, MismatchError, Value, blank, join
from modelcheck.reader.wording import code


class ContainerArguments(Builtins):
    """The part of `Lowering` for arguments of methods of containers."""

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

    def clear(self, node: ast.Call, place: Place) -> Value:
        """`clear`."""
        self._no_arguments(node)
        self.builder.store(place, blank(place.type_), self.span(node))
        return NOTHING

    def copy(self, node: ast.Call, place: Place) -> Value:
        """`copy`."""
        self._no_arguments(node)
        match place.type_:
            case ListType(item) | DictType(value=item):
                self.refuse_shallow(node, item)
        return self.builder.hold(place.read())
