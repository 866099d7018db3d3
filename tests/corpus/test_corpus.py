"""Every engine reproduces the counts, verdicts and shortest lengths of the corpus."""

from __future__ import annotations

from operator import attrgetter

import pytest

from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Kind, Property
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.agreement import check_agreement
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.verdicts import (
    Engine,
    Finding,
    Findings,
    Limits,
    Silence,
    Verdict,
)
from tests.corpus.cases import ASSERTION, CASES, EVALUATION, Case
from tests.corpus.reading import model_of

FEW = 3_000
"""With at most so many states the reference engine takes part."""

SHALLOW = 14
"""Up to this length the solver looks for a shortest trace."""

TINY = 70
"""With at most so many states PDR decides everything within a second or three."""

SMALL = [case for case in CASES if (case.distinct or 0) <= FEW]
BOUNDED = [
    case
    for case in CASES
    if not case.is_large and max(case.shortest.values(), default=SHALLOW) < SHALLOW
]


def name_in_cases(prop: Property) -> str:
    """The property's name as `cases.py` has it, whose specs have one `assert` each."""
    is_assert = prop.kind is Kind.ASSERTION and prop.name != EVALUATION
    return ASSERTION if is_assert else prop.name


def by_name(found: Findings) -> dict[str, Finding]:
    return {name_in_cases(finding.prop): finding for finding in found.findings}


def check_search(case: Case, engine: Engine) -> None:
    """What a complete search must find."""
    model = model_of(case)
    found = engine.run(model, Limits(), Silence())
    assert found.counts is not None
    counted = (found.counts.distinct, found.counts.generated, found.counts.depth)
    expected = (case.distinct, case.generated, case.depth)
    for actual, wanted in zip(counted, expected, strict=True):
        assert wanted in (None, actual), f"counted {counted}, expected {expected}"
    findings = by_name(found)
    verdicts = {name: finding.verdict.value for name, finding in findings.items()}
    asked = {name: verdicts.get(name, "missing") for name in case.verdicts}
    assert asked == dict(case.verdicts)
    # Nothing else is wrong: what a case does not mention holds.
    others = {verdicts[name] for name in verdicts.keys() - asked.keys()}
    assert others <= {"holds", "bounded"}
    check_lengths(case, findings)


def check_lengths(case: Case, findings: dict[str, Finding]) -> None:
    model = model_of(case)
    lengths = {}
    for name, finding in findings.items():
        if finding.evidence is not None:
            trace = replay_evidence(model, finding.evidence)
            assert len(trace.steps) == finding.evidence.length
            lengths[name] = finding.evidence.length
    assert {name: lengths.get(name) for name in case.shortest} == dict(case.shortest)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_explorer(case: Case) -> None:
    check_search(case, Explorer())


@pytest.mark.parametrize("case", SMALL, ids=attrgetter("name"))
def test_reference(case: Case) -> None:
    check_search(case, Reference())


@pytest.mark.parametrize("worth", [None, 0], ids=["plain", "with lemmas"])
@pytest.mark.parametrize("case", BOUNDED, ids=attrgetter("name"))
def test_bounded_checker(case: Case, worth: int | None) -> None:
    """It finds every trace at its length, none below, and agrees with the search."""
    model = model_of(case)
    depth = max(case.shortest.values(), default=0)
    found = BoundedChecker(worth=worth).run(model, Limits(depth=depth), Silence())
    findings = by_name(found)
    check_lengths(case, findings)
    for name, verdict in case.verdicts.items():
        if verdict != "violated" and findings[name].evidence is None:
            assert findings[name].verdict is Verdict.BOUNDED
    check_agreement([Explorer().run(model, Limits(), Silence()), found])


@pytest.mark.parametrize(
    "case", [c for c in CASES if (c.distinct or 0) <= TINY], ids=attrgetter("name")
)
def test_proofs(case: Case) -> None:
    """PDR decides all, induction nothing else; what they prove is certified."""
    model = model_of(case)
    found = PropertyDirected(samples=2000).run(model, Limits(), Silence())
    findings = by_name(certified(model, found)[0])
    verdicts = {name: findings[name].verdict.value for name in case.verdicts}
    assert verdicts == dict(case.verdicts)
    check_lengths(case, findings)
    induced = Induction().run(model, Limits(depth=3), Silence())
    check_agreement([found, induced])
    for name, finding in by_name(certified(model, induced)[0]).items():
        if finding.verdict is not Verdict.BOUNDED:
            assert finding.verdict is findings[name].verdict


def test_the_corpus_mentions_checks_that_exist() -> None:
    """A misspelt name in `cases.py` would be a check that nobody makes."""
    for case in CASES:
        names = {name_in_cases(prop) for prop in model_of(case).properties}
        assert names >= case.verdicts.keys(), case.name
        assert case.verdicts.keys() >= case.shortest.keys(), case.name
