"""Class types: the types that Enums, Scalarsets and dataclasses of a spec define."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from modelcheck.model.statements import Span
from modelcheck.model.types import EnumType, RecordType, ScalarsetType, Type
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.modules import ClassSymbol, Module, NameSymbol, suggest
from modelcheck.reader.symbols import base_names, name_span
from modelcheck.reader.type_limits import MAX_MEMBERS


@dataclass(slots=True)
class ClassTypes(ABC):
    """Types by class; `scopes` override sizes of scalarsets.

    `evaluate` gives the integer value of a constant expression in a module. `found`
    collects every scalarset met, with its size, and `resized` the names of those that
    have another size in their class.
    """

    path: str
    scopes: Mapping[str, int]
    evaluate: Callable[[Module, ast.expr], int]
    found: dict[str, ScalarsetType] = field(default_factory=dict)
    resized: set[str] = field(default_factory=set)
    _classes: dict[ClassSymbol, Type] = field(default_factory=dict)
    _members: dict[ClassSymbol, dict[str, int]] = field(default_factory=dict)
    _active: list[object] = field(default_factory=list)

    @abstractmethod
    def annotation(self, module: Module, node: ast.expr) -> Type:
        """The type that `node` names; raises `SpecError` if it names none."""

    def of_class(self, symbol: ClassSymbol, span: Span) -> Type:
        """The type a class defines: an Enum, a Scalarset or a frozen dataclass."""
        if symbol in self._classes:
            return self._classes[symbol]
        if symbol in self._active:
            raise SpecError(
                Code.RECURSION,
                f"`{symbol.node.name}` contains itself and so is not finite",
                span,
                help="refer to other values by a Scalarset index instead",
            )
        self._active.append(symbol)
        try:
            found = self._class(symbol, span)
        finally:
            self._active.remove(symbol)
        self._classes[symbol] = found
        return found

    def _class(self, symbol: ClassSymbol, span: Span) -> Type:
        bases = base_names(symbol)
        if "Enum" in bases:
            return self._enum(symbol)
        if "Scalarset" in bases:
            return self._scalarset(symbol)
        if _is_dataclass(symbol):
            return self._record(symbol)
        raise SpecError(
            Code.BAD_TYPE,
            f"`{symbol.node.name}` is not a type of the language",
            span,
            help="use an Enum, a Scalarset or a dataclass with frozen=True",
        )

    def _enum(self, symbol: ClassSymbol) -> EnumType:
        names: list[str] = []
        by_value: dict[object, int] = {}
        members: dict[str, int] = {}
        for node in symbol.node.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]) if name in members:
                    raise SpecError(
                        Code.BAD_TYPE,
                        f"`{symbol.node.name}` has two members called `{name}`",
                        symbol.module.span(node.targets[0]),
                        help="rename one of them",
                    )
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    # A second name for a value is an alias, as in CPython.
                    key = self._member_value(symbol.module, value, by_value)
                    members[name] = by_value.setdefault(key, len(names))
                    if members[name] == len(names):
                        names.append(name)
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case _:
                    raise SpecError(
                        Code.UNSUPPORTED,
                        "an Enum of a spec has members and nothing else",
                        symbol.module.span(node),
                        help="put the function at the top of the module",
                    )
        if not names:
            raise SpecError(
                Code.EMPTY_SCOPE,
                f"`{symbol.node.name}` has no member",
                name_span(symbol.module, symbol.node),
                help="write its members: IDLE = 0",
            )
        self._members[symbol] = members
        return EnumType(symbol.node.name, tuple(names))

    def _member_value(
        self, module: Module, node: ast.expr, before: Iterable[object]
    ) -> object:
        """The value of an Enum's member; `before` are those of the members above it."""
        match node:
            case ast.Call(func=ast.Name(id="auto") | ast.Attribute(attr="auto")):
                numbers = (each for each in before if isinstance(each, int))
                return max(numbers, default=0) + 1
            case ast.Constant(value=value):
                return value
        return self.evaluate(module, node)

    def enum_member(self, symbol: ClassSymbol, name: str) -> int | None:
        """The index of the member called `name`, if the Enum has one."""
        self.of_class(symbol, symbol.module.span(symbol.node))
        return self._members.get(symbol, {}).get(name)

    def _scalarset(self, symbol: ClassSymbol) -> ScalarsetType:
        node, module = symbol.node, symbol.module
        size: int | None = None
        symmetric, prefix = True, _default_prefix(node.name)
        for keyword in node.keywords:
            match keyword:
                case ast.keyword(arg="size", value=value):
                    size = self.evaluate(module, value)
                case ast.keyword(arg="symmetric", value=ast.Constant(value=bool(flag))):
                    symmetric = flag
                case ast.keyword(arg="name", value=ast.Constant(value=str(text))):
                    prefix = text
                case _:
                    raise SpecError(
                        Code.DECORATOR,
                        f"a Scalarset has no option `{keyword.arg}` of this form",
                        module.span(keyword),
                        help=suggest(keyword.arg or "", ("size", "symmetric", "name"))
                        or "it takes size=2, symmetric=False and name='dev'",
                    )
        if node.name in self.scopes and size not in (None, self.scopes[node.name]):
            self.resized.add(node.name)
        size = self.scopes.get(node.name, size)
        if size is None or not 1 <= size <= MAX_MEMBERS:
            raise self._bad_size(symbol, size)
        if node.name in self.found:
            raise SpecError(
                Code.SCOPE,
                f"two Scalarsets are called `{node.name}`: a scope would mean both",
                name_span(module, node),
                help="rename one of them, or import it from the other module",
            )
        found = ScalarsetType(node.name, size, symmetric, prefix)
        return self.found.setdefault(node.name, found)

    def _bad_size(self, symbol: ClassSymbol, size: int | None) -> SpecError:
        """The error for a Scalarset without members, or with too many."""
        node, module = symbol.node, symbol.module
        span = name_span(module, node)
        for keyword in node.keywords:
            if keyword.arg == "size":
                span = module.span(keyword)
        help_ = f"write class {node.name}(Scalarset, size=2)"
        if size is None:
            what = f"`{node.name}` has no size"
            return SpecError(Code.EMPTY_SCOPE, what, span, help=help_)
        notes = []
        if node.name in self.scopes:
            notes = [Note(span, f"the type `{node.name}`")]
            span = Span(self.path)
            help_ = f"give --scope {node.name}=2, or any number from 1"
        if size < 1:
            what = f"`{node.name}` would have no member: its size is {size}"
            return SpecError(Code.EMPTY_SCOPE, what, span, help_, notes)
        what = f"`{node.name}` would have {size} members; at most {MAX_MEMBERS} are "
        help_ = help_.removesuffix(", or any number from 1")
        return SpecError(Code.TOO_LARGE, f"{what}possible", span, help_, notes)

    def _record(self, symbol: ClassSymbol) -> RecordType:
        fields: list[tuple[str, Type]] = []
        for base in symbol.node.bases:
            raise SpecError(
                Code.UNSUPPORTED,
                "a base of a dataclass is not part of the spec language",
                symbol.module.span(base),
                help="list all fields in one class",
            )
        for node in symbol.node.body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=name)) if name in dict(fields):
                    raise SpecError(
                        Code.DEFINED_TWICE,
                        f"`{symbol.node.name}` has two fields called `{name}`",
                        symbol.module.span(node.target),
                        help="rename one of them",
                    )
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    fields.append((name, self.annotation(symbol.module, annotation)))
                    self._refuse_mutable(symbol, name, annotation)
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case _:
                    raise SpecError(
                        Code.UNSUPPORTED,
                        "a dataclass of a spec has fields and nothing else",
                        symbol.module.span(node),
                        help="put the function at the top of the module",
                    )
        return RecordType(symbol.node.name, tuple(fields))

    def _refuse_mutable(
        self, symbol: ClassSymbol, field: str, annotation: ast.expr
    ) -> None:
        """Refuse a container that can change as a field of what never does."""
        if _can_change(symbol.module, annotation):
            raise SpecError(
                Code.BAD_TYPE,
                f"`{symbol.node.name}.{field}` could change in a value that never does",
                symbol.module.span(annotation),
                help="use a frozenset or a tuple, or a variable of the spec instead",
            )

    def record_default(self, symbol: ClassSymbol, name: str) -> ast.expr | None:
        """The default written for a field of a dataclass."""
        for node in symbol.node.body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=field_name), value=value):
                    if field_name == name:
                        return value
        return None


