"""What b4 makes of the output, by the rules of its own code (0.16)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.model.program import Twin
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.b4 import B4Log
from modelcheck.report.checkpatch import CheckpatchLog
from modelcheck.report.outcomes import RULES
from modelcheck.verdict.report import Report, TwinReport
from modelcheck.verdict.verdicts import Verdict
from tests.unit.report.test_shown import SAMPLES, healthy, report

Flag = tuple[str, str]


def local_check(out: str, err: str = "", code: int = 0) -> list[Flag]:
    """As `LoreMessage.run_local_check` reads what a command prints."""
    found: list[Flag] = []
    for line in out.strip().split("\n") if out.strip() else []:
        flag = "fail" if "ERROR:" in line else "warning"
        found.append((flag, line.removeprefix("-:")))
    if err.strip():
        found += [("fail", line) for line in err.strip().split("\n")]
    if not found:
        found.append(("fail" if code else "success", ""))
    return found


def external_check(out: str) -> list[dict[str, str]]:
    """As `review.checks._run_external_cmd` does, without its leniency."""
    data = json.loads(out)
    assert isinstance(data, list)
    for entry in data:
        assert set(entry) <= {"tool", "status", "summary", "url", "details"}
        assert entry["status"] in ("pass", "warn", "fail")
        assert all(isinstance(value, str) for value in entry.values())
        assert "\n" not in entry["summary"]
        assert all(value.replace("\n", "").isprintable() for value in entry.values())
    # It shows a matrix of tools: a second result would hide the first.
    assert len({entry["tool"] for entry in data}) == len(data)
    return data


def lines(*reports: Report, places: dict[str, str] | None = None) -> str:
    log = CheckpatchLog(places or {})
    return log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end()


def result(*reports: Report) -> list[dict[str, str]]:
    log = B4Log()
    text = log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end()
    return external_check(text)


def undecided(verdict: Verdict = Verdict.BOUNDED, why: str = "it was late") -> Report:
    shown = healthy()
    open_ = tuple(
        replace(each, verdict=verdict, reason=why) for each in shown.properties
    )
    return replace(shown, properties=open_)


def missed() -> Report:
    bad = report()
    holding = tuple(p for p in bad.properties if p.verdict is Verdict.HOLDS)
    inner = TwinReport(Twin("Broken", ("x",)), replace(bad, properties=holding[:1]))
    return replace(healthy(), twins=(inner,))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_failure_for_each_unexpected_violation(name: str) -> None:
    shown = report(name)
    bad = [prop for prop in shown.properties if not prop.is_expected]
    text = lines(shown, places={shown.model.path: "-:12"})
    if not bad:
        assert local_check(text) == [("success", "")]
    else:
        assert [flag for flag, _ in local_check(text)] == ["fail"] * len(bad)
    for line, prop in zip(text.splitlines(), bad, strict=True):
        place, level, said = line.split(": ", 2)
        assert place == "-:12"
        assert level == f"ERROR:MC_{prop.prop.kind.name}"
        assert said.startswith(f"{shown.model.path}: {prop.prop.name} violated in ")


def test_a_finding_without_a_patch_stands_in_the_spec() -> None:
    (line,) = lines(missed()).splitlines()
    assert ": ERROR:MC_TWIN: " in line
    bad = next(
        report(n)
        for n in SAMPLES
        if any(not p.is_expected for p in report(n).properties)
    )
    place = lines(bad).split(": ")[0]
    file, line_number = place.rsplit(":", 1)
    assert file.endswith(".py")
    assert int(line_number) >= 1


def test_silence_is_a_pass() -> None:
    assert lines(healthy()) == ""
    assert local_check(lines(healthy())) == [("success", "")]
    assert lines() == ""


@pytest.mark.parametrize("verdict", [Verdict.BOUNDED, Verdict.UNKNOWN])
def test_what_is_undecided_is_a_warning(verdict: Verdict) -> None:
    shown = undecided(verdict)
    flags = local_check(lines(shown))
    assert [flag for flag, _ in flags] == ["warning"] * len(shown.properties)
    (entry,) = result(shown)
    assert entry["status"] == "warn"
    assert f"{verdict.value}: it was late (and " in entry["summary"]


def test_a_warning_that_speaks_of_errors_stays_one() -> None:
    flags = local_check(lines(undecided(why="solver: ERROR: gave up\nand left")))
    assert {flag for flag, _ in flags} == {"warning"}
    assert len(flags) == len(healthy().properties)


@given(st.text(), st.text())
@settings(derandomize=True, deadline=None, max_examples=200)
def test_one_line_for_each_finding(spec: str, reason: str) -> None:
    log = CheckpatchLog()
    text = log.fail(spec, reason, NO_SPAN) + log.skip(spec, reason)
    assert text.isascii()
    assert [flag for flag, _ in local_check(text)] == ["fail", "warning"]
    both = B4Log()
    both.fail(spec, reason)
    (entry,) = external_check(both.end())
    assert entry["status"] == "fail"


def test_types_are_stable_names() -> None:
    assert list(RULES) == sorted(RULES)
    assert all(rule.startswith("MC_") and rule.isupper() for rule in RULES)


@pytest.mark.parametrize("name", SAMPLES)
def test_one_result_for_all_specs(name: str) -> None:
    shown = report(name)
    bad = [prop for prop in shown.properties if not prop.is_expected]
    (entry,) = result(healthy(), shown)
    assert entry["status"] == ("fail" if bad else "pass")
    for prop in bad:
        told = " ".join(entry["details"].split())
        assert f"{prop.prop.name} VIOLATED" in told
    assert entry["details"].count("Replay: ") == sum(p.trace is not None for p in bad)
    assert "not on code" in entry["details"]
    for each in (healthy(), shown):
        assert f"{each.model.path}: " in entry["details"]


def test_nothing_to_say() -> None:
    assert result() == []


def test_the_worst_counts() -> None:
    (entry,) = result(undecided(), missed())
    assert entry["status"] == "fail"
    assert "missed: nothing violates it (and " in entry["summary"]
    log = B4Log()
    log.skip("a.py", "interrupted")
    (entry,) = external_check(log.end())
    assert (entry["status"], entry["summary"]) == (
        "warn",
        "a.py: not checked: interrupted",
    )
    log.fail("b.py", "not Python", Span("b.py", 3, 1))
    (entry,) = external_check(log.end())
    assert entry["summary"] == "b.py: not Python (and 1 more)"


def test_a_link_only_where_it_is_the_only_one() -> None:
    doc = "Link: https://lore.kernel.org/r/{}@x"
    one, two = (
        replace(healthy(), model=replace(healthy().model, doc=doc.format(name)))
        for name in "ab"
    )
    assert result(one)[0]["url"] == "https://lore.kernel.org/r/a@x"
    assert result(one, one)[0]["url"] == "https://lore.kernel.org/r/a@x"
    assert "url" not in result(one, two)[0]
