"""Every design in `specs/` gets the verdicts that it declares."""

from pathlib import Path

import pytest

from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.verdict.report import build_report
from modelcheck.verdict.verdicts import Limits, Silence

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.py"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_verdicts_are_the_declared_ones(path: Path) -> None:
    model = read_spec(str(path))
    found = Explorer().run(model, Limits(), Silence())
    report = build_report(
        model, [found], engine="explore", limits=Limits(), seconds=0.0, repeat=""
    )
    unexpected = [p.prop.name for p in report.properties if not p.is_expected]
    assert not unexpected
    assert report.exit_code == 0
