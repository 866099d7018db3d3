"""Where a process can be suspended, and what it waits for there.

A process is an ordinary coroutine. At each of its preemption points it yields a `Pause`
to whoever drives it by hand; there is no event loop.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from modelcheck.language._context import current_turn
from modelcheck.language.errors import LanguageError


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


async def until(condition: Callable[[], bool], /) -> None:
    """Block until `condition()` holds, then go on in the same state.

    It takes a function, `until(lambda: self.free)`, because a plain value would have
    been computed once, before waiting; anything else raises `LanguageError`.
    """
    current_turn("until(...)")
    _require_function(condition)
    await Suspend(Pause(PauseKind.UNTIL, condition))


def _require_function(condition: object) -> None:
    if not callable(condition):
        message = "until(...) takes a function: write `await until(lambda: ...)`"
        raise LanguageError(message)
