"""The liveness engine: from a model to verdicts on its temporal properties."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from modelcheck.liveness.collecting import collect
from modelcheck.liveness.engine import decide
from modelcheck.liveness.product import Kernels
from modelcheck.model.program import Model
from modelcheck.verdict.verdicts import Findings, Limits, Watch


def check_small(model: Model, limits: Limits, watch: Watch) -> Findings:
    """Decide the temporal properties of a model that the Python explorer can search.

    Raises `PropertyError` if an atom or a constraint has no value in a state.
    """
    start = monotonic()
    graph = collect(model, limits, watch)
    spent = monotonic() - start
    if limits.seconds is not None:
        limits = replace(limits, seconds=limits.seconds - spent)
    found = decide(graph, limits, watch, lambda _: Kernels())
    return replace(found, seconds=monotonic() - start)
