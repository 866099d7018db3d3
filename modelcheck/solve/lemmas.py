"""Lemmas: clauses of two literals, and equations, true in every reachable state.

A path that violates nothing is hard to refute because a solver does not know what no
state can be: that two processes hold one lock, or that a counter is low while many
hold a reference. Such facts are found once, for all frames of all engines.

They are pairs of values that no state has both of (`pairs.py`) and linear equations
between values (`equations.py`): all those that no state of a sample breaks, without
those that the initial states or a step lead out of (`escapes.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from modelcheck.explore.state_sample import walk_states
from modelcheck.model.clauses import Balance, Clause, literal_term
from modelcheck.model.program import State
from modelcheck.model.terms import Term
from modelcheck.solve.cubes import Alphabet, Cube
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.equations import CONSTANT, Equation
from modelcheck.solve.escapes import (
    Candidates,
    Escapes,
    Explorer,
    GaveUpError,
    Lemma,
    formula,
    literals,
)
from modelcheck.solve.pairs import Pair
from modelcheck.solve.session import Answer, Session, raise_if_ended
from modelcheck.solve.translate import Z3, Expr
from modelcheck.solve.values import Values

SAMPLES = 20_000
"""How many reachable states are looked at first."""

WORTH = 10_000_000
"""Lemmas are looked for once z3 has done so much work, in its resource units.

That is about two seconds: a small model has been decided by then.
"""


class Lemmas:
    """The lemmas of one model: none until `find()` has been called.

    `session` makes a new solver. A question that z3 does not answer leaves no lemmas.
    """

    def __init__(
        self,
        encoding: Encoding,
        session: Callable[[], Session],
        worth: int | None = WORTH,
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._session = session
        self._worth = worth
        self._is_found = False
        self.all: tuple[Lemma, ...] = ()

    def are_due(self, work: int) -> bool:
        """Whether z3 has worked so much, in vain, that it is time to look for them."""
        return not self._is_found and self._worth is not None and work >= self._worth

    def find(self, sample: Sequence[State] | None = None) -> None:
        """Look for the lemmas; `sample` are reachable states, if some are known."""
        self._is_found = True
        encoding = self._encoding
        if sample is None:
            sample, _ = walk_states(encoding.model, SAMPLES)
        self.alphabet = Alphabet(encoding)
        self.values = Values(encoding.model, self.alphabet.features)
        try:
            self.all = tuple(self._settled(sample))
        except GaveUpError:
            return
        literal = list(map(self._template_of, self.values.all)).__getitem__
        self._templates = [formula(lemma, literal) for lemma in self.all]
        self._template = self._z3.And(self._templates)

    def at(self, frame: int) -> Expr:
        """That they hold in a frame."""
        return self._encoding.instance(self._template, frame)

    def each(self, frame: int) -> Iterator[Expr]:
        """For each of them, that it holds in a frame."""
        return (self._encoding.instance(part, frame) for part in self._templates)

    def readable(
        self, lemmas: Iterable[Lemma]
    ) -> tuple[tuple[Clause, ...], tuple[Balance, ...]]:
        """Lemmas as clauses and balances over cells."""
        clauses: list[Clause] = []
        balances: list[Balance] = []
        for lemma in lemmas:
            if isinstance(lemma, Pair):
                clauses.append(self.alphabet.readable(self._cube(lemma)))
            else:
                balances.append(self._balance(lemma))
        return tuple(clauses), tuple(balances)

    def exclude(self, bad: Term) -> bool:
        """Whether no state that satisfies the lemmas is a `bad` one."""
        if not self.all:
            return False
        encoding, session = self._encoding, self._session()
        session.add(*encoding.choices(0), *encoding.ranges(0), self.at(0))
        reply = session.ask(encoding.at(bad, 0))
        raise_if_ended(reply)
        return reply.answer is Answer.NO

    def _settled(self, sample: Sequence[State]) -> list[Lemma]:
        """What neither the initial states nor a step lead out of.

        Equations first, alone: what is left of them then is known when the rest, and
        all the equations again, are looked at together with the pairs.
        """
        rows = list(map(self.values.row, sample))
        left: list[Lemma] = []
        for has_pairs in (False, True):
            candidates = Candidates(self.values, has_pairs=has_pairs)
            for row in rows:
                candidates.add(row)
            explorer = Explorer(self._encoding.model, candidates)
            if has_pairs:
                explorer.roam(rows)
            known, left = left, self._settle(candidates, explorer, left)
            if not candidates.equations.is_whole:
                # What was known, and may be needed, need not follow from the others.
                left += [lemma for lemma in known if lemma not in {*left}]
        return left

    def _settle(
        self, candidates: Candidates, explorer: Explorer, known: Sequence[Lemma]
    ) -> list[Lemma]:
        """Give up what the initial states or a step lead out of; what is left."""
        encoding, (here, there) = self._encoding, self.alphabet.definitions
        start, step = self._session(), self._session()
        start.add(*encoding.choices(-1), encoding.initial(), *here)
        step.add(*encoding.choices(0), *encoding.ranges(0), *here, *there)
        step.add(encoding.at(encoding.inside, 0), encoding.transition(0))
        for frame in (0, 1):
            literal = literals(self.alphabet, self.values, frame)
            step.add(*(formula(lemma, literal) for lemma in known))
        left: list[Lemma] = []
        for session, frame in ((start, 0), (step, 1)):
            escapes = Escapes(
                encoding, self.alphabet, candidates, explorer, session, frame
            )
            left = escapes.meet_all()
        return left

    def _template_of(self, part: tuple[int, int]) -> Expr:
        """The template of the literal that a feature has a value."""
        number, value = part
        feature = self.alphabet.features[number]
        literal = feature.literal(frozenset({value}))
        return self._encoding.template(literal_term(feature.cell, literal))

    def _cube(self, pair: Pair) -> Cube:
        """The states that have both values."""
        parts = (self.values.all[value] for value in {*pair})
        return {number: frozenset({value}) for number, value in parts}

    def _balance(self, equation: Equation) -> Balance:
        """The equation, with a literal for all values of a feature of one weight."""
        total = 0
        sets: dict[tuple[int, int], set[int]] = {}
        for place, weight in equation.parts:
            if place == CONSTANT:
                total -= weight
            else:
                number, value = self.values.all[place]
                sets.setdefault((number, weight), set()).add(value)
        parts = (
            (self.alphabet.features[number].literal(frozenset(values)), weight)
            for (number, weight), values in sets.items()
        )
        return Balance(tuple(parts), total)
