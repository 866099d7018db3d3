"""A deadlock after exactly as many steps as `--depth` allows is still seen."""

from pathlib import Path

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Engine, Limits, Silence, Verdict

SPEC = """
from typing import Annotated

from modelcheck import Spec, action, require


class Short(Spec):
    steps: Annotated[int, range(0, 4)] = 0

    @action
    def go(self) -> None:
        require(self.steps < 3)
        self.steps += 1
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    target = tmp_path / "short.py"
    target.write_text(SPEC)
    return str(target)


ENGINES = [Explorer(), Reference(), NativeExplorer()]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.name)
@pytest.mark.parametrize(
    ("depth", "verdict"), [(2, Verdict.BOUNDED), (3, Verdict.VIOLATED)]
)
def test_the_bound_is_included(
    engine: Engine,
    path: str,
    depth: int,
    verdict: Verdict,
) -> None:
    found = engine.run(read_spec(path), Limits(depth=depth), Silence())
    deadlock = next(f for f in found.findings if f.prop.name == "deadlock")
    assert deadlock.verdict is verdict
    assert verdict is Verdict.BOUNDED or deadlock.evidence.length == 3


@pytest.mark.parametrize("depth", range(5))
def test_the_solver_agrees(path: str, depth: int) -> None:
    report = verify_model(read_spec(path), "auto", Limits(depth=depth), Silence())
    assert report.properties
