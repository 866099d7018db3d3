"""Twins: variants of a spec that are broken on purpose, and what must fail in them.

A twin is a class with `breaks=` in its header, derived from a spec of the same file. It
shows that a property which holds could fail: that the search reaches what the property
is about, and that the property looks at it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from modelcheck.model.program import Expect, Property, Twin
from modelcheck.model.statements import Span
from modelcheck.reader.bases import linearise
from modelcheck.reader.classes import SpecClass
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.headers import Broken, broken, is_twin
from modelcheck.reader.methods import Method
from modelcheck.reader.modules import ClassSymbol, suggest
from modelcheck.reader.options import PROPERTY_ROLES
from modelcheck.reader.symbols import name_span


def original(twin: ClassSymbol) -> ClassSymbol:
    """The spec that `twin` is a variant of; raises MC118 if there is not just one.

    It is the class of the same file that the twin derives from, and the most derived of
    them. A function that several twins share stands in a module of its own, so that
    nothing has to be guessed.
    """
    found = [
        base
        for base in linearise(twin)[1:]
        if base.module is twin.module and not is_twin(base)
    ]
    inner = {base for each in found for base in linearise(each)[1:]}
    specs = [base for base in found if base not in inner]
    if len(specs) == 1:
        return specs[0]
    name = twin.node.name
    if specs:
        names = " and ".join(f"`{each.node.name}`" for each in specs)
        raise SpecError(
            Code.TWIN,
            f"`{name}` would be a twin of {names}",
            name_span(twin.module, twin.node),
            help="derive it from one spec, and import what twins share from a module",
        )
    raise SpecError(
        Code.TWIN,
        f"`{name}` is a twin of no spec of this file",
        name_span(twin.module, twin.node),
        help=f"derive it from the spec that it breaks: class {name}(Group, breaks=...)",
    )


def declared_twins(spec: SpecClass) -> tuple[Twin, ...]:
    """The twins of `spec`, in the order of the file."""
    return tuple(
        Twin(
            symbol.node.name,
            tuple(each.name for each in broken(symbol)),
            ast.get_docstring(symbol.node) or "",
            name_span(symbol.module, symbol.node),
        )
        for symbol in _twins(spec)
    )


def _twins(spec: SpecClass) -> Iterator[ClassSymbol]:
    module = spec.symbol.module
    for symbol in module.names.values():
        if not isinstance(symbol, ClassSymbol) or symbol.module is not module:
            continue
        if is_twin(symbol) and original(symbol) is spec.symbol:
            yield symbol


def check_twins(spec: SpecClass, properties: Sequence[Property]) -> None:
    """Refuse a twin of `spec` that breaks what is unknown or does not hold anyway."""
    for symbol in _twins(spec):
        for name in broken(symbol):
            _check_broken(spec, name, properties)


def as_twin(spec: SpecClass, properties: Sequence[Property]) -> list[Property]:
    """The properties of the twin `spec`: those that it breaks must be violated."""
    _check_no_question(spec)
    _check_not_hidden(spec)
    names = broken(spec.symbol)
    for name in names:
        _check_broken(spec, name, properties)
    must_fail = {each.name for each in names}
    return [
        replace(prop, expect=Expect.VIOLATED, because="")
        if prop.name in must_fail
        else prop
        for prop in properties
    ]


def _check_broken(
    spec: SpecClass, name: Broken, properties: Sequence[Property]
) -> None:
    found = {prop.name: prop for prop in properties}
    prop = found.get(name.name)
    if prop is None:
        raise SpecError(
            Code.TWIN,
            f"there is no property `{name.name}` that a twin could break",
            name.span,
            help=suggest(name.name, found) or f"it has {', '.join(found)}",
        )
    if prop.expect is Expect.VIOLATED:
        where = prop.span if prop.span.line else _header_span(spec)
        raise SpecError(
            Code.TWIN,
            f"`{name.name}` is expected to be violated: a twin has nothing to break",
            name.span,
            help="name a property that holds, or remove the twin",
            notes=[Note(where, "here the spec says so")],
        )


def _header_span(spec: SpecClass) -> Span:
    """Where `deadlock=VIOLATED` stands, or near it."""
    return name_span(spec.symbol.module, spec.symbol.node)


def _check_not_hidden(spec: SpecClass) -> None:
    """Refuse a function of a twin that the spec it is about hides.

    Such a mixin stands behind the spec in the order of the bases, and would do nothing.
    """
    about = original(spec.symbol)
    kept = linearise(about)
    for (owner, name), method in spec.by_class.items():
        first = spec.methods.get(name)
        if owner in kept or first is None or first.owner not in kept:
            continue
        if not any(_calls_up(spec, each, method) for each in kept):
            design, twin = about.node.name, spec.symbol.node.name
            raise SpecError(
                Code.TWIN_HIDDEN,
                f"`{name}` is never called: `{owner.node.name}` stands behind "
                f"`{design}` in `{twin}`",
                method.span,
                help=f"list it first: class {twin}({owner.node.name}, {design}, "
                "breaks=...)",
                notes=[Note(first.span, "this one is called")],
            )


def _calls_up(spec: SpecClass, owner: ClassSymbol, method: Method) -> bool:
    """Whether a function of the class `owner` calls `method` by `super()`."""
    return spec.above(owner, method.name) is method and any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        for statement in owner.node.body
        for node in ast.walk(statement)
    )


def _check_no_question(spec: SpecClass) -> None:
    """Refuse a twin that changes what is asked instead of the design."""
    kept = set(linearise(original(spec.symbol)))
    for (owner, _), method in spec.by_class.items():
        if owner not in kept and method.role in PROPERTY_ROLES:
            raise SpecError(
                Code.TWIN,
                f"a twin breaks the design, not the question: `{method.name}` is an "
                f"@{method.role}",
                method.span,
                help="override a function of the design, and leave the properties",
            )
