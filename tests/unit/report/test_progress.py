from __future__ import annotations

import io
import os
import signal
import subprocess
import sys

import pytest

from modelcheck.report.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that goes on by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_pipe_gets_a_line_every_ten_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    watch = Progress(stream, clock=clock)
    for second in range(31):
        clock.now = float(second)
        watch.progress("explore", f"{second * 100} states", None)
    watch.close()
    assert stream.getvalue() == (
        "explore: 1000 states, 10 s\n"
        "explore: 2000 states, 20 s\n"
        "explore: 3000 states, 30 s\n"
    )


def test_a_terminal_gets_one_line_that_is_cleared() -> None:
    stream, clock = Terminal(), Clock()
    watch = Progress(stream, clock=clock)
    clock.now = 1.0
    watch.progress("bmc", "depth 3 of 6", 0.5)
    clock.now = 2.0
    watch.progress("bmc", "x" * 200, None)
    watch.close()
    lines = stream.getvalue().split("\r")
    assert lines[1] == "bmc: [##########..........] depth 3 of 6, 1 s"
    assert max(map(len, lines)) < 80
    assert lines[3].strip() == ""
    assert "\n" not in stream.getvalue()


@pytest.mark.parametrize("told", ["variable", "terminal"])
def test_a_narrow_terminal_keeps_one_line(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, clock = Terminal(), Clock()
    monkeypatch.setenv("COLUMNS", "40" if told == "variable" else "")
    monkeypatch.setattr(stream, "fileno", lambda: 7)
    size = os.terminal_size((40, 24))
    monkeypatch.setattr(os, "get_terminal_size", {7: size}.__getitem__)
    watch = Progress(stream, clock=clock)
    clock.now = 1.0
    watch.progress("bmc", "x" * 200, 0.5)
    watch.close()
    assert max(map(len, stream.getvalue().split("\r"))) == 39


def test_quiet_says_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    watch = Progress(stream, quiet=True, clock=clock)
    clock.now = 100.0
    watch.progress("explore", "much", None)
    watch.close()
    assert stream.getvalue() == ""


def test_a_closed_pipe_does_not_stop_the_search() -> None:
    stream, clock = io.StringIO(), Clock()
    watch = Progress(stream, clock=clock)
    stream.close()
    clock.now = 100.0
    watch.progress("explore", "much", None)


def test_the_first_interrupt_is_a_wish() -> None:
    stream = io.StringIO()
    before = signal.getsignal(signal.SIGINT)
    with Progress(stream) as watch:
        assert not watch.is_interrupted()
        os.kill(os.getpid(), signal.SIGINT)
        assert watch.is_interrupted()
    assert signal.getsignal(signal.SIGINT) is before
    assert "Ctrl-C again" in stream.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_the_second_interrupt_kills() -> None:
    program = (
        "import os, signal\n"
        "from modelcheck.report.progress import Progress\n"
        "with Progress(quiet=True):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('still here', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('not reached', flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "still here\n"
    assert done.returncode == -signal.SIGINT


def test_an_interrupt_before_a_search_ends_at_once() -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        Progress(io.StringIO(), ends_early=True),
    ):
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_in_a_search_waits_for_its_report() -> None:
    with Progress(io.StringIO(), ends_early=True) as watch:
        assert not watch.is_interrupted()
        signal.raise_signal(signal.SIGINT)
        assert watch.is_interrupted()
