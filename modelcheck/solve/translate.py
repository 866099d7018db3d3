"""Terms as z3 expressions, without overflow.

Every term carries the interval of its values, so every expression gets exactly the
bits it needs: unsigned where the interval has no negative number, two's complement
elsewhere. Operands are extended to a width in which the operation is exact, results
cut to the width of theirs, which holds every value the term can take. Booleans are z3
Booleans, masks are bit-vectors of their universe's size. z3 has no type stubs; `Expr`
marks what is one of its expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from modelcheck.model.terms import Op, Sort, Term

Expr: TypeAlias = Any
"""A z3 expression."""

Z3: TypeAlias = Any
"""The module z3, or an object of it."""


def bits(lo: int, hi: int) -> int:
    """The least width that holds `lo`..`hi`, with a sign bit if `lo` is negative."""
    if lo >= 0:
        return max(1, hi.bit_length())
    return 1 + max((~lo).bit_length(), hi.bit_length() if hi > 0 else 0)


def size(term: Term) -> int:
    """The width of the bit-vector for `term`."""
    return bits(term.lo, term.hi)


class Translator:
    """Translates terms, each distinct one once; `leaf` gives the variables."""

    def __init__(self, context: Z3, leaf: Callable[[Term], Expr]) -> None:
        import z3

        self._z3: Z3 = z3
        self._context = context
        self._leaf = leaf
        self._memo: dict[Term, Expr] = {}
        self._rules: dict[Op, Callable[[Term, list[Expr]], Expr]] = {
            Op.NOT: lambda _, args: z3.Not(*args),
            Op.AND: lambda _, args: z3.And(*args),
            Op.OR: lambda _, args: z3.Or(*args),
            Op.ITE: self._ite,
            Op.EQ: self._eq,
            Op.LT: self._order,
            Op.LE: self._order,
            Op.ADD: self._ring,
            Op.SUB: self._ring,
            Op.MUL: self._ring,
            Op.DIV: self._division,
            Op.MOD: self._division,
            Op.BIT: self._bit,
            Op.HAS: self._has,
            Op.UNION: self._set,
            Op.INTER: self._set,
            Op.MINUS: self._set,
            Op.SUBSET: self._subset,
            Op.CARD: self._card,
        }

    def variable(self, name: str, like: Term) -> Expr:
        """A new z3 variable that can hold every value of the term `like`."""
        if like.sort is Sort.BOOL:
            return self._z3.Bool(name, self._context)
        return self._z3.BitVec(name, size(like), self._context)

    def interval(self, leaf: Term, found: Expr) -> Expr:
        """That `found`, a variable for `leaf`, is in the leaf's interval."""
        z3 = self._z3
        if leaf.sort is Sort.BOOL:
            return z3.BoolVal(val=True, ctx=self._context)
        lo, hi = (
            z3.BitVecVal(end, size(leaf), self._context) for end in (leaf.lo, leaf.hi)
        )
        if leaf.lo < 0:
            return z3.And(lo <= found, found <= hi)
        return z3.And(z3.ULE(lo, found), z3.ULE(found, hi))

    def __call__(self, term: Term) -> Expr:
        """The z3 expression for `term`."""
        memo, stack = self._memo, [term]
        while stack:
            top = stack[-1]
            if top in memo:
                stack.pop()
                continue
            missing = [arg for arg in top.args if arg not in memo]
            if missing:
                stack.extend(missing)
            else:
                memo[top] = self._build(top)
        return memo[term]

    def like(self, leaf: Term, term: Term) -> Expr:
        """`term`, whose value is one of `leaf`'s, as wide as the variable of `leaf`."""
        found = self(term)
        return found if leaf.sort is Sort.BOOL else self._as(term, found, size(leaf))

    def value(self, like: Term, found: Expr) -> int:
        """The number that z3's constant `found` stands for in the range of `like`."""
        if like.sort is Sort.BOOL:
            return int(self._z3.is_true(found))
        return int(found.as_signed_long() if like.lo < 0 else found.as_long())

    def _build(self, term: Term) -> Expr:
        if term.op is Op.CONST:
            if term.sort is Sort.BOOL:
                return self._z3.BoolVal(bool(term.value), self._context)
            return self._z3.BitVecVal(term.value, size(term), self._context)
        if not term.args:
            return self._leaf(term)
        return self._rules[term.op](term, [self._memo[arg] for arg in term.args])

    def _resize(self, expr: Expr, width: int, *, signed: bool) -> Expr:
        """`expr` in `width` bits: the same number if it fits, else modulo 2**width."""
        extra = width - expr.size()
        if extra == 0:
            return expr
        if extra < 0:
            return self._z3.Extract(width - 1, 0, expr)
        extend = self._z3.SignExt if signed else self._z3.ZeroExt
        return extend(extra, expr)

    def _as(self, term: Term, expr: Expr, width: int) -> Expr:
        """`expr`, which stands for `term`, in `width` bits."""
        return self._resize(expr, width, signed=term.lo < 0)

    def _aligned(self, *terms: Term, spare: int = 0) -> tuple[list[Expr], bool]:
        """The translated terms in one width that holds them all; whether it is signed.

        The width is `spare` bits larger than it must be.
        """
        lo = min(term.lo for term in terms)
        width = bits(lo, max(term.hi for term in terms)) + spare
        return [self._as(term, self._memo[term], width) for term in terms], lo < 0

    def _ite(self, term: Term, args: list[Expr]) -> Expr:
        cond, *branches = args
        if term.sort is not Sort.BOOL:
            branches = [
                self._as(branch, expr, size(term))
                for branch, expr in zip(term.args[1:], branches, strict=True)
            ]
        return self._z3.If(cond, *branches)

    def _eq(self, term: Term, args: list[Expr]) -> Expr:
        if term.args[0].sort is not Sort.BOOL:
            args, _ = self._aligned(*term.args)
        return args[0] == args[1]

    def _order(self, term: Term, _: list[Expr]) -> Expr:
        (left, right), signed = self._aligned(*term.args)
        if term.op is Op.LT:
            return left < right if signed else self._z3.ULT(left, right)
        return left <= right if signed else self._z3.ULE(left, right)

    def _ring(self, term: Term, args: list[Expr]) -> Expr:
        """Sum, difference, product: exact modulo 2**width, and the result fits."""
        left, right = (
            self._as(arg, expr, size(term))
            for arg, expr in zip(term.args, args, strict=True)
        )
        if term.op is Op.MUL:
            return left * right
        return left + right if term.op is Op.ADD else left - right

    def _division(self, term: Term, _: list[Expr]) -> Expr:
        """Python's `//` and `%`: rounded down, the rest has the divisor's sign."""
        # -8 // -1 and -8 - (-8 % 3) need a bit more than -8.
        (left, right), signed = self._aligned(*term.args, spare=1)
        if not signed:
            whole, rest = self._z3.UDiv(left, right), self._z3.URem(left, right)
        else:
            rest = left % right  # bvsmod: has the divisor's sign, unlike bvsrem
            whole = (left - rest) / right
        result = whole if term.op is Op.DIV else rest
        return self._resize(result, size(term), signed=signed)

    def _bit(self, term: Term, args: list[Expr]) -> Expr:
        (index,), width = args, size(term)
        wide = max(width, index.size())
        one = self._z3.BitVecVal(1, wide, self._context)
        shifted = one << self._resize(index, wide, signed=False)
        return self._resize(shifted, width, signed=False)

    def _has(self, term: Term, args: list[Expr]) -> Expr:
        members, index = args
        if term.args[1].is_const:
            place = term.args[1].value
            if not 0 <= place < members.size():
                return self._z3.BoolVal(val=False, ctx=self._context)
            return self._z3.Extract(place, place, members) == 1
        wide = max(members.size(), index.size())
        shifted = self._z3.LShR(
            self._resize(members, wide, signed=False),
            self._resize(index, wide, signed=False),
        )
        return self._z3.Extract(0, 0, shifted) == 1

    def _set(self, term: Term, _: list[Expr]) -> Expr:
        (left, right), _signed = self._aligned(*term.args)
        if term.op is Op.UNION:
            return left | right
        return left & right if term.op is Op.INTER else left & ~right

    def _subset(self, term: Term, _: list[Expr]) -> Expr:
        (left, right), _signed = self._aligned(*term.args)
        return left & ~right == 0

    def _card(self, term: Term, args: list[Expr]) -> Expr:
        (members,) = args
        ones = [
            self._resize(
                self._z3.Extract(place, place, members), size(term), signed=False
            )
            for place in range(members.size())
        ]
        return self._z3.Sum(ones)
