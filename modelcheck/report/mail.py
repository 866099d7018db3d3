"""`--format mail`: the report as text to paste into a reply on a mailing list."""

from __future__ import annotations

from collections.abc import Iterator

from modelcheck.report.captions import (
    caption,
    conditions_text,
    search_text,
    violations,
)
from modelcheck.trace.mail import WIDTH, render_mail
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import Verdict


def render_mail_report(
    report: Report, *, number: bool = False, full: bool = False
) -> str:
    """The diagram of each violated property; two lines if there is none.

    Below it, what holds only where no check fails, and what is wrong although nothing
    is violated: twins and the floor.
    """
    diagrams = [
        render_mail(prop.trace, caption(report, prop), number=number, full=full)
        for prop in violations(report)
        if prop.trace is not None
    ]
    text = "\n\n".join(diagrams) if diagrams else _summary(report)
    return text + "".join(f"\n{_folded(line)}" for line in _complaints(report))


def _summary(report: Report) -> str:
    counted = ", ".join(
        f"{number} {verdict.value.upper()}"
        for verdict in Verdict
        if (number := sum(prop.verdict is verdict for prop in report.properties))
    )
    lines = [
        f"{report.tool}: {report.model.path}: {counted or 'no property checked'}",
        search_text(report),
    ]
    return "".join(map(_folded, lines))


def _complaints(report: Report) -> Iterator[str]:
    """What else is to be known: what verdicts depend on, twins, the floor."""
    if text := conditions_text(report):
        yield text
    for each in report.twins:
        for prop in each.report.properties:
            if not prop.is_expected:
                verdict = prop.verdict.value.upper()
                told = f"The twin {each.twin.name}: {prop.prop.name} {verdict}"
                yield f"{told} {prop.condition}".rstrip()
    if report.is_above_floor is False:
        yield f"The spec declares a floor of {report.model.floor} distinct states."


def _folded(line: str) -> str:
    return "".join(f"{part}\n" for part in fold(ascii_only(line), WIDTH))
