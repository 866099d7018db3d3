"""Clauses and balances over cells: what an inductive invariant is made of.

A literal speaks of one cell: that its value is one of some, or, of a mask or an integer
of many values, that one bit is set or not. A clause is true where one of its literals
is. A balance is true where the weights of those of its literals that are true add up to
its total.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelcheck.model.program import Cell, Model
from modelcheck.model.terms import (
    Sort,
    Term,
    const,
    constant_of,
    div,
    eq,
    has,
    mod,
    not_,
    or_,
    sub,
)


@dataclass(frozen=True, slots=True)
class Literal:
    """The cell number `cell` has one of `values`; or, of its `bit`, one of them.

    The bits of an integer are those of its distance from the least value it can have;
    the bits of a mask are its members.
    """

    cell: int
    values: frozenset[int]
    bit: int | None = None


Clause = tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """The weights of the literals that are true add up to `total`."""

    parts: tuple[tuple[Literal, int], ...]
    total: int


def clause_term(model: Model, clause: Iterable[Literal]) -> Term:
    """The disjunction of the literals."""
    return or_(*(literal_term(model.cells[part.cell], part) for part in clause))


def literal_term(cell: Cell, literal: Literal) -> Term:
    """The literal, which is about `cell`."""
    if literal.bit is not None:
        is_set = _bit(cell, literal.bit)
        return or_(*(is_set if value else not_(is_set) for value in literal.values))
    found = (
        eq(cell.now, constant_of(cell.range.sort, value, cell.range.hi))
        for value in sorted(literal.values)
    )
    return or_(*found)


def _bit(cell: Cell, number: int) -> Term:
    if cell.range.sort is Sort.MASK:
        return has(cell.now, const(number))
    distance = sub(cell.now, const(cell.range.lo))
    return eq(mod(div(distance, const(1 << number)), const(2)), const(1))
