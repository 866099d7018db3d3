"""Aliases: second names for a container that can change in place, refused."""

from __future__ import annotations

import ast

from modelcheck.model.types import (
    DictType,
    ListType,
    OptionalType,
    SetType,
    Type,
    is_container,
)
from modelcheck.reader.context import called, choices_of
from modelcheck.reader.errors import Code
from modelcheck.reader.iteration import Iteration
from modelcheck.reader.type_limits import holds_container
from modelcheck.reader.values import Value
from modelcheck.reader.wording import code


class Aliases(Iteration):
    """The part of `Lowering` that refuses second names for containers."""

    def refuse_alias(
        self, node: ast.expr, kind: Type | None, *, is_changed: bool = True
    ) -> None:
        """Refuse a second name for a container that can change in place.

        `kind` is the type of `node`. Unless it `is_changed` by the new name, that may
        be one for a loop variable or a parameter, which are not changed themselves.
        """
        if kind is not None and not is_container(_present(kind)):
            return
        for part in choices_of(node):
            self._refuse_alias(part, kind, is_changed=is_changed)

    def _refuse_alias(
        self, node: ast.expr, kind: Type | None, *, is_changed: bool
    ) -> None:
        root = self._root(node)
        if isinstance(root, ast.Name):
            if self._is_frozen_path(node):
                return
            with self.builder.block():
                # What an index does it does where the value is computed, not here.
                place = self.place_of(node)
            if place is not None:
                kind = place.type_
            elif isinstance(node, ast.Attribute):
                return  # a field of a record, which has none that can change
            elif isinstance(node, ast.Name) and not is_changed:
                return
        elif root in self.lent:
            kind = self.lent[root] if root is called(node) else kind
        else:
            return
        type_ = None if kind is None else _present(kind)
        if type_ is None or not is_container(type_):
            return
        copy = {SetType: "set", ListType: "list", DictType: "dict"}[type(type_)]
        raise self.error(
            Code.ALIAS,
            "this would be a second name for the same container",
            node,
            help_=f"copy it: {copy}({code(node)})",
        )

    def refuse_part(self, node: ast.expr, kind: Type) -> None:
        """Refuse a name for a part, of type `kind`, of the tuple that `node` gives."""
        if is_container(_present(kind)) and any(map(self._is_kept, choices_of(node))):
            raise self.error(
                Code.ALIAS,
                "this would be a second name for a container in a tuple",
                node,
                help_=f"take a copy of it: set({code(node)}[0])",
            )

    def _is_kept(self, node: ast.expr) -> bool:
        """Whether others go on having what `node` gives."""
        root = self._root(node)
        return isinstance(root, ast.Name) or root in self.lent

    def _lend(self, node: ast.expr, value: Value) -> None:
        """Note that the call being inlined gives back a container that others have."""
        if self.frame.site is None or not holds_container(value.type_):
            return
        if any(map(self._is_others, choices_of(node))):
            self.lent[self.frame.site] = value.type_

    def _is_others(self, node: ast.expr) -> bool:
        """Whether what `node` gives, be it a part of something, is not the call's."""
        root = self._root(node)
        if not isinstance(root, ast.Name):
            return root in self.lent
        local = self.frame.locals.get(root.id)
        is_mine = root is node and local is not None and local.place is not None
        return not (is_mine or self._is_frozen_path(node))

    def _is_frozen_path(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            # What is no local is a constant of a module.
            local = self.frame.locals.get(node.id)
            return local is None or local.is_frozen
        if isinstance(node, ast.Attribute):
            info = self.world.fields.get(node.attr)
            return info is not None and info.is_frozen
        return False

    def _root(self, node: ast.expr) -> ast.expr:
        """What `node` is a part of: a name, a call, or something made here."""
        node = called(node)
        while isinstance(node, ast.Attribute | ast.Subscript) and node not in self.lent:
            node = called(node.value)
        return node


def _present(type_: Type) -> Type:
    return type_.item if isinstance(type_, OptionalType) else type_
