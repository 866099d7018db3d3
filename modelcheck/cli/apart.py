"""A search in a child process, so that a crash of compiled code is survived.

The child is a fork: it has the model, and nothing but findings need to come back. It
hears no signals of the terminal; a byte in shared memory asks it to stop. While its
code is being compiled it hears nothing and has found nothing: then it is ended at once.
Later it has a while to say what it has found. Linux ends it if this process is no more.

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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

from modelcheck.verdict.deadline import GRACE, PART
from modelcheck.verdict.parts import Say, Search, SearchCrashError, tell
from modelcheck.verdict.portfolio import PAUSE
from modelcheck.verdict.verdicts import Findings, Limits, Stop, Watch
from modelcheck.verdict.wire import PlainFindings, findings_of, plain_findings

if TYPE_CHECKING:
    from modelcheck.model.program import Model

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


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that the child has found."""

    what: object


@dataclass(frozen=True, slots=True)
class _Done:
    """The child has come to its end."""

    result: object


_End = _Raised | _Done | None
"""The last thing that comes from the child; None if there was only the pipe's end."""

_News = _Begun | _Progress | _Part | _End

Task = Callable[["_Outlet"], object]
"""What a child does; its result, and what it says before, can be pickled."""


class _Child:
    """A fork that does `task`; to be made before the caller has threads.

    `parts` is what it has said.
    """

    def __init__(self, task: Task) -> None:
        self.parts: list[object] = []
        self._wish = mmap.mmap(-1, 1)
        reader, writer = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        self._process = os.fork()
        if not self._process:
            _be_child(task, _Outlet(self._wish, writer), parent)
        os.close(writer)
        self._stream = os.fdopen(reader, "rb")
        self._news: SimpleQueue[_News] = SimpleQueue()

    def end(self, seconds: float | None, watch: Watch) -> _Done | _Raised | Stop:
        """Wait for its end; a `Stop` if that must come before it has said all.

        Raises `SearchCrashError` if a signal ends it, and `MemoryError` if there is too
        little memory for it.
        """
        Thread(target=self._listen, daemon=True).start()
        end: _End | Stop = Stop.INTERRUPT
        try:
            end = self._wait(seconds, watch)
        finally:
            if end is not None:
                os.kill(self._process, signal.SIGKILL)  # it may be about to end itself
            _, status = os.waitpid(self._process, 0)
        ended_by = -os.waitstatus_to_exitcode(status)
        is_full = isinstance(end, _Raised) and end.is_memory
        if is_full or (end is None and ended_by == signal.SIGKILL):
            raise MemoryError  # nobody else sends this signal
        if end is not None:
            return end
        name = signal.Signals(ended_by).name if ended_by > 0 else f"status {-ended_by}"
        message = f"its process was ended by {name}"
        raise SearchCrashError(message)

    def _wait(self, seconds: float | None, watch: Watch) -> _End | Stop:
        """The end that the child says, or why no end is waited for."""
        start = monotonic()
        is_begun = False
        patience: float | None = None
        while True:
            with suppress(Empty):
                match self._news.get(timeout=PAUSE):
                    case _Begun():
                        is_begun = True
                    case _Progress(engine, text, done):
                        is_begun = True
                        watch.progress(engine, text, done)
                    case _Part(what):
                        self.parts.append(what)
                    case end:
                        return end
            now = monotonic()
            if watch.is_interrupted():
                why = Stop.INTERRUPT
                self._wish[0] = 1
            elif seconds is not None and now - start > seconds:
                why = Stop.TIME
            else:
                continue
            if patience is None:
                patience = now + max(GRACE, PART * (now - start))
            if now > patience or not is_begun:
                return why

    def _listen(self) -> None:
        """Hand over what comes through the pipe; a thread."""
        # What a crash leaves behind in the pipe may be half a message.
        with self._stream as stream, suppress(EOFError, pickle.UnpicklingError):
            while True:
                message = pickle.load(stream)  # noqa: S301 - from our own child
                self._news.put(cast("_News", message))
        self._news.put(None)


class SearchApart:
    """An `InParts`: `search` for what `limits` ask of `model`, in a fork.

    The fork is made here, before the caller has threads, and `tell` is called once,
    with the same arguments.
    """

    def __init__(self, search: Search, model: Model, limits: Limits) -> None:
        self.name = search.name
        self._search = search

        def task(outlet: _Outlet) -> Stop | None:
            def say(found: Findings) -> None:
                outlet.send(_Part(plain_findings(found)))

            return tell(search, model, limits, outlet, say)

        self._child = _Child(task)

    def tell(self, model: Model, limits: Limits, watch: Watch, say: Say) -> Stop | None:
        """Say what the child says, before and after what ends it; as `_Child.end`.

        Other exceptions are those of the search.
        """
        end: _Done | _Raised | Stop | None = None
        try:
            end = self._child.end(limits.seconds, watch)
        finally:
            # What was said before an exception that is not the search's own stands.
            if not isinstance(end, _Raised):
                for part in self._child.parts:
                    say(findings_of(model, cast("PlainFindings", part)))
        match end:
            case _Done(ended):
                return cast("Stop | None", ended)
            case Stop():
                return end
        return tell(self._search, model, limits, watch, say)


R = TypeVar("R")


def done_apart(
    task: Callable[[Watch], R], seconds: float | None, watch: Watch
) -> R | Stop:
    """The result of `task` in a fork, which can be pickled; else what ended it early.

    Raises what `task` raises, and as `_Child.end`.
    """
    match _Child(task).end(seconds, watch):
        case _Done(result):
            return cast("R", result)
        case Stop() as stop:
            return stop
    return task(watch)


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


def _be_child(task: Task, outlet: _Outlet, parent: int) -> NoReturn:
    """Do the task, say what came of it, and end; nothing of the parent's is closed."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's business
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == parent:
            with suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text(EXPENDABLE, "ascii")
            outlet.send(_result(task, outlet))
    finally:
        os._exit(0)


def _result(task: Task, outlet: _Outlet) -> _End:
    try:
        return _Done(task(outlet))
    except Exception as error:  # noqa: BLE001 - raised again by the parent
        return _Raised(isinstance(error, MemoryError))
