"""Proofs for every size of a Scalarset, checked at finitely many sizes.

If no step depends on members that it does not mention, forgetting members turns a step
of a large model into one of a small model, and keeps clauses and claims, which speak of
all members. So what breaks a proof at some size breaks it at one of at most `bound`
members: those that the broken clause or claim speaks of, those that the step is given
or chooses, the values of variables that hold a member, those who hold a lock, and the
witnesses of what is not empty or not 0. docs/adr/0035 has the conditions and the
argument.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field

from modelcheck.certify.certificate import (
    Certificate,
    CertificateError,
    Count,
    digest,
)
from modelcheck.certify.check import Refusal, refuse
from modelcheck.certify.conditions import SIZES, objection_to, objection_to_claim
from modelcheck.model.clauses import Clause
from modelcheck.model.families import (
    Family,
    is_indexed,
    mentions,
)
from modelcheck.model.program import (
    Model,
    Process,
    Property,
)
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Require,
    Statement,
)
from modelcheck.model.terms import Term, walk
from modelcheck.model.types import SetType, cardinality
from modelcheck.model.uniformity import Read, Uniformity


@dataclass(frozen=True, slots=True)
class ParametricProof:
    """`claims` hold for every size of `scalarset`, because of `clauses` and `counts`.

    The clauses are about a model with `base` members, of which the last one stands for
    all that a clause does not mention. `counts` says for a counter which sets' elements
    it counts. All is about the spec without the variables `dropped`.
    """

    scalarset: str
    base: int
    claims: tuple[str, ...]
    clauses: tuple[Clause, ...]
    counts: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    dropped: tuple[str, ...] = ()


def objection_to_counts(
    proof: ParametricProof, read: Read, text: Uniformity
) -> str | None:
    """Why the counters do not count what the proof says, in the sense of the text."""
    model, counters = read(SIZES[0]), text.counters
    if counters != proof.counts.keys():
        odd = min(counters ^ proof.counts.keys())
        return f"what {odd} counts is not said" if odd in counters else f"{odd} counts"
    for counter, sets in proof.counts.items():
        if len(set(sets)) != len(sets):
            return f"{counter} counts something twice"
        for name in sets:
            if name in text.dropped or name not in {v.name for v in model.variables}:
                return f"{counter} counts {name}, which is left out"
            type_ = model.variable(name).type_
            if not isinstance(type_, SetType):
                return f"{counter} counts {name}, which is no set"
            if is_indexed(type_, proof.scalarset) and name in text.cleared:
                return f"{counter} counts {name}, which is assigned as a whole"
            if not is_indexed(type_, proof.scalarset) and mentions(
                type_, proof.scalarset
            ):
                return f"{counter} counts {name}, which is not covered"
    for claim in proof.claims:
        counted = text.counted.get(claim)
        if counted is not None:
            counter, names = counted
            if names != set(proof.counts.get(counter, ())):
                return f"{claim}: {counter} counts something else"
    return None


def bound_of(proof: ParametricProof, read: Read, text: Uniformity) -> int:
    """The size up to which a proof is to be checked."""
    base, model = read(proof.base), read(SIZES[1])
    family = Family(base, proof.scalarset)
    spoken = [len(family.spoken_of(clause)) for clause in proof.clauses]
    claimed = [text.spoken(name) for name in proof.claims]
    mentioned = max([*spoken, *claimed, 0])
    witnesses = len(text.witnesses - text.dropped)
    for counter, sets in proof.counts.items():
        witnesses += _counted(model, proof.scalarset, counter, sets, text)
    constants = family.constants(text.dropped)
    choices = choices_of(model, proof.scalarset)
    return max(1, mentioned + text.parameters + choices + constants + witnesses)


def _counted(
    model: Model, scalarset: str, counter: str, sets: tuple[str, ...], text: Uniformity
) -> int:
    """How many members must be seen, for a large number to be seen as one.

    As many as a step may take away, and one more than the counter is compared with.
    """
    variables = {v.name: v for v in model.variables}
    masks = {
        _cell(model, name)
        for name in sets
        if is_indexed(variables[name].type_, scalarset)
    }
    if not masks:
        return 0
    written = {_cell(model, counter)}
    if counter in text.resets:
        written |= masks
    most = _written(model, written)
    return text.thresholds.get(counter, 0) + most + 1


def _written(model: Model, cells: Container[int]) -> int:
    """How often a step assigns some of `cells`, at the most."""
    return max(
        _on_a_way(body, lambda x: isinstance(x, Assign) and x.cell in cells)
        for body in _bodies(model)
    )


def choices_of(model: Model, name: str) -> int:
    """The most choices of a member that a step, or the initialisation, makes.

    One that nothing depends on might as well choose another member.
    """
    return max(_choices(body, name) for body in _bodies(model))


def _choices(body: Body, name: str) -> int:
    read = set(walk(_roots(body)))
    return _on_a_way(
        body,
        lambda x: isinstance(x, Choose) and mentions(x.type_, name) and x.temp in read,
    )


def _bodies(model: Model) -> list[Body]:
    return [model.init, *(step.body for step in model.steps)]


def _roots(body: Body) -> Iterator[Term]:
    """What a body reads; of a choice among some it reads what it chooses as well."""
    for statement in body:
        match statement:
            case Assign(_, term) | Let(_, term) | Require(term) | Assert(term):
                yield term
            case If(cond, then, orelse):
                yield cond
                yield from _roots(then)
                yield from _roots(orelse)
            case Choose(temp, among) if among is not None:
                yield temp
                yield among
            case _:
                pass


def _on_a_way(body: Body, counts: Callable[[Statement], bool]) -> int:
    found = 0
    for statement in body:
        found += counts(statement)
        if isinstance(statement, If):
            then = _on_a_way(statement.then, counts)
            found += max(then, _on_a_way(statement.orelse, counts))
    return found


def refuse_parametric(
    proof: ParametricProof,
    read: Read,
    text: Uniformity,
    seconds: float | None = None,
) -> Refusal | None:
    """Why `proof` is none, or None if its claims hold at every size.

    `read` and `text` are about the spec without what the proof leaves out. Raises
    `CertificateError` if the proof is about something else.
    """
    if set(proof.dropped) != text.dropped:
        message = "the proof leaves other variables out"
        raise CertificateError(message)
    reason = objection_to(read, proof.scalarset, text)
    if reason is not None:
        return Refusal(reason)
    base = read(proof.base)
    for name in proof.claims:
        prop = next((p for p in base.properties if p.name == name), None)
        if prop is None:
            message = f"{base.name} has no property {name}"
            raise CertificateError(message)
        reason = objection_to_claim(prop, text)
        if reason is not None:
            return Refusal(f"{name}: {reason}")
    reason = objection_to_counts(proof, read, text)
    if reason is not None:
        return Refusal(reason)
    family = Family(base, proof.scalarset)
    _check_clauses(proof, family, text)
    for size in range(1, bound_of(proof, read, text) + 1):
        model = read(size)
        reason = _misfit(proof, base, model)
        if reason is not None:
            return Refusal(f"{reason}, where {proof.scalarset}={size}")
        refusal = refuse(instance(proof, family, model), model, seconds)
        if refusal is not None:
            what = f"{refusal.reason}, where {proof.scalarset}={size}"
            return Refusal(what, refusal.is_known)
    return None


def _check_clauses(proof: ParametricProof, family: Family, text: Uniformity) -> None:
    """Raise `CertificateError` where a clause does not speak of all sizes."""
    for clause in proof.clauses:
        if proof.base - 1 in family.mentioned(clause):
            message = f"a clause speaks of all {proof.base} members, so of no others"
            raise CertificateError(message)
        for literal in clause:
            owner, name = family.variable_of(literal.cell)
            if owner == () and name in text.dropped:
                message = f"a clause speaks of {name}, which is left out"
                raise CertificateError(message)
            if owner == () and name in proof.counts:
                most = family.model.cells[literal.cell].range.hi
                above = frozenset(range(1, most + 1))
                if literal.bit is not None or literal.values not in ({0}, above):
                    message = f"a clause says more of {name} than whether it is 0"
                    raise CertificateError(message)


def _misfit(proof: ParametricProof, base: Model, model: Model) -> str | None:
    """Why the cells of one size do not stand for those of the others."""
    known = {_role(p, proof.scalarset): _places(p) for p in base.processes}
    for process in model.processes:
        if known.get(_role(process, proof.scalarset)) != _places(process):
            return f"{process.actor} stops at other places than at other sizes"
    for counter, sets in proof.counts.items():
        types = (model.variable(name).type_ for name in sets)
        most = sum(cardinality(t.item) for t in types if isinstance(t, SetType))
        cell = _cell(model, counter)
        most += _written(model, {cell})
        if model.cells[cell].range.hi < most:
            return f"{counter} is too small for what it counts"
    return None


def _role(process: Process, name: str) -> tuple[object, ...]:
    others = [x for x in process.arguments if not mentions(x[0], name)]
    return process.function, tuple(others), process.actor.partition("#")[2]


def _places(process: Process) -> list[tuple[object, ...]]:
    return [(x.kind, x.lock, x.span) for x in process.locations]


def instance(proof: ParametricProof, family: Family, model: Model) -> Certificate:
    """What the proof says about one size, as a certificate."""
    into = Family(model, proof.scalarset)
    clauses = dict.fromkeys(
        instance
        for clause in proof.clauses
        for instance in family.instances(clause, into)
    )
    claims = dict.fromkeys(proof.claims, "holds")
    counts = [
        Count(_cell(model, counter), tuple(_cell(model, name) for name in sets))
        for counter, sets in proof.counts.items()
    ]
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
        counts=tuple(counts),
    )


def _cell(model: Model, name: str) -> int:
    cell = model.variable(name).cells.leaf
    assert cell is not None, "a counter or a set is one cell"
    return cell


def provable(
    model: Model, text: Uniformity, asked: Callable[[Property], bool]
) -> Iterator[tuple[Property, str | None]]:
    """The properties asked for, each with what stands against a proof for all sizes."""
    for prop in model.properties:
        if asked(prop):
            yield prop, objection_to_claim(prop, text)


def read_once(read: Read) -> Read:
    """`read`, which reads each size once."""
    found: dict[int, Model] = {}

    def model_of(size: int) -> Model:
        if size not in found:
            found[size] = read(size)
        return found[size]

    return model_of
