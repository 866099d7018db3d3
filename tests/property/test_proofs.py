"""Generated models: PDR, induction, bounded model checking and the explorer agree.

Whatever is proved has a certificate that `certify` accepts, every path is replayed, and
a wrong verdict of any of the four would show as a difference from the explorer, whose
search of these models is complete.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random
from unittest.mock import patch

import pytest
import z3

from modelcheck.certify.check import refuse
from modelcheck.explore.book import PropertyError
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.solve import bmc, induction, pdr
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict.agreement import check_agreement
from modelcheck.verdict.proofs import certificate_of
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Verdict
from tests.property.agreement import require_agreement, run
from tests.unit.explore.random_models import random_model

MODELS = int(os.environ.get("MODELCHECK_EXAMPLES", "1000"))
"""How many models; a long run at home takes some ten thousand."""

SHARE = 50
"""How many of them one test takes."""

LEAST_SEARCHED = 40
"""So many of those can be searched; in the others a property has no value."""

LONG = 20
"""Every so many models have long steps; they take twice as long as the others."""

DEPTH = 3
ENGINES: tuple[tuple[Engine, Limits], ...] = (
    (PropertyDirected(samples=50), Limits()),
    (Induction(), Limits(depth=DEPTH)),
    (BoundedChecker(), Limits(depth=DEPTH)),
)
CONCLUSIVE = {Verdict.HOLDS, Verdict.VIOLATED}


def check(model: Model, engine: Engine, limits: Limits, want: Findings) -> int:
    """Compare with a complete search; how many properties were decided by a proof."""
    found = run(engine, model, limits)
    if isinstance(found, PropertyError):
        # Of several steps of one level some violate a property, others fail in it.
        require_agreement(found, want)
        return 0
    check_agreement([want, found])
    for mine, other in zip(found.findings, want.findings, strict=True):
        if mine.verdict in CONCLUSIVE or engine.name == "pdr":
            assert mine.verdict is other.verdict, mine
    certificate = certificate_of(model, found)
    if certificate is None:
        return 0
    assert refuse(certificate, model) is None
    return len(certificate.claims)


@pytest.fixture(autouse=True)
def shared_formulas() -> Iterator[None]:
    """The solvers of all engines, new each time, are given the same formulas.

    To make them takes far longer than to answer questions about them, and so does a z3
    context for each. Nearly all terms are freed when nobody refers to them any more, so
    that Python need not look for circles among them in the meantime.
    """
    z3.main_ctx()  # the one of `certify`, which has formulas of its own
    context = z3.Context()
    last: list[Encoding] = []

    def encode(model: Model) -> Encoding:
        if not last or last[0].model is not model:
            last[:] = [Encoding(model)]
        return last[0]

    gc.freeze()
    gc.disable()
    with ExitStack() as stack:
        stack.enter_context(patch.object(z3, "Context", lambda: context))
        for engine in (pdr, induction, bmc):
            stack.enter_context(patch.object(engine, "Encoding", encode))
        yield
    gc.enable()
    gc.unfreeze()
    last.clear()
    gc.collect()


@pytest.mark.parametrize("first", range(0, MODELS, SHARE))
def test_engines_agree(first: int) -> None:
    met: Counter[str] = Counter()
    seeds = range(first, min(first + SHARE, MODELS))
    for seed in seeds:
        model = random_model(Random(seed).randint, is_short=seed % LONG > 0)
        want = run(Explorer(), model, Limits())
        if isinstance(want, PropertyError):
            met["errors"] += 1
            found = run(PropertyDirected(50), model, Limits())
            assert isinstance(found, PropertyError), seed
            continue
        met["searched"] += 1
        for engine, limits in ENGINES:
            met[engine.name] += check(model, engine, limits, want)
    # The models are worth the time: there are errors, and much can be proved.
    assert met["errors"]
    assert met["searched"] >= LEAST_SEARCHED * len(seeds) // SHARE
    assert met["pdr"] > len(seeds)
    assert met["induct"] > len(seeds)
    assert not met["bmc"]
