"""Rivals as processes: their answers, their end, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from select import select

import pytest

from modelcheck.cli import rival
from modelcheck.cli.rival import Failure, Job, RivalProcess, answer
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.solve.induction import Induction
from modelcheck.verdict.agreement import InternalError
from modelcheck.verdict.portfolio import RivalError
from modelcheck.verdict.verdicts import (
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
    Watch,
)
from tests.cli.test_interrupt import VAST

LOCK = str(Path(__file__).parents[1] / "corpus/specs/lock.py")
PATIENCE = 60


@pytest.fixture
def vast(tmp_path: Path) -> Model:
    """A model that induction cannot decide, and not come to an end with."""
    spec = tmp_path / "vast.py"
    spec.write_text(VAST, encoding="utf-8")
    return read_spec(str(spec))


def is_alive(process: int) -> bool:
    """Whether there is a process of this number, be it a zombie."""
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def number_of(process: RivalProcess) -> int:
    return process._process.pid


def test_an_answer() -> None:
    model = read_spec(LOCK)
    found = RivalProcess("pdr", model, Limits()).answer()
    verdicts = {f.prop.name: f.verdict for f in found.findings.findings}
    assert set(verdicts.values()) == {Verdict.HOLDS}
    assert all(f.prop in model.properties for f in found.findings.findings)
    assert found.certificate is not None
    assert "mutual_exclusion" in found.certificate.claims


def test_last_words(vast: Model) -> None:
    process = RivalProcess("induct", vast, Limits())
    process.stop()
    found = process.answer().findings
    assert found.stops == {Stop.INTERRUPT}
    assert not is_alive(number_of(process))


def test_one_that_is_killed(vast: Model) -> None:
    process = RivalProcess("induct", vast, Limits())
    process.kill()
    with pytest.raises(RivalError, match="was stopped before"):
        process.answer()
    assert not is_alive(number_of(process))
    process.stop()  # too late, and no error


def test_one_that_crashes(vast: Model) -> None:
    process = RivalProcess("induct", vast, Limits())
    os.kill(number_of(process), signal.SIGSEGV)
    with pytest.raises(RivalError, match="failed: ended by signal 11"):
        process.answer()


def test_one_whose_spec_is_gone(vast: Model) -> None:
    Path(vast.path).unlink()
    with pytest.raises(RivalError, match=r"failed: .*vast\.py"):
        RivalProcess("induct", vast, Limits()).answer()


def test_one_that_has_read_something_else(vast: Model) -> None:
    Path(vast.path).write_text(VAST.replace("150_000", "160_000"), encoding="utf-8")
    process = RivalProcess("induct", vast, Limits(depth=1))
    with pytest.raises(RivalError, match="the spec has changed"):
        process.answer()


def test_a_wrong_proof_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that is false is refused in the rival, and raised again here."""
    run = Induction.run

    def lie(engine: Induction, model: Model, limits: Limits, watch: Watch) -> Findings:
        found = run(engine, model, limits, watch)
        assert found.proof is not None
        return replace(found, proof=replace(found.proof, clauses=((),)))

    monkeypatch.setattr(Induction, "run", lie)
    said = answer(Job("induct", LOCK, {}, "await", Limits(depth=8)), Silence())
    assert isinstance(said, Failure)
    assert said.is_ours
    monkeypatch.setattr(rival, "_said", lambda _: said)
    with pytest.raises(InternalError, match="has proved what is not so"):
        RivalProcess("induct", read_spec(LOCK), Limits(depth=1)).answer()


KILLED = """
import os, signal, sys
from modelcheck.cli.rival import RivalProcess
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Limits

process = RivalProcess("induct", read_spec("vast.py"), Limits())
print(process._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_none_outlives_a_search_that_is_killed(vast: Model) -> None:
    """Nobody asks it to end, but its pipe says that there is nobody any more."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=Path(vast.path).parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        parent.wait(PATIENCE)
    descriptor = None
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(number)
    if descriptor is not None:
        assert select([descriptor], [], [], PATIENCE)[0], "the rival lives on"
        os.close(descriptor)
