"""A clause of a small model as one about any members."""

from __future__ import annotations

from collections.abc import Callable

from modelcheck.model.clauses import Clause
from modelcheck.model.families import Family


def generalised(
    family: Family, clause: Clause, *, is_open: bool
) -> tuple[Callable[[Family], Clause], int]:
    """A clause with variables for its members: how to write it, and their number.

    Where a cell may hold some members only, these are all of those that the clause
    mentions anyhow, or others; with `is_open` the latter.
    """
    members = family.mentioned(clause)
    everyone = set(range(family.size))
    readings: list[bool] = []
    for literal in clause:
        allowed = family.members(literal)
        others = allowed is not None and (
            everyone <= allowed or (is_open and bool(allowed))
        )
        readings.append(others)
        if allowed is not None:
            members |= everyone - allowed if others else allowed
    images = {member: number for number, member in enumerate(sorted(members))}

    def make(base: Family) -> Clause:
        return tuple(
            family.put(literal, base, images, others=others)
            for literal, others in zip(clause, readings, strict=True)
        )

    return make, len(images)
