"""Constants: what is known before the run, as Python would compute it."""

from __future__ import annotations

import ast

from modelcheck.model.types import IntType
from modelcheck.reader.context import Frame, Local, Purpose, World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.modules import ClassSymbol, Module


def integer(world: World, module: Module, node: ast.expr) -> int:
    """The value of a constant integer expression."""
    lowering = Lowering(world, Purpose.CONSTANT)
    owner = world.spec.class_around(module, node)
    found = {} if owner is None else class_constants(world, owner)
    lowering.frames.append(Frame("", module, locals=found, assigned=set(found)))
    value = lowering.expression(node)
    if not isinstance(value.type_, IntType) or not value.is_const:
        raise SpecError(
            Code.NOT_CONSTANT,
            "this must be a constant integer",
            module.span(node),
            help="use numbers, constants of the module and len() of a class",
        )
    return value.term.value


def class_constants(world: World, owner: ClassSymbol) -> dict[str, Local]:
    """The constants that the body of `owner` sees: its own, and no inherited ones."""
    lowering = Lowering(world, Purpose.CONSTANT)
    lowering.frames.append(Frame("", owner.module))
    found: dict[str, Local] = {}
    for (home, name), symbol in world.spec.own_constants.items():
        if home is owner and isinstance(symbol.value, ast.Constant):
            value = lowering.constant_of(symbol, symbol.value)
            found[name] = Local(value.type_, value=value)
    return found
