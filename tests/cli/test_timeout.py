"""`--timeout` in the command line: whatever is being done when the time is over.

What must be ended here never ends by itself, so no test depends on how fast it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from modelcheck import reader
from modelcheck.cli import main, twins
from modelcheck.reader import largest
from modelcheck.verdict import check, scopes
from modelcheck.verdict.deadline import TooLateError
from modelcheck.verdict.verdicts import Stop

SPECS = Path(__file__).parents[1] / "corpus/specs"
LOCK = str(SPECS / "lock.py")

BELL = """
from typing import Annotated

from modelcheck import Spec, action, invariant


class Bell(Spec):
    rung: Annotated[int, range(5)] = 0

    def may_ring(self) -> bool:
        return self.rung < 3

    @action
    def ring(self) -> None:
        if self.may_ring():
            self.rung += 1

    @invariant
    def not_too_often(self) -> bool:
        return self.rung < 4


class RingsOn(Bell, breaks="not_too_often"):
    def may_ring(self) -> bool:
        return self.rung < 4


class RingsMore(Bell, breaks="not_too_often"):
    def may_ring(self) -> bool:
        return self.rung != 4
"""


def spin(*_: object, **__: object) -> NoReturn:
    """Never end."""
    while True:
        pass


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Call:
    """Call a command in this process: its status and what it wrote."""
    monkeypatch.chdir(tmp_path)
    # What pytest looks at must not be replaced.
    monkeypatch.setattr(main, "outlive_pipes", lambda: None)

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["modelcheck", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return called


NOTHING = "modelcheck: ended by the time limit before anything was seen\n"


@pytest.mark.parametrize(
    "words",
    [
        ("verify", LOCK),
        ("verify", LOCK, "--engine", "pdr"),
        ("simulate", LOCK),
        ("diff", LOCK, LOCK),
        ("refine", LOCK, LOCK),
        ("scopes", LOCK, "--vary", "Proc=1..2"),
        ("prove", LOCK, "--for-all", "Proc"),
    ],
    ids=lambda words: words[0],
)
def test_a_spec_that_takes_too_long_to_read(
    words: tuple[str, ...], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "read_spec", spin)
    monkeypatch.setattr(largest, "read_spec", spin)
    monkeypatch.setattr(scopes, "GRACE", 0.0)
    assert call(*words, "--timeout", "10ms") == (30, "", NOTHING)


@pytest.mark.parametrize("command", ["verify", "compare"])
def test_each_spec_has_its_own_time(
    command: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reader.read_spec

    def read(spec: str, *more: object, **named: object) -> object:
        if spec == "slow.py":
            raise TooLateError(Stop.TIME)
        return original(spec, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "read_spec", read)
    code, out, told = call(command, "slow.py", LOCK, "--timeout", "5m")
    assert (code, told) == (30, NOTHING)
    assert "mutual_exclusion" in out


def test_twins_that_take_too_long(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bell.py").write_text(BELL, encoding="utf-8")
    words = ("verify", "bell.py", "--engine", "explore", "--quiet")
    code, out, _ = call(*words)
    assert (code, out.count("CAUGHT")) == (0, 2)
    original = twins.read_spec

    def read(target: str, *more: object, **named: object) -> object:
        if target.endswith("RingsMore"):
            raise TooLateError(Stop.TIME)
        return original(target, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(twins, "read_spec", read)
    code, out, told = call(*words, "--timeout", "5m")
    assert (code, told) == (30, "")
    assert out.count("CAUGHT") == 1
    assert "HOLDS     not_too_often" in out
    (line,) = [each for each in out.splitlines() if "RingsMore" in each]
    assert line.split() == ["BOUNDED", "RingsMore", "not_too_often"]
    code, out, _ = call(*words, "--timeout", "5m", "--format", "ktap")
    assert "not ok 5 twin RingsMore breaks not_too_often # TIMEOUT 300 seconds" in out


def test_a_violation_counts_although_time_is_over(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = BELL.partition("class RingsOn")[0].replace("rung < 3", "rung < 4")
    (tmp_path / "bell.py").write_text(worse, encoding="utf-8")

    def late(*_: object) -> NoReturn:
        raise TooLateError(Stop.TIME)

    monkeypatch.setattr(check, "_confirm", late)
    code, out, _ = call("verify", "bell.py", "--timeout", "5m", "--quiet")
    assert code == 12
    assert "VIOLATED  not_too_often" in out
