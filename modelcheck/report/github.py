"""`--format github`: workflow commands, which GitHub shows beside the lines of a spec.

One command for each question with an answer that somebody must see: an error for a
failure, a warning for what was not decided; and a notice for a spec of which something
holds only where no check fails. GitHub keeps ten of a kind for a step, so
what is as the spec expects is counted in the last line, which is for the log alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from modelcheck.model.statements import Span
from modelcheck.report.captions import conditions_text
from modelcheck.report.outcome_log import OutcomeLog
from modelcheck.report.outcomes import Outcome, Status, tally
from modelcheck.verdict.report import Report


@dataclass(slots=True)
class GithubLog(OutcomeLog):
    """The lines for several specs, those of each as soon as it is done."""

    found: list[Outcome] = field(default_factory=list)

    def take(
        self,
        spec: str,
        found: Sequence[Outcome],
        report: Report | None = None,
    ) -> str:
        """The lines of a spec."""
        condition = "" if report is None else conditions_text(report)
        # Without their report, which holds the whole model.
        self.found += [Outcome(each.spec, each.name, each.status) for each in found]
        lines = [_command(each) for each in found if each.status.severity]
        if condition:
            lines.append(f"::notice title={_property(spec)}::{_data(condition)}\n")
        return "".join(lines)

    def end(self) -> str:
        """How many answers there were of each kind."""
        return f"modelcheck: {tally(self.found)}\n"


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
