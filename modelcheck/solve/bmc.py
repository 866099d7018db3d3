"""Bounded model checking: a search for bad paths of exactly 0, 1, 2, ... steps.

One solver serves all properties. It holds the path so far; in round k every property
that is still open is asked about paths of k steps, so evidence is shortest. An answer
"no" is added to what the solver knows. A bounded check proves nothing beyond its bound:
what is not refuted is BOUNDED, and only a reachability goal, by its witness, HOLDS.

Measured to depth 9 on `replace_domain.py`, CPU seconds: QF_FD with push and pop 14.2,
with assumption literals 15.3; QF_BV 16.9; z3's default solver more than ten times that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.model.statements import Assert
from modelcheck.model.terms import FALSE, Term, not_, or_
from modelcheck.solve.encoding import Encoding, Question
from modelcheck.solve.lemmas import WORTH, Lemmas
from modelcheck.solve.session import (
    Answer,
    EndedError,
    Reply,
    Session,
    raise_if_ended,
)
from modelcheck.solve.targets import targets
from modelcheck.solve.translate import Z3, Expr
from modelcheck.verdict.verdicts import (
    Evidence,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
    Watch,
    are_decided_by_paths,
    is_beside,
)


class EncodingError(Exception):
    """The solver's path is not one of the interpreter's: our bug, never a verdict."""


class BoundedChecker:
    """The engine "bmc".

    `logic` chooses z3's back end; `effort` bounds a single question, in z3's resource
    units, and makes the answer UNKNOWN where it does not suffice. `worth` is the work
    after which lemmas are looked for, in the same units; None means never.
    """

    name = "bmc"

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
        """Look for paths of up to `limits.depth` steps, or for ever if it is None.

        Raises `PropertyError` where a check inside a property or constraint fails.
        """
        started = monotonic()
        deadline = None if limits.seconds is None else started + limits.seconds
        search = Search(model, limits, watch)
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
            search.begin(encoding, session(), lemmas)
            while not search.is_over():
                search.deepen()
        except EndedError as end:
            search.stops.add(end.stop)
        except KeyboardInterrupt:
            search.stops.add(Stop.INTERRUPT)
        return search.findings(monotonic() - started)


class Search:
    """One run: what is still open, what has been decided, how far it came.

    `completed` is the number of steps to which all paths have been looked at, -1 before
    the initial states have been; `longest`, once it is known, that of the longest path.
    """

    def __init__(
        self, model: Model, limits: Limits, watch: Watch, engine: str = "bmc"
    ) -> None:
        self._interpreter = Interpreter(model)
        self._limits = limits
        self._watch = watch
        self._engine = engine
        self._book = Book(model, limits)
        self.asked = self._book.open(*Kind)
        self._decided: dict[str, Finding] = {}
        self._second_seeds = 0
        self._lemmas: Lemmas | None = None
        self._excluded: frozenset[str] = frozenset()
        self.completed = -1
        self.longest: int | None = None
        self.stops: set[Stop] = set()

    def begin(
        self, encoding: Encoding, session: Session, lemmas: Lemmas | None = None
    ) -> None:
        """Look at the initial states; `lemmas` are used once they are due."""
        self._encoding, self._session = encoding, session
        self._lemmas = lemmas
        self._questions = [
            encoding.question(prop, self._is_owner(prop)) for prop in self.asked
        ]
        self._initialise()
        self._ask_frame(0)
        self.completed = 0

    def is_over(self) -> bool:
        """Whether all is decided or the limit on depth is met, which it notes."""
        if not self._open() or self.longest is not None or self.is_decided_by_paths():
            return True
        return self.is_deep_enough()

    def is_decided_by_paths(self) -> bool:
        """Whether no more is to be known than what the paths found so far say."""
        return are_decided_by_paths(self.asked, self._decided, self._limits)

    def is_deep_enough(self) -> bool:
        """Whether the limit on depth is met; notes it."""
        if self.completed != self._limits.depth:
            return False
        self.stops.add(Stop.DEPTH)
        return True

    def deepen(self) -> None:
        """Look at the paths that have one step more."""
        depth = self.completed + 1
        if self.longest is not None:
            self.completed = depth
            return
        done = depth / self._limits.depth if self._limits.depth else None
        self._watch.progress(self._engine, f"depth {depth}", done)
        if not self._extend(depth):
            self.longest = depth - 1
            return
        self._use_lemmas(depth)
        self._ask_frame(depth)
        self.completed = depth

    def is_open(self, prop: Property) -> bool:
        """Whether `prop` is asked for and not decided."""
        return prop in self.asked and prop.name not in self._decided

    def settle(self, finding: Finding) -> None:
        """Take over a verdict that another part of the engine has come to."""
        self._decided[finding.prop.name] = finding

    def finding(self, prop: Property) -> Finding:
        """What is known of `prop` now."""
        return self._decided.get(prop.name) or self._undecided(prop)

    def findings(self, seconds: float) -> Findings:
        """What is known now."""
        depth: int | None = self.completed
        if self.completed < 0:
            depth = None
        elif self.longest is not None and self._limits.depth is not None:
            depth = self._limits.depth
        found = list(map(self.finding, self.asked))
        if self._second_seeds:
            note = f"{self._second_seeds} questions needed z3's second seed"
            reasons = ["; ".join(filter(None, (f.reason, note))) for f in found]
            found = [replace(f, reason=r) for f, r in zip(found, reasons, strict=True)]
        return Findings(
            self._engine,
            tuple(found),
            None,
            frozenset(self.stops),
            seconds,
            depth,
        )

    def _undecided(self, prop: Property) -> Finding:
        if self.completed < 0:
            return Finding(prop, Verdict.UNKNOWN, reason="no state has been checked")
        what = "not reached" if prop.kind is Kind.REACHABLE else "not violated"
        reason = f"{what} within {self.completed} steps"
        if self.longest is not None:
            reason = f"{what}, and no path has more than {self.longest} steps"
        return Finding(prop, Verdict.BOUNDED, reason=reason)

    def _open(self, *kinds: Kind) -> list[Question]:
        """The questions not yet decided, of the given kinds or of all."""
        return [
            question
            for question in self._questions
            if question.prop.name not in self._decided
            and (not kinds or question.prop.kind in kinds)
        ]

    def _promising(self, *kinds: Kind) -> list[Question]:
        """The open questions of these kinds whose answer is not known to be "no"."""
        return [q for q in self._open(*kinds) if q.prop.name not in self._excluded]

    def _is_owner(self, prop: Property) -> Callable[[Assert], bool]:
        return lambda failed: self._book.property_of(failed) is prop

    def _initialise(self) -> None:
        """Let the path be an initial state."""
        encoding, session = self._encoding, self._session
        session.add(*encoding.choices(-1))
        for failure in encoding.init.failures:
            answer = self._reply(encoding.at(failure.condition, -1)).answer
            if answer is Answer.YES:
                raise self._book.fail_initially(failure.failed)
            if answer is Answer.UNKNOWN:
                self.stops.add(Stop.SOLVER)
        self._look_for_cuts(encoding.init.cut, -1)
        session.add(encoding.initial())

    def _extend(self, depth: int) -> bool:
        """Let the path have `depth` steps; whether there is such a path.

        The failed checks of the last step are asked for before the path has that
        step, because a step that fails leads nowhere.
        """
        frame, session = depth - 1, self._session
        encoding = self._encoding
        session.add(*encoding.choices(frame))
        self._look_for_cuts(or_(not_(encoding.inside), encoding.cut), frame)
        session.add(encoding.at(encoding.inside, frame))
        self._ask(self._promising(Kind.ASSERTION), frame, depth)
        session.add(encoding.transition(frame))
        return self._reply(None).answer is not Answer.NO

    def _use_lemmas(self, depth: int) -> None:
        """State the lemmas of the last frame, or, if they are new, of all frames."""
        lemmas = self._lemmas
        if lemmas is None:
            return
        first = depth
        if lemmas.are_due(self._session.work):
            self._watch.progress(self._engine, f"depth {depth}, lemmas", None)
            lemmas.find()
            self._excluded = self._excluded_by(lemmas)
            first = 0
        if lemmas.all:
            for frame in range(first, depth + 1):
                self._session.add(lemmas.at(frame))

    def _excluded_by(self, lemmas: Lemmas) -> frozenset[str]:
        """The open properties that no state which satisfies the lemmas can decide."""
        asked = [question.prop for question in self._open()]
        found = targets(self._encoding, asked, self._book.property_of)
        return frozenset(t.name for t in found if lemmas.exclude(t.bad))

    def _look_for_cuts(self, cut: Term, frame: int) -> None:
        """Whether a constraint or an assumption ends a path in `frame`."""
        if cut is FALSE or Stop.CONSTRAINT in self.stops:
            return
        # Not knowing whether anything was cut off is reported as if it was.
        if self._reply(self._encoding.at(cut, frame)).answer is not Answer.NO:
            self.stops.add(Stop.CONSTRAINT)

    def _ask_frame(self, depth: int) -> None:
        """Ask about the last state, and the last step, of paths of `depth` steps."""
        constraints = self._encoding.constraint_questions()
        state = self._promising(Kind.INVARIANT, Kind.REACHABLE)
        step = self._promising(Kind.TRANSITION) if depth else []
        self._ask_failures([*constraints, *state], depth, depth)
        self._ask_failures(step, depth - 1, depth)
        self._ask(self._promising(Kind.TRANSITION) if depth else [], depth - 1, depth)
        self._ask(self._promising(*_STATE_KINDS), depth, depth)

    def _ask_failures(
        self, questions: Sequence[Question], frame: int, depth: int
    ) -> None:
        """Raise `PropertyError` if a check inside a property can fail."""

        def fail(prop: Property, found: Z3) -> None:
            raise self._error(prop, self._encoding.states(found, depth + 1))

        self._sift(questions, lambda q: q.fails, frame, fail)

    def _ask(self, questions: Sequence[Question], frame: int, depth: int) -> None:
        """Record evidence of `depth` steps for the questions that have some."""

        def record(prop: Property, found: Z3) -> None:
            if prop.kind is Kind.ASSERTION:
                path = self._encoding.states(found, depth)
                self._decide(prop, self._failure(prop, path))
            else:
                self._decide(prop, Evidence(self._encoding.states(found, depth + 1)))

        self._sift(questions, lambda q: q.goal, frame, record)

    def _error(self, prop: Property, path: tuple[State, ...]) -> Exception:
        """The error that evaluating `prop` at the end of `path` runs into."""
        pair = path[-2:] if prop.kind is Kind.TRANSITION else path[-1:]
        try:
            self._interpreter.holds(prop, *pair)
        except EvaluationError as error:
            return PropertyError(prop, error.failed, path)
        return EncodingError(f"{prop.name} has a value in {path[-1]}")

    def _failure(self, prop: Property, path: tuple[State, ...]) -> Evidence:
        """`path` with the check of `prop` that fails in a step from its end."""
        is_owner = self._is_owner(prop)
        for outcome in self._interpreter.successors(path[-1]):
            if outcome.failed is not None and is_owner(outcome.failed):
                return Evidence(path, outcome.failed, outcome.step.index)
        message = f"no step from {path[-1]} violates {prop.name}"
        raise EncodingError(message)

    def _decide(self, prop: Property, evidence: Evidence) -> None:
        is_goal = prop.kind is Kind.REACHABLE
        verdict = Verdict.HOLDS if is_goal else Verdict.VIOLATED
        self._decided[prop.name] = Finding(prop, verdict, evidence)
        found = [
            f
            for f in self._decided.values()
            if f.verdict is Verdict.VIOLATED and not is_beside(f.prop, self._limits)
        ]
        if len(found) == self._limits.max_violations and self._open():
            raise EndedError(Stop.VIOLATIONS)

    def _give_up(self, prop: Property, reason: str) -> None:
        self.stops.add(Stop.SOLVER)
        self._decided[prop.name] = Finding(prop, Verdict.UNKNOWN, reason=reason)

    def _sift(
        self,
        questions: Sequence[Question],
        part: Callable[[Question], Term],
        frame: int,
        found: Callable[[Property, Z3], None],
    ) -> None:
        """Call `found` for each property whose `part` can hold, with z3's model."""
        for question in questions:
            if part(question) is FALSE:
                continue
            reply = self._reply(self._encoding.at(part(question), frame))
            if reply.answer is Answer.YES:
                found(question.prop, reply.model)
            elif reply.answer is Answer.UNKNOWN:
                self._give_up(question.prop, reply.reason)

    def _reply(self, formula: Expr | None) -> Reply:
        """The session's reply; ends the search if time is up or the user wants it."""
        if self._watch.is_interrupted():
            raise EndedError(Stop.INTERRUPT)
        reply = self._session.ask(formula)
        self._second_seeds += reply.is_second
        raise_if_ended(reply)
        return reply


_STATE_KINDS = (Kind.INVARIANT, Kind.REACHABLE, Kind.DEADLOCK)
