from __future__ import annotations

from dataclasses import replace

import pytest

from modelcheck.model.program import Expect, Kind, Model
from modelcheck.report.captions import search_text
from modelcheck.verdict.agreement import Disagreement, InternalError, check_agreement
from modelcheck.verdict.report import (
    PropertyReport,
    Report,
    build_report,
    document_link,
    repeat_command,
    tool_versions,
)
from modelcheck.verdict.verdicts import (
    Evidence,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
)
from tests.golden import samples


def expecting(model: Model, **verdicts: Expect) -> Model:
    props = (
        replace(p, expect=verdicts.get(p.name, p.expect)) for p in model.properties
    )
    return replace(model, properties=tuple(props))


def searched(model: Model) -> Report:
    return build_report(model, [samples.search(model)])


def with_verdict(report: Report, name: str, verdict: Verdict) -> Report:
    def changed(prop: PropertyReport) -> PropertyReport:
        if prop.prop.name != name:
            return prop
        is_expected = prop.prop.expect.value == verdict.value
        return replace(prop, verdict=verdict, is_expected=is_expected)

    return replace(report, properties=tuple(map(changed, report.properties)))


NAME = "no_kernel_driver_beside_a_user"


def test_zero_when_every_verdict_is_the_expected_one() -> None:
    model = expecting(samples.claims(), **{NAME: Expect.VIOLATED})
    report = searched(model)
    assert report.exit_code == 0
    assert all(prop.is_expected for prop in report.properties)


