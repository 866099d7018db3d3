"""Who acts in a spec: each action and process with each combination of arguments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from types import FunctionType
from typing import get_type_hints

from modelcheck.language.annotations import finite_type
from modelcheck.language.decorators import ACTORS, Role, RoleKind, role_of
from modelcheck.language.errors import SpecDefinitionError
from modelcheck.language.finite import FiniteType
from modelcheck.language.spec import Spec
from modelcheck.language.values import render_value

# Kept on the class like its state variables, see `spec.state_fields`.
_CACHE = "__modelcheck_actors__"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action or process; it ranges over the values of its type."""

    name: str
    kind: FiniteType


@dataclass(frozen=True, slots=True)
class Actor:
    """One action or process with its arguments; `name` tells it from all others."""

    name: str
    method: str
    role: Role
    arguments: tuple[object, ...]
    parameters: tuple[Parameter, ...] = field(repr=False)
    instance: int = 0

    @property
    def is_process(self) -> bool:
        """Whether it has a place in its code, rather than being one step."""
        return self.role.kind is RoleKind.PROCESS

    def call(self, spec: Spec) -> object:
        """Call the method on `spec` with fresh copies of the arguments."""
        pairs = zip(self.parameters, self.arguments, strict=True)
        arguments = {p.name: p.kind.admit(value, p.name) for p, value in pairs}
        result: object = getattr(spec, self.method)(**arguments)
        return result


def actors_of(spec_class: type[Spec]) -> tuple[Actor, ...]:
    """Return the actors of `spec_class` in order of definition, bases first.

    A method that a subclass overrides acts if the override is decorated, as Python
    finds it. Raises `SpecDefinitionError` for a parameter without a finite type.
    """
    cached: tuple[Actor, ...] | None = vars(spec_class).get(_CACHE)
    if cached is None:
        cached = tuple(
            actor
            for name, method, role in methods_with_role(spec_class)
            if role.kind in ACTORS
            for actor in _actors(spec_class, name, method, role)
        )
        setattr(spec_class, _CACHE, cached)
    return cached


def methods_with_role(
    spec_class: type[Spec],
) -> Iterator[tuple[str, FunctionType, Role]]:
    """Yield name, function and role of each decorated method, those of bases first."""
    names: dict[str, None] = {}
    for base in reversed(spec_class.__mro__):
        names.update(dict.fromkeys(vars(base)))
    for name in names:
        method: object = getattr(spec_class, name, None)
        role = role_of(method)
        if role is not None and isinstance(method, FunctionType):
            yield name, method, role


def _actors(
    spec_class: type[Spec], name: str, method: FunctionType, role: Role
) -> Iterator[Actor]:
    parameters = _parameters(spec_class, name, method)
    for arguments in product(*(tuple(p.kind.values()) for p in parameters)):
        for instance in range(role.instances):
            shown = _actor_name(name, arguments, instance, role.instances)
            yield Actor(shown, name, role, arguments, parameters, instance)


def _parameters(
    spec_class: type[Spec], name: str, method: FunctionType
) -> tuple[Parameter, ...]:
    hints = get_type_hints(method, include_extras=True)
    code = method.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    place = f"{spec_class.__name__}.{name}"
    for parameter in names:
        if parameter not in hints:
            message = f"{place}: annotate {parameter} with the type it ranges over"
            raise SpecDefinitionError(message)
    return tuple(
        Parameter(p, _parameter_type(hints[p], f"{place}, {p}")) for p in names
    )


def _parameter_type(hint: object, place: str) -> FiniteType:
    try:
        return finite_type(hint)
    except SpecDefinitionError as error:
        message = f"{place}: {error}"
        raise SpecDefinitionError(message) from None


def _actor_name(
    method: str, arguments: tuple[object, ...], instance: int, instances: int
) -> str:
    shown = f"({', '.join(map(render_value, arguments))})" if arguments else ""
    number = f"#{instance}" if instances > 1 else ""
    return f"{method}{shown}{number}"
