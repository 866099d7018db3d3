"""A search in a child process, so that a crash of compiled code is survived.

The child is a fork: it has the model, and nothing but findings need to come back. It
hears no signals of the terminal; a byte in shared memory asks it to stop. While its
code is being compiled it hears nothing and has found nothing: then it is ended at once.
Linux ends it if this process is no more.

A Python exception in the child is not sent: the search is made once more in this
process, which then raises the same with all that belongs to it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import pickle
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, cast

from modelcheck.verdict.portfolio import PAUSE, SearchCrashError, nothing_found
from modelcheck.verdict.verdicts import Findings, Limits, Stop, Watch
from modelcheck.verdict.wire import PlainFindings, findings_of, plain_findings

if TYPE_CHECKING:
    from modelcheck.model.program import Model
    from modelcheck.verdict.verdicts import Engine

PARENT_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""

EXPENDABLE = "500"
"""If memory runs out, Linux shall end the child, and not the one who can tell of it."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """The code is there, the search has begun: from now on the child hears a wish."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """What the child's engine tells its watch."""

    engine: str
    text: str
    done: float | None


@dataclass(frozen=True, slots=True)
class _Raised:
    """The child's engine has raised something."""

    is_memory: bool


_End = _Raised | PlainFindings | None
"""The last thing that comes from the child; None if there was only the pipe's end."""


class SearchApart:
    """An `Engine`: `search` for what `limits` ask of `model`, in a fork.

    The fork is made here, before the caller has threads, and `run` is called once, with
    the same arguments.
    """

    def __init__(self, search: Engine, model: Model, limits: Limits) -> None:
        self.name = search.name
        self._search = search
        self._wish = mmap.mmap(-1, 1)
        reader, writer = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        self._child = os.fork()
        if not self._child:
            _be_child(search, model, limits, _Outlet(self._wish, writer), parent)
        os.close(writer)
        self._stream = os.fdopen(reader, "rb")
        self._said: SimpleQueue[_Begun | _Progress | _End] = SimpleQueue()

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """What the child finds; raises `SearchCrashError` if it is ended by a signal.

        Other exceptions are those of the search.
        """
        Thread(target=self._listen, daemon=True).start()
        said: _End | Stop = Stop.INTERRUPT
        try:
            said = self._wait(limits, watch)
        finally:
            if said is not None:
                os.kill(self._child, signal.SIGKILL)  # it may be about to end itself
            _, status = os.waitpid(self._child, 0)
        match said:
            case PlainFindings():
                return findings_of(model, said)
            case Stop():
                return nothing_found(self.name, model, limits, said)
            case _Raised(is_memory=False):
                return self._search.run(model, limits, watch)
        ended_by = -os.waitstatus_to_exitcode(status)
        if said is not None or ended_by == signal.SIGKILL:
            raise MemoryError  # nobody else sends this signal
        name = signal.Signals(ended_by).name if ended_by > 0 else f"status {-ended_by}"
        message = f"its process was ended by {name}"
        raise SearchCrashError(message)

    def _wait(self, limits: Limits, watch: Watch) -> _End | Stop:
        """What the child says at the end; a `Stop` if nothing can come before it."""
        start = monotonic()
        is_begun = False
        while True:
            with suppress(Empty):
                match self._said.get(timeout=PAUSE):
                    case _Begun():
                        is_begun = True
                    case _Progress(engine, text, done):
                        is_begun = True
                        watch.progress(engine, text, done)
                    case end:
                        return end
            is_late = limits.seconds is not None and (
                monotonic() - start > limits.seconds
            )
            if watch.is_interrupted():
                if not is_begun:
                    return Stop.INTERRUPT
                self._wish[0] = 1
            elif is_late and not is_begun:
                return Stop.TIME

    def _listen(self) -> None:
        """Hand over what comes through the pipe; a thread."""
        # What a crash leaves behind in the pipe may be half a message.
        with self._stream as stream, suppress(EOFError, pickle.UnpicklingError):
            while True:
                message = pickle.load(stream)  # noqa: S301 - from our own child
                self._said.put(cast("_Begun | _Progress | _End", message))
        self._said.put(None)


class _Outlet:
    """The `Watch` of the child: what it is told goes through the pipe."""

    def __init__(self, wish: mmap.mmap, writer: int) -> None:
        self._wish = wish
        self._writer = writer
        self._is_begun = False

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Send it."""
        self.send(_Progress(engine, text, done))

    def is_interrupted(self) -> bool:
        """Whether the parent asks to stop."""
        if not self._is_begun:
            self._is_begun = True
            self.send(_Begun())
        return bool(self._wish[0])

    def send(self, message: object) -> None:
        """Write `message` into the pipe."""
        data = memoryview(pickle.dumps(message))
        while data:
            data = data[os.write(self._writer, data) :]


def _be_child(
    search: Engine, model: Model, limits: Limits, outlet: _Outlet, parent: int
) -> NoReturn:
    """Search, say what was found, and end without anything that is the parent's."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's business
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == parent:
            with suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text(EXPENDABLE, "ascii")
            outlet.send(_found(search, model, limits, outlet))
    finally:
        os._exit(0)


def _found(search: Engine, model: Model, limits: Limits, watch: Watch) -> _End:
    try:
        return plain_findings(search.run(model, limits, watch))
    except Exception as error:  # noqa: BLE001 - raised again by the parent
        return _Raised(isinstance(error, MemoryError))
