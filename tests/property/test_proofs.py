"""Generated models: PDR, induction, bounded model checking and the explorer agree.

Whatever is proved has a certificate that `certify` accepts, every path is replayed, and
a wrong verdict of any of the four would show as a difference from the explorer, whose
search of these models is complete.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from modelcheck.certify.check import refuse
from modelcheck.explore.interpreter import EvaluationError
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.agreement import check_agreement
from modelcheck.verdict.proofs import certificate_of
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence, Verdict
from tests.unit.explore.random_models import random_model

MODELS = int(os.environ.get("MODELCHECK_EXAMPLES", "1000"))
"""How many models; a long run at home takes some ten thousand."""

SHARE = 100
"""How many of them one test takes."""

DEPTH = 3
ENGINES: tuple[tuple[Engine, Limits], ...] = (
    (PropertyDirected(samples=50), Limits()),
    (Induction(), Limits(depth=DEPTH)),
    (BoundedChecker(), Limits(depth=DEPTH)),
)
CONCLUSIVE = {Verdict.HOLDS, Verdict.VIOLATED}


def found_by(engine: Engine, model: Model, limits: Limits) -> Findings | None:
    """The findings; None where a property has no value."""
    try:
        return engine.run(model, limits, Silence())
    except EvaluationError:
        return None


def check(model: Model, engine: Engine, limits: Limits, want: Findings) -> int:
    """Compare with a complete search; how many properties were decided by a proof."""
    found = found_by(engine, model, limits)
    assert found is not None, "a property has a value in all reachable states"
    check_agreement([want, found])
    for mine, other in zip(found.findings, want.findings, strict=True):
        if mine.verdict in CONCLUSIVE or engine.name == "pdr":
            assert mine.verdict is other.verdict, mine
        if mine.evidence is not None:
            replay_evidence(model, mine.evidence)
    certificate = certificate_of(model, found)
    if certificate is None:
        return 0
    assert refuse(certificate, model) is None
    return len(certificate.claims)


@pytest.mark.parametrize("first", range(0, MODELS, SHARE))
def test_engines_agree(first: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(first, min(first + SHARE, MODELS)):
        model = random_model(Random(seed).randint)
        want = found_by(Explorer(), model, Limits())
        if want is None:
            met["errors"] += 1
            assert found_by(PropertyDirected(50), model, Limits()) is None, seed
            continue
        for engine, limits in ENGINES:
            met[engine.name] += check(model, engine, limits, want)
    # The models are worth the time: there are errors, and much can be proved.
    assert met["errors"]
    assert met["pdr"] > SHARE
    assert met["induct"] > SHARE
    assert not met["bmc"]
