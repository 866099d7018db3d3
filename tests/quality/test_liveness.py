"""Every `specs/NAME_liveness.py` gets the verdicts it declares; the page is current."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from modelcheck.model.program import Expect, Kind
from modelcheck.reader import read_spec
from modelcheck.verdict.check import Resources, check_twin
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
SPECS = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("specs/*_liveness.py"))
TWINNED = [s for s in SPECS if "breaks=" in (ROOT / s).read_text(encoding="utf-8")]
SHOWN = ("specs/mainline_7_0_liveness.py", "no_device_stays_blocked")
_NUMBER = re.compile(r"L\d")
PAGE = ROOT / "docs" / "liveness.md"
GENERATED = "## The verdicts\n"
WHY = """\
## Why

Each reason is the story of the run at the address.
`modelcheck replay specs/NAME_liveness.py ADDRESS` shows it."""
BLOCKED = """\
## A device that is blocked for ever

The run that violates the second half of L8 in Linux 7.0, as a mail would show it."""


@dataclass(frozen=True)
class Found:
    """The verdict on one property of one spec."""

    number: str
    name: str
    cell: str
    because: str
    address: str


def temporal(spec: str) -> list[str]:
    properties = read_spec(str(ROOT / spec)).properties
    return [each.name for each in properties if each.kind is Kind.TEMPORAL]


def verify(spec: str, names: list[str], form: str, out: Path) -> str:
    options = [option for name in names for option in ("--property", name)]
    options += ["--engine", "native", "--format", form, "--out", str(out), "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "modelcheck", "verify", spec, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def found(spec: str, out: Path) -> list[Found]:
    report = json.loads(verify(spec, temporal(spec), "json", out / Path(spec).stem))
    assert report["complete"]
    return sorted(map(_found, report["properties"]), key=lambda f: (f.number, f.name))


def _found(entry: dict[str, Any]) -> Found:
    number = _NUMBER.match(entry["doc"])
    assert number is not None, entry["doc"]
    assert entry["as_expected"], entry["name"]
    cell, address = entry["verdict"], ""
    if cell == "violated":
        address = entry["trace"]["address"]
        loop = address.partition("+")[2]
        again = len(loop.split("/")) if loop else 0
        cell = f"{entry['steps'] - again} + {again}"
    return Found(number[0], entry["name"], cell, entry["because"], address)


def table(designs: dict[str, list[Found]]) -> str:
    rows = sorted({(f.number, f.name) for each in designs.values() for f in each})
    lines = [
        "| property | " + " | ".join(f"`{name}`" for name in designs) + " |",
        "| --- |" + " --- |" * len(designs),
    ]
    for number, name in rows:
        cells = [
            next((f.cell for f in each if f.name == name), "-")
            for each in designs.values()
        ]
        lines.append(f"| {number} `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def section(name: str, verdicts: list[Found]) -> str:
    lines = [f"### {name}", ""]
    for each in verdicts:
        if each.because:
            lines.append(f"- {each.number} `{each.name}`: {each.because}")
            lines.append(f"  Address: `{each.address}`")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "spec", sorted(ROOT.glob("specs/*.py")), ids=attrgetter("stem")
)
def test_only_these_specs_pay_for_liveness(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    is_one = str(spec.relative_to(ROOT)) in SPECS
    assert ("from kernel.liveness import" in text) is is_one
    assert is_one or "@temporal" not in text
    if is_one:
        design = spec.stem.removesuffix("_liveness")
        assert f"from {design} import" in text


def test_what_always_holds_has_a_twin() -> None:
    """Elsewhere a property that holds is one that another design violates."""
    models = [read_spec(str(ROOT / spec)) for spec in SPECS]
    temporal = [p for m in models for p in m.properties if p.kind is Kind.TEMPORAL]
    violated = {p.name for p in temporal if p.expect is Expect.VIOLATED}
    broken = {name for m in models for twin in m.twins for name in twin.breaks}
    assert {p.name for p in temporal} == violated | broken


@pytest.mark.parametrize("spec", TWINNED)
def test_twins_violate_what_they_break(spec: str) -> None:
    limits, resources = Limits(), Resources()
    for twin in read_spec(str(ROOT / spec)).twins:
        variant = read_spec(f"{ROOT / spec}::{twin.name}")
        found = check_twin(twin, variant, "native", limits, Silence(), resources)
        verdicts = {p.prop.name: p.verdict for p in found.report.properties}
        assert verdicts == dict.fromkeys(twin.breaks, Verdict.VIOLATED)


def test_designs_get_the_declared_verdicts(golden: Golden, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        every = pool.map(lambda spec: found(spec, tmp_path), SPECS)
    designs = {
        Path(spec).stem.removesuffix("_liveness"): verdicts
        for spec, verdicts in zip(SPECS, every, strict=True)
    }
    assert {f.number for each in designs.values() for f in each} == {
        f"L{number}" for number in range(1, 9)
    }
    spec, name = SHOWN
    lasso = verify(spec, [name], "mail", tmp_path / "shown")
    parts = [
        f"{GENERATED}\n{table(designs)}",
        WHY,
        *(section(name, verdicts) for name, verdicts in designs.items()),
        f"{BLOCKED}\n\n```text\n{lasso.rstrip()}\n```\n",
    ]
    said = PAGE.read_text(encoding="utf-8").partition(GENERATED)[0]
    golden(PAGE, said + "\n\n".join(parts))
