"""Certificates: proofs as files, schema `modelcheck.certificate/1`.

A certificate names the spec with its scopes, what is claimed about which property, and
the invariant that proves it. `digest` ties it to the content of the model, so that a
proof of another design, or of an earlier state of it, is told apart from a wrong one.
Texts in it are for people: `certify` believes none of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from hashlib import sha256
from typing import Any

from modelcheck.model.clauses import Balance, Clause, Literal
from modelcheck.model.program import Cell, Kind, Model, Property
from modelcheck.model.statements import Assert, Mark, Span
from modelcheck.model.terms import Sort, Term, walk

SCHEMA = "modelcheck.certificate/1"
CLAIMS = ("holds", "unreachable")


class CertificateError(Exception):
    """A certificate that cannot be read, or is not about the model it names."""


@dataclass(frozen=True, slots=True)
class Count:
    """The cell `counter` is the number of elements of the sets in the cells `masks`."""

    counter: int
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A proof: `claims` hold because with `clauses` they are `k`-inductive.

    So they are with `balances` and, in proofs for every size only, `counts`.

    `spec`, `scopes` and `preempt` select the model. A claim is `holds`, or, about a
    reachability goal, `unreachable`.
    """

    spec: str
    scopes: Mapping[str, int]
    preempt: str
    digest: str
    tool: str
    engine: str
    k: int
    claims: Mapping[str, str]
    clauses: tuple[Clause, ...]
    balances: tuple[Balance, ...] = ()
    counts: tuple[Count, ...] = ()


def digest(model: Model, names: Iterable[str]) -> str:
    """A number for what `model` does and what its properties `names` mean.

    It does not depend on places, comments, docstrings, expectations or on properties
    that are not named.
    """
    chosen = set(names)
    asked = [prop for prop in model.properties if prop.name in chosen]
    found = _Digest()
    found.put([(cell.name, cell.range) for cell in model.cells])
    found.put((model.zero, model.init, model.is_rest))
    found.put([(step.at, step.body) for step in model.steps])
    for prop in (*model.constraints, *asked):
        found.put((prop.name, prop.kind, prop.body, prop.result, _place(prop, model)))
    return found.hexdigest()


def _place(prop: Property, model: Model) -> tuple[int, ...]:
    """Which of the checks of the steps a property stands for, by their numbers."""
    if prop.kind is not Kind.ASSERTION:
        return ()
    parts = enumerate(_parts([step.body for step in model.steps]))
    return tuple(
        number
        for number, part in parts
        if isinstance(part, Assert) and part.span == prop.span
    )


def _parts(root: object) -> Iterator[object]:
    stack = [root]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple | list):
            stack += reversed(top)
        elif is_dataclass(top) and not isinstance(top, Term | Span):
            yield top
            stack += [getattr(top, f.name) for f in reversed(fields(top))]


