"""Lemmas: clauses of two literals that are true in every reachable state.

A path that violates nothing is hard to refute because a solver does not know what no
state can be: that two processes hold one lock, or that a counter is low while many
hold a reference. Such facts are found once, for all frames of all engines.

The candidates are the pairs of values that no state of a sample has (`pairs.py`).
Those that the initial states or a step lead out of are given up until what remains is
inductive: then it holds, whatever the sample was, and it is the largest such set
(Flanagan, Leino, "Houdini, an annotation assistant for ESC/Java", FME 2001). What is
to be given up is shown by states: found by the solver, or, which is much cheaper, by
steps of the explorer from random states that satisfy all candidates. All that follows
such a state has to satisfy what will remain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from modelcheck.explore.state_sample import Walker, walk_states
from modelcheck.model.clauses import Literal, literal_term
from modelcheck.model.program import State
from modelcheck.model.terms import TRUE, Term, and_, not_
from modelcheck.solve.cubes import Alphabet, Cube
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.pairs import Pair, Pairs
from modelcheck.solve.session import Answer, Session, raise_if_ended
from modelcheck.solve.translate import Z3, Expr

SAMPLES = 20_000
"""How many reachable states are looked at first."""

WORTH = 10_000_000
"""Lemmas are looked for once z3 has done so much work, in its resource units.

