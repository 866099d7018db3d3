"""Annotations: from the text of a type to a `Type`, and classes that are types."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from modelcheck.model.statements import Span
from modelcheck.model.types import (
    BOOL,
    NONE,
    DictType,
    EnumType,
    IntType,
    ListType,
    LockKind,
    LockType,
    NoneType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
    cardinality,
    parts,
    spell,
)
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.modules import (
    ClassSymbol,
    Foreign,
    FunctionSymbol,
    Known,
    Module,
    NameSymbol,
    Symbol,
    lookup,
    suggest,
)

MAX_MEMBERS = 1024
"""The largest universe of a set, and the largest number of keys of a map."""

MAX_WIDTH = 65_536
"""The largest number of numbers and set elements that a variable consists of."""

_LOCKS = {kind.value: kind for kind in LockKind}


@dataclass(slots=True)
class Types:
    """Types by annotation; `scopes` override sizes of scalarsets.

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

    def annotation(self, module: Module, node: ast.expr) -> Type:
        """The type that `node` names; raises `SpecError` if it names none."""
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str(text)):
                return self.annotation(module, _quoted(module, node, text))
            case ast.Name(id=name):
                return self._named(
                    module, node, lookup(module, name, module.span(node))
                )
            case ast.Attribute():
                return self._named(module, node, attribute_symbol(module, node))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._union(module, node, left, right)
            case ast.Subscript(value=head, slice=inner):
                return self._subscript(module, node, head, inner)
        raise _no_type(module, node)

    def _named(self, module: Module, node: ast.expr, symbol: Symbol) -> Type:
        match symbol:
            case ClassSymbol():
                return self.of_class(symbol, module.span(node))
            case NameSymbol(home, _, value):
                return self._alias(symbol, home, value)
            case Known(name):
                return self._builtin(module, node, name)
            case Foreign(name):
                raise foreign(name, module.span(node))
        raise _no_type(module, node)

    def _alias(self, symbol: NameSymbol, home: Module, value: ast.expr) -> Type:
        if symbol in self._active:
            raise SpecError(
                Code.RECURSION,
                f"`{symbol.name}` is defined by itself",
                home.span(value),
                help="a type that contains itself is not finite: write it out",
            )
        self._active.append(symbol)
        try:
            return self.annotation(home, value)
        finally:
            self._active.remove(symbol)

    def _builtin(self, module: Module, node: ast.expr, name: str) -> Type:
        span = module.span(node)
        if name == "bool":
            return BOOL
        if name in _LOCKS:
            return LockType(_LOCKS[name], ())
        if name == "int":
            raise SpecError(
                Code.UNBOUNDED_INT,
                "`int` has no bound",
                span,
                help="name a range: Refcount = Annotated[int, range(0, 5)]",
            )
        if name == "float":
            raise floats(span)
        if name == "str":
            raise strings(span)
        if name in ("list", "set", "dict", "tuple", "frozenset"):
            raise SpecError(
                Code.BAD_TYPE,
                f"`{name}` of what?",
                span,
                help=f"write the element type, for example {name}[{_SAMPLES[name]}]",
            )
        raise _no_type(module, node)

    def _union(
        self, module: Module, node: ast.expr, left: ast.expr, right: ast.expr
    ) -> Type:
        one, two = self.annotation(module, left), self.annotation(module, right)
        if isinstance(two, NoneType):
            one, two = two, one
        if isinstance(one, NoneType):
            return two if isinstance(two, OptionalType) else OptionalType(two)
        raise SpecError(
            Code.BAD_TYPE,
            "only `T | None` is a type of the language",
            module.span(node),
            help="make one Enum with all the members, or a dataclass with a kind field",
        )

    def _subscript(
        self, module: Module, node: ast.expr, head: ast.expr, inner: ast.expr
    ) -> Type:
        name = _head(module, head)
        arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        match name, arguments:
            case "Annotated", [base, *extra]:
                return self._annotated(module, node, base, extra)
            case "Optional", [item]:
                found = self.annotation(module, item)
                return found if isinstance(found, OptionalType) else OptionalType(found)
            case (("set" | "frozenset"), [item]):
                found = self.annotation(module, item)
                _check_universe(found, module.span(item), "an element of a set")
                return SetType(found)
            case "dict", [key, value]:
                keys = self.annotation(module, key)
                _check_universe(keys, module.span(key), "a key of a map")
                type_ = DictType(keys, self.annotation(module, value))
                return _check_width(type_, module.span(node))
            case "tuple", _:
                return self._tuple(module, node, arguments)
            case "list", _:
                raise SpecError(
                    Code.NO_BOUND,
                    "this list has no maximum length",
                    module.span(node),
                    help=f"write Annotated[{ast.unparse(node)}, Length(4)]",
                )
            case (("ClassVar" | "Final"), [item]):
                return self.annotation(module, item)
        raise _no_type(module, node)

    def _tuple(self, module: Module, node: ast.expr, items: list[ast.expr]) -> Type:
        if any(isinstance(i, ast.Constant) and i.value is ... for i in items):
            raise SpecError(
                Code.NO_BOUND,
                "a tuple of any length is not finite",
                module.span(node),
                help="list its components: tuple[Device, bool]",
            )
        type_ = TupleType(tuple(self.annotation(module, item) for item in items))
        return _check_width(type_, module.span(node))

    def _annotated(
        self, module: Module, node: ast.expr, base: ast.expr, extra: list[ast.expr]
    ) -> Type:
        match base, extra:
            case ast.Name(id="int"), [ast.Call(func=ast.Name(id="range"))]:
                return self._range(module, extra[0])
            case (
                ast.Subscript(value=ast.Name(id="list"), slice=item),
                [ast.Call(func=ast.Name(id="Length"), args=[length])],
            ):
                size = self.evaluate(module, length)
                if size < 0:
                    raise SpecError(
                        Code.EMPTY_SCOPE,
                        f"a list cannot have at most {size} elements",
                        module.span(length),
                        help="write Length(4), or any number from 1",
                    )
                type_ = ListType(self.annotation(module, item), size)
                return _check_width(type_, module.span(node))
        raise SpecError(
            Code.BAD_TYPE,
            "this is not an annotated type of the language",
            module.span(node),
            help="write Annotated[int, range(0, 5)] or Annotated[list[T], Length(4)]",
        )

    def _range(self, module: Module, node: ast.expr) -> Type:
        assert isinstance(node, ast.Call)
        bounds = [self.evaluate(module, argument) for argument in node.args]
        if len(bounds) not in (1, 2) or node.keywords:
            raise SpecError(
                Code.BAD_TYPE,
                "a range of integers has one or two bounds and no step",
                module.span(node),
                help="write range(5) or range(0, 5)",
            )
        lo, hi = (0, bounds[0]) if len(bounds) == 1 else bounds
        if lo >= hi:
            raise SpecError(
                Code.EMPTY_SCOPE,
                f"range({lo}, {hi}) has no value",
                module.span(node),
                help="the upper bound is excluded: it must be above the lower one",
            )
        return IntType(lo, hi - 1)

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
                    key = self._member_value(symbol.module, value, name)
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

    def _member_value(self, module: Module, node: ast.expr, name: str) -> object:
        """What tells an Enum's member from others: its value, or its name if auto()."""
        match node:
            case ast.Call(func=ast.Name(id="auto") | ast.Attribute(attr="auto")):
                return f"auto() of {name}"
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

    def record_default(self, symbol: ClassSymbol, name: str) -> ast.expr | None:
        """The default written for a field of a dataclass."""
        for node in symbol.node.body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=field_name), value=value):
                    if field_name == name:
                        return value
        return None


