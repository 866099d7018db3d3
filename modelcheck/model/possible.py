"""Which values each cell can have if nobody minds the values of the others.

A fixed point over sets of values, one for each cell: what a cell has at first, and
whatever a step can write to it when the cells that the step reads have any of their
values, in any combination. It contains every reachable state and many that are not
reachable, and it costs far less than a search. This is abstract interpretation with a
non-relational domain (Cousot and Cousot, POPL 1977), which with sets of one value is
conditional constant propagation (Wegman and Zadeck, TOPLAS 1991): a branch that no
combination takes writes nothing.

What is true of all these combinations does not hold because steps come in the right
order. It holds because nothing in the model could make it false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from modelcheck.model.program import Kind, Model, Property, Role, Step
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Require,
    Statement,
)
from modelcheck.model.terms import Op, Term, constant_of, rebuild, walk

Values = frozenset[int]

MOST_VALUES = 64
"""A set that would have more is that of the whole interval."""

MOST_PAIRS = 256
"""An operator whose arguments have more combinations may have any value."""

MOST_LEAVES = 4
"""A condition over more cells and temporaries tells nothing about each of them."""

_NO, _YES = frozenset({0}), frozenset({1})
_EITHER = _NO | _YES


@dataclass(slots=True)
class _Env:
    """The values at one place of a body; `after` are those of NEXT terms."""

    cells: dict[int, Values | None]
    temps: dict[int, Values | None] = field(default_factory=dict)
    after: Mapping[int, Values | None] = field(default_factory=dict)

    def copy(self) -> _Env:
        return _Env(dict(self.cells), dict(self.temps), self.after)

    def join(self, other: _Env) -> None:
        """Let each have the values of both; a temporary that one lacks is not read."""
        for mine, others in ((self.cells, other.cells), (self.temps, other.temps)):
            for key, values in others.items():
                mine[key] = _joined(mine[key], values) if key in mine else values

    def get(self, term: Term) -> Values | None:
        """The values of a CELL, NEXT or TEMP; None is the whole interval."""
        if term.op is Op.TEMP:
            return self.temps.get(term.value)
        return (self.cells if term.op is Op.CELL else self.after)[term.value]

    def put(self, term: Term, values: Values | None) -> None:
        """Write a CELL or TEMP; what can have one value only is a CONST."""
        if term.op is Op.TEMP:
            self.temps[term.value] = values
        elif term.op is Op.CELL:
            self.cells[term.value] = values


@dataclass(frozen=True, slots=True)
class Possible:
    """The values of each cell of `model`; None is the whole interval."""

    model: Model
    cells: Mapping[int, Values | None]

    def admits(self, state: Iterable[int]) -> bool:
        """Whether each cell has one of its values."""
        found = (self.cells[cell] for cell in range(len(self.cells)))
        return all(
            values is None or value in values
            for value, values in zip(state, found, strict=True)
        )

    def can_fail(self, prop: Property) -> bool:
        """Whether an INVARIANT or a TRANSITION is false for some combination.

        That is a necessary condition for it to be violated, not a sufficient one.
        """
        if prop.kind not in (Kind.INVARIANT, Kind.TRANSITION):
            message = f"{prop.name} is neither about states nor about steps"
            raise ValueError(message)
        env = _Env(dict(self.cells), after=self.cells)
        return not _run(prop.body, env) or _values(prop.result, env) != _YES

    def unchanging(self, prop: Property) -> tuple[str, ...]:
        """The variables that a property reads and that have one value only."""
        roots = [*_terms(prop.body), prop.result]
        read = {t.value for t in walk(roots) if t.op in (Op.CELL, Op.NEXT)}
        return tuple(
            variable.name
            for variable in self.model.variables
            if variable.role is Role.STATE
            and (cells := set(variable.cells.leaves())) & read
            and all(len(self.cells[cell] or ()) == 1 for cell in cells)
        )


def possible(model: Model) -> Possible:
    """The least fixed point of `model`."""
    start = _Env({cell: frozenset({value}) for cell, value in enumerate(model.zero)})
    _run(model.init, start)
    cells = start.cells
    reads = {step.index: _read(step) for step in model.steps}
    waiting = {step.index for step in model.steps}
    while waiting:
        for step in model.steps:
            if step.index not in waiting:
                continue
            waiting.discard(step.index)
            for cell in _widened(step, cells):
                waiting |= {index for index, read in reads.items() if cell in read}
    return Possible(model, cells)


def _read(step: Step) -> frozenset[int]:
    """The cells that a step reads; of those that it only writes it keeps nothing."""
    roots = list(_terms(step.body))
    read = {term.value for term in walk(roots) if term.op is Op.CELL}
    return frozenset(read | ({step.at[0]} if step.at else set()))


def _terms(body: Body) -> Iterable[Term]:
    for statement in body:
        match statement:
            case Assign(term=term) | Let(term=term):
                yield term
            case Require(cond=cond) | Assert(cond=cond):
                yield cond
            case Choose(among=among) if among is not None:
                yield among
            case If(cond, then, orelse):
                yield cond
                yield from _terms(then)
                yield from _terms(orelse)


def _widened(step: Step, cells: dict[int, Values | None]) -> list[int]:
    """Take `step` once, add what it writes to `cells`; the cells that got more."""
    env = _Env(dict(cells))
    if step.at is not None:
        pc, location = step.at
        known = cells[pc]
        if known is not None and location not in known:
            return []
        env.cells[pc] = frozenset({location})
    if not _run(step.body, env):
        return []
    more: list[int] = []
    for cell, values in env.cells.items():
        joined = _joined(cells[cell], values)
        if joined != cells[cell]:
            cells[cell] = joined
            more.append(cell)
    return more


def _run(body: Body, env: _Env) -> bool:
    """Execute `body` on `env`; whether any combination comes to its end."""
    return all(_execute(statement, env) for statement in body)


def _execute(statement: Statement, env: _Env) -> bool:
    match statement:
        case Assign(cell, term):
            env.cells[cell] = _values(term, env)
        case Let(temp, term):
            env.put(temp, _values(term, env))
        case Require(cond) | Assert(cond):
            return _assume(cond, env, is_true=True)
        case Choose(temp, among):
            return _choose(temp, among, env)
        case If(cond, then, orelse):
            return _branch(cond, then, orelse, env)
    return True


def _choose(temp: Term, among: Term | None, env: _Env) -> bool:
    """Any value of the interval that is a member of one of the sets chosen from."""
    masks = None if among is None else _values(among, env)
    every = _interval(temp)
    if masks is not None and every is not None:
        every = frozenset(
            value for value in every if any(mask >> value & 1 for mask in masks)
        )
    env.put(temp, every)
    return every is None or bool(every)


def _branch(cond: Term, then: Body, orelse: Body, env: _Env) -> bool:
    """Take the branches that some combination takes, and join what comes of them."""
    other = env.copy()
    is_taken = _assume(cond, env, is_true=True) and _run(then, env)
    is_other = _assume(cond, other, is_true=False) and _run(orelse, other)
    if is_taken and is_other:
        env.join(other)
    elif is_other:
        env.cells, env.temps = other.cells, other.temps
    return is_taken or is_other


def _assume(cond: Term, env: _Env, *, is_true: bool) -> bool:
    """Keep the values with which `cond` can be as wanted; whether there are any."""
    if cond.op is Op.NOT:
        return _assume(cond.args[0], env, is_true=not is_true)
    if cond.op is (Op.AND if is_true else Op.OR):
        return all(_assume(arg, env, is_true=is_true) for arg in cond.args)
    wanted = int(is_true)
    if wanted not in (_values(cond, env) or _EITHER):
        return False
    leaves = [t for t in walk([cond]) if t.op in (Op.CELL, Op.NEXT, Op.TEMP)]
    if len(leaves) > MOST_LEAVES:
        return True
    for leaf in leaves:
        before = env.get(leaf) or _interval(leaf)
        if before is None or leaf.op is Op.NEXT or len(before) == 1:
            continue
        kept: set[int] = set()
        for value in before:
            env.put(leaf, frozenset({value}))
            if wanted in (_values(cond, env) or _EITHER):
                kept.add(value)
        env.put(leaf, frozenset(kept))
        if not kept:
            return False
    return True


def _values(term: Term, env: _Env) -> Values | None:
    """What `term` can be, its arguments being independent; None is its interval."""
    memo: dict[Term, Values | None] = {}
    stack = [term]
    while stack:
        top = stack[-1]
        if top in memo:
            stack.pop()
            continue
        if top.op is Op.CONST:
            memo[top] = frozenset({top.value})
        elif top.op in (Op.CELL, Op.NEXT, Op.TEMP):
            memo[top] = env.get(top)
        elif missing := _missing(top, memo):
            stack.extend(missing)
            continue
        else:
            memo[top] = _operator(top, memo)
        stack.pop()
    return memo[term]


def _missing(term: Term, memo: Mapping[Term, Values | None]) -> list[Term]:
    """The arguments that have to be known first; of ITE only branches taken."""
    if term.op is Op.ITE and term.args[0] in memo:
        cond = memo[term.args[0]]
        args = [*([term.args[1]] if cond != _NO else [])]
        args += [term.args[2]] if cond != _YES else []
        return [arg for arg in args if arg not in memo]
    args = [term.args[0]] if term.op is Op.ITE else list(term.args)
    return [arg for arg in args if arg not in memo]


def _operator(term: Term, memo: Mapping[Term, Values | None]) -> Values | None:
    match term.op:
        case Op.AND | Op.OR:
            stop, go_on = (_NO, _YES) if term.op is Op.AND else (_YES, _NO)
            args = [memo[arg] for arg in term.args]
            if stop in args:
                return stop
            return go_on if all(arg == go_on for arg in args) else _EITHER
        case Op.ITE:
            cond, then, other = term.args
            if memo[cond] in (_NO, _YES):
                return memo[then if memo[cond] == _YES else other]
            return _joined(memo[then], memo[other])
    return _strict(term, [memo[arg] for arg in term.args])


def _strict(term: Term, args: list[Values | None]) -> Values | None:
    """An operator applied to each combination; None if there are too many."""
    known = [
        _interval(arg) if values is None else values
        for arg, values in zip(term.args, args, strict=True)
    ]
    sizes = 1
    for values in known:
        sizes *= MOST_PAIRS + 1 if values is None else len(values)
    if sizes > MOST_PAIRS:
        return _interval(term)
    sets = [values for values in known if values is not None]
    found = (_applied(term, values) for values in product(*sets))
    return frozenset(value for value in found if value is not None)


@lru_cache(maxsize=100_000)
def _applied(term: Term, values: tuple[int, ...]) -> int | None:
    """`term` with constants for its arguments; None where it has no value."""
    args = tuple(
        constant_of(arg.sort, value, arg.hi)
        for arg, value in zip(term.args, values, strict=True)
    )
    folded = rebuild(term, args)
    return folded.value if folded.is_const else None


def _interval(term: Term) -> Values | None:
    """All values of a term, if they are few."""
    if term.hi - term.lo >= MOST_VALUES:
        return None
    return frozenset(range(term.lo, term.hi + 1))


def _joined(one: Values | None, other: Values | None) -> Values | None:
    if one is None or other is None:
        return None
    both = one | other
    return both if len(both) <= MOST_VALUES else None
