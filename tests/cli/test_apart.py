"""A search in a process of its own: what it says, how it is ended, what survives."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from select import select

import pytest

from modelcheck.cli.apart import SearchApart
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.report.console import render_console
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict import check, portfolio
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.portfolio import (
    Answer,
    RivalError,
    Rivals,
    SearchCrashError,
)
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import (
    Findings,
    Limits,
    Silence,
    Stop,
    TooManyOutcomesError,
    Verdict,
    Watch,
)
from tests.cli.test_interrupt import PATIENCE, VAST

SPECS = Path(__file__).parents[1] / "corpus/specs"
LOCK = str(SPECS / "lock.py")
FAILING = str(SPECS / "refcount.py") + "::TooFew"
NONE = Limits()


@dataclass
class Stunt:
    """An engine that does not search: `name` says what it does instead."""

    name: str

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        match self.name:
            case "segfault":
                faulthandler.disable()  # the crash is meant, and its stack is known
                os.kill(os.getpid(), signal.SIGSEGV)
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "full":
                raise MemoryError
            case "wide":
                raise TooManyOutcomesError(model.steps[0], 9)
            case "compiling":
                signal.pause()
            case "searching":
                watch.progress("searching", "here", None)
                while not watch.is_interrupted():
                    os.sched_yield()
                found = Explorer().run(model, replace(limits, seconds=None), Silence())
                return replace(found, stops=frozenset({Stop.INTERRUPT}))
        raise AssertionError(self.name)


class Impatient(Silence):
    """A user who presses Ctrl-C after the first sign of life, or at once."""

    def __init__(self, *, waits: bool) -> None:
        self.is_over = not waits
        self.told: list[str] = []

    def progress(self, engine: str, text: str, done: float | None) -> None:
        self.told.append(f"{engine} {text} {done}")
        self.is_over = True

    def is_interrupted(self) -> bool:
        return self.is_over


def run_apart(name: str, limits: Limits = NONE, watch: Watch | None = None) -> Findings:
    model = read_spec(LOCK)
    return SearchApart(Stunt(name), model, limits).run(
        model, limits, watch or Silence()
    )


@pytest.mark.parametrize("spec", [LOCK, FAILING])
def test_it_finds_what_it_finds_here(spec: str) -> None:
    model = read_spec(spec)
    there = SearchApart(NativeExplorer(), model, NONE).run(model, NONE, Silence())
    here = NativeExplorer().run(model, NONE, Silence())
    assert replace(there, seconds=0.0) == replace(here, seconds=0.0)


def test_a_crash_is_told() -> None:
    with pytest.raises(SearchCrashError, match="was ended by SIGSEGV"):
        run_apart("segfault")


@pytest.mark.parametrize("name", ["full", "killed"])
def test_no_memory_is_no_crash(name: str) -> None:
    with pytest.raises(MemoryError):
        run_apart(name)


def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(TooManyOutcomesError, match="9 ways") as caught:
        run_apart("wide")
    assert caught.value.step.span.line  # nothing of it is lost


def test_a_compiler_is_not_waited_for() -> None:
    found = run_apart("compiling", watch=Impatient(waits=False))
    assert found.stops == {Stop.INTERRUPT}
    assert {each.verdict for each in found.findings} == {Verdict.BOUNDED}
    late = run_apart("compiling", Limits(seconds=0.01))
    assert late.stops == {Stop.TIME}
    assert late.findings[0].reason == "the search was ended by the time limit"


def test_a_search_may_say_what_it_has_found() -> None:
    watch = Impatient(waits=True)
    found = run_apart("searching", watch=watch)
    assert watch.told == ["searching here None"]
    assert found.stops == {Stop.INTERRUPT}
    assert found.counts is not None


class Prover:
    """A rival that answers at once, or not at all."""

    def __init__(self, model: Model, *, is_able: bool) -> None:
        self.model = model
        self.is_able = is_able

    def answer(self) -> Answer:
        if not self.is_able:
            message = "failed: ended by signal 11"
            raise RivalError(message)
        found = PropertyDirected().run(self.model, NONE, Silence())
        return Answer(*certified(self.model, found))

    def stop(self) -> None:
        pass

    def kill(self) -> None:
        pass


def crashed(monkeypatch: pytest.MonkeyPatch, *, is_able: bool) -> Report:
    """A run of `auto` whose native search and, unless `is_able`, rivals crash."""
    monkeypatch.setattr(check, "EFFORT", 1)
    monkeypatch.setattr(NativeExplorer, "run", Stunt("segfault").run)
    monkeypatch.setattr(portfolio, "AFTERMATH", 60.0)
    rivals = Rivals(
        lambda _, model, __: Prover(model, is_able=is_able), 0.0, ("pdr",), SearchApart
    )
    return verify_model(
        read_spec(LOCK), "auto", NONE, Silence(), rivals=rivals, confirm=False
    )


def test_a_rival_outlives_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    report = crashed(monkeypatch, is_able=True)
    assert {p.verdict for p in report.properties} == {Verdict.HOLDS}
    assert report.exit_code == 0
    assert Stop.CRASH in report.stops
    assert not report.is_complete
    note = "native failed: its process was ended by SIGSEGV. This is a fault of"
    assert any(each.startswith(note) for each in report.notes)


def test_without_rivals_a_crash_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    report = crashed(monkeypatch, is_able=False)
    assert report.properties
    assert {p.verdict for p in report.properties} == {Verdict.BOUNDED}
    assert report.exit_code == 30
    text = " ".join(render_console(report).split())
    assert "the search was ended by a crash of the explorer" in text
    assert "native failed: its process was ended by SIGSEGV" in text
    assert "pdr failed: ended by signal 11" in text


ABANDONED = """
import os, signal
from modelcheck.cli.apart import SearchApart
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Limits

class Search:
    name = "search"
    def run(self, model, limits, watch):
        print(os.getpid(), flush=True)
        while True:
            signal.pause()

SearchApart(Search(), read_spec("vast.py"), Limits())
signal.pause()
"""


def test_none_outlives_a_process_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "vast.py").write_text(VAST, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", ABANDONED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        descriptor = os.pidfd_open(child)
        parent.kill()
        assert select([descriptor], [], [], PATIENCE)[0], "the search lives on"
        os.close(descriptor)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
