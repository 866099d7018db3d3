"""Guarded terms: what a structured body computes, without its control flow.

A body is executed once on symbols. Where branches meet, their values are merged with
`ite`, so a body of n branches gives terms of a size linear in n, not 2**n paths.
The result says, over the cells before the step and the choices made in it: when the
body runs to its end, what it then writes, when which check fails, and when an `assume`
cuts it off. `modelcheck.solve` reads this; the interpreter says what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from modelcheck.model.program import Kind, Model, Property, Step
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
    Statement,
)
from modelcheck.model.temporal import Fairness
from modelcheck.model.terms import (
    FALSE,
    LEAVES,
    TRUE,
    Op,
    Sort,
    Term,
    and_,
    as_int,
    constant_of,
    eq,
    has,
    ite,
    leaf,
    lt,
    not_,
    or_,
    substitute,
    walk,
)
from modelcheck.model.types import Type


@dataclass(frozen=True, slots=True)
class Failure:
    """The check `failed` fails exactly where `condition` holds."""

    condition: Term
    failed: Assert


@dataclass(frozen=True, slots=True)
class Guarded:
    """A body as a relation.

    For given cells and `choices`, exactly one of these holds: the body ends (`guard`),
    one of the `failures` happens, an assumption cuts it off (`cut`), or it is disabled.
    Where `guard` holds, `updates` are the values of the cells written; other cells
    keep theirs. `choices` are TEMP terms with negative numbers; a value of one that is
    outside its interval has no meaning, and one that is not reached is free. `types`
    says what the values of each choice stand for.
    """

    guard: Term
    updates: Mapping[int, Term]
    choices: tuple[Term, ...]
    failures: tuple[Failure, ...]
    cut: Term
    types: Mapping[Term, frozenset[Type]]

    @property
    def possible(self) -> Term:
        """Whether the choices lead to an outcome: an end, a failure or a cut."""
        return or_(self.guard, self.cut, *(f.condition for f in self.failures))

    @property
    def enabled(self) -> Term:
        """Whether some choices lead to an outcome, over the cells alone."""
        return exists(self.possible, self.choices)


@dataclass(frozen=True, slots=True)
class Judged:
    """A property as terms: its value `result`, and the checks that can fail in it."""

    result: Term
    failures: tuple[Failure, ...]

    @property
    def fails(self) -> Term:
        """Whether any check fails, so that the property has no value."""
        return or_(*(failure.condition for failure in self.failures))


def guard_step(model: Model, step: Step) -> Guarded:
    """The relation of `step`; its location (`Step.at`) is part of every condition."""
    before = {cell.index: cell.now for cell in model.cells}
    entry = TRUE
    if step.at is not None:
        pc, location = step.at
        scalar = model.cells[pc].range
        here = constant_of(scalar.sort, location, scalar.hi)
        entry = eq(before[pc], here)
        # The body reads its own location as a constant, which folds much of it.
        before[pc] = here
    return _guard(step.body, before, entry)


def guard_init(model: Model) -> Guarded:
    """The initial states: `updates` gives every cell that differs from `model.zero`."""
    before = {
        cell.index: constant_of(cell.range.sort, value, cell.range.hi)
        for cell, value in zip(model.cells, model.zero, strict=True)
    }
    return _guard(model.init, before, TRUE)


def guard_property(prop: Property) -> Judged:
    """The value of `prop` over CELL (and, for a TRANSITION, NEXT) terms."""
    execution = _Execution({})
    end = execution.run(prop.body, TRUE)
    if execution.choices:
        message = f"the property {prop.name} chooses"
        raise TypeError(message)
    is_dead = end.guard is FALSE
    result = FALSE if is_dead else execution.evaluate(prop.result, end)
    return Judged(and_(end.guard, result), tuple(execution.failures))


def fairness_property(fairness: Fairness) -> Property:
    """The predicate of a fairness constraint as a property of pairs of states."""
    assert fairness.result is not None
    return Property(
        fairness.name,
        Kind.TRANSITION,
        fairness.body,
        fairness.result,
        span=fairness.span,
    )


def _guard(body: Body, before: Mapping[int, Term], entry: Term) -> Guarded:
    execution = _Execution(before)
    end = execution.run(body, entry)
    updates = {
        cell: value for cell, value in end.cells.items() if value is not before[cell]
    }
    return Guarded(
        guard=end.path,
        updates=updates if end.path is not FALSE else {},
        choices=tuple(execution.choices),
        failures=tuple(execution.failures),
        cut=or_(*execution.cuts),
        types={term: frozenset(found) for term, found in execution.choices.items()},
    )


def exists(term: Term, choices: Iterable[Term]) -> Term:
    """Whether some values of `choices`, in their intervals, make `term` true.

    Each choice is expanded into its values, only in the conjuncts that mention it.
    """
    for choice in reversed(list(choices)):
        alternatives = term.args if term.op is Op.OR else (term,)
        term = or_(*(_exists_in_conjunction(part, choice) for part in alternatives))
    return term


def _exists_in_conjunction(term: Term, choice: Term) -> Term:
    dependent = {choice}
    for part in walk([term]):
        if not dependent.isdisjoint(part.args):
            dependent.add(part)
    conjuncts = term.args if term.op is Op.AND else (term,)
    scope = and_(*(part for part in conjuncts if part in dependent))
    if scope is TRUE:
        return term
    outside = (part for part in conjuncts if part not in dependent)
    cases = (substitute(scope, {choice: value}, {}) for value in _values(choice))
    return and_(*outside, or_(*cases))


def _values(choice: Term) -> Iterator[Term]:
    for value in range(choice.lo, choice.hi + 1):
        yield constant_of(choice.sort, value, choice.hi)


class _Scope:
    """One body being executed, up to the statement before `rest`.

    It was entered where `entry` holds, and has come this far where `guard` does, too.
    `cells` holds the cells written, `temps` the temporaries, `chosen` counts choices.
    """

    __slots__ = ("cells", "chosen", "entry", "guard", "memo", "rest", "temps")

    def __init__(self, body: Body, entry: Term) -> None:
        self.rest = iter(body)
        self.entry = entry
        self.guard = TRUE
        self.cells: dict[int, Term] = {}
        self.temps: dict[int, Term] = {}
        self.memo: dict[Term, Term] = {}
        self.chosen = 0

    @property
    def path(self) -> Term:
        """The condition for having come this far from the start of the step."""
        return and_(self.entry, self.guard)

    def branch(self, body: Body, cond: Term) -> _Scope:
        """A scope that runs `body` from here where `cond` holds."""
        other = _Scope(body, and_(self.path, cond))
        other.cells, other.temps = dict(self.cells), dict(self.temps)
        other.chosen = self.chosen
        return other

    def bind(self, temp: int, value: Term) -> None:
        """Let the temporary be `value`."""
        self.temps[temp] = value
        self.memo.clear()


@dataclass(frozen=True, slots=True)
class _Join:
    """Where the branches of an `If` meet again."""

    scope: _Scope
    cond: Term
    then: _Scope
    other: _Scope


class _Execution:
    """The symbolic run of one body; `before` are the cells at its start."""

    def __init__(self, before: Mapping[int, Term]) -> None:
        self.before = before
        self.choices: dict[Term, set[Type]] = {}
        self.failures: list[Failure] = []
        self.cuts: list[Term] = []

    def run(self, body: Body, entry: Term) -> _Scope:
        """Execute `body`; the scope as it stands at the end."""
        root = _Scope(body, entry)
        stack: list[_Scope | _Join] = [root]
        while stack:
            top = stack[-1]
            if isinstance(top, _Join):
                stack.pop()
                self._join(top)
                continue
            statement = next(top.rest, None) if top.guard is not FALSE else None
            if statement is None:
                stack.pop()
            elif isinstance(statement, If):
                stack += self._fork(statement, top)
            else:
                self._execute(statement, top)
        return root

    def evaluate(self, term: Term, scope: _Scope) -> Term:
        """`term` as it is at this point of `scope`."""
        if term not in scope.memo:
            leaves = {
                part: self._leaf(part, scope)
                for part in walk([term])
                if part.op in LEAVES
            }
            substitute(term, leaves, scope.memo)
        return scope.memo[term]

    def _leaf(self, term: Term, scope: _Scope) -> Term:
        if term.op is Op.TEMP:
            return scope.temps[term.value]
        if term.op is Op.CELL:
            now = scope.cells.get(term.value)
            return self.before.get(term.value, term) if now is None else now
        return term

    def _fork(self, statement: If, scope: _Scope) -> list[_Scope | _Join]:
        cond = _known(self.evaluate(statement.cond, scope), scope.path)
        then = scope.branch(statement.then if cond is not FALSE else (), cond)
        other = scope.branch(statement.orelse if cond is not TRUE else (), not_(cond))
        return [_Join(scope, cond, then, other), other, then]

    def _join(self, join: _Join) -> None:
        scope, cond, then, other = join.scope, join.cond, join.then, join.other
        if cond is TRUE or other.guard is FALSE:
            scope.cells, scope.temps = then.cells, then.temps
        elif cond is FALSE or then.guard is FALSE:
            scope.cells, scope.temps = other.cells, other.temps
        else:
            scope.cells = self._merge_cells(cond, then.cells, other.cells)
            scope.temps = _merge_temps(cond, then.temps, other.temps)
        scope.guard = and_(scope.guard, ite(cond, then.guard, other.guard))
        scope.chosen = max(then.chosen, other.chosen)
        scope.memo.clear()

    def _merge_cells(
        self, cond: Term, then: dict[int, Term], other: dict[int, Term]
    ) -> dict[int, Term]:
        merged = dict(then)
        for cell in {**then, **other}:
            kept = self.before[cell]
            merged[cell] = ite(cond, then.get(cell, kept), other.get(cell, kept))
        return merged

    def _execute(self, statement: Statement, scope: _Scope) -> None:
        match statement:
            case Assign(cell, term):
                scope.cells[cell] = self.evaluate(term, scope)
                scope.memo.clear()
            case Let(temp, term):
                scope.bind(temp.value, self.evaluate(term, scope))
            case Require(cond, is_assumption=is_assumption):
                self._require(self.evaluate(cond, scope), scope, is_cut=is_assumption)
            case Assert(cond):
                self._assert(statement, self.evaluate(cond, scope), scope)
            case Choose():
                self._choose(statement, scope)
            case Mark():
                pass
            case _:
                message = f"{type(statement).__name__} in the body of a step"
                raise TypeError(message)

    def _require(self, cond: Term, scope: _Scope, *, is_cut: bool) -> None:
        if is_cut:
            self.cuts.append(and_(scope.path, not_(cond)))
        scope.guard = and_(scope.guard, cond)

    def _assert(self, statement: Assert, cond: Term, scope: _Scope) -> None:
        condition = and_(scope.path, not_(cond))
        if condition is not FALSE:
            self.failures.append(Failure(condition, statement))
        scope.guard = and_(scope.guard, cond)

    def _choose(self, choose: Choose, scope: _Scope) -> None:
        """Bind a fresh TEMP; branches that exclude each other share their TEMPs."""
        temp = choose.temp
        scope.chosen += 1
        choice = leaf(Op.TEMP, -scope.chosen, temp.sort, temp.lo, temp.hi)
        if not choice.is_const:
            self.choices.setdefault(choice, set()).add(choose.type_)
        if choose.among is not None:
            members = self.evaluate(choose.among, scope)
            scope.guard = and_(scope.guard, _is_member(choice, members))
        if temp.op is Op.TEMP:
            scope.bind(temp.value, choice)


def _is_member(choice: Term, members: Term) -> Term:
    index = as_int(choice)
    if choice.hi < members.width:
        return has(members, index)
    width = constant_of(Sort.INT, members.width, 0)
    return and_(lt(index, width), has(members, index))


def _known(cond: Term, path: Term) -> Term:
    """`cond`, folded where it is one of the conjuncts of `path` or contradicts one."""
    facts = path.args if path.op is Op.AND else (path,)
    if any(fact is cond for fact in facts):
        return TRUE
    negated = not_(cond)
    return FALSE if any(fact is negated for fact in facts) else cond


def _merge_temps(
    cond: Term, then: dict[int, Term], other: dict[int, Term]
) -> dict[int, Term]:
    """Both branches' temporaries; one that only one branch has is read only there."""
    merged = {**other, **then}
    for temp in then.keys() & other.keys():
        if then[temp] is not other[temp]:
            merged[temp] = ite(cond, then[temp], other[temp])
    return merged
