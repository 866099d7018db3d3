"""Every temporal verdict that was published for a model of the corpus."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from operator import attrgetter

import pytest

from modelcheck.model.program import Kind, Model, Step
from modelcheck.model.temporal import Strength
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Counts, Limits, Silence
from tests.corpus.reading import live_model_of
from tests.corpus.temporal import LIVE, PUBLISHED, Live

SLOW = 2_000
"""With at most so many states the Python explorer takes part."""


def stuttering(model: Model) -> Model:
    """The same with a step that changes nothing and is possible in every state."""
    nothing = Step(len(model.steps), "stutter", "stutter", body=())
    return replace(model, steps=(*model.steps, nothing))


def verdicts(model: Model, engine: str) -> tuple[dict[str, str], Counts]:
    """What a complete search says of the temporal properties; each lasso is judged."""
    names = frozenset(p.name for p in model.properties if p.kind is Kind.TEMPORAL)
    report = verify_model(model, engine, Limits(properties=names), Silence())
    assert report.exit_code == 0, "the spec itself says what to expect"
    assert report.counts is not None
    found = {prop.prop.name: prop.verdict.value for prop in report.properties}
    return found, report.counts


@pytest.mark.parametrize("live", LIVE, ids=attrgetter("name"))
def test_verdicts(live: Live) -> None:
    """As written, and if runs may stand still; searched small and large."""
    model = live_model_of(live)
    found, counts = verdicts(model, "native")
    assert found == dict(live.verdicts)
    _check_counts(live, counts, stutters=0)
    if live.may_stutter:
        found, counts = verdicts(stuttering(model), "native")
        assert found == dict(live.verdicts)
        _check_counts(live, counts, stutters=counts.distinct)
    if counts.distinct <= SLOW:
        found, counts = verdicts(model, "explore")
        assert found == dict(live.verdicts)
        _check_counts(live, counts, stutters=0)


def _check_counts(live: Live, counts: Counts, stutters: int) -> None:
    generated = None if live.generated is None else live.generated + stutters
    assert live.distinct in (None, counts.distinct)
    assert generated in (None, counts.generated)
    assert live.depth in (None, counts.depth)


def test_variety() -> None:
    """Both answers are there, with both kinds of fairness and without."""
    met: Counter[tuple[str, str]] = Counter()
    for live in PUBLISHED:
        model = live_model_of(live)
        kinds = {constraint.strength for constraint in model.fairness}
        kind = "none"
        if kinds:
            kind = "strong" if Strength.STRONG in kinds else "weak"
        for word in live.verdicts.values():
            met[kind, word] += 1
    assert met["weak", "holds"] >= 15
    assert met["strong", "holds"] >= 6
    assert met["weak", "violated"] >= 6
    assert met["strong", "violated"] >= 2
    assert met["none", "holds"] >= 4
    assert met["none", "violated"] >= 3
