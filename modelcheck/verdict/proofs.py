"""From the proof that an engine has found to a certificate that has been checked.

As no trace is shown that has not been replayed, no proof counts that `certify` does not
accept: it is checked in the run that found it.
"""

from __future__ import annotations

from dataclasses import replace

from modelcheck import __version__
from modelcheck.certify.certificate import Certificate, digest
from modelcheck.certify.check import Refusal, refuse
from modelcheck.model.program import Kind, Model
from modelcheck.verdict.agreement import InternalError
from modelcheck.verdict.deadline import GRACE, Deadline
from modelcheck.verdict.verdicts import Finding, Findings, Verdict

LEAST_SECONDS = 60.0
"""What a question of the check may take, however short the run was."""


def certified(
    model: Model, findings: Findings, deadline: Deadline | None = None
) -> tuple[Findings, Certificate | None]:
    """`findings` with the certificate of their proof, if they contain one.

    What was proved by a proof that z3 could not check again, or not in time, is
    UNKNOWN. Raises `InternalError` if the proof is wrong.
    """
    deadline = deadline or Deadline()
    certificate = certificate_of(model, findings)
    if certificate is None:
        return findings, None
    seconds = max(LEAST_SECONDS, findings.seconds)
    if deadline.left is not None:
        seconds = min(seconds, max(GRACE, deadline.left))
    refusal = deadline.within(
        lambda: refuse(certificate, model, seconds),
        lambda stop: Refusal(stop.value, is_known=False),
        deadline.patience,
    )
    if refusal is None:
        return findings, certificate
    if refusal.is_known:
        message = f"{findings.engine} has proved what is not so: {refusal.reason}"
        raise InternalError(message)
    said = tuple(_doubted(each, certificate, refusal) for each in findings.findings)
    return replace(findings, findings=said, proof=None), None


def certificate_of(model: Model, findings: Findings) -> Certificate | None:
    """The proof in `findings` as a certificate, not yet checked."""
    proof = findings.proof
    if proof is None:
        return None
    kinds = {prop.name: prop.kind for prop in model.properties}
    claims = {
        name: "unreachable" if kinds[name] is Kind.REACHABLE else "holds"
        for name in proof.proved
    }
    return Certificate(
        spec=model.path,
        scopes=dict(model.scopes),
        preempt=model.preempt,
        digest=digest(model, claims),
        tool=f"modelcheck {__version__}",
        engine=findings.engine,
        k=proof.k,
        claims=claims,
        clauses=proof.clauses,
        balances=proof.balances,
    )


def _doubted(finding: Finding, certificate: Certificate, why: Refusal) -> Finding:
    if finding.prop.name not in certificate.claims:
        return finding
    reason = f"{finding.reason}, but the proof could not be checked: {why.reason}"
    return Finding(finding.prop, Verdict.UNKNOWN, None, reason)
