"""`--format b4`: what the check commands of `b4 review` print, for a patch or a series.

A JSON array of results (b4 0.16, `review/checks.py`). b4 shows one of them for each
tool, so all specs are one result, or none if there is nothing to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from modelcheck.report.captions import search_text
from modelcheck.report.outcome_log import OutcomeLog
from modelcheck.report.outcomes import Outcome, tally
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import Report

TOOL = "modelcheck"


@dataclass(slots=True)
class B4Log(OutcomeLog):
    """The result for several specs; all of it comes at the end.

    `facts` has a line for each spec, `links` are the proposals under test.
    """

    told: list[Outcome] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def take(
        self,
        spec: str,
        found: Sequence[Outcome],
        report: Report | None = None,
    ) -> str:
        """Take what was found about a spec."""
        self.told += found
        if report is not None:
            self.facts.append(f"{spec}: {tally(found)}; {search_text(report)}")
            if report.link is not None:
                self.links.append(report.link)
        return ""

    def end(self) -> str:
        """The array."""
        return json.dumps([self._result()] if self.told else [], indent=2) + "\n"

    def _result(self) -> dict[str, str]:
        result = {
            "tool": TOOL,
            "status": self._status(),
            "summary": self._summary(),
            "details": "\n\n".join(self._details()),
        }
        # A link stands for the result: of several proposals none does.
        if len(set(self.links)) == 1:
            result["url"] = self.links[0]
        return result

    def _status(self) -> str:
        worst = {each.status.severity for each in self.told}
        return "fail" if "error" in worst else "warn" if "warning" in worst else "pass"

    def _summary(self) -> str:
        """The first thing that is wrong and how many more there are."""
        by_weight = sorted(self._bad(), key=lambda each: each.status.severity)
        if not by_weight:
            return tally(self.told)
        text = by_weight[0].line
        more = len(by_weight) - 1
        return f"{text} (and {more} more)" if more else text

    def _details(self) -> Iterator[str]:
        """The diagrams, or what there is in their place; what was searched."""
        for each in self._bad():
            yield each.diagram.rstrip() or each.line
        if self.facts:
            yield "\n".join(map(ascii_only, self.facts))
        yield "These are verdicts on models, not on code."

    def _bad(self) -> list[Outcome]:
        return [each for each in self.told if each.status.severity]
