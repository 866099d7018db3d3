"""A proof for every size of a Scalarset: clauses found at a small size, generalised.

PDR proves the properties at size 2, then 3, then 4. The members in its clauses become
variables. A cell that holds a member leaves open whether a value that the clause does
not allow means "that member" or "any other member", so both readings are tried. What
comes out is a guess, and no more is needed: `certify.parametric` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic

from modelcheck.certify.parametric import (
    SIZE_FOR_CHOICES,
    ParametricProof,
    bound_of,
    choices_of,
    objection_to,
    provable,
    refuse_parametric,
)
from modelcheck.model.clauses import Clause
from modelcheck.model.families import Family
from modelcheck.model.program import Model
from modelcheck.model.uniformity import Uniformity
from modelcheck.verdict.verdicts import Limits, Verdict, Watch, is_asked

SIZES = (2, 3, 4)
"""The sizes at which clauses are looked for."""


@dataclass(frozen=True, slots=True)
class ForAll:
    """What is known about all sizes of `scalarset`.

    `refused` says for each property asked for and not proved why; `objection` why
    nothing at all could be. `bound` is the largest size at which the proof was checked.
    """

    model: Model
    scalarset: str
    proof: ParametricProof | None
    refused: Mapping[str, str]
    objection: str | None
    bound: int
    seconds: float


def prove_for_all(
    read: Callable[[int], Model],
    scalarset: str,
    text: Uniformity,
    limits: Limits,
    watch: Watch,
) -> ForAll:
    """Try to prove what `limits` asks for at every size of `scalarset`.

    `read` makes the model of a size, `text` is what the reader found out about all.
    """
    start = monotonic()
    model = read(SIZES[0])
    objection = objection_to(model, scalarset, text)
    if objection is not None:
        return ForAll(model, scalarset, None, {}, objection, 0, monotonic() - start)
    refused: dict[str, str] = {}
    claims: list[str] = []
    for prop, reason in provable(model, text, lambda each: is_asked(each, limits)):
        if reason is None:
            claims.append(prop.name)
        else:
            refused[prop.name] = reason
    proof = None
    why = "no proof was found"
    for size in SIZES if claims else ():
        asked = replace(
            limits, properties=frozenset(claims), seconds=_left(limits, start)
        )
        proof, why, violated = _try(read, size, scalarset, text, asked, watch)
        if violated:
            refused |= violated
            claims = [name for name in claims if name not in violated]
            proof, why, _ = _try(
                read,
                size,
                scalarset,
                text,
                replace(asked, properties=frozenset(claims)),
                watch,
            )
        if proof is not None or watch.is_interrupted() or not claims:
            break
    bound = 0
    if proof is None:
        refused |= dict.fromkeys(claims, why)
    else:
        choices = choices_of(read(SIZE_FOR_CHOICES))
        bound = bound_of(proof, read(proof.base), text, choices)
    seconds = monotonic() - start
    return ForAll(model, scalarset, proof, refused, None, bound, seconds)


def _left(limits: Limits, start: float) -> float | None:
    if limits.seconds is None:
        return None
    return max(0.001, limits.seconds - (monotonic() - start))


def _try(
    read: Callable[[int], Model],
    size: int,
    scalarset: str,
    text: Uniformity,
    limits: Limits,
    watch: Watch,
) -> tuple[ParametricProof | None, str, dict[str, str]]:
    """A proof made of what PDR finds at one size; else why not, or what is wrong."""
    from modelcheck.solve.pdr import PropertyDirected

    if not limits.properties:
        return None, "", {}
    model = read(size)
    found = PropertyDirected().run(model, limits, watch)
    violated = {
        each.prop.name: f"it is violated where {scalarset}={size}"
        for each in found.findings
        if each.verdict is Verdict.VIOLATED
    }
    if violated:
        return None, "", violated
    names = limits.properties
    if found.proof is None or not names <= set(found.proof.proved):
        return None, f"PDR came to no end where {scalarset}={size}", {}
    why = ""
    for is_open in (False, True):
        here = Family(model, scalarset)
        clauses = [_spoken(here, c, is_open=is_open) for c in found.proof.clauses]
        base = max((count for _, count in clauses), default=0) + 1
        family = Family(read(base), scalarset)
        proof = ParametricProof(
            scalarset,
            base,
            tuple(sorted(names)),
            tuple(dict.fromkeys(make(family) for make, _ in clauses)),
        )
        refusal = refuse_parametric(proof, read, text, limits.seconds)
        if refusal is None:
            return proof, "", {}
        why = f"what proves it where {scalarset}={size} is no proof: {refusal.reason}"
    return None, why, {}


def _spoken(
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
