"""Nondeterminism and guards: `choose`, `require` and `assume`."""

import sys
from collections.abc import Set as AbstractSet
from types import FrameType
from typing import TypeVar, overload

from modelcheck.language._context import current_turn
from modelcheck.language.errors import LanguageError, StepDisabled
from modelcheck.language.values import in_order, members_of

T = TypeVar("T")

_COMPREHENSIONS = frozenset({"<dictcomp>", "<listcomp>", "<setcomp>", "<genexpr>"})


class InitialChoice:
    """Stands in a class body where `choose(...)` restricts the initial values."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[object, ...]) -> None:
        """Keep the values among which each initial state picks one."""
        self.options = options

    def __repr__(self) -> str:
        """Return it the way it was written, with the options evaluated."""
        return f"choose({{{', '.join(map(repr, self.options))}}})"


@overload
def choose(options: type[T], /) -> T: ...
@overload
def choose(options: range, /) -> int: ...
@overload
def choose(options: AbstractSet[T], /) -> T: ...
def choose(options: object, /) -> object:
    """Return any value of `bool`, an enum, a scalarset, a range or a set.

    An empty set or range disables the step. In a class body, as the default of a state
    variable, it restricts the initial values instead. Raises `OutsideWorldError` when
    nothing runs, `LanguageError` for anything else to choose from.
    """
    values = _options_of(options)
    if _is_class_body(sys._getframe(1)):  # noqa: SLF001 - no public way to ask
        return InitialChoice(values)
    return current_turn("choose(...)").pick(values)


def require(condition: bool, /) -> None:  # noqa: FBT001 - reads as a sentence
    """Let the step happen only if `condition` holds; undo it otherwise.

    Raises `OutsideWorldError` when nothing runs.
    """
    current_turn("require(...)")
    if not condition:
        message = "a require(...) does not hold"
        raise StepDisabled(message)


def assume(condition: bool, /) -> None:  # noqa: FBT001 - reads as a sentence
    """Bound the search: steps in which `condition` fails are left out of it.

    It cuts like `require`, but every report states that something was cut. Raises
    `OutsideWorldError` when nothing runs.
    """
    current_turn("assume(...)")
    if not condition:
        message = "an assume(...) does not hold"
        raise StepDisabled(message)


def _options_of(options: object) -> tuple[object, ...]:
    if options is bool:
        return (False, True)
    members = members_of(options)
    if members is not None:
        return members
    if isinstance(options, range):
        return tuple(options)
    if isinstance(options, AbstractSet):
        return in_order(options)
    message = (
        f"choose({options!r}): choose from bool, an Enum, a Scalarset, "
        "a range or a set of values"
    )
    raise LanguageError(message)


def _is_class_body(frame: FrameType | None) -> bool:
    # A comprehension is a function of its own in CPython 3.11 and earlier, so
    # `{d: choose(bool) for d in Device}` calls from one frame further in.
    while frame is not None and frame.f_code.co_name in _COMPREHENSIONS:
        frame = frame.f_back
    return (
        frame is not None
        and frame.f_code.co_name != "<module>"
        and "__qualname__" in frame.f_locals
        and "__module__" in frame.f_locals
    )
