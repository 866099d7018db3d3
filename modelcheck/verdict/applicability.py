"""Properties that hold because what they speak of does not exist in the model.

Such a verdict says nothing about a design: a property of switching domains holds where
nobody switches. Nobody declares which these are. A property that holds is tried on all
combinations of the values that each variable can have by itself (`model/possible.py`).
If it is true of all of them, no order of steps could break it: it is not applicable.
"""

from __future__ import annotations

from dataclasses import replace

from modelcheck.model.possible import Possible, possible
from modelcheck.model.program import Kind
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import Verdict


def judge_applicability(report: Report) -> Report:
    """The report with a note at each invariant and transition that cannot fail.

    Deadlocks, assertions, goals and temporal properties always apply.
    """
    if not any(map(_is_candidate, report.properties)):
        return report
    found = possible(report.model)
    judged = tuple(_judged(prop, found) for prop in report.properties)
    return replace(report, properties=judged)


def _is_candidate(prop: PropertyReport) -> bool:
    is_judged = prop.prop.kind in (Kind.INVARIANT, Kind.TRANSITION)
    return is_judged and prop.verdict is Verdict.HOLDS


def _judged(prop: PropertyReport, found: Possible) -> PropertyReport:
    if not _is_candidate(prop) or found.can_fail(prop.prop):
        return prop
    return replace(prop, applies=False, unchanging=found.unchanging(prop.prop))
