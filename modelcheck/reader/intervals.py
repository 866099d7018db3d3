"""Intervals: what is known of integer locals at the point that is being read.

The type of a local holds every value it ever has. Where it counts the rounds of a loop
that is written out, that type alone would not tell that it ends: `n + 1` leaves every
type of `n`. So the interval of the value that it has *here* is followed through
assignments, branches and rounds.
"""

from __future__ import annotations

from modelcheck.model import terms as t
from modelcheck.model.terms import Op, Term
from modelcheck.model.types import IntType

Known = dict[Term, IntType]
"""The interval of each temporary; one not listed has any value of its type."""


def interval(term: Term, known: Known) -> IntType:
    """The interval of `term` where the temporaries have those of `known`."""
    leaves = {
        temp: t.leaf(Op.TEMP, temp.value, temp.sort, known[temp].lo, known[temp].hi)
        for temp in t.walk([term])
        if temp in known
    }
    narrow = t.substitute(term, leaves, {}) if leaves else term
    return IntType(narrow.lo, narrow.hi)


def meet(ways: list[Known]) -> Known:
    """What is known where several ways come together; nothing if none does."""
    if not ways:
        return {}
    shared = set(ways[0]).intersection(*ways[1:])
    return {
        temp: IntType(
            min(way[temp].lo for way in ways), max(way[temp].hi for way in ways)
        )
        for temp in shared
    }
