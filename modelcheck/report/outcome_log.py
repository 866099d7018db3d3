"""What documents that are made of outcomes have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.outcomes import Outcome, outcomes, unchecked, unread
from modelcheck.verdict.report import Report


class OutcomeLog(ABC):
    """The document for several specs; its methods return what is to be printed now."""

    __slots__ = ()

    def begin(self, count: int) -> str:  # noqa: ARG002 - most need no plan
        """The head, for `count` specs."""
        return ""

    def add(self, report: Report) -> str:
        """A spec with a report."""
        return self.take(report.model.path, list(outcomes(report)), report)

    def fail(self, spec: str, reason: str, place: Span = NO_SPAN) -> str:
        """A spec about which there is no report."""
        return self.take(spec, [unread(spec, reason, place)])

    def skip(self, spec: str, reason: str) -> str:
        """A spec that was not looked at."""
        return self.take(spec, [unchecked(spec, reason)])

    @abstractmethod
    def take(
        self, spec: str, found: Sequence[Outcome], report: Report | None = None
    ) -> str:
        """The outcomes of one spec, with their report if there is one."""

    @abstractmethod
    def end(self) -> str:
        """What comes last."""
