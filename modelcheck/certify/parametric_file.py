"""Proofs for every size as files, schema `modelcheck.parametric/1`.

Like other certificates they hold a guess that `certify` does not trust: the spec is
read again, at every size that matters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelcheck.certify.certificate import (
    CertificateError,
    digest,
    literal_data,
    read_clauses,
)
from modelcheck.certify.parametric import ParametricProof
from modelcheck.model.program import Model

SCHEMA = "modelcheck.parametric/1"


@dataclass(frozen=True, slots=True)
class ParametricFile:
    """A file as it was read; the clauses need a model of size `base` to be read.

    `scopes` are the sizes of the other types.
    """

    spec: str
    scalarset: str
    scopes: Mapping[str, int]
    preempt: str
    base: int
    digest: str
    claims: tuple[str, ...]
    clauses: list[Any]
    is_part: bool
    dropped: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]]

    def proof(self, model: Model) -> ParametricProof:
        """The proof, about a `model` of size `base`.

        Raises `CertificateError` if it is about another model.
        """
        known = {prop.name for prop in model.properties}
        if not set(self.claims) <= known or digest(model, self.claims) != self.digest:
            message = "the spec has changed since, or the scopes are others"
            raise CertificateError(message)
        clauses = read_clauses(self.clauses, model)
        return ParametricProof(
            self.scalarset,
            self.base,
            self.claims,
            clauses,
            self.counts,
            tuple(sorted(self.dropped)),
        )


def to_json(
    proof: ParametricProof,
    model: Model,
    tool: str,
    texts: Iterable[str],
    *,
    is_part: bool = False,
) -> str:
    """The proof as a file; `model` has the size `proof.base`.

    `is_part` says that it is about the spec without `proof.dropped`, and without the
    loops over members that this allows to leave out.
    """
    clauses = [
        {"text": text, "any": [literal_data(model, part) for part in clause]}
        for text, clause in zip(texts, proof.clauses, strict=True)
    ]
    others = {n: size for n, size in model.scopes.items() if n != proof.scalarset}
    data = {
        "schema": SCHEMA,
        "tool": tool,
        "spec": model.path,
        "scalarset": proof.scalarset,
        "scopes": others,
        "preempt": model.preempt,
        "base": proof.base,
        "digest": digest(model, proof.claims),
        "claims": list(proof.claims),
        "is_part": is_part,
        "dropped": list(proof.dropped),
        "counts": {name: list(sets) for name, sets in proof.counts.items()},
        "clauses": clauses,
    }
    return json.dumps(data, indent=1) + "\n"


def from_json(text: str) -> ParametricFile | None:
    """The file with this content; None if it is no such file.

    Raises `CertificateError` if it is one and malformed.
    """
    try:
        data = json.loads(text)
    except ValueError:
        return None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        return None
    for name, kind in _FIELDS.items():
        is_bool = isinstance(data.get(name), bool)
        if not isinstance(data.get(name), kind) or is_bool is not (kind is bool):
            message = f"`{name}` is missing or malformed"
            raise CertificateError(message)
    if not 1 <= data["base"] <= _MOST_MEMBERS or not _are_names(
        data["claims"], data["dropped"], *data["counts"].values()
    ):
        message = "`base`, `claims`, `dropped` or `counts` is malformed"
        raise CertificateError(message)
    words = {name: data[name] for name in _FIELDS}
    words |= {name: tuple(data[name]) for name in ("claims", "dropped")}
    words["counts"] = {name: tuple(sets) for name, sets in data["counts"].items()}
    return ParametricFile(**words)


def _are_names(*lists: object) -> bool:
    return all(
        isinstance(names, list) and all(isinstance(name, str) for name in names)
        for names in lists
    )


_MOST_MEMBERS = 64
"""No clause that anybody finds speaks of more."""

_FIELDS: dict[str, type] = {
    "spec": str,
    "scalarset": str,
    "scopes": dict,
    "preempt": str,
    "base": int,
    "digest": str,
    "claims": list,
    "clauses": list,
    "is_part": bool,
    "dropped": list,
    "counts": dict,
}
