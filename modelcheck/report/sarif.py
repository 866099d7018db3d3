"""`--format sarif`: violations as SARIF 2.1.0, for viewers of code analyses.

One run for all specs. A violated property is a result at its place in the spec, one
that the spec expects is suppressed in the source. The counterexample is its code flow:
a thread flow for each actor, ordered by the step in the whole run. What holds is no
result; what was not decided is a notification, since viewers show every result as an
alarm, and so is what holds only where no check fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import quote

from modelcheck import __version__
from modelcheck.model.statements import Span
from modelcheck.report.captions import conditions_text
from modelcheck.report.outcome_log import OutcomeLog
from modelcheck.report.outcomes import RULES, Outcome, Status
from modelcheck.trace.jsonform import Json
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, tell
from modelcheck.verdict.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

# What is undecided is a notification, which has no rule.
_RULES = {rule: text for rule, text in RULES.items() if rule != "MC_UNDECIDED"}


@dataclass(slots=True)
class SarifLog(OutcomeLog):
    """The log of several specs; all of it comes at the end."""

    results: list[Json] = field(default_factory=list)
    notifications: list[Json] = field(default_factory=list)
    is_successful: bool = True

    def take(
        self,
        spec: str,  # noqa: ARG002 - outcomes know theirs
        found: Sequence[Outcome],
        report: Report | None = None,
    ) -> str:
        """Take the results of one spec."""
        self.is_successful &= report is not None
        for outcome in found:
            self._take(outcome)
        if report is not None and (text := conditions_text(report)):
            self._notify(f"{report.model.path}: {text}")
        return ""

    def end(self) -> str:
        """The whole log."""
        rules: list[Json] = [
            {"id": rule, "shortDescription": {"text": text}}
            for rule, text in _RULES.items()
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

    def _take(self, outcome: Outcome) -> None:
        match outcome.status:
            case Status.PASSED:
                return
            case Status.UNDECIDED:
                self._notify(outcome.text)
                return
        result = self._result(outcome.rule, outcome.text, outcome.place)
        prop = outcome.prop
        if prop is None:
            return
        digest = _digest(outcome.spec, outcome.name)
        result["partialFingerprints"] = {"property/v1": digest}
        if outcome.status is Status.EXPECTED:
            result["level"] = "note"
            result["suppressions"] = [
                {"kind": "inSource", "justification": prop.prop.because or "expected"}
            ]
        if prop.trace is not None:
            if prop.trace.steps:
                result["codeFlows"] = [{"threadFlows": _thread_flows(prop.trace)}]
            result["properties"] = {"replay": outcome.replay}

    def _result(self, rule: str, text: str, place: Span) -> dict[str, Json]:
        result: dict[str, Json] = {
            "ruleId": rule,
            "ruleIndex": list(_RULES).index(rule),
            "level": "error",
            "message": {"text": text},
            "locations": [_location(place)],
        }
        self.results.append(result)
        return result

    def _notify(self, text: str) -> None:
        self.notifications.append({"level": "warning", "message": {"text": text}})


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
