"""Terms: hash-consed expressions over the cells of a state.

A term is built only by the functions of this module, which fold constants, so equal
terms are the same object and can be compared with `is`. There are three sorts:
Booleans (0 or 1), integers with a known interval, and masks (bit sets of a known
width). Every engine gives the operators of `Op` the same meaning; the reference is
`modelcheck.explore.interpreter`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Sort(Enum):
    """What a term evaluates to."""

    BOOL = "bool"
    INT = "int"
    MASK = "mask"

    # A member is one object: what Enum computes in Python, of its name, takes a large
    # part of the time in which terms are made.
    __hash__ = object.__hash__


class Op(Enum):
    """The operators of terms."""

    CONST = auto()
    CELL = auto()
    NEXT = auto()
    TEMP = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    ITE = auto()
    EQ = auto()
    LT = auto()
    LE = auto()
    ADD = auto()
    SUB = auto()
    MUL = auto()
    DIV = auto()
    MOD = auto()
    BIT = auto()
    HAS = auto()
    UNION = auto()
    INTER = auto()
    MINUS = auto()
    SUBSET = auto()
    CARD = auto()

    __hash__ = object.__hash__


LEAVES = frozenset({Op.CONST, Op.CELL, Op.NEXT, Op.TEMP})
CONNECTIVES = frozenset({Op.NOT, Op.AND, Op.OR, Op.ITE})
COMPARISONS = frozenset({Op.EQ, Op.LT, Op.LE})
ARITHMETIC = frozenset({Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD})
MASKS = frozenset({Op.BIT, Op.HAS, Op.UNION, Op.INTER, Op.MINUS, Op.SUBSET, Op.CARD})
_GROUPS = (LEAVES, CONNECTIVES, COMPARISONS, ARITHMETIC, MASKS)
assert frozenset().union(*_GROUPS) == frozenset(Op), "an operator has no group"
assert sum(map(len, _GROUPS)) == len(Op), "an operator is in two groups"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Term:
    """An expression of sort `sort` whose value always lies in `lo`..`hi`.

    `value` is the constant of a CONST, the cell number of a CELL (before the step) or
    NEXT (after it), the number of a TEMP, the width of a mask operator's result, and
    0 elsewhere. A mask of width w lies in 0..2**w-1.
    """

    op: Op
    args: tuple[Term, ...]
    value: int
    sort: Sort
    lo: int
    hi: int

    @property
    def is_const(self) -> bool:
        """Whether the value is known."""
        return self.op is Op.CONST

    @property
    def width(self) -> int:
        """The number of members of a mask's universe."""
        return self.hi.bit_length()


_Key = tuple[Op, tuple[int, ...], int, Sort, int, int]
# Terms live as long as the process: a run reads a handful of models, and identity is
# what makes every pass linear in the number of distinct terms.
_interned: dict[_Key, Term] = {}


def _make(
    op: Op, args: tuple[Term, ...], value: int, sort: Sort, lo: int, hi: int
) -> Term:
    key = (op, tuple(map(id, args)), value, sort, lo, hi)
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = Term(op, args, value, sort, lo, hi)
    return found


def _bool(op: Op, *args: Term) -> Term:
    return _make(op, args, 0, Sort.BOOL, 0, 1)


def const(value: int) -> Term:
    """The integer `value`."""
    return _make(Op.CONST, (), value, Sort.INT, value, value)


def boolean(value: bool) -> Term:  # noqa: FBT001 - a constant of sort BOOL
    """True or false."""
    return TRUE if value else FALSE


def mask(bits: int, width: int) -> Term:
    """The constant set whose members are the one bits of `bits`."""
    return _make(Op.CONST, (), bits, Sort.MASK, 0, (1 << width) - 1)


TRUE = _make(Op.CONST, (), 1, Sort.BOOL, 0, 1)
FALSE = _make(Op.CONST, (), 0, Sort.BOOL, 0, 1)


def leaf(op: Op, number: int, sort: Sort, lo: int, hi: int) -> Term:
    """A CELL, NEXT or TEMP of the given sort and interval."""
    if lo == hi and sort is Sort.INT:
        return const(lo)
    return _make(op, (), number, sort, lo, hi)


def constant_of(sort: Sort, value: int, hi: int) -> Term:
    """The constant `value` in the sort (and, for masks, the universe) given."""
    if sort is Sort.BOOL:
        return boolean(bool(value))
    return const(value) if sort is Sort.INT else mask(value, hi.bit_length())


def not_(term: Term) -> Term:
    """Negation."""
    if term.is_const:
        return boolean(not term.value)
    return term.args[0] if term.op is Op.NOT else _bool(Op.NOT, term)


def _flatten(op: Op, terms: Iterable[Term], unit: Term, zero: Term) -> Term:
    """The n-ary `op` of `terms`, without units and repetitions."""
    kept: dict[Term, None] = {}
    negated: set[Term] = set()
    for term in terms:
        for part in term.args if term.op is op else (term,):
            if part is unit or part in kept:
                continue
            if part.op is Op.NOT:
                negated.add(part.args[0])
                is_refuted = part.args[0] in kept
            else:
                is_refuted = part in negated
            if part is zero or is_refuted:
                return zero
            kept[part] = None
    if not kept:
        return unit
    return next(iter(kept)) if len(kept) == 1 else _bool(op, *kept)


