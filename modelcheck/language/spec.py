"""`Spec`: the state of a specification as an ordinary object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import get_annotations
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar, get_origin, get_type_hints

from modelcheck.language._context import current_turn
from modelcheck.language.annotations import finite_type
from modelcheck.language.choosing import InitialChoice
from modelcheck.language.container_types import LOCKS, LockType
from modelcheck.language.decorators import HOLDS, Expected
from modelcheck.language.errors import RangeError, SpecDefinitionError
from modelcheck.language.finite import Chooser, FiniteType

T = TypeVar("T")


class _Missing:
    """The default of a state variable that has none."""


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class StateField:
    """A state variable: its name, finite type and default (`MISSING` for any value)."""

    name: str
    kind: FiniteType
    default: object


class Spec:
    """Base of all specifications; its annotated attributes are the state variables.

    An instance is one state. Assigning a variable copies containers and raises
    `RangeError` when the value is not of the variable's type.
    """

    def __init_subclass__(
        cls,
        *,
        deadlock: Expected = HOLDS,
        because: str = "",
        floor: int = 0,
        models: str | tuple[str, ...] = (),
        breaks: str | tuple[str, ...] = (),
    ) -> None:
        """Accept what a header says to the checker.

        `class Crossed(Spec, deadlock=VIOLATED, because="two locks, two orders")` keeps
        a design that is known to block in a suite. `floor=1000` is the least number of
        states that a search must find. `models="drivers/iommu/iommu.c"` names a file:
        for a patch that touches it this spec is checked. `class Hasty(Crossed,
        breaks="no_overlap")` is a twin of `Crossed`: a variant that must violate the
        property it names.
        """
        setattr(cls, _TWIN, bool(breaks))

    def __init__(self) -> None:
        """Build an initial state, asking the running `World` for each choice.

        Raises `SpecDefinitionError` for a wrong annotation or default, and
        `OutsideWorldError` when there is something to choose and nothing runs.
        """
        for field in state_fields(type(self)):
            value = _initial_value(field)
            try:
                admitted = field.kind.admit(value, field.name)
            except RangeError as error:
                message = f"{type(self).__name__}, default of {error}"
                raise SpecDefinitionError(message) from None
            object.__setattr__(self, field.name, admitted)

    if not TYPE_CHECKING:
        # A type checker that sees this method accepts an assignment to any name, and
        # would no longer find a misspelt one.
        def __setattr__(self, name: str, value: object) -> None:
            """Assign a state variable, copying containers and checking the range."""
            object.__setattr__(self, name, _admitted(type(self), name, value))

    def __delattr__(self, name: str) -> None:
        """Refuse: a state has all its variables, always."""
        message = f"{name}: a state variable cannot be deleted"
        raise AttributeError(message)


# Names that no variable of a spec would have. A base that is a twin makes none of its
# subclasses one.
_TWIN = "__modelcheck_twin__"


def is_twin(spec_class: type[Spec]) -> bool:
    """Whether `spec_class` is a broken variant of a spec, for the checker to catch."""
    return bool(getattr(spec_class, _TWIN, False))


def state_fields(spec_class: type[Spec]) -> tuple[StateField, ...]:
    """Return the state variables of `spec_class`, those of its bases first.

    Raises `SpecDefinitionError` for an annotation that has no finite set of values.
    """
    return tuple(_fields_by_name(spec_class).values())


def spec_snapshot(spec: Spec) -> dict[str, object]:
    """Return the state of `spec` as plain values that later steps do not change.

    Sets become frozensets, lists tuples, dicts fresh dicts. A mutex becomes the name of
    its holder or `None`, an `RWLock` its writer and the frozenset of its readers, a
    semaphore the number of permits left.
    """
    return {
        field.name: plain(getattr(spec, field.name))
        for field in state_fields(type(spec))
    }


def plain(value: object) -> object:
    """Return one value of the state as `spec_snapshot` shows it."""
    if isinstance(value, LOCKS):
        return value.state()
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    return value


# Cached on the class, not in a table of ours: a spec loaded twice with different scopes
# is two classes, and neither must outlive its last user.
_CACHE = "__modelcheck_fields__"


def _fields_by_name(spec_class: type[Spec]) -> dict[str, StateField]:
    cached: dict[str, StateField] | None = spec_class.__dict__.get(_CACHE)
    if cached is None:
        cached = {field.name: field for field in _collect(spec_class)}
        setattr(spec_class, _CACHE, cached)
    return cached


def _admitted(spec_class: type[Spec], name: str, value: object) -> object:
    field = _fields_by_name(spec_class).get(name)
    if field is None:
        message = f"{spec_class.__name__} has no state variable {name!r}"
        raise AttributeError(message)
    if isinstance(field.kind, LockType):
        message = f"{name} is a lock: acquire and release it, it cannot be assigned"
        raise TypeError(message)
    return field.kind.admit(value, name)


def _collect(spec_class: type[Spec]) -> list[StateField]:
    hints = _hints(spec_class)
    names: dict[str, None] = {}
    for base in reversed(spec_class.__mro__):
        names.update(dict.fromkeys(get_annotations(base)))
    return [
        _field(spec_class, name, hints[name])
        for name in names
        if not _is_constant(hints[name])
    ]


def _hints(spec_class: type[Spec]) -> dict[str, object]:
    try:
        return get_type_hints(spec_class, include_extras=True)
    except NameError as error:
        message = (
            f"{spec_class.__name__}: an annotation names something unknown: {error}"
        )
        raise SpecDefinitionError(message) from None


def _is_constant(hint: object) -> bool:
    return hint in (ClassVar, Final) or get_origin(hint) in (ClassVar, Final)


def _field(spec_class: type[Spec], name: str, hint: object) -> StateField:
    try:
        kind = finite_type(hint)
    except SpecDefinitionError as error:
        message = f"{spec_class.__name__}.{name}: {error}"
        raise SpecDefinitionError(message) from None
    return StateField(name, kind, getattr(spec_class, name, MISSING))


def _initial_value(field: StateField) -> object:
    if field.default is MISSING:
        return field.kind.pick(_pick_for(field.name))
    return _resolved(field.default, field.name)


def _pick_for(name: str) -> Chooser:
    # Looks the turn up on each choice only: a spec without choices needs no World.
    def pick(options: Sequence[T], /) -> T:
        return current_turn(f"choosing the initial {name}").pick(options)

    return pick


def _resolved(default: object, name: str) -> object:
    if isinstance(default, InitialChoice):
        return _pick_for(name)(default.options)
    if isinstance(default, dict):
        return {key: _resolved(value, name) for key, value in default.items()}
    if isinstance(default, tuple):
        return tuple(_resolved(value, name) for value in default)
    if isinstance(default, list):
        return [_resolved(value, name) for value in default]
    return default
