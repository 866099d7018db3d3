"""The lemmas that a proof needs: not all of them belong into a certificate.

The solver says which lemmas an answer "no" depends on. Those that exclude the bad
states and keep the clauses of the proof come first; then those that keep these, and so
on until none is missing. With all other clauses of the proof they are inductive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelcheck.model.terms import FALSE, Term, or_
from modelcheck.solve.cubes import Cube
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.lemmas import Lemmas
from modelcheck.solve.session import Answer, Session, raise_if_ended
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
        self._cubes = lemmas.cubes
        self._blocked = blocked
        self._session = session()
        self._used = [
            z3.Bool(f"lemma {number}", encoding.context)
            for number in range(len(lemmas.cubes))
        ]
        self._moves = z3.Bool("moves", encoding.context)
        here, there = alphabet.definitions
        add = self._session.add
        add(*encoding.choices(0), *encoding.ranges(0), *here, *there)
        add(*(alphabet.clause(cube, 0) for cube in blocked))
        for used, cube in zip(self._used, self._cubes, strict=True):
            add(z3.Or(z3.Not(used), *alphabet.escapes(cube, 0)))
        step = encoding.at(encoding.inside, 0), encoding.transition(0)
        add(z3.Implies(self._moves, z3.And(step)))

    def of(self, bad: Sequence[Term]) -> tuple[Cube, ...]:
        """The lemmas that exclude the states `bad` and keep `blocked` and each other.

        All of them, if z3 does not know.
        """
        try:
            needed = self._needed(or_(*bad))
        except _GaveUpError:
            return self._cubes
        return tuple(self._cubes[number] for number in sorted(needed))

    def _needed(self, bad: Term) -> set[int]:
        needed: set[int] = set()
        if bad is not FALSE:
            needed |= self._core((), self._encoding.at(bad, 0))
        needed |= self._keeping(self._blocked)
        new = set(needed)
        while new:
            found = self._keeping([self._cubes[number] for number in sorted(new)])
            new = found - needed
            needed |= new
        return needed

    def _keeping(self, cubes: Sequence[Cube]) -> set[int]:
        """The lemmas by which no step leads into one of `cubes`."""
        if not cubes:
            return set()
        entered = (
            self._z3.And([literal for *_, literal in self._alphabet.literals(cube, 1)])
            for cube in cubes
        )
        return self._core((self._moves,), self._z3.Or(list(entered)))

    def _core(self, assumed: Sequence[Expr], formula: Expr) -> set[int]:
        reply = self._session.ask_assuming((*self._used, *assumed), formula)
        raise_if_ended(reply)
        if reply.answer is Answer.UNKNOWN:
            raise _GaveUpError
        assert reply.answer is Answer.NO, "the proof has a gap"
        return {place for place in reply.core if place < len(self._used)}


class _GaveUpError(Exception):
    """z3 does not know, with either seed."""