That is about two seconds: a small model has been decided by then.
"""

ATTEMPTS = 2_000
"""So many random states are tried in one go, and again ..."""

YIELD = 0.002
"""... as long as this part of them leads to something new."""

NEARBY = 100
"""So many random states like one that the solver has found are tried."""


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
        self._encoding = encoding
        self._session = session
        self._worth = worth
        self._is_found = False
        self.cubes: tuple[Cube, ...] = ()
        self.term: Term = TRUE

    def are_due(self, work: int) -> bool:
        """Whether z3 has worked so much, in vain, that it is time to look for them."""
        return not self._is_found and self._worth is not None and work >= self._worth

    def find(self, sample: Sequence[State] | None = None) -> None:
        """Look for the lemmas; `sample` are reachable states, if some are known."""
        self._is_found = True
        model = self._encoding.model
        if sample is None:
            sample, _ = walk_states(model, SAMPLES)
        self.alphabet = Alphabet(self._encoding)
        pairs = Pairs(model, self.alphabet.features)
        walker = Walker(model)
        rows = [pairs.row(state) for state in sample]
        for row in rows:
            pairs.add(row)
        _roam(pairs, rows, walker)
        try:
            self._settle(pairs, walker)
        except _GaveUpError:
            return
        self.cubes = tuple(map(pairs.cube, pairs.apart()))
        excluded = (not_(_term(self.alphabet, cube)) for cube in self.cubes)
        self.term = and_(*excluded)

    def exclude(self, bad: Term) -> bool:
        """Whether no state that satisfies the lemmas is a `bad` one."""
        if not self.cubes:
            return False
        session = self._session()
        session.add(*self._encoding.choices(0), *self._encoding.ranges(0))
        reply = session.ask(self._encoding.at(and_(self.term, bad), 0))
        raise_if_ended(reply)
        return reply.answer is Answer.NO

    def _settle(self, pairs: Pairs, walker: Walker) -> None:
        """Give up all pairs that the initial states or a step lead out of."""
        encoding, (here, there) = self._encoding, self.alphabet.definitions
        start, step = self._session(), self._session()
        start.add(*encoding.choices(-1), encoding.initial(), *here)
        step.add(*encoding.choices(0), *encoding.ranges(0), *here, *there)
        step.add(encoding.at(encoding.inside, 0), encoding.transition(0))
        for session, frame in ((start, 0), (step, 1)):
            escapes = _Escapes(encoding, self.alphabet, pairs, walker, session, frame)
            escapes.meet_all()


class _GaveUpError(Exception):
    """z3 does not know, with either seed."""


class _Escapes:
    """The solver's search for states of a frame that have values apart till now."""

    def __init__(
        self,
        encoding: Encoding,
        alphabet: Alphabet,
        pairs: Pairs,
        walker: Walker,
        session: Session,
        frame: int,
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._alphabet = alphabet
        self._pairs = pairs
        self._walker = walker
        self._session = session
        self._frame = frame
        self._random = Random(1)  # noqa: S311 - no secret is made of it
        self._rounds = 0
        self._named: dict[Pair, Expr] = {}
        self._apart: dict[Pair, Expr] = {}

    def meet_all(self) -> None:
        """Add states until the frame has no others.

        They are states after a step (frame 1) from one without the pairs that are
        apart, or initial states (frame 0).
        """
        while apart := self._pairs.apart():
            self._update(apart)
            reply = self._session.ask_assuming((self._some, *self._apart.values()))
            if reply.answer is Answer.NO:
                return
            raise_if_ended(reply)
            if reply.answer is not Answer.YES:
                raise _GaveUpError
            self._meet(self._encoding.states(reply.model, self._frame + 1)[-1])

    def _update(self, apart: Sequence[Pair]) -> None:
        """Ask for one of these pairs from now on; they are not all new."""
        gone = self._named.keys() - {*apart}
        for pair in sorted(gone):
            self._session.add(self._z3.Not(self._named.pop(pair)))
            if self._frame:
                self._session.add(self._z3.Not(self._apart.pop(pair)))
        # A value that no state had is apart from others, once a state has it.
        new = [pair for pair in apart if pair not in self._named]
        for pair in new:
            self._name(pair)
        if new:
            self._rounds += 1
            name = f"some pair, {self._rounds}"
            self._some = self._z3.Bool(name, self._encoding.context)
            some = [self._z3.Not(self._some), *self._named.values()]
            self._session.add(self._z3.Or(some))

    def _name(self, pair: Pair) -> None:
        """Let a literal imply that the frame has the pair, one that frame 0 has not."""
        z3, alphabet = self._z3, self._alphabet
        cube = self._pairs.cube(pair)
        name = z3.Bool(f"pair {pair}", self._encoding.context)
        for *_, literal in alphabet.literals(cube, self._frame):
            self._session.add(z3.Implies(name, literal))
        self._named[pair] = name
        if self._frame:
            assumed = z3.Bool(f"apart {pair}", self._encoding.context)
            escapes = [z3.Not(assumed), *alphabet.escapes(cube, 0)]
            self._session.add(z3.Or(escapes))
            self._apart[pair] = assumed

    def _meet(self, state: State) -> None:
        """Add the state, and some of what follows it and states like it."""
        row = self._pairs.row(state)
        self._pairs.add(row)
        known = [row]
        for _ in range(NEARBY):
            known += _step(self._pairs, known, self._walker, self._random)


def _roam(pairs: Pairs, rows: Sequence[list[int]], walker: Walker) -> None:
    """Add what follows random states that have no pairs but those that have met."""
    known = list(rows)
    random = Random(1)  # noqa: S311 - no secret is made of it
    found = ATTEMPTS
    while known and found >= YIELD * ATTEMPTS:
        before = len(known)
        for _ in range(ATTEMPTS):
            known += _step(pairs, known, walker, random)
        found = len(known) - before


def _step(
    pairs: Pairs, known: Sequence[list[int]], walker: Walker, random: Random
) -> list[list[int]]:
    """Add what follows a state like one of those known; what of it is new."""
    packing = walker.packing
    row = pairs.variation(random.choice(known), random)
    state = None if row is None else pairs.state(row)
    if state is None:
        return []
    fresh = walker.fresh(walker.following(packing.pack(state)))
    return [row for row in map(pairs.row, map(packing.unpack, fresh)) if pairs.add(row)]


def _term(alphabet: Alphabet, cube: Cube) -> Term:
    """The cube as a term over the cells."""
    parts = ((alphabet.features[number], values) for number, values in cube.items())
    return and_(
        *(literal_term(f.cell, Literal(f.cell.index, v, f.bit)) for f, v in parts)
    )
