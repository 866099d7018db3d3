"""The tables of docs/adr/0035: what is proved for every size, and what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelcheck.certify.parametric import refuse_parametric
from modelcheck.certify.parametric_file import from_json
from modelcheck.reader.largest import Parts
from modelcheck.verdict.parametric import prove_for_all
from modelcheck.verdict.verdicts import Limits, Silence

ROOT = Path(__file__).parents[2]
PROOFS = sorted((ROOT / "tests" / "golden" / "every_size").glob("*.json"))
TEXT = (ROOT / "docs" / "adr" / "0035-every-size.md").read_text()
V5 = "specs/dma_ownership_v5.py"


def rows(head: str) -> list[list[str]]:
    """The cells of the table with this head."""
    table = TEXT[TEXT.index(head) :].partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def claimed(spec: str) -> set[str]:
    return next(names(row[3]) for row in rows("| design |") if spec in row[0])


@pytest.mark.parametrize("path", PROOFS, ids=lambda path: path.stem)
def test_designs_with_processes(path: Path) -> None:
    found = from_json(path.read_text())
    assert found is not None
    assert set(found.claims) == claimed(found.spec)
    spec = str(ROOT / found.spec)
    parts = Parts(spec, found.scalarset, found.scopes, found.preempt)
    part = parts.part(found.claims, found.dropped)
    proof = found.proof(part.read(found.base))
    assert refuse_parametric(proof, part.read, part.text) is None


def test_a_mutex() -> None:
    spec = ROOT / "tests" / "corpus" / "specs" / "lock.py"
    limits = Limits(deadlock=False)
    found = prove_for_all(Parts(str(spec), "Proc", {}, "await"), limits, Silence())
    assert found.proof is not None
    assert set(found.proof.claims) == claimed("corpus/specs/lock.py")


def test_what_is_refused() -> None:
    parts = Parts(str(ROOT / V5), "Device", {}, "await")
    for cell, reason in rows("| property | reason |"):
        about = reason.partition("`")[2].partition("`")[0]
        for name in names(cell):
            against = parts.largest([name]).text.against[name]
            assert f"it is about {about}" in against.text
