"""Formulas of linear temporal logic, as a `@temporal` method builds them.

Called in a state, such a method returns a tree whose leaves are Booleans of that state.
The tree has the same shape in every state; what it means is read off a whole run: a
leaf stands for what it is in the state to which the operators around it have led.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from modelcheck.language.errors import LanguageError

Operand: TypeAlias = "Formula | bool"
"""What stands in a formula: another one, or a Boolean of the state."""

_Leaf: TypeAlias = bool


class Connective(Enum):
    """What joins the operands of a formula; an ATOM has none."""

    ATOM = "atom"
    NOT = "not"
    AND = "and"
    OR = "or"
    NEXT = "next"
    UNTIL = "until"
    ALWAYS = "always"
    EVENTUALLY = "eventually"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: `&`, `|` and `~` combine it with others and with bools.

    `value` is the Boolean of an ATOM in the state in which the formula was built.
    """

    connective: Connective
    operands: tuple[Formula, ...] = ()
    value: bool = False

    def __and__(self, other: Operand) -> Formula:
        """Both hold."""
        return Formula(Connective.AND, (self, _formula(other)))

    def __rand__(self, other: _Leaf) -> Formula:
        """Both hold."""
        return Formula(Connective.AND, (_formula(other), self))

    def __or__(self, other: Operand) -> Formula:
        """One of them holds, or both do."""
        return Formula(Connective.OR, (self, _formula(other)))

    def __ror__(self, other: _Leaf) -> Formula:
        """One of them holds, or both do."""
        return Formula(Connective.OR, (_formula(other), self))

    def __invert__(self) -> Formula:
        """It does not hold."""
        return Formula(Connective.NOT, (self,))

    def __bool__(self) -> bool:
        """Refuse: a formula is true of a run, and there is only a state.

        Raises `LanguageError`. It is what `and`, `or`, `not` and `if` ask for.
        """
        message = (
            "a formula is neither true nor false in one state: combine formulas with "
            "`&`, `|` and `~` instead of `and`, `or` and `not`, and write implies(f, g)"
        )
        raise LanguageError(message)

    @property
    def shape(self) -> str:
        """The formula without the values of its leaves."""
        inside = ", ".join(operand.shape for operand in self.operands)
        return f"{self.connective.value}({inside})" if inside else self.connective.value


def _formula(value: object) -> Formula:
    """`value` as a formula; raises `LanguageError` if it is something else."""
    if isinstance(value, Formula):
        return value
    if not isinstance(value, bool):
        message = (
            f"{value!r} is neither a formula nor a bool: compare it with something"
        )
        raise LanguageError(message)
    return Formula(Connective.ATOM, value=value)


def always(formula: Operand, /) -> Formula:
    """From here on `formula` holds in every state."""
    return Formula(Connective.ALWAYS, (_formula(formula),))


def eventually(formula: Operand, /) -> Formula:
    """Here or later there is a state in which `formula` holds."""
    return Formula(Connective.EVENTUALLY, (_formula(formula),))


def next_state(formula: Operand, /) -> Formula:
    """After one step, whoever takes it, `formula` holds."""
    return Formula(Connective.NEXT, (_formula(formula),))


def until_formula(left: Operand, right: Operand, /) -> Formula:
    """`right` holds here or later, and `left` in every state before; see `until`."""
    return Formula(Connective.UNTIL, (_formula(left), _formula(right)))


def implies(left: Operand, right: Operand, /) -> Formula:
    """If `left` holds here, so does `right`."""
    negated = Formula(Connective.NOT, (_formula(left),))
    return Formula(Connective.OR, (negated, _formula(right)))


def leads_to(left: Operand, right: Operand, /) -> Formula:
    """Whenever `left` holds, `right` holds then or later: always, not only now."""
    return always(implies(left, eventually(right)))


def every(formulas: Iterable[Operand], /) -> Formula:
    """All of them hold: `every(eventually(dev in self.bound) for dev in Device)`."""
    return Formula(Connective.AND, tuple(map(_formula, formulas)))


def some(formulas: Iterable[Operand], /) -> Formula:
    """At least one of them holds."""
    return Formula(Connective.OR, tuple(map(_formula, formulas)))
