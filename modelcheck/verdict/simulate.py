"""From a model to the report of a random simulation.

A simulation never proves anything: what it has not seen violated is BOUNDED.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from modelcheck.explore.simulation import Simulator
from modelcheck.explore.walks import End
from modelcheck.model.program import Kind, Model
from modelcheck.verdict.asking import with_checks
from modelcheck.verdict.deadline import Deadline
from modelcheck.verdict.parts import Apart, Search, tell
from modelcheck.verdict.portfolio import nothing_found
from modelcheck.verdict.report import (
    Report,
    build_report,
    simulate_command,
    tool_versions,
)
from modelcheck.verdict.verdicts import Findings, Limits, Sampling, Stop, Watch


def simulate_model(
    model: Model,
    simulator: Simulator,
    limits: Limits,
    watch: Watch,
    *,
    apart: Apart | None = None,
    deadline: Deadline | None = None,
    options: tuple[str, ...] = (),
) -> Report:
    """What random walks say about the properties that `limits` asks for.

    `apart` lets compiled code run in another process. The seconds of `limits` are those
    of `deadline`, which may have begun before. `options` are words of the command for
    the report: those that select the model. Raises `EvaluationError` if a property has
    no value in a state that was seen, `InternalError` if a path cannot be replayed, and
    `SearchCrashError` if compiled code crashes.
    """
    deadline = deadline or Deadline(limits.seconds)
    rest = deadline.limited(with_checks(model, limits))
    findings = deadline.within(
        lambda: _walked(model, simulator, rest, watch, apart),
        lambda stop: _unseen(model, simulator, limits, stop),
        deadline.patience,
    )
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


def _walked(
    model: Model,
    simulator: Simulator,
    limits: Limits,
    watch: Watch,
    apart: Apart | None,
) -> Findings:
    """What the walks say; nothing if they were ended before they could."""
    search: Search = simulator
    if apart is not None:
        with suppress(OSError):
            search = apart(search, model, limits)
    said: list[Findings] = []
    ended = tell(search, model, limits, watch, said.append)
    if said:
        return said[0]
    return _unseen(model, simulator, limits, ended or Stop.INTERRUPT)


def _unseen(model: Model, simulator: Simulator, limits: Limits, stop: Stop) -> Findings:
    """What is to be said before the first walk was taken."""
    nothing = nothing_found(simulator.name, model, limits, stop)
    depth = limits.depth or 0
    ends = {end.name.lower(): 0 for end in End}
    taken = Sampling(simulator.seed, simulator.runs, depth, 0, 0, 0, ends, 0.0)
    return replace(nothing, sampling=taken)


def _notes(report: Report) -> tuple[str, ...]:
    """How to learn more than a simulation can say."""
    is_shown = any(
        prop.trace is not None and prop.prop.kind is not Kind.REACHABLE
        for prop in report.properties
    )
    if is_shown:
        return ("`modelcheck verify` finds shortest counterexamples.",)
    return ("Random runs prove nothing; `modelcheck verify` looks at every state.",)
