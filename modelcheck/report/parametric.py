"""How a proof for every size is shown: what is proved, why, and what is not.

The JSON form has the schema `modelcheck.prove/1`; fields may be added within it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from modelcheck.model.permuting import scalarset_types
from modelcheck.model.program import Model
from modelcheck.trace.invariant import ClauseSpeller
from modelcheck.trace.jsonform import Json
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.parametric import ForAll

SCHEMA = "modelcheck.prove/1"


def render_json(found: ForAll, base: Model | None, path: Path | None) -> str:
    """The answer as one object; `path` is where the proof was written."""
    proof, model = found.proof, found.model
    others = {n: size for n, size in model.scopes.items() if n != found.scalarset}
    properties: list[Json] = [
        {"name": name, "verdict": "holds for all sizes"}
        for name in (() if proof is None else proof.claims)
    ]
    properties += [
        {"name": name, "verdict": "not proved", "reason": reason}
        for name, reason in found.refused.items()
    ]
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "spec": model.path,
        "name": model.name,
        "scalarset": found.scalarset,
        "scopes": dict(others),
        "preempt": model.preempt,
        "properties": properties,
        "checks_not_proved": [*found.unclaimed_checks],
        "objection": found.objection,
        "left_out": [] if proof is None else list(proof.dropped),
        "counts": {} if proof is None else {n: [*s] for n, s in proof.counts.items()},
        "invariant": [] if base is None else [*clause_texts(found, base)],
        "checked_up_to": found.bound,
        "certificate": None if path is None else str(path),
        "seconds": round(found.seconds, 3),
    }
    return json.dumps(data, indent=1) + "\n"


def render_for_all(found: ForAll, base: Model | None, tool: str, width: int) -> str:
    """The answer as text; `base` is the model that the clauses are about."""
    model = found.model
    head = f"{tool}: {model.path} ({model.name}): for every size of {found.scalarset}"
    sections = [fold(ascii_only(head), width), list(_verdicts(found, width))]
    if found.proof is not None and base is not None:
        sections.append(list(_invariant(found, base, width)))
        sections.append(fold(_extent(found, model), width))
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _verdicts(found: ForAll, width: int) -> Iterator[str]:
    if found.objection is not None and found.proof is None:
        yield from fold(f"Nothing is proved: {found.objection}", width)
    for name in () if found.proof is None else found.proof.claims:
        yield f"HOLDS FOR ALL SIZES  {name}"
    if found.proof is not None and (names := found.unclaimed_checks):
        text = f"Only where no check fails: nothing is proved of {' and '.join(names)}."
        yield from fold(text, width)
    for name, reason in found.refused.items():
        yield f"NOT PROVED           {name}"
        yield from (f"    {line}" for line in fold(ascii_only(reason), width - 4, 0))


def clause_texts(found: ForAll, base: Model) -> list[str]:
    """The clauses of the proof in the words of the spec."""
    speller = ClauseSpeller(base)
    return [speller.text(c) for c in found.proof.clauses] if found.proof else []


def _invariant(found: ForAll, base: Model, width: int) -> Iterator[str]:
    proof = found.proof
    if proof is not None and proof.dropped:
        what = ", ".join(proof.dropped)
        yield from fold(f"Whatever these variables are: {what}.", width)
    for counter, sets in () if proof is None else sorted(proof.counts.items()):
        total = " + ".join(f"len({name})" for name in sets)
        yield from fold(f"At every size {counter} == {total}.", width)
    texts = clause_texts(found, base)
    if not texts:
        yield "The properties are inductive by themselves."
        return
    count = base.scopes[found.scalarset]
    members = "" if count == 1 else "; different names are different members"
    last = scalarset_types(base)[found.scalarset].members[-1]
    yield from fold(
        f"The invariant, of all members{members}; {last} as a value is any other one:",
        width,
    )
    for text in texts:
        yield from fold(f"  {text}", width)


def _extent(found: ForAll, model: Model) -> str:
    others = [f"{n}={s}" for n, s in model.scopes.items() if n != found.scalarset]
    fixed = f", with {', '.join(others)}" if others else ""
    return (
        f"Checked where {found.scalarset} has 1 to {found.bound} members{fixed}: what "
        "breaks the proof at any size breaks it at one of these."
    )
