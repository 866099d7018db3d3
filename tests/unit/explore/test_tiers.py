"""`auto` goes over to the native explorer when a search takes long."""

from pathlib import Path

import pytest

from modelcheck.reader import read_spec
from modelcheck.verdict import check
from modelcheck.verdict.check import Resources, verify_model
from modelcheck.verdict.verdicts import Limits, Silence

SPEC = str(Path(__file__).parents[2] / "corpus/specs/iommu_group.py")


def test_a_small_search_stays_in_python() -> None:
    report = verify_model(read_spec(SPEC), "auto", Limits(), Silence())
    assert [each.name for each in report.engines] == ["explore", "bmc"]


def test_a_long_one_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "TIER_SECONDS", 0.0001)
    model = read_spec(SPEC, {"Device": 2})
    report = verify_model(model, "auto", Limits(), Silence())
    assert [each.name for each in report.engines] == ["native", "bmc"]
    assert report.counts is not None
    assert report.counts.distinct == 20_235
    assert report.exit_code == 0


def test_the_user_s_time_limit_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "TIER_SECONDS", 0.0001)
    model = read_spec(SPEC, {"Device": 2})
    report = verify_model(model, "auto", Limits(seconds=0.0001), Silence())
    assert report.engines[0].name == "explore"
    assert report.exit_code == 30


def test_resources_go_to_the_native_explorer() -> None:
    model = read_spec(SPEC)
    wanted = Resources(workers=2, hash_compact=True)
    report = verify_model(model, "auto", Limits(), Silence(), resources=wanted)
    assert report.engines[0].name == "native"
    assert "--workers 2 --hash-compact" in report.repeat
