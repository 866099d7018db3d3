"""Mappings: a class that sees the states of a spec as those of another."""

from __future__ import annotations

from modelcheck.reader.bases import linearise
from modelcheck.reader.classes import SpecClass, collect
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.modules import ClassSymbol
from modelcheck.reader.options import Evaluate
from modelcheck.reader.symbols import name_span


def add_mappings(spec: SpecClass, symbol: ClassSymbol, evaluate: Evaluate) -> None:
    """Give `spec` the methods of `symbol`, which sees states of one of its bases.

    Only @mapping methods and undecorated helpers may stand there, and none may have the
    name of something in `spec`: the behaviour must stay the same.
    """
    span = name_span(symbol.module, symbol.node)
    for base in linearise(symbol)[1:]:
        if base not in spec.order:
            raise SpecError(
                Code.SIGNATURE,
                f"`{symbol.node.name}` sees states of `{base.node.name}`, from which "
                f"`{spec.symbol.node.name}` does not derive",
                span,
                help="derive it from the spec that is mapped, or from one of its bases",
                notes=[Note(spec.symbol.module.span(spec.symbol.node), "the spec")],
            )
    found = collect(symbol, evaluate)
    own = [f for f in found.fields.values() if f.owner is symbol]
    if own:
        raise SpecError(
            Code.SIGNATURE,
            f"a class of mappings has no variables, and `{own[0].name}` is one",
            own[0].span,
            help="compute the value from the variables of the spec",
        )
    for name, method in found.methods.items():
        if method.owner is not symbol:
            continue
        if method.role not in ("", "mapping"):
            what = f"it is no place for an @{method.role}"
        elif name in spec.methods or name in spec.fields or name in spec.constants:
            what = f"`{spec.symbol.node.name}` has a `{name}` already"
        else:
            spec.methods[name] = spec.by_class[symbol, name] = method
            continue
        raise SpecError(
            Code.DECORATOR,
            f"a class of mappings adds nothing else to a spec, and {what}",
            method.span,
            help="write @mapping methods, and helpers with names of their own",
        )
    spec.order.insert(0, symbol)
