"""From a report to the words around its traces, the same in every rendering."""

from __future__ import annotations

from modelcheck.certify.certificate import Certificate
from modelcheck.model.program import Kind
from modelcheck.trace.caption import Caption, steps_text
from modelcheck.verdict.answering import answered_by
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.runs import MOST_NAMES, WHERE
from modelcheck.verdict.verdicts import Stop, Verdict


def caption(report: Report, prop: PropertyReport) -> Caption:
    """The words around the trace of `prop`."""
    return Caption(
        prop.prop,
        prop.verdict.value.upper(),
        tool=report.tool,
        is_shortest=prop.is_shortest and report.sampling is None,
        search=search_text(report),
        options=report.options,
        is_ambiguous=_is_ambiguous(prop),
    )


def lasting_caption(report: Report, prop: PropertyReport) -> Caption:
    """The words for files that are kept: nothing that depends on version or run."""
    return Caption(
        prop.prop,
        prop.verdict.value.upper(),
        is_shortest=prop.is_shortest and report.sampling is None,
        options=report.options,
        is_ambiguous=_is_ambiguous(prop),
    )


def _is_ambiguous(prop: PropertyReport) -> bool:
    """Whether the end of the trace of `prop` decides something else before it."""
    found = None if prop.trace is None else answered_by(prop.trace)
    return found is not None and found[0].name != prop.prop.name


def search_text(report: Report) -> str:
    """`1843 distinct states, depth 11, search complete`, or what bounded it."""
    counts = report.counts
    said = []
    if counts is not None:
        said = [f"{report.states} distinct states", f"depth {counts.depth}"]
        if report.saving is not None:
            said.insert(1, f"{counts.distinct} up to symmetry")
    return ", ".join([*said, completeness(report)])


def saving_text(report: Report) -> str:
    """How many states the representatives stand for; empty without symmetry."""
    saving, counts = report.saving, report.counts
    if saving is None or counts is None:
        return ""
    names = " and ".join(saving.scalarsets)
    factor = saving.states / max(counts.distinct, 1)
    return (
        f"Up to symmetry in {names}, of {saving.permutations} permutations: they stand "
        f"for {saving.states} states, {factor:.2f} times as many."
    )


def completeness(report: Report) -> str:
    """`search complete`, or `bounded by` and what it was."""
    if report.sampling is not None:
        taken = report.sampling
        return f"{runs_text(taken.walks)} of at most {steps_text(taken.depth)}"
    if report.is_complete:
        return "search complete"
    if report.certificate is not None:
        return _proved(report, report.certificate)
    if report.counts is None:
        depths = [each.depth for each in report.engines if each.depth is not None]
        return f"bounded to {max(depths)} steps" if depths else "bounded"
    return f"bounded by {stops_text(report.stops)}"


def runs_text(count: int) -> str:
    """`1 random run`, `100 random runs`."""
    return f"{count} random run{'' if count == 1 else 's'}"


def _proved(report: Report, certificate: Certificate) -> str:
    """`proved by induction`, and what was not."""
    proved = f"proved by {certificate.engine}"
    others = [prop for prop in report.properties if not prop.is_conclusive]
    return f"{proved}, {len(others)} left open" if others else proved


def checks_text(report: Report) -> str:
    """That no check fails, if some were looked at besides; empty if it is not so.

    Who did not ask for them wants to know that no run was cut short, and no more: what
    a path has decided is so in any case.
    """
    if not any(each.is_about_all_runs for each in report.properties):
        return ""
    asked = [each for each in report.properties if each.prop.kind is Kind.ASSERTION]
    checks = [*asked, *report.checks]
    if not report.checks or any(each.verdict is not Verdict.HOLDS for each in checks):
        return ""
    if len(checks) > MOST_NAMES:
        return f"None of the {len(checks)} checks in the steps fails."
    return f"No check fails: {' and '.join(each.prop.name for each in checks)}."


def conditions_text(report: Report) -> str:
    """Which verdicts are about the runs that no failed check ends; empty if none is."""
    found = [prop for prop in report.properties if prop.condition]
    if not found:
        return ""
    said = ", ".join(f"{each.prop.name} {each.verdict.name}" for each in found)
    return f"Only {WHERE}: {said}. {found[0].condition.removeprefix(f'{WHERE}: ')}."


def stops_text(stops: frozenset[Stop]) -> str:
    """What ended a search early, in a fixed order."""
    return " and ".join(stop.value for stop in Stop if stop in stops) or "its limits"


def violations(report: Report) -> list[PropertyReport]:
    """The properties with a counterexample, those that nobody expected first."""
    found = [
        prop
        for prop in report.properties
        if prop.trace is not None and prop.verdict.value == "violated"
    ]
    return sorted(found, key=lambda prop: prop.is_expected)
