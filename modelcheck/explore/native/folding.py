"""Folding: what is known about cells and temporaries at one place of a body.

Behind a split the tested cell is a constant, and so is what a constant was assigned to;
terms are folded with these before code is written for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from modelcheck.explore.native.terms import width
from modelcheck.model.program import Model
from modelcheck.model.terms import (
    FALSE,
    LEAVES,
    Op,
    Term,
    constant_of,
    mask,
    rebuild,
    walk,
)


class Folding:
    """Constants for leaves; `bits` are the widths of the temporaries met so far."""

    def __init__(self, constants: dict[Term, Term], bits: dict[int, int]) -> None:
        self.constants = constants
        self.bits = bits
        self._memo: dict[Term, Term] = {}
        self._cells: dict[int, Term] = {
            leaf.value: leaf for leaf in constants if leaf.op is Op.CELL
        }

    @classmethod
    def of_cells(cls, model: Model, known: Mapping[int, int]) -> Folding:
        """The cells of `known` are constant."""
        constants: dict[Term, Term] = {}
        for cell, value in known.items():
            now = model.cells[cell].now
            constants[now] = constant_of(now.sort, value, now.hi)
        return cls(constants, {})

    def copy(self) -> Folding:
        """The same, to go on with in a branch; widths are shared."""
        return Folding(dict(self.constants), self.bits)

    def common(self, other: Folding) -> Folding:
        """What is known at the end of both branches."""
        found = {
            leaf: value
            for leaf, value in self.constants.items()
            if other.constants.get(leaf) is value
        }
        return Folding(found, self.bits)

    def bind(self, leaf: Term, term: Term) -> None:
        """`leaf` has the value of `term` from here on."""
        if leaf.op is Op.TEMP:
            self.bits[leaf.value] = width(leaf)
        value = self.fold(term)
        self._memo.clear()
        for same in [known for known in self.constants if _is_same(known, leaf)]:
            del self.constants[same]
        if value.is_const and leaf.op in LEAVES and not leaf.is_const:
            self.constants[leaf] = value
        if leaf.op is Op.CELL:
            self._cells[leaf.value] = leaf

    def cell(self, number: int) -> int | None:
        """The value of a cell, if it is known."""
        leaf = self._cells.get(number)
        value = None if leaf is None else self.constants.get(leaf)
        return None if value is None else value.value

    def fold(self, term: Term) -> Term:
        """`term` with what is known put in."""
        memo = self._memo
        if not self.constants:
            return term
        if term not in memo:
            for part in walk([term]):
                if part not in memo:
                    memo[part] = self._fold(part)
        return memo[term]

    def _fold(self, term: Term) -> Term:
        if term.op in LEAVES:
            return self.constants.get(term, term)
        args = tuple(self._memo[arg] for arg in term.args)
        index = args[-1] if term.op in (Op.BIT, Op.HAS) else FALSE
        if index.is_const and index.value < 0:
            # A part that no path evaluates; any value stands for it.
            return FALSE if term.op is Op.HAS else mask(0, term.width)
        return rebuild(term, args)


def _is_same(one: Term, two: Term) -> bool:
    return one.op is two.op and one.value == two.value
