"""Proofs for every size of a Scalarset, checked at finitely many sizes.

If no step depends on members that it does not mention, forgetting members turns a step
of a large model into one of a small model, and keeps clauses and claims, which speak of
all members. So what breaks a proof at some size breaks it at one of at most `bound`
members: those that the broken clause or claim speaks of, those that the step is given
or chooses, and the values of variables that hold a member. docs/adr/0035 has the
conditions and the argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from modelcheck.certify.certificate import Certificate, CertificateError, digest
from modelcheck.certify.check import Refusal, refuse
from modelcheck.model.clauses import Clause
from modelcheck.model.families import Family, is_indexed, is_shared
from modelcheck.model.permuting import scalarset_types
from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.statements import Body, Choose, If
from modelcheck.model.types import LockType, spell
from modelcheck.model.uniformity import Objection, Uniformity


@dataclass(frozen=True, slots=True)
class ParametricProof:
    """`claims` hold for every size of `scalarset`, because of `clauses`.

    The clauses are about a model with `base` members, of which the last one stands for
    all that a clause does not mention.
    """

    scalarset: str
    base: int
    claims: tuple[str, ...]
    clauses: tuple[Clause, ...]


def objection_to(model: Model, name: str, text: Uniformity) -> str | None:
    """Why nothing about `model` can be proved for all sizes of `name`; None if it can.

    `text` is what the reader says about the same spec.
    """
    scalarset = scalarset_types(model).get(name)
    if scalarset is None or not scalarset.symmetric:
        return f"{model.name} has no variable of a symmetric Scalarset {name}"
    if model.processes:
        process = model.processes[0]
        what = f"@process {process.function}: only actions are covered"
        return Objection(what, process.span).text
    if model.constraints:
        prop = model.constraints[0]
        what = f"{prop.name} cuts states off"
        return Objection(what, prop.span).text
    for variable in model.variables:
        type_ = variable.type_
        is_known = is_indexed(type_, name) or is_shared(type_, name)
        if not is_known or isinstance(type_, LockType):
            what = f"a variable of type {spell(type_)} is not covered"
            return Objection(what, variable.span).text
    first = min(text.objections, key=lambda each: each.span, default=None)
    return None if first is None else first.text


def objection_to_claim(prop: Property, text: Uniformity) -> str | None:
    """Why `prop` cannot be proved for all sizes; None if it can."""
    if prop.kind is Kind.INVARIANT or prop.kind is Kind.TRANSITION:
        if prop.name in text.against:
            return text.against[prop.name].text
        if prop.name not in text.quantifiers:
            return "its text was not found"
    elif prop.kind is not Kind.ASSERTION:
        return f"a property of kind {prop.kind.value} is not covered"
    if prop.kind is not Kind.INVARIANT and text.universal_guards:
        return "it is about steps, and a step requires something of all members"
    return None


def bound_of(
    proof: ParametricProof, base: Model, text: Uniformity, choices: int
) -> int:
    """The size up to which a proof is to be checked; `choices` are those of a step."""
    family = Family(base, proof.scalarset)
    spoken = [len(family.spoken_of(clause)) for clause in proof.clauses]
    claimed = [text.quantifiers.get(name, 0) for name in proof.claims]
    mentioned = max([*spoken, *claimed, 0])
    return max(1, mentioned + text.parameters + choices + family.constants())


def choices_of(model: Model) -> int:
    """The most choices that a step makes, of whatever type."""
    return max((_choices(step.body) for step in model.steps), default=0)


def _choices(body: Body) -> int:
    found = 0
    for statement in body:
        if isinstance(statement, Choose):
            found += 1
        elif isinstance(statement, If):
            found += _choices(statement.then) + _choices(statement.orelse)
    return found


SIZE_FOR_CHOICES = 3
"""At this size no choice of a member is a matter of course."""


def refuse_parametric(
    proof: ParametricProof,
    read: Callable[[int], Model],
    text: Uniformity,
    seconds: float | None = None,
) -> Refusal | None:
    """Why `proof` is none, or None if its claims hold at every size.

    `read` makes the model of a size. Raises `CertificateError` if the proof is about
    something else.
    """
    base = read(proof.base)
    reason = objection_to(base, proof.scalarset, text)
    if reason is not None:
        return Refusal(reason)
    for name in proof.claims:
        prop = next((p for p in base.properties if p.name == name), None)
        if prop is None:
            message = f"{base.name} has no property {name}"
            raise CertificateError(message)
        reason = objection_to_claim(prop, text)
        if reason is not None:
            return Refusal(f"{name}: {reason}")
    family = Family(base, proof.scalarset)
    if any(proof.base - 1 in family.mentioned(clause) for clause in proof.clauses):
        message = f"a clause speaks of all {proof.base} members, so of no others"
        raise CertificateError(message)
    choices = choices_of(read(SIZE_FOR_CHOICES))
    for size in range(1, bound_of(proof, base, text, choices) + 1):
        model = read(size)
        certificate = instance(proof, family, model)
        refusal = refuse(certificate, model, seconds)
        if refusal is not None:
            what = f"{refusal.reason}, where {proof.scalarset}={size}"
            return Refusal(what, refusal.is_known)
    return None


def instance(proof: ParametricProof, family: Family, model: Model) -> Certificate:
    """What the proof says about one size, as a certificate."""
    into = Family(model, proof.scalarset)
    clauses = dict.fromkeys(
        instance
        for clause in proof.clauses
        for instance in family.instances(clause, into)
    )
    claims = dict.fromkeys(proof.claims, "holds")
    return Certificate(
        spec=model.path,
        scopes=dict(model.scopes),
        preempt=model.preempt,
        digest=digest(model, claims),
        tool="",
        engine="",
        k=1,
        claims=claims,
        clauses=tuple(clauses),
    )


def provable(
    model: Model, text: Uniformity, asked: Callable[[Property], bool]
) -> Iterator[tuple[Property, str | None]]:
    """The properties asked for, each with what stands against a proof for all sizes."""
    for prop in model.properties:
        if asked(prop):
            yield prop, objection_to_claim(prop, text)


def read_once(read: Callable[[int], Model]) -> Callable[[int], Model]:
    """`read`, which reads each size once."""
    found: dict[int, Model] = {}

    def model_of(size: int) -> Model:
        if size not in found:
            found[size] = read(size)
        return found[size]

    return model_of
