"""The statement builder: where lowered code is written, and its storage.

A `Place` is something that can be assigned: cells of the state or temporaries,
possibly one of several under conditions (`self.hw[dev]` with `dev` not constant).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from modelcheck.model import terms as t
from modelcheck.model.shapes import Scalar, Shape, shape
from modelcheck.model.statements import (
    COUNTED,
    NO_SPAN,
    Assert,
    Assign,
    Check,
    Choose,
    If,
    Let,
    Loop,
    Mark,
    MarkKind,
    Scope,
    Span,
    Statement,
    Suspend,
)
from modelcheck.model.terms import Op, Term
from modelcheck.model.types import BOOL, Type
from modelcheck.reader.values import Value, bool_value, merge


@dataclass(frozen=True, slots=True)
class Place:
    """Storage for a value of `type_`: under each condition, leaves CELL or TEMP.

    The conditions exclude each other and cover every case. `lengths` are those of the
    lists that it is inside of: where one changes, elements move. `checks` found out
    that the lists are long enough.
    """

    type_: Type
    cases: tuple[tuple[Term, Shape[Term]], ...]
    lengths: frozenset[Term] = frozenset()
    checks: tuple[Assert, ...] = ()

    def read(self) -> Value:
        """The value stored now."""
        return _read(self.type_, self.cases)

    def inside(self, type_: Type, index: int) -> Place:
        """The place of component number `index`, of type `type_`."""
        cases = tuple((cond, leaves.items[index]) for cond, leaves in self.cases)
        return replace(self, type_=type_, cases=cases)


def _read(type_: Type, cases: tuple[tuple[Term, Shape[Term]], ...]) -> Value:
    """The value stored in one of `cases`: few are tried in turn, many halved."""
    if len(cases) > _FEW:
        half = len(cases) // 2
        first = t.or_(*(cond for cond, _ in cases[:half]))
        return merge(first, _read(type_, cases[:half]), _read(type_, cases[half:]))
    *others, (_, last) = cases
    value = Value(type_, last)
    for cond, leaves in reversed(others):
        value = merge(cond, Value(type_, leaves), value)
    return value


_FEW = 16


@dataclass(slots=True)
class Names:
    """Numbers for temporaries and scope labels; what each temporary is called.

    `variables` are the temporaries that hold local variables: the others are written
    once before they are read.
    """

    temps: int = 0
    titles: dict[int, tuple[str, Type | None]] = field(default_factory=dict)
    variables: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """Begin a body: its numbers do not depend on how many those before it take."""
        self.temps = -(-self.temps // _BLOCK) * _BLOCK

    def temp(self, scalar: Scalar, title: str, type_: Type | None = None) -> Term:
        """A new temporary; a scalar with one value needs none and is that constant."""
        self.temps += 1
        self.titles[self.temps] = (title, type_)
        return t.leaf(Op.TEMP, self.temps, scalar.sort, scalar.lo, scalar.hi)

    def label(self) -> int:
        """A new scope label; it shares numbers with temporaries (see `split`)."""
        self.temps += 1
        return self.temps


_BLOCK = 10_000
"""The numbers of a body begin at a multiple of this."""


class Builder:
    """A list of statements under construction, with nested blocks."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.out: list[Statement] = []

    def emit(self, statement: Statement) -> None:
        """Append a statement to the current block."""
        self.out.append(statement)

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        """Collect what is emitted inside into the list this gives."""
        outer, self.out = self.out, []
        try:
            yield self.out
        finally:
            self.out = outer

    def check(
        self, cond: Term, check: Check, message: str, function: str, span: Span
    ) -> None:
        """Emit an `Assert` unless `cond` is known to hold."""
        if cond is not t.TRUE:
            self.emit(Assert(cond, check, message, function, span))

    def branch(
        self, cond: Term, then: list[Statement], orelse: list[Statement]
    ) -> None:
        """Emit an `If`, or the branch taken if `cond` is known."""
        if cond.is_const:
            self.out.extend(then if cond.value else orelse)
        elif then or orelse:
            self.emit(If(cond, tuple(then), tuple(orelse)))

    def new_place(self, type_: Type, title: str) -> Place:
        """Temporaries for a value of `type_`; `title` is the local's name."""
        whole = shape(type_)
        if whole.leaf is not None:
            leaves = whole.map(lambda scalar: self.names.temp(scalar, title, type_))
        else:
            leaves = whole.map(lambda scalar: self.names.temp(scalar, title))
        return Place(type_, ((t.TRUE, leaves),))

    def keep(self, value: Value, title: str = "") -> Value:
        """`value` as it is now, even if the state changes later."""
        if not any(map(reads_state, value.shape.leaves())):
            return value
        place = self.new_place(value.type_, title)
        self.store(place, value)
        return Value(value.type_, place.cases[0][1])

    def new_variable(self, type_: Type, title: str) -> Place:
        """Storage for a local variable."""
        place = self.new_place(type_, title)
        for leaf in place.cases[0][1].leaves():
            self.names.variables.add(leaf.value)
        return place

    def hold(self, value: Value) -> Value:
        """`value` as it is now, even if the state or local variables change later."""
        if not any(self._can_change(leaf) for leaf in value.shape.leaves()):
            return value
        place = self.new_place(value.type_, "")
        self.store(place, value)
        return Value(value.type_, place.cases[0][1])

    def _can_change(self, term: Term) -> bool:
        return any(
            part.op in (Op.CELL, Op.NEXT)
            or (part.op is Op.TEMP and part.value in self.names.variables)
            for part in t.walk([term])
        )

    def changes(self, statements: Iterable[Statement]) -> bool:
        """Whether the state or a local variable can change while `statements` run."""
        return any(
            isinstance(s, Assign | Suspend)
            or (isinstance(s, Let) and s.temp.value in self.names.variables)
            for s in flat(statements)
        )

    def writes(self, statements: Iterable[Statement], read: set[Term]) -> bool:
        """Whether `statements` can change one of the leaves `read`."""
        cells = {part.value for part in read if part.op is Op.CELL}
        for statement in flat(statements):
            match statement:
                case Assign(cell):
                    if cell in cells:
                        return True
                case Let(temp):
                    if temp in read and temp.value in self.names.variables:
                        return True
                case Suspend():
                    if cells:
                        return True
        return False

    def steady(self, place: Place) -> Place:
        """`place` as it is now, even if what its indices depend on changes later."""
        cases = tuple(
            (self.hold(bool_value(cond)).term, leaves) for cond, leaves in place.cases
        )
        return replace(place, cases=cases)

    def store(self, place: Place, value: Value, span: Span = NO_SPAN) -> None:
        """Assign `value`, already in the representation of the place's type.

        All components change at once: a component that is read by the value of a later
        one is read before it is written.
        """
        if len(place.cases) > 1:
            value = self.keep(value)
        if len(place.cases) > _FEW:
            self._store_flat(place, value, span)
            return
        branches = []
        for cond, leaves in place.cases:
            with self.block() as body:
                self._store_leaves(list(leaves.zip(value.shape)), span)
            branches.append((cond, body))
        *others, (_, rest) = branches
        for cond, body in reversed(others):
            with self.block() as outer:
                self.branch(cond, body, rest)
            rest = outer
        self.out.extend(rest)

    def _store_flat(self, place: Place, value: Value, span: Span) -> None:
        """Assign to one of many cases, without a branch inside each other's."""
        conds = [self.keep(Value(BOOL, Shape(cond))).term for cond, _ in place.cases]
        for cond, (_, leaves) in zip(conds, place.cases, strict=True):
            with self.block() as body:
                self._store_leaves(list(leaves.zip(value.shape)), span)
            self.branch(cond, body, [])

    def _store_leaves(self, pairs: list[tuple[Term, Term]], span: Span) -> None:
        pairs = [(leaf, term) for leaf, term in pairs if not leaf.is_const]
        targets: set[Term] = set()
        is_safe = True
        for leaf, term in pairs:
            is_safe = is_safe and not any(x in targets for x in t.walk([term]))
            targets.add(leaf)
        if not is_safe:
            pairs = [(leaf, self._snapshot(term)) for leaf, term in pairs]
        for leaf, term in pairs:
            self.write(leaf, term, span)

    def _snapshot(self, term: Term) -> Term:
        if term.is_const:
            return term
        temp = self.names.temp(Scalar(term.sort, term.lo, term.hi), "")
        self.emit(Let(temp, term))
        return temp

    def write(self, leaf: Term, term: Term, span: Span = NO_SPAN) -> None:
        """Assign one component."""
        if leaf.op is Op.CELL:
            self.emit(Assign(leaf.value, term, span))
        elif leaf.op is Op.TEMP:
            self.emit(Let(leaf, term))


_SILENT = COUNTED | {MarkKind.READ}


def reads_state(term: Term) -> bool:
    """Whether the value of `term` can change while other code runs."""
    return any(part.op in (Op.CELL, Op.NEXT) for part in t.walk([term]))


def flat(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Every statement, also those inside others."""
    stack = list(statements)
    while stack:
        top = stack.pop()
        yield top
        match top:
            case If(_, then, orelse):
                stack.extend((*then, *orelse))
            case Scope(_, body) | Loop(body):
                stack.extend(body)


def may_write(statements: Iterable[Statement]) -> bool:
    """Whether the state can change while `statements` run."""
    return any(isinstance(s, Assign | Suspend) for s in flat(statements))


def has_effect(statements: Iterable[Statement]) -> bool:
    """Whether a trace should show the call that runs `statements`."""
    return any(
        isinstance(statement, Assign | Suspend | Choose)
        or (isinstance(statement, Mark) and statement.kind not in _SILENT)
        for statement in flat(statements)
    )
