"""KTAP output, read by a small parser of the format's own rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from modelcheck.model.program import Twin
from modelcheck.report.ktap import KtapLog
from modelcheck.verdict.report import Report, TwinReport, build_report
from modelcheck.verdict.verdicts import Limits, Stop, Verdict
from tests.golden import samples
from tests.unit.report.test_shown import SAMPLES, healthy, report

RESULT = re.compile(
    r"(?P<ok>ok|not ok) (?P<number>\d+) (?P<name>[^#]*?)"
    r"(?: # (?P<directive>SKIP|TODO|XFAIL|TIMEOUT|ERROR)(?: (?P<why>.*))?)?"
)


@dataclass
class Line:
    """A result line with the lines that belong to it."""

    is_ok: bool
    name: str
    directive: str
    why: str
    notes: list[str]
    parts: list[Line] = field(default_factory=list)


def parse(text: str) -> tuple[list[Line], str]:
    """The tests of a document and its last line; fails where it breaks a rule."""
    *lines, last = text.splitlines()
    assert all(line.isascii() and line == line.rstrip() for line in lines)
    return block(lines), last


def block(lines: list[str]) -> list[Line]:
    """The tests at one level; what stands two blanks deeper belongs to the next one."""
    assert lines[0] == "KTAP version 1"
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    assert plan
    found: list[Line] = []
    notes: list[str] = []
    inner: list[str] = []
    for line in lines[2:]:
        if line.startswith("  "):
            inner.append(line[2:])
        elif line.startswith("#"):
            notes.append(line[2:])
        else:
            seen = RESULT.fullmatch(line)
            assert seen, line
            assert int(seen["number"]) == len(found) + 1
            parts = block(inner) if inner else []
            directive, why = seen["directive"] or "", seen["why"] or ""
            test = Line(seen["ok"] == "ok", seen["name"], directive, why, notes, parts)
            found.append(test)
            notes, inner = [], []
    assert not notes
    assert not inner
    assert len(found) == int(plan[1])
    return found


def written(*reports: Report) -> tuple[list[Line], str]:
    log = KtapLog()
    text = log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end()
    return parse(text)


def totals(last: str) -> dict[str, int]:
    names = ("pass", "fail", "xfail", "xpass", "skip", "error")
    pattern = "# Totals: " + " ".join(rf"{name}:(\d+)" for name in names)
    seen = re.fullmatch(pattern, last)
    assert seen
    return dict(zip(names, map(int, seen.groups()), strict=True))


def counted(tests: list[Line]) -> Counter[str]:
    """What the last line must count, from the results alone."""
    found: Counter[str] = Counter()
    for test in tests:
        if test.parts:
            found += counted(test.parts)
        elif not test.is_ok:
            found["error" if test.directive == "ERROR" else "fail"] += 1
        else:
            found[{"": "pass"}.get(test.directive, test.directive.lower())] += 1
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_every_property_is_a_subtest(name: str) -> None:
    shown = report(name)
    (spec,), last = written(shown)
    assert spec.name == shown.model.path
    assert [part.name for part in spec.parts] == [p.prop.name for p in shown.properties]
    for part, prop in zip(spec.parts, shown.properties, strict=True):
        is_violated = prop.verdict is Verdict.VIOLATED
        assert part.is_ok is (prop.is_expected or not prop.is_conclusive)
        assert (part.directive == "XFAIL") is (is_violated and prop.is_expected)
        if not part.is_ok and prop.trace is not None:
            assert any(line.startswith("Replay: ") for line in part.notes)
    assert spec.is_ok is (shown.exit_code == 0)
    assert Counter(totals(last)) == counted([spec])


def test_nothing_undecided_passes() -> None:
    found = replace(samples.search(samples.claims()), stops=frozenset({Stop.DEPTH}))
    open_ = tuple(
        replace(each, verdict=Verdict.BOUNDED, evidence=None, reason="bounded")
        for each in found.findings
    )
    shown = build_report(samples.claims(), [replace(found, findings=open_)])
    (spec,), last = written(shown)
    assert {part.directive for part in spec.parts} == {"SKIP"}
    assert (spec.is_ok, spec.directive) == (True, "SKIP")
    assert totals(last)["pass"] == 0
    assert totals(last)["skip"] == len(spec.parts)


def test_time_is_a_timeout() -> None:
    found = replace(samples.search(samples.claims()), stops=frozenset({Stop.TIME}))
    open_ = tuple(
        replace(each, verdict=Verdict.BOUNDED, evidence=None) for each in found.findings
    )
    shown = build_report(
        samples.claims(),
        [replace(found, findings=open_)],
        limits=Limits(seconds=30.0),
    )
    (spec,), _ = written(shown)
    assert (spec.is_ok, spec.directive, spec.why) == (False, "TIMEOUT", "30 seconds")
    assert {part.why for part in spec.parts} == {"30 seconds"}


def test_what_must_fail_and_holds_is_a_failure() -> None:
    shown = healthy()
    wrong = tuple(replace(each, is_expected=False) for each in shown.properties)
    (spec,), last = written(replace(shown, properties=wrong))
    assert not any(part.is_ok for part in spec.parts)
    assert "the spec expects a violation" in spec.parts[0].notes[0]
    assert totals(last)["fail"] == len(wrong)


def test_twins() -> None:
    bad = report()
    twin = Twin("Broken", ("x",))
    caught = tuple(p for p in bad.properties if p.verdict is Verdict.VIOLATED)
    missed = tuple(p for p in bad.properties if p.verdict is Verdict.HOLDS)
    for props, is_ok in ((caught, True), (missed, False)):
        inner = TwinReport(twin, replace(bad, properties=props))
        (spec,), _ = written(replace(healthy(), twins=(inner,)))
        named = [part for part in spec.parts if part.name.startswith("twin Broken")]
        assert [part.is_ok for part in named] == [is_ok] * len(props)
        assert named
        assert spec.is_ok is is_ok


def test_specs_without_a_report() -> None:
    log = KtapLog()
    text = log.begin(3) + log.fail("a#b.py", "no such file # here")
    text = text.replace(" # here", "") + log.add(healthy())
    text += log.skip("c.py", "interrupted") + log.end()
    tests, last = parse(text)
    assert [test.name for test in tests][::2] == ["a_b.py", "c.py"]
    assert [test.directive for test in tests] == ["ERROR", "", "SKIP"]
    assert totals(last)["error"] == totals(last)["skip"] == 1
