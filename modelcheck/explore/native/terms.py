"""Terms as LLVM code, on one group of states.

All arguments of an operator are computed, and connectives select: there is nothing to
jump over inside a term. So a term is also computed in lanes, and in branches, where the
reference would not look at it. Its value does not matter there, but it must not trap
and not be `poison`, which would spread to other lanes: divisors and shifts are guarded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.lanes import WORD, Lanes
from modelcheck.model.terms import LEAVES, Op, Sort, Term, walk


def bits_of(sort: Sort, lo: int, hi: int) -> int:
    """How many bits hold a value of this sort and interval: 1, or whole words."""
    if sort is Sort.BOOL:
        return 1
    if sort is Sort.MASK:
        needed = hi.bit_length()
    else:
        needed = max(hi.bit_length(), (-lo - 1).bit_length() if lo < 0 else 0) + 1
    return max(1, -(-needed // WORD)) * WORD


def width(term: Term) -> int:
    """How many bits hold the value of `term`."""
    return bits_of(term.sort, term.lo, term.hi)


Leaf = tuple[Op, int]
"""A cell or a temporary, by its number."""


class TermWriter:
    """Writes terms; `leaf` gives the value of a CELL, NEXT or TEMP."""

    def __init__(self, f: Function, lanes: Lanes, leaf: Callable[[Term], str]) -> None:
        self.f = f
        self.lanes = lanes
        self._leaf = leaf
        self._uses: dict[Term, frozenset[Leaf]] = {}
        self.memo: dict[Term, str] = {}

    def write(self, term: Term) -> str:
        """The value of `term`; what was computed before is used again."""
        memo = self.memo
        if term not in memo:
            for part in walk([term]):
                if part not in memo:
                    memo[part] = self._write(part)
        return memo[term]

    def forget(self, leaves: Iterable[Leaf]) -> None:
        """The values of `leaves` are other ones from here on."""
        gone = frozenset(leaves)
        self.memo = {
            term: value
            for term, value in self.memo.items()
            if gone.isdisjoint(self._leaves(term))
        }

    def _leaves(self, term: Term) -> frozenset[Leaf]:
        """The cells and temporaries in `term`, of which all subterms are known."""
        found = self._uses.get(term)
        if found is None:
            if term.op in LEAVES:
                found = frozenset([(term.op, term.value)])
            else:
                found = frozenset().union(*map(self._leaves, term.args))
            self._uses[term] = found
        return found

    def _write(self, term: Term) -> str:
        # In the order of the walk, so that no later recursion is deep.
        self._leaves(term)
        if term.op is Op.CONST:
            return self.lanes.const(width(term), term.value)
        if term.op in LEAVES:
            return self._leaf(term)
        match term.op:
            case Op.NOT:
                return self.lanes.negate(self.f, self.memo[term.args[0]])
            case Op.AND | Op.OR:
                return self._connect(term)
            case Op.ITE:
                bits = width(term)
                one, two = (self.resized(arg, bits) for arg in term.args[1:])
                cond = self.memo[term.args[0]]
                return self.lanes.choose(self.f, cond, one, two, bits)
            case Op.EQ | Op.LT | Op.LE:
                return self._compare(term)
            case Op.DIV | Op.MOD:
                return self._divide(term)
            case Op.BIT | Op.HAS:
                return self._shift(term)
            case Op.SUBSET:
                outside = self._minus(term, max(map(width, term.args)))
                return self._is_zero(outside, max(map(width, term.args)))
            case Op.MINUS:
                return self._minus(term, width(term))
            case Op.CARD:
                return self._cardinality(term)
        return self._plain(term)

    def _let(self, operation: str, bits: int, one: str, two: str) -> str:
        return self.f.let(f"{operation} {self.lanes.type_(bits)} {one}, {two}")

    def resized(self, term: Term, bits: int) -> str:
        """The value of `term`, which is in the memo, in `bits` bits."""
        return self.resize(self.memo[term], width(term), bits, term.sort)

    def resize(self, value: str, old: int, new: int, sort: Sort) -> str:
        """A value of `old` bits in `new` bits."""
        if old == new:
            return value
        kind = "trunc" if new < old else "sext" if sort is Sort.INT else "zext"
        types = self.lanes.type_(old), self.lanes.type_(new)
        return self.f.let(f"{kind} {types[0]} {value} to {types[1]}")

    def _connect(self, term: Term) -> str:
        values = [self.memo[arg] for arg in term.args]
        join = self.lanes.both if term.op is Op.AND else self.lanes.either
        while len(values) > 1:
            # A balanced tree: a chain would wait for each operand in turn.
            pairs = zip(values[::2], values[1::2], strict=False)
            rest = values[len(values) // 2 * 2 :]
            values = [join(self.f, one, two) for one, two in pairs] + rest
        return values[0]

    def _compare(self, term: Term) -> str:
        bits = max(map(width, term.args))
        one, two = (self.resized(arg, bits) for arg in term.args)
        relation = {Op.EQ: "eq", Op.LT: "slt", Op.LE: "sle"}[term.op]
        return self._let(f"icmp {relation}", bits, one, two)

    def _plain(self, term: Term) -> str:
        """A sum, a difference, a product; union and intersection."""
        names = {
            Op.ADD: "add",
            Op.SUB: "sub",
            Op.MUL: "mul",
            Op.UNION: "or",
            Op.INTER: "and",
        }
        bits = max(width(term), *map(width, term.args))
        one, two = (self.resized(arg, bits) for arg in term.args)
        value = self._let(names[term.op], bits, one, two)
        return self.resize(value, bits, width(term), term.sort)

    def _minus(self, term: Term, bits: int) -> str:
        one, two = (self.resized(arg, bits) for arg in term.args)
        if term.args[1].is_const:
            rest = self.lanes.const(bits, ~term.args[1].value)
        else:
            rest = self._let("xor", bits, two, self.lanes.const(bits, -1))
        return self._let("and", bits, one, rest)

    def _is_zero(self, value: str, bits: int) -> str:
        return self._let("icmp eq", bits, value, self.lanes.const(bits, 0))

    def _cardinality(self, term: Term) -> str:
        arg = term.args[0]
        bits = width(arg)
        type_, suffix = self.lanes.type_(bits), self.lanes.suffix(bits)
        value = f"call {type_} @llvm.ctpop.{suffix}({type_} {self.memo[arg]})"
        return self.resize(self.f.let(value), bits, width(term), Sort.MASK)

    def _shift(self, term: Term) -> str:
        """BIT: 1 shifted up by the index; HAS: the mask shifted down, its low bit."""
        is_test = term.op is Op.HAS
        bits = width(term.args[0]) if is_test else width(term)
        index = self._index(term.args[-1], bits)
        if not is_test:
            return self._let("shl", bits, self.lanes.const(bits, 1), index)
        shifted = self._let("lshr", bits, self.memo[term.args[0]], index)
        type_ = self.lanes.type_(bits)
        return self.f.let(f"trunc {type_} {shifted} to {self.lanes.type_(1)}")

    def _index(self, term: Term, bits: int) -> str:
        """The number of a bit; in lanes that do not count, brought below `bits`."""
        old = width(term)
        value = self.memo[term]
        if term.op in LEAVES and 0 <= term.lo <= term.hi < bits:
            return self.resize(value, old, bits, Sort.INT)
        if bits == WORD:
            value = self.resize(value, old, bits, Sort.INT)
            return self._let("and", bits, value, self.lanes.const(bits, WORD - 1))
        is_low = self._let("icmp ult", old, value, self.lanes.const(old, bits))
        zero = self.lanes.const(old, 0)
        value = self.lanes.choose(self.f, is_low, value, zero, old)
        return self.resize(value, old, bits, Sort.INT)

    def _divide(self, term: Term) -> str:
        left, right = term.args
        bits = max(width(term), width(left), width(right))
        one, two = self.resized(left, bits), self.resized(right, bits)
        if term.op is Op.MOD and right.is_const and self._is_one_turn(left, right):
            # The step of a counter that goes round: no division.
            less = self._let("sub", bits, one, two)
            is_over = self._let("icmp sge", bits, one, two)
            value = self.lanes.choose(self.f, is_over, less, one, bits)
            return self.resize(value, bits, width(term), Sort.INT)
        if not right.is_const or not right.value:
            is_zero = self._is_zero(two, bits)
            one_more = self.lanes.const(bits, 1)
            two = self.lanes.choose(self.f, is_zero, one_more, two, bits)
        if left.lo >= 0 and right.lo >= 0:
            operation = "udiv" if term.op is Op.DIV else "urem"
            value = self._let(operation, bits, one, two)
        else:
            value = self._floor(term.op, bits, one, two)
        return self.resize(value, bits, width(term), Sort.INT)

    @staticmethod
    def _is_one_turn(left: Term, right: Term) -> bool:
        is_positive = left.lo >= 0 and right.value > 0
        return is_positive and left.hi < 2 * right.value

    def _floor(self, op: Op, bits: int, one: str, two: str) -> str:
        """Division that rounds down, or its rest, from LLVM's that rounds to zero."""
        rest = self._let("srem", bits, one, two)
        zero = self.lanes.const(bits, 0)
        signs = self._let("xor", bits, rest, two)
        differs = self._let("icmp slt", bits, signs, zero)
        is_rest = self._let("icmp ne", bits, rest, zero)
        cond = self.lanes.both(self.f, differs, is_rest)
        if op is Op.MOD:
            moved = self._let("add", bits, rest, two)
            value = self.lanes.choose(self.f, cond, moved, rest, bits)
        else:
            quotient = self._let("sdiv", bits, one, two)
            less = self._let("add", bits, quotient, self.lanes.const(bits, -1))
            value = self.lanes.choose(self.f, cond, less, quotient, bits)
        return value
