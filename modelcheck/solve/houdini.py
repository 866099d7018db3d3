"""Clauses about any member that are inductive together, found by trying many.

The largest inductive subset of a set of candidates is what is left when whatever a step
refutes is dropped until nothing is (Flanagan and Leino, "Houdini, an annotation
assistant for ESC/Java", FME 2001). What is left is a guess about other sizes, which
`certify.parametric` judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import combinations

from modelcheck.model.clauses import Clause, Literal, clause_term
from modelcheck.model.families import Family
from modelcheck.model.program import Cell, Model, Role, State
from modelcheck.model.statements import Assign, Choose
from modelcheck.model.terms import Op, Sort, Term, and_, constant_of, leaf, walk
from modelcheck.model.types import BOOL, LockType
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.session import Answer, Session
from modelcheck.solve.translate import Z3, Expr

SAMPLE = 1000
"""So many states are looked at."""

MOST_VALUES = 8
"""Cells of more values are not looked at."""

MOST_CLAUSES = 4000
"""More candidates are not tried."""

MOST_WEAKENED = 3
"""A clause that is refuted more often is given up."""

_FIRST_TEMP = 1_000_000


def forgetful(model: Model, dropped: frozenset[str]) -> Model:
    """`model`, whose steps begin with any values of the variables `dropped`.

    Between steps these variables have one value each, so that they make no states.
    """
    cells = [
        model.cells[cell]
        for variable in model.variables
        if variable.role is Role.STATE and variable.name in dropped
        for cell in variable.cells.leaves()
    ]
    read = {
        term.value
        for step in model.steps
        for term in _terms(step.body)
        if term.op is Op.CELL
    }
    lost = [cell for cell in cells if cell.index in read]
    start = [part for cell in lost for part in _any_value(cell)]
    end = [Assign(cell.index, _least(cell)) for cell in lost]
    steps = (replace(x, body=(*start, *x.body, *end)) for x in model.steps)
    return replace(model, steps=tuple(steps), init=(*model.init, *end))


def _any_value(cell: Cell) -> Iterator[Choose | Assign]:
    range_ = cell.range
    number = _FIRST_TEMP + cell.index
    temp = leaf(Op.TEMP, number, range_.sort, range_.lo, range_.hi)
    if range_.sort is not Sort.MASK:
        yield Choose(temp, None, BOOL)
        yield Assign(cell.index, temp)


def _least(cell: Cell) -> Term:
    return constant_of(cell.range.sort, cell.range.lo, cell.range.hi)


def _terms(root: object) -> Iterator[Term]:
    stack = [root]
    while stack:
        top = stack.pop()
        if isinstance(top, Term):
            yield from walk([top])
        elif isinstance(top, tuple | list):
            stack += top
        elif is_dataclass(top):
            stack += [getattr(top, each.name) for each in fields(top)]


class Candidates:
    """Clauses of two literals to try, about member 0 of `family` and what is shared.

    `dropped` variables are not spoken of, of `counters` only whether they are 0.
    """

    def __init__(
        self, family: Family, dropped: frozenset[str], counters: frozenset[str]
    ) -> None:
        self._family = family
        self._model = family.model
        self._dropped = dropped
        self._counters = counters

    def clauses(self, states: Sequence[State]) -> list[Clause]:
        """Those that are true in all `states`, none of which follows from another."""
        literals = list(self._literals())
        every = (1 << len(states)) - 1
        true = {x: self._where(x, states) for x in literals}
        found: list[Clause] = [(x,) for x in literals if true[x] == every]
        open_ = [x for x in literals if true[x] != every]
        found += [
            (one, two)
            for one, two in combinations(open_, 2)
            if (one.cell, one.bit) != (two.cell, two.bit)
            and true[one] | true[two] == every
        ]
        for pc, places in self._places(states).items():
            found += self._at(pc, places, open_, true)
        return found[:MOST_CLAUSES]

    def _places(self, states: Sequence[State]) -> dict[int, dict[int, int]]:
        """For each pc that may be spoken of, the states, as bits, at each place."""
        found: dict[int, dict[int, int]] = {}
        both = zip(self._model.processes, self._family.actors, strict=True)
        for process, (_, member) in both:
            if member in (None, 0):
                at = found[process.pc] = dict[int, int]()
                for number, state in enumerate(states):
                    place = state[process.pc]
                    at[place] = at.get(place, 0) | 1 << number
        return found

    def _at(
        self,
        pc: int,
        places: Mapping[int, int],
        literals: Sequence[Literal],
        true: Mapping[Literal, int],
    ) -> Iterator[Clause]:
        """What is true where a process is, each about as many places as possible."""
        alone = {x: _holding(places, true[x]) for x in literals}
        every = frozenset(places)
        for x in literals:
            if alone[x]:
                yield Literal(pc, every - alone[x]), x
        mine = [x for x in literals if self._family.spoken_of((x,))]
        if not self._family.mentioned((Literal(pc, every),)):
            return
        for one, two in combinations(mine, 2):
            both = _holding(places, true[one] | true[two])
            is_more = both > alone[one] | alone[two] and both != every
            if is_more and (one.cell, one.bit) != (two.cell, two.bit):
                yield Literal(pc, every - both), one, two

    def _where(self, literal: Literal, states: Sequence[State]) -> int:
        """The states, as bits, in which `literal` is true."""
        return sum(
            is_true(self._model, literal, state) << number
            for number, state in enumerate(states)
        )

    def _literals(self) -> Iterator[Literal]:
        """What may be said of the variables, of member 0 or of nobody in particular."""
        for variable in self._model.variables:
            if variable.role in (Role.PC, Role.LOCAL) or variable.name in self._dropped:
                continue
            for cell in variable.cells.leaves():
                type_, member = self._family.place_of(cell)
                if member in (None, 0):
                    for literal in self._of_cell(variable.name, cell, type_):
                        if self._family.spoken_of((literal,)) <= {0}:
                            yield literal

    def _of_cell(self, name: str, cell: int, type_: object) -> Iterator[Literal]:
        """What may be said of one cell."""
        range_ = self._model.cells[cell].range
        every = frozenset(range(range_.lo, range_.hi + 1))
        if range_.sort is Sort.MASK:
            for number in range(range_.hi.bit_length()):
                yield Literal(cell, frozenset({1}), number)
                yield Literal(cell, frozenset({0}), number)
        elif name in self._counters:
            yield Literal(cell, frozenset({0}))
            yield Literal(cell, every - {0})
        elif isinstance(type_, LockType) or 1 < len(every) <= MOST_VALUES:
            for value in sorted(every):
                yield Literal(cell, frozenset({value}))
                if len(every) > len(_TRUTH):
                    yield Literal(cell, every - {value})


_TRUTH = (0, 1)


def _holding(places: Mapping[int, int], true: int) -> frozenset[int]:
    """The places all of whose states are among those in `true`."""
    return frozenset(place for place, states in places.items() if not states & ~true)


def is_true(model: Model, literal: Literal, state: State) -> bool:
    """Whether `literal` is true in `state`."""
    value = state[literal.cell]
    if literal.bit is not None:
        if model.cells[literal.cell].range.sort is not Sort.MASK:
            value -= model.cells[literal.cell].range.lo
        value = value >> literal.bit & 1
    return value in literal.values


@dataclass(frozen=True, slots=True)
class _Known:
    """Literals that say what a clause is before a step, at the start, and after it."""

    before: Expr
    not_first: Expr
    not_after: Expr
    instances: list[Clause]


class Houdini:
    """What of some clauses is kept by the steps of a model in which `goals` are true.

    A clause whose first literal is about a pc is not dropped where a step refutes it:
    the place at which the process then is becomes one of those that it allows. `into`
    is the model at some size; clauses are about `base`.
    """

    def __init__(
        self,
        base: Family,
        into: Family,
        encoding: Encoding,
        goals: Sequence[Term],
        deadline: float | None,
        is_interrupted: Callable[[], bool],
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._base, self._into = base, into
        self._encoding = encoding

        def session() -> Session:
            context = encoding.context
            return Session(context, "QF_BV", deadline, None, is_interrupted)

        self._start, self._step = session(), session()
        self._start.add(*encoding.choices(-1), encoding.initial())
        self._step.add(*encoding.ranges(0), *encoding.choices(0))
        self._step.add(encoding.transition(0))
        self._step.add(*(encoding.at(goal, 0) for goal in goals))
        self._goals = goals
        self._names: dict[Clause, _Known] = {}

    def largest(self, clauses: Iterable[Clause]) -> list[Clause] | None:
        """What is left of `clauses`; None if z3 did not come to an end."""
        alive = list(dict.fromkeys(clauses))
        weakened: dict[Clause, int] = {}
        for number, session in ((0, self._start), (2, self._step)):
            while alive:
                names = [self._name(clause) for clause in alive]
                assumed = [name.before for name in names] if number else []
                wrong = [x.not_after if number else x.not_first for x in names]
                bad = self._z3.Or(wrong)
                reply = session.ask_assuming(assumed, bad)
                if reply.answer is Answer.NO:
                    break
                if reply.answer is not Answer.YES:
                    return None
                frames = 2 if number else 1
                state = self._encoding.states(reply.model, frames)[-1]
                found: dict[Clause, None] = {}
                for clause in alive:
                    weaker = self._weakened(clause, state)
                    often = weakened.get(clause, 0) + (weaker != clause)
                    if weaker is not None and often <= MOST_WEAKENED:
                        weakened[weaker] = often
                        found[weaker] = None
                alive = list(found)
        return alive

    def kept(self, clauses: Sequence[Clause]) -> list[int]:
        """The numbers of the goals that are true at first, and then kept."""
        found = []
        for number, goal in enumerate(self._goals):
            here, there = (self._encoding.at(goal, frame) for frame in (0, 1))
            first = self._start.ask_assuming((), self._z3.Not(here))
            assumed = [self._name(clause).before for clause in clauses]
            reply = self._step.ask_assuming(assumed, self._z3.Not(there))
            if first.answer is Answer.NO and reply.answer is Answer.NO:
                found.append(number)
        return found

    def needed(self, clauses: Sequence[Clause]) -> list[Clause]:
        """What of `clauses` is enough to keep the goals."""
        wrong = self._z3.Not(
            self._z3.And([self._encoding.at(goal, 1) for goal in self._goals])
        )
        found: set[Clause] = set()
        while True:
            # What is needed anyhow comes first: then nothing else may be missing.
            order = sorted(clauses, key=lambda clause: clause not in found)
            assumed = [self._name(clause).before for clause in order]
            reply = self._step.ask_assuming(assumed, wrong)
            if reply.answer is not Answer.NO:
                return list(clauses)
            todo = {order[place] for place in reply.core} - found
            if not todo:
                return [clause for clause in clauses if clause in found]
            found |= todo
            wrong = self._z3.Or(
                wrong, *(self._name(clause).not_after for clause in todo)
            )

    def _name(self, clause: Clause) -> _Known:
        """Booleans for a clause at the start, before a step, and after it."""
        if clause not in self._names:
            number, context = len(self._names), self._encoding.context
            model = self._into.model
            instances = list(self._base.instances(clause, self._into))
            term = and_(*(clause_term(model, each) for each in instances))
            first, before, after = (
                self._z3.Bool(f"{title} {number}", context)
                for title in ("first", "before", "after")
            )
            here, there = (self._encoding.at(term, frame) for frame in (0, 1))
            self._start.add(first == here)
            self._step.add(before == here, after == there)
            negated = self._z3.Not(first), self._z3.Not(after)
            self._names[clause] = _Known(before, *negated, instances)
        return self._names[clause]

    def _weakened(self, clause: Clause, state: State) -> Clause | None:
        """The clause, weak enough to be true in `state`; None if it cannot be."""
        model = self._into.model
        allowed: set[int] = set()
        for each in self._name(clause).instances:
            if not any(is_true(model, literal, state) for literal in each):
                allowed.add(state[each[0].cell])
        if not allowed:
            return clause
        head, *rest = clause
        range_ = self._base.model.cells[head.cell].range
        values = head.values | allowed
        is_place = any(head.cell == x.pc for x in self._base.model.processes)
        if not rest or not is_place or len(values) > range_.hi - range_.lo:
            return None
        return (Literal(head.cell, values), *rest)
