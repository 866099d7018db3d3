"""The end of a run: when the user's time is over, whatever is being done then.

Engines look at the clock themselves and say what they have found. What does not look,
such as reading a spec, is ended by a signal (`enforced`), and so is an engine that does
not answer for too long.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import TypeVar

from modelcheck.verdict.verdicts import Limits, Stop

GRACE = 2.0
"""For how many seconds an engine that was told to stop may say what it knows."""

AGAIN = 1.0
"""After how many seconds the signal comes again, if Python had to swallow it."""

PART = 0.05
"""Beyond GRACE, the part of its time that a long search may take for that."""

R = TypeVar("R")


class TooLateError(BaseException):
    """Raised in what takes too long; no `Exception`, which it might take for its own.

    `stop` says whether the time is over or the user wanted to stop.
    """

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.value)
        self.stop = stop


class Deadline:
    """The time of a run, `seconds` from now on; None is without end."""

    def __init__(
        self, seconds: float | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._clock = clock
        self._start = clock()
        self._seconds = seconds
        self._wished: float | None = None
        self._grace: float | None = None

    @property
    def spent(self) -> float:
        """How many seconds are over."""
        return self._clock() - self._start

    @property
    def left(self) -> float | None:
        """How many are left; below 0 if it is late, None if there is no end."""
        return None if self._seconds is None else self._seconds - self.spent

    @property
    def patience(self) -> float:
        """For how long after the end an engine is waited for, at most.

        That is more than what a child process is given, and than its own words take.
        """
        return 2 * GRACE + PART * (self._seconds or self.spent)

    def limited(self, limits: Limits) -> Limits:
        """`limits` for what is left to do."""
        return replace(limits, seconds=self.left)

    def hasten(self) -> None:
        """The user wants to stop: from now on there is GRACE only."""
        if self._wished is None:
            self._wished = self.spent + GRACE
            if self._grace is not None:
                self._arm()

    def within(
        self,
        do: Callable[[], R],
        otherwise: Callable[[Stop], R],
        grace: float = 0.0,
    ) -> R:
        """The result of `do`, if it comes in time; see `enforced`."""
        try:
            with self.enforced(grace):
                return do()
        except TooLateError as late:
            return otherwise(late.stop)

    @contextmanager
    def enforced(self, grace: float = 0.0) -> Iterator[None]:
        """Raise `TooLateError` inside, `grace` seconds after the end.

        Only in the main thread, in which signals are handled, and not nested.
        """
        if current_thread() is not main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._ring)
        self._grace = grace
        try:
            self._arm()
            yield
        finally:
            self._grace = None
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _arm(self) -> None:
        """Have the signal come; raises `TooLateError` if it would be late already."""
        if (wait := self._wait()) is not None:
            if wait <= 0:
                raise TooLateError(self._stop())
            signal.setitimer(signal.ITIMER_REAL, wait, AGAIN)

    def _wait(self) -> float | None:
        """Seconds until what is enforced must have ended."""
        ends = [end for end in (self._seconds, self._wished) if end is not None]
        if not ends or self._grace is None:
            return None
        return min(ends) + self._grace - self.spent

    def _stop(self) -> Stop:
        is_wished = self._wished is not None and (
            self._seconds is None or self._wished < self._seconds
        )
        return Stop.INTERRUPT if is_wished else Stop.TIME

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._grace is not None:
            raise TooLateError(self._stop())
