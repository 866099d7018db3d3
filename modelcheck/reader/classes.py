"""Spec classes: their fields, constants and methods, those of the bases included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.model.statements import Span
from modelcheck.reader.bases import linearise
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.headers import header
from modelcheck.reader.methods import Method, check_override, read_method
from modelcheck.reader.modules import ClassSymbol, Known, Module, NameSymbol
from modelcheck.reader.options import NO_OPTIONS, Evaluate, Options
from modelcheck.reader.symbols import name_span


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A state variable: its annotation and default as written.

    `owner` is the class that declares it, `home` the one that gives the default.
    """

    owner: ClassSymbol
    name: str
    annotation: ast.expr
    default: ast.expr | None
    span: Span
    home: ClassSymbol


@dataclass(slots=True)
class SpecClass:
    """A spec: everything its class and its bases declare, most derived first."""

    symbol: ClassSymbol
    order: list[ClassSymbol]
    fields: dict[str, Field] = field(default_factory=dict)
    constants: dict[str, NameSymbol] = field(default_factory=dict)
    own_constants: dict[tuple[ClassSymbol, str], NameSymbol] = field(
        default_factory=dict
    )
    methods: dict[str, Method] = field(default_factory=dict)
    by_class: dict[tuple[ClassSymbol, str], Method] = field(default_factory=dict)
    deadlock: Options = NO_OPTIONS
    floor: int = 0
    models: tuple[str, ...] = ()

    def above(self, owner: ClassSymbol, name: str) -> Method | None:
        """The method `super().name` finds from inside class `owner`."""
        for symbol in self.order[self.order.index(owner) + 1 :]:
            if (symbol, name) in self.by_class:
                return self.by_class[symbol, name]
        return None

    def constant_of(self, owner: ClassSymbol, name: str) -> NameSymbol | None:
        """The constant that `owner.name` finds."""
        for symbol in linearise(owner):
            if (symbol, name) in self.own_constants:
                return self.own_constants[symbol, name]
        return None

    def class_around(self, module: Module, node: ast.expr) -> ClassSymbol | None:
        """The class of the spec in whose body `node` of `module` stands."""
        for symbol in self.order:
            body = symbol.node
            last = body.end_lineno or body.lineno
            if symbol.module is module and body.lineno <= node.lineno <= last:
                return symbol
        return None

    def with_role(self, *roles: str) -> Iterator[Method]:
        """The methods that bear one of the decorators, base classes first."""
        for method in self.methods.values():
            if method.role in roles:
                yield method


def collect(symbol: ClassSymbol, evaluate: Evaluate) -> SpecClass:
    """Everything that the class of a spec and its bases declare.

    `evaluate` is called for `instances=` and `floor=`.
    """
    spec = SpecClass(symbol, linearise(symbol))
    for owner in reversed(spec.order):
        if owner.node.keywords:
            _take_header(spec, owner, evaluate)
        for node in owner.node.body:
            _member(spec, owner, node, evaluate)
    inits = list(spec.with_role("init"))
    if len(inits) > 1:
        first, second = inits[:2]
        raise SpecError(
            Code.DECORATOR,
            f"`{second.name}` is a second @init",
            second.span,
            help=f"override `{first.name}` and call super().{first.name}()",
            notes=[Note(first.span, "the first one")],
        )
    return spec


def _take_header(spec: SpecClass, owner: ClassSymbol, evaluate: Evaluate) -> None:
    """Take in what the header of one class of `spec` says.

    What it expects of the deadlock check goes for the classes derived from it as well,
    and what they model adds up; the floor is that of the class itself.
    """
    found = header(owner, evaluate)
    spec.models = tuple(dict.fromkeys((*spec.models, *found.models)))
    spec.deadlock = found.deadlock or spec.deadlock
    if owner is spec.symbol:
        spec.floor = found.floor


def _member(
    spec: SpecClass, owner: ClassSymbol, node: ast.stmt, evaluate: Evaluate
) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            method = read_method(owner, node, evaluate)
            _check_twice(spec, owner, node.name, method.span)
            check_override(spec.methods.get(method.name), method)
            spec.methods[method.name] = method
            spec.by_class[owner, method.name] = method
            spec.fields.pop(method.name, None)
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=annotation, value=value
        ):
            if _is_constant(owner.module, annotation) and value is not None:
                _constant(spec, owner, name, value)
                return
            span = owner.module.span(node.target)
            _check_twice(spec, owner, name, span)
            spec.fields[name] = Field(owner, name, annotation, value, span, owner)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _assigned(spec, owner, node, name, value)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            pass
        case ast.ClassDef():
            raise SpecError(
                Code.UNSUPPORTED,
                "a class inside a spec is not part of the spec language",
                name_span(owner.module, node),
                help="define it at the top of the module",
            )
        case _:
            raise SpecError(
                Code.UNSUPPORTED,
                "only variables, constants and methods stand in a spec class",
                owner.module.span(node),
                help="declare one variable on a line: refs: Refcount = 0",
            )


def _check_twice(spec: SpecClass, owner: ClassSymbol, name: str, span: Span) -> None:
    """Refuse a second variable or method of one class with the same name."""
    first = None
    if (owner, name) in spec.by_class:
        first = spec.by_class[owner, name].span
    elif name in spec.fields and spec.fields[name].owner is owner:
        first = spec.fields[name].span
    if first is not None:
        raise SpecError(
            Code.DEFINED_TWICE,
            f"`{name}` is defined twice in `{owner.node.name}`: only one would count",
            span,
            help="rename one of them",
            notes=[Note(first, "the first one")],
        )


def _assigned(
    spec: SpecClass, owner: ClassSymbol, node: ast.Assign, name: str, value: ast.expr
) -> None:
    """`name = value` in a class: a new default for a field, or a constant."""
    inherited = spec.fields.get(name)
    if inherited is None:
        _constant(spec, owner, name, value)
        return
    span = owner.module.span(node.targets[0])
    spec.fields[name] = Field(
        inherited.owner, name, inherited.annotation, value, span, owner
    )


def _constant(spec: SpecClass, owner: ClassSymbol, name: str, value: ast.expr) -> None:
    symbol = NameSymbol(owner.module, name, value)
    spec.constants[name] = spec.own_constants[owner, name] = symbol


def _is_constant(module: Module, annotation: ast.expr) -> bool:
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if not isinstance(head, ast.Name):
        return False
    symbol = module.names.get(head.id)
    return isinstance(symbol, Known) and symbol.name in ("ClassVar", "Final")
