"""Outcomes: what a run says to a machine, one for each question that it answered.

The questions about a spec are its properties, its twins and its floor. The formats for
build servers, viewers and mailing lists are renderings of these outcomes; which of them
is good news, and how bad the rest is, is decided here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from modelcheck.model.program import Kind
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.captions import caption
from modelcheck.trace.caption import length_text, steps_text
from modelcheck.trace.explain import explain
from modelcheck.trace.mail import render_mail
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import PropertyReport, Report, TwinReport
from modelcheck.verdict.verdicts import Stop, Verdict

RULES = {
    "MC_ASSERTION": "A check in the model fails.",
    "MC_DEADLOCK": "Nobody can go on although somebody should.",
    "MC_FLOOR": "Fewer states are reachable than the spec declares.",
    "MC_HOLDS": "The spec expects a violation, and there is none.",
    "MC_INVARIANT": "A reachable state violates an invariant.",
    "MC_REACHABLE": "No reachable state is one that the spec asks for.",
    "MC_SPEC": "The spec cannot be read, or a property has no value.",
    "MC_TEMPORAL": "A fair run violates a temporal property.",
    "MC_TRANSITION": "A step violates a property of steps.",
    "MC_TWIN": "A variant broken on purpose does not violate what it must.",
    "MC_UNDECIDED": "The search ended before the question was decided.",
}

_RULE_OF = {
    Kind.ASSERTION: "MC_ASSERTION",
    Kind.DEADLOCK: "MC_DEADLOCK",
    Kind.INVARIANT: "MC_INVARIANT",
    Kind.REACHABLE: "MC_REACHABLE",
    Kind.TEMPORAL: "MC_TEMPORAL",
    Kind.TRANSITION: "MC_TRANSITION",
}


class Status(Enum):
    """What an outcome means for whoever waits for the build."""

    PASSED = "the verdict that the spec expects"
    EXPECTED = "a violation that the spec expects"
    FAILED = "not the verdict that the spec expects"
    UNDECIDED = "no verdict"
    ERROR = "no answer, for the spec is wrong"

    @property
    def severity(self) -> str:
        """`error` or `warning`; empty for what nobody has to look at."""
        match self:
            case Status.FAILED | Status.ERROR:
                return "error"
            case Status.UNDECIDED:
                return "warning"
        return ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer about `spec`, or that there is none.

    `rule` is a key of `RULES`, empty for what passed. `summary` goes behind the name,
    `violated in 4 steps`; `text` is the same in whole sentences and by itself. `prop`
    is the property that was decided, if it has a trace to show. `seconds` is the time
    limit if that is why nothing was decided.
    """

    spec: str
    name: str
    status: Status
    rule: str = ""
    summary: str = ""
    text: str = ""
    place: Span = NO_SPAN
    report: Report | None = None
    prop: PropertyReport | None = None
    seconds: float | None = None

    @property
    def line(self) -> str:
        """All of it on one line: `specs/x.py: no_overlap violated in 4 steps`."""
        name = "" if self.name == self.spec else f"{self.name} "
        return ascii_only(" ".join(f"{self.spec}: {name}{self.summary}".split()))

    @property
    def diagram(self) -> str:
        """The trace as for a mail; empty if there is none."""
        if self.report is None or self.prop is None or self.prop.trace is None:
            return ""
        return render_mail(self.prop.trace, caption(self.report, self.prop))

    @property
    def replay(self) -> str:
        """The command that shows the trace again; empty if there is none."""
        if self.report is None or self.prop is None or self.prop.trace is None:
            return ""
        return " ".join(caption(self.report, self.prop).replay(self.prop.trace))


def outcomes(report: Report) -> Iterator[Outcome]:
    """Those of one spec: its properties, its twins, its floor."""
    for prop in report.properties:
        yield _property(report, prop)
    for each in report.twins:
        for prop in each.report.properties:
            yield _twin(report.model.path, each, prop)
    if report.is_above_floor is not None:
        yield _floor(report, is_met=report.is_above_floor)


def unread(spec: str, reason: str, place: Span = NO_SPAN) -> Outcome:
    """The outcome of a spec about which there is no report."""
    return Outcome(
        spec,
        spec,
        Status.ERROR,
        rule="MC_SPEC",
        summary=reason,
        text=f"{spec}: {reason}",
        place=place if place.path else Span(file_of(spec)),
    )


def unchecked(spec: str, reason: str) -> Outcome:
    """The outcome of a spec that was not looked at."""
    return Outcome(
        spec,
        spec,
        Status.UNDECIDED,
        rule="MC_UNDECIDED",
        summary=f"not checked: {reason}",
        text=f"{spec}: not checked: {reason}",
        place=Span(file_of(spec)),
    )


