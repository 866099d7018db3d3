"""Explanation: why a state breaks a property, and who is stuck where.

The property's value is written as one term over the cells, cut into its top-level
conjuncts, and of those the false ones are kept; then only the branches that decide are
followed, so that what remains is small enough to be checked by eye.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.model.statements import (
    Assert,
    Body,
    If,
    Let,
    Mark,
    Require,
    WaitKind,
)
from modelcheck.model.terms import (
    TRUE,
    Op,
    Term,
    constant_of,
    ite,
    not_,
    rebuild,
    substitute,
    walk,
)
from modelcheck.model.types import LockType
from modelcheck.trace.components import Component, holders, reading
from modelcheck.trace.expression import Speller
from modelcheck.trace.path import Trace


@dataclass(frozen=True, slots=True)
class Value:
    """A component that decides, with its values before and after the last step."""

    name: str
    before: str
    now: str

    @property
    def text(self) -> str:
        """`name: value`, or `name: before -> value` if the last step changed it."""
        change = f"{self.before} -> " if self.before != self.now else ""
        return f"{self.name}: {change}{self.now}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The false conjuncts of a property and the values that make them false.

    `facts` are the smallest true statements from which the conjuncts' falsity follows.
    """

    conjuncts: tuple[str, ...]
    values: tuple[Value, ...]
    facts: tuple[str, ...] = ()

    def reasons(self, width: int) -> tuple[str, ...]:
        """The conjuncts if all are short, else the facts that refute them."""
        is_short = all(len(conjunct) <= width for conjunct in self.conjuncts)
        return self.conjuncts if is_short else self.facts

    def is_refuted_by_facts(self, width: int) -> bool:
        """Whether `reasons(width)` are facts."""
        return self.reasons(width) is not self.conjuncts


