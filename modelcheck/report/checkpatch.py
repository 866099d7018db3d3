"""`--format checkpatch`: findings as `checkpatch.pl --terse --mailback` prints them.

A line for each, `file:line: LEVEL:TYPE: text`, and nothing at all if there is none. The
hooks of `b4 prep --check` and `b4 am --check` read that: a line with `ERROR:` in it is
a failure, any other line a warning, and silence with a status of 0 a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.outcomes import Outcome, outcomes, unchecked, unread
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import Report


@dataclass(slots=True)
class CheckpatchLog:
    """The lines for several specs, those of each as soon as it is done.

    `places` says for a spec which line of which patch it is checked for, `-:12`; a
    finding about another spec is told where it stands in the spec.
    """

    places: Mapping[str, str] = field(default_factory=dict)

    def begin(self, count: int) -> str:  # noqa: ARG002 - lines need no head
        """Nothing."""
        return ""

    def add(self, report: Report) -> str:
        """The findings about a spec."""
        return "".join(map(self._line, outcomes(report)))

    def fail(self, spec: str, reason: str, place: Span = NO_SPAN) -> str:
        """A spec about which there is no report."""
        return self._line(unread(spec, reason, place))

    def skip(self, spec: str, reason: str) -> str:
        """A spec that was not looked at."""
        return self._line(unchecked(spec, reason))

    def end(self) -> str:
        """Nothing: a summary would be one more warning."""
        return ""

    def _line(self, outcome: Outcome) -> str:
        level = outcome.status.severity.upper()
        if not level:
            return ""
        at = outcome.place
        place = self.places.get(outcome.spec) or f"{at.path}:{max(at.line, 1)}"
        text = outcome.line
        if level != "ERROR":
            text = text.replace("ERROR:", "ERROR")
        return ascii_only(f"{place}: {level}:{outcome.rule}: {text}") + "\n"
