"""What a search writes down: the first violation of each property, why it stopped.

Shared by the engines that look at states one by one, so that they agree on what each
event means: which property a failed check belongs to, and which verdict follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from modelcheck.explore.interpreter import EvaluationError
from modelcheck.model.program import (
    EVALUATION,
    Kind,
    Model,
    Property,
    State,
    Step,
)
from modelcheck.model.statements import NO_SPAN, Assert, Check
from modelcheck.model.terms import TRUE
from modelcheck.verdict.verdicts import (
    Counts,
    Evidence,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
    is_asked,
    is_beside,
)

VOID = "there is no initial state: the defaults and @init exclude each other"
"""Why nothing is said about a model without initial states: everything would hold."""

INITIAL = Step(-1, "init", "init", ())
"""Stands for the initialisation where a step is asked for."""


class PropertyError(EvaluationError):
    """A check failed inside a property; `path` leads to the state, which is its last.

    For a transition property the last two states are the pair. A check that fails in
    the initialisation has an empty path.
    """

    def __init__(self, prop: Property, failed: Assert, path: tuple[State, ...]) -> None:
        super().__init__(prop, failed, path[-1] if path else ())
        self.path = path


class Book:
    """Open questions and answers of one search of `model` within `limits`."""

    def __init__(self, model: Model, limits: Limits) -> None:
        self.model = model
        self.limits = limits
        self.stops: set[Stop] = set()
        self.fired = [0] * len(model.steps)
        self._asked = [p for p in model.properties if is_searched(p, limits)]
        self._open = {p.name for p in self._asked}
        self._answers: dict[str, Evidence] = {}
        self._violations = 0
        self._start = monotonic()

    def open(self, *kinds: Kind) -> list[Property]:
        """The properties of these kinds that are asked for and not decided yet."""
        return [p for p in self._asked if p.kind in kinds and self.is_open(p)]

    def is_open(self, prop: Property) -> bool:
        """Whether `prop` is asked for and not decided yet."""
        return prop.name in self._open

    def decide(self, prop: Property, evidence: Evidence) -> None:
        """Note the first path that decides `prop`; later ones are ignored."""
        if self.is_open(prop):
            self._open.remove(prop.name)
            self._answers[prop.name] = evidence
            is_counted = prop.kind is not Kind.REACHABLE
            self._violations += is_counted and not is_beside(prop, self.limits)

    def property_of(self, failed: Assert) -> Property:
        """The property that `failed` violates; raises `LookupError` if none does."""
        rest: Property | None = None
        for prop in self.model.properties:
            if prop.kind is not Kind.ASSERTION:
                continue
            if prop.name == EVALUATION:
                rest = prop
            elif failed.check is Check.ASSERT and NO_SPAN != prop.span == failed.span:
                return prop
        if rest is None:
            message = f"no property stands for the check {failed.message!r}"
            raise LookupError(message)
        return rest

    def fail_initially(self, failed: Assert) -> PropertyError:
        """The error to raise where the initialisation runs into `failed`."""
        try:
            prop = self.property_of(failed)
        except LookupError:
            # No step can fail so: what an `assert` of @init asks is no property.
            prop = Property(EVALUATION, Kind.ASSERTION, (), TRUE)
        return PropertyError(prop, failed, ())

    @property
    def seconds(self) -> float:
        """The time since the search began."""
        return monotonic() - self._start

    def is_over(self, *, is_interrupted: bool) -> bool:
        """Whether the search must end now; notes why."""
        limits = self.limits
        if is_interrupted:
            self.stops.add(Stop.INTERRUPT)
        elif limits.seconds is not None and self.seconds >= limits.seconds:
            self.stops.add(Stop.TIME)
        elif limits.max_violations and self._violations >= limits.max_violations:
            self.stops.add(Stop.VIOLATIONS)
        else:
            return False
        return True

    def is_deep_enough(self, steps: int) -> bool:
        """Whether states after `steps` steps must not be expanded; notes it."""
        if self.limits.depth is None or steps < self.limits.depth:
            return False
        self.stops.add(Stop.DEPTH)
        return True

    def findings(self, engine: str, counts: Counts, depth: int) -> Findings:
        """The result; `depth` is the number of steps up to which all was looked at.

        Where states were cut off, there is no such number. Of a model without initial
        states everything would hold: nothing is said about it.
        """
        answer = self._finding if counts.generated else _void
        return Findings(
            engine,
            tuple(map(answer, self._asked)),
            counts,
            frozenset(self.stops),
            self.seconds,
            depth if self.stops and Stop.CONSTRAINT not in self.stops else None,
            tuple(self.fired),
        )

    def _finding(self, prop: Property) -> Finding:
        evidence = self._answers.get(prop.name)
        if evidence is not None:
            is_goal = prop.kind is Kind.REACHABLE
            verdict = Verdict.HOLDS if is_goal else Verdict.VIOLATED
            return Finding(prop, verdict, evidence)
        if self.stops:
            return Finding(prop, Verdict.BOUNDED, None, ended_by(self.stops))
        if prop.kind is Kind.REACHABLE:
            reason = "no reachable state is a witness"
            return Finding(prop, Verdict.VIOLATED, None, reason)
        return Finding(prop, Verdict.HOLDS)


def ended_by(stops: Iterable[Stop]) -> str:
    """The reason for a verdict that rests on an incomplete search."""
    reasons = sorted(stop.value for stop in stops)
    return f"the search was ended by {' and '.join(reasons)}"


def _void(prop: Property) -> Finding:
    return Finding(prop, Verdict.UNKNOWN, None, VOID)


def is_searched(prop: Property, limits: Limits) -> bool:
    """Whether a search of states is to answer `prop`; a property of runs it cannot."""
    return prop.kind not in (Kind.CONSTRAINT, Kind.TEMPORAL) and is_asked(prop, limits)
