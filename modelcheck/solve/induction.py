"""k-induction: what no path violates in k steps and k good states do not lead out of.

Sheeran, Singh, Stålmarck, "Checking safety properties using induction and a
SAT-solver", FMCAD 2000. The base is bounded model checking, which asks about paths of
every length by itself, so that a path which cannot go on is a path like any other. The
step is asked about any path of k steps, with all states different: a shortest path to
a bad state repeats none. That they differ is stated for those pairs of states that z3
made equal (Eén, Sörensson, "Temporal induction by incremental SAT solving", 2003).

All open properties are proved together, each with the help of the others: those that
a step leads out of are left out until no step leads out of what remains. That set is
the largest one for this k (Flanagan, Leino, "Houdini", 2001). Once the base has found
lemmas (`lemmas.py`) they are so in all states of the step but the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from time import monotonic

from modelcheck.explore.book import VOID, Book
from modelcheck.model.clauses import Balance, Clause
from modelcheck.model.program import Kind, Model
from modelcheck.model.terms import FALSE, not_, or_
from modelcheck.solve.bmc import Search
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.escapes import Lemma
from modelcheck.solve.lemmas import WORTH, Lemmas
from modelcheck.solve.session import (
    Answer,
    EndedError,
    Reply,
    Session,
    raise_if_ended,
)
from modelcheck.solve.support import Support
from modelcheck.solve.targets import Target, targets
from modelcheck.solve.translate import Z3, Expr
from modelcheck.verdict.verdicts import (
    Finding,
    Findings,
    Limits,
    Proof,
    Stop,
    Verdict,
    Watch,
)


class Induction:
    """The engine "induct".

    `limits.depth` bounds k and the length of the paths that the base looks at. `logic`,
    `effort` and `worth` are those of `BoundedChecker`.
    """

    name = "induct"

    def __init__(
        self,
        logic: str = "QF_FD",
        effort: int | None = None,
        worth: int | None = WORTH,
    ) -> None:
        self._logic = logic
        self._effort = effort
        self._worth = worth

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Prove or refute what `limits` asks for, or go on for ever if it sets none.

        Raises `PropertyError` where a check inside a property or constraint fails.
        """
        started = monotonic()
        deadline = None if limits.seconds is None else started + limits.seconds
        search = Search(model, limits, watch, self.name)
        run = _Run(model, search)
        try:
            encoding = Encoding(model)

            def session() -> Session:
                return Session(
                    encoding.context,
                    self._logic,
                    deadline,
                    self._effort,
                    watch.is_interrupted,
                )

            lemmas = Lemmas(encoding, session, self._worth)
            run.begin(encoding, session, lemmas)
            while not run.is_over():
                run.advance()
        except EndedError as end:
            search.stops.add(end.stop)
        except KeyboardInterrupt:
            search.stops.add(Stop.INTERRUPT)
        return run.findings(monotonic() - started)


class _Run:
    """One run: the base in `search`, the step here, and what has been proved."""

    def __init__(self, model: Model, search: Search) -> None:
        self._model = model
        self._search = search
        self._targets: list[Target] = []
        self._proved: dict[str, int] = {}
        self._is_void = False
        self._step: _StepCase | None = None

    def begin(
        self, encoding: Encoding, session: Callable[[], Session], lemmas: Lemmas
    ) -> None:
        """Look at the initial states, and at one state of any kind."""
        search, base = self._search, session()
        self._lemmas = lemmas
        self._supported = partial(Support, encoding, lemmas, session, ())
        search.begin(encoding, base, lemmas)
        self._is_void = base.ask().answer is Answer.NO
        book = Book(self._model, Limits())
        self._targets = targets(encoding, search.asked, book.property_of)
        self._step = _StepCase(encoding, session(), self._targets)

    def is_over(self) -> bool:
        """Whether nothing is left to prove, or the limit on depth is met."""
        search = self._search
        is_settled = not self._open() or search.is_decided_by_paths()
        return self._is_void or is_settled or search.is_deep_enough()

    def advance(self) -> None:
        """Look one step further, and try to prove what is open with one more k.

        After all paths of k steps, each of their first k states has been looked at
        with all that can be done from there.
        """
        self._search.deepen()
        k = self._search.completed
        candidates = self._candidates()
        assert self._step is not None, "begin() comes first"
        if self._lemmas.all:
            self._step.use(self._lemmas)
        proved = self._step.prove(k, candidates) if self._open() else []
        for target in proved:
            if target.name in self._proved:
                continue
            self._proved[target.name] = k
            if target.prop is not None:
                self._search.settle(_proved(target, k))

    def _open(self) -> list[Target]:
        """What is neither proved nor refuted, and matters to what is asked."""
        return [
            target
            for target in self._targets
            if target.name not in self._proved
            and (
                self._search.is_open(target.prop)
                if target.prop is not None
                else not self._is_cut()
            )
        ]

    def _candidates(self) -> list[Target]:
        """What is open, and what has been proved, for it helps."""
        opened = self._open()
        return [t for t in self._targets if t in opened or t.name in self._proved]

    def _is_cut(self) -> bool:
        """Whether something is cut off, or no one knows."""
        return bool({Stop.CONSTRAINT, Stop.SOLVER} & self._search.stops)

    def findings(self, seconds: float) -> Findings:
        """What is known now."""
        found = self._search.findings(seconds)
        if self._step is not None and self._step.gave_up:
            note = f"the step of the induction was not decided: {self._step.gave_up}"
            said = [_noted(f, note) for f in found.findings]
            stops = found.stops | {Stop.SOLVER}
            found = replace(found, findings=tuple(said), stops=stops)
        if self._is_void:
            said = [
                Finding(f.prop, Verdict.UNKNOWN, None, VOID) for f in found.findings
            ]
            return replace(found, findings=tuple(said))
        if "" not in self._proved:
            said = [
                _within(f) if f.prop.name in self._proved else f for f in found.findings
            ]
            return replace(found, findings=tuple(said))
        names = tuple(name for name in self._proved if name)
        if not names:
            return found
        clauses, balances = self._invariant()
        proof = Proof(max(self._proved.values()), names, clauses, balances)
        return replace(found, proof=proof)

    def _invariant(self) -> tuple[tuple[Clause, ...], tuple[Balance, ...]]:
        """The lemmas that the steps needed, with those that keep them."""
        needed = () if self._step is None else self._step.needed
        if not needed:
            return (), ()
        try:
            kept = self._supported().closure(needed)
        except EndedError:
            # Time is up, but all of them keep each other.
            kept = self._lemmas.all
        return self._lemmas.readable(kept)


