"""Bodies: what methods do and compute, as statements of the model."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model.flatten import flatten
from modelcheck.model.simplify import simplify_result
from modelcheck.model.statements import Body, Scope, Statement
from modelcheck.model.terms import Term
from modelcheck.model.types import BOOL, SetType
from modelcheck.reader.context import Frame, Local, Purpose, WidenError, World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.methods import Method
from modelcheck.reader.signatures import receiver_name
from modelcheck.reader.values import Value

OF_A_STEP = 2
"""How many states a predicate on steps looks at: `self` and `after`."""


def lowered(
    world: World, purpose: Purpose, actor: int, build: Callable[[Lowering], None]
) -> list[Statement]:
    """What `build` emits, repeated until every local has a type wide enough."""
    while True:
        lowering = Lowering(world, purpose, actor)
        try:
            build(lowering)
        except WidenError:
            continue
        return lowering.builder.out


def method_frame(
    world: World, method: Method, arguments: list[tuple[str, Value]]
) -> Frame:
    """The outermost frame of a body: that of `method` with these arguments."""
    frame = Frame(method.name, method.module, method.owner, method.node)
    frame.is_async = isinstance(method.node, ast.AsyncFunctionDef)
    frame.receiver = receiver_name(method)
    frame.views[frame.receiver] = False
    for name, value in arguments:
        is_frozen = isinstance(value.type_, SetType)
        frame.locals[name] = Local(value.type_, value=value, is_frozen=is_frozen)
    frame.assigned = {name for name, _ in arguments}
    world.used.add(method.node)
    return frame


def procedure(
    world: World,
    purpose: Purpose,
    actor: int,
    method: Method,
    arguments: list[tuple[str, Value]],
) -> list[Statement]:
    """The lowered body of a method that returns nothing, in its own scope."""
    _check_returns_none(method)

    def build(lowering: Lowering) -> None:
        frame = method_frame(world, method, arguments)
        frame.result_type = world.types.annotation(method.module, ast.Constant(None))
        frame.return_label = world.names.label()
        lowering.frames.append(frame)
        with lowering.builder.block() as body:
            lowering.own_assigned(method.node)
            lowering.block(method.node.body)
        lowering.builder.emit(Scope(frame.return_label, tuple(body)))

    return lowered(world, purpose, actor, build)


def _check_returns_none(method: Method) -> None:
    returns = method.node.returns
    if isinstance(returns, ast.Constant) and returns.value is None:
        return
    raise SpecError(
        Code.SIGNATURE,
        f"an @{method.role} returns nothing",
        method.span,
        help=f"write `def {method.name}(...) -> None:`",
    )


def predicate(
    world: World, method: Method, arguments: list[tuple[str, Value]]
) -> tuple[Body, Term]:
    """The Boolean that a method computes, of one state or of two."""
    names = [a.arg for a in method.node.args.args][:OF_A_STEP]
    results: list[Term] = []

    def build(lowering: Lowering) -> None:
        results[:] = [_truth(lowering, method, names, arguments)]

    body = flatten(tuple(lowered(world, Purpose.PROPERTY, 0, build)))
    return simplify_result(body, results[0])


def _truth(
    lowering: Lowering,
    method: Method,
    names: list[str],
    arguments: list[tuple[str, Value]],
) -> Term:
    world = lowering.world
    frame = method_frame(world, method, arguments)
    if len(names) > 1:
        frame.views[names[1]] = True
    returns = method.node.returns
    if returns is None or world.types.annotation(method.module, returns) != BOOL:
        raise SpecError(
            Code.SIGNATURE,
            f"an @{method.role} answers yes or no: it returns a bool",
            method.span,
            help=f"write `def {method.name}({', '.join(names)}) -> bool:`",
        )
    frame.result_type = BOOL
    lowering.frames.append(frame)
    return lowering.run_body(frame, method.node).term
