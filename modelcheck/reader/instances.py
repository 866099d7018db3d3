"""Instances: an action or a process for each combination of its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from modelcheck.layout.values import decode, show
from modelcheck.model.shapes import keys
from modelcheck.model.types import DictType, LockType, Type, cardinality, spell
from modelcheck.reader.context import World
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.methods import Method
from modelcheck.reader.signatures import receiver_name
from modelcheck.reader.values import Value, constant

MAX_INSTANCES = 20_000
"""The largest number of instances of one action or process."""


Arguments = list[tuple[str, Value]]
"""Arguments by the name of their parameter; they are constants."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An action or process with its arguments; `actor` is its name in steps."""

    actor: str
    method: Method
    arguments: Arguments


def instances(world: World, role: str) -> list[Instance]:
    """The instances of every method that is a `role`."""
    found: list[Instance] = []
    for method in world.spec.with_role(role):
        for title, arguments in argument_lists(world, method):
            count = method.options.instances
            names = [f"{title}#{i}" for i in range(count)] if count > 1 else [title]
            found.extend(Instance(name, method, arguments) for name in names)
    return found


def argument_lists(world: World, method: Method) -> Iterator[tuple[str, Arguments]]:
    """Every combination of arguments of `method`, with the name of the instance."""
    receiver_name(method)
    own = 2 if method.role == "fairness" else 1
    parameters = method.node.args.args[own:] + method.node.args.kwonlyargs
    kinds = [parameter_type(world, method, p) for p in parameters]
    count = 1
    for kind in kinds:
        count *= cardinality(kind)
    if count > MAX_INSTANCES:
        raise SpecError(
            Code.TOO_LARGE,
            f"`{method.name}` has {count} combinations of arguments: "
            f"at most {MAX_INSTANCES} are possible",
            method.span,
            help="use smaller types, or choose() inside the body",
        )
    for leaves in product(*(list(keys(kind)) for kind in kinds)):
        values = [
            constant(kind, leaf) for kind, leaf in zip(kinds, leaves, strict=True)
        ]
        shown = [
            show(decode(kind, leaf)) for kind, leaf in zip(kinds, leaves, strict=True)
        ]
        title = f"{method.name}({', '.join(shown)})" if shown else method.name
        names = [parameter.arg for parameter in parameters]
        yield title, list(zip(names, values, strict=True))


def parameter_type(world: World, method: Method, parameter: ast.arg) -> Type:
    """The type of a parameter that takes every value of it."""
    if parameter.annotation is None:
        raise SpecError(
            Code.SIGNATURE,
            f"the parameter `{parameter.arg}` has no type",
            method.module.span(parameter),
            help=f"write {parameter.arg}: Device; it takes every value of its type",
        )
    kind = world.types.annotation(method.module, parameter.annotation)
    if isinstance(kind, DictType | LockType):
        raise SpecError(
            Code.BAD_TYPE,
            f"{spell(kind)} cannot be a parameter of an @{method.role}",
            method.module.span(parameter),
            help="choose() it inside the body, entry by entry",
        )
    return kind
