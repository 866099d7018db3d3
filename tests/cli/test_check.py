"""`check` goes on behind a spec that is wrong; `show` fits a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelcheck.cli.inspection import check, show

SPECS = Path(__file__).parents[1] / "corpus/specs"


def test_several_specs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("x = = 1", encoding="utf-8")
    good = [str(SPECS / name) for name in ("lock.py", "two_phase.py")]
    assert check([good[0], str(bad), good[1]]) == 20
    shown = capsys.readouterr()
    assert [line.split(":")[0] for line in shown.out.splitlines()] == good
    assert "bad.py:1:5: error[MC100]" in shown.err
    assert check(good) == 0


def test_long_lines_are_folded_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(SPECS / "hour_clock.py") + "::LiveHourClock"
    monkeypatch.setenv("COLUMNS", "60")
    show(spec)
    plain = capsys.readouterr().out
    assert max(map(len, plain.splitlines())) > 300
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(spec)
    folded = capsys.readouterr().out
    assert max(map(len, folded.splitlines())) <= 60
    assert "".join(folded.split()) == "".join(plain.split())