@pytest.mark.parametrize(
    ("model", "code"),
    [(samples.claims(), 12), (samples.crossed(), 11), (samples.counting(), 14)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_the_kind_of_a_violation_is_the_exit_code(model: Model, code: int) -> None:
    assert searched(model).exit_code == code


def test_an_unexpected_success_is_a_failure() -> None:
    model = expecting(
        samples.claims(), **{NAME: Expect.VIOLATED, "deadlock": Expect.VIOLATED}
    )
    report = searched(model)
    assert report.exit_code == 12


def test_a_goal_that_is_not_reached_is_a_failure() -> None:
    report = with_verdict(searched(samples.claims()), NAME, Verdict.HOLDS)
    missed = with_verdict(report, "a_user_owns_the_group", Verdict.VIOLATED)
    assert (report.exit_code, missed.exit_code) == (0, 12)


@pytest.mark.parametrize("verdict", [Verdict.BOUNDED, Verdict.UNKNOWN])
def test_not_conclusive(verdict: Verdict) -> None:
    report = with_verdict(searched(samples.claims()), NAME, Verdict.HOLDS)
    assert with_verdict(report, "deadlock", verdict).exit_code == 30
    expected = "dma_api_only_on_the_default_domain"
    assert with_verdict(report, expected, verdict).exit_code == 30


def test_a_violation_beats_not_conclusive() -> None:
    report = with_verdict(searched(samples.claims()), "deadlock", Verdict.BOUNDED)
    assert report.exit_code == 12


def test_a_deadlock_beats_a_broken_invariant() -> None:
    report = with_verdict(searched(samples.claims()), "deadlock", Verdict.VIOLATED)
    assert report.exit_code == 11


def test_properties_that_were_not_asked_for_are_not_reported() -> None:
    model = samples.claims()
    found = samples.search(model)
    some = replace(found, findings=found.findings[:1])
    assert [p.prop.name for p in build_report(model, [some]).properties] == [NAME]


def test_evidence_that_is_no_path_is_our_error() -> None:
    model = samples.claims()
    found = samples.search(model)
    first = found.findings[0]
    assert first.evidence is not None
    states = first.evidence.states
    broken = replace(first, evidence=Evidence((states[0], states[-1])))
    findings = replace(found, findings=(broken,))
    with pytest.raises(InternalError, match="cannot be replayed") as caught:
        build_report(model, [findings])
    assert "please report" in str(caught.value)


def bmc(model: Model, depth: int, **lengths: int | None) -> Findings:
    """What bounded model checking to `depth` says; `lengths` overrides violations."""
    result = []
    for finding in samples.search(model).findings:
        evidence = finding.evidence
        length = None if evidence is None else evidence.length
        length = lengths.get(finding.prop.name, length)
        if length is None or length > depth:
            result.append(Finding(finding.prop, Verdict.BOUNDED))
            continue
        states = evidence.states if evidence else (model.zero,)
        states = (states[0],) * (length - len(states) + 1) + states[-length - 1 :]
        is_goal = finding.prop.kind is Kind.REACHABLE
        verdict = Verdict.HOLDS if is_goal else Verdict.VIOLATED
        result.append(Finding(finding.prop, verdict, Evidence(states)))
    return Findings("bmc", tuple(result), None, frozenset({Stop.DEPTH}), 1.0, depth)


@pytest.mark.parametrize("depth", range(8))
def test_engines_that_agree(depth: int) -> None:
    model = samples.claims()
    both = [samples.search(model), bmc(model, depth)]
    assert check_agreement(both) == (f"bmc agrees with explore to depth {depth}",)
    assert check_agreement(both[::-1]) == (f"bmc agrees with explore to depth {depth}",)
    report = build_report(model, both)
    assert report.notes == (f"bmc agrees with explore to depth {depth}",)
    assert report.is_complete
    assert [p.engine for p in report.properties] == ["explore"] * 5


@pytest.mark.parametrize("length", [None, 4, 6])
def test_another_length_is_a_disagreement(length: int | None) -> None:
    model = samples.claims()
    other = bmc(model, 8, **{NAME: length})
    with pytest.raises(Disagreement, match=NAME):
        check_agreement([samples.search(model), other])
    with pytest.raises(Disagreement, match=NAME):
        check_agreement([other, samples.search(model)])


def test_refuting_what_was_proved_is_a_disagreement() -> None:
    model = samples.claims()
    with pytest.raises(Disagreement, match="deadlock: explore says holds"):
        check_agreement([samples.search(model), bmc(model, 8, deadlock=2)])


def test_a_search_that_was_stopped_denies_nothing() -> None:
    model = samples.claims()
    found = samples.search(model)
    bounded = tuple(Finding(f.prop, Verdict.BOUNDED) for f in found.findings)
    stopped = replace(found, findings=bounded, stops=frozenset({Stop.TIME}))
    assert check_agreement([stopped, bmc(model, 8)])


def test_the_violation_of_either_engine_is_reported() -> None:
    model = samples.claims()
    found = samples.search(model)
    bounded = tuple(Finding(f.prop, Verdict.BOUNDED) for f in found.findings)
    stopped = replace(found, findings=bounded, stops=frozenset({Stop.TIME}))
    report = build_report(model, [stopped, bmc(model, 6)])
    assert [(p.verdict.value, p.engine) for p in report.properties][:2] == [
        ("violated", "bmc"),
        ("violated", "bmc"),
    ]
    assert not report.is_complete
    assert search_text(report).endswith("bounded by the time limit")


@pytest.mark.parametrize(
    ("doc", "link"),
    [
        ("By Jason Gunthorpe <jgg@nvidia.com>.", None),
        ("", None),
        (
            "See https://lore.kernel.org/r/20220106022053.1-1-a@b.com).",
            "https://lore.kernel.org/r/20220106022053.1-1-a@b.com",
        ),
        (
            "Message-ID: <short@host.org>",
            "https://lore.kernel.org/r/short@host.org",
        ),
        (
            "posted as 20211223140300.GC1779224@nvidia.com, in reply",
            "https://lore.kernel.org/r/20211223140300.GC1779224@nvidia.com",
        ),
    ],
)
def test_document_link(doc: str, link: str | None) -> None:
    assert document_link(doc) == link


def test_the_command_that_repeats_a_run() -> None:
    limits = Limits(7, 90.0, 2, frozenset({"p", "a b"}), deadlock=False)
    assert repeat_command(samples.claims(), "bmc", limits, ["--workers", "2"]) == (
        "modelcheck verify specs/set_dma_owner.py --engine bmc --scope Device=2 "
        "--scope File=1 --preempt await --depth 7 --timeout 90s --max-violations 2 "
        "--property 'a b' --property p --no-deadlock --workers 2"
    )


def test_versions() -> None:
    assert set(tool_versions()) == {"modelcheck", "python"}
    assert "z3" in tool_versions(has_solver=True)
