"""The path that PDR has found: along its obligations, taken by the interpreter.

From every state of a cube the same step leads into the next one, so any initial state
of the first cube will do, and any successor that is in the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.solve.blocking import Obligation
from modelcheck.solve.bmc import EncodingError
from modelcheck.solve.cubes import Alphabet
from modelcheck.verdict.verdicts import Evidence, Limits


@dataclass(frozen=True, slots=True)
class Refuted:
    """Why a target is refuted: the initial state `state` hits it, or a chain does."""

    state: State | None
    chain: Obligation | None = None

    @property
    def length(self) -> int:
        """The number of steps to the state that hits the target."""
        steps, link = 0, self.chain
        while link is not None and link.towards is not None:
            steps, link = steps + 1, link.towards
        return steps


def evidence(
    model: Model, prop: Property, found: Refuted, alphabet: Alphabet
) -> Evidence:
    """The path to what refutes `prop`, which need not be a shortest one.

    Raises `PropertyError` if `prop` has no value there.
    """
    interpreter = Interpreter(model)
    path = _path(interpreter, found, alphabet)
    try:
        return _ended(interpreter, prop, path)
    except EvaluationError as error:
        raise PropertyError(prop, error.failed, path) from None


def refuse_valueless_constraints(
    model: Model, found: Refuted, alphabet: Alphabet
) -> None:
    """Raise `PropertyError` if a constraint has no value where something is cut off."""
    interpreter = Interpreter(model)
    path = _path(interpreter, found, alphabet)
    for prop in model.constraints:
        try:
            if not interpreter.holds(prop, path[-1]):
                return
        except EvaluationError as error:
            raise PropertyError(prop, error.failed, path) from None


def _path(
    interpreter: Interpreter, found: Refuted, alphabet: Alphabet
) -> tuple[State, ...]:
    if found.state is not None:
        return (found.state,)
    link = found.chain
    path: list[State] = []
    while link is not None:
        states: Iterable[State | None] = (
            (outcome.state for outcome in interpreter.successors(path[-1]))
            if path
            else interpreter.initial()
        )
        within = (
            s for s in states if s is not None and alphabet.contains(link.cube, s)
        )
        state = next(within, None)
        if state is None:
            message = f"no state of the path is in {alphabet.readable(link.cube)}"
            raise EncodingError(message)
        path.append(state)
        link = link.towards
    return tuple(path)


def _ended(
    interpreter: Interpreter, prop: Property, path: tuple[State, ...]
) -> Evidence:
    """`path` with the step at its end that violates `prop`, if it takes one."""
    last = path[-1]
    if prop.kind is Kind.TRANSITION:
        for outcome in interpreter.successors(last):
            after = outcome.state
            if after is not None and not interpreter.holds(prop, last, after):
                return Evidence((*path, after), is_shortest=False)
    elif prop.kind is Kind.ASSERTION:
        book = Book(interpreter.model, Limits())
        for outcome in interpreter.successors(last):
            failed = outcome.failed
            if failed is not None and book.property_of(failed) == prop:
                return Evidence(path, failed, outcome.step.index, is_shortest=False)
    elif _is_hit(interpreter, prop, last):
        return Evidence(path, is_shortest=False)
    message = f"nothing from {last} refutes {prop.name}"
    raise EncodingError(message)


def _is_hit(interpreter: Interpreter, prop: Property, state: State) -> bool:
    if prop.kind is Kind.DEADLOCK:
        return interpreter.is_deadlock(state)
    return interpreter.holds(prop, state) is (prop.kind is Kind.REACHABLE)
