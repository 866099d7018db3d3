"""Decorators that give a method of a spec its role.

They return the very function they were given, with a `Role` attached, so a decorated
method keeps its type, can be called, and can be overridden as in plain Python.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Concatenate, Literal, Never, ParamSpec, TypeVar, overload

from modelcheck.language.errors import SpecDefinitionError
from modelcheck.language.temporal import Formula

P = ParamSpec("P")
R = TypeVar("R")
W = TypeVar("W", bound=Awaitable[None])

# A function of `Never` is what every function of as many parameters can stand in for.
# Binding the whole method's type, instead of describing it, keeps `Self` in it: an
# overriding property may take `after: Self` of its own class.
PredicateT = TypeVar("PredicateT", bound=Callable[[Never], bool])
TransitionT = TypeVar("TransitionT", bound=Callable[[Never, Never], bool])
TemporalT = TypeVar("TemporalT", bound=Callable[[Never], Formula])
FairnessT = TypeVar("FairnessT", bound=Callable[Concatenate[Never, Never, ...], bool])
MappingT = TypeVar("MappingT", bound=Callable[[Never], object])
InitT = TypeVar("InitT", bound=Callable[[Never], None])

Fairness = Literal["weak", "strong"]


class Expected(Enum):
    """The verdict a property is expected to get."""

    HOLDS = "holds"
    VIOLATED = "violated"


HOLDS = Expected.HOLDS
VIOLATED = Expected.VIOLATED


class RoleKind(Enum):
    """What a decorated method is."""

    ACTION = "action"
    PROCESS = "process"
    INIT = "init"
    CONSTRAINT = "constraint"
    INVARIANT = "invariant"
    LEMMA = "lemma"
    TRANSITION = "transition"
    REACHABLE = "reachable"
    TEMPORAL = "temporal"
    FAIRNESS = "fairness"
    MAPPING = "mapping"


ACTORS = frozenset({RoleKind.ACTION, RoleKind.PROCESS})
PROPERTIES = frozenset(
    {RoleKind.INVARIANT, RoleKind.LEMMA, RoleKind.TRANSITION, RoleKind.REACHABLE}
    | {RoleKind.TEMPORAL}
)
FRAMING = frozenset(
    {RoleKind.INIT, RoleKind.CONSTRAINT, RoleKind.FAIRNESS, RoleKind.MAPPING}
)
INVARIANTS = (RoleKind.INVARIANT, RoleKind.LEMMA)
"""What is to be true in every state."""

assert frozenset(RoleKind) == ACTORS | PROPERTIES | FRAMING, "a role has no group"


@dataclass(frozen=True, slots=True)
class Role:
    """What a decorator says about its method; what does not apply has its default."""

    kind: RoleKind
    fair: Fairness | None = None
    daemon: bool = False
    instances: int = 1
    expect: Expected = HOLDS
    because: str = ""
    of: str | None = None


_ROLE = "__modelcheck_role__"


def role_of(method: object) -> Role | None:
    """Return the role of a function, or `None` for a plain one."""
    role: object = getattr(method, _ROLE, None)
    return role if isinstance(role, Role) else None


def _with_role(method: R, role: Role) -> R:
    setattr(method, _ROLE, role)
    return method


@dataclass(frozen=True, slots=True)
class ActionDecorator:
    """Turns a method without result into an action."""

    role: Role

    def __call__(self, method: Callable[P, None], /) -> Callable[P, None]:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class ProcessDecorator:
    """Turns an `async def` without result into a process."""

    role: Role

    def __call__(self, method: Callable[P, W], /) -> Callable[P, W]:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class PredicateDecorator:
    """Turns a method `(self) -> bool` into a property of states."""

    role: Role

    def __call__(self, method: PredicateT, /) -> PredicateT:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class TransitionDecorator:
    """Turns a method `(self, after) -> bool` into a property of steps."""

    role: Role

    def __call__(self, method: TransitionT, /) -> TransitionT:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class TemporalDecorator:
    """Turns a method into a property of behaviours."""

    role: Role

    def __call__(self, method: TemporalT, /) -> TemporalT:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class MappingDecorator:
    """Turns a method `(self) -> T` into the value of a variable of another spec."""

    role: Role

    def __call__(self, method: MappingT, /) -> MappingT:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@dataclass(frozen=True, slots=True)
class FairnessDecorator:
    """Turns a method `(self, after, ...) -> bool` into a fairness constraint."""

    role: Role

    def __call__(self, method: FairnessT, /) -> FairnessT:
        """Return `method`, marked."""
        return _with_role(method, self.role)


@overload
def action(method: Callable[P, None], /) -> Callable[P, None]: ...
@overload
def action(*, fair: Fairness | None = None) -> ActionDecorator: ...
def action(
    method: Callable[P, None] | None = None, /, *, fair: Fairness | None = None
) -> Callable[P, None] | ActionDecorator:
    """Mark a plain method as one atomic step, taken with any values of its parameters.

    `fair` restricts the runs that a `@temporal` property is about, for each combination
    of parameters by itself: "weak" (never enabled for ever without being taken) or
    "strong" (taken again and again if enabled again and again).
    """
    decorator = ActionDecorator(Role(RoleKind.ACTION, fair=fair))
    return decorator if method is None else decorator(method)


@overload
def process(method: Callable[P, W], /) -> Callable[P, W]: ...
@overload
def process(
    *, daemon: bool = False, instances: int = 1, fair: Fairness | None = None
) -> ProcessDecorator: ...
def process(
    method: Callable[P, W] | None = None,
    /,
    *,
    daemon: bool = False,
    instances: int = 1,
    fair: Fairness | None = None,
) -> Callable[P, W] | ProcessDecorator:
    """Mark an `async def` as sequential actors, one per combination of its parameters.

    `instances` multiplies each combination; being blocked for ever is no deadlock of a
    `daemon`; `fair` is as for `action`, for all steps of an instance together. Raises
    `SpecDefinitionError` for `instances` below 1.
    """
    if instances < 1:
        message = f"@process(instances={instances}): there is at least one"
        raise SpecDefinitionError(message)
    decorator = ProcessDecorator(
        Role(RoleKind.PROCESS, fair=fair, daemon=daemon, instances=instances)
    )
    return decorator if method is None else decorator(method)


@overload
def invariant(method: PredicateT, /) -> PredicateT: ...
@overload
def invariant(*, expect: Expected = HOLDS, because: str = "") -> PredicateDecorator: ...
def invariant(
    method: PredicateT | None = None,
    /,
    *,
    expect: Expected = HOLDS,
    because: str = "",
) -> PredicateT | PredicateDecorator:
    """Mark a method that is to be true in every reachable state.

    `expect=VIOLATED` declares a known flaw, and `because` says why it is expected.
    """
    decorator = PredicateDecorator(
        Role(RoleKind.INVARIANT, expect=expect, because=because)
    )
    return decorator if method is None else decorator(method)


def lemma(method: PredicateT, /) -> PredicateT:
    """Mark a method that is true in every reachable state and helps to prove others.

    A lemma is checked as an invariant is; it is never assumed without a proof.
    """
    return _with_role(method, Role(RoleKind.LEMMA))


@overload
def transition(method: TransitionT, /) -> TransitionT: ...
@overload
def transition(
    *, expect: Expected = HOLDS, because: str = ""
) -> TransitionDecorator: ...
def transition(
    method: TransitionT | None = None,
    /,
    *,
    expect: Expected = HOLDS,
    because: str = "",
) -> TransitionT | TransitionDecorator:
    """Mark a method `(self, after)` that is to be true over every step.

    `expect` and `because` are as for `invariant`.
    """
    decorator = TransitionDecorator(
        Role(RoleKind.TRANSITION, expect=expect, because=because)
    )
    return decorator if method is None else decorator(method)


@overload
def reachable(method: PredicateT, /) -> PredicateT: ...
@overload
def reachable(*, expect: Expected = HOLDS, because: str = "") -> PredicateDecorator: ...
def reachable(
    method: PredicateT | None = None,
    /,
    *,
    expect: Expected = HOLDS,
    because: str = "",
) -> PredicateT | PredicateDecorator:
    """Mark a method that some reachable state is to make true.

    `expect` and `because` are as for `invariant`.
    """
    decorator = PredicateDecorator(
        Role(RoleKind.REACHABLE, expect=expect, because=because)
    )
    return decorator if method is None else decorator(method)


@overload
def temporal(method: TemporalT, /) -> TemporalT: ...
@overload
def temporal(*, expect: Expected = HOLDS, because: str = "") -> TemporalDecorator: ...
def temporal(
    method: TemporalT | None = None,
    /,
    *,
    expect: Expected = HOLDS,
    because: str = "",
) -> TemporalT | TemporalDecorator:
    """Mark a method that returns a formula which every fair run is to satisfy.

    `expect` and `because` are as for `invariant`.
    """
    decorator = TemporalDecorator(
        Role(RoleKind.TEMPORAL, expect=expect, because=because)
    )
    return decorator if method is None else decorator(method)


def constraint(method: PredicateT, /) -> PredicateT:
    """Mark a method that bounds the search: states that fail it are not continued."""
    return _with_role(method, Role(RoleKind.CONSTRAINT))


def init(method: InitT, /) -> InitT:
    """Mark the one atomic method that finishes the initial state."""
    return _with_role(method, Role(RoleKind.INIT))


def fairness(strength: Fairness, /, *, of: str | None = None) -> FairnessDecorator:
    """Mark a method `(self, after, ...)` that says which transitions shall come.

    It is true of the transitions, from `self` to `after`, that are not put off for
    ever: as long as one is possible ("weak"), or if one is possible again and again
    ("strong"). `of` names the action or process whose steps are meant, all of them by
    default. There is one constraint for each combination of the other parameters; a
    parameter that the function named by `of` has too stands for its argument.
    """
    return FairnessDecorator(Role(RoleKind.FAIRNESS, fair=strength, of=of))


def mapping(variable: str, /) -> MappingDecorator:
    """Mark a method `(self) -> T` that says what a variable of another spec stands for.

    `modelcheck refine` computes with it, from a state of this spec, the value of
    `variable` in the abstract one; T is the type of that variable.
    """
    return MappingDecorator(Role(RoleKind.MAPPING, of=variable))
