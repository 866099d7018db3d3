"""`--format checkpatch`: findings as `checkpatch.pl --terse --mailback` prints them.

A line for each, `file:line: LEVEL:TYPE: text`, and nothing at all if there is none. The
hooks of `b4 prep --check` and `b4 am --check` read that: a line with `ERROR:` in it is
a failure, any other line a warning, and silence with a status of 0 a pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelcheck.report.outcome_log import OutcomeLog
from modelcheck.report.outcomes import Outcome
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import Report


@dataclass(slots=True)
class CheckpatchLog(OutcomeLog):
    """The lines for several specs, those of each as soon as it is done.

    `places` says for a spec which line of which patch it is checked for, `-:12`; a
    finding about another spec is told where it stands in the spec.
    """

    places: Mapping[str, str] = field(default_factory=dict)

    def take(
        self,
        spec: str,  # noqa: ARG002 - outcomes know theirs
        found: Sequence[Outcome],
        report: Report | None = None,  # noqa: ARG002
    ) -> str:
        """The findings about a spec."""
        return "".join(map(self._line, found))

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
