"""Which question the end of a trace answers."""

from __future__ import annotations

from modelcheck.explore.book import Book
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Kind, Property
from modelcheck.trace.lasso import respects, satisfies
from modelcheck.trace.path import Trace
from modelcheck.verdict.verdicts import Limits, Verdict


def answered_by(trace: Trace) -> tuple[Property, Verdict] | None:
    """The first property that the end of `trace` violates, or the goal it reaches.

    Of a lasso, the first temporal property that it violates as a fair run.
    """
    interpreter = Interpreter(trace.model)
    if trace.loop is not None:
        return _answered_by_lasso(trace)
    for prop in trace.model.properties:
        if _is_violated(interpreter, prop, trace):
            return prop, Verdict.VIOLATED
    for prop in trace.model.properties:
        is_goal = prop.kind is Kind.REACHABLE and trace.failed is None
        if is_goal and interpreter.holds(prop, trace.states[-1]):
            return prop, Verdict.HOLDS
    return None


def _answered_by_lasso(trace: Trace) -> tuple[Property, Verdict] | None:
    """The first temporal property that a fair run violates."""
    if all(respect.is_fair for respect in respects(trace)):
        for prop in trace.model.properties:
            if prop.kind is Kind.TEMPORAL and not satisfies(trace, prop):
                return prop, Verdict.VIOLATED
    return None


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
