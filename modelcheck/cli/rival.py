"""A rival of a search: an engine in a process of its own.

The process is a fresh interpreter that reads the spec again, for neither threads nor
machine code nor hash-consed terms survive a fork or a copy. It gets its job from a pipe
and sends its answer through another one. The first pipe stays open: a byte in it is the
wish to end, and its end that there is nobody any more to whom an answer would matter.
So no rival outlives the search, even one that was killed.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from modelcheck.cli.options import Preempt
    from modelcheck.model.program import Model
    from modelcheck.verdict.portfolio import Answer
    from modelcheck.verdict.verdicts import Limits, Watch
    from modelcheck.verdict.wire import PlainAnswer

NICENESS = 10
"""How much the search is preferred where both want one processor."""

SHARE = 4
"""A rival may use one part in so many of the memory that is free."""

LEAST_MEMORY = 1 << 30
"""What z3 needs in any case; in bytes of address space."""

_START = f"from {__name__} import main; main()"
"""Not as `__main__`, a name under which the other side would not find our classes."""

STOP = b"s"
"""The byte that asks for last words."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a rival is to do."""

    engine: str
    spec: str
    scopes: Mapping[str, int]
    preempt: Preempt
    limits: Limits


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer; `is_ours` if an engine found that we are wrong."""

    reason: str
    is_ours: bool


class RivalProcess:
    """A `Rival`: `engine` at work on the spec that `model` was read from."""

    def __init__(self, engine: str, model: Model, limits: Limits) -> None:
        self._model = model
        self._is_killed = False
        job = Job(
            engine, model.path, model.scopes, cast("Preempt", model.preempt), limits
        )
        path = os.pathsep.join(map(os.path.abspath, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._send(pickle.dumps(job))

    def answer(self) -> Answer:
        """Wait for what it says; raises as `Rival.answer` does."""
        from modelcheck.verdict.agreement import InternalError
        from modelcheck.verdict.portfolio import RivalError
        from modelcheck.verdict.wire import answer_of

        with self._process:
            assert self._process.stdout is not None
            data = self._process.stdout.read()
            status = self._process.wait()
        said = _said(data) if status == 0 else None
        if said is None:
            raise RivalError(self._end(status))
        if not isinstance(said, Failure):
            return answer_of(self._model, said)
        if said.is_ours:
            raise InternalError(said.reason)
        message = f"failed: {said.reason}"
        raise RivalError(message)

    def stop(self) -> None:
        """Ask it to say what it knows and to end."""
        self._send(STOP)

    def kill(self) -> None:
        """End it."""
        self._is_killed = True
        self._process.kill()

    def _send(self, data: bytes) -> None:
        # If nobody reads it any more, `answer` tells why.
        with suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(data)

    def _end(self, status: int) -> str:
        if self._is_killed:
            return "was stopped before it had an answer"
        if status < 0:
            return f"failed: ended by signal {-status}"
        return f"failed: ended with status {status}"


def _said(data: bytes) -> PlainAnswer | Failure | None:
    """What the process has sent; None if it did not come to the end."""
    try:
        # From a process of ours, which has read the spec but not run it.
        return cast("PlainAnswer | Failure", pickle.loads(data))  # noqa: S301
    except (EOFError, pickle.UnpicklingError):
        return None


class _Wish:
    """A `Watch` that says when the search has no use for a rival any more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_over = Event()
        Thread(target=self._listen, daemon=True).start()

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Show nothing: the terminal is the search's."""

    def is_interrupted(self) -> bool:
        """Whether the search asks for last words."""
        return self._is_over.is_set()

    def _listen(self) -> None:
        while self._stream.read(1):
            self._is_over.set()
        os._exit(1)


def answer(job: Job, watch: Watch) -> PlainAnswer | Failure:
    """Do the job; a proof is checked here, so that the search need not wait for it."""
    from modelcheck.reader import read_spec
    from modelcheck.solve.induction import Induction
    from modelcheck.solve.pdr import PropertyDirected
    from modelcheck.verdict.agreement import InternalError
    from modelcheck.verdict.asking import with_lemmas
    from modelcheck.verdict.portfolio import Answer
    from modelcheck.verdict.proofs import certified
    from modelcheck.verdict.wire import plain

    try:
        model = read_spec(job.spec, job.scopes, job.preempt)
        engine = {"induct": Induction, "pdr": PropertyDirected}[job.engine]()
        found = engine.run(model, with_lemmas(model, job.limits), watch)
        return plain(model, Answer(*certified(model, found)))
    except Exception as error:  # noqa: BLE001 - the search goes on, and tells
        is_ours = isinstance(error, InternalError)
        text = error.reason if isinstance(error, InternalError) else str(error)
        return Failure((text or type(error).__name__).splitlines()[0], is_ours)


def main() -> None:
    """Be a rival: the job comes from standard input, the answer goes to the output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the search's business
    os.nice(NICENESS)
    _be_modest()
    stream = sys.stdin.buffer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = cast("Job", pickle.load(stream))  # noqa: S301 - from the search
    said = answer(job, _Wish(stream))
    with suppress(BrokenPipeError):
        out.write(pickle.dumps(said))
        out.flush()
    # The thread that listens must not be waited for, nor one in z3.
    os._exit(0)


def _be_modest() -> None:
    """Take no memory that the search needs, and be the first to go if there is none."""
    from modelcheck.explore.native.memory import available

    most = max(LEAST_MEMORY, available() // SHARE)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
