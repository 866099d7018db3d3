"""The lemmas that a proof needs: not all of them belong into a certificate.

The solver says which lemmas an answer "no" depends on. Those that exclude the bad
states and keep the clauses of the proof come first; then those that keep these, one by
one, until none is missing. With the clauses of the proof they are inductive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from modelcheck.model.terms import FALSE, Term, or_
from modelcheck.solve.cubes import Cube
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.escapes import Lemma, formula, literals
from modelcheck.solve.lemmas import Lemmas
from modelcheck.solve.session import Answer, Reply, Session, raise_if_ended
from modelcheck.solve.translate import Z3, Expr


class Support:
    """What depends on which of the `lemmas`, in states outside the cubes `blocked`."""

    def __init__(
        self,
        encoding: Encoding,
        lemmas: Lemmas,
        session: Callable[[], Session],
        blocked: Sequence[Cube],
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._alphabet = alphabet = lemmas.alphabet
        self._lemmas = lemmas.all
        self._blocked = blocked
        self._session = session()
        self._session.minimise_cores()
        self._used = [
            z3.Bool(f"lemma {number}", encoding.context)
            for number in range(len(lemmas.all))
        ]
        self._moves = z3.Bool("moves", encoding.context)
        here, there = alphabet.definitions
        add = self._session.add
        add(*encoding.choices(0), *encoding.ranges(0), *here, *there)
        add(*(alphabet.clause(cube, 0) for cube in blocked))
        here_is, self._there = (literals(alphabet, lemmas.values, at) for at in (0, 1))
        for used, lemma in zip(self._used, self._lemmas, strict=True):
            add(z3.Implies(used, formula(lemma, here_is)))
        step = encoding.at(encoding.inside, 0), encoding.transition(0)
        add(z3.Implies(self._moves, z3.And(step)))

    def of(self, bad: Sequence[Term]) -> tuple[Lemma, ...]:
        """The lemmas that exclude the states `bad` and keep `blocked` and each other.

        All of them, if z3 does not know.
        """
        entered = [
            self._z3.And([literal for *_, literal in self._alphabet.literals(cube, 1)])
            for cube in self._blocked
        ]
        goals = [self._z3.And(self._moves, cube) for cube in entered]
        if (anything := or_(*bad)) is not FALSE:
            goals.append(self._encoding.at(anything, 0))
        return self._kept(goals, ())

    def closure(self, lemmas: Iterable[Lemma]) -> tuple[Lemma, ...]:
        """These lemmas and those that keep them; all there are, if z3 does not know."""
        return self._kept((), lemmas)

    def _kept(self, goals: Sequence[Expr], given: Iterable[Lemma]) -> tuple[Lemma, ...]:
        """`given`, what makes the goals impossible, and what keeps all of these."""
        chosen = {*given}
        needed = {n for n, lemma in enumerate(self._lemmas) if lemma in chosen}
        try:
            for goal in goals:
                needed |= self._more(needed, goal)
            left = sorted(needed)
            while left:
                lemma = formula(self._lemmas[left.pop()], self._there)
                goal = self._z3.And(self._moves, self._z3.Not(lemma))
                more = self._more(needed, goal)
                needed |= more
                left += sorted(more)
        except _GaveUpError:
            return self._lemmas
        return tuple(self._lemmas[number] for number in sorted(needed))

    def _more(self, needed: set[int], goal: Expr) -> set[int]:
        """What makes `goal` impossible; nothing, if what is needed anyway does."""
        known = [self._used[number] for number in sorted(needed)]
        if self._reply(known, goal).answer is Answer.NO:
            return set()
        reply = self._reply(self._used, goal)
        assert reply.answer is Answer.NO, "the proof has a gap"
        return set(reply.core) - needed

    def _reply(self, assumed: Sequence[Expr], goal: Expr) -> Reply:
        reply = self._session.ask_assuming(assumed, goal)
        raise_if_ended(reply)
        if reply.answer is Answer.UNKNOWN:
            raise _GaveUpError
        return reply


class _GaveUpError(Exception):
    """z3 does not know, with either seed."""
