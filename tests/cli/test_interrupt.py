"""Ctrl-C ends a search with a truthful partial report."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from tests.cli.markdown import environment

PATIENCE = 60  # seconds: longer than any machine needs, shorter than for ever

# Far more states than any machine sees before it is interrupted.
VAST = """
from typing import Annotated

from modelcheck import Spec, action, invariant

Count = Annotated[int, range(100_000)]


class Vast(Spec):
    x: Count = 0
    y: Count = 0

    @action
    def right(self) -> None:
        self.x = (self.x + 1) % 100_000

    @action
    def up(self) -> None:
        self.y = (self.y + 1) % 100_000

    @invariant
    def far(self) -> bool:
        return self.x + self.y < 150_000
"""


@contextmanager
def started(
    folder: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A run on a terminal of its own (for stderr), and that terminal."""
    (folder / "vast.py").write_text(VAST, encoding="utf-8")
    terminal, stderr = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "modelcheck", *arguments],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    os.close(stderr)
    try:
        yield process, terminal
    finally:
        process.kill()
        process.communicate()
        os.close(terminal)


def read_until(terminal: int, text: str) -> str:
    """What stands on the terminal up to `text`, or all if the process ends before."""
    seen = ""
    while text not in seen and select([terminal], [], [], PATIENCE)[0]:
        try:
            seen += os.read(terminal, 4096).decode()
        except OSError:  # how Linux tells that nobody holds the other end any more
            break
    return seen


@pytest.mark.parametrize("engine", ["explore", "bmc"])
def test_one_interrupt(tmp_path: Path, engine: str) -> None:
    call = ("verify", "vast.py", "other.py", "--engine", engine, "--timeout", "5m")
    with started(tmp_path, *call) as (process, terminal):
        assert f"{engine}: " in read_until(terminal, f"{engine}: ")
        process.send_signal(signal.SIGINT)
        report, _ = process.communicate(timeout=PATIENCE)
        told = read_until(terminal, "other.py")
    assert process.returncode == 30, told
    assert "stopped by an interrupt" in report
    assert "BOUNDED   far" in report
    assert "HOLDS" not in report
    assert "VIOLATED" not in report
    assert "Traceback" not in told
    assert "not checked: other.py" in told


@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupt_of_a_simulation(tmp_path: Path, workers: str) -> None:
    call = ("simulate", "vast.py", "--runs", "1000000000", "--workers", workers)
    with started(tmp_path, *call) as (process, terminal):
        assert "simulate: " in read_until(terminal, "simulate: ")
        process.send_signal(signal.SIGINT)
        report, _ = process.communicate(timeout=PATIENCE)
        told = read_until(terminal, "again to leave")
    assert process.returncode == 30, told
    assert "stopped by an interrupt" in report
    assert " of 1000000000 random runs" in report
    assert "BOUNDED   far" in report
    assert "Traceback" not in told


def test_interrupt_of_a_command_without_report(tmp_path: Path) -> None:
    call = ("run", "vast.py", "--steps", "1000000000")
    with started(tmp_path, *call) as (process, terminal):
        assert process.stdout is not None
        assert "init" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 30
        assert read_until(terminal, "\n") == "modelcheck: interrupted\r\n"


@pytest.mark.parametrize("engine", ["explore", "native"])
def test_a_request_to_terminate_is_an_interrupt(tmp_path: Path, engine: str) -> None:
    call = ("verify", "vast.py", "--engine", engine, "--timeout", "5m")
    with started(tmp_path, *call) as (process, terminal):
        assert f"{engine}: " in read_until(terminal, f"{engine}: ")
        process.send_signal(signal.SIGTERM)
        report, _ = process.communicate(timeout=PATIENCE)
        told = read_until(terminal, "again to leave")
    assert process.returncode == 30, told
    assert "stopped by an interrupt" in report
    assert "BOUNDED   far" in report


# Stands still where the command is loaded, until the signal comes.
LOADING = """
import signal, sys, types
from modelcheck.cli.entry import main

class Loading(types.ModuleType):
    def __getattr__(self, name):
        print("loading", flush=True)
        signal.pause()

sys.modules["modelcheck.cli.main"] = Loading("modelcheck.cli.main")
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_while_the_command_is_loaded(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LOADING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(number)
        _, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told) == (30, "modelcheck: interrupted\n")
