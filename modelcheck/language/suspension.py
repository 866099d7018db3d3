"""Where a process can be suspended, and what it waits for there.

A process is an ordinary coroutine. At each of its preemption points it yields a `Pause`
to whoever drives it by hand; there is no event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from enum import Enum
from typing import overload

from modelcheck.language._context import current_turn
from modelcheck.language.errors import LanguageError
from modelcheck.language.temporal import Formula, Operand, until_formula


class PauseKind(Enum):
    """Why a process is not running now."""

    START = "start"
    PREEMPT = "preempt"
    UNTIL = "until"
    ACQUIRE = "acquire"
    LEAVE = "leave"
    DONE = "done"


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Pause:
    """One suspension: the process may go on in states where `is_ready()` is true."""

    kind: PauseKind
    is_ready: Callable[[], bool] = _always
    waits_for: str | None = None


class Suspend:
    """Awaiting it suspends the process with a `Pause`."""

    __slots__ = ("_pause",)

    def __init__(self, pause: Pause) -> None:
        """Keep the pause to hand to the driver."""
        self._pause = pause

    def __await__(self) -> Generator[Pause, None, None]:
        """Yield the pause once, and go on when resumed."""
        yield self._pause


async def preempt() -> None:
    """Let the other actors run: a bare preemption point.

    Raises `OutsideWorldError` when no `World` runs the process.
    """
    current_turn("preempt()")
    await Suspend(Pause(PauseKind.PREEMPT))


@overload
def until(condition: Callable[[], bool], /) -> Coroutine[object, None, None]: ...
@overload
def until(left: Operand, right: Operand, /) -> Formula: ...
def until(
    left: Callable[[], bool] | Operand,
    right: Operand | None = None,
    /,
) -> Coroutine[object, None, None] | Formula:
    """Wait until a condition holds; or, of two formulas: `left` does until `right`.

    Awaited with one function, `await until(lambda: self.free)`, it blocks until that
    returns true and goes on in the same state. It takes a function, because a plain
    value would have been computed once, before waiting; anything else raises
    `LanguageError`.

    With two formulas it is one: `right` holds here or later, and until then, in every
    state before that one, `left` does.
    """
    if right is None:
        return _wait(left)
    if isinstance(left, Formula | bool):
        return until_formula(left, right)
    message = "until(f, g) takes two formulas; a wait, until(lambda: ...), takes one"
    raise LanguageError(message)


async def _wait(condition: object) -> None:
    current_turn("until(...)")
    if not callable(condition):
        message = "until(...) takes a function: write `await until(lambda: ...)`"
        raise LanguageError(message)
    await Suspend(Pause(PauseKind.UNTIL, condition))
