"""The report of a simulation: what it leaves open, and what it does not claim."""

from __future__ import annotations

from modelcheck.explore.simulation import Simulator
from modelcheck.model.program import Kind
from modelcheck.model.statements import Assign
from modelcheck.model.terms import TRUE, add, const, eq, mod, not_
from modelcheck.report.captions import caption
from modelcheck.report.console import render_console
from modelcheck.verdict.report import Report
from modelcheck.verdict.simulate import simulate_model
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.unit.explore.models import Builder


def report(*, bad: int) -> Report:
    builder = Builder()
    cell = builder.number("x", 0, 7)
    builder.step("up", Assign(cell.index, mod(add(cell.now, const(1)), const(8))))
    builder.ask(Kind.INVARIANT, "never", not_(eq(cell.now, const(bad))))
    builder.ask(Kind.TEMPORAL, "again", TRUE)
    simulator = Simulator(3, 5, is_native=False)
    return simulate_model(builder.model(), simulator, Limits(depth=5), Silence())


def verdicts(found: Report) -> dict[str, Verdict]:
    return {prop.prop.name: prop.verdict for prop in found.properties}


def test_temporal_properties_are_left_open() -> None:
    assert verdicts(report(bad=4))["again"] is Verdict.UNKNOWN


def test_what_is_not_met_is_bounded_and_not_conclusive() -> None:
    found = report(bad=7)
    assert verdicts(found)["never"] is Verdict.BOUNDED
    assert not found.is_complete
    assert found.exit_code == 30
    text = render_console(found)
    assert "3 random runs of at most 5 steps" in " ".join(text.split())
    assert "`modelcheck verify` looks at every state" in text


def test_a_violation_counts_and_is_not_called_shortest() -> None:
    found = report(bad=4)
    assert found.exit_code == 12
    (prop,) = [prop for prop in found.properties if prop.prop.name == "never"]
    assert prop.steps == 4
    assert not caption(found, prop).is_shortest
    assert found.repeat.startswith("modelcheck simulate hand.py --runs 3 --seed 5 ")
    assert found.repeat.endswith(" --depth 5")
    assert "z3" not in found.versions