def _can_change(module: Module, node: ast.expr) -> bool:
    """Whether an annotation is of a set, a list or a map, or has one inside."""
    match node:
        case ast.Name(id="set" | "list" | "dict"):
            return True
        case ast.Name(id=name):
            alias = module.names.get(name)
            if isinstance(alias, NameSymbol):
                return _can_change(alias.module, alias.value)
        case ast.Constant(value=str(text)):
            return _can_change(module, ast.parse(text, mode="eval").body)
        case ast.Subscript(value=head, slice=inner):
            return _can_change(module, head) or _can_change(module, inner)
        case ast.BinOp(left=left, right=right):
            return _can_change(module, left) or _can_change(module, right)
        case ast.Tuple(elts=parts):
            return any(_can_change(module, part) for part in parts)
    return False


_OF_NO_EFFECT = {"slots", "repr", "order", "kw_only", "match_args"}
"""Options of a dataclass that change nothing about what its values are."""


def _is_dataclass(symbol: ClassSymbol) -> bool:
    for decorator in symbol.node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        head = call.func if call else decorator
        name = head.attr if isinstance(head, ast.Attribute) else None
        name = head.id if isinstance(head, ast.Name) else name
        if name == "dataclass":
            options = {k.arg: k.value for k in call.keywords} if call else {}
            frozen = options.get("frozen")
            if isinstance(frozen, ast.Constant) and frozen.value is True:
                _check_options(symbol, options)
                return True
            raise SpecError(
                Code.BAD_TYPE,
                f"`{symbol.node.name}` can be changed in place",
                symbol.module.span(decorator),
                help="write @dataclass(frozen=True) and replace() its values",
            )
    return False


def _check_options(symbol: ClassSymbol, options: Mapping[str | None, ast.expr]) -> None:
    """Refuse options with which values would be compared or made in another way."""
    for name, value in options.items():
        is_default = isinstance(value, ast.Constant) and value.value is True
        if name in _OF_NO_EFFECT or (name in ("frozen", "eq", "init") and is_default):
            continue
        raise SpecError(
            Code.BAD_TYPE,
            f"`{name}={ast.unparse(value)}` is not part of the spec language",
            symbol.module.span(value),
            help="write @dataclass(frozen=True): values are equal if all fields are",
        )


def _default_prefix(name: str) -> str:
    """`dev` for Device, `file` for File."""
    short = name.lower()
    return short if len(short) <= 4 else short[:3]
