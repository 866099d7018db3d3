"""Unused helpers: read as well, so that their errors are found."""

from __future__ import annotations

import ast

from modelcheck.model.shapes import keys
from modelcheck.reader.bodies import lowered, method_frame
from modelcheck.reader.context import Frame, Local, Purpose, World
from modelcheck.reader.formulas import FormulaReader
from modelcheck.reader.instances import parameter_type
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.methods import Method
from modelcheck.reader.signatures import receiver_name, returns_formula
from modelcheck.reader.values import constant


def check_unused(world: World) -> None:
    """Read helpers that nothing calls too, so that their errors are found."""
    for method in world.spec.methods.values():
        if method.node in world.used or method.role:
            continue
        purpose = Purpose.ACTION
        if isinstance(method.node, ast.AsyncFunctionDef):
            purpose = Purpose.PROCESS

        def build(lowering: Lowering, method: Method = method) -> None:
            _dry_run(lowering, method)

        if returns_formula(method.node, method.module):
            purpose = Purpose.PROPERTY

        lowered(world, purpose, 0, build)


def _dry_run(lowering: Lowering, method: Method) -> None:
    world = lowering.world
    is_formula = returns_formula(method.node, method.module)
    names = method.node.args.args + method.node.args.kwonlyargs
    if not method.is_static:
        receiver_name(method)
        names = names[1:]
    arguments = []
    for parameter in names:
        kind = parameter_type(world, method, parameter)
        # What a helper of formulas is given is known before the run.
        value = constant(kind, next(keys(kind)))
        if not is_formula:
            value = lowering.builder.new_place(kind, parameter.arg).read()
        arguments.append((parameter.arg, value))
    if method.is_static:
        frame = Frame(method.name, method.module, method.owner, method.node)
        for name, value in arguments:
            frame.locals[name] = Local(value.type_, value=value)
        frame.assigned = {name for name, _ in arguments}
    else:
        frame = method_frame(world, method, arguments)
    lowering.frames.append(frame)
    if is_formula:
        FormulaReader(lowering).temporal(method.node)
        return
    frame.result_type = lowering.result_type(frame, method.node)
    lowering.run_body(frame, method.node)
