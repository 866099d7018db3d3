"""Statements: which part of the reader lowers which, and what is refused."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model.statements import Assert, Break, Check, MarkKind, WaitKind
from modelcheck.model.types import NoneType
from modelcheck.reader.context import Exit, Local, Purpose
from modelcheck.reader.errors import Code
from modelcheck.reader.intervals import meet
from modelcheck.reader.loop_statements import Loops, on_both_ways
from modelcheck.reader.wording import code


class Lowering(Loops):
    """Lowers function bodies of a spec to statements of the model."""

    def block(self, statements: list[ast.stmt]) -> None:
        """Lower statements in order."""
        for statement in statements:
            if self.frame.assigned is None:
                # Code behind a jump: still read, so that its errors are found.
                self.frame.assigned = set(self.frame.locals)
                with self.builder.block():
                    self._statement(statement)
                self.frame.assigned = None
            else:
                self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        handler = _STATEMENTS.get(type(node))
        if handler is None:
            what, help_ = _REFUSED.get(type(node), ("this statement", ""))
            raise self.unsupported(node, what, help_)
        if not _is_text(node):
            self.count(MarkKind.LINE, node)
        handler(self, node)

    def on_expression(self, node: ast.Expr) -> None:
        """Lower A call or an await whose value is dropped."""
        value = node.value
        if isinstance(value, ast.Constant):
            return
        if not isinstance(value, ast.Call | ast.Await):
            raise self.unsupported(
                node, "an expression whose value is dropped", _dropped(value)
            )
        self.expression(value)

    def on_if(self, node: ast.If) -> None:
        """Lower `if`."""
        cond = self.condition(node.test)
        frame = self.frame
        before = set(frame.assigned or ())
        names, known = dict(frame.locals), dict(self.known)
        with self.builder.block() as then:
            self.count(MarkKind.THEN, node)
            self.block(node.body)
        after_then, then_names = frame.assigned, frame.locals
        ways = self._here()
        frame.assigned, frame.locals = set(before), dict(names)
        self.known = known
        self._share(then_names)
        with self.builder.block() as orelse:
            self.count(MarkKind.ELSE, node)
            self.block(node.orelse)
        ways += self._here()
        self.known = meet(ways)
        frame.assigned = on_both_ways(after_then, frame.assigned)
        self._share(then_names)
        self.builder.branch(cond, then, orelse)
        if cond.is_const:
            taken = after_then if cond.value else None
            if cond.value and taken is None:
                frame.assigned = None

    def _share(self, others: dict[str, Local]) -> None:
        """Let locals declared in one branch have the same storage in the other."""
        for name, local in others.items():
            mine = self.frame.locals.get(name)
            if mine is None or (mine.place is None and local.place is not None):
                self.frame.locals[name] = local

    def on_return(self, node: ast.Return) -> None:
        """Lower `return`."""
        frame = self.frame
        if frame.return_label:
            self.return_value(node)
        elif node.value is not None and not isinstance(frame.result_type, NoneType):
            raise self.unsupported(node, "a value returned here", "write `return`")
        depth = self.lock_depth
        for exit_ in reversed(frame.exits):
            if exit_.release is not None:
                exit_.release()
        self.lock_depth = depth
        self.builder.emit(Break(frame.return_label))
        frame.assigned = None

    def on_assert(self, node: ast.Assert) -> None:
        """Lower `assert`."""
        if self.purpose in (Purpose.PROPERTY, Purpose.CONSTANT):
            raise self.error(
                Code.MUTATION,
                f"an assert in {self.looks_only()}",
                node,
                help_="return the condition, or assert it in the step it is about",
            )
        cond = self.condition(node.test)
        message = ast.unparse(node.test)
        if node.msg is not None:
            message = _message(node.msg) or message
        self.builder.emit(
            Assert(cond, Check.ASSERT, message, self.frame.title, self.span(node))
        )

    def on_async_with(self, node: ast.AsyncWith) -> None:
        """Lower `async with lock:`."""
        if self.purpose is not Purpose.PROCESS:
            raise self.error(
                Code.AWAIT_OUTSIDE,
                "`async with` stands only in the async functions of a process",
                node,
                help_="an action is atomic and needs no lock: drop it, or make "
                f"`{self.frames[0].title}` a @process",
            )
        self._with_items(node, list(node.items))

    def _with_items(self, node: ast.AsyncWith, items: list[ast.withitem]) -> None:
        if not items:
            self.block(node.body)
            return
        item, *rest = items
        if item.optional_vars is not None:
            raise self.unsupported(
                item.optional_vars, "`as` of a lock", "drop `as` and what follows it"
            )
        context = item.context_expr
        name, place, is_writer = self.lock_of_with(context)
        self.acquire(context, name, place, is_writer=is_writer)

        def release() -> None:
            self.release(context, name, place, is_writer=is_writer)
            self.suspend(WaitKind.LEAVE, context)

        self.frame.exits.append(Exit(release=release))
        depth = self.lock_depth
        self._with_items(node, rest)
        self.lock_depth = depth
        self.frame.exits.pop()
        if self.frame.assigned is not None:
            release()
        self.lock_depth = depth - 1

    def on_with(self, node: ast.With) -> None:
        """Lower `with`, refused: locks are taken with `async with`."""
        for item in node.items:
            if self.lock_place(item.context_expr) is None:
                self.expression(item.context_expr)
        text = code(node.items[0].context_expr)
        raise self.unsupported(node, "`with`", f"write `async with {text}:`")

    def on_pass(self, node: ast.Pass) -> None:
        """Lower `pass`."""
        assert node is not None


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring, or another constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _message(node: ast.expr) -> str:
    """The text of an assert's message: constants as they are, values in braces."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(p.value) if isinstance(p, ast.Constant) else f"{{{_inner(p)}}}"
                for p in parts
            )
    return ""


