"""All that is required of one spec: CPython and every engine say the same of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modelcheck.explore.book import PropertyError
from modelcheck.explore.reduction import Reduction, find_reduction
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.language.loading import load_spec
from modelcheck.model.program import Model, State
from modelcheck.model.statements import Choose
from modelcheck.reader.builder import flat
from modelcheck.reader.errors import SpecError
from modelcheck.reader.read import read_spec
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.agreement import check_agreement
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence
from tests.property.conformance import Tally, check_initial_states, walk


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to do for one spec."""

    walks: int = 3
    steps: int = 12
    depth: int = 3
    bound: int = 2
    choices: int = 6


def judge(text: str, folder: Path, effort: Effort) -> list[Tally] | None:
    """Require everything of the spec `text`; None if the reader refuses it."""
    path = folder / "generated.py"
    path.write_text(text, encoding="utf-8")
    try:
        model = read_spec(str(path))
    except SpecError:
        return None
    tallies = judge_by_python(model, path, effort)
    if most_choices(model) <= effort.choices:
        judge_engines(model, effort)
    return tallies


def most_choices(model: Model) -> int:
    """The number of choices in one step: each may double what the engines try."""
    counts = [
        sum(isinstance(statement, Choose) for statement in flat(step.body))
        for step in model.steps
    ]
    return max(counts, default=0)


def judge_by_python(model: Model, path: Path, effort: Effort) -> list[Tally]:
    """Require that the model takes the steps that CPython takes."""
    spec = load_spec(path)
    check_initial_states(model, spec)
    return [walk(model, spec, seed, effort.steps) for seed in range(effort.walks)]


def judge_engines(model: Model, effort: Effort) -> None:
    """Require that the engines agree, and that what they show can be replayed."""
    limits = Limits(depth=effort.depth)
    expected = _run(Reference(), model, limits)
    actual = _run(Explorer(), model, limits)
    if not isinstance(expected, Findings):
        assert actual == expected, "errors inside properties"
        return
    assert isinstance(actual, Findings)
    assert _facts(actual) == _facts(expected)
    assert effort.bound < effort.depth, "a search does not look for deadlock at its end"
    _judge_bounded(model, actual, effort.bound)


def judge_symmetry(model: Model, depth: int) -> Reduction | None:
    """Require that a reduced search finds what the whole one does, to some depth.

    Also that its states stand for exactly those of the whole one.
    """
    limits = Limits(depth=depth)
    reduction = find_reduction(model, limits)
    if reduction is None or not reduction.axes:
        return reduction
    expected = _run(Explorer(), model, limits)
    actual = _run(Explorer(reduction), model, limits)
    if not isinstance(expected, Findings):
        assert not isinstance(actual, Findings)
        assert (actual[0], len(actual[1])) == (expected[0], len(expected[1]))
        return reduction
    assert isinstance(actual, Findings)
    assert actual.stops == expected.stops
    assert _verdicts(actual) == _verdicts(expected)
    assert actual.counts is not None
    assert expected.counts is not None
    assert actual.counts.depth == expected.counts.depth
    assert actual.saving is not None
    assert actual.saving.states == expected.counts.distinct
    return reduction


def _verdicts(found: Findings) -> list[tuple[object, ...]]:
    lengths = _lengths(found)
    return [(f.prop.name, f.verdict, lengths[f.prop.name]) for f in found.findings]


def _judge_bounded(model: Model, explored: Findings, bound: int) -> None:
    bounded = _run(BoundedChecker(), model, Limits(depth=bound))
    expected = {
        name: length if length is not None and length <= bound else None
        for name, length in _lengths(explored).items()
    }
    if not isinstance(bounded, Findings):
        # The solver looks for errors in a property first, a search only until the
        # property is decided.
        name, path = bounded
        length = expected[name]
        assert length is not None
        assert length <= len(path) - 1
        return
    assert _lengths(bounded) == expected
    check_agreement([explored, bounded])


def _run(
    engine: Engine, model: Model, limits: Limits
) -> Findings | tuple[str, tuple[State, ...]]:
    """What an engine finds, or the property that has no value, and where."""
    try:
        found = engine.run(model, limits, Silence())
    except PropertyError as error:
        return error.prop.name, error.path
    for finding in found.findings:
        if finding.evidence is not None:
            trace = replay_evidence(model, finding.evidence)
            assert len(trace.steps) == finding.evidence.length
    return found


def _facts(found: Findings) -> tuple[object, ...]:
    answers = [(f.prop.name, f.verdict, f.evidence, f.reason) for f in found.findings]
    return (answers, found.counts, found.stops, found.fired, found.depth)


def _lengths(found: Findings) -> dict[str, int | None]:
    return {
        finding.prop.name: finding.evidence.length if finding.evidence else None
        for finding in found.findings
    }
