"""JUnit XML against the rules of the schema that Jenkins publishes for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.model.program import Twin
from modelcheck.model.statements import Span
from modelcheck.report.junit import JunitLog, printable
from modelcheck.verdict.report import Report, TwinReport
from modelcheck.verdict.verdicts import Verdict
from tests.unit.report.test_shown import SAMPLES, healthy, report

# Of `jenkins-junit.xsd` (xunit plugin): for each element the attributes that it must
# and may have, and its children. All others are refused.
_FAULT = (set[str](), {"type", "message"}, set[str]())
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (
        set(),
        {"name", "time", "tests", "failures", "disabled", "errors"},
        {"testsuite"},
    ),
    "testsuite": (
        {"name"},
        {"tests", "failures", "errors", "time", "skipped", "timestamp", "hostname"},
        {"testcase"},
    ),
    "testcase": (
        {"name"},
        {"classname", "time"},
        {"skipped", "error", "failure", "system-out"},
    ),
    "system-out": (set(), set(), set()),
    "skipped": _FAULT,
    "failure": _FAULT,
    "error": _FAULT,
}
NUMBERS = ("tests", "failures", "errors", "skipped")


def check(element: ET.Element) -> None:
    """Fail if an element has what the schema does not allow, or lacks what it asks."""
    required, allowed, children = SCHEMA[element.tag]
    assert required <= set(element.attrib) <= required | allowed
    for number in NUMBERS:
        assert element.get(number, "0").isdecimal()
    assert float(element.get("time", "0")) >= 0
    assert {child.tag for child in element} <= children
    for child in element:
        check(child)


def parse(text: str) -> ET.Element:
    assert text.isascii()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<testsuites ')
    root = ET.fromstring(text.encode())
    check(root)
    for suite in root:
        told = Counter(child.tag for case in suite for child in case)
        names = [suite.get(name) for name in NUMBERS]
        counted = (len(suite), told["failure"], told["error"], told["skipped"])
        assert names == list(map(str, counted))
    for number in NUMBERS[:3]:
        total = sum(int(suite.attrib[number]) for suite in root)
        assert root.get(number) == str(total)
    return root


def written(*reports: Report) -> list[ET.Element]:
    log = JunitLog()
    text = log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end()
    return list(parse(text))


def status(case: ET.Element) -> str:
    """`pass`, or the one element that says why not."""
    tags = [child.tag for child in case if child.tag != "system-out"]
    assert len(tags) <= 1
    return tags[0] if tags else "pass"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_property_is_a_test_case(name: str) -> None:
    shown = report(name)
    (suite,) = written(shown)
    assert suite.get("name") == shown.model.path
    assert [case.get("name") for case in suite] == [
        prop.prop.name for prop in shown.properties
    ]
    for case, prop in zip(suite, shown.properties, strict=True):
        expected = {
            (Verdict.HOLDS, True): "pass",
            (Verdict.VIOLATED, True): "skipped",
            (Verdict.VIOLATED, False): "failure",
        }[prop.verdict, prop.is_expected]
        assert status(case) == expected
        if expected == "failure" and prop.trace is not None:
            (failure,) = case
            assert "\nReplay: modelcheck replay " in f"{failure.text}"
            assert failure.attrib["message"].startswith("violated in ")
        if expected == "skipped":
            (skipped,) = case
            assert skipped.attrib["type"] == "modelcheck.xfail"
            assert skipped.attrib["message"] == prop.prop.because


@pytest.mark.parametrize("verdict", [Verdict.BOUNDED, Verdict.UNKNOWN])
def test_nothing_undecided_passes(verdict: Verdict) -> None:
    shown = healthy()
    open_ = tuple(
        replace(each, verdict=verdict, reason="it was late")
        for each in shown.properties
    )
    (suite,) = written(replace(shown, properties=open_))
    assert {status(case) for case in suite} == {"skipped"}
    assert {case[0].attrib["message"] for case in suite} == {
        f"{verdict.value}: it was late"
    }


def test_twins_and_what_must_fail() -> None:
    bad = report()
    missed = tuple(p for p in bad.properties if p.verdict is Verdict.HOLDS)
    inner = TwinReport(Twin("Broken", ("x",)), replace(bad, properties=missed))
    wrong = tuple(replace(each, is_expected=False) for each in healthy().properties)
    (suite,) = written(replace(healthy(), properties=wrong, twins=(inner,)))
    assert {status(case) for case in suite} == {"failure"}
    said = [case[0].attrib["message"] for case in suite]
    assert said[: len(wrong)] == ["holds, the spec expects a violation"] * len(wrong)
    assert set(said[len(wrong) :]) == {"missed: nothing violates it"}


def test_how_a_twin_was_caught() -> None:
    bad = report()
    caught = tuple(p for p in bad.properties if p.verdict is Verdict.VIOLATED)
    inner = TwinReport(Twin("Broken", ("x",)), replace(bad, properties=caught))
    (suite,) = written(replace(healthy(), twins=(inner,)))
    cases = [case for case in suite if "twin" in case.attrib["name"]]
    assert [(status(case), case[0].text) for case in cases] == [
        ("pass", f"caught in {prop.steps} steps") for prop in caught
    ]


def test_specs_without_a_report() -> None:
    log = JunitLog()
    log.fail("specs/a.py", "this is not Python", Span("specs/a.py", 3, 5))
    log.fail("../b.py::Two", "there is no such file")
    log.skip("c.py", "interrupted")
    first, second, third = parse(log.end())
    assert [status(suite[0]) for suite in (first, second, third)] == [
        "error",
        "error",
        "skipped",
    ]
    assert first[0].get("classname") == "specs.a"
    assert second[0].get("classname") == "b.Two"
    assert first[0][0].text == "specs/a.py:3:5: this is not Python"
    assert third[0][0].get("message") == "not checked: interrupted"


@given(st.text(st.characters(exclude_categories=())))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_any_text_can_be_read_back(text: str) -> None:
    log = JunitLog()
    log.fail(text, text)
    (suite,) = parse(log.end())
    # In an attribute the parser takes line ends for what they are written as.
    assert suite.get("name") == printable(text)
    assert suite[0][0].get("message") == printable(text)


def test_control_characters_are_told() -> None:
    assert printable("a\x1b[31m\x00\ud800\ufffe\u00e9\t") == (
        "a#x1B[31m#x00#xD800#xFFFE\u00e9\t"
    )
