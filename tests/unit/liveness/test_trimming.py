"""Trimming: what is dead is on no fair cycle, and of graphs without cycles all is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

import networkx as nx
import pytest

from modelcheck.liveness import arriving, reaching, trimming
from modelcheck.liveness.automaton import Automaton, automaton
from modelcheck.liveness.engine import decide
from modelcheck.liveness.graph import OUTSIDE, Graph
from modelcheck.liveness.ltl import normal
from modelcheck.liveness.native import NativeKernels
from modelcheck.liveness.reaching import Reaching
from modelcheck.liveness.records import Vector
from modelcheck.liveness.tiers import Kernels
from modelcheck.liveness.trimming import Trimmed, trim
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.temporal import Formula, Strength
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.unit.liveness.formulas import atom, leads_to, op, random_formula
from tests.unit.liveness.graphs import Case, is_violated, random_case

Node = tuple[int, int]
"""A state of the graph, and one of the automaton."""


def silent() -> None:
    """Nobody wants to stop."""


def found(graph: Graph, made: Automaton, tier: Kernels) -> Trimmed:
    return trim(graph, made, graph.valuation(()), silent, tier)


def dead(trimmed: Trimmed, made: Automaton, size: int) -> set[Node]:
    return {
        (state, at)
        for state in range(size)
        for at in range(len(made.transitions))
        if trimmed.nodes >> at & 1 and trimmed.dead.view[state] >> at & 1
    }


def product(graph: Graph, made: Automaton) -> nx.DiGraph:
    """All nodes, be they reached or not; an edge has its marks and its label."""
    made_of = nx.MultiDiGraph()
    value = graph.valuation(()).view
    for state in range(graph.size):
        for at in range(len(made.transitions)):
            made_of.add_node((state, at))
            for move, edge in edges(graph, made, state, at, value[state]):
                target = graph.target.view[edge], made.transitions[at][move].target
                marks = made.transitions[at][move].marks
                label = graph.labels[graph.label.view[edge]]
                made_of.add_edge((state, at), target, marks=marks, label=label)
    return made_of


def edges(
    graph: Graph, made: Automaton, state: int, at: int, value: int
) -> Iterator[tuple[int, int]]:
    for number, move in enumerate(made.transitions[at]):
        if value & move.true == move.true and not value & move.false:
            for edge in range(graph.first.view[state], graph.first.view[state + 1]):
                if graph.target.view[edge] != OUTSIDE:
                    yield number, edge


def fair_nodes(graph: Graph, made: Automaton, whole: nx.DiGraph) -> set[Node]:
    """The nodes on fair cycles, by definition."""
    nodes: set[Node] = set()
    for component in nx.strongly_connected_components(whole):
        inner = whole.subgraph(component)
        marks, taken = 0, 0
        for _, _, data in inner.edges(data=True):
            marks |= data["marks"]
            taken |= data["label"].counted
        if not inner.number_of_edges() or marks != made.all_marks:
            continue
        on = [graph.enabled(state) for state, _ in component]
        asked = 0
        for number, fairness in enumerate(graph.model.fairness):
            is_weak = fairness.strength is Strength.WEAK
            bits = [word >> number & 1 for word in on]
            asked |= (all(bits) if is_weak else any(bits)) << number
        if not asked & ~taken:
            nodes |= component
            continue
        strong = sum(
            1 << n
            for n, fairness in enumerate(graph.model.fairness)
            if fairness.strength is Strength.STRONG
        )
        kept = {
            node
            for node in component
            if not graph.enabled(node[0]) & asked & ~taken & strong
        }
        if kept != component:
            nodes |= fair_nodes(graph, made, nx.MultiDiGraph(whole.subgraph(kept)))
    return nodes


@pytest.mark.parametrize("seed", range(3))
def test_what_is_on_a_fair_cycle_is_not_dead(seed: int) -> None:
    """3 x 200 graphs; a component that is left over is found to be one or not later."""
    random = Random(2000 + seed)
    deaths = unreached = 0
    for _ in range(200):
        formula = random_formula(random, 2, random.randint(1, 6))
        graph = random_case(random, formula, 2, 7).graph()
        made = automaton(normal(formula, is_negated=True))
        one, two = found(graph, made, Kernels()), found(graph, made, NativeKernels())
        gone = dead(one, made, graph.size)
        assert gone == dead(two, made, graph.size)
        assert (one.left, one.nodes) == (two.left, two.nodes)
        whole = product(graph, made)
        fair = fair_nodes(graph, made, whole)
        roots = {(state, 0) for state in graph.initial}
        come_to = roots.union(*(nx.descendants(whole, node) for node in roots))
        assert not gone & fair & come_to
        if one.left:
            # There may be fair cycles elsewhere, but none is looked for.
            alive = {node for node in whole if one.nodes >> node[1] & 1} - gone
            assert alive <= come_to
            unreached += len(fair - come_to)
        assert one.left or not fair & come_to
        deaths += len(gone)
    assert deaths > 50
    assert unreached


def chain(order: Sequence[int], *loops: tuple[int, int, int]) -> Case:
    """States one after the other; atom 0 holds in the last one, as it must some time.

    A step to the next one is number 0, which is weakly fair.
    """
    steps = tuple((0, one, two) for one, two in pairwise(order))
    letters = tuple(int(state == order[-1]) for state in range(len(order)))
    fairness = ((Strength.WEAK, frozenset({0}), None),)
    some_time = op(Op.EVENTUALLY, atom(0))
    return Case(len(order), (*steps, *loops), letters, 1, some_time, fairness)


def left(case: Case) -> bool:
    made = automaton(normal(case.formula, is_negated=True))
    return found(case.graph(), made, Kernels()).left


@pytest.mark.parametrize(
    ("loops", "is_left"),
    [
        ((), False),
        (((1, 4, 4),), False),  # the fair step is enabled there, and not taken
        (((0, 4, 4),), True),
        (((1, 9, 9),), False),  # where nothing is to be done any more
        (((1, 4, 3),), True),  # a cycle, whether it is fair or not
    ],
)
def test_chains(loops: tuple[tuple[int, int, int], ...], is_left: bool) -> None:
    assert left(chain(range(10), *loops)) is is_left


def test_sweeps_end_when_they_do_not_pay() -> None:
    """A chain against the numbers of its states loses one of them in each sweep."""
    case = chain([0, *range(19, 0, -1)])
    assert left(case)
    decided = decide(case.graph(), Limits(), Silence(), lambda _: Kernels())
    assert decided.findings[0].verdict is Verdict.HOLDS


def test_a_simple_automaton_is_read_by_a_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With it and without it the same is found."""
    random = Random(5)
    both: Formula = op(Op.ALWAYS, op(Op.EVENTUALLY, atom(0)))
    made = automaton(normal(both, is_negated=True))
    for _ in range(100):
        graph = random_case(random, both, 2, 9).graph()
        one = found(graph, made, Kernels())
        with monkeypatch.context() as patch:
            patch.setattr(trimming, "MOST_LETTERS", -1)
            two = found(graph, made, Kernels())
        assert list(one.dead.view) == list(two.dead.view)


