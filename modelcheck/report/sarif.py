"""`--format sarif`: violations as SARIF 2.1.0, for viewers of code analyses.

One run for all specs. A violated property is a result at its place in the spec, one
that the spec expects is suppressed in the source. The counterexample is its code flow:
a thread flow for each actor, ordered by the step in the whole run. What holds is no
result; what was not decided is a notification, since viewers show every result as an
alarm.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import quote

from modelcheck import __version__
from modelcheck.model.program import Kind
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.captions import caption
from modelcheck.trace.caption import length_text
from modelcheck.trace.explain import explain
from modelcheck.trace.jsonform import Json
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, tell
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

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
}

_RULE_OF = {
    Kind.ASSERTION: "MC_ASSERTION",
    Kind.DEADLOCK: "MC_DEADLOCK",
    Kind.INVARIANT: "MC_INVARIANT",
    Kind.REACHABLE: "MC_REACHABLE",
    Kind.TEMPORAL: "MC_TEMPORAL",
    Kind.TRANSITION: "MC_TRANSITION",
}


@dataclass(slots=True)
class SarifLog:
    """The log of several specs; all of it comes at the end."""

    results: list[Json] = field(default_factory=list)
    notifications: list[Json] = field(default_factory=list)
    is_successful: bool = True

    def begin(self, count: int) -> str:  # noqa: ARG002 - a log is one object
        """Nothing yet."""
        return ""

    def add(self, report: Report) -> str:
        """Take the results of one spec."""
        for prop in report.properties:
            self._property(report, prop)
        for each in report.twins:
            for prop in each.report.properties:
                if prop.verdict is Verdict.HOLDS:
                    text = (
                        f"The twin {each.twin.name} does not violate {prop.prop.name}."
                    )
                    self._result("MC_TWIN", text, each.twin.span)
        if report.is_above_floor is False:
            text = f"{report.states} distinct states, the spec declares at least"
            place = Span(_file(report), 1, 1)
            self._result("MC_FLOOR", f"{text} {report.model.floor}.", place)
        return ""

    def fail(self, spec: str, reason: str, place: Span = NO_SPAN) -> str:
        """Take a spec about which there is no report."""
        self.is_successful = False
        place = place if place.path else Span(spec.partition("::")[0], 1, 1)
        self._result("MC_SPEC", f"{spec}: {reason}", place)
        return ""

    def skip(self, spec: str, reason: str) -> str:
        """Take a spec that was not looked at."""
        self.is_successful = False
        self._notify(f"{spec}: {reason}")
        return ""

    def end(self) -> str:
        """The whole log."""
        rules: list[Json] = [
            {"id": rule, "shortDescription": {"text": text}}
            for rule, text in RULES.items()
        ]
        driver: dict[str, Json] = {
            "name": "modelcheck",
            "semanticVersion": __version__,
            "rules": rules,
        }
        run: dict[str, Json] = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "invocations": [
                {
                    "executionSuccessful": self.is_successful,
                    "toolExecutionNotifications": self.notifications,
                }
            ],
            "results": self.results,
        }
        log: dict[str, Json] = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        return json.dumps(log, indent=2) + "\n"

    def _property(self, report: Report, prop: PropertyReport) -> None:
        name, spec = prop.prop.name, report.model.path
        if not prop.is_conclusive:
            verdict = prop.verdict.value.upper()
            self._notify(f"{spec}: {name} {verdict}: {prop.reason}".rstrip(": "))
            return
        place = _place(report, prop)
        if prop.verdict is Verdict.HOLDS:
            if not prop.is_expected:
                self._result("MC_HOLDS", f"{spec}: {name} HOLDS.", place)
            return
        result = self._result(_RULE_OF[prop.prop.kind], _text(report, prop), place)
        result["partialFingerprints"] = {"property/v1": _digest(spec, name)}
        if prop.is_expected:
            result["level"] = "note"
            result["suppressions"] = [
                {"kind": "inSource", "justification": prop.prop.because or "expected"}
            ]
        if prop.trace is not None:
            if prop.trace.steps:
                result["codeFlows"] = [{"threadFlows": _thread_flows(prop.trace)}]
            replay = " ".join(caption(report, prop).replay(prop.trace))
            result["properties"] = {"replay": replay}

    def _result(self, rule: str, text: str, place: Span) -> dict[str, Json]:
        result: dict[str, Json] = {
            "ruleId": rule,
            "ruleIndex": list(RULES).index(rule),
            "level": "error",
            "message": {"text": text},
            "locations": [_location(place)],
        }
        self.results.append(result)
        return result

    def _notify(self, text: str) -> None:
        self.notifications.append({"level": "warning", "message": {"text": text}})


def _file(report: Report) -> str:
    return report.model.path.partition("::")[0]


def _place(report: Report, prop: PropertyReport) -> Span:
    """Where the property stands, or the check that fails; a deadlock: the file."""
    failed = None if prop.trace is None else prop.trace.failed
    for span in (NO_SPAN if failed is None else failed.span, prop.prop.span):
        if span.line:
            return span
    return Span(_file(report), 1, 1)


def _text(report: Report, prop: PropertyReport) -> str:
    """What is wrong, in a few sentences."""
    name, trace = prop.prop.name, prop.trace
    if trace is None:
        return f"{report.model.path}: {name} VIOLATED: {prop.reason}."
    doc = " ".join(prop.prop.doc.strip().split("\n\n")[0].split())
    parts = [f"{report.model.path}: {name} VIOLATED in {length_text(trace)}.", doc]
    if trace.failed is not None:
        parts.append(f"{trace.failed.message}.")
    elif found := explain(trace, prop.prop).conjuncts:
        parts.append(f"False at the end: {'; '.join(found)}.")
    parts.append("This is a verdict on the model, not on code.")
    return " ".join(filter(None, parts))


def _digest(spec: str, name: str) -> str:
    """What a result is known by from one run to the next: not its trace."""
    return sha256(f"{spec}\0{name}".encode()).hexdigest()[:32]


def _location(place: Span, text: str = "") -> dict[str, Json]:
    path = PurePosixPath(place.path)
    artifact: dict[str, Json] = {"uri": quote(str(path))}
    if path.is_absolute():
        artifact["uri"] = path.as_uri()
    region: dict[str, Json] = {"startLine": max(place.line, 1)}
    if place.col > 0:
        region["startColumn"] = place.col
    if place.end_line > 0 < place.end_col:
        region |= {"endLine": place.end_line, "endColumn": place.end_col}
    physical: dict[str, Json] = {"artifactLocation": artifact, "region": region}
    location: dict[str, Json] = {"physicalLocation": physical}
    if text:
        location["message"] = {"text": text}
    return location


def _thread_flows(trace: Trace) -> list[Json]:
    """For each actor its part of the run."""
    flows: dict[str, list[Json]] = {}
    for moment in tell(trace).moments:
        flows.setdefault(moment.lane, []).extend(_flow_locations(trace, moment))
    return [
        {"id": lane, "message": {"text": lane}, "locations": locations}
        for lane, locations in flows.items()
    ]


def _flow_locations(trace: Trace, moment: Moment) -> list[Json]:
    """The lines of a step; the last one has the variables that it changed."""
    is_end = moment.number == len(trace.steps)
    found: list[dict[str, Json]] = [
        {
            "location": _location(moment.taken.step.span, line.text),
            "executionOrder": moment.number,
            "nestingLevel": line.depth,
            "importance": "essential" if is_end else "important",
        }
        for line in moment.plain
    ]
    state: dict[str, Json] = {
        change.name: {"text": change.after} for change in moment.changes
    }
    if state:
        found[-1]["state"] = state
    return list(found)
