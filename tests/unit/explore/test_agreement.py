"""The compiled explorer finds and counts what the reference engine does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore import (
    bodies,
    codegen,
    compiled,
    expressions,
    memo,
    questions,
    search,
    successors,
)
from modelcheck.explore.book import PropertyError
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model, State
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence
from tests.unit.explore.random_models import models

Facts = tuple[object, ...]


def facts(engine: Engine, model: Model, limits: Limits) -> Facts | tuple[State, ...]:
    try:
        found = engine.run(model, limits, Silence())
    except PropertyError as error:
        return error.path
    check_evidence(model, found)
    answers = tuple(
        (f.prop.name, f.verdict, f.evidence, f.reason) for f in found.findings
    )
    return (answers, found.counts, found.stops, found.fired, found.depth)


def check_evidence(model: Model, found: Findings) -> None:
    for finding in found.findings:
        if finding.evidence is not None:
            trace = replay_evidence(model, finding.evidence)
            assert len(trace.steps) == finding.evidence.length


@contextmanager
def tiny_limits() -> Iterator[None]:
    """Every limit of the generator and the tables so low that all of them bite."""
    with ExitStack() as stack:
        for module, name, value in (
            (expressions, "MOST_NESTED", 2),
            (expressions, "MOST_REPEATED", 0),
            (bodies, "MOST_INDENTED", 1),
            (codegen, "MOST_INDENTED", 1),
            (compiled, "MOST_SUMMANDS", 2),
            (memo, "MOST_ENTRIES", 3),
            (memo, "MOST_BITS", 3),
            (successors, "MOST_ENTRIES", 3),
            (successors, "MOST_ENTRIES_IN_ALL", 5),
            (questions, "MOST_ENTRIES", 3),
            (search, "CHUNK", 3),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield


LIMITS = st.sampled_from([Limits(), Limits(depth=2), Limits(deadlock=False)])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(models(), LIMITS)
def test_agrees_with_the_reference(model: Model, limits: Limits) -> None:
    expected = facts(Reference(), model, limits)
    assert facts(Explorer(), model, limits) == expected


@settings(max_examples=300, derandomize=True, deadline=None)
@given(models(), LIMITS)
def test_agrees_where_every_limit_bites(model: Model, limits: Limits) -> None:
    expected = facts(Reference(), model, limits)
    with tiny_limits():
        assert facts(Explorer(), model, limits) == expected
