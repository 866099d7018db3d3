"""Clauses and balances of an inductive invariant, in the words of the spec.

A clause prints as `owner is None or dev0 not in bound or user.pc == 3`: values under
the names that they have in the spec, the places of a process by their numbers, which
`modelcheck show` lists. A balance prints as `owner_cnt == (owner is not None) + ...`:
what is true counts as 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from modelcheck.model.clauses import Balance, Clause, Literal
from modelcheck.model.program import Model, Role
from modelcheck.model.shapes import keys
from modelcheck.model.terms import Sort
from modelcheck.model.types import IntType, SetType, Type
from modelcheck.trace.components import leaf_types, of_variable, value_text


class Invariant(Protocol):
    """What is spelt: a proof or a certificate."""

    @property
    def clauses(self) -> Sequence[Clause]:
        """The clauses."""
        ...

    @property
    def balances(self) -> Sequence[Balance]:
        """The balances."""
        ...


class ClauseSpeller:
    """Prints clauses over the cells of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._names = {cell.index: cell.name for cell in model.cells}
        self._types: dict[int, Type | None] = {}
        for variable in model.variables:
            if variable.role is Role.PC:
                continue
            cells = variable.cells.leaves()
            self._types |= zip(cells, leaf_types(variable.type_), strict=True)
            for part in of_variable(variable):
                if len(part.cells) == 1:
                    self._names[part.cells[0]] = part.name

    def text(self, clause: Clause) -> str:
        """The clause as an expression; `False` if it is empty."""
        return " or ".join(map(self._literal, clause)) or "False"

    def balance(self, balance: Balance) -> str:
        """The balance as an equation between sums without negative terms."""
        constant, terms = self._terms(balance)
        sides: tuple[list[str], list[str]] = ([], [])
        for text, weight in terms:
            times = "" if abs(weight) == 1 else f"{abs(weight)} * "
            sides[weight < 0].append(f"{times}{text}")
        if constant:
            sides[constant < 0].append(str(abs(constant)))
        left, right = (" + ".join(side) or "0" for side in sides)
        return f"{left} == {right}"

    def invariant(self, parts: Invariant) -> list[str]:
        """The texts of all clauses, then of all balances."""
        clauses = list(map(self.text, parts.clauses))
        return clauses + list(map(self.balance, parts.balances))

    def _terms(self, balance: Balance) -> tuple[int, list[tuple[str, int]]]:
        """What is added up, as texts with weights, and a constant minus the total.

        An integer all of whose values weigh as much more as they are larger is a term
        of its own.
        """
        constant, terms = -balance.total, []
        of_cell: dict[int, list[tuple[Literal, int]]] = {}
        for literal, weight in balance.parts:
            of_cell.setdefault(literal.cell, []).append((literal, weight))
        for cell, parts in of_cell.items():
            found = self._multiple(cell, parts)
            if found is None:
                terms += [
                    (f"({self._literal(part)})", weight) for part, weight in parts
                ]
            else:
                factor, offset = found
                terms.append((self._names[cell], factor))
                constant += offset
        return constant, terms

    def _multiple(
        self, cell: int, parts: Sequence[tuple[Literal, int]]
    ) -> tuple[int, int] | None:
        """`factor` and `offset`, if the parts are `factor * cell + offset`."""
        range_ = self._model.cells[cell].range
        is_number = isinstance(self._types.get(cell), IntType)
        if range_.sort is not Sort.INT or not is_number or parts[0][0].bit is not None:
            return None
        weights = dict.fromkeys(range(range_.lo, range_.hi + 1), 0)
        for literal, weight in parts:
            weights |= dict.fromkeys(literal.values, weight)
        factor = weights[range_.lo + 1] - weights[range_.lo]
        offset = weights[range_.lo] - factor * range_.lo
        is_multiple = all(w == factor * v + offset for v, w in weights.items())
        return (factor, offset) if is_multiple else None

    def _literal(self, literal: Literal) -> str:
        range_ = self._model.cells[literal.cell].range
        name = self._names[literal.cell]
        if literal.bit is not None:
            return self._bit(literal, name)
        if range_.sort is Sort.BOOL:
            return name if literal.values == {1} else f"not {name}"
        whole = frozenset(range(range_.lo, range_.hi + 1))
        others = whole - literal.values
        if len(others) < len(literal.values):
            return self._among(literal.cell, name, others, ("!=", "not in"))
        return self._among(literal.cell, name, literal.values, ("==", "in"))

    def _among(
        self, cell: int, name: str, values: frozenset[int], words: tuple[str, str]
    ) -> str:
        shown = [self._value(cell, value) for value in sorted(values)]
        if len(shown) == 1:
            return f"{name} {words[0]} {shown[0]}"
        return f"{name} {words[1]} ({', '.join(shown)})"

    def _value(self, cell: int, value: int) -> str:
        type_ = self._types.get(cell)
        return str(value) if type_ is None else value_text(type_, (value,))

    def _bit(self, literal: Literal, name: str) -> str:
        range_ = self._model.cells[literal.cell].range
        is_set = literal.values == {1}
        assert literal.bit is not None, "a literal about a bit"
        if range_.sort is Sort.INT:
            low = f"({name} - {range_.lo})" if range_.lo else name
            return f"{low} // {1 << literal.bit} % 2 == {int(is_set)}"
        type_ = self._types.get(literal.cell)
        member = str(literal.bit)
        if isinstance(type_, SetType):
            member = value_text(type_.item, list(keys(type_.item))[literal.bit])
        return f"{member} {'in' if is_set else 'not in'} {name}"
