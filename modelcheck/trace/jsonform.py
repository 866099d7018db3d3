"""The trace as plain data for the JSON report: strings, numbers, lists, objects."""

from __future__ import annotations

from modelcheck.model.program import Property, State
from modelcheck.trace.components import Change, components
from modelcheck.trace.explain import explain, stuck
from modelcheck.trace.lasso import courses, respects
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, tell

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def trace_data(trace: Trace, prop: Property) -> dict[str, Json]:
    """`trace`, with the story of each step and why its end is bad."""
    moments = tell(trace).moments
    data: dict[str, Json] = {
        "address": trace.address,
        "initial": values_data(trace, trace.initial),
        "steps": [_step(moment) for moment in moments],
        "final": values_data(trace, trace.states[-1]),
        "loop": trace.loop,
    }
    found = explain(trace, prop)
    data["false"] = list(found.conjuncts)
    data["because"] = list(found.facts)
    data["reads"] = {value.name: value.now for value in found.values}
    if trace.failed is not None:
        data["failed"] = {
            "check": trace.failed.check.value,
            "message": trace.failed.message,
            "function": trace.failed.function,
            "place": trace.failed.span.short,
        }
    if trace.loop is not None:
        data["fair_to"] = [
            {
                "name": each.fairness.name,
                "strength": each.fairness.strength.value,
                "why": each.why,
            }
            for each in respects(trace)
        ]
        if prop.temporal is not None:
            data["atoms"] = [
                {"text": course.text, "values": list(course.values)}
                for course in courses(trace, prop)
            ]
    if prop.kind.value == "deadlock":
        data["waits"] = [
            {"actor": w.actor, "for": w.what, "held_by": list(w.held_by)}
            for w in stuck(trace)
        ]
    return data


def values_data(trace: Trace, state: State) -> dict[str, Json]:
    """The value of every component in `state`, as text."""
    return {part.name: part.text(state) for part in components(trace.model)}


def _step(moment: Moment) -> dict[str, Json]:
    span = moment.taken.step.span
    return {
        "number": moment.number,
        "actor": moment.actor,
        "function": moment.taken.step.name,
        "place": f"{span.path}:{span.line}" if span.line else None,
        "lines": ["  " * line.depth + line.text for line in moment.plain],
        "changes": [_change(change) for change in moment.changes],
    }


def _change(change: Change) -> Json:
    return {"name": change.name, "before": change.before, "after": change.after}
