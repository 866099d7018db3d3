"""`modelcheck check` looks at every spec, also behind one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.cli.inspection import check

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
