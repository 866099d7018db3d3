"""`--format github`: workflow commands, which GitHub shows beside the lines of a spec.

One command for each question with an answer that somebody must see: an error for a
failure, a warning for what was not decided. GitHub keeps ten of a kind for a step, so
what is as the spec expects is counted in the last line, which is for the log alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.outcomes import (
    Outcome,
    Status,
    outcomes,
    tally,
    unchecked,
    unread,
)
from modelcheck.verdict.report import Report


@dataclass(slots=True)
class GithubLog:
    """The lines for several specs, those of each as soon as it is done."""

    found: list[Outcome] = field(default_factory=list)

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
        return self._take(unchecked(spec, reason))

    def end(self) -> str:
        """How many answers there were of each kind."""
        return f"modelcheck: {tally(self.found)}\n"

    def _take(self, outcome: Outcome) -> str:
        # Without its report, which holds the whole model.
        self.found.append(Outcome(outcome.spec, outcome.name, outcome.status))
        return _command(outcome) if outcome.status.severity else ""


def _command(outcome: Outcome) -> str:
    title = f"{outcome.rule}: {outcome.name} {outcome.summary}"
    if outcome.status is Status.ERROR:
        title = f"{outcome.rule}: {outcome.spec}"
    properties = {**_region(outcome.place), "title": title}
    said = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = "\n\n".join(filter(None, (outcome.text, outcome.diagram)))
    return f"::{outcome.status.severity} {said}::{_data(message.strip())}\n"


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
