"""Locks: `async with`, acquire, release, locked.

A process is suspended before it takes a lock until the lock is free; taking it and
what follows are one step. On leaving `async with` the lock is released and the process
is suspended. Who holds a lock is part of its state.
"""

from __future__ import annotations

import ast

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check, Mark, MarkKind, WaitKind
from modelcheck.model.terms import Term
from modelcheck.model.types import LockKind, LockType
from modelcheck.reader.builder import Place
from modelcheck.reader.containers import Containers
from modelcheck.reader.context import Purpose
from modelcheck.reader.errors import Code
from modelcheck.reader.values import NOTHING, Value, bool_value
from modelcheck.reader.wording import code


class Locks(Containers):
    """The part of `Lowering` for locks."""

    def lock_place(self, node: ast.expr) -> Place | None:
        """The lock that `node` denotes, if it denotes one."""
        base = node
        while isinstance(base, ast.Subscript):
            base = base.value
        if not isinstance(base, ast.Attribute):
            return None
        is_after = self.receiver_of(base.value)
        info = self.world.fields.get(base.attr) if is_after is not None else None
        if info is None or not info.is_lock:
            return None
        if is_after:
            return info.after
        place = self.place_of(node)
        return place if place and isinstance(place.type_, LockType) else None

    def lock_call(
        self, node: ast.Call, base: ast.expr, name: str, *, is_awaited: bool
    ) -> Value:
        """Lower a method call on a lock."""
        place = self.lock_place(base)
        assert place is not None
        assert isinstance(place.type_, LockType)
        if name == "locked" and not is_awaited and not node.args:
            is_point = self.touch(node)
            held = bool_value(_is_held(place))
            return self.builder.keep(held) if is_point else held
        if place.type_.kind is not LockKind.RWLOCK and not node.args:
            if name == "acquire":
                return self._explicit_acquire(node, base, place, is_awaited=is_awaited)
            if name == "release" and not is_awaited:
                self._check_process(node)
                self.release(node, ast.unparse(base), place, is_writer=True)
                return NOTHING
        text, kind = code(base), place.type_.kind
        with_ = text if kind is not LockKind.RWLOCK else f"{text}.read()"
        raise self.error(
            Code.UNKNOWN_ATTRIBUTE,
            f"a {kind.value} cannot be used so",
            node,
            help_=f"write `async with {with_}:`, or {text}.locked()",
        )

    def _explicit_acquire(
        self, node: ast.Call, base: ast.expr, place: Place, *, is_awaited: bool
    ) -> Value:
        self._check_process(node)
        if not is_awaited:
            raise self.error(
                Code.MISSING_AWAIT,
                "acquire() does nothing without await",
                node,
                help_=f"write `await {ast.unparse(node)}`",
            )
        place = self.builder.steady(place)
        self.acquire(node, ast.unparse(base), place, is_writer=True)
        return NOTHING

    def _check_process(self, node: ast.AST) -> None:
        if self.purpose is not Purpose.PROCESS:
            raise self.error(
                Code.MUTATION,
                "only a process can hold a lock",
                node,
                help_="what is no process is atomic and needs no lock: drop the call",
            )

    def lock_of_with(self, node: ast.expr) -> tuple[str, Place, bool]:
        """The lock of an `async with` item: its name, place, and whether to write."""
        is_writer, target = True, node
        match node:
            case ast.Call(
                func=ast.Attribute(value=base, attr=("read" | "write") as side)
            ):
                if not node.args:
                    is_writer, target = side == "write", base
        place = self.lock_place(target)
        if place is not None:
            # Which lock of a map it is, is said once: before waiting for it.
            place = self.builder.steady(place)
        kind = place.type_.kind if place and isinstance(place.type_, LockType) else None
        if place is None or (kind is LockKind.RWLOCK) != (target is not node):
            help_ = "declare `mutex: Mutex` and write `async with self.mutex:`"
            if kind is LockKind.RWLOCK:
                name = code(target)
                help_ = f"write `async with {name}.read():` or {name}.write()"
            elif kind is not None:
                help_ = f"write `async with {code(target)}:`"
            raise self.error(
                Code.UNSUPPORTED,
                "`async with` takes a lock of the state",
                node,
                help_,
            )
        return ast.unparse(target), place, is_writer

    def acquire(
        self, node: ast.AST, name: str, place: Place, *, is_writer: bool
    ) -> None:
        """Wait for the lock, then take it."""
        name = self._title(name)
        self.suspend(WaitKind.ACQUIRE, node, name)
        me = t.const(self.actor + 1)
        assert isinstance(place.type_, LockType)
        leaves = list(place.read().shape.leaves())
        match place.type_.kind:
            case LockKind.MUTEX:
                self.require(t.eq(leaves[0], t.const(0)), node)
                new = [me]
            case LockKind.SEMAPHORE:
                self.require(t.lt(t.const(0), leaves[0]), node)
                new = [t.sub(leaves[0], t.const(1))]
            case LockKind.RWLOCK:
                new = self._acquire_rwlock(node, leaves, me, is_writer=is_writer)
        self.builder.store(place, _lock_value(place, new), self.span(node))
        self.builder.emit(Mark(MarkKind.ACQUIRE, name, (), self.span(node)))
        self.lock_depth += 1

    def _acquire_rwlock(
        self, node: ast.AST, leaves: list[Term], me: Term, *, is_writer: bool
    ) -> list[Term]:
        writer, readers = leaves
        free = t.eq(writer, t.const(0))
        if not is_writer:
            # A second read lock of the same process would hide that it waits for ever
            # as soon as a writer comes between: it blocks.
            again = t.has(readers, t.const(self.actor))
            self.require(t.and_(free, t.not_(again)), node)
            return [writer, t.union(readers, t.bit(t.const(self.actor), readers.width))]
        self.require(t.and_(free, t.eq(readers, t.mask(0, readers.width))), node)
        return [me, readers]

    def release(
        self, node: ast.AST, name: str, place: Place, *, is_writer: bool
    ) -> None:
        """Give the lock back; not holding it is a violation."""
        name = self._title(name)
        assert isinstance(place.type_, LockType)
        leaves = list(place.read().shape.leaves())
        me = t.eq(leaves[0], t.const(self.actor + 1))
        new = [t.const(0)]
        match place.type_.kind:
            case LockKind.MUTEX:
                held = me
            case LockKind.SEMAPHORE:
                held = t.lt(leaves[0], t.const(place.type_.permits))
                new = [t.add(leaves[0], t.const(1))]
            case LockKind.RWLOCK:
                readers = leaves[1]
                mine = t.bit(t.const(self.actor), readers.width)
                held = me if is_writer else t.has(readers, t.const(self.actor))
                rest = readers if is_writer else t.minus(readers, mine)
                new = [t.const(0) if is_writer else leaves[0], rest]
        message = f"{name} is released by a process that does not hold it"
        self.builder.check(held, Check.LOCK, message, self.frame.title, self.span(node))
        self.builder.store(place, _lock_value(place, new), self.span(node))
        self.builder.emit(Mark(MarkKind.RELEASE, name, (), self.span(node)))
        self.lock_depth = max(0, self.lock_depth - 1)

    def _title(self, name: str) -> str:
        prefix = f"{self.frame.receiver}."
        return name.removeprefix(prefix)


def _is_held(place: Place) -> Term:
    assert isinstance(place.type_, LockType)
    leaves = list(place.read().shape.leaves())
    if place.type_.kind is LockKind.SEMAPHORE:
        return t.eq(leaves[0], t.const(0))
    taken = t.not_(t.eq(leaves[0], t.const(0)))
    if place.type_.kind is LockKind.RWLOCK:
        readers = leaves[1]
        return t.or_(taken, t.not_(t.eq(readers, t.mask(0, readers.width))))
    return taken


def _lock_value(place: Place, leaves: list[Term]) -> Value:
    numbers = iter(leaves)
    _, shape = place.cases[0]
    filled: Shape[Term] = shape.map(lambda _: next(numbers))
    return Value(place.type_, filled)
