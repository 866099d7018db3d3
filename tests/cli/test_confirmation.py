"""How far bmc follows the explorer in `--engine auto`."""

from __future__ import annotations

from modelcheck.model.program import Kind, Property
from modelcheck.model.terms import TRUE
from modelcheck.verdict.check import confirmation_limits
from modelcheck.verdict.verdicts import (
    Counts,
    Evidence,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
)

FOUND = Finding(
    Property("found", Kind.INVARIANT, (), TRUE), Verdict.VIOLATED, Evidence(((),))
)
OPEN = Finding(Property("open", Kind.INVARIANT, (), TRUE), Verdict.BOUNDED)


def findings(levels: int, seconds: float, *stops: Stop) -> Findings:
    counts = Counts(levels=(1,) * levels)
    return Findings("explore", (FOUND, OPEN), counts, frozenset(stops), seconds)


def test_a_small_model_is_followed_to_its_end_and_one_step_beyond() -> None:
    limits = confirmation_limits(findings(3, 0.01), Limits())
    assert limits == Limits(depth=3, seconds=2.0)


def test_a_large_one_for_a_share_of_the_time() -> None:
    limits = confirmation_limits(findings(40, 100.0), Limits())
    assert limits == Limits(depth=6, seconds=25.0)


def test_never_beyond_what_the_user_allows() -> None:
    limits = confirmation_limits(findings(40, 9.5), Limits(depth=4, seconds=10.0))
    assert limits == Limits(depth=4, seconds=0.5)
    assert confirmation_limits(findings(40, 10.1), Limits(seconds=10.0)) is None


def test_depth_zero_is_a_depth() -> None:
    limits = confirmation_limits(findings(1, 0.1, Stop.DEPTH), Limits(depth=0))
    assert limits is not None
    assert limits.depth == 0


def test_the_questions_stay_the_same() -> None:
    asked = Limits(properties=frozenset({"open"}), deadlock=False)
    limits = confirmation_limits(findings(3, 0.1), asked)
    assert limits is not None
    assert (limits.properties, limits.deadlock) == (frozenset({"open"}), False)


def test_after_enough_violations_only_those_are_looked_at_again() -> None:
    limits = confirmation_limits(findings(3, 0.1, Stop.VIOLATIONS), Limits())
    assert limits is not None
    assert limits.properties == {"found"}


def test_who_was_interrupted_does_not_wait_for_more() -> None:
    assert confirmation_limits(findings(3, 0.1, Stop.INTERRUPT), Limits()) is None


def test_checks_that_were_looked_at_besides_are_confirmed_too() -> None:
    asked = Limits(properties=frozenset({"open"}), besides=frozenset({"check"}))
    limits = confirmation_limits(findings(3, 0.1), asked)
    assert limits is not None
    assert limits.properties == {"open", "check"}
    limits = confirmation_limits(findings(3, 0.1, Stop.VIOLATIONS), asked)
    assert limits is not None
    assert "check" not in (limits.properties or ()) | limits.besides
