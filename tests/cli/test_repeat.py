"""The command that a report ends with asks the same again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from modelcheck.cli.main import app

SPECS = Path(__file__).parents[1] / "corpus/specs"
LOST = f"{SPECS / 'lost_update.py'}::LostUpdate"
PHASES = str(SPECS / "two_phase.py")

CALLS = [
    ["verify", LOST],
    ["verify", LOST, "--engine", "bmc"],
    ["verify", LOST, "--engine", "induct"],
    ["verify", LOST, "--preempt", "statement", "--engine", "explore"],
    ["verify", LOST, "--no-deadlock", "--max-violations", "1", "--depth", "3"],
    ["verify", LOST, "--engine", "native", "-w", "2", "--memory", "100M"],
    ["verify", LOST, "--no-symmetry", "--stats", "--coverage"],
    ["verify", LOST, "--property", "deadlock", "--timeout", "1.5m"],
    ["verify", PHASES, "--scope", "RM=2"],
    ["simulate", LOST, "--runs", "50", "--seed", "7", "--depth", "9"],
]


def run(words: list[str], folder: Path) -> dict[str, Any]:
    """The report of a call as data, without what differs each time."""
    given = ["--format", "json", "--quiet", "--out", str(folder)]
    if words[0] == "verify":
        given += ["--certificates", str(folder)]
    done = CliRunner().invoke(app, [*words, *given])
    assert done.exit_code != 2, done.output
    data: dict[str, Any] = json.loads(done.stdout)
    for key in ("seconds", "simulation", "survey"):
        del data[key]
    for prop in data["properties"]:
        # A size that was given stands in the mail, also where it is the file's.
        (prop["trace"] or {}).pop("mail", None)
    return data | {"engines": [each["name"] for each in data["engines"]]}


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words[2:]) or "-")
def test_it_repeats(words: list[str], tmp_path: Path) -> None:
    first = run(words, tmp_path)
    program, *again = shlex.split(first["repeat"])
    assert program == "modelcheck"
    assert set(again) >= {word for word in words if word.startswith("--")}
    second = run(again, tmp_path)
    assert second == first
