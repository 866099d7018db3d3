"""What is left of candidates for lemmas: those that nothing leads out of.

The candidates are all pairs and equations that no state added so far breaks. Those that
the initial states or a step lead out of are given up until what remains is inductive:
then it holds, whatever states were added first, and it is the largest such set
(Flanagan, Leino, "Houdini, an annotation assistant for ESC/Java", FME 2001). What is
to be given up is shown by states: found by the solver, or, which is much cheaper, by
steps of the explorer from random states that satisfy all candidates. All that follows
such a state has to satisfy what will remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from random import Random
from typing import TypeAlias

from modelcheck.explore.state_sample import Walker
from modelcheck.model.program import Model, State
from modelcheck.solve.cubes import Alphabet
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.equations import CONSTANT, Equation, Equations
from modelcheck.solve.pairs import Pair, Pairs
from modelcheck.solve.session import Answer, Session, raise_if_ended
from modelcheck.solve.translate import Z3, Expr
from modelcheck.solve.values import Values

Lemma: TypeAlias = Pair | Equation

ATTEMPTS = 2_000
"""So many random states are tried in one go, and again ..."""

YIELD = 0.002
"""... as long as this part of them leads to something new."""

NEARBY = 400
"""So many random states like one that the solver has found are tried."""


class GaveUpError(Exception):
    """z3 does not know, with either seed."""


class Candidates:
    """Pairs and equations, of which states show which are none."""

    def __init__(self, values: Values, *, has_pairs: bool = True) -> None:
        self.values = values
        self.pairs = Pairs(values)
        self.equations = Equations(values)
        self._has_pairs = has_pairs

    def add(self, row: Sequence[int]) -> bool:
        """Give up what the state breaks; whether there was something."""
        have_met, is_unlike = self.pairs.add(row), self.equations.add(row)
        return have_met or is_unlike

    def __iter__(self) -> Iterator[Lemma]:
        """What has not been given up. A value that no state has is a pair."""
        for pair in self.pairs.apart():
            if self._has_pairs or pair[0] == pair[1]:
                yield pair
        yield from (each for each in self.equations if len(each.parts) > 1)

    def variation(self, row: Sequence[int], random: Random) -> State | None:
        """A random state like `row` that breaks none, if one is found."""
        varied = self.pairs.variation(row, random)
        if varied is None or not self.equations.has(varied):
            return None
        return self.values.state(varied)


class Explorer:
    """Steps from random states, which show what candidates are to be given up."""

    def __init__(self, model: Model, candidates: Candidates) -> None:
        self._walker = Walker(model)
        self._candidates = candidates
        self._random = Random(1)  # noqa: S311 - no secret is made of it

    def roam(self, rows: Sequence[list[int]]) -> None:
        """Add what follows random states like `rows` that break no candidate."""
        known = list(rows)
        found = ATTEMPTS
        while known and found >= YIELD * ATTEMPTS:
            before = len(known)
            self._vary(known, ATTEMPTS)
            found = len(known) - before

    def meet(self, state: State) -> None:
        """Add the state, and some of what follows it and states like it."""
        row = self._candidates.values.row(state)
        self._candidates.add(row)
        self._vary([row], NEARBY)

    def _vary(self, known: list[list[int]], attempts: int) -> None:
        """Try states like one of those known; add what is new to them."""
        candidates, walker = self._candidates, self._walker
        pack, unpack = walker.packing.pack, walker.packing.unpack
        for _ in range(attempts):
            state = candidates.variation(self._random.choice(known), self._random)
            if state is None:
                continue
            following = walker.fresh(walker.following(pack(state)))
            rows = map(candidates.values.row, map(unpack, following))
            known += [row for row in rows if candidates.add(row)]


class Escapes:
    """The solver's search for states of a frame that break candidates.

    They are states after a step (frame 1) from one that breaks none, or initial states
    (frame 0); `session` knows the steps, or the initialisation, and the alphabet.
    """

    def __init__(
        self,
        encoding: Encoding,
        alphabet: Alphabet,
        candidates: Candidates,
        explorer: Explorer,
        session: Session,
        frame: int,
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._candidates = candidates
        self._explorer = explorer
        self._session = session
        self._frame = frame
        self._literals = [literals(alphabet, candidates.values, at) for at in (0, 1)]
        self._rounds = 0
        self._numbers = count()
        self._broken: dict[Lemma, Expr] = {}
        self._assumed: dict[int | Equation, tuple[Sequence[Lemma], Expr]] = {}

    def meet_all(self) -> list[Lemma]:
        """Add states until no other breaks a candidate; the candidates left."""
        while left := list(self._candidates):
            self._update(left)
            assumed = (literal for _, literal in self._assumed.values())
            reply = self._session.ask_assuming((self._some, *assumed))
            if reply.answer is Answer.NO:
                return left
            raise_if_ended(reply)
            if reply.answer is not Answer.YES:
                raise GaveUpError
            self._explorer.meet(self._encoding.states(reply.model, self._frame + 1)[-1])
        return []

    def _update(self, left: Sequence[Lemma]) -> None:
        """Ask for one of these from now on; they are not all new."""
        gone = self._broken.keys() - {*left}
        for lemma in sorted(gone, key=str):
            self._session.add(self._z3.Not(self._broken.pop(lemma)))
        if self._frame:
            self._assume(left)
        # What is given up can leave others: a value that no state had is apart from
        # others, once a state has it.
        new = [lemma for lemma in left if lemma not in self._broken]
        for lemma in new:
            self._name(lemma)
        if new:
            self._rounds += 1
            name = f"some lemma, {self._rounds}"
            self._some = self._z3.Bool(name, self._encoding.context)
            some = [self._z3.Not(self._some), *self._broken.values()]
            self._session.add(self._z3.Or(some))

    def _name(self, lemma: Lemma) -> None:
        """Let a literal say that the frame breaks it."""
        z3 = self._z3
        broken = z3.Bool(f"broken {lemma}", self._encoding.context)
        holds = formula(lemma, self._literals[self._frame])
        self._session.add(z3.Implies(broken, z3.Not(holds)))
        self._broken[lemma] = broken

    def _assume(self, left: Sequence[Lemma]) -> None:
        """Let literals say that frame 0 breaks none of these.

        One for all pairs with one value: z3 takes long to assume thousands.
        """
        z3, session = self._z3, self._session
        groups: dict[int | Equation, list[Lemma]] = {}
        for lemma in left:
            key = lemma.one if isinstance(lemma, Pair) else lemma
            groups.setdefault(key, []).append(lemma)
        for key in sorted(self._assumed.keys() - groups.keys(), key=str):
            session.add(z3.Not(self._assumed.pop(key)[1]))
        for key, members in groups.items():
            known, literal = self._assumed.get(key, ((), None))
            if known == members:
                continue
            if literal is not None:
                session.add(z3.Not(literal))
            # A literal that was given up is false for good: each has its own name.
            name = f"assumed, {next(self._numbers)}"
            literal = z3.Bool(name, self._encoding.context)
            holds = (formula(lemma, self._literals[0]) for lemma in members)
            session.add(*(z3.Implies(literal, each) for each in holds))
            self._assumed[key] = members, literal


def literals(alphabet: Alphabet, values: Values, frame: int) -> Callable[[int], Expr]:
    """The literals of the values in a frame of the alphabet, by number."""
    return lambda number: alphabet.literal(*values.all[number], frame)


def formula(lemma: Lemma, literal: Callable[[int], Expr]) -> Expr:
    """The lemma, over the literals of its values."""
    import z3

    if isinstance(lemma, Pair):
        return z3.Or([z3.Not(literal(value)) for value in sorted({*lemma})])
    weighted, total = [], 0
    for value, weight in lemma.parts:
        if value == CONSTANT:
            total -= weight
        elif weight > 0:
            weighted.append((literal(value), weight))
        else:
            # -x is 1 less than the opposite of x.
            weighted.append((z3.Not(literal(value)), -weight))
            total -= weight
    return z3.PbEq(weighted, total)
