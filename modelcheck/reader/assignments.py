"""Assignments: to locals, to the state, to parts of either."""

from __future__ import annotations

import ast
from dataclasses import replace

from modelcheck.model.statements import Check, Mark, MarkKind
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    NoneType,
    OptionalType,
    SetType,
    TupleType,
    Type,
    is_container,
)
from modelcheck.reader.builder import Place
from modelcheck.reader.context import Local, Purpose
from modelcheck.reader.errors import Code
from modelcheck.reader.intervals import Known, interval
from modelcheck.reader.locks import Locks
from modelcheck.reader.signatures import is_frozen_annotation
from modelcheck.reader.values import (
    MismatchError,
    Value,
    items_of,
    join,
    unwrap,
    widened,
)
from modelcheck.reader.wording import code, describe


class Assignments(Locks):
    """The part of `Lowering` for assignment."""

    def _here(self) -> list[Known]:
        """What is known here, unless control cannot come here."""
        return [] if self.frame.assigned is None else [self.known]

    def on_assign(self, node: ast.Assign) -> None:
        """Lower `x = value`, also with several targets."""
        first = node.targets[0]
        self.deep = node.value if all(map(self._copies, node.targets)) else None
        value = self.expression(node.value, self._target_type(first))
        self._refuse_two_names(node, value)
        if len(node.targets) > 1 or isinstance(first, ast.Tuple):
            value = self.builder.hold(value)
        for target in node.targets:
            self.assign(target, value, node.value)

    def _target_type(self, node: ast.expr) -> Type | None:
        match node:
            case ast.Name(id=name):
                local = self.frame.locals.get(name)
                return local.type_ if local is not None else None
            case ast.Attribute(value=base, attr=name):
                info = self.world.fields.get(name)
                if info is not None and self.receiver_of(base) is False:
                    return info.type_
            case ast.Subscript(value=base):
                outer = self._target_type(base)
                if isinstance(outer, DictType):
                    return outer.value
                return outer.item if isinstance(outer, ListType) else None
        return None

    def _refuse_two_names(self, node: ast.Assign, value: Value) -> None:
        """Refuse an assignment after which two names share a container."""
        kept = [
            target
            for target in node.targets
            if not (isinstance(target, ast.Tuple) or self._copies(target))
        ]
        if not kept:
            return
        self.refuse_alias(node.value, value.type_)
        if len(kept) > 1 and is_container(value.type_):
            raise self.error(
                Code.ALIAS,
                "these would be several names for one container",
                kept[1],
                help_="assign them one by one",
            )

    def _copies(self, target: ast.expr) -> bool:
        """Whether an assignment to `target` copies: a variable of the state does."""
        return (
            isinstance(target, ast.Attribute)
            and self.receiver_of(target.value) is False
        )

    def assign(self, target: ast.expr, value: Value, node: ast.expr) -> None:
        """Assign `value`, written at `node`, to a target of an assignment."""
        match target:
            case ast.Name():
                self._assign_local(target, value, node)
            case ast.Tuple(elts=targets):
                self._unpack(target, targets, value, node)
            case ast.Attribute() | ast.Subscript():
                self._assign_place(target, value, node)
            case _:
                raise self.unsupported(
                    target, "this target of an assignment", "write x, y = pair"
                )

    def _unpack(
        self, target: ast.expr, targets: list[ast.expr], value: Value, node: ast.expr
    ) -> None:
        if isinstance(value.type_, OptionalType):
            present, value = unwrap(value)
            message = f"{ast.unparse(node)} is None"
            self.builder.check(
                present, Check.KEY, message, self.frame.title, self.span(node)
            )
        if not isinstance(value.type_, TupleType):
            raise self.error(
                Code.ASSIGN_TYPE,
                f"{describe(value.type_)} cannot be unpacked: it is no tuple",
                node,
                help_="give one name to the whole, and take its parts from it",
            )
        entries = items_of(value)
        if len(entries) != len(targets):
            raise self.error(
                Code.ASSIGN_TYPE,
                f"{len(targets)} names for the {len(entries)} components of "
                f"{describe(value.type_)}",
                target,
                help_="write one name for each component",
            )
        parts = node.elts if isinstance(node, ast.Tuple) else [node] * len(targets)
        for inner, entry, part in zip(targets, entries, parts, strict=True):
            if part is node and not self._copies(inner):
                self.refuse_part(node, entry.type_)
            self.assign(inner, entry, part if isinstance(inner, ast.Tuple) else node)

    def _assign_place(self, target: ast.expr, value: Value, node: ast.expr) -> None:
        if self.is_state(target):
            text = ast.unparse(target)
            self.refuse_effect(target, f"`{text} = ...` changes the state")
        with self.builder.block() as later:
            place = self._place(target)
        if self.builder.changes(later):
            value = self.builder.hold(value)
        self.builder.out.extend(later)
        self._assign_to(target, place, value, node)

    def _assign_to(
        self, target: ast.expr, place: Place, value: Value, node: ast.expr
    ) -> None:
        """Assign `value`, written at `node`, to `place`, which `target` denotes."""
        what = f"`{ast.unparse(target)}`"
        converted = self.convert(value, place.type_, node, what)
        self.rebind(place)
        if isinstance(target, ast.Subscript):
            self.mutate(self._target_type(target.value), place)
        if self.is_state(target) and self.world.is_fine:
            converted = self.builder.keep(converted)
            self.touch_place(target, place)
        self.builder.store(place, converted, self.span(target))

    def _place(self, target: ast.expr) -> Place:
        place = self.place_of(target)
        if place is not None:
            return place
        if isinstance(target, ast.Attribute):
            receiver = self.receiver_of(target.value)
            if receiver is True:
                raise self.error(
                    Code.MUTATION,
                    "the state after the step cannot be changed",
                    target,
                    help_="compare with it: self.x == after.x",
                )
            if receiver is False:
                raise self.no_member(target, is_target=True)
            self.expression(target)
            whole = code(target.value)
            raise self.error(
                Code.MUTATION,
                "a frozen dataclass cannot be changed in place",
                target,
                help_=f"make a new one: {whole} = replace({whole}, {target.attr}=...)",
            )
        if isinstance(target, ast.Subscript):
            self.expression(target)
        raise self.error(
            Code.MUTATION,
            "this is not a variable that can be changed",
            target,
            help_="assign to a variable of the state, or to a local",
        )

    def _assign_local(self, target: ast.Name, value: Value, node: ast.expr) -> None:
        frame, name = self.frame, target.id
        if name in frame.views:
            raise self.unsupported(target, f"assigning to `{name}`", "use another name")
        local = frame.locals.get(name)
        if local is None or local.place is None:
            local = self._declare(name, value.type_, node)
        local.is_frozen = False
        assert local.place is not None
        self.rebind(local.place)
        value = self._fit(target, local, value, node)
        self._show_read(name, value, node)
        self.note_interval(local.place, value)
        self.builder.store(local.place, value, self.span(target))
        if frame.assigned is not None:
            frame.assigned.add(name)

    def _show_read(self, name: str, value: Value, node: ast.expr) -> None:
        """Let traces tell what a process read: it may be out of date soon."""
        is_told = self.purpose is Purpose.PROCESS and not self.world.is_fine
        if not is_told or not isinstance(node, ast.Attribute):
            return
        if self.receiver_of(node.value) is not None:
            shown = (("", value.type_, value.shape),)
            text = f"{name} = {node.attr}"
            self.builder.emit(Mark(MarkKind.READ, text, shown, self.span(node)))

    def _hint_key(self, name: str) -> tuple[ast.AST, str]:
        function = self.frame.function
        assert function is not None
        return (function, name)

    def _declare(self, name: str, type_: Type, node: ast.AST) -> Local:
        """Make storage for a local; its type may be known from an earlier attempt."""
        known = self.world.hints.get(self._hint_key(name))
        previous = self.frame.locals.get(name)
        if known is None and previous is not None:
            known = self.join_types(previous.type_, type_, node)
        local = Local(known or type_)
        if isinstance(local.type_, NoneType):
            local.type_ = type_
        local.place = self.builder.new_variable(local.type_, name)
        if previous is not None and previous.value is not None:
            start = widened(previous.value, local.type_)
            self.builder.store(local.place, start)
        self.frame.locals[name] = local
        return local

    def _fit(
        self, target: ast.Name, local: Local, value: Value, node: ast.expr
    ) -> Value:
        name = target.id
        declared = self._declared(name)
        if declared is not None:
            return self.convert(value, declared, node, f"`{name}`")
        try:
            return widened(value, local.type_)
        except MismatchError:
            pass
        found = value.type_
        if isinstance(found, IntType) and isinstance(local.type_, IntType):
            found = interval(value.term, self.known)
            if local.type_.lo <= found.lo and found.hi <= local.type_.hi:
                return Value(local.type_, value.shape)
        try:
            wider = join(local.type_, found)
        except MismatchError:
            raise self.error(
                Code.ASSIGN_TYPE,
                f"`{name}` is {describe(local.type_)}, but this is "
                f"{describe(value.type_)}",
                node,
                help_="use another name for the other value",
            ) from None
        self.widen(self._hint_key(name), wider, target)
        return value

    def _declared(self, name: str) -> Type | None:
        local = self.frame.locals.get(name)
        return local.declared if local is not None else None

    def on_annotated(self, node: ast.AnnAssign) -> None:
        """Lower `x: T = value`."""
        if not isinstance(node.target, ast.Name):
            raise self.unsupported(
                node,
                "an annotation here",
                "annotate the variable in the class, and assign it here",
            )
        name = node.target.id
        annotation = node.annotation
        if isinstance(annotation, ast.Name) and annotation.id == "int":
            if node.value is not None:
                value = self.expression(node.value)
                self._assign_local(node.target, value, node.value)
            return
        type_ = self.world.types.annotation(self.frame.module, annotation)
        local = self.frame.locals.get(name)
        if local is None or local.declared != type_:
            local = Local(type_, declared=type_)
            local.place = self.builder.new_variable(type_, name)
            self.frame.locals[name] = local
        if node.value is None:
            return
        value = self.expression(node.value, type_)
        self.refuse_alias(node.value, value.type_)
        self._assign_local(node.target, value, node.value)
        local.is_frozen = is_frozen_annotation(annotation)

    def on_augmented(self, node: ast.AugAssign) -> None:
        """Lower `x += value` and its kin."""
        target = node.target
        if self.is_state(target):
            text = ast.unparse(target)
            self.refuse_effect(target, f"`{text}` is changed")
        if isinstance(target, ast.Name):
            self._assign_local(target, self._changed(node, target), node.value)
            return
        place = self._place(target)
        is_point = self.is_state(target) and self.touch_place(target, place)
        if isinstance(place.type_, SetType):
            self.mutate(place.type_, place)
        old = self.builder.hold(place.read()) if is_point else place.read()
        mark = len(self.rebound)
        with self.builder.block() as later:
            value = self.expression(node.value, place.type_)
        help_ = "compute the value first, in a statement of its own"
        held = place
        if is_point and not is_container(place.type_):
            # Indices are in temporaries, and the element is looked for once more.
            held = replace(place, lengths=frozenset())
        self.borrow(held, later, mark, target, help_)
        if self.builder.changes(later):
            old = self.builder.hold(self.early(target, old, later))
            # Python has read the variable, and its index, before it comes to the value.
            place = place if is_point else self.builder.steady(place)
        self.builder.out.extend(later)
        self._assign_to(target, place, self._combined(node, old, value), node.value)

    def _changed(self, node: ast.AugAssign, target: ast.Name) -> Value:
        """What a local holds after `target op= value`."""
        old = self.expression(target)
        with self.builder.block() as later:
            value = self.expression(node.value, old.type_)
        if self.builder.changes(later):
            old = self.builder.hold(old)
        self.builder.out.extend(later)
        return self._combined(node, old, value)

    def _combined(self, node: ast.AugAssign, old: Value, value: Value) -> Value:
        if isinstance(old.type_, ListType):
            raise self.unsupported(node, "`+=` on a list", "append() each element")
        return self.operate(node, node.op, old, value)
