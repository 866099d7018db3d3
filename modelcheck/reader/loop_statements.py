"""Loops: `while` in processes, `for` unrolled, and the jumps out of them."""

from __future__ import annotations

import ast
from functools import reduce

from modelcheck.model import terms as t
from modelcheck.model.statements import Break, Loop, Mark, MarkKind, Scope, Statement
from modelcheck.model.types import TupleType, Type
from modelcheck.reader.context import Exit, Local
from modelcheck.reader.errors import Code
from modelcheck.reader.intervals import meet
from modelcheck.reader.loops import outliving_names
from modelcheck.reader.rounds import Rounds, Start
from modelcheck.reader.values import (
    MismatchError,
    Value,
    bool_value,
    items_of,
    join,
    widened,
)
from modelcheck.reader.wording import code


class Loops(Rounds):
    """The part of `Lowering` for loops."""

    def on_while(self, node: ast.While) -> None:
        """Lower `while`, in async functions."""
        if not self.frame.is_async:
            raise self.error(
                Code.NO_BOUND,
                "this loop has no bound",
                node,
                help_="loop over a finite type or a range: for dev in Device:; "
                "or loop in an async function, with an await",
            )
        if node.orelse:
            raise self.unsupported(node.orelse[0], "`else` of a loop", _NO_ELSE)
        names = self.world.names
        exit_ = Exit(names.label(), names.label())
        frame = self.frame
        self.known = {}
        with self.builder.block() as body:
            cond = self.condition(node.test)
            is_endless = cond is t.TRUE
            if not is_endless:
                with self.builder.block() as left:
                    self.count(MarkKind.ELSE, node)
                    self.builder.emit(Break(exit_.break_label))
                self.builder.branch(cond, [], left)
                exit_.broken.append(set(frame.assigned or ()))
            frame.exits.append(exit_)
            with self.builder.block() as inner:
                self.count(MarkKind.THEN, node)
                self.block(node.body)
            frame.exits.pop()
            self.builder.emit(Scope(exit_.continue_label, tuple(inner)))
        self.known = {}
        loop = Loop(tuple(body), self.span(node))
        self.builder.emit(Scope(exit_.break_label, (loop,)))
        frame.assigned = _after_loop(exit_.broken)

    def on_for(self, node: ast.For) -> None:
        """Lower `for`: one copy of the body for each round."""
        if node.orelse:
            raise self.unsupported(node.orelse[0], "`else` of a loop", _NO_ELSE)
        exit_ = Exit(self.world.names.label())
        frame = self.frame
        mark, since = len(self.rebound), len(self.mutated)
        outliving = outliving_names(node, frame.function)
        with self.builder.block() as rounds:
            starts, source = self.rounds(node.iter)
            kind = _common([start()[1].type_ for start in starts])
            for start in starts:
                if frame.assigned is None:
                    break
                is_point = source is not None and self.touch_source(source)
                self._round(node, start, exit_, kind, outliving, is_point=is_point)
        self.builder.emit(Scope(exit_.break_label, tuple(rounds)))
        self.known = meet([*self._here(), *exit_.breaks])
        frame.assigned = on_both_ways(frame.assigned, _after_loop(exit_.broken))
        if source is not None:
            self.refuse_replaced(node.iter, source, rounds, mark, since)

    def _bind_round(
        self,
        target: ast.expr,
        value: Value,
        kind: Type | None,
        outliving: dict[str, bool],
    ) -> dict[str, Local]:
        """Give the loop's variables their values; the storage of those with some."""
        match target:
            case ast.Name(id=name) if name in outliving:
                known = self.frame.locals.get(name)
                if known is not None and not _have_common_type(known, value):
                    del self.frame.locals[name]
                # As a value of any round is stored, so that its type is known at once.
                wide = value if kind is None else widened(value, kind)
                self._assign_local(target, wide, target)
                stored = self.frame.locals[name]
                if outliving[name]:
                    return {}
                self.bind(target, value)
                return {name: stored}
            case ast.Tuple(elts=inner) if isinstance(value.type_, TupleType) and (
                len(inner) == len(value.type_.items)
            ):
                found: dict[str, Local] = {}
                kinds: tuple[Type | None, ...] = (None,) * len(inner)
                if isinstance(kind, TupleType):
                    kinds = kind.items
                for part, entry, type_ in zip(
                    inner, items_of(value), kinds, strict=True
                ):
                    found |= self._bind_round(part, entry, type_, outliving)
                return found
        self.bind(target, value)
        return {}

    def _round(
        self,
        node: ast.For,
        start: Start,
        exit_: Exit,
        kind: Type | None,
        outliving: dict[str, bool],
        *,
        is_point: bool,
    ) -> None:
        frame = self.frame
        self.spend(node)
        exit_.continue_label = self.world.names.label()
        cond, value = start()
        if is_point:
            # What is read now stays so when the process is suspended inside.
            cond = self.builder.hold(bool_value(cond)).term
            value = self.builder.hold(value)
        before = set(frame.assigned or ())
        skipped = set(before)
        frame.exits.append(exit_)
        ways = [] if cond is t.TRUE else [dict(self.known)]
        with self.builder.block() as inner:
            held = self.builder.hold(value)
            if is_point:
                shown = (("", held.type_, held.shape),)
                target = ast.unparse(node.target)
                mark = Mark(MarkKind.READ, target, shown, self.span(node.target))
                self.builder.emit(mark)
            stored = self._bind_round(node.target, held, kind, outliving)
            self.block(node.body)
            frame.locals.update(stored)
        frame.exits.pop()
        ways += exit_.continues
        ways += self._here()
        self.known = meet(ways)
        exit_.continues.clear()
        body: list[Statement] = [Scope(exit_.continue_label, tuple(inner))]
        if cond is t.TRUE:
            frame.assigned = on_both_ways(frame.assigned, _after_loop(exit_.continued))
        else:
            ends = on_both_ways(frame.assigned, _after_loop(exit_.continued))
            frame.assigned = on_both_ways(ends, skipped)
        exit_.continued.clear()
        # Behind a place of preemption the next round would look again.
        ending: list[Statement] = [Break(exit_.break_label)] if is_point else []
        self.builder.branch(cond, body, ending)

    def on_break(self, node: ast.Break) -> None:
        """Lower `break`."""
        self._jump(node, is_break=True)

    def on_continue(self, node: ast.Continue) -> None:
        """Lower `continue`."""
        self._jump(node, is_break=False)

    def _jump(self, node: ast.stmt, *, is_break: bool) -> None:
        frame = self.frame
        depth = self.lock_depth
        for exit_ in reversed(frame.exits):
            if exit_.release is not None:
                exit_.release()
                continue
            reached = exit_.broken if is_break else exit_.continued
            reached.append(set(frame.assigned or ()))
            (exit_.breaks if is_break else exit_.continues).append(dict(self.known))
            label = exit_.break_label if is_break else exit_.continue_label
            self.builder.emit(Break(label))
            break
        else:
            raise self.error(
                Code.SYNTAX,
                f"this is not Python: `{code(node)}` outside loop",
                node,
                help_="move it into a loop, or write `return`",
            )
        self.lock_depth = depth
        frame.assigned = None


def on_both_ways(one: set[str] | None, two: set[str] | None) -> set[str] | None:
    """What is assigned where two ways meet; None stands for a way nobody comes."""
    if one is None or two is None:
        return two if one is None else one
    return one & two


def _after_loop(ways: list[set[str]]) -> set[str] | None:
    result: set[str] | None = None
    for way in ways:
        result = on_both_ways(result, way)
    return result


def _common(types: list[Type]) -> Type | None:
    """The type of all the values of a loop, if there is one."""
    try:
        return reduce(join, types) if types else None
    except MismatchError:
        return None


def _have_common_type(local: Local, value: Value) -> bool:
    try:
        join(local.type_, value.type_)
    except MismatchError:
        return False
    return True


_NO_ELSE = "keep in a local whether the loop was left by `break`, and test it after"
