"""Temporal properties: formulas of linear temporal logic, and fairness.

A formula speaks about a *run*: an infinite sequence of states, each but the first
reached from the one before by a step. A state without successors is repeated for ever,
so that every finite run that cannot go on is an infinite one too; no other state is
repeated unless a step leads from it to itself. `docs/language.md` says what follows
from that for stuttering.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from modelcheck.model.statements import NO_SPAN, Body, Span
from modelcheck.model.terms import Term


class Connective(Enum):
    """The operators of a formula, with the number of their operands."""

    ATOM = "atom"
    TRUE = "true"
    NOT = "not"
    AND = "and"
    OR = "or"
    NEXT = "next"
    UNTIL = "until"
    ALWAYS = "always"
    EVENTUALLY = "eventually"


@dataclass(frozen=True, slots=True)
class Atom:
    """A Boolean of one state: what `body` computes as `result`; `text` is its source.

    `body` writes temporaries only; an `Assert` in it that fails is an evaluation error.
    """

    body: Body
    result: Term
    text: str = ""
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of linear temporal logic over the atoms of a property.

    ATOM has the number `atom` of one of the atoms; TRUE has no operands; NOT, NEXT,
    ALWAYS and EVENTUALLY have one; AND and OR any number; UNTIL two, and it is strong:
    its right side must come. Everything else (`implies`, `leads_to`, release) is
    written with these.
    """

    op: Connective
    operands: tuple[Formula, ...] = ()
    atom: int = -1


@dataclass(frozen=True, slots=True)
class Temporal:
    """The question of a temporal property: whether every fair run satisfies `formula`.

    `antecedents` are the left sides of its `leads_to` and `implies` that hold in no
    reachable state if the property is vacuous; each is a formula without temporal
    operators over the same atoms, with its text for people.
    """

    formula: Formula
    atoms: tuple[Atom, ...]
    antecedents: tuple[tuple[Formula, str], ...] = ()


class Strength(Enum):
    """How fair: WEAK helps what stays enabled, STRONG what is so again and again."""

    WEAK = "weak"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Fairness:
    """A constraint on runs: only those that satisfy it are looked at.

    A transition *counts* if its step is one of `steps` (indices of `Model.steps`) and,
    where there is a `result`, `body` computes it as true of the states before (CELL)
    and after (NEXT); a step from a state to itself counts like any other. The
    constraint is *enabled* in a state if some transition from it counts. WEAK: a run
    in which it is enabled from some state on for ever has infinitely many transitions
    that count. STRONG: so has a run in which it is enabled infinitely often.
    """

    name: str
    strength: Strength
    steps: frozenset[int]
    body: Body = ()
    result: Term | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)
