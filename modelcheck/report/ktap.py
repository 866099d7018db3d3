"""`--format ktap`: results as the kernel's own tests print them.

KTAP version 1 (`Documentation/dev-tools/ktap.rst`): each spec is a test, each of its
properties, twins and its floor a subtest. A violation that the spec expects is XFAIL.
What was not decided is SKIP, or TIMEOUT if time was the reason, and so never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.outcomes import Outcome, Status, outcomes, unread
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import Report

VERSION = "KTAP version 1"

_COUNTED = ("pass", "fail", "xfail", "xpass", "skip", "error")
"""What the last line counts, as kselftest names it and in its order."""


@dataclass(frozen=True, slots=True)
class Result:
    """One result line: `counts_as` is one of `_COUNTED`, `notes` stand before it."""

    name: str
    counts_as: str
    directive: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether the line begins with `ok`."""
        return self.counts_as not in ("fail", "error")

    def lines(self, number: int) -> Iterator[str]:
        """The diagnostics, then the result."""
        yield from (f"# {note}".rstrip() for note in self.notes)
        # A description ends at the first `#`.
        name = ascii_only(self.name).replace("#", "_")
        directive = f" # {ascii_only(self.directive)}" if self.directive else ""
        yield f"{'ok' if self.is_ok else 'not ok'} {number} {name}{directive}"


@dataclass(slots=True)
class KtapLog:
    """The output for several specs, piece by piece."""

    counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    _number: int = 0

    def begin(self, count: int) -> str:
        """The head, for `count` specs."""
        return f"{VERSION}\n1..{count}\n"

    def add(self, report: Report) -> str:
        """The test that a spec is."""
        results = list(map(_result, outcomes(report)))
        for each in results:
            self.counted[each.counts_as] += 1
        lines = [VERSION, f"1..{len(results)}"]
        for number, each in enumerate(results, 1):
            lines += each.lines(number)
        return "".join(f"  {line}\n" for line in lines) + self._test(
            _summary(report.model.path, results)
        )

    def fail(self, spec: str, reason: str, place: Span = NO_SPAN) -> str:
        """A spec about which there is no report."""
        self.counted["error"] += 1
        return self._test(_result(unread(spec, reason, place)))

    def skip(self, spec: str, reason: str) -> str:
        """A spec that was not looked at."""
        self.counted["skip"] += 1
        return self._test(Result(spec, "skip", f"SKIP {reason}"))

    def end(self) -> str:
        """The last line."""
        totals = " ".join(f"{name}:{self.counted[name]}" for name in _COUNTED)
        return f"# Totals: {totals}\n"

    def _test(self, result: Result) -> str:
        self._number += 1
        return "".join(f"{line}\n" for line in result.lines(self._number))


def _summary(spec: str, results: list[Result]) -> Result:
    """The result of a spec, from those of its parts."""
    if not all(each.is_ok for each in results):
        bad = [each for each in results if not each.is_ok]
        is_late = all(each.directive.startswith("TIMEOUT") for each in bad)
        return Result(spec, "fail", bad[0].directive if is_late else "")
    skipped = sum(each.counts_as == "skip" for each in results)
    if skipped or not results:
        return Result(spec, "skip", f"SKIP {skipped} of {len(results)} not decided")
    return Result(spec, "pass")


def _result(outcome: Outcome) -> Result:
    name = outcome.name
    match outcome.status:
        case Status.PASSED:
            return Result(name, "pass", notes=_notes(outcome))
        case Status.EXPECTED:
            because = "" if outcome.prop is None else outcome.prop.prop.because
            is_noted = outcome.prop is not None and outcome.prop.condition
            notes = (outcome.summary,) if is_noted else ()
            return Result(name, "xfail", f"XFAIL {because}".rstrip(), notes)
        case Status.UNDECIDED if outcome.seconds is not None:
            return Result(name, "fail", f"TIMEOUT {outcome.seconds:g} seconds")
        case Status.UNDECIDED:
            return Result(name, "skip", f"SKIP {outcome.summary}")
        case Status.ERROR:
            place = outcome.place
            where = f"{place.path}:{place.line}: " if place.line else ""
            return Result(name, "error", f"ERROR {where}{outcome.summary}")
        case Status.FAILED:
            return Result(name, "fail", notes=_notes(outcome))


def _notes(outcome: Outcome) -> tuple[str, ...]:
    """What stands above the result: the diagram, or why there is none."""
    return tuple((outcome.diagram or outcome.summary).splitlines())
