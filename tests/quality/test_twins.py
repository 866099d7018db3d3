"""Every property that a design of `specs/` keeps has a twin that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.model.program import Expect, Kind, Model
from modelcheck.reader import read_spec
from modelcheck.verdict.check import Resources, check_twin
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

ROOT = Path(__file__).parents[2]
DESIGNS = sorted(
    path.stem
    for path in ROOT.glob("specs/*.py")
    if not path.stem.endswith("_liveness")  # what they keep has its twins in the design
)


@pytest.fixture(scope="module", params=DESIGNS)
def model(request: pytest.FixtureRequest) -> Model:
    """One design after the other: each is read once for all tests, and then let go."""
    return read_spec(f"{ROOT}/specs/{request.param}.py")


def test_what_holds_has_a_twin(model: Model) -> None:
    """A goal needs none: that it is reached shows that it can be."""
    kept = {
        prop.name
        for prop in model.properties
        if prop.expect is Expect.HOLDS and prop.kind is not Kind.REACHABLE
    }
    broken = {name for twin in model.twins for name in twin.breaks}
    assert kept - broken == set()


def test_twins_fail_with_what_they_break(model: Model) -> None:
    limits, resources = Limits(seconds=60), Resources()
    verdicts: dict[tuple[str, str], Verdict] = {}
    path = model.path.partition("::")[0]
    for twin in model.twins:
        variant = read_spec(f"{path}::{twin.name}")
        found = check_twin(twin, variant, "auto", limits, Silence(), resources)
        for prop in found.report.properties:
            verdicts[twin.name, prop.prop.name] = prop.verdict
    assert set(verdicts.values()) == {Verdict.VIOLATED}, verdicts


def test_a_design_has_a_floor(model: Model) -> None:
    assert model.floor > 0
