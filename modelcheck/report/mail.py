"""`--format mail`: the report as text to paste into a reply on a mailing list."""

from __future__ import annotations

from modelcheck.report.captions import caption, search_text, violations
from modelcheck.trace.mail import WIDTH, render_mail
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import Verdict


def render_mail_report(
    report: Report, *, number: bool = False, full: bool = False
) -> str:
    """The diagram of each violated property; two lines if there is none."""
    diagrams = [
        render_mail(prop.trace, caption(report, prop), number=number, full=full)
        for prop in violations(report)
        if prop.trace is not None
    ]
    return "\n\n".join(diagrams) if diagrams else _summary(report)


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
    folded = [part for line in lines for part in fold(ascii_only(line), WIDTH)]
    return "\n".join(folded) + "\n"
