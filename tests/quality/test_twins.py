"""Every property that a design of `specs/` keeps has a twin that breaks it."""

from __future__ import annotations

from functools import lru_cache
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

designs = pytest.mark.parametrize("design", DESIGNS)


@lru_cache
def model(design: str) -> Model:
    return read_spec(f"{ROOT}/specs/{design}.py")


def kept(design: str) -> set[str]:
    """What the design keeps; a goal that is reached shows that it can be."""
    return {
        prop.name
        for prop in model(design).properties
        if prop.expect is Expect.HOLDS and prop.kind is not Kind.REACHABLE
    }


@designs
def test_what_holds_has_a_twin(design: str) -> None:
    broken = {name for twin in model(design).twins for name in twin.breaks}
    assert kept(design) - broken == set()


@designs
def test_twins_fail_with_what_they_break(design: str) -> None:
    limits, resources = Limits(seconds=60), Resources()
    verdicts: dict[tuple[str, str], Verdict] = {}
    for twin in model(design).twins:
        variant = read_spec(f"{ROOT}/specs/{design}.py::{twin.name}")
        found = check_twin(twin, variant, "auto", limits, Silence(), resources)
        for prop in found.report.properties:
            verdicts[twin.name, prop.prop.name] = prop.verdict
    assert set(verdicts.values()) <= {Verdict.VIOLATED}, verdicts


@designs
def test_a_design_has_a_floor(design: str) -> None:
    assert model(design).floor > 0
