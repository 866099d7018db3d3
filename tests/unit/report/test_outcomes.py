"""Outcomes against the status of the command, and the formats against each other."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.cli.documents import Log
from modelcheck.model.program import Twin
from modelcheck.report.b4 import B4Log
from modelcheck.report.checkpatch import CheckpatchLog
from modelcheck.report.github import GithubLog
from modelcheck.report.junit import JunitLog
from modelcheck.report.ktap import KtapLog
from modelcheck.report.outcomes import RULES, Status, outcomes
from modelcheck.report.sarif import SarifLog
from modelcheck.verdict.report import PropertyReport, Report, TwinReport
from modelcheck.verdict.verdicts import Stop, Verdict
from tests.unit.report.test_shown import SAMPLES, healthy, report

NAMES = st.sampled_from(SAMPLES)


@st.composite
def properties(draw: st.DrawFn) -> tuple[PropertyReport, ...]:
    """Those of a sample, each with its verdict or with one that is not decided."""
    found = []
    for prop in report(draw(NAMES)).properties:
        verdict = draw(st.sampled_from([prop.verdict, *Verdict]))
        is_shown = verdict is prop.verdict
        is_expected = draw(st.booleans()) and verdict in (
            Verdict.HOLDS,
            Verdict.VIOLATED,
        )
        found.append(
            replace(
                prop,
                verdict=verdict,
                is_expected=is_expected,
                trace=prop.trace if is_shown else None,
                reason=draw(st.sampled_from(["", "it was late"])),
            )
        )
    return tuple(found)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report in which anything may be wrong."""
    shown = replace(healthy(), properties=draw(properties()))
    if draw(st.booleans()):
        # What a twin breaks is expected to be violated there.
        inner = tuple(
            replace(each, is_expected=each.verdict is Verdict.VIOLATED)
            for each in draw(properties())
        )
        twin = TwinReport(Twin("Broken", ("x",)), replace(shown, properties=inner))
        shown = replace(shown, twins=(twin,))
    if draw(st.booleans()):
        shown = replace(
            shown, model=replace(shown.model, floor=draw(st.integers(1, 40)))
        )
    if draw(st.booleans()):
        shown = replace(shown, stops=frozenset({draw(st.sampled_from(list(Stop)))}))
    return shown


def told(log: Log, shown: Report) -> str:
    return log.begin(1) + log.add(shown) + log.end()


@given(reports())
@settings(derandomize=True, deadline=None, max_examples=150)
def test_the_status_of_the_command_is_that_of_the_outcomes(shown: Report) -> None:
    found = [each.status for each in outcomes(shown)]
    if any(each.severity == "error" for each in found):
        assert shown.exit_code in (11, 12, 13, 14)
    elif Status.UNDECIDED in found:
        assert shown.exit_code == 30
    else:
        assert shown.exit_code == 0
    for each in outcomes(shown):
        assert (each.rule in RULES) is (each.status is not Status.PASSED)
        assert (each.text != "") is (each.status is not Status.PASSED)


@given(reports())
@settings(derandomize=True, deadline=None, max_examples=100)
def test_all_formats_say_the_same(shown: Report) -> None:
    found = list(outcomes(shown))
    count = Counter(each.status for each in found)
    severe = Counter(each.status.severity for each in found)

    lines = told(GithubLog(), shown).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == severe["error"]
    assert sum(line.startswith("::warning ") for line in lines) == severe["warning"]
    lines = told(CheckpatchLog(), shown).splitlines()
    assert sum(": ERROR:" in line for line in lines) == severe["error"]
    assert len(lines) == severe["error"] + severe["warning"]
    (entry,) = json.loads(told(B4Log(), shown))
    worst = {0: "pass"} if not severe["warning"] else {0: "warn"}
    assert entry["status"] == worst.get(severe["error"], "fail")

    (suite,) = ET.fromstring(told(JunitLog(), shown))
    assert len(suite) == len(found)
    assert int(suite.attrib["failures"]) == count[Status.FAILED]
    assert int(suite.attrib["skipped"]) == (
        count[Status.UNDECIDED] + count[Status.EXPECTED]
    )
    totals = dict(
        part.split(":") for part in told(KtapLog(), shown).splitlines()[-1].split()[2:]
    )
    assert int(totals["pass"]) == count[Status.PASSED]
    assert int(totals["xfail"]) == count[Status.EXPECTED]
    assert int(totals["fail"]) + int(totals["skip"]) == (
        count[Status.FAILED] + count[Status.UNDECIDED]
    )
    (run,) = json.loads(told(SarifLog(), shown))["runs"]
    levels = Counter(result["level"] for result in run["results"])
    assert levels["error"] == count[Status.FAILED]
    assert levels["note"] == count[Status.EXPECTED]
    (invocation,) = run["invocations"]
    undecided = invocation["toolExecutionNotifications"]
    assert len(undecided) == count[Status.UNDECIDED]
