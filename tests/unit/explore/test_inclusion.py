"""Inclusion of behaviours, against all visible words up to a length."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore.behaviour import (
    Alphabet,
    Behaviour,
    Return,
    Seen,
    View,
    plain,
    result_leaves,
    returns,
)
from modelcheck.explore.inclusion import Comparison, Inclusion
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.model.program import Kind, Model, Property, State, Step
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Assign, Mark, MarkKind
from modelcheck.model.terms import and_, const, le
from modelcheck.model.types import BOOL, NONE, IntType, SetType, Type
from modelcheck.verdict.verdicts import Stop
from tests.unit.explore.models import Builder, put
from tests.unit.explore.random_models import random_model

LENGTH = 4
Word = tuple[Seen, ...]


@dataclass(frozen=True)
class Watched:
    """The cells and functions that are observed, of any model."""

    cells: tuple[int, ...] = ()
    functions: dict[str, tuple[Type, ...]] = field(default_factory=dict)
    actors: frozenset[str] = frozenset()

    def of(self, model: Model, alphabet: Alphabet) -> Behaviour:
        view = View(plain(model, self.cells), self.functions, self.actors)
        return Behaviour(model, view, alphabet)


def compare(left: Model, right: Model, watched: Watched) -> tuple[Comparison, Alphabet]:
    """The search, with every symbol a kind of its own."""
    alphabet = Alphabet()
    left_side, right_side = (watched.of(model, alphabet) for model in (left, right))
    search = Inclusion(left_side, right_side, lambda *pair: pair, lambda _: None)
    return search.run(), alphabet


class Slow:
    """Visible words by the reference interpreter, state by state."""

    def __init__(self, model: Model, view: Watched) -> None:
        self.interpreter = Interpreter(model)
        self.view = view

    def seen(self, state: State) -> Seen:
        return Seen(tuple(state[cell] for cell in self.view.cells))

    def after(self, state: State) -> set[tuple[Seen | None, State]]:
        """What can be seen next, and where it leads; None is a silent step."""
        if not self.interpreter.is_inside(state):
            return set()
        found: set[tuple[Seen | None, State]] = set()
        for outcome in self.interpreter.successors(state):
            if outcome.state is not None:
                symbol = self.seen(outcome.state)
                is_silent = symbol == self.seen(state)
                found.add((None if is_silent else symbol, outcome.state))
        return found

    def words(self) -> dict[Word, int]:
        """The words of paths of up to LENGTH steps, and the fewest steps to each."""
        found: dict[Word, int] = {}
        front = {(state, (self.seen(state),)) for state in self.interpreter.initial()}
        for count in range(LENGTH + 1):
            for _, word in front:
                found.setdefault(word, count)
            front = {
                (after, word if symbol is None else (*word, symbol))
                for state, word in front
                for symbol, after in self.after(state)
            }
        return found

    def has(self, word: Word) -> bool:
        """Whether some path shows `word`."""
        start = {s for s in self.interpreter.initial() if self.seen(s) == word[0]}
        states = self._closed(start)
        for symbol in word[1:]:
            ends = {
                end for s in states for shown, end in self.after(s) if shown == symbol
            }
            states = self._closed(ends)
        return bool(states)

    def _closed(self, states: set[State]) -> set[State]:
        while True:
            silent = {end for s in states for shown, end in self.after(s) if not shown}
            if silent <= states:
                return states
            states = states | silent


def check(left: Model, right: Model, view: Watched) -> None:
    """What is found is a word of the left alone; none is missed, the shortest first."""
    found, alphabet = compare(left, right, view)
    ours, theirs = Slow(left, view), Slow(right, view)
    only = {word: n for word, n in ours.words().items() if not theirs.has(word)}
    lengths = [len(each.path) - 1 for each in found.differences]
    assert lengths == sorted(lengths)
    assert min(only.values(), default=None) == min(
        (n for n in lengths if n <= LENGTH), default=None
    )
    for each in found.differences:
        word = shown_along(ours, each.path)
        assert alphabet.symbols[each.symbol] == word[-1]
        assert not theirs.has(word)
        assert len(word) == 1 or theirs.has(word[:-1])
        for symbol in each.instead if len(word) > 1 else ():
            assert theirs.has((*word[:-1], alphabet.symbols[symbol]))


def shown_along(slow: Slow, path: tuple[State, ...]) -> Word:
    word = [slow.seen(path[0])]
    for state in path[1:]:
        if slow.seen(state) != word[-1]:
            word.append(slow.seen(state))
    return tuple(word)


def without(model: Model, lost: int) -> Model:
    """The model without its step number `lost`, if it has one."""
    kept = [step for step in model.steps if step.index != lost]
    numbered = tuple(replace(step, index=index) for index, step in enumerate(kept))
    return replace(model, steps=numbered)


def fails_initially(model: Model) -> bool:
    """Whether a check fails on the way to an initial state."""
    start = Step(0, "initialisation", "start", model.init)
    outcomes = Interpreter(model).outcomes(start, model.zero)
    return any(outcome.failed is not None for outcome in outcomes)


@settings(max_examples=80)
@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(-1, 2))
def test_agrees_with_all_words(seed: int, lost: int, hidden: int) -> None:
    whole, other = (
        replace(random_model(Random(number).randint), constraints=())
        for number in (seed, seed + 1)
    )
    part = without(whole, lost)
    cells = tuple(cell.index for cell in whole.cells if cell.index != hidden)
    view = Watched(cells)
    if fails_initially(whole) or fails_initially(other):
        with pytest.raises(EvaluationError, match="initial states"):
            compare(whole, other, view)
        return
    check(whole, part, view)
    assert not compare(part, whole, view)[0].differences
    check(other, whole, Watched((0,)))


def returning(*results: int, actor: str = "a") -> Model:
    """Counts to the number of `results`; each step returns one of them from f()."""
    builder = Builder()
    cell = builder.number("x", 0, 3)
    for number, result in enumerate(results):
        value = (("", IntType(0, 4), Shape(const(result))),)
        builder.step(
            actor,
            *(put(cell, const(number + 1))),
            Mark(MarkKind.RETURN, "f", value),
            at=(cell.index, number),
        )
    return builder.model()


CALLS = Watched((), {"f": (IntType(0, 4),)}, frozenset({"a"}))


def test_results_of_functions_are_seen() -> None:
    found, alphabet = compare(returning(1, 2), returning(1, 3), CALLS)
    (only,) = found.differences
    assert [state[0] for state in only.path] == [0, 1, 2]
    assert alphabet.symbols[only.symbol].returns == (Return("a", "f", 2),)
    assert [alphabet.symbols[n].returns for n in only.instead] == [
        (Return("a", "f", 3),)
    ]


def test_an_actor_that_both_have_is_seen() -> None:
    assert compare(returning(1), returning(1, actor="b"), CALLS)[0].differences
    nobody = Watched((), CALLS.functions)
    assert not compare(returning(1), returning(1, actor="b"), nobody)[0].differences


def test_returns_of_sets_and_of_mixed_types_are_not_compared() -> None:
    builder = Builder()
    nothing: Shape[object] = Shape(items=())
    marked = {"f": [BOOL, NONE], "g": [BOOL, BOOL], "h": [SetType(BOOL)]}
    for name, types in marked.items():
        for type_ in types:
            value = (("", type_, nothing),) if type_ is not NONE else ()
            builder.step("a", Mark(MarkKind.RETURN, name, value))  # type: ignore[arg-type]
    builder.flag("x")
    assert returns(builder.model()) == {"g": (BOOL,)}


def test_the_rank_of_a_result_gives_its_leaves_back() -> None:
    types = (IntType(-1, 3), BOOL)
    leaves = [result_leaves(types, rank) for rank in range(10)]
    assert leaves == [(n, flag) for n in range(-1, 4) for flag in (0, 1)]


def test_a_constraint_makes_the_comparison_incomplete() -> None:
    model = returning(1, 2)
    cell = model.cells[0]
    small = Property("small", Kind.CONSTRAINT, (), and_(le(cell.now, const(0))))
    cut = replace(model, constraints=(small,))
    found, _ = compare(cut, model, CALLS)
    assert not found.differences
    assert found.stops == {Stop.CONSTRAINT}


def test_is_over_ends_the_search() -> None:
    alphabet = Alphabet()
    model = returning(1, 2)
    sides = [CALLS.of(model, alphabet) for _ in range(2)]
    search = Inclusion(*sides, lambda *pair: pair, lambda _: Stop.TIME)
    assert search.run().stops == {Stop.TIME}


@pytest.mark.parametrize("start", [0, 1])
def test_initial_states_are_compared(start: int) -> None:
    def counter(value: int) -> Model:
        builder = Builder()
        (cell,) = builder.variable("x", IntType(0, 1), value)
        builder.step("stay", Assign(cell.index, cell.now))
        return builder.model()

    view = Watched((0,))
    found, _ = compare(counter(0), counter(start), view)
    assert [each.path for each in found.differences] == [((0,),)] * start
