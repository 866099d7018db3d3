"""Values of options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.main import _HELP
from modelcheck.cli.options import (
    check_scopes,
    expand_specs,
    scope_table,
    seconds,
    selecting,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90),
        ("30s", 30),
        ("1.5m", 90),
        ("10min", 600),
        ("2h", 7200),
        ("5ms", 0.005),
    ],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0s", "-1", "s", "1 day", "1e3", "inf"])
def test_no_durations(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        seconds(text)


def test_scopes() -> None:
    assert check_scopes(["Device=3", "A_b=10"]) == ["Device=3", "A_b=10"]
    assert scope_table(["Device=3", "File=1", "Device=4"]) == {"Device": 4, "File": 1}


@pytest.mark.parametrize("text", ["Device", "Device=", "=3", "Device=x", "Device=-1"])
def test_no_scopes(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        check_scopes([text])


def test_what_selects_a_model() -> None:
    assert selecting({}, "await") == ()
    words = selecting({"Device": 3}, "statement")
    assert words == ("--scope", "Device=3", "--preempt", "statement")


def test_every_status_is_in_the_help() -> None:
    told = {int(number) for number in re.findall(r"(?<!\S)(\d+)  +[a-z]", _HELP)}
    assert told == {int(code) for code in Exit if code is not Exit.ASSUMPTION}


def test_patterns_of_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.py", "a.py", "*.txt", "c.txt"):
        (tmp_path / name).touch()
    assert expand_specs(["./*.py", "b.py"]) == ["./a.py", "./b.py", "b.py"]
    assert expand_specs(["*.txt", "no*.py", "a.py::A"]) == [
        *("*.txt", "no*.py", "a.py::A")
    ]
