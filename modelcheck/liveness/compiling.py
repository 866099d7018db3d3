"""Machine code for kernels: a small part of Python as LLVM assembly.

A kernel takes a record and whole numbers, and is what CPython can run as well: names
and fields of 64 bits, vectors indexed by them, `while`, `if`, `return`, the operators
below, `min`, and calls of other kernels. There are no checks: a number that leaves its
64 bits, an index outside its vector or a division of something negative is a mistake
that the run in CPython shows. Anything else is refused with a `TypeError`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modelcheck.explore.native.assembly import PROFILE, Function
from modelcheck.explore.native.lanes import declarations
from modelcheck.liveness.records import SIZES

WORD = 8
"""The size of a number in bytes."""

UNSIGNED = ("U8", "U16")

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "udiv",
    ast.Mod: "urem",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "ashr",
}
RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "slt",
    ast.LtE: "sle",
    ast.Gt: "sgt",
    ast.GtE: "sge",
}


def fields(record: type) -> dict[str, str]:
    """The fields of a record, in order, with `int` or the kind of vector of each."""
    return {
        name: kind
        for name, kind in record.__annotations__.items()
        if kind == "int" or kind in SIZES
    }


def assembly(kinds: Mapping[str, str], kernels: Sequence[Callable[..., object]]) -> str:
    """The module that exports `kernels`, which take nothing but a record.

    `kinds` are the fields of the record, each `int` or a kind of vector, which may be
    another one than `fields()` says.
    """
    sources: dict[str, ast.FunctionDef] = {}
    constants: dict[str, int] = {}
    waiting = list(kernels)
    while waiting:
        kernel = waiting.pop()
        name = kernel.__name__
        if name in sources:
            continue
        sources[name] = _source(kernel)
        # What a kernel calls and the numbers that it names are in its module.
        known: dict[str, Any] = kernel.__globals__
        for node in ast.walk(sources[name]):
            if isinstance(node, ast.Name) and node.id in known:
                value = known[node.id]
                if isinstance(value, int):
                    constants[node.id] = value
                elif inspect.isfunction(value):
                    waiting.append(value)
    exported = {kernel.__name__ for kernel in kernels}
    void = {n for n, source in sources.items() if _is_void(source)}
    parts = [
        _Writer(source, kinds, constants, void, name in exported).write()
        for name, source in sources.items()
    ]
    text = "\n".join(parts)
    return f"{text}\n{declarations(text)}{PROFILE}"


def _source(kernel: Callable[..., object]) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(kernel)))
    found = tree.body[0]
    assert isinstance(found, ast.FunctionDef)
    return found


def _is_void(source: ast.FunctionDef) -> bool:
    return isinstance(source.returns, ast.Constant)


class _Writer:
    """Writes one kernel."""

    def __init__(
        self,
        source: ast.FunctionDef,
        kinds: Mapping[str, str],
        constants: dict[str, int],
        void: set[str],
        is_exported: bool,  # noqa: FBT001 - one of a row
    ) -> None:
        self.source = source
        self.kinds = kinds
        self.constants = constants
        self.void = void
        self.head = ""
        self.places = {name: number for number, name in enumerate(kinds)}
        names = [argument.arg for argument in source.args.args]
        self.record, numbers = names[0], names[1:]
        self.f = Function(
            source.name,
            # Vectors lie elsewhere: a write to one does not change the record.
            "ptr noalias %record",
            *(f"i64 %a{number}" for number in range(len(numbers))),
            result="void" if source.name in void else "i64",
            linkage="" if is_exported else "internal",
        )
        self.locals: dict[str, str] = {}
        for number, name in enumerate(numbers):
            self.f.store(f"%a{number}", self._local(name))

    def write(self) -> str:
        """The text of the function."""
        vectors = {
            node.value.attr
            for node in ast.walk(self.source)
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)
        }
        self.bases = {
            name: self.f.load(self._place(name), "ptr") for name in sorted(vectors)
        }
        self._block(self.source.body)
        self.f.ret("" if self.f.result == "void" else "0")
        return self.f.text

    def _local(self, name: str) -> str:
        if name not in self.locals:
            self.locals[name] = self.f.variable()
        return self.locals[name]

    def _place(self, field: str) -> str:
        """The address of a field of the record."""
        return self.f.at("%record", self.places[field])

    # Statements.

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)
            if isinstance(statement, ast.Return | ast.Continue):
                return

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=ast.Call() as call):
                self._call(call)
            case ast.Assign(targets=[target], value=value):
                self._store(target, self._value(value))
            case ast.AugAssign(target=target, op=op, value=value):
                old = self._value(target)
                self._store(target, self._binary(op, old, self._value(value)))
            case ast.If(test=test, body=body, orelse=orelse):
                self._if(test, body, orelse)
            case ast.While(test=test, body=body, orelse=[]):
                self._while(test, body)
            case ast.Return(value=None):
                self.f.ret()
            case ast.Return(value=ast.expr() as value):
                self.f.ret(self._value(value))
            case ast.Continue():
                self.f.jump(self.head)
            case _:
                raise self._refusal(statement)

    def _if(
        self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]
    ) -> None:
        f = self.f
        yes, no, behind = f.label("then"), f.label("else"), f.label("behind")
        self._branch(test, yes, no)
        for label, part in ((yes, body), (no, orelse)):
            f.begin(label)
            self._block(part)
            if f.is_open:
                f.jump(behind)
        f.begin(behind)

    def _while(self, test: ast.expr, body: Sequence[ast.stmt]) -> None:
        f = self.f
        head, inner, behind = f.label("head"), f.label("body"), f.label("behind")
        f.begin(head)
        self._branch(test, inner, behind)
        f.begin(inner)
        outer, self.head = self.head, head
        self._block(body)
        self.head = outer
        if f.is_open:
            f.jump(head)
        f.begin(behind)

    def _store(self, target: ast.expr, value: str) -> None:
        match target:
            case ast.Name(id=name):
                self.f.store(value, self._local(name))
            case ast.Attribute(attr=field) if self.kinds.get(field) == "int":
                self.f.store(value, self._place(field))
            case ast.Subscript(value=ast.Attribute(attr=field), slice=index):
                address, size = self._element(field, index)
                if size < WORD:
                    value = self.f.let(f"trunc i64 {value} to i{8 * size}")
                self.f.store(value, address, f"i{8 * size}", size)
            case _:
                raise self._refusal(target)

    # Expressions.

    def _value(self, expression: ast.expr) -> str:
        """The operand that has the value of an expression."""
        match expression:
            case ast.Constant(value=int(number)):
                return str(int(number))
            case ast.Name(id=name) if name in self.locals:
                return self.f.load(self.locals[name])
            case ast.Name(id=name) if name in self.constants:
                return str(self.constants[name])
            case ast.Attribute(attr=field) if self.kinds.get(field) == "int":
                return self.f.load(self._place(field))
            case ast.Subscript(value=ast.Attribute(attr=field), slice=index):
                address, size = self._element(field, index)
                value = self.f.load(address, f"i{8 * size}", size)
                if size == WORD:
                    return value
                extend = "zext" if self.kinds[field] in UNSIGNED else "sext"
                return self.f.let(f"{extend} i{8 * size} {value} to i64")
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self._value(left), self._value(right))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self.f.let(f"xor i64 {self._value(operand)}, -1")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.f.let(f"sub i64 0, {self._value(operand)}")
            case ast.Call():
                return self._call(expression)
        raise self._refusal(expression)

    def _element(self, field: str, index: ast.expr) -> tuple[str, int]:
        """The address of an element of a vector, and its size in bytes."""
        size = SIZES[self.kinds[field]]
        return self.f.at(self.bases[field], self._value(index), f"i{8 * size}"), size

    def _binary(self, op: ast.operator, left: str, right: str) -> str:
        if type(op) not in BINARY:
            raise self._refusal(op)
        return self.f.let(f"{BINARY[type(op)]} i64 {left}, {right}")

    def _call(self, call: ast.Call) -> str:
        match call.func, call.args:
            case ast.Name(id="min"), [one, two]:
                values = f"i64 {self._value(one)}, i64 {self._value(two)}"
                return self.f.let(f"call i64 @llvm.smin.i64({values})")
            case ast.Name(id=name), [ast.Name(id=record), *numbers]:
                if record != self.record:
                    raise self._refusal(call)
                values = "".join(f", i64 {self._value(n)}" for n in numbers)
                text = f"@{name}(ptr %record{values})"
                return self._called(name, text)
        raise self._refusal(call)

    def _called(self, name: str, text: str) -> str:
        if name in self.void:
            self.f.do(f"call void {text}")
            return ""
        return self.f.let(f"call i64 {text}")

    def _branch(self, test: ast.expr, yes: str, no: str) -> None:
        """Jump to `yes` if `test` is true, else to `no`."""
        f = self.f
        match test:
            case ast.Constant(value=True):
                f.jump(yes)
            case ast.BoolOp(op=op, values=[*first, last]):
                for part in first:
                    further = f.label("and")
                    ends = (further, no) if isinstance(op, ast.And) else (yes, further)
                    self._branch(part, *ends)
                    f.begin(further)
                self._branch(last, yes, no)
            case ast.Compare(left=left, ops=[relation], comparators=[right]):
                kind = RELATIONS[type(relation)]
                values = f"{self._value(left)}, {self._value(right)}"
                f.branch(f.let(f"icmp {kind} i64 {values}"), yes, no)
            case _:
                raise self._refusal(test)

    def _refusal(self, node: ast.AST) -> TypeError:
        where = f"{self.source.name}, line {getattr(node, 'lineno', '?')}"
        return TypeError(f"no kernel can have {type(node).__name__} ({where})")
