"""Which actor is running now, and who answers its choices.

`choose`, `require`, `preempt` and the locks are plain module functions in a spec; this
is how they find the step they belong to.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

from modelcheck.language.errors import OutsideWorldError

T = TypeVar("T")


class Turn(Protocol):
    """One actor's turn: who acts, and who picks among its options."""

    @property
    def actor(self) -> str:
        """The name of the acting actor, as in `World.actors`."""
        ...

    def pick(self, options: Sequence[T], /) -> T:
        """Return one of `options`; raise `StepDisabled` when there is none."""
        ...


_turn: ContextVar[Turn | None] = ContextVar("modelcheck_turn", default=None)


@contextmanager
def taking(turn: Turn) -> Iterator[None]:
    """Make `turn` the current one for the duration of a `with` block."""
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)


def current_turn(name: str) -> Turn:
    """Return the turn in progress; `name` is what the spec called.

    Raises `OutsideWorldError` when no step is being taken.
    """
    turn = _turn.get()
    if turn is None:
        message = (
            f"{name} works only inside a step of a running spec: call it from an "
            "@action, a @process, an @init method or their helpers, and run the spec "
            "with `modelcheck run` or modelcheck.language.scheduler.World"
        )
        raise OutsideWorldError(message)
    return turn
