"""The command `modelcheck certify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from modelcheck.cli.exits import Exit
from modelcheck.cli.options import Preempt, seconds

if TYPE_CHECKING:
    from collections.abc import Container

    from modelcheck.certify.certificate import Certificate
    from modelcheck.certify.check import Refusal
    from modelcheck.certify.parametric_file import ParametricFile
    from modelcheck.model.program import Model


def certify(
    certificate: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A certificate that `verify` has written.",
            show_default=False,
        ),
    ],
    timeout: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="The most that z3 may take for one question, for example 30s.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Check a proof: that it holds at the start, is kept, and implies its claims.

    The spec is read again, from the path in FILE. The status is 0 if the proof is one,
    30 if it is not or z3 cannot tell, and 20 if FILE is no certificate, or one of
    another spec, another state of the spec, or other scopes.
    """
    from modelcheck.certify.certificate import CertificateError
    from modelcheck.certify.check import refuse
    from modelcheck.trace.caption import counted

    try:
        every = _load_parametric(certificate)
        if every is not None:
            return _certify_parametric(certificate, every, timeout)
        found, model = _load(certificate)
        refusal = refuse(found, model, timeout)
    except CertificateError as error:
        print(f"modelcheck: {certificate}: {error}", file=sys.stderr)
        return Exit.SPEC_ERROR
    if refusal is not None:
        return _refused(certificate, refusal)
    sizes = "".join(f", {name}={size}" for name, size in found.scopes.items())
    print(f"{certificate} proves of {found.spec} ({model.name}{sizes}):")
    for name, claim in found.claims.items():
        print(f"  {name} {'holds' if claim == 'holds' else 'cannot be reached'}")
    _tell_unclaimed(model, found.claims)
    what = counted(len(found.clauses), "clause")
    if found.balances:
        what += f", {counted(len(found.balances), 'equation')}"
    print(f"{what}, k={found.k}, found by {found.engine}")
    return Exit.EXPECTED


def _tell_unclaimed(model: Model, claims: Container[str]) -> None:
    """Name the checks that may fail, as far as the proof goes."""
    from modelcheck.verdict.runs import unclaimed_checks

    if names := unclaimed_checks(model, claims):
        found = " and ".join(names)
        print(f"only where no check fails: nothing is claimed of {found}")


def _refused(path: Path, refusal: Refusal) -> int:
    word = "is no proof" if refusal.is_known else "could not be checked"
    print(f"modelcheck: {path} {word}: {refusal.reason}", file=sys.stderr)
    return Exit.INCONCLUSIVE


def _load_parametric(path: Path) -> ParametricFile | None:
    """The proof for every size in a file; None if it is a certificate of one size."""
    from modelcheck.certify.certificate import CertificateError
    from modelcheck.certify.parametric_file import from_json

    try:
        return from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        message = "not a text"
        raise CertificateError(message) from None


def _certify_parametric(
    path: Path, found: ParametricFile, timeout: float | None
) -> int:
    """Check a proof for every size, with the text of the spec read again."""
    from modelcheck.certify.certificate import CertificateError
    from modelcheck.certify.parametric import refuse_parametric
    from modelcheck.reader.largest import Parts
    from modelcheck.trace.caption import counted

    if found.preempt not in get_args(Preempt):
        message = "`preempt` is malformed"
        raise CertificateError(message)
    parts = Parts(found.spec, found.scalarset, found.scopes, found.preempt)
    is_part = found.is_part
    part = parts.part(found.claims, found.dropped) if is_part else parts.whole()
    base = part.read(found.base)
    proof = found.proof(base)
    refusal = refuse_parametric(proof, part.read, part.text, timeout)
    if refusal is not None:
        return _refused(path, refusal)
    print(
        f"{path} proves of {found.spec} ({base.name}) for every size of "
        f"{found.scalarset}:"
    )
    for name in found.claims:
        print(f"  {name} holds")
    _tell_unclaimed(parts.model, found.claims)
    print(counted(len(proof.clauses), "clause"))
    return Exit.EXPECTED


def _load(path: Path) -> tuple[Certificate, Model]:
    """The certificate with its invariant, and the model it names, read again."""
    from dataclasses import replace

    from modelcheck.certify.certificate import (
        CertificateError,
        from_json,
        read_invariant,
    )
    from modelcheck.reader import read_spec

    try:
        found, parts = from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        message = "not a text"
        raise CertificateError(message) from None
    if found.preempt not in get_args(Preempt):
        message = "`preempt` is malformed"
        raise CertificateError(message)
    model = read_spec(found.spec, found.scopes, found.preempt)
    clauses, balances = read_invariant(parts, model)
    return replace(found, clauses=clauses, balances=balances), model
