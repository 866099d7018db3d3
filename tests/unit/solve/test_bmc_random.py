"""The bounded checker against all paths of random models."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from modelcheck.explore.interpreter import EvaluationError
from modelcheck.model import terms as t
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Limits, Silence, Stop, Verdict
from tests.unit.solve.models import prop, random_models
from tests.unit.solve.oracle import BruteForce

DEPTH = 4


def is_state(model: Model, state: State) -> t.Term:
    return t.and_(
        *(
            t.eq(cell.now, t.constant_of(cell.range.sort, value, cell.range.hi))
            for cell, value in zip(model.cells, state, strict=True)
        )
    )


def witnesses(model: Model) -> tuple[Property, ...]:
    """Ask for the first and the last state that is new at each depth."""
    brute = BruteForce(model)
    brute.run(DEPTH)
    seen: set[State] = set()
    asked: dict[State, Property] = {}
    for depth, level in enumerate(brute.levels):
        new = sorted(level - seen)
        seen |= level
        for state in new[:1] + new[-1:]:
            name = f"at depth {depth}: {state}"
            asked[state] = prop(Kind.REACHABLE, name, is_state(model, state))
    return tuple(asked.values())


def compare(model: Model, worth: int | None) -> None:
    limits = Limits(depth=DEPTH)
    try:
        asked = witnesses(model)
    except EvaluationError:
        with pytest.raises(EvaluationError):
            BoundedChecker(worth=worth).run(model, limits, Silence())
        return
    model = replace(model, properties=model.properties + asked)
    brute = BruteForce(model)
    want = brute.run(DEPTH)
    found = BoundedChecker(worth=worth).run(model, limits, Silence())
    got = {
        f.prop.name: (f.verdict, f.evidence.length if f.evidence else None)
        for f in found.findings
    }
    assert got == want
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    if Verdict.BOUNDED in {verdict for verdict, _ in want.values()}:
        assert (Stop.CONSTRAINT in found.stops) == brute.is_cut


EXAMPLES = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@EXAMPLES
@given(random_models())
def test_the_same_verdicts_at_the_same_lengths(model: Model) -> None:
    compare(model, None)


@settings(EXAMPLES, max_examples=100)
@given(random_models())
def test_lemmas_change_neither_verdicts_nor_lengths(model: Model) -> None:
    compare(model, 0)
