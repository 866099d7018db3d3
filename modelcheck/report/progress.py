"""Progress on standard error, and Ctrl-C as a wish that engines look at.

A terminal gets one line that is rewritten and cleared at the end; a pipe gets a plain
line every ten seconds, so that a log shows life without being flooded.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self, TextIO

from modelcheck.verdict.verdicts import Watch

_WIDTH = 80
_BAR = 20
_PIPE_SECONDS = 10.0
_TERMINAL_SECONDS = 0.1


class Progress:
    """A `Watch` that shows how far an engine is.

    As a context manager it takes SIGINT: the first Ctrl-C asks the engines to stop, so
    that the report is truthful about what was seen; the second ends the process. With
    `ends_early` one that comes before any engine looks for it raises
    `KeyboardInterrupt`: a spec is still being read or prepared, and nothing was seen.
    `hasten` is called when Ctrl-C was pressed; it may raise what ends the run.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        ends_early: bool = False,
        hasten: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_quiet = quiet
        self._clock = clock
        self._is_terminal = self._stream.isatty()
        self._start = self._last = clock()
        self._shown = 0
        self._is_interrupted = False
        self._is_told = False
        self._is_early = ends_early
        self.hasten = hasten
        self._previous: signal.Handlers | Callable[..., object] | int | None = None

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Show where `engine` is, unless something was shown a moment ago."""
        self._is_early = False
        now = self._clock()
        pause = _TERMINAL_SECONDS if self._is_terminal else _PIPE_SECONDS
        if self._is_quiet or now - self._last < pause:
            return
        self._last = now
        seconds = f"{now - self._start:.0f} s"
        if not self._is_terminal:
            share = "" if done is None else f" ({done:.0%})"
            self._write(f"{engine}: {text}{share}, {seconds}\n")
            return
        bar = "" if done is None else f"[{_bar(done)}] "
        line = f"{engine}: {bar}{text}, {seconds}"[: self._columns() - 1]
        self._write(f"\r{line.ljust(self._shown)}")
        self._shown = len(line)

    def _columns(self) -> int:
        """The width of the terminal: a longer line could not be cleared."""
        if os.environ.get("COLUMNS", "").isdecimal():
            return int(os.environ["COLUMNS"]) or _WIDTH
        with suppress(OSError, ValueError):  # no terminal, or none that says
            return os.get_terminal_size(self._stream.fileno()).columns or _WIDTH
        return _WIDTH

    def is_interrupted(self) -> bool:
        """Whether Ctrl-C was pressed; says once that it was seen."""
        self._is_early = False
        if self._is_interrupted and not self._is_told:
            self._is_told = True
            if not self._is_quiet:
                self.close()
                self._write("stopping; press Ctrl-C again to leave at once\n")
        return self._is_interrupted

    def close(self) -> None:
        """Clear the line on a terminal."""
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def __enter__(self) -> Self:
        self._previous = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        signal.signal(signal.SIGINT, self._previous)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_interrupted:
            # The engine does not answer; leave as a program that never caught it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        if self._is_early:
            raise KeyboardInterrupt
        # Nothing is written here: the signal may come in the middle of a write.
        self._is_interrupted = True
        if self.hasten is not None:
            self.hasten()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # Nobody reads progress any more; the search goes on.
            self._is_quiet = True


def _bar(done: float) -> str:
    filled = round(min(max(done, 0.0), 1.0) * _BAR)
    return "#" * filled + "." * (_BAR - filled)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A `Watch` that says which of several models is being explored."""

    watch: Watch
    label: str

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Show where `engine` is, and in which model."""
        self.watch.progress(f"{self.label}: {engine}", text, done)

    def is_interrupted(self) -> bool:
        """Whether the user asked to stop."""
        return self.watch.is_interrupted()
