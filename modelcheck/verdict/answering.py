"""Which questions the end of a trace answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from modelcheck.explore.book import Book
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.model.program import Kind, Property
from modelcheck.trace.lasso import respects, satisfies
from modelcheck.trace.path import Trace
from modelcheck.verdict.verdicts import Limits, Verdict

Answered = tuple[Property, Verdict]


def answered_by(trace: Trace) -> Answered | None:
    """The first of `answers(trace)`, if there is one."""
    return next(iter(answers(trace)), None)


def answers(trace: Trace) -> tuple[Answered, ...]:
    """The properties that the end of `trace` violates, then the goals it reaches.

    First come those that nothing on the way has decided: a path that is shown for a
    property comes to an end where it is decided. Of a lasso, the temporal properties
    that it violates as a fair run.
    """
    if trace.loop is not None:
        return tuple(_answered_by_lasso(trace))
    interpreter = Interpreter(trace.model)
    found = _answered_by_end(interpreter, trace)
    earlier: set[str] = set()
    for count in range(len(trace.steps) if len(found) > 1 else 0):
        start = replace(trace, steps=trace.steps[:count], failed=None)
        earlier |= {prop.name for prop, _ in _answered_by_end(interpreter, start)}
    rank = [Verdict.VIOLATED, Verdict.HOLDS]
    return tuple(
        sorted(found, key=lambda each: (each[0].name in earlier, rank.index(each[1])))
    )


def _answered_by_end(interpreter: Interpreter, trace: Trace) -> list[Answered]:
    """What the last state or step decides; nothing of one without a value."""
    found: list[Answered] = []
    for prop in trace.model.properties:
        with suppress(EvaluationError, LookupError):
            if _is_violated(interpreter, prop, trace):
                found.append((prop, Verdict.VIOLATED))
            elif _is_reached(interpreter, prop, trace):
                found.append((prop, Verdict.HOLDS))
    return found


def _answered_by_lasso(trace: Trace) -> Iterator[Answered]:
    if all(respect.is_fair for respect in respects(trace)):
        for prop in trace.model.properties:
            if prop.kind is Kind.TEMPORAL and not satisfies(trace, prop):
                yield prop, Verdict.VIOLATED


def _is_reached(interpreter: Interpreter, prop: Property, trace: Trace) -> bool:
    is_goal = prop.kind is Kind.REACHABLE and trace.failed is None
    return is_goal and interpreter.holds(prop, trace.states[-1])


def _is_violated(interpreter: Interpreter, prop: Property, trace: Trace) -> bool:
    """Whether the last state or the last step of `trace` violates `prop`."""
    if trace.failed is not None:
        return prop == Book(trace.model, Limits()).property_of(trace.failed)
    last = trace.states[-1]
    match prop.kind:
        case Kind.DEADLOCK:
            return interpreter.is_deadlock(last)
        case Kind.INVARIANT:
            return not interpreter.holds(prop, last)
        case Kind.TRANSITION if trace.steps:
            return not interpreter.holds(prop, trace.states[-2], last)
    return False
