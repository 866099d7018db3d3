"""The liveness engine: from a model to verdicts on its temporal properties."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from modelcheck.explore.native.engine import Machinery
from modelcheck.liveness.collecting import collect
from modelcheck.liveness.engine import decide, refuse
from modelcheck.liveness.graph import Graph, Refused
from modelcheck.liveness.tiers import Kernels
from modelcheck.model.program import Model
from modelcheck.verdict.verdicts import Findings, Limits, Watch

SMALL = 20_000
"""Up to how many nodes CPython is done before machine code would be there."""


def check_small(
    model: Model, limits: Limits, watch: Watch, searched: Findings | None = None
) -> Findings:
    """Decide the temporal properties of a model that the Python explorer can search.

    What it has `searched` must have as many states. Raises `PropertyError` if an
    atom or a constraint has no value in a state.
    """
    start = monotonic()
    graph = collect(model, limits, watch)
    if searched is not None and searched.is_complete and not graph.stops:
        assert searched.counts is not None
        assert graph.size == searched.counts.distinct, "a state is missing"
    return _decided(graph, limits, watch, start)


def check_large(
    machinery: Machinery, found: Findings, limits: Limits, watch: Watch
) -> Findings:
    """Decide them on what the native explorer has found, which must have kept edges.

    Graph and product may use as much memory as the search. Raises `PropertyError` if an
    atom has no value in a state.
    """
    from modelcheck.liveness.linking import Linking

    start = monotonic()
    try:
        graph = Linking(machinery, found).graph()
    except Refused as refused:
        return refuse(machinery.model, limits, str(refused))
    room = max(machinery.store.memory - machinery.store.used, 0)
    return _decided(graph, limits, watch, start, room)


def _decided(
    graph: Graph,
    limits: Limits,
    watch: Watch,
    start: float,
    room: int | None = None,
) -> Findings:
    if limits.seconds is not None:
        spent = monotonic() - start
        limits = replace(limits, seconds=limits.seconds - spent)
    found = decide(graph, limits, watch, lambda nodes: _tier(nodes, room), room)
    return replace(found, seconds=monotonic() - start)


def _tier(nodes: int, room: int | None) -> Kernels:
    """What runs the kernels on a product of so many nodes, in so many bytes."""
    if nodes <= SMALL:
        return Kernels()
    from modelcheck.liveness.native import NativeKernels

    return NativeKernels(room)
