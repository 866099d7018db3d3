"""docs/every-size.md says what is proved for every number of devices, and why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelcheck.certify.conditions import objection_to, objection_to_claim
from modelcheck.certify.parametric import refuse_parametric
from modelcheck.certify.parametric_file import ParametricFile
from modelcheck.model.uniformity import Part
from modelcheck.reader.largest import Parts
from modelcheck.verdict.parametric import prove_for_all
from modelcheck.verdict.verdicts import Limits, Silence
from tests.conftest import Golden
from tests.quality import every_size_page as page

ROOT = page.ROOT
PAGE = ROOT / "docs" / "every-size.md"
PROOFS = page.proofs()
CERTIFIED = "dma_ownership_v5"
"""The proof that is checked at every size; of the others only what it is about is."""

READ_AGAIN = ("dma_ownership_v5", "for_each_device_attach_locked")
"""The designs whose refusals are found out again; `make golden` does it for all."""


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def part_of(file: ParametricFile) -> Part:
    parts = Parts(file.spec, file.scalarset, file.scopes, file.preempt)
    return parts.part(file.claims, file.dropped)


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


@pytest.mark.parametrize("design", sorted(PROOFS))
def test_saved_proofs(design: str, *, update_golden: bool) -> None:
    _, file = PROOFS[design]
    part = part_of(file)
    proof = file.proof(part.read(file.base))
    assert objection_to(part.read, file.scalarset, part.text) is None
    properties = {prop.name: prop for prop in part.read(file.base).properties}
    for claim in file.claims:
        assert objection_to_claim(properties[claim], part.text) is None
    if design == CERTIFIED or update_golden:
        assert refuse_parametric(proof, part.read, part.text) is None


def claims_of(design: str) -> tuple[str, ...]:
    return PROOFS[design][1].claims if design in PROOFS else ()


def test_the_page(golden: Golden, *, update_golden: bool) -> None:
    known = [] if update_golden else page.read(PAGE)
    rows = []
    for path in page.designs():
        if update_golden or path.stem in READ_AGAIN:
            rows.append(page.row(path, claims_of(path.stem)))
        else:
            rows.append(next(each for each in known if each[0].design == path.stem))
    golden(PAGE, page.page(rows))


def test_the_page_says_all_where_there_is_a_proof() -> None:
    for row, _ in page.read(PAGE):
        proved = {name for name, cell in row.cells.items() if cell == page.PROVED}
        assert proved == set(claims_of(row.design))


def test_the_page_is_about_all_that_holds() -> None:
    """docs/designs.md is made by searching, and kept current by another test."""
    held = page.held(ROOT / "docs" / "designs.md")
    for row, _ in page.read(PAGE):
        asked = {name for name, verdicts in held.items() if row.design in verdicts}
        kinds = page.common(PAGE)
        holds = {name for name in asked if held[name][row.design]}
        assert holds & kinds == set(row.cells) & asked & kinds


def proved_elsewhere(spec: str) -> set[str]:
    """What docs/adr/0035 says of a spec without devices."""
    text = (ROOT / "docs" / "adr" / "0035-every-size.md").read_text()
    table = text[text.index("| design |") :].partition("\n\n")[0]
    row = next(line for line in table.splitlines() if spec in line)
    return names(row.strip("|").split("|")[3])


def test_a_mutex() -> None:
    spec = Path("tests") / "corpus" / "specs" / "lock.py"
    limits = Limits(deadlock=False)
    found = prove_for_all(Parts(str(spec), "Proc", {}, "await"), limits, Silence())
    assert found.proof is not None
    assert set(found.proof.claims) == proved_elsewhere("corpus/specs/lock.py")
