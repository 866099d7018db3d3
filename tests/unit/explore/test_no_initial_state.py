"""A model without initial states satisfies everything, and so nothing is said of it."""

from pathlib import Path

import pytest

from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

SPEC = """
from modelcheck import Spec, init, invariant, require


class Empty(Spec):
    x: bool = False

    @init
    def start(self) -> None:
        require(self.x)

    @invariant
    def never(self) -> bool:
        return False
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    target = tmp_path / "empty.py"
    target.write_text(SPEC)
    return str(target)


@pytest.mark.parametrize("engine", [Explorer(), Reference()], ids=lambda e: e.name)
def test_nothing_holds(engine: Explorer | Reference, path: str) -> None:
    found = engine.run(read_spec(path), Limits(), Silence())
    assert {each.verdict for each in found.findings} == {Verdict.UNKNOWN}


def test_the_report_says_why(path: str) -> None:
    report = verify_model(read_spec(path), "auto", Limits(), Silence())
    assert report.exit_code == 30
    assert all("no initial state" in prop.reason for prop in report.properties)
