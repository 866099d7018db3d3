"""`--format ktap`: results as the kernel's own tests print them.

KTAP version 1 (`Documentation/dev-tools/ktap.rst`): each spec is a test, each of its
properties, twins and its floor a subtest. A violation that the spec expects is XFAIL.
What was not decided is SKIP, or TIMEOUT if time was the reason, and so never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.captions import caption
from modelcheck.trace.caption import steps_text
from modelcheck.trace.mail import render_mail
from modelcheck.trace.wrap import ascii_only
from modelcheck.verdict.report import PropertyReport, Report, TwinReport
from modelcheck.verdict.verdicts import Stop, Verdict

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
        results = list(_results(report))
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
        where = f"{place.path}:{place.line}: " if place.line else ""
        return self._test(Result(spec, "error", f"ERROR {where}{reason}"))

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


def _results(report: Report) -> Iterator[Result]:
    for prop in report.properties:
        yield _property(report, prop)
    for each in report.twins:
        for prop in each.report.properties:
            yield _twin(each, prop)
    if report.is_above_floor is not None:
        is_met = report.is_above_floor
        said = f"{report.states} distinct states, the spec declares at least"
        notes = () if is_met else (f"{said} {report.model.floor}",)
        yield Result("floor", "pass" if is_met else "fail", notes=notes)


def _property(report: Report, prop: PropertyReport) -> Result:
    name, verdict = prop.prop.name, prop.verdict
    if not prop.is_conclusive:
        return _undecided(report, prop, name)
    if verdict is Verdict.VIOLATED and prop.is_expected:
        return Result(name, "xfail", f"XFAIL {prop.prop.because}".rstrip())
    if prop.is_expected:
        return Result(name, "pass")
    if verdict is Verdict.HOLDS:
        return Result(name, "fail", notes=("holds, the spec expects a violation",))
    if prop.trace is None:
        return Result(name, "fail", notes=(prop.reason or "violated",))
    diagram = render_mail(prop.trace, caption(report, prop))
    return Result(name, "fail", notes=tuple(diagram.splitlines()))


def _undecided(report: Report, prop: PropertyReport, name: str) -> Result:
    seconds = report.limits.seconds
    if Stop.TIME in report.stops and seconds is not None:
        return Result(name, "fail", f"TIMEOUT {seconds:g} seconds")
    why = prop.reason or "not decided"
    return Result(name, "skip", f"SKIP {prop.verdict.value}: {why}")


def _twin(each: TwinReport, prop: PropertyReport) -> Result:
    name = f"twin {each.twin.name} breaks {prop.prop.name}"
    if not prop.is_conclusive:
        return _undecided(each.report, prop, name)
    if prop.verdict is Verdict.HOLDS:
        return Result(name, "fail", notes=("missed: nothing violates it",))
    steps = () if prop.steps is None else (f"caught in {steps_text(prop.steps)}",)
    return Result(name, "pass", notes=steps)