def _inner(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.FormattedValue) else ""


def _dropped(node: ast.expr) -> str:
    """What was probably meant by an expression that stands as a statement."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return f"write {code(left)} = {code(right)}, or require({code(node)})"
        case ast.Compare() | ast.BoolOp():
            return f"write require({code(node)})"
    return "assign it, or remove it"


_STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: Lowering.on_expression,
    ast.Assign: Lowering.on_assign,
    ast.AnnAssign: Lowering.on_annotated,
    ast.AugAssign: Lowering.on_augmented,
    ast.If: Lowering.on_if,
    ast.While: Lowering.on_while,
    ast.For: Lowering.on_for,
    ast.Break: Lowering.on_break,
    ast.Continue: Lowering.on_continue,
    ast.Return: Lowering.on_return,
    ast.Assert: Lowering.on_assert,
    ast.AsyncWith: Lowering.on_async_with,
    ast.With: Lowering.on_with,
    ast.Pass: Lowering.on_pass,
}
_REFUSED: dict[type[ast.stmt], tuple[str, str]] = {
    ast.Try: ("`try`", "there are no exceptions: test first, or return an error code"),
    ast.TryStar: ("`try`", "there are no exceptions: test first"),
    ast.Raise: ("`raise`", "return an error code, or assert what must hold"),
    ast.Match: ("`match`", "write if/elif"),
    ast.FunctionDef: ("a function inside a function", "make it a method"),
    ast.AsyncFunctionDef: ("a function inside a function", "make it a method"),
    ast.ClassDef: ("a class inside a function", "define it at the top"),
    ast.Import: ("an import inside a function", "import at the top"),
    ast.ImportFrom: ("an import inside a function", "import at the top"),
    ast.Global: ("`global`", "keep data in the spec's variables"),
    ast.Nonlocal: ("`nonlocal`", "keep data in the spec's variables"),
    ast.Delete: ("`del`", "use discard(), pop() or None"),
    ast.AsyncFor: ("`async for`", "loop over a finite type"),
}
