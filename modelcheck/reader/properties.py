"""Properties: what is asked of states, steps and runs, and what makes runs fair."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modelcheck.model import terms as t
from modelcheck.model.flatten import flatten
from modelcheck.model.program import Kind, Mapped, Property, Step
from modelcheck.model.simplify import simplify_result
from modelcheck.model.temporal import Fairness, Temporal
from modelcheck.reader.bodies import OF_A_STEP, lowered, method_frame, predicate
from modelcheck.reader.context import Purpose, World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.fairness import fair_instances, steps_meant
from modelcheck.reader.formulas import FormulaReader
from modelcheck.reader.instances import Instance, argument_lists
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.methods import Method
from modelcheck.reader.signatures import returns_formula
from modelcheck.reader.values import Value

PROPERTY_KINDS = {
    "invariant": Kind.INVARIANT,
    "lemma": Kind.INVARIANT,
    "transition": Kind.TRANSITION,
    "reachable": Kind.REACHABLE,
    "constraint": Kind.CONSTRAINT,
}
"""What a method with one of these decorators describes by a predicate."""


def read_property(world: World, method: Method) -> Property:
    """The property that `method` describes: of states, of steps or of runs."""
    if method.role == "temporal":
        return _temporal(world, method)
    return _predicate_property(world, method)


def _predicate_property(world: World, method: Method) -> Property:
    kind = PROPERTY_KINDS[method.role]
    names = [a.arg for a in method.node.args.args]
    wanted = 2 if kind is Kind.TRANSITION else 1
    if len(names) != wanted:
        what = "self and after" if wanted > 1 else "self alone"
        names_ = "self, after: Self" if wanted > 1 else "self"
        raise SpecError(
            Code.SIGNATURE,
            f"an @{method.role} takes {what}",
            method.span,
            help=f"write def {method.name}({names_}) -> bool",
        )
    body, result = predicate(world, method, [])
    options = method.options
    return Property(
        method.name,
        kind,
        body,
        result,
        ast.get_docstring(method.node) or "",
        options.expect,
        options.because,
        method.span,
        is_lemma=method.role == "lemma",
    )


def _temporal(world: World, method: Method) -> Property:
    """The property of runs that an @temporal method describes."""
    arguments = method.node.args
    if len(arguments.args) != 1 or arguments.kwonlyargs:
        raise SpecError(
            Code.SIGNATURE,
            "an @temporal takes self alone",
            method.span,
            help=f"write def {method.name}(self) -> Formula; for all devices, "
            "every(... for dev in Device)",
        )
    if not returns_formula(method.node, method.module):
        raise SpecError(
            Code.SIGNATURE,
            "an @temporal is about runs: it returns a Formula",
            method.span,
            help=f"write `def {method.name}(self) -> Formula:`, with Formula "
            "imported from modelcheck; what holds in one state is an @invariant",
        )
    found: list[Temporal] = []

    def build(lowering: Lowering) -> None:
        lowering.frames.append(method_frame(world, method, []))
        found[:] = [FormulaReader(lowering).temporal(method.node)]

    lowered(world, Purpose.PROPERTY, 0, build)
    return Property(
        method.name,
        Kind.TEMPORAL,
        (),
        t.TRUE,
        ast.get_docstring(method.node) or "",
        method.options.expect,
        method.options.because,
        method.span,
        found[0],
    )


def read_fairness(
    world: World, instances: list[Instance], steps: list[Step]
) -> Iterator[Fairness]:
    """What the spec says about fairness: `fair=`, then @fairness."""
    yield from fair_instances(instances, steps)
    for method in world.spec.with_role("fairness"):
        if len(method.node.args.args) < OF_A_STEP:
            raise SpecError(
                Code.SIGNATURE,
                "an @fairness describes a transition: it takes self and after",
                method.span,
                help=f"write def {method.name}(self, after: Self) -> bool",
            )
        for name, arguments in argument_lists(world, method):
            meant = steps_meant(method, arguments, instances, steps)
            body, result = predicate(world, method, arguments)
            strength = method.options.fair
            assert strength is not None
            yield Fairness(name, strength, meant, body, result, method.span)


def read_mapping(world: World, method: Method) -> Mapped:
    """The value of an abstract variable that an @mapping method computes."""
    if len(method.node.args.args) != 1 or method.node.args.kwonlyargs:
        raise SpecError(
            Code.SIGNATURE,
            "an @mapping takes self alone",
            method.span,
            help=f"write def {method.name}(self) -> T, with the variable's type T",
        )
    results: list[Value] = []

    def build(lowering: Lowering) -> None:
        frame = method_frame(world, method, [])
        frame.result_type = lowering.result_type(frame, method.node)
        lowering.frames.append(frame)
        results[:] = [lowering.run_body(frame, method.node)]

    body = flatten(tuple(lowered(world, Purpose.PROPERTY, 0, build)))
    (value,) = results
    values = tuple(simplify_result(body, leaf) for leaf in value.shape.leaves())
    options = method.options
    return Mapped(options.of, value.type_, values, options.of_span)