class _Digest:
    """Hashes terms by number, each once, and other data by their parts."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._numbers: dict[Term, int] = {}

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def put(self, root: object) -> None:
        """Take in numbers, words, terms, and tuples or dataclasses of such."""
        stack = [root]
        while stack:
            top = stack.pop()
            if isinstance(top, Term):
                self._word(f"term {self._number(top)}")
            elif isinstance(top, Enum):
                self._word(top.name)
            elif isinstance(top, tuple | list):
                self._word(f"of {len(top)}")
                stack += reversed(top)
            elif is_dataclass(top) and not isinstance(top, Mark | Span):
                self._word(type(top).__name__)
                stack += [getattr(top, f.name) for f in reversed(fields(top))]
            elif not isinstance(top, Mark | Span):
                self._word(repr(top))

    def _number(self, root: Term) -> int:
        for term in walk([root]):
            if term not in self._numbers:
                args = [self._numbers[arg] for arg in term.args]
                ends = (term.op.name, args, term.value, term.sort.name)
                self._word(repr((*ends, term.lo, term.hi)))
                self._numbers[term] = len(self._numbers)
        return self._numbers[root]

    def _word(self, word: str) -> None:
        self._hash.update(f"{word}\n".encode())


def to_json(certificate: Certificate, model: Model, texts: Iterable[str]) -> str:
    """The certificate as a file; `texts` say what each clause, then balance, means."""
    parts: list[dict[str, Any]] = [
        {"any": [literal_data(model, part) for part in clause]}
        for clause in certificate.clauses
    ]
    parts += [_balance_data(model, balance) for balance in certificate.balances]
    clauses = [{"text": text, **part} for text, part in zip(texts, parts, strict=True)]
    data = {
        "schema": SCHEMA,
        "tool": certificate.tool,
        "engine": certificate.engine,
        "spec": certificate.spec,
        "scopes": dict(certificate.scopes),
        "preempt": certificate.preempt,
        "digest": certificate.digest,
        "k": certificate.k,
        "claims": dict(certificate.claims),
        "clauses": clauses,
    }
    return json.dumps(data, indent=1) + "\n"


def literal_data(model: Model, literal: Literal) -> dict[str, Any]:
    """A literal as data."""
    data: dict[str, Any] = {"cell": model.cells[literal.cell].name}
    if literal.bit is not None:
        data["bit"] = literal.bit
    return {**data, "values": sorted(literal.values)}


def _balance_data(model: Model, balance: Balance) -> dict[str, Any]:
    parts = [
        {**literal_data(model, part), "weight": weight}
        for part, weight in balance.parts
    ]
    return {"sum": parts, "total": balance.total}


def from_json(text: str) -> tuple[Certificate, list[Any]]:
    """The certificate in `text`, and its invariant as data: that needs a model.

    Raises `CertificateError` if it is not one.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        message = f"not JSON: {error}"
        raise CertificateError(message) from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        message = f'not a certificate: there is no "schema": "{SCHEMA}"'
        raise CertificateError(message)
    for name, kind in _FIELDS.items():
        if not isinstance(data.get(name), kind) or isinstance(data[name], bool):
            message = f"`{name}` is missing or malformed"
            raise CertificateError(message)
    if data["k"] < 1 or not set(data["claims"].values()) <= set(CLAIMS):
        message = "`k` or `claims` is malformed"
        raise CertificateError(message)
    words = {name: data[name] for name in _FIELDS if name != "clauses"}
    return Certificate(**words, clauses=()), data["clauses"]


_FIELDS: dict[str, type] = {
    "spec": str,
    "scopes": dict,
    "preempt": str,
    "digest": str,
    "tool": str,
    "engine": str,
    "k": int,
    "claims": dict,
    "clauses": list,
}


def read_invariant(
    data: list[Any], model: Model
) -> tuple[tuple[Clause, ...], tuple[Balance, ...]]:
    """Clauses and balances over the cells of `model`; raises `CertificateError`."""
    sums = [part for part in data if isinstance(part, dict) and "sum" in part]
    clauses = read_clauses([part for part in data if part not in sums], model)
    cells = {cell.name: cell for cell in model.cells}
    try:
        balances = tuple(
            Balance(
                tuple(
                    (_read_literal(part, cells), _integer(part["weight"]))
                    for part in balance["sum"]
                ),
                _integer(balance["total"]),
            )
            for balance in sums
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"a sum is malformed: {error!r}"
        raise CertificateError(message) from None
    return clauses, balances


def read_clauses(data: list[Any], model: Model) -> tuple[Clause, ...]:
    """The clauses over the cells of `model`; raises `CertificateError`."""
    cells = {cell.name: cell for cell in model.cells}
    try:
        return tuple(
            tuple(_read_literal(part, cells) for part in clause["any"])
            for clause in data
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"a clause is malformed: {error!r}"
        raise CertificateError(message) from None


def _read_literal(data: Any, cells: Mapping[str, Cell]) -> Literal:  # noqa: ANN401
    cell = cells[data["cell"]]
    values = frozenset(map(_integer, data["values"]))
    bit = None if data.get("bit") is None else _integer(data["bit"])
    is_mask = cell.range.sort is Sort.MASK
    width = (cell.range.hi - min(cell.range.lo, 0)).bit_length()
    if is_mask if bit is None else not 0 <= bit < width:
        message = f"{cell.name} is not described like this"
        raise ValueError(message)
    return Literal(cell.index, values, bit)


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{value!r} is not a number"
        raise TypeError(message)
    return value
