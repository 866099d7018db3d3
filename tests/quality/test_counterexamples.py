"""The counterexamples in the repository are those that a run writes today."""

from pathlib import Path

import pytest

from modelcheck.reader import read_spec
from modelcheck.report.artifacts import write_artifacts
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Limits, Silence
from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
SPEC = "specs/replace_domain.py"


def test_counterexamples_are_current(
    tmp_path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    report = verify_model(read_spec(SPEC), "explore", Limits(), Silence())
    written = write_artifacts(report, tmp_path)
    assert written.files, "the proposal has counterexamples"
    stored = ROOT / "counterexamples" / written.folder.name
    for path in written.files:
        golden(stored / path.name, path.read_text(encoding="utf-8"))
    assert {p.name for p in stored.iterdir()} == {p.name for p in written.files}
