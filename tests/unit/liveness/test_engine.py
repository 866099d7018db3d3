"""Verdicts and lassos on random graphs, against an oracle that shares nothing."""

from __future__ import annotations

from random import Random

import pytest

from modelcheck.liveness import engine, product
from modelcheck.liveness.collecting import collect
from modelcheck.liveness.engine import decide
from modelcheck.liveness.native import (
    BYTES,
    LEAST_FUEL,
    MOST_FUEL,
    NativeKernels,
)
from modelcheck.liveness.tiers import Kernels
from modelcheck.model.temporal import Strength
from modelcheck.verdict.verdicts import (
    STUTTER,
    Evidence,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.liveness.formulas import random_formula, values
from tests.unit.liveness.graphs import Case, is_violated, random_case
from tests.unit.liveness.models import ALWAYS_EVENTUALLY

NONE, SILENT = Limits(), Silence()


def check_lasso(case: Case, evidence: Evidence) -> None:
    """Every step exists, the loop closes, is fair, and the formula is false."""
    states = [state[0] for state in evidence.states]
    loop = evidence.loop
    assert loop is not None
    assert states[0] == 0
    after = [*states[1:], states[loop]]
    taken = list(zip(states, evidence.taken, after, strict=True))
    for source, number, target in taken:
        if number == STUTTER:
            assert source == target
            assert not any(edge[1] == source for edge in case.edges)
        else:
            assert case.edges[number][1:] == (source, target)
    letters = tuple(case.letters[state] for state in states)
    assert not values(case.formula, (letters, loop))[0]
    for strength, steps, into in case.fairness:

        def counts(edge: tuple[int, int, int], steps=steps, into=into) -> bool:  # noqa: ANN001
            return edge[0] in steps and (into is None or edge[2] in into)

        on = [any(counts(e) for e in case.edges if e[1] == s) for s in states[loop:]]
        is_taken = any(
            n != STUTTER and counts(case.edges[n]) for _, n, _ in taken[loop:]
        )
        is_asked = all(on) if strength is Strength.WEAK else any(on)
        assert is_taken or not is_asked


@pytest.mark.parametrize("seed", range(4))
def test_machine_code_finds_the_same(seed: int) -> None:
    random = Random(1000 + seed)
    for _ in range(100):
        formula = random_formula(random, 2, random.randint(1, 6))
        case = random_case(random, formula, 2, 9)
        graph = case.graph()
        one = decide(graph, NONE, SILENT, lambda _: Kernels())
        two = decide(graph, NONE, SILENT, lambda _: NativeKernels())
        assert one.findings == two.findings


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs(seed: int) -> None:
    """20 x 500 formulas, each on a graph of its own: 10,000 cases."""
    random = Random(seed)
    violated = 0
    for number in range(500):
        formula = random_formula(random, 2, random.randint(1, 7))
        case = random_case(random, formula, 2, 6)
        graph = case.graph() if number % 10 else collect(case.model(), NONE, SILENT)
        finding = decide(graph, NONE, SILENT, lambda _: Kernels()).findings[0]
        expected = is_violated(case)
        assert (finding.verdict is Verdict.VIOLATED) is expected, case
        if finding.evidence is not None:
            check_lasso(case, finding.evidence)
            violated += 1
        else:
            assert finding.verdict is Verdict.HOLDS
    assert 100 < violated < 400


def test_without_time_for_a_shortest_loop_it_is_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = Random(7)
    longer = 0
    for _ in range(300):
        formula = random_formula(random, 2, random.randint(1, 6))
        case = random_case(random, formula, 2, 9)
        graph = case.graph()
        best = decide(graph, NONE, SILENT, lambda _: Kernels()).findings[0].evidence
        with monkeypatch.context() as patch:
            patch.setattr(product, "SOON", 0)
            found = decide(graph, NONE, SILENT, lambda _: Kernels()).findings[0]
        assert (best is None) is (found.evidence is None)
        if best is None or found.evidence is None:
            continue
        check_lasso(case, found.evidence)
        longer += best.length < found.evidence.length
    assert longer < 30


class Thirsty(Kernels):
    """Kernels that are left after nearly every step."""

    fuel = 1


def test_a_search_that_is_left_again_and_again_finds_the_same() -> None:
    random = Random(77)
    for _ in range(200):
        formula = random_formula(random, 2, random.randint(1, 6))
        graph = random_case(random, formula, 2, 9).graph()
        one = decide(graph, NONE, SILENT, lambda _: Kernels())
        two = decide(graph, NONE, SILENT, lambda _: Thirsty())
        assert one.findings == two.findings


class Impatient(Silence):
    """Asks to stop at once."""

    def is_interrupted(self) -> bool:
        return True


def test_memory_that_is_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """`room` is what may be used besides what is used at first."""
    used = iter(range(0, 1_000, 100))
    monkeypatch.setattr(engine, "resident", lambda: next(used))
    graph = random_case(Random(1), ALWAYS_EVENTUALLY, 1, 6).graph()
    found = decide(graph, NONE, SILENT, lambda _: Thirsty(), room=250)
    assert found.stops == {Stop.MEMORY}
    assert found.findings[0].verdict is Verdict.UNKNOWN
    assert Stop.MEMORY.value in found.findings[0].reason
    assert next(used) == 400


def test_a_limit_on_memory_is_looked_at_in_time() -> None:
    """What a call of machine code may use fits into the room that there is."""
    assert NativeKernels().fuel == MOST_FUEL
    assert NativeKernels(BYTES << 20).fuel == 1 << 20
    assert NativeKernels(0).fuel == LEAST_FUEL


@pytest.mark.parametrize(
    ("limits", "watch", "stop"),
    [
        (Limits(seconds=0.0), SILENT, Stop.TIME),
        (NONE, Impatient(), Stop.INTERRUPT),
    ],
)
def test_an_end_on_the_way_is_told(limits: Limits, watch: Silence, stop: Stop) -> None:
    graph = random_case(Random(1), ALWAYS_EVENTUALLY, 1, 6).graph()
    found = decide(graph, limits, watch, lambda _: Kernels())
    assert found.stops == {stop}
    assert found.findings[0].verdict is Verdict.UNKNOWN
    assert stop.value in found.findings[0].reason
