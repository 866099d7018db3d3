"""A survey as plain data, for the report in JSON."""

from __future__ import annotations

from modelcheck.model.statements import Span
from modelcheck.trace.jsonform import Json
from modelcheck.verdict.survey import Choice, Coverage, Survey
from modelcheck.verdict.verdicts import Stop


def survey_data(survey: Survey) -> dict[str, Json]:
    """The survey, all of it."""
    counts = survey.counts
    total = sum(share.count for share in survey.shares) or 1
    return {
        "distinct": counts.distinct,
        "generated": counts.generated,
        "levels": list(counts.levels),
        "stopped_by": [stop.name.lower() for stop in Stop if stop in survey.stops],
        "seconds": round(survey.seconds, 3),
        "steps": [
            {
                "name": share.name,
                "place": f"{share.span.path}:{share.span.line}",
                "instances": share.actors,
                "transitions": share.count,
                "share": round(share.count / total, 6),
            }
            for share in survey.shares
        ],
        "variables": None if survey.spreads is None else _variables(survey),
        "coverage": None if survey.coverage is None else _coverage(survey.coverage),
    }


def _variables(survey: Survey) -> Json:
    return [
        {
            "name": spread.variable.name,
            "role": spread.variable.role.value,
            "values": spread.count,
            "exact": spread.is_exact,
            "possible": spread.size,
        }
        for spread in survey.spreads or ()
    ]


def _coverage(coverage: Coverage) -> Json:
    return {
        "statements": [
            {**_place(place.span), "count": place.count}
            for place in coverage.statements
        ],
        "branches": [
            {**_place(branch.span), "true": branch.then, "false": branch.orelse}
            for branch in coverage.branches
        ],
        "choices": [
            {**_place(choice.span), "chosen": _values(choice)}
            for choice in coverage.choices
        ],
        "warnings": list(coverage.warnings),
    }


def _place(span: Span) -> dict[str, Json]:
    return {"file": span.path, "line": span.line, "column": span.col}


def _values(choice: Choice) -> Json:
    return [{"value": value, "count": count} for value, count in choice.counts]
