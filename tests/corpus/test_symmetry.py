"""Symmetry reduction on the corpus: the same verdicts, and exactly the orbits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import factorial
from operator import attrgetter

import pytest

from modelcheck.explore.interpreter import Interpreter
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.reduction import Reduction, find_reduction
from modelcheck.explore.search import Explorer
from modelcheck.layout.values import state_values
from modelcheck.model.program import Model, State
from modelcheck.reader.read import read_spec
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Saving, Silence
from tests.corpus.cases import CASES, Case
from tests.corpus.permuted import orbits, reachable
from tests.corpus.reading import SPECS, model_of

MOST_STATES = 20_000
"""Larger state graphs are not searched without symmetry again."""

LEAST_REDUCED = 20
"""So many cases have Scalarsets that are symmetric."""

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
    """All Scalarsets of the corpus but one: no loop over them makes an order felt."""
    refused = {
        (case.name, name): reason
        for case in CASES
        if (reduction := reduction_of(case.name)) is not None
        for name, reason in reduction.refused.items()
    }
    assert refused.keys() == {("scheduling_allocator", "Client")}
    assert "too many cases" in refused["scheduling_allocator", "Client"]
    assert len(REDUCED) >= LEAST_REDUCED


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
    """The Python explorer and the native one find and count the same."""
    reduction = reduction_of(case.name)
    expected = run(case, Explorer(reduction))
    assert expected.saving is not None
    assert case.distinct in (None, expected.saving.states)
    # Shared by two workers; `test_tables` looks at one.
    found = run(case, NativeExplorer(2, reduction=reduction))
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


@pytest.mark.parametrize("hash_compact", [False, True])
def test_tables(hash_compact: bool) -> None:
    """States of one word and of several, whole and as fingerprints."""
    for case in REDUCED:
        if case.shortest and not case.is_large:
            reduction = reduction_of(case.name)
            expected = run(case, Explorer(reduction))
            engine = NativeExplorer(1, hash_compact=hash_compact, reduction=reduction)
            found = run(case, engine)
            assert verdicts(found) == verdicts(expected)
            assert found.saving == expected.saving


@dataclass(frozen=True, slots=True)
class Published:
    """What CMurphi counts with symmetry: states, and rules fired."""

    spec: str
    size: int
    states: int
    rules: int
    whole: int | None = None


PUBLISHED = (
    Published("n_peterson", 3, 172, 516, 882),
    Published("n_peterson", 5, 6770, 33_850, 628_868),
    Published("n_peterson", 6, 35_159, 210_954),
    Published("n_peterson", 7, 163_298, 1_143_086),
    Published("mcslock1", 2, 81, 162, 159),
    Published("mcslock1", 3, 1285, 3855, 7597),
    Published("mcslock1", 4, 23_636, 94_544, 554_221),
)


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda p: f"{p.spec}_{p.size}")
def test_published_orbits(case: Published) -> None:
    """The counts that come with CMurphi's examples, with and without symmetry.

    The one without is the sum of what the representatives stand for.
    """
    model = read_spec(str(SPECS / f"{case.spec}.py"), {"Proc": case.size})
    reduction = find_reduction(model, Limits())
    found = NativeExplorer(1, reduction=reduction).run(model, Limits(), Silence())
    assert found.counts is not None
    assert found.saving is not None
    assert found.counts.distinct == case.states
    # Murphi does not count the initial state.
    assert found.counts.generated - 1 == case.rules
    assert case.whole in (None, found.saving.states)


@pytest.mark.parametrize(
    ("spec", "size", "states", "rules"),
    [("n_peterson", 5, 628_868, 3_144_340), ("mcslock1", 4, 554_221, 2_216_884)],
)
def test_published_states(spec: str, size: int, states: int, rules: int) -> None:
    """The largest counts that CMurphi's examples come with, state for state."""
    model = read_spec(str(SPECS / f"{spec}.py"), {"Proc": size})
    found = NativeExplorer(2).run(model, Limits(), Silence())
    assert found.is_complete
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated - 1) == (states, rules)


@pytest.mark.parametrize(
    ("managers", "states", "whole"), [(3, 80, 288), (5, 314, 8832), (7, 920, 296_448)]
)
def test_two_phase_commit(managers: int, states: int, whole: int) -> None:
    """The orbits of two-phase commit: how many managers are in each situation."""
    model = read_spec(str(SPECS / "two_phase.py"), {"RM": managers})
    reduction = find_reduction(model, Limits())
    found = Explorer(reduction).run(model, Limits(), Silence())
    assert found.counts is not None
    assert found.counts.distinct == states
    assert found.saving == Saving(("RM",), factorial(managers), whole)
    if whole <= MOST_STATES:
        seen = {_situations(model, state) for state in reachable(model)}
        assert len(seen) == states


def _situations(model: Model, state: State) -> tuple[object, ...]:
    """How many managers are where: all that is left of a state without names."""
    values = state_values(model, state)
    work, heard, sent = (values[n] for n in ("work", "heard", "prepared_sent"))
    assert isinstance(work, dict)
    assert isinstance(heard, frozenset)
    assert isinstance(sent, frozenset)
    each = Counter((work[rm], rm in heard, rm in sent) for rm in work)
    rest = (values[n] for n in ("decision", "commit_sent", "abort_sent"))
    return (frozenset(each.items()), *rest)


def test_why_stateright_counts_more_states() -> None:
    """665 for five managers, where there are 314 orbits.

    Stateright sorts the managers by their state alone and takes the rest along, so
    that managers in one state stay in the order in which they came, although the
    messages tell them apart. Several of its representatives are of one orbit: 1092 of
    all states. It goes on depth first from the states themselves, not from the
    representatives, and so meets 665 of them.
    """
    model = read_spec(str(SPECS / "two_phase.py"), {"RM": 5})
    assert len({_sorted_by_work(model, state) for state in reachable(model)}) == 1092
    interpreter = Interpreter(model)
    stack = interpreter.initial()
    seen = {_sorted_by_work(model, state) for state in stack}
    while stack:
        for outcome in interpreter.successors(stack.pop()):
            assert outcome.state is not None
            shown = _sorted_by_work(model, outcome.state)
            if shown not in seen:
                seen.add(shown)
                stack.append(outcome.state)
    assert len(seen) == 665


def _sorted_by_work(model: Model, state: State) -> tuple[object, ...]:
    """Stateright's representative: a stable sort by one of three maps."""
    values = state_values(model, state)
    work, heard, sent = (values[n] for n in ("work", "heard", "prepared_sent"))
    assert isinstance(work, dict)
    assert isinstance(heard, frozenset)
    assert isinstance(sent, frozenset)
    order = ("WORKING", "PREPARED", "COMMITTED", "ABORTED")
    managers = sorted(work, key=lambda rm: order.index(str(work[rm])))
    each = tuple((work[rm], rm in heard, rm in sent) for rm in managers)
    return (*each, *(values[n] for n in ("decision", "commit_sent", "abort_sent")))
