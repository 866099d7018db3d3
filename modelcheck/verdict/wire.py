"""What an engine found as plain data, for the way from one process to another.

Terms are equal if they are the same object, so nothing that contains terms travels:
properties go by their names, a failed check by the step that runs into it. The digest
of the model goes along, for the two processes have read the spec each for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from modelcheck.certify.certificate import Certificate, digest
from modelcheck.explore.book import Book
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Model, Property, State
from modelcheck.verdict.portfolio import Answer, RivalError
from modelcheck.verdict.verdicts import Evidence, Finding, Findings, Limits, Verdict


@dataclass(frozen=True, slots=True)
class PlainFinding:
    """A `Finding`; `step` is that of a check that fails after the last state.

    `loop` and `taken` are those of a lasso.
    """

    name: str
    verdict: Verdict
    reason: str
    states: tuple[State, ...] = ()
    step: int | None = None
    is_shortest: bool = True
    loop: int | None = None
    taken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlainFindings:
    """`Findings`; `rest` is what they say of no single property."""

    findings: tuple[PlainFinding, ...]
    rest: Findings


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """An `Answer`, and the digest of the model that it is about."""

    model: str
    findings: PlainFindings
    certificate: Certificate | None


def plain(model: Model, answer: Answer) -> PlainAnswer:
    """`answer` without anything of `model` in it."""
    found = plain_findings(answer.findings)
    return PlainAnswer(model_digest(model), found, answer.certificate)


def plain_findings(found: Findings) -> PlainFindings:
    """`found` without anything of the model in it."""
    said = tuple(map(_plain, found.findings))
    return PlainFindings(said, replace(found, findings=()))


def answer_of(model: Model, said: PlainAnswer) -> Answer:
    """The answer about `model`; raises `RivalError` if it is about another one."""
    if said.model != model_digest(model):
        message = "was given up: the spec has changed since it was read"
        raise RivalError(message)
    return Answer(findings_of(model, said.findings), said.certificate)


def findings_of(model: Model, said: PlainFindings) -> Findings:
    """The findings about `model`; raises `RivalError` if they are about another one."""
    props = {prop.name: prop for prop in model.properties}
    found = tuple(_finding(model, props[each.name], each) for each in said.findings)
    return replace(said.rest, findings=found)


def model_digest(model: Model) -> str:
    """A number for all that `model` does and is asked."""
    return digest(model, (prop.name for prop in model.properties))


def _plain(finding: Finding) -> PlainFinding:
    evidence = finding.evidence
    said = PlainFinding(finding.prop.name, finding.verdict, finding.reason)
    if evidence is None:
        return said
    return replace(
        said,
        states=evidence.states,
        step=None if evidence.failed is None else evidence.step,
        is_shortest=evidence.is_shortest,
        loop=evidence.loop,
        taken=evidence.taken,
    )


def _finding(model: Model, prop: Property, said: PlainFinding) -> Finding:
    evidence = _evidence(model, prop, said) if said.states else None
    return Finding(prop, said.verdict, evidence, said.reason)


def _evidence(model: Model, prop: Property, said: PlainFinding) -> Evidence:
    """The path, with the check that fails at its end; raises `RivalError` if none."""
    path = Evidence(
        said.states, loop=said.loop, taken=said.taken, is_shortest=said.is_shortest
    )
    if said.step is None:
        return path
    property_of = Book(model, Limits()).property_of
    for outcome in Interpreter(model).successors(said.states[-1]):
        failed = outcome.failed
        is_it = failed is not None and outcome.step.index == said.step
        if failed is not None and is_it and property_of(failed) is prop:
            return replace(path, failed=failed, step=said.step)
    message = f"shows a path to {prop.name} that violates nothing"
    raise RivalError(message)