def and_(*terms: Term) -> Term:
    """Conjunction of any number of terms."""
    return _flatten(Op.AND, terms, TRUE, FALSE)


def or_(*terms: Term) -> Term:
    """Disjunction of any number of terms."""
    return _flatten(Op.OR, terms, FALSE, TRUE)


def ite(cond: Term, then: Term, other: Term) -> Term:
    """`then` where `cond` holds, `other` elsewhere."""
    if cond.is_const:
        return then if cond.value else other
    if then is other:
        return then
    if cond.op is Op.NOT:
        return ite(cond.args[0], other, then)
    if then.sort is Sort.BOOL:
        return _ite_bool(cond, then, other)
    lo, hi = min(then.lo, other.lo), max(then.hi, other.hi)
    return _make(Op.ITE, (cond, then, other), 0, then.sort, lo, hi)


def _ite_bool(cond: Term, then: Term, other: Term) -> Term:
    if then.is_const:
        return or_(cond, other) if then.value else and_(not_(cond), other)
    if other.is_const:
        return or_(not_(cond), then) if other.value else and_(cond, then)
    return _bool(Op.ITE, cond, then, other)


def eq(left: Term, right: Term) -> Term:
    """Equality of two terms of one sort."""
    if left is right:
        return TRUE
    if left.is_const and right.is_const:
        return boolean(left.value == right.value)
    if left.sort is Sort.BOOL:
        if left.is_const:
            left, right = right, left
        if right.is_const:
            return left if right.value else not_(left)
    elif left.hi < right.lo or right.hi < left.lo:
        return FALSE
    for one, two in ((left, right), (right, left)):
        if two.is_const and one.op is Op.ITE and one.sort is Sort.INT:
            branches = (eq(one.args[1], two), eq(one.args[2], two))
            if branches[0].is_const or branches[1].is_const:
                return ite(one.args[0], *branches)
    return _bool(Op.EQ, *sorted((left, right), key=_order))


def _order(term: Term) -> tuple[bool, int, int]:
    return (term.is_const, term.op.value, term.value)


def lt(left: Term, right: Term) -> Term:
    """`left < right` on integers."""
    if left.hi < right.lo:
        return TRUE
    return FALSE if left.lo >= right.hi else _bool(Op.LT, left, right)


def le(left: Term, right: Term) -> Term:
    """`left <= right` on integers."""
    if left.hi <= right.lo:
        return TRUE
    return FALSE if left.lo > right.hi else _bool(Op.LE, left, right)


def add(left: Term, right: Term) -> Term:
    """Sum."""
    if left.is_const and right.is_const:
        return const(left.value + right.value)
    if right.is_const and right.value == 0:
        return left
    if left.is_const and left.value == 0:
        return right
    return _int(Op.ADD, left, right, left.lo + right.lo, left.hi + right.hi)


def sub(left: Term, right: Term) -> Term:
    """Difference."""
    if left.is_const and right.is_const:
        return const(left.value - right.value)
    if right.is_const and right.value == 0:
        return left
    return _int(Op.SUB, left, right, left.lo - right.hi, left.hi - right.lo)


def mul(left: Term, right: Term) -> Term:
    """Product."""
    if left.is_const and right.is_const:
        return const(left.value * right.value)
    for one, two in ((left, right), (right, left)):
        if one.is_const and one.value in (0, 1):
            return two if one.value else one
    ends = [a * b for a in (left.lo, left.hi) for b in (right.lo, right.hi)]
    return _int(Op.MUL, left, right, min(ends), max(ends))


