"""The native explorer finds and counts what the other two explorers do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore.native import NativeExplorer, machine
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Verdict
from tests.corpus.cases import ASSERTION, OWN, PUBLISHED, Case
from tests.corpus.reading import model_of
from tests.property.agreement import forced, require_agreement, run
from tests.unit.explore.random_models import models
from tests.unit.native.wide_models import wide_model

sys.setrecursionlimit(50_000)  # as the interpreter does, which Hypothesis minds
MEMORY = 1 << 28
LIMITS = st.sampled_from([Limits(), Limits(depth=2), Limits(deadlock=False)])


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Translated modules of the tests do not push out those of the user."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@contextmanager
def hurried() -> Iterator[None]:
    """LLVM does not optimise, which takes it longest; models enough have it do so."""
    with patch.object(machine, "EFFORT", 0):
        yield


def native(workers: int, *, hash_compact: bool = False) -> NativeExplorer:
    return NativeExplorer(workers, MEMORY, hash_compact=hash_compact)


def agree(
    model: Model,
    limits: Limits,
    workers: int,
    other: Engine,
    *,
    hash_compact: bool = False,
) -> None:
    expected = run(other, model, limits)
    engine = native(workers, hash_compact=hash_compact)
    found = run(engine, model, limits)
    if isinstance(found, Findings) and found.omission is not None:
        assert hash_compact
        assert 0.0 <= found.omission < 1e-9
    require_agreement(found, expected)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(models(), LIMITS, st.integers(1, 2))
def test_agrees_with_the_explorer(model: Model, limits: Limits, workers: int) -> None:
    with hurried():
        agree(model, limits, workers, Explorer())


@settings(max_examples=50, derandomize=True, deadline=None)
@given(models(), LIMITS, st.integers(1, 2))
def test_agrees_with_the_reference(model: Model, limits: Limits, workers: int) -> None:
    agree(model, limits, workers, Reference())


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    models(),
    LIMITS,
    st.integers(1, 2),
    st.sampled_from([1, 8]),
    st.sampled_from([1, 8, 24]),
    st.sampled_from(["direct", "numbers", "compact"]),
)
def test_agrees_however_it_is_compiled(
    model: Model, limits: Limits, workers: int, lanes: int, heavy: int, table: str
) -> None:
    is_compact = table == "compact"
    with hurried(), forced(lanes, heavy, is_direct=table == "direct"):
        agree(model, limits, workers, Explorer(), hash_compact=is_compact)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.integers(0, 2**48),
    st.integers(2, 6),
    st.integers(1, 2),
    st.sampled_from([1, 8]),
    st.booleans(),
)
def test_agrees_on_states_of_many_words(
    seed: int, depth: int, workers: int, lanes: int, hash_compact: bool
) -> None:
    model = wide_model(Random(seed).randint)
    limits = Limits(depth=depth)
    with hurried(), forced(lanes, 8, is_direct=True):
        agree(model, limits, workers, Explorer(), hash_compact=hash_compact)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("case", [*PUBLISHED, *OWN], ids=lambda case: case.name)
def test_meets_the_corpus(case: Case, workers: int) -> None:
    model = model_of(case)
    found = run(native(workers), model, Limits())
    assert isinstance(found, Findings)
    counts = found.counts
    assert counts is not None
    for expected, number in (
        (case.distinct, counts.distinct),
        (case.generated, counts.generated),
        (case.depth, counts.depth),
    ):
        assert expected in (None, number)
    by_name = {f.prop.name: f for f in found.findings}
    for name, word in case.verdicts.items():
        if name == ASSERTION:
            continue
        assert by_name[name].verdict is Verdict(word), name
    for name, length in case.shortest.items():
        if name in by_name:
            evidence = by_name[name].evidence
            assert evidence is not None
            assert evidence.length == length, name