_SAMPLES = {
    "list": "Device], Length(4)",
    "set": "Device",
    "frozenset": "Device",
    "dict": "Device, bool",
    "tuple": "Device, bool",
}


def foreign(name: str, span: Span) -> SpecError:
    """The error for a use of a module that is not part of the language."""
    if name.partition(".")[0] not in sys.stdlib_module_names:
        path = f"{name.replace('.', '/')}.py"
        return SpecError(
            Code.IMPORT,
            f"there is no spec module `{name}`",
            span,
            help=f"it would be {path} in the folder of the spec that is checked",
        )
    return SpecError(
        Code.IMPORT,
        f"`{name}` is not part of the spec language",
        span,
        help="a spec uses modelcheck, enum, typing, dataclasses and other spec modules",
    )


def floats(span: Span) -> SpecError:
    """The error for floating-point numbers."""
    return SpecError(
        Code.FLOAT,
        "floating-point numbers are not finite data",
        span,
        help="count in units: Annotated[int, range(lo, hi)]",
    )


def strings(span: Span) -> SpecError:
    """The error for strings as data."""
    return SpecError(
        Code.STRING,
        "strings are not data in a spec",
        span,
        help="names are enums: class Phase(Enum): IDLE = 0",
    )


def _quoted(module: Module, node: ast.expr, text: str) -> ast.expr:
    try:
        inner = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        raise _no_type(module, node) from None
    for part in ast.walk(inner):
        ast.copy_location(part, node)
    return inner


