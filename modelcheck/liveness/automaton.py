"""From a formula to a generalised Büchi automaton with acceptance on transitions.

The construction is Couvreur's, "On-the-fly verification of linear temporal logic" (FM
1999), a tableau after Gerth, Peled, Vardi and Wolper (PSTV 1995): a state is a set of
formulas that the rest of the word must satisfy; a transition reads one letter, and
*promises* the right side of each `until` that it puts off. A word is accepted if some
run over it makes each promise not again and again without end: the acceptance set of an
`until` has the transitions that do not promise it.

With acceptance on transitions the usual properties need one or two states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modelcheck.liveness.ltl import FALSE, TRUE, Form, Ltl

MOST_TRANSITIONS = 2_000
"""A formula that needs more of them is refused: the product would not fit anywhere."""

MOST_SETS = 62
"""Acceptance sets are bits of a word, and so are atoms."""


class FormulaTooLarge(Exception):  # noqa: N818 - says what the formula is
    """The automaton of a formula would be too large."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Reads a letter in which all atoms of `true` and none of `false` hold.

    Both are sets of bits, and so is `marks`: the acceptance sets that it belongs to.
    """

    true: int
    false: int
    target: int
    marks: int


@dataclass(frozen=True, slots=True)
class Automaton:
    """States 0, the initial one, and up, with their transitions; `sets` to visit."""

    transitions: tuple[tuple[Transition, ...], ...]
    sets: int

    @property
    def may_wait(self) -> bool:
        """Whether it can stay in its initial state for ever, which accepts nothing.

        No other state leads back there, so that this is all about that state.
        """
        loops = [t for t in self.transitions[0] if not t.target]
        marks = 0
        for each in loops:
            marks |= each.marks
        return (
            any(not t.true and not t.false for t in loops)
            and marks != self.all_marks
            and all(t.target for ts in self.transitions[1:] for t in ts)
        )

    @property
    def all_marks(self) -> int:
        """The bits of all acceptance sets."""
        return (1 << self.sets) - 1

    def components(self) -> list[int]:
        """For each state the first one of its strongly connected component."""
        size = len(self.transitions)
        after = [1 << state for state in range(size)]
        for state, moves in enumerate(self.transitions):
            for move in moves:
                after[state] |= 1 << move.target
        # Warshall's closure, on bits.
        for middle in range(size):
            for state in range(size):
                if after[state] >> middle & 1:
                    after[state] |= after[middle]
        return [
            next(o for o in range(size) if after[s] >> o & 1 and after[o] >> s & 1)
            for s in range(size)
        ]


_Conjuncts = frozenset[Ltl]


@dataclass(frozen=True, slots=True)
class _Move:
    """A transition while the tableau grows; `after` is the set of formulas left."""

    true: int
    false: int
    after: _Conjuncts
    promises: frozenset[Ltl]

    def is_weaker(self, other: _Move) -> bool:
        """Whether every word that goes on by `other` can go on by this one as well."""
        return (
            not self.true & ~other.true
            and not self.false & ~other.false
            and self.after <= other.after
            and self.promises <= other.promises
        )


def automaton(formula: Ltl) -> Automaton:
    """An automaton that accepts exactly the words that satisfy `formula`.

    Raises `FormulaTooLarge`.
    """
    states = _pruned(_merged(_tableau(_conjuncts(formula))))
    promised = sorted(
        {p for moves in states.values() for move in moves for p in move.promises},
        key=lambda part: part.key,
    )
    if len(promised) > MOST_SETS:
        message = f"it has {len(promised)} eventualities; {MOST_SETS} can be dealt with"
        raise FormulaTooLarge(message)
    numbers = {state: number for number, state in enumerate(states)}
    return Automaton(
        tuple(
            tuple(
                Transition(
                    move.true,
                    move.false,
                    numbers[move.after],
                    sum(
                        1 << bit
                        for bit, promise in enumerate(promised)
                        if promise not in move.promises
                    ),
                )
                for move in moves
            )
            for moves in states.values()
        ),
        len(promised),
    )


def _conjuncts(formula: Ltl) -> _Conjuncts:
    if formula is TRUE or formula == TRUE:
        return frozenset()
    return frozenset(formula.args if formula.form is Form.AND else (formula,))


_States = dict[_Conjuncts, list[_Move]]


def _tableau(initial: _Conjuncts) -> _States:
    """All states that can be reached from `initial`, which comes first."""
    states: _States = {}
    waiting = [initial]
    size = 0
    while waiting:
        state = waiting.pop()
        if state in states:
            continue
        states[state] = _least(_moves(state))
        size += len(states[state])
        if size > MOST_TRANSITIONS:
            message = f"its automaton has more than {MOST_TRANSITIONS:,} transitions"
            raise FormulaTooLarge(message)
        waiting += [move.after for move in reversed(states[state])]
    return states


def _least(moves: Iterator[_Move]) -> list[_Move]:
    """The moves that no other one makes superfluous."""
    kept: list[_Move] = []
    for move in moves:
        if any(other.is_weaker(move) for other in kept):
            continue
        kept = [other for other in kept if not move.is_weaker(other)]
        kept.append(move)
        if len(kept) > MOST_TRANSITIONS:
            message = f"a state of it has more than {MOST_TRANSITIONS:,} transitions"
            raise FormulaTooLarge(message)
    return kept


@dataclass(frozen=True, slots=True)
class _Branch:
    """A state taken apart: formulas `open` to be dealt with, what is known `so_far`."""

    open: tuple[Ltl, ...]
    seen: _Conjuncts
    true: int = 0
    false: int = 0
    after: _Conjuncts = frozenset()
    promises: frozenset[Ltl] = frozenset()

    def but(
        self, *add: Ltl, after: Ltl | None = None, promise: Ltl | None = None
    ) -> _Branch:
        """The same without the first open formula, and with more."""
        return _Branch(
            (*add, *self.open[1:]),
            self.seen | {self.open[0]},
            self.true,
            self.false,
            self.after if after is None else self.after | _conjuncts(after),
            self.promises if promise is None else self.promises | {promise},
        )


def _moves(state: _Conjuncts) -> Iterator[_Move]:
    """What can be read in `state`; not all are needed."""
    first = tuple(sorted(state, key=lambda part: part.key))
    waiting = [_Branch(first, frozenset())]
    while waiting:
        branch = waiting.pop()
        if not branch.open:
            after = _without_implied(branch.after)
            yield _Move(branch.true, branch.false, after, branch.promises)
        elif branch.open[0] in branch.seen:
            waiting.append(branch.but())
        else:
            waiting += reversed(_expanded(branch))


def _expanded(branch: _Branch) -> list[_Branch]:
    """The ways in which the first open formula of `branch` can come true."""
    part = branch.open[0]
    match part.form:
        case Form.TRUE:
            return [branch.but()]
        case Form.FALSE:
            return []
        case Form.LITERAL:
            return _with_literal(branch, part)
        case Form.AND:
            return [branch.but(*part.args)]
        case Form.OR:
            return [branch.but(arg) for arg in part.args]
        case Form.NEXT:
            if part.args[0] == FALSE:
                return []
            return [branch.but(after=part.args[0])]
        case Form.UNTIL:
            left, right = part.args
            return [branch.but(right), branch.but(left, after=part, promise=part)]
    left, right = part.args
    return [branch.but(left, right), branch.but(right, after=part)]


def _with_literal(branch: _Branch, part: Ltl) -> list[_Branch]:
    true, false = branch.true, branch.false
    if part.is_negated:
        false |= 1 << part.atom
    else:
        true |= 1 << part.atom
    if true & false:
        return []
    rest = branch.but()
    return [_Branch(rest.open, rest.seen, true, false, rest.after, rest.promises)]


def _without_implied(state: _Conjuncts) -> _Conjuncts:
    """The same set without what an `always` in it says anyway."""
    said = {
        part
        for always in state
        if always.form is Form.RELEASE and always.args[0] == FALSE
        for part in _conjuncts(always.args[1])
    }
    return state - said


def _merged(states: _States) -> _States:
    """States with the same moves made one, again and again; the first comes first."""
    while True:
        leader: dict[frozenset[_Move], _Conjuncts] = {}
        into = {
            state: leader.setdefault(frozenset(moves), state)
            for state, moves in states.items()
        }
        if len(leader) == len(states):
            return states
        states = {
            state: _least(
                _Move(move.true, move.false, into[move.after], move.promises)
                for move in moves
            )
            for state, moves in states.items()
            if into[state] == state
        }


def _pruned(states: _States) -> _States:
    """Without moves to states from which nothing can be read for ever."""
    while True:
        dead = {state for state, moves in states.items() if not moves}
        first = next(iter(states))
        if not dead - {first}:
            return states
        states = {
            state: [move for move in moves if move.after not in dead]
            for state, moves in states.items()
            if state == first or state not in dead
        }
        if first in dead:
            return {first: []}
