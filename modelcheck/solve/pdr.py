"""Property-directed reachability: an inductive invariant, clause by clause.

Bradley, "SAT-based model checking without unrolling", VMCAI 2011; Eén, Mishchenko,
Brayton, "Efficient implementation of property directed reachability", FMCAD 2011. A
state that hits a target is blocked by a clause that the frame below implies, or by
first blocking a predecessor; if that leads back to an initial state, the target is
refuted. Clauses are pushed to later frames, and two equal frames are an invariant.

Five things are our own. Clauses are over the values of cells (`cubes.py`), all targets
share the frames, a sample of the reachable states keeps clauses from excluding them
(`samples.py`), lemmas can strengthen all frames at once (`lemmas.py`), and bounded
model checking looks for a shortest path to what is refuted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

from modelcheck.explore.book import VOID, Book
from modelcheck.explore.state_sample import walk_states
from modelcheck.model.clauses import Balance
from modelcheck.model.program import Kind, Model, Property
from modelcheck.solve.blocking import Blocking
from modelcheck.solve.bmc import Search
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.frames import Frames
from modelcheck.solve.lemmas import WORTH, Lemmas
from modelcheck.solve.samples import Samples
from modelcheck.solve.session import (
    Answer,
    EndedError,
    Reply,
    Session,
    raise_if_ended,
)
from modelcheck.solve.support import Support
from modelcheck.solve.targets import Target, targets
from modelcheck.solve.translate import Expr
from modelcheck.solve.witness import Refuted, evidence, refuse_valueless_constraints
from modelcheck.verdict.verdicts import (
    Evidence,
    Finding,
    Findings,
    Limits,
    Proof,
    Stop,
    Verdict,
    Watch,
    is_beside,
)

SAMPLES = 20_000
"""How many reachable states guide the generalisation."""

SHORTEST_SECONDS = 30.0
"""How long bounded model checking may look for a shortest path to a violation ..."""

SHORTEST_SHARE = 0.5
"""... or this part of the time that the refutation took, if that is more."""


class PropertyDirected:
    """The engine "pdr".

    `limits.depth` bounds the number of frames. `samples` is the number of reachable
    states that guide it; `logic`, `effort` and `worth` are those of `BoundedChecker`.
    """

    name = "pdr"

    def __init__(
        self,
        samples: int = SAMPLES,
        logic: str = "QF_FD",
        effort: int | None = None,
        worth: int | None = WORTH,
    ) -> None:
        self._samples = samples
        self._logic = logic
        self._effort = effort
        self._worth = worth

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Prove or refute what `limits` asks for; without limits it always ends.

        Raises `PropertyError` where a check inside a property or constraint fails.
        """
        run = _Run(model, limits, watch)
        try:
            encoding = Encoding(model)

            def session(deadline: float | None = None) -> Session:
                return Session(
                    encoding.context,
                    self._logic,
                    min(filter(None, (deadline, run.deadline)), default=None),
                    self._effort,
                    watch.is_interrupted,
                )

            run.begin(encoding, session(), self._samples)
            if not run.is_void:
                run.prepare(encoding, session, Lemmas(encoding, session, self._worth))
                run.look()
                run.find_paths(encoding, session)
        except EndedError as end:
            run.stops.add(end.stop)
        except _GaveUpError as error:
            run.stops.add(Stop.SOLVER)
            run.gave_up = str(error)
        except KeyboardInterrupt:
            run.stops.add(Stop.INTERRUPT)
        return run.findings()


class _GaveUpError(Exception):
    """z3 does not know, with either seed."""