@dataclass(frozen=True, slots=True)
class Wait:
    """A process that cannot go on: what it waits for and who could give it."""

    actor: str
    kind: WaitKind
    what: str
    where: str
    held_by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The wait in words."""
        by = f", held by {' and '.join(self.held_by)}" if self.held_by else ""
        return f"{self.actor} waits for {self.what}{by}"


def meaning(prop: Property) -> Term:
    """The value of `prop` as one term without temporaries.

    Branches become conditional terms. What a failed check would do is left out: this
    is for properties that have been evaluated already.
    """
    temps = _meaning({}, prop.body)
    return substitute(prop.result, temps, {})


def _meaning(temps: dict[Term, Term], body: Body) -> dict[Term, Term]:
    for statement in body:
        if isinstance(statement, Let):
            value = substitute(statement.term, temps, {})
            temps = {**temps, statement.temp: value}
        elif isinstance(statement, If):
            cond = substitute(statement.cond, temps, {})
            then = _meaning(temps, statement.then)
            other = _meaning(temps, statement.orelse)
            both = dict.fromkeys((*then, *other))
            temps = {
                temp: ite(cond, then.get(temp, value), other.get(temp, value))
                for temp in both
                for value in (then.get(temp, other.get(temp, temp)),)
            }
    return temps


def read_cells(prop: Property) -> frozenset[int]:
    """The cells that `prop` reads, before or after the step, or along a run."""
    return _cells_of(map(meaning, (prop, *prop.of_atoms())))


def relevant(trace: Trace, prop: Property) -> tuple[Component, ...]:
    """The components on which the verdict depends, in the order of the spec.

    They are what the property reads, what the check that failed reads, or, at a
    deadlock, what those read that cannot go on, locks apart.
    """
    model = trace.model
    if trace.failed is not None:
        temps = _meaning({}, trace.steps[-1].step.body)
        return reading(model, _cells_of([substitute(trace.failed.cond, temps, {})]))
    if prop.kind is not Kind.DEADLOCK:
        return reading(model, read_cells(prop))
    state = trace.states[-1]
    actors = {wait.actor for wait in stuck(trace)}
    actors |= {step.actor for step in model.steps if step.at is None}
    required = [term for actor in actors for term in _requirements(model, actor, state)]
    found = reading(model, _cells_of(required))
    return tuple(part for part in found if not isinstance(part.type_, LockType))


def _cells_of(terms: Iterable[Term]) -> frozenset[int]:
    leaves = (t for t in walk(terms) if t.op in (Op.CELL, Op.NEXT))
    return frozenset(leaf.value for leaf in leaves)


def explain(trace: Trace, prop: Property) -> Explanation:
    """Why the end of `trace` breaks `prop`, or what it depends on without a formula."""
    if trace.loop is not None:
        return Explanation((), _values_for_ever(trace, prop))
    if trace.failed is not None:
        return Explanation((), _values(trace, prop))
    if prop.kind not in (Kind.INVARIANT, Kind.TRANSITION):
        return Explanation((), _values(trace, prop))
    before, now = (trace.states[0], *trace.states)[-2:]
    is_pair = prop.kind is Kind.TRANSITION
    judge = _Judge(trace.model, before if is_pair else now, now)
    term = meaning(prop)
    conjuncts = term.args if term.op is Op.AND else (term,)
    false = [part for part in conjuncts if not judge.is_true(part)]
    speller = Speller(trace.model)
    shown = [judge.resolved(part) for part in false]
    core = dict.fromkeys(part for conjunct in shown for part in judge.core(conjunct))
    facts = (part if judge.is_true(part) else not_(part) for part in core)
    values = tuple(
        Value(part.name, part.text(before), part.text(now))
        for part in reading(trace.model, _cells_of(core))
    )
    return Explanation(
        tuple(map(speller.text, shown)), values, tuple(map(speller.text, facts))
    )


def _values(trace: Trace, prop: Property) -> tuple[Value, ...]:
    """What the verdict depends on, where there is no formula to take apart."""
    before, now = (trace.states[0], *trace.states)[-2:]
    if trace.failed is not None:  # the step that fails has no state behind it
        before = now
    return tuple(
        Value(part.name, part.text(before), part.text(now))
        for part in relevant(trace, prop)
    )


def _values_for_ever(trace: Trace, prop: Property) -> tuple[Value, ...]:
    """The values that what the property reads takes in the loop, each once."""
    assert trace.loop is not None
    loop = trace.distinct[trace.loop :]
    found = []
    for part in relevant(trace, prop):
        text = " / ".join(dict.fromkeys(map(part.text, loop)))
        found.append(Value(part.name, text, text))
    return tuple(found)


class _Judge:
    """Evaluates parts of a property where it is broken.

    Terms fold constants, so putting the values of the cells in evaluates every shared
    part once; the interpreter would walk it as a tree.
    """

    def __init__(self, model: Model, before: State, now: State) -> None:
        self._leaves: dict[Term, Term] = {}
        for cell in model.cells:
            sort, hi = cell.range.sort, cell.range.hi
            self._leaves[cell.now] = constant_of(sort, before[cell.index], hi)
            self._leaves[cell.after] = constant_of(sort, now[cell.index], hi)
        self._values: dict[Term, Term] = {}
        self._resolved: dict[Term, Term] = {}

    def is_true(self, term: Term) -> bool:
        """The value of a Boolean term."""
        return substitute(term, self._leaves, self._values) is TRUE

    def resolved(self, term: Term) -> Term:
        """`term` with every conditional replaced by the branch that is taken."""
        if term not in self._resolved:
            if term.op is Op.ITE:
                cond, then, other = term.args
                result = self.resolved(then if self.is_true(cond) else other)
            else:
                result = rebuild(term, tuple(map(self.resolved, term.args)))
            self._resolved[term] = result
        return self._resolved[term]

    def core(self, term: Term) -> Iterator[Term]:
        """The smallest parts of a Boolean `term` that give it its value."""
        if term.op is Op.NOT:
            yield from self.core(term.args[0])
        elif term.op in (Op.AND, Op.OR):
            value = self.is_true(term)
            # One argument decides an `and` that is false and an `or` that is true.
            deciding = [arg for arg in term.args if self.is_true(arg) == value]
            if value == (term.op is Op.OR):
                yield from min((list(self.core(arg)) for arg in deciding), key=len)
                return
            for arg in deciding:
                yield from self.core(arg)
        else:
            yield term


def stuck(trace: Trace) -> tuple[Wait, ...]:
    """What each process that is not done waits for at the end of `trace`."""
    model, state = trace.model, trace.states[-1]
    waits: list[Wait] = []
    for process in model.processes:
        location = process.locations[state[process.pc]]
        if state[process.pc] == process.done or process.is_daemon:
            continue
        what = awaited(model, process.actor, state) or location.label
        held_by: tuple[str, ...] = ()
        if location.kind is WaitKind.ACQUIRE:
            lock = _awaited_lock(model, process.actor, state)
            what = lock.name if lock else location.lock or location.label
            held_by = _holders(model, lock, state)
        place = location.span.short if location.span.line else ""
        waits.append(Wait(process.actor, location.kind, what, place, held_by))
    return tuple(waits)


def _holders(model: Model, lock: Component | None, state: State) -> tuple[str, ...]:
    """Who holds `lock`, and whether they will ever let go of it."""
    if lock is None or not isinstance(lock.type_, LockType):
        return ()
    done = {p.actor for p in model.processes if state[p.pc] == p.done}
    return tuple(
        f"{holder} (which has returned)" if holder in done else holder
        for holder in holders(lock.type_, lock.leaves(state))
    )


def _awaited_lock(model: Model, actor: str, state: State) -> Component | None:
    """The lock that `actor` needs to go on.

    A location names it as the spec does, `locks[dev]`; the requirement of the step
    behind it says which one that is.
    """
    cells = _cells_of(_requirements(model, actor, state))
    found = reading(model, cells)
    return next((part for part in found if isinstance(part.type_, LockType)), None)


def awaited(model: Model, actor: str, state: State) -> str:
    """The conditions under which the process `actor` can leave where it stands.

    They are what its steps from there require before they do anything else.
    """
    speller = Speller(model)
    required = _requirements(model, actor, state)
    return " or ".join(sorted({speller.text(term) for term in required}))


def _requirements(model: Model, actor: str, state: State) -> list[Term]:
    """What the steps of `actor` from where it stands require first."""
    judge = _Judge(model, state, state)
    return [
        judge.resolved(required)
        for step in model.steps
        if step.actor == actor
        if step.at is None or state[step.at[0]] == step.at[1]
        for required in _first_requirement(step.body)
    ]


def _first_requirement(body: Body) -> Iterator[Term]:
    temps: dict[Term, Term] = {}
    for statement in body:
        if isinstance(statement, Let):
            temps |= {statement.temp: substitute(statement.term, temps, {})}
        elif isinstance(statement, Require):
            yield substitute(statement.cond, temps, {})
            return
        elif not isinstance(statement, Mark | Assert):
            return
