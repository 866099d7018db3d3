"""Symmetry reduction on the corpus: the same verdicts, and exactly the orbits."""

from __future__ import annotations

from functools import cache
from math import factorial
from operator import attrgetter

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.reduction import Reduction, find_reduction
from modelcheck.explore.search import Explorer
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence
from tests.corpus.cases import CASES, Case
from tests.corpus.permuted import orbits, reachable
from tests.corpus.reading import model_of

MOST_STATES = 20_000
"""Larger state graphs are not searched without symmetry again."""

MOST_RENAMED = 40_000
"""So many states are renamed for one case, in all permutations."""


@cache
def reduction_of(name: str) -> Reduction | None:
    case = next(case for case in CASES if case.name == name)
    return find_reduction(model_of(case), Limits())


def is_reduced(case: Case) -> bool:
    reduction = reduction_of(case.name)
    return reduction is not None and bool(reduction.axes)


REDUCED = [case for case in CASES if is_reduced(case)]
SMALL = [case for case in REDUCED if (case.distinct or 0) <= MOST_STATES]


def run(case: Case, engine: Engine) -> Findings:
    """What `engine` finds; its traces are paths of the model, names stable."""
    model = model_of(case)
    found = engine.run(model, Limits(), Silence())
    for finding in found.findings:
        if finding.evidence is not None:
            trace = replay_evidence(model, finding.evidence)
            assert len(trace.steps) == finding.evidence.length
    return found


def verdicts(found: Findings) -> list[tuple[object, ...]]:
    return [
        (f.prop.name, f.verdict, f.evidence.length if f.evidence else None)
        for f in found.findings
    ]


def test_reduces_what_the_typing_calls_symmetric() -> None:
    """Every Scalarset of the corpus; none of its loops makes an order felt."""
    for case in CASES:
        reduction = reduction_of(case.name)
        assert reduction is None or not reduction.refused, case.name
    assert len(REDUCED) >= 25


@pytest.mark.parametrize("case", SMALL, ids=attrgetter("name"))
def test_same_verdicts(case: Case) -> None:
    """Verdicts, lengths and depth are those of the whole search, which is smaller."""
    whole = run(case, Explorer())
    reduced = run(case, Explorer(reduction_of(case.name)))
    assert verdicts(reduced) == verdicts(whole)
    assert reduced.stops == whole.stops
    assert whole.counts is not None
    assert reduced.counts is not None
    assert reduced.counts.depth == whole.counts.depth
    assert reduced.counts.distinct <= whole.counts.distinct
    assert reduced.saving is not None
    assert reduced.saving.states == whole.counts.distinct


@pytest.mark.parametrize("case", REDUCED, ids=attrgetter("name"))
def test_engines_agree(case: Case) -> None:
    """The Python explorer and the native one, with one worker and with two."""
    reduction = reduction_of(case.name)
    expected = run(case, Explorer(reduction))
    assert expected.saving is not None
    assert case.distinct in (None, expected.saving.states)
    for workers in (1, 2):
        found = run(case, NativeExplorer(workers, reduction=reduction))
        assert verdicts(found) == verdicts(expected)
        assert found.saving == expected.saving
        assert found.fired == expected.fired
        assert found.counts is not None
        assert expected.counts is not None
        assert found.counts.distinct == expected.counts.distinct
        assert found.counts.generated == expected.counts.generated
        assert found.counts.levels == expected.counts.levels


def is_renamed(case: Case) -> bool:
    reduction = reduction_of(case.name)
    assert reduction is not None
    return (case.distinct or MOST_RENAMED) * reduction.order <= MOST_RENAMED


@pytest.mark.parametrize("case", [*filter(is_renamed, SMALL)], ids=attrgetter("name"))
def test_counts_are_the_orbits(case: Case) -> None:
    """An independent slow count: the states' names are permuted one by one."""
    reduction = reduction_of(case.name)
    assert reduction is not None
    model = model_of(case)
    found = Explorer(reduction).run(model, Limits(), Silence())
    assert found.counts is not None
    sizes = orbits(model, reachable(model), reduction.names)
    assert found.counts.distinct == len(sizes)
    assert found.saving is not None
    assert found.saving.states == sum(sizes)


def test_hash_compaction() -> None:
    """Fingerprints of representatives, and paths unfolded from them."""
    case = next(case for case in REDUCED if case.name == "mainline" or case.shortest)
    reduction = reduction_of(case.name)
    expected = run(case, Explorer(reduction))
    engine = NativeExplorer(1, hash_compact=True, reduction=reduction)
    found = run(case, engine)
    assert [v[::2] for v in verdicts(found)] == [v[::2] for v in verdicts(expected)]
    assert found.saving == expected.saving


def test_the_order_of_the_group() -> None:
    reduction = reduction_of("two_phase_5")
    assert reduction is not None
    assert reduction.names == ("RM",)
    assert reduction.order == factorial(5)