class _Run:
    """One run: what has been refuted, what has been proved, and by which frame."""

    def __init__(self, model: Model, limits: Limits, watch: Watch) -> None:
        self._started = monotonic()
        seconds = limits.seconds
        self.deadline = None if seconds is None else self._started + seconds
        self._model = model
        self._limits = limits
        self._watch = watch
        self._initial = Search(
            model, replace(limits, depth=0), watch, PropertyDirected.name
        )
        self._shown: Frames | None = None
        self._targets: list[Target] = []
        self._refuted: dict[str, Refuted] = {}
        self._evidence: dict[str, Evidence] = {}
        self._proof: Proof | None = None
        self._is_kept = False
        self._completed = -1
        self._told = ""
        self.is_void = False
        self.gave_up = ""
        self.stops: set[Stop] = set()

    def begin(self, encoding: Encoding, session: Session, samples: int) -> None:
        """Look at the initial states, and at a sample of the others."""
        self._initial.begin(encoding, session)
        self._completed = 0
        self.is_void = self._ask(session, (), None).answer is Answer.NO
        if not self.is_void:
            self._sampled, self._has_initial = walk_states(self._model, samples)

    def prepare(
        self, encoding: Encoding, session: Callable[[], Session], lemmas: Lemmas
    ) -> None:
        """Make the frames; the last one contains every state."""
        self._lemmas = lemmas
        self._supported = partial(Support, encoding, lemmas, session)
        asked = [p for p in self._initial.asked if self._initial.is_open(p)]
        self._targets = targets(
            encoding, asked, Book(self._model, Limits()).property_of
        )
        self._frames = Frames(encoding, self._targets, session, self._ask)
        self._shown = self._frames
        features = self._frames.alphabet.features
        samples = Samples(features, self._sampled, has_initial=self._has_initial)
        self._blocking = Blocking(self._frames, samples, self._use_lemmas)

    def look(self) -> None:
        """Add frames until two are equal, everything is refuted, or a limit is met."""
        for target in self._open():
            state = self._frames.hit(target, 0)
            if state is not None:
                self._refute(target, Refuted(state))
        while self._open():
            self._frames.open()
            level = self._blocking.push()
            if level is not None:
                self._prove(level)
                return
            for target in self._open():
                found = self._blocking.defend(target)
                if found is not None:
                    self._refute(target, Refuted(None, found))
            self._completed = self._frames.top
            if self._completed == self._limits.depth:
                self.stops.add(Stop.DEPTH)
                return

    def _use_lemmas(self) -> None:
        """Look for lemmas once they are due, and state them in all frames."""
        if self._lemmas.are_due(self._frames.work):
            self._watch.progress(PropertyDirected.name, "lemmas", None)
            self._lemmas.find(self._sampled)
            if self._lemmas.all:
                self._frames.assume(self._lemmas.at)

    def find_paths(
        self, encoding: Encoding, session: Callable[[float], Session]
    ) -> None:
        """Find a shortest path to all that was refuted; or, if that takes long, any."""
        if "" in self._refuted:
            cut, alphabet = self._refuted[""], self._frames.alphabet
            refuse_valueless_constraints(self._model, cut, alphabet)
        names = frozenset(self._refuted) - {""}
        if not names:
            return
        now = monotonic()
        patience = max(SHORTEST_SECONDS, SHORTEST_SHARE * (now - self._started))
        depth = 1 + max(self._refuted[name].length for name in names)
        limits = replace(
            self._limits, depth=depth, properties=names, besides=frozenset()
        )
        search = Search(self._model, limits, self._watch, PropertyDirected.name)
        try:
            search.begin(encoding, session(now + patience))
            while not search.is_over():
                search.deepen()
        except EndedError as end:
            if end.stop is not Stop.TIME:
                raise
        for found in search.findings(0).findings:
            if found.evidence is not None:
                self._evidence[found.prop.name] = found.evidence

    def findings(self) -> Findings:
        """What is known now."""
        seconds = monotonic() - self._started
        said = tuple(map(self._finding, self._initial.asked))
        proof = self._proof if self._is_kept and not self._is_cut() else None
        return Findings(
            PropertyDirected.name,
            said,
            None,
            frozenset(self.stops | self._initial.stops - {Stop.DEPTH}),
            seconds,
            self._completed if self._completed >= 0 else None,
            proof=proof,
        )

    def _open(self) -> list[Target]:
        """What is neither proved nor refuted; nothing once enough is known."""
        proved = () if self._proof is None else self._proof.proved
        if Stop.VIOLATIONS in self.stops or self._is_refuted():
            return []
        found = [t for t in self._targets if t.name not in {*proved, *self._refuted}]
        return found if any(target.prop is not None for target in found) else []

    def _is_refuted(self) -> bool:
        """Whether all that is asked for itself has a path that decides it."""
        return all(
            prop.name in self._refuted or not self._initial.is_open(prop)
            for prop in self._initial.asked
            if not is_beside(prop, self._limits)
        )

    def _is_cut(self) -> bool:
        """Whether something is cut off, or no one knows."""
        return bool({Stop.CONSTRAINT, Stop.SOLVER} & (self.stops | self._initial.stops))

    def _refute(self, target: Target, found: Refuted) -> None:
        self._refuted[target.name] = found
        if target.prop is None:
            self.stops.add(Stop.CONSTRAINT)
        violated = [
            t
            for t in self._targets
            if t.prop
            and t.prop.kind is not Kind.REACHABLE
            and t.name in self._refuted
            and not is_beside(t.prop, self._limits)
        ]
        if len(violated) == self._limits.max_violations:
            self.stops.add(Stop.VIOLATIONS)

    def _prove(self, level: int) -> None:
        """All that was not refuted is proved by the clauses above `level`."""
        left = self._open()
        self._is_kept = any(target.prop is None for target in left)
        cubes = self._blocking.invariant(level)
        clauses = tuple(map(self._frames.alphabet.readable, cubes))
        balances: tuple[Balance, ...] = ()
        if self._lemmas.all:
            needed = self._supported(cubes).of([target.bad for target in left])
            more, balances = self._lemmas.readable(needed)
            clauses += more
        names = tuple(t.name for t in left if t.prop)
        self._proof = Proof(1, names, clauses, balances)

    def _finding(self, prop: Property) -> Finding:
        if self.is_void:
            return Finding(prop, Verdict.UNKNOWN, None, VOID)
        is_goal = prop.kind is Kind.REACHABLE
        if not self._initial.is_open(prop):
            return self._initial.finding(prop)
        if prop.name in self._refuted:
            verdict = Verdict.HOLDS if is_goal else Verdict.VIOLATED
            path = self._path(prop)
            reason = "" if path.is_shortest else "there may be a shorter path"
            return Finding(prop, verdict, path, reason)
        if self._proof is not None and prop.name in self._proof.proved:
            return self._proved(prop, self._proof)
        if self.gave_up or self._completed < 0:
            reason = self.gave_up or "no state has been checked"
            return Finding(prop, Verdict.UNKNOWN, None, reason)
        what = "not reached" if is_goal else "not violated"
        reason = f"{what} within {self._completed} steps"
        return Finding(prop, Verdict.BOUNDED, None, reason)

    def _path(self, prop: Property) -> Evidence:
        if prop.name not in self._evidence:
            found = self._refuted[prop.name]
            alphabet = self._frames.alphabet
            self._evidence[prop.name] = evidence(self._model, prop, found, alphabet)
        return self._evidence[prop.name]

    def _proved(self, prop: Property, proof: Proof) -> Finding:
        is_goal = prop.kind is Kind.REACHABLE
        what = "no state is a witness: " if is_goal else ""
        how = f"proved by PDR, {len(proof.clauses)} clauses in frame {self._completed}"
        if not self._is_kept or self._is_cut():
            reason = f"{what}{how}, but only of what the constraints leave"
            return Finding(prop, Verdict.BOUNDED, None, reason)
        verdict = Verdict.VIOLATED if is_goal else Verdict.HOLDS
        return Finding(prop, verdict, None, f"{what}{how}")

    def _tell(self) -> None:
        """Say how far it is, once for each clause learnt."""
        if self._shown is None:
            return
        levels = self._shown.levels
        text = f"frame {len(levels) - 1}, {sum(map(len, levels))} clauses"
        if text != self._told:
            self._told = text
            self._watch.progress(PropertyDirected.name, text, None)

    def _ask(
        self, session: Session, assumed: Sequence[Expr], formula: Expr | None
    ) -> Reply:
        """The session's reply; ends the run where there is none."""
        self._tell()
        if self._watch.is_interrupted():
            raise EndedError(Stop.INTERRUPT)
        reply = session.ask_assuming(assumed, formula)
        raise_if_ended(reply)
        if reply.answer is Answer.UNKNOWN:
            raise _GaveUpError(reply.reason)
        return reply
