"""`--format github`: workflow commands, which GitHub shows beside the lines of a spec.

One command for each question with an answer that somebody must see: an error for a
failure, a warning for what was not decided. GitHub keeps ten of a kind for a step, so
what is as the spec expects is counted in the last line, which is for the log alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.outcomes import Outcome, Status, outcomes, unread
from modelcheck.verdict.report import Report

_LEVELS = {
    Status.FAILED: "error",
    Status.ERROR: "error",
    Status.UNDECIDED: "warning",
}
_COUNTED = {
    Status.PASSED: "as expected",
    Status.EXPECTED: "violated as expected",
    Status.FAILED: "failed",
    Status.UNDECIDED: "not decided",
    Status.ERROR: "in error",
}


@dataclass(slots=True)
class GithubLog:
    """The lines for several specs, those of each as soon as it is done."""

    counted: Counter[Status] = field(default_factory=Counter)

    def begin(self, count: int) -> str:  # noqa: ARG002 - lines need no head
        """Nothing."""
        return ""

    def add(self, report: Report) -> str:
        """The lines of a spec."""
        return "".join(map(self._take, outcomes(report)))

    def fail(self, spec: str, reason: str, place: Span = NO_SPAN) -> str:
        """A spec about which there is no report."""
        return self._take(unread(spec, reason, place))

    def skip(self, spec: str, reason: str) -> str:
        """A spec that was not looked at."""
        text = f"{spec}: not checked: {reason}"
        summary = f"not checked: {reason}"
        return self._take(
            Outcome(spec, spec, Status.UNDECIDED, "MC_UNDECIDED", summary, text)
        )

    def end(self) -> str:
        """How many answers there were of each kind."""
        said = [
            f"{self.counted[status]} {words}"
            for status, words in _COUNTED.items()
            if self.counted[status]
        ]
        return f"modelcheck: {', '.join(said) or 'nothing was asked'}\n"

    def _take(self, outcome: Outcome) -> str:
        self.counted[outcome.status] += 1
        level = _LEVELS.get(outcome.status)
        return "" if level is None else _command(level, outcome)


def _command(level: str, outcome: Outcome) -> str:
    title = f"{outcome.rule}: {outcome.name} {outcome.summary}"
    if outcome.status is Status.ERROR:
        title = f"{outcome.rule}: {outcome.spec}"
    properties = {**_region(outcome.place), "title": title}
    said = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = "\n\n".join(filter(None, (outcome.text, outcome.diagram)))
    return f"::{level} {said}::{_data(message.strip())}\n"


def _region(place: Span) -> dict[str, str]:
    """Where the annotation stands; columns only where it is within one line."""
    if not place.path:
        return {}
    region = {"file": place.path}
    if place.line:
        region["line"] = str(place.line)
        region["endLine"] = str(max(place.end_line, place.line))
        if place.col > 0 < place.end_col and place.end_line == place.line:
            region |= {"col": str(place.col), "endColumn": str(place.end_col)}
    return region


def _data(text: str) -> str:
    """`text` as the message of a command: on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """`text` as a value, in which `:` and `,` would end it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
