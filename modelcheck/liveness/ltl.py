"""Formulas in negation normal form, simplified as they are built.

`normal` takes a formula of the model, or its negation, to a form with negations at the
atoms only, which `automaton.py` reads. The rules are those of Somenzi and Bloem,
"Efficient Büchi automata from LTL formulae" (CAV 2000), and of Etessami and Holzmann,
"Optimizing Büchi automata" (CONCUR 2000): what is purely eventual or purely universal
needs no further `eventually` or `always` around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from modelcheck.model.temporal import Connective, Formula


class Form(Enum):
    """The operators of the normal form; FALSE and TRUE are constants."""

    FALSE = "false"
    TRUE = "true"
    LITERAL = "literal"
    AND = "and"
    OR = "or"
    NEXT = "next"
    UNTIL = "until"
    RELEASE = "release"


@dataclass(frozen=True)
class Ltl:
    """A formula in negation normal form.

    A LITERAL says that atom `atom` is true, or, if `is_negated`, that it is false. AND
    and OR have at least two `args`, in no order that means anything.
    """

    form: Form
    args: tuple[Ltl, ...] = ()
    atom: int = -1
    is_negated: bool = False

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.form, self.args, self.atom, self.is_negated))

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What formulas are sorted by, so that automata do not vary from run to run."""
        order = tuple(arg.key for arg in self.args)
        return (self.form.value, self.atom, self.is_negated, order)

    @cached_property
    def is_eventual(self) -> bool:
        """Whether it holds as soon as it holds at any later place."""
        match self.form:
            case Form.FALSE | Form.TRUE:
                return True
            case Form.LITERAL:
                return False
            case Form.UNTIL if self.args[0] is TRUE:
                return True
            case Form.UNTIL:
                return self.args[1].is_eventual
        return all(arg.is_eventual for arg in self.args)

    @cached_property
    def is_universal(self) -> bool:
        """Whether it holds at all later places as soon as it holds at one."""
        match self.form:
            case Form.FALSE | Form.TRUE:
                return True
            case Form.LITERAL:
                return False
            case Form.RELEASE if self.args[0] is FALSE:
                return True
            case Form.RELEASE:
                return self.args[1].is_universal
        return all(arg.is_universal for arg in self.args)


FALSE = Ltl(Form.FALSE)
TRUE = Ltl(Form.TRUE)


def literal(atom: int, *, is_negated: bool = False) -> Ltl:
    """The atom, or its negation."""
    return Ltl(Form.LITERAL, (), atom, is_negated)


def conjunction(parts: Iterable[Ltl]) -> Ltl:
    """All of `parts`."""
    return _joined(Form.AND, parts, TRUE, FALSE)


def disjunction(parts: Iterable[Ltl]) -> Ltl:
    """One of `parts` at least."""
    return _joined(Form.OR, parts, FALSE, TRUE)


def _joined(form: Form, parts: Iterable[Ltl], neutral: Ltl, zero: Ltl) -> Ltl:
    found: set[Ltl] = set()
    for part in parts:
        found.update(part.args if part.form is form else (part,))
    found.discard(neutral)
    if zero in found or any(_opposite(part) in found for part in found):
        return zero
    if not found:
        return neutral
    if len(found) == 1:
        return found.pop()
    return Ltl(form, tuple(sorted(found, key=lambda part: part.key)))


def _opposite(part: Ltl) -> Ltl | None:
    if part.form is not Form.LITERAL:
        return None
    return literal(part.atom, is_negated=not part.is_negated)


def next_(inner: Ltl) -> Ltl:
    """`inner` at the next place."""
    if inner in (TRUE, FALSE) or (inner.is_eventual and inner.is_universal):
        return inner
    return Ltl(Form.NEXT, (inner,))


def until(left: Ltl, right: Ltl) -> Ltl:
    """`right` some time, and `left` up to there."""
    if right.is_eventual or left is FALSE or left == right:
        return right
    if left is TRUE and right.form is Form.UNTIL:
        # eventually (a until b) is eventually b.
        return until(TRUE, right.args[1])
    return Ltl(Form.UNTIL, (left, right))


def release(left: Ltl, right: Ltl) -> Ltl:
    """`right` up to and including the first place of `left`; for ever if none comes."""
    if right.is_universal or left is TRUE or left == right:
        return right
    if left is FALSE and right.form is Form.RELEASE:
        return release(FALSE, right.args[1])
    return Ltl(Form.RELEASE, (left, right))


def eventually(inner: Ltl) -> Ltl:
    """`inner` some time."""
    return until(TRUE, inner)


def always(inner: Ltl) -> Ltl:
    """`inner` at every place from here on."""
    return release(FALSE, inner)


def normal(formula: Formula, *, is_negated: bool = False) -> Ltl:
    """`formula`, or its negation, in negation normal form."""
    parts = formula.operands

    def inner(number: int = 0) -> Ltl:
        return normal(parts[number], is_negated=is_negated)

    match formula.op:
        case Connective.ATOM:
            return literal(formula.atom, is_negated=is_negated)
        case Connective.TRUE:
            return FALSE if is_negated else TRUE
        case Connective.NOT:
            return normal(parts[0], is_negated=not is_negated)
        case Connective.AND | Connective.OR:
            is_and = (formula.op is Connective.AND) is not is_negated
            join = conjunction if is_and else disjunction
            return join(inner(number) for number in range(len(parts)))
        case Connective.NEXT:
            return next_(inner())
        case Connective.UNTIL:
            return (release if is_negated else until)(inner(0), inner(1))
        case Connective.ALWAYS:
            return (eventually if is_negated else always)(inner())
    return (always if is_negated else eventually)(inner())
