"""From a model to the report of a random simulation.

A simulation never proves anything: what it has not seen violated is BOUNDED.
"""

from __future__ import annotations

from dataclasses import replace

from modelcheck.explore.simulation import Simulator
from modelcheck.model.program import Kind, Model
from modelcheck.verdict.asking import with_checks
from modelcheck.verdict.report import (
    Report,
    build_report,
    simulate_command,
    tool_versions,
)
from modelcheck.verdict.verdicts import Limits, Watch


def simulate_model(
    model: Model,
    simulator: Simulator,
    limits: Limits,
    watch: Watch,
    *,
    options: tuple[str, ...] = (),
) -> Report:
    """What random walks say about the properties that `limits` asks for.

    `options` are words of the command for the report: those that select the model.
    Raises `EvaluationError` if a property has no value in a state that was seen, and
    `InternalError` if a path cannot be replayed.
    """
    findings = simulator.run(model, with_checks(model, limits), watch)
    assert findings.sampling is not None
    report = build_report(
        model,
        [findings],
        engine=simulator.name,
        limits=limits,
        seconds=findings.seconds,
        repeat=simulate_command(model, findings.sampling, limits),
        options=options,
        versions=tool_versions(),
    )
    return replace(report, notes=_notes(report))


def _notes(report: Report) -> tuple[str, ...]:
    """How to learn more than a simulation can say."""
    is_shown = any(
        prop.trace is not None and prop.prop.kind is not Kind.REACHABLE
        for prop in report.properties
    )
    if is_shown:
        return ("`modelcheck verify` finds shortest counterexamples.",)
    return ("Random runs prove nothing; `modelcheck verify` looks at every state.",)
