"""Constants: what is known before the run, as Python would compute it."""

from __future__ import annotations

import ast

from modelcheck.model.types import IntType
from modelcheck.reader.context import Frame, Local, Purpose, World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.modules import Module


def integer(world: World, module: Module, node: ast.expr) -> int:
    """The value of a constant integer expression."""
    lowering = Lowering(world, Purpose.CONSTANT)
    lowering.frames.append(Frame("", module, locals=class_constants(world, module)))
    value = lowering.expression(node)
    if not isinstance(value.type_, IntType) or not value.is_const:
        raise SpecError(
            Code.NOT_CONSTANT,
            "this must be a constant integer",
            module.span(node),
            help="use numbers, constants of the module and len() of a class",
        )
    return value.term.value


def class_constants(world: World, module: Module) -> dict[str, Local]:
    """Names of class constants, as expressions in a class body see them."""
    lowering = Lowering(world, Purpose.CONSTANT)
    lowering.frames.append(Frame("", module))
    found: dict[str, Local] = {}
    for name, symbol in world.spec.constants.items():
        if isinstance(symbol.value, ast.Constant) and name not in module.names:
            value = lowering.constant_of(symbol, symbol.value)
            found[name] = Local(value.type_, value=value)
    return found
