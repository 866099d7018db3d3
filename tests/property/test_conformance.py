"""The compiled model and CPython take the same steps, for every spec there is."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import pytest

from modelcheck.language.loading import SpecLoadError, load_spec
from modelcheck.reader.read import read_spec
from tests.corpus.cases import CASES, Case
from tests.corpus.reading import class_of, live_model_of, model_of
from tests.corpus.temporal import LIVE, Live
from tests.property.conformance import Tally, check_initial_states, walk

SPECS = Path(__file__).parents[2] / "specs"
SEEDS = int(os.environ.get("MODELCHECK_WALKS", "4"))
STEPS = 25


def specs() -> list[tuple[Path, str]]:
    """Every spec under `specs/`, by file and class; packages hold what they import."""
    files = sorted(SPECS.rglob("*.py"))
    own = [path for path in files if not (path.parent / "__init__.py").exists()]
    return [(path, name) for path in own for name in _classes(path)]


def _classes(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not _is_twin(node):
            try:
                load_spec(path, node.name)
            except SpecLoadError:
                continue
            yield node.name


def _is_twin(node: ast.ClassDef) -> bool:
    """Whether a class is a broken variant of a design, with nearly its steps."""
    return any(keyword.arg == "breaks" for keyword in node.keywords)


@pytest.mark.parametrize(
    ("path", "name"), specs(), ids=lambda x: x if isinstance(x, str) else x.stem
)
def test_specs(path: Path, name: str) -> None:
    model = read_spec(f"{path}::{name}")
    spec = load_spec(path, name)
    check_initial_states(model, spec)
    # The steps of a `_liveness` are those of its design; new are only the formulas.
    walks = SEEDS // 4 if path.stem.endswith("_liveness") else SEEDS
    tallies = [walk(model, spec, seed, 2 * STEPS) for seed in range(walks)]
    check_worth(tallies)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_corpus(case: Case) -> None:
    model, spec = model_of(case), class_of(case)
    check_initial_states(model, spec)
    tallies = [walk(model, spec, seed, STEPS) for seed in range(SEEDS)]
    check_worth(tallies)


@pytest.mark.parametrize("live", LIVE, ids=attrgetter("name"))
def test_temporal_corpus(live: Live) -> None:
    """What is new here are formulas and fairness, and models that have counts there."""
    model, spec = live_model_of(live), class_of(live)
    if live.depth != 1:  # or all of thousands of states are initial
        check_initial_states(model, spec)
    check_worth([walk(model, spec, seed, STEPS) for seed in range(SEEDS // 4)])


def check_worth(tallies: list[Tally]) -> None:
    """A walk that goes nowhere shows nothing."""
    for tally in tallies:
        assert tally.steps
        assert tally.is_over or tally.steps >= STEPS