def attribute_symbol(module: Module, node: ast.Attribute) -> Symbol:
    """What `module_name.attribute` stands for; raises `SpecError` if nothing."""
    span = module.span(node)
    if isinstance(node.value, ast.Name):
        owner = lookup(module, node.value.id, span)
        if isinstance(owner, Module) and node.attr in owner.names:
            return owner.names[node.attr]
        if isinstance(owner, Known):
            return Known(node.attr)
        if isinstance(owner, Foreign):
            raise foreign(owner.module, span)
    raise _no_type(module, node)


def _head(module: Module, node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            symbol = lookup(module, name, module.span(node))
        case ast.Attribute():
            symbol = attribute_symbol(module, node)
        case _:
            raise _no_type(module, node)
    if isinstance(symbol, Foreign):
        raise foreign(symbol.module, module.span(node))
    return symbol.name if isinstance(symbol, Known) else ""


def _no_type(module: Module, node: ast.expr) -> SpecError:
    return SpecError(
        Code.BAD_TYPE,
        f"`{ast.unparse(node)}` is not a type of the language",
        module.span(node),
        help="write a type such as bool, Annotated[int, range(0, 5)], Device | None, "
        "set[Device]",
    )


def _check_universe(type_: Type, span: Span, what: str) -> None:
    if holds_container(type_):
        raise SpecError(
            Code.BAD_TYPE,
            f"{spell(type_)} cannot be {what}",
            span,
            help="elements and keys are bools, ints, members or tuples of them",
        )
    if cardinality(type_) > MAX_MEMBERS:
        raise SpecError(
            Code.TOO_LARGE,
            f"this type has {cardinality(type_)} values: {what} has at most "
            f"{MAX_MEMBERS}",
            span,
            help="use a smaller range or a Scalarset",
        )


def holds_container(type_: Type) -> bool:
    """Whether a value of `type_` is or contains a set, a list, a map or a lock."""
    match type_:
        case SetType() | ListType() | DictType() | LockType():
            return True
        case OptionalType(item):
            return holds_container(item)
    return any(map(holds_container, parts(type_)))


def _check_width(type_: Type, span: Span) -> Type:
    """`type_`, unless a state would take more numbers to store it than is sensible."""
    if _width(type_) > MAX_WIDTH:
        raise SpecError(
            Code.TOO_LARGE,
            f"a value of this type takes {_width(type_)} numbers to store; "
            f"at most {MAX_WIDTH} are possible",
            span,
            help="use smaller types inside it",
        )
    return type_


def _width(type_: Type) -> int:
    """How many numbers and elements of sets a value of `type_` consists of."""
    match type_:
        case SetType(item):
            return cardinality(item)
        case DictType(key, value):
            return cardinality(key) * _width(value)
        case ListType(item, length):
            return 1 + length * _width(item)
        case OptionalType(item):
            return 1 + _width(item)
        case TupleType() | RecordType():
            return sum(map(_width, parts(type_)))
    return 1


def base_names(symbol: ClassSymbol) -> list[str]:
    """The names of the language among a class's bases."""
    names = []
    for base in symbol.node.bases:
        found: Symbol | None = None
        if isinstance(base, ast.Name):
            found = symbol.module.names.get(base.id)
        elif isinstance(base, ast.Attribute):
            found = attribute_symbol(symbol.module, base)
        if isinstance(found, Known):
            names.append(found.name)
    return names


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
                return True
            raise SpecError(
                Code.BAD_TYPE,
                f"`{symbol.node.name}` can be changed in place",
                symbol.module.span(decorator),
                help="write @dataclass(frozen=True) and replace() its values",
            )
    return False


def _default_prefix(name: str) -> str:
    """`dev` for Device, `file` for File."""
    short = name.lower()
    return short if len(short) <= 4 else short[:3]


def name_span(
    module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
) -> Span:
    """The place of the name in a `def` or `class` line."""
    whole = module.span(node)
    skip = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}[type(node)]
    start = whole.col + skip
    return Span(whole.path, whole.line, start, whole.line, start + len(node.name))


def class_of(symbol: Symbol | None) -> ClassSymbol | None:
    """The symbol as a class, if it is one."""
    return symbol if isinstance(symbol, ClassSymbol) else None


def is_function(symbol: Symbol | None) -> bool:
    """Whether the symbol is a function of a spec module."""
    return isinstance(symbol, FunctionSymbol)
