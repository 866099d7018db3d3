"""What the native explorer must have in common with a slower engine.

Which of several shortest paths is shown differs: both are replayed, and their lengths
compared. An evaluation error in a property is found whatever else is found in the same
level, so it may come where the other engine has decided the property just before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

from modelcheck.explore.book import PropertyError
from modelcheck.explore.native import bodies, engine, machine, plan
from modelcheck.model.program import Model
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence

Outcome = Findings | PropertyError
"""What an engine finds, or the property that has no value."""


def run(engine: Engine, model: Model, limits: Limits) -> Outcome:
    """What `engine` finds; what it shows as evidence is replayed."""
    try:
        found = engine.run(model, limits, Silence())
    except PropertyError as error:
        return error
    for finding in found.findings:
        if finding.evidence is not None:
            trace = replay_evidence(model, finding.evidence)
            assert len(trace.steps) == finding.evidence.length
    return found


def verdicts(found: Findings) -> tuple[object, ...]:
    """The answers, each with the length of its evidence, and why the search ended."""
    answers = tuple(
        (f.prop.name, f.verdict, f.evidence and f.evidence.length)
        for f in found.findings
    )
    return (answers, found.stops, found.depth)


def facts(found: Findings) -> tuple[object, ...]:
    """All that does not depend on the order of a search."""
    counts = found.counts
    assert counts is not None
    numbers = (counts.distinct, counts.generated, counts.levels, counts.queued)
    degree = round(counts.out_degree[1], 9)
    return (verdicts(found), numbers, degree, found.fired, found.saving)


def require_agreement(found: Outcome, expected: Outcome) -> None:
    """Require that the native explorer has `found` what another engine finds."""
    if isinstance(found, Findings):
        assert isinstance(expected, Findings)
        assert facts(found) == facts(expected)
    elif isinstance(expected, Findings):
        decided = {f.prop.name: f.evidence for f in expected.findings}
        evidence = decided[found.prop.name]
        assert evidence is not None
        assert evidence.length == len(found.path) - 1
    else:
        assert len(found.path) == len(expected.path)


@contextmanager
def forced(lanes: int, heavy: int, *, is_direct: bool) -> Iterator[None]:
    """Other groups, another visited set, more lists, and chunks of three states."""
    here = replace(machine.host(), most_lanes=lanes)
    with ExitStack() as stack:
        for module, name, value in (
            (engine, "host", lambda: here),
            (engine, "DIRECT", is_direct),
            (engine, "SMALL", 2),
            (engine, "CHUNK", 3),
            (plan, "HEAVY", heavy),
            (bodies, "HEAVY", heavy),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield
