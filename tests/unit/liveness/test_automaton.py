"""Automata accept the words that satisfy their formulas, and are small."""

from __future__ import annotations

from random import Random

import networkx as nx
import pytest

from modelcheck.liveness.automaton import Automaton, FormulaTooLarge, automaton
from modelcheck.liveness.ltl import normal
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.temporal import Formula
from tests.unit.liveness.formulas import (
    Word,
    atom,
    leads_to,
    op,
    random_formula,
    random_word,
    values,
)

P, Q, R = atom(0), atom(1), atom(2)
GF_P = op(Op.ALWAYS, op(Op.EVENTUALLY, P))
FG_P = op(Op.EVENTUALLY, op(Op.ALWAYS, P))


def accepts(found: Automaton, word: Word) -> bool:
    """Whether some run over the word visits every acceptance set again and again."""
    letters, loop = word
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_node((0, 0))
    for place, letter in enumerate(letters):
        after = place + 1 if place + 1 < len(letters) else loop
        for state, transitions in enumerate(found.transitions):
            for t in transitions:
                if letter & t.true == t.true and not letter & t.false:
                    graph.add_edge((place, state), (after, t.target), marks=t.marks)
    reached = {(0, 0)} | nx.descendants(graph, (0, 0))
    for component in nx.strongly_connected_components(graph.subgraph(reached)):
        inner = graph.subgraph(component).edges(data="marks")
        marks = 0
        for _, _, mark in inner:
            marks |= mark
        if inner and marks == found.all_marks:
            return True
    return False


@pytest.mark.parametrize("seed", range(12))
def test_random_formulas_on_random_words(seed: int) -> None:
    """12 x 100 formulas, nine words each: 10,800 cases."""
    random = Random(seed)
    for _ in range(100):
        formula = random_formula(random, 3, random.randint(1, 9))
        is_negated = bool(random.randrange(2))
        found = automaton(normal(formula, is_negated=is_negated))
        for _ in range(9):
            word = random_word(random, 3, 6)
            expected = values(formula, word)[0] is not is_negated
            assert accepts(found, word) is expected, (formula, word, is_negated)


@pytest.mark.parametrize(
    ("formula", "states", "sets"),
    [
        (op(Op.ALWAYS, P), 2, 1),
        (op(Op.EVENTUALLY, P), 1, 0),
        (GF_P, 2, 1),
        (FG_P, 1, 1),
        (leads_to(P, Q), 2, 1),
        (leads_to(P, op(Op.ALWAYS, Q)), 2, 2),
        (
            op(
                Op.OR,
                op(Op.NOT, GF_P),
                op(Op.ALWAYS, op(Op.EVENTUALLY, Q)),
            ),
            2,
            2,
        ),
        (op(Op.UNTIL, P, Q), 2, 0),
        (
            op(
                Op.OR,
                op(Op.NOT, P),
                op(Op.EVENTUALLY, op(Op.ALWAYS, Q)),
            ),
            2,
            1,
        ),
    ],
)
def test_the_negation_of_usual_properties_is_small(
    formula: Formula, states: int, sets: int
) -> None:
    found = automaton(normal(formula, is_negated=True))
    assert (len(found.transitions), found.sets) == (states, sets)


def test_what_cannot_be_is_empty() -> None:
    found = automaton(normal(op(Op.AND, P, op(Op.NOT, P))))
    assert found.transitions == ((),)


def test_a_formula_that_would_fill_the_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("modelcheck.liveness.automaton.MOST_TRANSITIONS", 200)
    parts = [
        op(
            Op.EVENTUALLY,
            op(Op.AND, atom(n), op(Op.NEXT, atom(n))),
        )
        for n in range(16)
    ]
    with pytest.raises(FormulaTooLarge, match="transitions"):
        automaton(normal(op(Op.AND, *parts)))
