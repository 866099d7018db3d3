"""Annotations: from the text of a type to a `Type`."""

from __future__ import annotations

import ast

from modelcheck.model.types import (
    BOOL,
    NONE,
    DictType,
    IntType,
    ListType,
    LockKind,
    LockType,
    NoneType,
    OptionalType,
    SetType,
    TupleType,
    Type,
)
from modelcheck.reader.class_types import ClassTypes
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import (
    ClassSymbol,
    Foreign,
    Known,
    Module,
    NameSymbol,
    Symbol,
    lookup,
)
from modelcheck.reader.refusals import floats, foreign, no_type, strings
from modelcheck.reader.symbols import attribute_symbol
from modelcheck.reader.type_limits import check_universe, check_width

_LOCKS = {kind.value: kind for kind in LockKind}


class Types(ClassTypes):
    """Types by annotation, those of classes included."""

    __slots__ = ()

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
        raise no_type(module, node)

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
        raise no_type(module, node)

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
        raise no_type(module, node)

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
                check_universe(found, module.span(item), "an element of a set")
                return SetType(found)
            case "dict", [key, value]:
                keys = self.annotation(module, key)
                check_universe(keys, module.span(key), "a key of a map")
                type_ = DictType(keys, self.annotation(module, value))
                return check_width(type_, module.span(node))
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
        raise no_type(module, node)

    def _tuple(self, module: Module, node: ast.expr, items: list[ast.expr]) -> Type:
        if any(isinstance(i, ast.Constant) and i.value is ... for i in items):
            raise SpecError(
                Code.NO_BOUND,
                "a tuple of any length is not finite",
                module.span(node),
                help="list its components: tuple[Device, bool]",
            )
        type_ = TupleType(tuple(self.annotation(module, item) for item in items))
        return check_width(type_, module.span(node))

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
                return check_width(type_, module.span(node))
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


_SAMPLES = {
    "list": "Device], Length(4)",
    "set": "Device",
    "frozenset": "Device",
    "dict": "Device, bool",
    "tuple": "Device, bool",
}


def _quoted(module: Module, node: ast.expr, text: str) -> ast.expr:
    try:
        inner = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        raise no_type(module, node) from None
    for part in ast.walk(inner):
        ast.copy_location(part, node)
    return inner


def _head(module: Module, node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            symbol = lookup(module, name, module.span(node))
        case ast.Attribute():
            symbol = attribute_symbol(module, node)
        case _:
            raise no_type(module, node)
    if isinstance(symbol, Foreign):
        raise foreign(symbol.module, module.span(node))
    return symbol.name if isinstance(symbol, Known) else ""
