"""SARIF output against the rules of version 2.1.0 for the objects in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

import jsonschema
import pytest

from modelcheck.model.statements import Span
from modelcheck.report.outcomes import RULES
from modelcheck.report.sarif import SarifLog
from modelcheck.trace.jsonform import Json
from modelcheck.trace.replay import replay_address
from modelcheck.trace.story import tell
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import Verdict
from tests.unit.report.test_shown import SAMPLES, healthy, report


def closed(*required: str, **properties: Json) -> Json:
    """An object that has these properties and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def many(items: Json, least: int = 0, *, unique: bool = False) -> Json:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": unique}


TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 1}
BAG: Json = {"type": "object"}
MESSAGE = closed("text", text=TEXT)
REGION = closed(startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT)
PHYSICAL = closed(
    artifactLocation=closed(uri={"type": "string", "format": "uri-reference"}),
    region=REGION,
)
LOCATION = closed(physicalLocation=PHYSICAL, message=MESSAGE)
STEP = closed(
    location=LOCATION,
    state={"type": "object", "additionalProperties": MESSAGE},
    nestingLevel={"type": "integer", "minimum": 0},
    executionOrder={"type": "integer", "minimum": -1},
    importance={"enum": ["important", "essential", "unimportant"]},
)
THREAD = closed("locations", id=TEXT, message=MESSAGE, locations=many(STEP, 1))
FLOW = closed("threadFlows", threadFlows=many(THREAD, 1))
SUPPRESSION = closed(
    "kind", kind={"enum": ["inSource", "external"]}, justification=TEXT
)
LEVEL: Json = {"enum": ["none", "note", "warning", "error"]}
RESULT = closed(
    "message",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=MESSAGE,
    locations=many(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    codeFlows=many(FLOW),
    suppressions=many(SUPPRESSION, unique=True),
    properties=BAG,
)
RULE = closed("id", id=TEXT, shortDescription=MESSAGE)
DRIVER = closed("name", name=TEXT, semanticVersion=TEXT, rules=many(RULE, unique=True))
INVOCATION = closed(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=many(closed("message", level=LEVEL, message=MESSAGE)),
)
RUN = closed(
    "tool",
    tool=closed("driver", driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations=many(INVOCATION),
    results=many(RESULT),
)
LOG: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": many(RUN)},
}
"""What the standard asks of the objects that are written; nothing else is allowed."""

Object = dict[str, Json]


def run_of(text: str) -> Object:
    data = json.loads(text)
    jsonschema.Draft7Validator.check_schema(LOG)
    jsonschema.validate(data, LOG, format_checker=jsonschema.FormatChecker())
    (run,) = data["runs"]
    return cast("Object", run)


def written(*reports: Report) -> tuple[Object, list[Object]]:
    log = SarifLog()
    text = log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end()
    run = run_of(text)
    return run, cast("list[Object]", run["results"])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_result_for_each_violation(name: str) -> None:
    shown = report(name)
    _, results = written(shown)
    violated = [p for p in shown.properties if p.verdict is Verdict.VIOLATED]
    assert len(results) == len(violated)
    for result, prop in zip(results, violated, strict=True):
        assert result["ruleId"] == f"MC_{prop.prop.kind.name}"
        assert list(RULES)[cast("int", result["ruleIndex"])] == result["ruleId"]
        assert ("suppressions" in result) is prop.is_expected
        assert result["level"] == ("note" if prop.is_expected else "error")
        assert prop.prop.name in cast("Object", result["message"])["text"]  # type: ignore[operator]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_code_flow_is_the_counterexample(name: str) -> None:
    shown = report(name)
    _, results = written(shown)
    prop = next(p for p in shown.properties if p.verdict is Verdict.VIOLATED)
    assert prop.trace is not None
    ((flow,),) = (cast("list[Object]", result["codeFlows"]) for result in results[:1])
    steps = [
        (cast("int", step["executionOrder"]), thread["id"], step)
        for thread in cast("list[Object]", flow["threadFlows"])
        for step in cast("list[Object]", thread["locations"])
    ]
    steps.sort(key=lambda each: each[0])  # what was together stays together
    moments = tell(prop.trace).moments
    told = [(m.number, m.lane, line.text) for m in moments for line in m.plain]
    assert told == [
        (number, lane, cast("Object", cast("Object", s["location"])["message"])["text"])
        for number, lane, s in steps
    ]
    for moment in moments:
        states = [
            s["state"] for n, _, s in steps if n == moment.number and "state" in s
        ]
        expected = {change.name: {"text": change.after} for change in moment.changes}
        assert states == ([expected] if expected else [])


def test_what_holds_is_no_alarm() -> None:
    run, results = written(healthy())
    assert results == []
    assert run["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": []}
    ]


def test_what_is_undecided_is_a_notification() -> None:
    shown = healthy()
    open_ = tuple(
        replace(each, verdict=Verdict.BOUNDED, reason="the search was ended")
        for each in shown.properties
    )
    run, results = written(replace(shown, properties=open_))
    assert results == []
    ((invocation,),) = (cast("list[Object]", run["invocations"]),)
    said = cast("list[Object]", invocation["toolExecutionNotifications"])
    assert len(said) == len(open_)
    assert "BOUNDED: the search was ended" in str(said[0]["message"])


def test_a_violation_without_steps_has_no_code_flow() -> None:
    shown = report()
    prop = next(p for p in shown.properties if p.verdict is Verdict.VIOLATED)
    start = replay_address(shown.model, "0")
    _, (result,) = written(replace(shown, properties=(replace(prop, trace=start),)))
    assert "codeFlows" not in result


def test_a_spec_that_cannot_be_read() -> None:
    log = SarifLog()
    log.fail("a b.py", "this is not Python", Span("a b.py", 3, 5, 3, 9))
    log.fail("/tmp/x.py::Y", "there is no such file")
    log.skip("c.py", "interrupted")
    run = run_of(log.end())
    first, second = cast("list[Object]", run["results"])
    assert first["ruleId"] == second["ruleId"] == "MC_SPEC"
    assert '"uri": "a%20b.py"' in json.dumps(first)
    assert '"uri": "file:///tmp/x.py"' in json.dumps(second)
    assert '"executionSuccessful": false' in json.dumps(run)
    assert "c.py: not checked: interrupted" in json.dumps(run)
