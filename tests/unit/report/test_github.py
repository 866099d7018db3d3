"""Workflow commands, read by the rules of GitHub's runner (`ActionCommand`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.model.program import Twin
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.report.github import GithubLog
from modelcheck.verdict.report import Report, TwinReport
from modelcheck.verdict.verdicts import Verdict
from tests.unit.report.test_shown import SAMPLES, healthy, report

KNOWN = {"file", "line", "endLine", "col", "endColumn", "title"}


@dataclass(frozen=True)
class Command:
    """What the runner makes of a line."""

    level: str
    properties: dict[str, str]
    message: str


def plain(text: str, codes: str) -> str:
    """`text` with the escapes of these characters replaced, that of `%` at last."""
    for char in codes:
        text = text.replace(f"%{ord(char):02X}", char)
    return text


def command(line: str) -> Command | None:
    """As the runner parses a line; None if it is for the log."""
    if not line.startswith("::"):
        return None
    head, found, message = line[2:].partition("::")
    assert found
    level, _, rest = head.partition(" ")
    pairs = [part.split("=", 1) for part in rest.split(",") if part]
    properties = {name: plain(value, "\r\n:,%") for name, value in pairs}
    return Command(level, properties, plain(message, "\r\n%"))


def parse(text: str) -> tuple[list[Command], str]:
    """The commands, and what else there is."""
    *lines, last = text.split("\n")[:-1]
    commands = [found for line in lines if (found := command(line))]
    assert len(commands) == len(lines)
    assert command(last) is None
    for each in commands:
        assert set(each.properties) <= KNOWN
        assert each.level in ("error", "warning", "notice")
        numbers = {"line", "endLine", "col", "endColumn"} & set(each.properties)
        assert all(int(each.properties[name]) >= 1 for name in numbers)
        # GitHub refuses columns of what goes over several lines.
        if "col" in numbers:
            assert each.properties["line"] == each.properties["endLine"]
    return commands, last


def written(*reports: Report) -> tuple[list[Command], str]:
    log = GithubLog()
    return parse(log.begin(len(reports)) + "".join(map(log.add, reports)) + log.end())


@pytest.mark.parametrize("name", SAMPLES)
def test_an_error_for_each_unexpected_violation(name: str) -> None:
    shown = report(name)
    commands, last = written(shown)
    bad = [p for p in shown.properties if not p.is_expected]
    assert [each.level for each in commands] == ["error"] * len(bad)
    for each, prop in zip(commands, bad, strict=True):
        assert f"MC_{prop.prop.kind.name}: {prop.prop.name}" in each.properties["title"]
        assert each.properties["file"]
        if prop.trace is not None:
            assert "\nReplay: modelcheck replay " in each.message
    known = sum(
        p.is_expected and p.verdict is Verdict.VIOLATED for p in report(name).properties
    )
    assert (f"{known} violated as expected" in last) is (known > 0)


def test_what_is_as_expected_is_only_counted() -> None:
    commands, last = written(healthy())
    assert commands == []
    assert last == f"modelcheck: {len(healthy().properties)} as expected"


@pytest.mark.parametrize("verdict", [Verdict.BOUNDED, Verdict.UNKNOWN])
def test_what_is_undecided_is_a_warning(verdict: Verdict) -> None:
    shown = healthy()
    open_ = tuple(
        replace(each, verdict=verdict, reason="it was late")
        for each in shown.properties
    )
    commands, last = written(replace(shown, properties=open_))
    assert [each.level for each in commands] == ["warning"] * len(open_)
    assert all(f"{verdict.name}: it was late" in each.message for each in commands)
    assert last == f"modelcheck: {len(open_)} not decided"


def test_twins() -> None:
    bad = report()
    missed = tuple(p for p in bad.properties if p.verdict is Verdict.HOLDS)
    inner = TwinReport(Twin("Broken", ("x",)), replace(bad, properties=missed))
    commands, _ = written(replace(healthy(), twins=(inner,)))
    assert len(commands) == len(missed)
    assert {each.properties["title"].split(":")[0] for each in commands} == {"MC_TWIN"}


def test_specs_without_a_report() -> None:
    log = GithubLog()
    text = log.fail("a.py", "not Python: a, b", Span("a.py", 3, 5, 4, 2))
    text += log.fail("b.py", "no such file", NO_SPAN) + log.skip("c.py", "interrupted")
    commands, last = parse(text + log.end())
    assert [each.level for each in commands] == ["error", "error", "warning"]
    assert commands[0] == Command(
        "error",
        {"file": "a.py", "line": "3", "endLine": "4", "title": "MC_SPEC: a.py"},
        "a.py: not Python: a, b",
    )
    assert commands[1].properties == {"file": "b.py", "title": "MC_SPEC: b.py"}
    assert last == "modelcheck: 1 not decided, 2 in error"


def test_what_looks_like_an_escape_is_told_as_it_is() -> None:
    log = GithubLog()
    reason = "100%0Aof 5%3A%2C:,\r\n::error::"
    ((found,), _) = parse(log.fail("50%25.py", reason) + log.end())
    assert found.message == f"50%25.py: {reason}"
    assert found.properties["file"] == "50%25.py"


@given(st.text(), st.text())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_text_escapes(spec: str, reason: str) -> None:
    log = GithubLog()
    ((found,), _) = parse(log.fail(spec, reason, Span(spec or "x", 1, 2)) + log.end())
    assert found.message == f"{spec}: {reason}".strip()
    assert found.properties["file"] == (spec or "x")
    assert found.properties["title"] == f"MC_SPEC: {spec}"