def div(left: Term, right: Term) -> Term:
    """Python's `//`; `right` must not be 0 where the term is evaluated."""
    if left.is_const and right.is_const and right.value:
        return const(left.value // right.value)
    if right.is_const and right.value == 1:
        return left
    ends = [
        a // b
        for a in (left.lo, left.hi)
        for b in (right.lo, right.hi, -1, 1)
        if b and right.lo <= b <= right.hi
    ]
    return _int(Op.DIV, left, right, min(ends, default=0), max(ends, default=0))


def mod(left: Term, right: Term) -> Term:
    """Python's `%` (the sign of the divisor); `right` must not be 0."""
    if left.is_const and right.is_const and right.value:
        return const(left.value % right.value)
    if right.is_const and right.value > 0 and 0 <= left.lo <= left.hi < right.value:
        return left
    lo = min(right.lo + 1, 0) if right.lo < 0 else 0
    hi = max(right.hi - 1, 0)
    return _int(Op.MOD, left, right, lo, hi)


def _int(op: Op, left: Term, right: Term, lo: int, hi: int) -> Term:
    if lo == hi and op not in (Op.DIV, Op.MOD):
        return const(lo)
    return _make(op, (left, right), 0, Sort.INT, lo, hi)


def _mask(op: Op, width: int, *args: Term) -> Term:
    return _make(op, args, width, Sort.MASK, 0, (1 << width) - 1)


def bit(index: Term, width: int) -> Term:
    """The set whose one member is `index`, in a universe of `width` members."""
    if index.is_const:
        # An index outside is evaluated only behind a check that has failed.
        inside = 0 <= index.value < width
        return mask(1 << index.value if inside else 0, width)
    return _mask(Op.BIT, width, index)


def has(members: Term, index: Term) -> Term:
    """Whether `index` (0 <= index < width) is in the set `members`."""
    if members.is_const and index.is_const:
        # As in `bit`: a negative index belongs to a way that is never taken.
        return boolean(index.value >= 0 and bool(members.value >> index.value & 1))
    if members.is_const and members.value == 0:
        return FALSE
    if members.op is Op.ITE:
        cond, then, other = members.args
        if then.is_const or other.is_const:
            return ite(cond, has(then, index), has(other, index))
    if members.op is Op.BIT:
        return eq(members.args[0], index)
    return _bool(Op.HAS, members, index)


def union(left: Term, right: Term) -> Term:
    """Set union."""
    width = left.width
    for one, two in ((left, right), (right, left)):
        if one.is_const and one.value == 0:
            return two
        if one.is_const and one.value == one.hi:
            return one
    if left.is_const and right.is_const:
        return mask(left.value | right.value, width)
    return left if left is right else _mask(Op.UNION, width, left, right)


def inter(left: Term, right: Term) -> Term:
    """Set intersection."""
    width = left.width
    for one, two in ((left, right), (right, left)):
        if one.is_const and one.value == 0:
            return one
        if one.is_const and one.value == one.hi:
            return two
    if left.is_const and right.is_const:
        return mask(left.value & right.value, width)
    return left if left is right else _mask(Op.INTER, width, left, right)


def minus(left: Term, right: Term) -> Term:
    """The members of `left` that are not in `right`."""
    width = left.width
    if right.is_const and right.value == 0:
        return left
    if left is right or (left.is_const and left.value == 0):
        return mask(0, width)
    if left.is_const and right.is_const:
        return mask(left.value & ~right.value, width)
    return _mask(Op.MINUS, width, left, right)


def subset(left: Term, right: Term) -> Term:
    """Whether every member of `left` is in `right`."""
    if left is right or (left.is_const and left.value == 0):
        return TRUE
    if right.is_const and right.value == right.hi:
        return TRUE
    if left.is_const and right.is_const:
        return boolean(not left.value & ~right.value)
    return _bool(Op.SUBSET, left, right)


def card(members: Term) -> Term:
    """The number of members."""
    if members.is_const:
        return const(members.value.bit_count())
    return _make(Op.CARD, (members,), 0, Sort.INT, 0, members.width)


def as_int(term: Term) -> Term:
    """A Boolean as 0 or 1; integers unchanged."""
    if term.sort is not Sort.BOOL:
        return term
    return const(term.value) if term.is_const else _bool_as_int(term)


def _bool_as_int(term: Term) -> Term:
    return _make(Op.ITE, (term, const(1), const(0)), 0, Sort.INT, 0, 1)


_BUILDERS: dict[Op, Callable[..., Term]] = {
    Op.NOT: not_,
    Op.AND: and_,
    Op.OR: or_,
    Op.ITE: ite,
    Op.EQ: eq,
    Op.LT: lt,
    Op.LE: le,
    Op.ADD: add,
    Op.SUB: sub,
    Op.MUL: mul,
    Op.DIV: div,
    Op.MOD: mod,
    Op.HAS: has,
    Op.UNION: union,
    Op.INTER: inter,
    Op.MINUS: minus,
    Op.SUBSET: subset,
    Op.CARD: card,
}


def rebuild(term: Term, args: tuple[Term, ...]) -> Term:
    """`term` with its arguments replaced, folded again."""
    if term.op in LEAVES or all(a is b for a, b in zip(args, term.args, strict=True)):
        return term
    if term.op is Op.BIT:
        return bit(args[0], term.width)
    return _BUILDERS[term.op](*args)


def substitute(term: Term, leaves: Mapping[Term, Term], memo: dict[Term, Term]) -> Term:
    """`term` with leaves replaced as in `leaves`; `memo` is filled and reused."""
    stack = [term]
    while stack:
        top = stack[-1]
        if top in memo:
            stack.pop()
        elif top.op in LEAVES:
            memo[top] = leaves.get(top, top)
        else:
            missing = [arg for arg in top.args if arg not in memo]
            if missing:
                stack.extend(missing)
            else:
                memo[top] = rebuild(top, tuple(memo[arg] for arg in top.args))
    return memo[term]


def walk(roots: Iterable[Term], known: Container[Term] = ()) -> Iterable[Term]:
    """Every distinct subterm of `roots`, arguments before their parents.

    Terms in `known` are left out with all that is in them.
    """
    seen: set[Term] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        term, is_expanded = stack.pop()
        if is_expanded:
            yield term
        elif term not in seen and term not in known:
            seen.add(term)
            stack.append((term, True))
            stack.extend((arg, False) for arg in reversed(term.args))
