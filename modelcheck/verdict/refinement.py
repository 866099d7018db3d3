"""Refinement: whether a design does only what a more abstract one allows.

The states of the one are seen through a mapping as values of the variables of the
other. Every step must then be a step of the abstract spec or change nothing there
(Abadi and Lamport, "The existence of refinement mappings", 1991). What the abstract
spec hides, the places of its processes and their locals, may be whatever makes the
behaviour one of its own. Finite behaviours are compared, not fairness or liveness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modelcheck.explore.behaviour import Alphabet, Behaviour, View, plain
from modelcheck.explore.inclusion import Difference
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Mapped, Model, Role, State, Variable
from modelcheck.model.statements import Body
from modelcheck.model.terms import Term
from modelcheck.model.types import IntType, Type
from modelcheck.trace.components import of_variable, value_text
from modelcheck.trace.path import Trace
from modelcheck.verdict.behaviours import included, replayed
from modelcheck.verdict.verdicts import Limits, Stop, Verdict, Watch


class UnmappedError(Exception):
    """A variable of the abstract spec has no value in the other one.

    `wanted` is that variable; `given` the mapping of the wrong type, if there is one.
    """

    def __init__(self, wanted: Variable, given: Mapped | None) -> None:
        super().__init__(wanted.name)
        self.wanted = wanted
        self.given = given


class UnknownVariableError(Exception):
    """A mapping, `given`, is of no variable of the abstract spec."""

    def __init__(self, given: Mapped) -> None:
        super().__init__(given.name)
        self.given = given


@dataclass(frozen=True, slots=True)
class Seen:
    """One component of the abstract state, before and after a step, as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """A step that the abstract spec can take: its actor and what it changes."""

    actor: str
    changes: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """A step of the implementation, the last of `trace`, that the spec does not have.

    `seen` is the whole abstract state before and after it; `allowed` what the abstract
    spec could do instead; `count` in how many situations a step like it was met.
    """

    trace: Trace
    seen: tuple[Seen, ...]
    allowed: tuple[Allowed, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Refinement:
    """The answer, with the first failing step of each kind, shortest trace first.

    `pairs` of a state of the implementation and a set of states of the spec were met.
    `reason` says why the answer is UNKNOWN.
    """

    model: Model
    spec: Model
    verdict: Verdict
    failing: tuple[Failing, ...]
    stops: frozenset[Stop]
    pairs: int
    depth: int
    seconds: float
    reason: str = ""


def check_refinement(
    model: Model, spec: Model, limits: Limits, watch: Watch
) -> Refinement:
    """Whether every step of `model`, seen through its mappings, is one of `spec`.

    A variable of `spec` without mapping is seen as the variable of `model` with its
    name. Raises `UnmappedError`, `UnknownVariableError`, and `EvaluationError` if a
    mapping has no value in a reachable state.
    """
    variables = [v for v in spec.variables if v.role is Role.STATE]
    _check_names(model, variables)
    values = tuple(v for each in variables for v in _values(model, each))
    cells = [cell for each in variables for cell in each.cells.leaves()]
    alphabet = Alphabet()
    left = Behaviour(model, View(values, {}, frozenset()), alphabet)
    right = Behaviour(spec, View(plain(spec, cells), {}, frozenset()), alphabet)
    abstract = _Abstract(spec, variables, alphabet)
    result, seconds = included(left, right, abstract.kind, limits.seconds, watch)
    failing = tuple(
        abstract.failing(replayed(model, each.path), each)
        for each in result.differences
    )
    verdict, reason = Verdict.HOLDS, ""
    if failing and not right.has_cuts:
        verdict = Verdict.VIOLATED
    elif not left.initial:
        verdict, reason = Verdict.UNKNOWN, f"{model.name} has no initial state"
    elif left.has_failures:
        # Where the design goes wrong by itself, nobody has said what follows.
        reason = f"a check fails in a step of {model.name}: verify it first"
        verdict = Verdict.UNKNOWN
    elif result.stops:
        verdict = Verdict.BOUNDED
    stops = frozenset(result.stops)
    return Refinement(
        *(model, spec, verdict, failing, stops, result.pairs, result.depth, seconds),
        reason,
    )


def _check_names(model: Model, variables: list[Variable]) -> None:
    names = {variable.name for variable in variables}
    for given in model.mappings:
        if given.name not in names:
            raise UnknownVariableError(given)


def _values(model: Model, wanted: Variable) -> tuple[tuple[Body, Term], ...]:
    """What gives `wanted` its value in a state of `model`, component by component."""
    given = next((m for m in model.mappings if m.name == wanted.name), None)
    if given is not None:
        if not _fits(given.type_, wanted.type_):
            raise UnmappedError(wanted, given)
        return given.values
    for variable in model.variables:
        if variable.name == wanted.name and _fits(variable.type_, wanted.type_):
            return plain(model, variable.cells.leaves())
    raise UnmappedError(wanted, None)


def _fits(given: Type, wanted: Type) -> bool:
    """Whether values of one type stand for values of the other; ranges may differ."""
    if isinstance(given, IntType) and isinstance(wanted, IntType):
        return True
    return given == wanted


class _Abstract:
    """The abstract spec's words for what happens."""

    def __init__(
        self, spec: Model, variables: list[Variable], alphabet: Alphabet
    ) -> None:
        self._parts = tuple(part for v in variables for part in of_variable(v))
        self._alphabet = alphabet
        self._interpreter = Interpreter(spec)

    def kind(self, before: int, symbol: int) -> tuple[str, ...]:
        """Steps that change the same components are of one kind."""
        return tuple(e.name for e in self._seen(before, symbol) if e.before != e.after)

    def failing(self, trace: Trace, difference: Difference) -> Failing:
        """`difference`, the end of `trace`, in the words of the spec."""
        seen = self._seen(difference.before, difference.symbol)
        allowed = dict.fromkeys(
            step for state in difference.rivals for step in self._steps(state)
        )
        return Failing(trace, seen, tuple(allowed), difference.count)

    def _seen(self, before: int, after: int) -> tuple[Seen, ...]:
        symbols = self._alphabet.symbols
        was, now = symbols[before].values, symbols[after].values
        found: list[Seen] = []
        start = 0
        for part in self._parts:
            end = start + len(part.cells)
            old, new = was[start:end], now[start:end]
            start = end
            texts = (value_text(part.type_, leaves) for leaves in (old, new))
            found.append(Seen(part.name, *texts))
        return tuple(found)

    def _steps(self, state: State) -> Iterator[Allowed]:
        for outcome in self._interpreter.successors(state):
            if outcome.state is None:
                continue
            changes = tuple(
                Seen(part.name, part.text(state), part.text(outcome.state))
                for part in self._parts
                if part.leaves(state) != part.leaves(outcome.state)
            )
            if changes:
                yield Allowed(outcome.step.actor, changes)
