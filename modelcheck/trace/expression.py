"""Terms as people read them: with the names of variables and the values of types.

A number compared with a cell is printed as the value it stands for (`owner == file0`,
not `owner == 1`), a bit of a mask as membership (`dev0 in bound`).
"""

from __future__ import annotations

from modelcheck.model.program import Model, Role
from modelcheck.model.shapes import keys, scalar
from modelcheck.model.terms import Op, Sort, Term
from modelcheck.model.types import SetType, Type
from modelcheck.trace.components import (
    Component,
    leaf_types,
    of_variable,
    value_text,
)

_INFIX = {
    Op.EQ: ("==", 3),
    Op.LT: ("<", 3),
    Op.LE: ("<=", 3),
    Op.SUBSET: ("<=", 3),
    Op.UNION: ("|", 4),
    Op.INTER: ("&", 4),
    Op.MINUS: ("-", 4),
    Op.ADD: ("+", 5),
    Op.SUB: ("-", 5),
    Op.MUL: ("*", 6),
    Op.DIV: ("//", 6),
    Op.MOD: ("%", 6),
}
_NEGATED = {Op.EQ: "!=", Op.LT: ">=", Op.LE: ">"}
# `users >= 4`, not `4 <= users`: people put the variable first.
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ATOM = 9


class Speller:
    """Prints terms over the cells of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._parts: dict[int, Component] = {}
        self._types: dict[int, Type | None] = {}
        for variable in model.variables:
            if variable.role is not Role.PC:
                cells = variable.cells.leaves()
                self._types |= zip(cells, leaf_types(variable.type_), strict=True)
                for part in of_variable(variable):
                    self._parts |= dict.fromkeys(part.cells, part)

    def text(self, term: Term) -> str:
        """`term` as an expression."""
        return self._spell(term)[0]

    def _inside(self, term: Term, level: int) -> str:
        """`term` as an operand of an operator that binds as tightly as `level`."""
        text, own = self._spell(term)
        return text if own > level else f"({text})"

    def _spell(self, term: Term) -> tuple[str, int]:
        """The text of `term` and how tightly its outermost operator binds."""
        match term.op:
            case Op.CONST:
                return _constant(term), _ATOM
            case Op.CELL | Op.NEXT:
                return self._cell(term), _ATOM
            case Op.TEMP:
                return f"t{term.value}", _ATOM
            case Op.NOT:
                return self._negation(term.args[0])
            case Op.AND | Op.OR:
                return self._connective(term)
            case Op.ITE:
                cond, then, other = (self._inside(arg, 0) for arg in term.args)
                return f"{then} if {cond} else {other}", 0
            case Op.HAS:
                return self._member(term, "in"), 3
            case Op.BIT:
                return f"{{{self._member_name(None, term.args[0])}}}", _ATOM
            case Op.CARD:
                return f"len({self.text(term.args[0])})", _ATOM
        word, level = _INFIX[term.op]
        return self._binary(term, word, level), level

    def _connective(self, term: Term) -> tuple[str, int]:
        word, level = (" and ", 2) if term.op is Op.AND else (" or ", 1)
        return word.join(self._inside(arg, level) for arg in term.args), level

    def _negation(self, term: Term) -> tuple[str, int]:
        if term.op in _NEGATED:
            return self._binary(term, _NEGATED[term.op], 3), 3
        if term.op is Op.HAS:
            return self._member(term, "not in"), 3
        return f"not {self._inside(term, 2)}", 2

    def _binary(self, term: Term, word: str, level: int) -> str:
        left, right = term.args
        if left.is_const and word in _MIRRORED:
            left, right, word = right, left, _MIRRORED[word]
        if right.is_const:
            return f"{self._inside(left, level)} {word} {self._typed(right, left)}"
        return f"{self._inside(left, level)} {word} {self._inside(right, level)}"

    def _typed(self, constant: Term, other: Term) -> str:
        """`constant` as a value of the type of `other`, if that is a known cell."""
        type_ = self._type(other)
        if type_ is None or not _has_value(type_, constant.value):
            return _constant(constant)
        return value_text(type_, (constant.value,))

    def _type(self, term: Term) -> Type | None:
        """The type of the value of a cell, or of what is chosen from cells."""
        if term.op is Op.ITE:
            return self._type(term.args[1]) or self._type(term.args[2])
        if term.op in (Op.UNION, Op.INTER, Op.MINUS):
            return self._type(term.args[0]) or self._type(term.args[1])
        if term.op not in (Op.CELL, Op.NEXT):
            return None
        return self._types.get(term.value)

    def _cell(self, term: Term) -> str:
        part = self._parts.get(term.value)
        name = self._model.cells[term.value].name
        if part is not None and len(part.cells) == 1:
            name = part.name
        return name if term.op is Op.CELL else f"after.{name}"

    def _member(self, term: Term, word: str) -> str:
        members, index = term.args
        name = self._member_name(self._type(members), index)
        return f"{name} {word} {self._inside(members, 3)}"

    def _member_name(self, type_: Type | None, index: Term) -> str:
        if not index.is_const or not isinstance(type_, SetType):
            return self._inside(index, 3)
        return value_text(type_.item, list(keys(type_.item))[index.value])


def _constant(term: Term) -> str:
    if term.sort is Sort.BOOL:
        return "True" if term.value else "False"
    if term.sort is Sort.MASK:
        return "{}" if not term.value else f"{{bits {term.value:b}}}"
    return str(term.value)


def _has_value(type_: Type, value: int) -> bool:
    """Whether a single component `value` stands for a value of `type_`."""
    single = scalar(type_)
    return single is not None and single.lo <= value <= single.hi
