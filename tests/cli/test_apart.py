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

from modelcheck.cli import apart, main
from modelcheck.cli.apart import SearchApart
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.explore.simulation import Simulator
from modelcheck.liveness import run
from modelcheck.model.program import Kind, Model
from modelcheck.reader import read_spec
from modelcheck.report.console import render_console
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict import check, cycles, portfolio, survey
from modelcheck.verdict.check import EngineName, verify_model
from modelcheck.verdict.parts import Apart, Search, SearchCrashError
from modelcheck.verdict.portfolio import Answer, Portfolio, RivalError, Rivals
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
            case "deaf":
                watch.progress("deaf", "here", None)
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


NOTHING = read_spec(LOCK), NONE, Silence()
"""What a stunt is called with that needs nothing of it."""


def said_apart(
    search: Search, model: Model, limits: Limits = NONE, watch: Watch | None = None
) -> tuple[list[Findings], Stop | None]:
    """What is said, and what ended it."""
    found: list[Findings] = []
    there = SearchApart(search, model, limits)
    return found, there.tell(model, limits, watch or Silence(), found.append)


def run_apart(name: str, limits: Limits = NONE, watch: Watch | None = None) -> Findings:
    model = read_spec(LOCK)
    with Portfolio(model, limits, watch or Silence(), None, SearchApart) as race:
        return race.race(Stunt(name), limits, is_alone=True).findings[0]


@pytest.mark.parametrize("spec", [LOCK, FAILING])
def test_it_finds_what_it_finds_here(spec: str) -> None:
    model = read_spec(spec)
    (there,), ended = said_apart(NativeExplorer(), model)
    here = NativeExplorer().run(model, NONE, Silence())
    assert replace(there, seconds=0.0) == replace(here, seconds=0.0)
    assert ended is None


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


@pytest.mark.parametrize("limits", [NONE, Limits(seconds=0.01)])
def test_one_that_does_not_listen_is_ended(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "GRACE", 0.0)
    monkeypatch.setattr(apart, "PART", 0.0)
    watch = Silence() if limits.seconds else Impatient(waits=True)
    found = run_apart("deaf", limits, watch)
    assert found.stops == {Stop.TIME if limits.seconds else Stop.INTERRUPT}


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
    rivals = Rivals(lambda _, model, __: Prover(model, is_able=is_able), 0.0, ("pdr",))
    return verify_model(
        *(read_spec(LOCK), "auto", NONE, Silence()),
        rivals=rivals,
        apart=SearchApart,
        confirm=False,
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
from modelcheck.cli import apart, main
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


LEADER = str(SPECS / "ring_leader.py")
"""A spec with temporal properties; everything holds."""

ONLINE = str(SPECS / "orchestrator.py")
"""One of its temporal properties is violated."""


def temporal_apart(engine: EngineName) -> Report:
    model = read_spec(LEADER)
    return verify_model(
        model, engine, NONE, Silence(), apart=SearchApart, confirm=False
    )


def kinds(report: Report) -> dict[bool, set[Verdict]]:
    """The verdicts, by whether they are about runs."""
    found: dict[bool, set[Verdict]] = {False: set(), True: set()}
    for each in report.properties:
        found[each.prop.kind is Kind.TEMPORAL].add(each.verdict)
    return found


@pytest.fixture
def everything_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search for cycles is too small for a process of its own."""
    monkeypatch.setattr(cycles, "ALONE", 0)
    monkeypatch.setattr(cycles, "SMALL_GRAPH", 0)


ENGINES: list[EngineName] = ["auto", "explore", "native"]


@pytest.mark.usefixtures("everything_apart")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spec", [LEADER, ONLINE])
def test_cycles_apart_are_those_found_here(engine: EngineName, spec: str) -> None:
    def said(apart: Apart | None) -> list[tuple[str, Verdict, str, str]]:
        model = read_spec(spec)
        report = verify_model(
            model, engine, NONE, Silence(), apart=apart, confirm=False
        )
        return [
            (p.prop.name, p.verdict, p.reason, p.trace.address if p.trace else "")
            for p in report.properties
        ]

    assert said(SearchApart) == said(None)
    assert any("+" in address for _, _, _, address in said(None)) == (spec == ONLINE)


@pytest.mark.usefixtures("everything_apart")
@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_known_of_states_outlives_the_search_for_cycles(
    engine: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check_large", "check_small"):
        monkeypatch.setattr(run, name, lambda *_: Stunt("segfault").run(*NOTHING))
    report = temporal_apart(engine)
    assert kinds(report) == {False: {Verdict.HOLDS}, True: {Verdict.UNKNOWN}}
    reason = "the search for cycles was ended by a crash"
    assert {p.reason for p in report.properties if p.reason} == {reason}
    assert report.is_complete
    assert report.exit_code == 30
    note = "the search for cycles failed: its process was ended by SIGSEGV. This is a"
    assert any(each.startswith(note) for each in report.notes)


@pytest.mark.usefixtures("everything_apart")
@pytest.mark.parametrize("stunt", ["full", "killed"])
@pytest.mark.parametrize("engine", ENGINES)
def test_no_memory_for_cycles_is_no_crash(
    engine: EngineName, stunt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check_large", "check_small"):
        monkeypatch.setattr(run, name, lambda *_: Stunt(stunt).run(*NOTHING))
    report = temporal_apart(engine)
    assert kinds(report) == {False: {Verdict.HOLDS}, True: {Verdict.UNKNOWN}}
    reason = "the search for cycles was ended by the memory limit"
    assert {p.reason for p in report.properties if p.reason} == {reason}
    assert report.notes == ()


@pytest.mark.usefixtures("everything_apart")
def test_python_looks_for_cycles_if_the_native_explorer_crashes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NativeExplorer, "run", Stunt("segfault").run)
    report = temporal_apart("auto")
    assert kinds(report) == {False: {Verdict.HOLDS}, True: {Verdict.HOLDS}}
    assert any("SIGSEGV" in each for each in report.notes)


def test_a_crash_of_the_only_engine_is_our_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(NativeExplorer, "run", Stunt("segfault").run)
    assert called(monkeypatch, "verify", LOCK, "--engine", "native") == 1
    out, told = capsys.readouterr()
    assert out == ""
    first, *_, last = told.splitlines()
    assert first == (
        "modelcheck: internal error: the search crashed: its process was ended by "
        "SIGSEGV"
    )
    assert last == f"command: modelcheck verify {LOCK} --engine native"


def test_no_memory_for_the_only_engine_is_no_conclusion(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(NativeExplorer, "run", Stunt("killed").run)
    assert called(monkeypatch, "verify", LOCK, "--engine", "native") == 30
    assert capsys.readouterr() == ("", "modelcheck: out of memory\n")


def test_a_crash_of_a_simulation_is_our_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Simulator, "run", Stunt("segfault").run)
    assert called(monkeypatch, "simulate", LOCK) == 1
    assert "the search crashed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stunt", "why"),
    [
        ("segfault", "the survey failed: its process was ended by SIGSEGV"),
        ("killed", "the survey ran out of memory"),
    ],
)
def test_a_crash_of_the_survey_leaves_the_report(
    stunt: str,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(survey, "survey", lambda *_, **__: Stunt(stunt).run(*NOTHING))
    assert called(monkeypatch, "verify", LOCK, "--stats", "--engine", "explore") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"{why}: no --stats" in text
    assert "HOLDS" in text


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The status of a command, in this process."""
    monkeypatch.setattr(sys, "argv", ["modelcheck", *words])
    # What pytest looks at must not be replaced.
    monkeypatch.setattr(main, "outlive_pipes", lambda: None)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code