class _StepCase:
    """Paths of any states whatever, on which all targets but the last are missed."""

    def __init__(
        self, encoding: Encoding, session: Session, asked: Sequence[Target]
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._session = session
        self._literals = {
            target.name: z3.Bool(f"good {target.name}", encoding.context)
            for target in asked
        }
        self._targets = asked
        self._length = -1
        self._lemmas: Lemmas | None = None
        self._used: list[Expr] = []
        self.needed: set[Lemma] = set()
        self.gave_up = ""
        self._lengthen()

    def use(self, lemmas: Lemmas) -> None:
        """Let `lemmas` be so in all states but the last, if they are not yet."""
        if self._lemmas is not None:
            return
        self._lemmas = lemmas
        self._session.minimise_cores()
        self._used = [
            self._z3.Bool(f"lemma {number}", self._encoding.context)
            for number in range(len(lemmas.all))
        ]
        for frame in range(self._length):
            self._state_lemmas(frame)

    def prove(self, k: int, candidates: Iterable[Target]) -> list[Target]:
        """The largest set of `candidates` that k steps inside it do not lead out of.

        The lemmas by which they do not are `needed`.
        """
        while self._length < k:
            self._lengthen()
        kept = list(candidates)
        while kept:
            reply = self._ask(kept, k)
            if reply.answer is Answer.NO:
                self._need(reply)
                return kept
            if reply.answer is Answer.UNKNOWN:
                self.gave_up = reply.reason
                return []
            left = [t for t in kept if not self._is_hit(reply.model, t, k)]
            if len(left) == len(kept):
                message = "z3's model of the step hits no target"
                raise AssertionError(message)
            kept = left
        return []

    def _ask(self, kept: Sequence[Target], k: int) -> Reply:
        """A path without repetitions whose last state, the k-th, is hit."""
        bad = self._encoding.at(or_(*(target.bad for target in kept)), k)
        while True:
            literals = [self._literals[target.name] for target in kept]
            reply = self._session.ask_assuming([*self._used, *literals], bad)
            raise_if_ended(reply)
            if reply.answer is not Answer.YES or not self._separate(reply.model, k):
                return reply

    def _separate(self, found: Z3, k: int) -> bool:
        """Demand of equal states in z3's path that they differ; whether there are any.

        Only states up to the last but one have to: no good state is a bad one.
        """
        states = self._encoding.states(found, k)
        pairs = [
            (one, two)
            for one, two in combinations(range(k), 2)
            if states[one] == states[two]
        ]
        self._session.add(*(self._encoding.differ(one, two) for one, two in pairs))
        return bool(pairs)

    def _need(self, reply: Reply) -> None:
        if self._lemmas is not None:
            count = len(self._used)
            self.needed |= {self._lemmas.all[n] for n in reply.core if n < count}

    def _state_lemmas(self, frame: int) -> None:
        assert self._lemmas is not None, "there are some"
        stated = zip(self._used, self._lemmas.each(frame), strict=True)
        self._session.add(*(self._z3.Implies(used, holds) for used, holds in stated))

    def _is_hit(self, found: Z3, target: Target, k: int) -> bool:
        value = found.eval(self._encoding.at(target.bad, k), model_completion=True)
        return bool(self._z3.is_true(value))

    def _lengthen(self) -> None:
        """Let the path have one more state; the one before it is good, as is asked."""
        encoding, session = self._encoding, self._session
        frame = self._length
        if frame >= 0:
            session.add(*encoding.choices(frame), encoding.transition(frame))
            for target in self._targets:
                if target.bad is not FALSE:
                    literal = self._literals[target.name]
                    good = encoding.at(not_(target.bad), frame)
                    session.add(self._z3.Implies(literal, good))
            if self._lemmas is not None:
                self._state_lemmas(frame)
        self._length += 1
        session.add(*encoding.ranges(self._length))


def _proved(target: Target, k: int) -> Finding:
    assert target.prop is not None, "what is cut off is no property"
    if target.prop.kind is Kind.REACHABLE:
        reason = f"no state is a witness: proved by induction, k={k}"
        return Finding(target.prop, Verdict.VIOLATED, None, reason)
    return Finding(target.prop, Verdict.HOLDS, None, f"proved by induction, k={k}")


def _noted(finding: Finding, note: str) -> Finding:
    if finding.verdict is not Verdict.BOUNDED:
        return finding
    return replace(finding, reason=f"{finding.reason}; {note}")


def _within(finding: Finding) -> Finding:
    """What is left of a proof where a constraint or an assumption may cut paths off."""
    reason = f"{finding.reason}, but only of what the constraints leave"
    return Finding(finding.prop, Verdict.BOUNDED, None, reason)
