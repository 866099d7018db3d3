"""A proof for every size of a Scalarset: clauses found at a small size, generalised.

Where the whole spec is alike for all sizes, PDR proves the properties at size 2, then
3, then 4, and the members in its clauses become variables. A cell that holds a member
leaves open whether a value that the clause does not allow means "that member" or "any
other member", so both readings are tried. Where it is not, each property is asked of
the largest part of the spec that is (`reader.largest`), with `verdict.every_size`. What
comes out is a guess, and no more is needed: `certify.parametric` decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from modelcheck.certify.conditions import objection_to, objection_to_claim
from modelcheck.certify.parametric import (
    ParametricProof,
    bound_of,
    provable,
    refuse_parametric,
)
from modelcheck.model.families import Family
from modelcheck.model.program import Kind, Model
from modelcheck.model.uniformity import Part, Parts
from modelcheck.verdict.generalising import generalised
from modelcheck.verdict.runs import unclaimed_checks
from modelcheck.verdict.verdicts import Limits, Verdict, Watch, is_asked

if TYPE_CHECKING:
    from modelcheck.verdict.every_size import Guess

SIZES = (2, 3, 4)
"""The sizes at which clauses are looked for."""

ROUNDS = (2, 3)
"""How far from a claim a variable may be, before it is left out."""


@dataclass(frozen=True, slots=True)
class ForAll:
    """What is known about all sizes of `scalarset`.

    `refused` says for each property asked for and not proved why; `objection` why the
    spec as a whole is not alike for all sizes, if it is not. `part` is what the proof
    is about; `bound` is the largest size at which it was checked.
    """

    model: Model
    scalarset: str
    proof: ParametricProof | None
    part: Part
    refused: Mapping[str, str]
    objection: str | None
    bound: int
    seconds: float

    @property
    def unclaimed_checks(self) -> list[str]:
        """The checks that are not proved: what is goes for runs without them."""
        claims = () if self.proof is None else self.proof.claims
        return unclaimed_checks(self.model, claims)


def prove_for_all(parts: Parts, limits: Limits, watch: Watch) -> ForAll:
    """Try to prove what `limits` asks for at every size of a Scalarset."""
    start = monotonic()
    whole = parts.whole()
    objection = objection_to(whole.read, parts.scalarset, whole.text)
    if objection is None:
        proof, refused = _of_the_whole(parts.scalarset, whole, limits, start, watch)
        part = whole
    else:
        proof, refused, part = _of_a_part(parts, whole, limits, start, watch)
    bound = 0 if proof is None else bound_of(proof, part.read, part.text)
    return ForAll(
        parts.model,
        parts.scalarset,
        proof,
        part,
        refused,
        objection,
        bound,
        monotonic() - start,
    )


def _of_a_part(
    parts: Parts, whole: Part, limits: Limits, start: float, watch: Watch
) -> tuple[ParametricProof | None, dict[str, str], Part]:
    """A proof about a part of the spec, of the claims that it is enough for."""
    refused: dict[str, str] = {}
    claims: list[str] = []
    for prop in parts.model.properties:
        if not is_asked(prop, limits):
            continue
        reason = reason_against(parts, prop.name, prop.kind)
        if reason is None:
            claims.append(prop.name)
        else:
            refused[prop.name] = reason
    for rounds in ROUNDS if claims else ():
        left = replace(limits, seconds=_left(limits, start))
        dropped = parts.unrelated(claims, rounds)
        part = parts.largest(claims, dropped)
        found = _guess(parts, part, claims, left, watch)
        why = found.why
        if found.proof is not None:
            part = parts.part(found.proof.claims, found.proof.dropped)
            refusal = refuse_parametric(
                found.proof, part.read, part.text, limits.seconds
            )
            if refusal is None:
                missing = set(claims) - set(found.proof.claims)
                refused |= dict.fromkeys(missing, "nothing that was tried proves it")
                return found.proof, refused, part
            why = f"what was found is no proof: {refusal.reason}"
        if watch.is_interrupted() or rounds == ROUNDS[-1]:
            refused |= dict.fromkeys(claims, why)
            break
    return None, refused, whole


def _guess(
    parts: Parts, part: Part, claims: Sequence[str], limits: Limits, watch: Watch
) -> Guess:
    """A guess without the counters of which is not known what they count."""
    from modelcheck.verdict.every_size import Guess, guess

    while True:
        against = [part.text.against[x].text for x in claims if x in part.text.against]
        objection = objection_to(part.read, parts.scalarset, part.text)
        if against or objection is not None:
            return Guess(None, objection or against[0])
        found = guess(parts, part, claims, limits, watch)
        if not found.uncounted:
            return found
        part = parts.largest(claims, part.text.dropped | found.uncounted)


def reason_against(parts: Parts, claim: str, kind: Kind) -> str | None:
    """Why no part of the spec is enough to prove a claim; None if one may be."""
    if kind is not Kind.INVARIANT:
        return f"a property of kind {kind.value} is not covered"
    part = parts.largest([claim])
    if claim in part.text.against:
        return part.text.against[claim].text
    objection = objection_to(part.read, parts.scalarset, part.text)
    if objection is not None:
        return objection
    prop = next(p for p in part.read(SIZES[0]).properties if p.name == claim)
    return objection_to_claim(prop, part.text)


def _of_the_whole(
    scalarset: str, part: Part, limits: Limits, start: float, watch: Watch
) -> tuple[ParametricProof | None, dict[str, str]]:
    """A proof about all of the spec."""
    read, text = part.read, part.text
    refused: dict[str, str] = {}
    claims: list[str] = []
    asked = provable(read(SIZES[0]), text, lambda each: is_asked(each, limits))
    for prop, reason in asked:
        if reason is None:
            claims.append(prop.name)
        else:
            refused[prop.name] = reason
    proof = None
    why = "no proof was found"
    for size in SIZES if claims else ():
        left = replace(limits, seconds=_left(limits, start))
        proof, why, violated = _try(part, size, scalarset, claims, left, watch)
        if violated:
            refused |= violated
            claims = [name for name in claims if name not in violated]
            proof, why, _ = _try(part, size, scalarset, claims, left, watch)
        if proof is not None or watch.is_interrupted() or not claims:
            break
    if proof is None:
        refused |= dict.fromkeys(claims, why)
    return proof, refused


def _left(limits: Limits, start: float) -> float | None:
    if limits.seconds is None:
        return None
    return max(0.001, limits.seconds - (monotonic() - start))


def _try(
    part: Part,
    size: int,
    scalarset: str,
    claims: Sequence[str],
    limits: Limits,
    watch: Watch,
) -> tuple[ParametricProof | None, str, dict[str, str]]:
    """A proof made of what PDR finds at one size; else why not, or what is wrong."""
    from modelcheck.solve.pdr import PropertyDirected

    if not claims:
        return None, "", {}
    names = frozenset(claims)
    model = part.read(size)
    # Without lemmas: an equation is about the members of one size.
    asked = replace(limits, properties=names)
    found = PropertyDirected(worth=None).run(model, asked, watch)
    violated = {
        each.prop.name: f"it is violated where {scalarset}={size}"
        for each in found.findings
        if each.verdict is Verdict.VIOLATED
    }
    if violated:
        return None, "", violated
    if found.proof is None or not names <= set(found.proof.proved):
        return None, f"PDR came to no end where {scalarset}={size}", {}
    why = ""
    for is_open in (False, True):
        here = Family(model, scalarset)
        clauses = [generalised(here, c, is_open=is_open) for c in found.proof.clauses]
        base = max((count for _, count in clauses), default=0) + 1
        family = Family(part.read(base), scalarset)
        proof = ParametricProof(
            scalarset,
            base,
            tuple(sorted(names)),
            tuple(dict.fromkeys(make(family) for make, _ in clauses)),
        )
        refusal = refuse_parametric(proof, part.read, part.text, limits.seconds)
        if refusal is None:
            return proof, "", {}
        why = f"what proves it where {scalarset}={size} is no proof: {refusal.reason}"
    return None, why, {}