_COUNTED = {
    Status.PASSED: "as expected",
    Status.EXPECTED: "violated as expected",
    Status.FAILED: "failed",
    Status.UNDECIDED: "not decided",
    Status.ERROR: "in error",
}


def tally(found: Iterable[Outcome]) -> str:
    """`3 as expected, 1 failed`: how many outcomes there are of each status."""
    counted = Counter(each.status for each in found)
    said = [
        f"{counted[status]} {words}"
        for status, words in _COUNTED.items()
        if counted[status]
    ]
    return ", ".join(said) or "nothing was asked"


def file_of(spec: str) -> str:
    """The file in which `path.py` or `path.py::Name` is."""
    return spec.partition("::")[0]


def _property(report: Report, prop: PropertyReport) -> Outcome:
    spec, name = report.model.path, prop.prop.name
    place = _place(spec, prop)
    if not prop.is_conclusive:
        return _undecided(report, spec, prop, name, place)
    if prop.verdict is Verdict.HOLDS:
        if prop.is_expected:
            summary = f"holds only {prop.condition}" if prop.condition else ""
            return Outcome(spec, name, Status.PASSED, summary=summary, place=place)
        summary = f"holds, the spec expects a violation{_condition(prop)}"
        text = f"{spec}: {name} HOLDS."
        return Outcome(spec, name, Status.FAILED, "MC_HOLDS", summary, text, place)
    return Outcome(
        spec,
        name,
        Status.EXPECTED if prop.is_expected else Status.FAILED,
        rule=_RULE_OF[prop.prop.kind],
        summary=_violated(prop),
        text=_text(spec, prop),
        place=place,
        report=report,
        prop=prop,
    )


def _violated(prop: PropertyReport) -> str:
    """`violated in 4 steps`, or why if no trace can show it."""
    if prop.trace is None:
        said = f"violated: {prop.reason}" if prop.reason else "violated"
        return said + _condition(prop)
    return f"violated in {length_text(prop.trace)}"


def _condition(prop: PropertyReport) -> str:
    """Which runs alone a verdict is about, to go behind it; empty if it is all."""
    return f"; only {prop.condition}" if prop.condition else ""


def _undecided(
    report: Report, spec: str, prop: PropertyReport, name: str, place: Span
) -> Outcome:
    why = prop.reason or "not decided"
    verdict = prop.verdict.value
    is_late = Stop.TIME in report.stops
    return Outcome(
        spec,
        name,
        Status.UNDECIDED,
        rule="MC_UNDECIDED",
        summary=f"{verdict}: {why}",
        text=f"{spec}: {name} {verdict.upper()}: {why}",
        place=place,
        seconds=report.limits.seconds if is_late else None,
    )


def _twin(spec: str, each: TwinReport, prop: PropertyReport) -> Outcome:
    name = f"twin {each.twin.name} breaks {prop.prop.name}"
    place = each.twin.span
    if not prop.is_conclusive:
        return _undecided(each.report, spec, prop, name, place)
    if prop.verdict is Verdict.HOLDS:
        summary = f"missed: nothing violates it{_condition(prop)}"
        text = f"The twin {each.twin.name} does not violate {prop.prop.name}."
        return Outcome(spec, name, Status.FAILED, "MC_TWIN", summary, text, place)
    caught = "" if prop.steps is None else f"caught in {steps_text(prop.steps)}"
    return Outcome(spec, name, Status.PASSED, summary=caught, place=place)


def _floor(report: Report, *, is_met: bool) -> Outcome:
    spec, floor = report.model.path, report.model.floor
    place = Span(file_of(spec), 1, 1)
    if is_met:
        return Outcome(spec, "floor", Status.PASSED, place=place)
    said = f"{report.states} distinct states, the spec declares at least {floor}"
    return Outcome(spec, "floor", Status.FAILED, "MC_FLOOR", said, f"{said}.", place)


def _place(spec: str, prop: PropertyReport) -> Span:
    """Where the property stands, or the check that fails; a deadlock: the file."""
    failed = None if prop.trace is None else prop.trace.failed
    for span in (NO_SPAN if failed is None else failed.span, prop.prop.span):
        if span.line:
            return span
    return Span(file_of(spec), 1, 1)


def _text(spec: str, prop: PropertyReport) -> str:
    """What is wrong, in a few sentences."""
    name, trace = prop.prop.name, prop.trace
    if trace is None:
        return f"{spec}: {name} VIOLATED: {prop.reason}."
    doc = " ".join(prop.prop.doc.strip().split("\n\n")[0].split())
    parts = [f"{spec}: {name} VIOLATED in {length_text(trace)}.", doc]
    if trace.failed is not None:
        parts.append(f"{trace.failed.message}.")
    elif found := explain(trace, prop.prop).conjuncts:
        parts.append(f"False at the end: {'; '.join(found)}.")
    parts.append("This is a verdict on the model, not on code.")
    return " ".join(filter(None, parts))
