"""Aliases: second names for a container that can change in place, refused."""

from __future__ import annotations

import ast

from modelcheck.model.types import DictType, ListType, SetType, Type, is_container
from modelcheck.reader.errors import Code
from modelcheck.reader.iteration import Iteration
from modelcheck.reader.values import Value
from modelcheck.reader.wording import code


class Aliases(Iteration):
    """The part of `Lowering` that refuses second names for containers."""

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
            with self.builder.block():
                # What an index does it does where the value is computed, not here.
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


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)
