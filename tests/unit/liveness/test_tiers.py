"""The graph of the native explorer is that of the Python explorer."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelcheck.explore.book import PropertyError
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.native.engine import Machinery
from modelcheck.liveness.collecting import collect
from modelcheck.liveness.graph import OUTSIDE, Graph, Refused, Unjudged
from modelcheck.liveness.linking import Linking
from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.temporal import Fairness, Strength
from modelcheck.verdict.verdicts import Findings, Limits, Silence
from tests.unit.explore.models import Builder
from tests.unit.explore.random_models import Generator, random_model


def described(graph: Graph, atoms: list[Property]) -> object:
    """The graph without the numbers: states, edges, labels, what holds where."""
    try:
        value = list(graph.valuation(atoms).view[: graph.size])
    except Unjudged as unjudged:
        error = graph.error(unjudged)
        return error.prop, error.failed
    except PropertyError as error:
        return error.prop, error.failed
    states = [graph.state(number) for number in range(graph.size)]
    edges = {
        state: sorted(
            (
                states[graph.target.view[e]] if graph.target.view[e] != OUTSIDE else (),
                graph.labels[graph.label.view[e]].step,
                graph.labels[graph.label.view[e]].counted,
            )
            for e in range(graph.first.view[n], graph.first.view[n + 1])
        )
        for n, state in enumerate(states)
    }
    return (
        {states[number] for number in graph.initial},
        edges,
        dict(zip(states, value, strict=True)),
        graph.runs_into_checks,
        graph.stops,
    )


def native(model: Model, limits: Limits, atoms: list[Property]) -> object:
    found: list[object] = []

    def linked(machinery: Machinery, findings: Findings) -> None:
        try:
            found.append(described(Linking(machinery, findings).graph(), atoms))
        except PropertyError as error:
            found.append((error.prop, error.failed))
        except Refused as refused:
            found.append(str(refused))

    NativeExplorer(1, 1 << 24, linked=linked).run(model, limits, Silence())
    return found[0]


def python(model: Model, limits: Limits, atoms: list[Property]) -> object:
    try:
        return described(collect(model, limits, Silence()), atoms)
    except PropertyError as error:
        return error.prop, error.failed


def fair_model(seed: int) -> tuple[Model, list[Property]]:
    """A random model with atoms and with fairness that may look at states."""
    random = Random(seed)
    model = random_model(random.randint)
    builder = Builder()
    builder.cells = list(model.cells)
    generator = Generator(random.randint, builder)
    atoms = []
    for number in range(3):
        prop = generator.pure(Kind.INVARIANT, f"atom{number}")
        atoms.append(prop)
    fairness = []
    for number in range(random.randint(0, 3)):
        steps = random.sample(
            range(len(model.steps)), random.randint(1, len(model.steps))
        )
        prop = generator.pure(Kind.TRANSITION, f"fair{number}")
        looks = random.randrange(3) == 0
        fairness.append(
            Fairness(
                prop.name,
                random.choice((Strength.WEAK, Strength.STRONG)),
                frozenset(steps),
                prop.body if looks else (),
                prop.result if looks else None,
            )
        )
    kinds = (Kind.DEADLOCK, Kind.ASSERTION)
    kept = tuple(prop for prop in model.properties if prop.kind in kinds)
    return replace(model, properties=kept, fairness=tuple(fairness)), atoms


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.integers(0, 2**40))
@example(342_757_454_594)  # a predicate has no value for a step it is not about
def test_random_models(seed: int) -> None:
    model, atoms = fair_model(seed)
    limits = Limits(depth=seed % 5 if seed % 3 == 0 else None)
    try:
        found = native(model, limits, atoms)
    except PropertyError:
        return
    if isinstance(found, str):
        assert model.constraints
        assert any(fairness.result is not None for fairness in model.fairness)
        return
    assert found == python(model, limits, atoms)
