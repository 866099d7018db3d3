"""Documents: formats in which all specs of a call are one piece of text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from modelcheck.cli.exits import Exit
from modelcheck.cli.failures import NoValueError
from modelcheck.cli.options import Format

if TYPE_CHECKING:
    from modelcheck.model.statements import Span
    from modelcheck.verdict.report import Report


class Log(Protocol):
    """A document that grows with each spec; what to print now is returned."""

    def begin(self, count: int) -> str:
        """There will be `count` specs."""

    def add(self, report: Report) -> str:
        """The report on a spec."""

    def fail(self, spec: str, reason: str, place: Span = ...) -> str:
        """A spec about which there is no report."""

    def skip(self, spec: str, reason: str) -> str:
        """A spec that was not looked at."""

    def end(self) -> str:
        """There are no more."""


def document(written: Format, places: Mapping[str, str]) -> Log | None:
    """The document that a format is; None if each report stands for itself."""
    match written:
        case "ktap":
            from modelcheck.report.ktap import KtapLog

            return KtapLog()
        case "sarif":
            from modelcheck.report.sarif import SarifLog

            return SarifLog()
        case "junit":
            from modelcheck.report.junit import JunitLog

            return JunitLog()
        case "github":
            from modelcheck.report.github import GithubLog

            return GithubLog()
        case "b4":
            from modelcheck.report.b4 import B4Log

            return B4Log()
        case "checkpatch":
            from modelcheck.report.checkpatch import CheckpatchLog

            return CheckpatchLog(places)
    return None


def note_failure(log: Log | None, spec: str, error: BaseException, code: int) -> None:
    """Let the document say why there is no report on a spec."""
    from modelcheck.explore.interpreter import EvaluationError
    from modelcheck.reader import SpecError
    from modelcheck.verdict.deadline import TooLateError

    if log is None:
        return
    match error:
        case KeyboardInterrupt():
            text = log.skip(spec, "interrupted")
        case TooLateError():
            text = log.skip(spec, f"ended by {error} before anything was seen")
        case SpecError():
            text = log.fail(spec, error.message, error.span)
        case EvaluationError():
            text = log.fail(spec, str(error), error.failed.span)
        case NoValueError(error=inner):
            text = log.fail(spec, str(inner), inner.failed.span)
        case _:
            text = log.fail(spec, str(error) or Exit(code).name.lower())
    sys.stdout.write(text)
