"""`--format json`: the report as one object, schema `modelcheck.report/1`.

The schema is the file `report.schema.json` beside this module. Fields may be added
within version 1; none changes its meaning.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import cast

from modelcheck.report.captions import caption
from modelcheck.report.surveyform import survey_data
from modelcheck.trace.invariant import ClauseSpeller
from modelcheck.trace.jsonform import Json, trace_data
from modelcheck.trace.mail import render_mail
from modelcheck.verdict.report import (
    EngineReport,
    PropertyReport,
    Report,
    TwinReport,
)
from modelcheck.verdict.verdicts import Sampling, Stop

SCHEMA = "modelcheck.report/1"


def render_json(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(report_data(report), indent=2) + "\n"


def schema() -> dict[str, Json]:
    """The JSON schema of what `render_json` prints."""
    text = files("modelcheck.report").joinpath("report.schema.json").read_text("utf-8")
    return cast("dict[str, Json]", json.loads(text))


def report_data(report: Report) -> dict[str, Json]:
    """The report as plain data."""
    return {
        "schema": SCHEMA,
        "spec": report.model.path,
        "name": report.model.name,
        "link": report.link,
        "scopes": dict(report.scopes),
        "preempt": report.preempt,
        "engine": report.engine,
        "engines": list(map(_engine, report.engines)),
        "complete": report.is_complete,
        "stopped_by": _stops(report.stops),
        "states": _states(report),
        "symmetry": _symmetry(report),
        "not_reduced": dict(report.not_reduced),
        "simulation": _simulation(report.sampling),
        "survey": None if report.survey is None else survey_data(report.survey),
        "floor": _floor(report),
        "properties": [_property(report, prop) for prop in report.properties],
        "checks": [_check(prop) for prop in report.checks],
        "proof": _proof(report),
        "twins": [_twin(each) for each in report.twins],
        "twins_left_out": report.twins_left_out or None,
        "notes": list(report.notes),
        "warnings": list(report.warnings),
        "seconds": round(report.seconds, 3),
        "versions": dict(report.versions),
        "exit": report.exit_code,
        "repeat": report.repeat,
    }


def _states(report: Report) -> Json:
    counts = report.counts
    if counts is None:
        return None
    least, mean, most = counts.out_degree
    return {
        "distinct": counts.distinct,
        "generated": counts.generated,
        "depth": counts.depth,
        "levels": list(counts.levels),
        "queued": counts.queued,
        "out_degree": {"min": least, "mean": round(mean, 4), "max": most},
    }


def _symmetry(report: Report) -> Json:
    saving = report.saving
    if saving is None:
        return None
    return {
        "scalarsets": list(saving.scalarsets),
        "permutations": saving.permutations,
        "states": saving.states,
    }


def _simulation(taken: Sampling | None) -> Json:
    if taken is None:
        return None
    return {
        "seed": taken.seed,
        "runs": taken.runs,
        "depth": taken.depth,
        "runs_taken": taken.walks,
        "steps": taken.steps,
        "distinct_estimate": taken.distinct,
        "ends": dict(taken.ends),
        "seconds": round(taken.seconds, 3),
    }


def _proof(report: Report) -> Json:
    certificate = report.certificate
    if certificate is None:
        return None
    return {
        "engine": certificate.engine,
        "k": certificate.k,
        "claims": dict(certificate.claims),
        "clauses": list[Json](ClauseSpeller(report.model).invariant(certificate)),
    }


def _floor(report: Report) -> Json:
    """The least number of states that the spec declares, and whether they are there."""
    floor = report.model.floor
    return {"states": floor, "met": report.is_above_floor} if floor else None


def _twin(each: TwinReport) -> Json:
    span, report = each.twin.span, each.report
    return {
        "name": each.twin.name,
        "doc": each.twin.doc,
        "place": f"{span.path}:{span.line}",
        "spec": report.model.path,
        "breaks": [_broken(prop) for prop in report.properties],
        "as_expected": report.exit_code == 0,
        "seconds": round(report.seconds, 3),
    }


def _broken(prop: PropertyReport) -> Json:
    return {
        "name": prop.prop.name,
        "verdict": prop.verdict.value,
        "steps": prop.steps,
        "address": None if prop.trace is None else prop.trace.address,
    }


def _check(prop: PropertyReport) -> Json:
    """A check that nobody has asked for, and that is no news."""
    return {"name": prop.prop.name, "verdict": prop.verdict.value}


def _stops(stops: frozenset[Stop]) -> Json:
    return [stop.name.lower() for stop in Stop if stop in stops]


def _engine(engine: EngineReport) -> Json:
    return {
        "name": engine.name,
        "complete": engine.is_complete,
        "depth": engine.depth,
        "seconds": round(engine.seconds, 3),
        "stopped_by": _stops(engine.stops),
    }


def _property(report: Report, prop: PropertyReport) -> Json:
    data: dict[str, Json] = {
        "name": prop.prop.name,
        "kind": prop.prop.kind.value,
        "lemma": prop.prop.is_lemma,
        "verdict": prop.verdict.value,
        "expected": prop.prop.expect.value,
        "as_expected": prop.is_expected,
        "steps": prop.steps,
        "trace": None,
        "engine": prop.engine,
        "reason": prop.reason,
        "condition": prop.condition or None,
        "because": prop.prop.because,
        "doc": prop.prop.doc,
    }
    span = prop.prop.span
    data["place"] = f"{span.path}:{span.line}" if span.line else None
    if prop.trace is not None:
        mail = render_mail(prop.trace, caption(report, prop))
        data["trace"] = {**trace_data(prop.trace, prop.prop), "mail": mail}
    return data