def test_a_large_automaton_is_not_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimming, "MOST_STATES", 0)
    assert left(chain(range(3)))


@pytest.mark.parametrize("most", [arriving.MOST_SWEEPS, 0])
def test_a_fair_cycle_that_nobody_comes_to(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It violates nothing, however that is found out; 400 graphs against networkx."""
    monkeypatch.setattr(arriving, "MOST_SWEEPS", most)
    random = Random(77)
    verdicts: set[bool] = set()
    for _ in range(400):
        formula = random_formula(random, 2, random.randint(1, 6))
        case = random_case(random, formula, 2, 7)
        for tier in (Kernels(), NativeKernels()):
            report = decide(case.graph(), Limits(), Silence(), lambda _, t=tier: t)
            verdict = report.findings[0].verdict
            assert (verdict is Verdict.VIOLATED) == is_violated(case)
            verdicts.add(verdict is Verdict.VIOLATED)
    assert len(verdicts) == 2


# Reaching what fairness asks.


def reached(graph: Graph, made: Automaton, number: int, gone: set[Node]) -> set[Node]:
    """The nodes that reach what constraint `number` asks, by definition."""
    whole = product(graph, made)
    whole.remove_nodes_from(gone)
    fairness = graph.model.fairness[number]
    goals = {
        source
        for source, target, data in whole.edges(data=True)
        if data["label"].counted >> number & 1 and target in whole
    }
    if fairness.strength is Strength.WEAK:
        goals |= {node for node in whole if not graph.enabled(node[0]) >> number & 1}
    return goals.union(*(nx.ancestors(whole, node) for node in goals))


@pytest.mark.parametrize("tier", [Kernels, NativeKernels])
@pytest.mark.parametrize("pairs", [62, 2])
def test_who_does_not_reach_what_is_asked_dies(
    tier: type[Kernels],
    pairs: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The automaton has one state; `pairs` constraints at once."""
    monkeypatch.setattr(reaching, "PAIRS", pairs)
    random = Random(6)
    never: Formula = op(Op.EVENTUALLY, atom(0))
    made = automaton(normal(never, is_negated=True))
    died = 0
    for _ in range(150):
        graph = random_case(random, never, 1, 9).graph()
        vector = Vector("U8", graph.size)
        asked = Reaching(graph, vector, 1, silent, tier())
        # Trimming would have taken away what cannot read a letter.
        for state in range(graph.size):
            vector.view[state] = graph.valuation(()).view[state] & 1
        before = {(state, 0) for state in range(graph.size) if vector.view[state]}
        while asked.condemn(1):
            pass
        dead_now = {(state, 0) for state in range(graph.size) if vector.view[state]}
        died += len(dead_now - before)
        assert dead_now == before | doomed(graph, made, before)
    assert died > 30


def doomed(graph: Graph, made: Automaton, gone: set[Node]) -> set[Node]:
    """The largest set that is left if those who do not reach enough are taken away."""
    gone = set(gone)
    while True:
        lost = set()
        for number, fairness in enumerate(graph.model.fairness):
            good = reached(graph, made, number, gone)
            is_weak = fairness.strength is Strength.WEAK
            lost |= {
                (state, 0)
                for state in range(graph.size)
                if (state, 0) not in good | gone
                and (is_weak or graph.enabled(state) >> number & 1)
            }
        if not lost:
            return gone
        gone |= lost


def test_what_takes_too_long_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many sweeps, states of the automaton, or constraints: nobody dies."""
    case = chain(range(4), (1, 2, 1), (1, 1, 2))
    graph = case.graph()
    for name, most in (("MOST_SWEEPS", 1), ("MOST_STATES", 0), ("MOST_GROUPS", 0)):
        with monkeypatch.context() as patch:
            patch.setattr(reaching, name, most)
            vector = Vector("U8", graph.size)
            asked = Reaching(graph, vector, 1, silent, Kernels())
            assert asked.condemn(1) == 0
            assert not any(vector.view)


def simple_formulas() -> list[Formula]:
    """What most properties say: all their automata have components of one state."""
    one, two = atom(0), atom(1)
    return [
        leads_to(one, two),
        op(Op.AND, leads_to(one, two), leads_to(two, one)),
        op(Op.EVENTUALLY, one),
        op(Op.ALWAYS, op(Op.EVENTUALLY, one)),
        op(Op.EVENTUALLY, op(Op.ALWAYS, one)),
        op(Op.OR, op(Op.ALWAYS, op(Op.EVENTUALLY, one)), op(Op.EVENTUALLY, two)),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_verdicts_on_usual_properties(seed: int) -> None:
    """2 x 300 graphs, as `test_random_graphs()`, where reaching has most to do."""
    random = Random(3000 + seed)
    violated = 0
    for number in range(300):
        formula = random.choice(simple_formulas())
        case = random_case(random, formula, 2, 8)
        tier = NativeKernels if number % 2 else Kernels
        decided = decide(case.graph(), Limits(), Silence(), lambda _, t=tier: t())
        verdict = decided.findings[0].verdict
        assert (verdict is Verdict.VIOLATED) is is_violated(case), case
        violated += verdict is Verdict.VIOLATED
    assert 50 < violated < 250
