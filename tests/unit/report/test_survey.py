"""`--stats` and `--coverage`: what is counted, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from modelcheck.reader import read_counted
from modelcheck.report.console import render_console
from modelcheck.report.jsonreport import render_json, schema
from modelcheck.report.survey import sparkline, survey_lines
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.survey import Survey, survey
from modelcheck.verdict.verdicts import Limits, Silence, Stop

TEXT = '''from typing import Annotated

from modelcheck import Spec, action, choose, init, require

Small = Annotated[int, range(4)]
STRICT = False


class Walk(Spec):
    """A counter that stops at 3."""

    x: Small = 0
    seen: bool = False

    @init
    def start(self) -> None:
        self.x = choose(range(2))

    @action
    def up(self) -> None:
        """One or two steps."""
        require(self.x < 2)
        by = choose(range(1, 4))
        if by == 3:
            require(self.x == 3)
            self.seen = True
        elif STRICT:
            self.seen = False
        if self.x < 3:
            self.x += min(by, 2)
        else:
            self.x = 0
        return

    @action
    def never(self) -> None:
        require(self.x == 3 and self.seen)
        self.seen = True
'''


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "walk.py").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "walk.py"


def surveyed(spec: str, limits: Limits | None = None) -> Survey:
    model, points = read_counted(spec)
    return survey(
        model,
        limits or Limits(),
        Silence(),
        points=points,
        is_spread_wanted=True,
    )


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def test_statements_and_branches_are_counted(spec: str) -> None:
    coverage = surveyed(spec).coverage
    assert coverage is not None
    counts = {place.span.line: place.count for place in coverage.statements}
    # From 0 and from 1 there are two ways up each: by 1 and by 2.
    assert counts[line_of("require(self.x < 2)")] == 4
    assert counts[line_of("self.seen = True\n        elif")] == 0
    assert counts[line_of("self.seen = False\n        if")] is None
    assert counts[line_of("self.x = choose")] == 2
    assert counts[line_of("require(self.x == 3 and")] == 0
    branches = {b.span.line: (b.then, b.orelse) for b in coverage.branches}
    assert branches[line_of("if by == 3")] == (0, 4)
    assert branches[line_of("elif STRICT")] == (None, 4)
    (choice,) = [c for c in coverage.choices if len(c.counts) == 3]
    assert choice.counts == (("1", 2), ("2", 2), ("3", 0))


def test_what_never_happens_is_a_warning_once(spec: str) -> None:
    coverage = surveyed(spec).coverage
    assert coverage is not None
    expected = [
        (line_of("if by == 3"), 9, "the condition never holds"),
        (line_of("if self.x < 3"), 9, "the condition always holds"),
        (line_of("require(self.x == 3 and"), 9, "these 2 statements never run"),
    ]
    assert coverage.warnings == tuple(
        f"walk.py:{line}:{col}: {text}" for line, col, text in expected
    )


def test_shares_and_values(spec: str) -> None:
    found = surveyed(spec)
    assert [(share.name, share.count) for share in found.shares] == [
        ("up", 4),
        ("never", 0),
    ]
    assert found.spreads is not None
    spreads = {s.variable.name: (s.count, s.size) for s in found.spreads}
    assert spreads == {"x": (4, 4), "seen": (1, 2)}


def test_the_listing_has_a_count_beside_each_line(spec: str) -> None:
    text = "\n".join(survey_lines(surveyed(spec), 80, unicode=False))
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line == "walk.py")
    listed = lines[start + 1 :]
    number = line_of("require(self.x < 2)")
    assert f"{4:12} {number:5}          require(self.x < 2)" in listed
    assert any(line.lstrip().startswith("removed") for line in listed)
    assert any(line.lstrip().startswith("never ") for line in listed)
    assert any("-- true never, false 4" in line for line in listed)
    assert any("-- chosen: 1: 2, 2: 2, 3: never" in line for line in listed)


def test_a_bounded_survey_says_so(spec: str) -> None:
    found = surveyed(spec, Limits(depth=1))
    assert Stop.DEPTH in found.stops
    text = "\n".join(survey_lines(found, 80, unicode=False))
    assert "State space (bounded by the depth bound)" in text
    assert "Coverage (bounded by the depth bound)" in text


def test_verdicts_are_the_same_with_a_survey(spec: str) -> None:
    from modelcheck.reader import read_spec

    model = read_spec(spec)
    plain = verify_model(model, "explore", Limits(), Silence())
    report = replace(plain, survey=surveyed(spec))
    text = render_console(report)
    assert "State space (all states)" in text
    data = json.loads(render_json(report))
    Draft202012Validator(schema()).validate(data)
    assert data["properties"] == json.loads(render_json(plain))["properties"]
    statements = data["survey"]["coverage"]["statements"]
    assert {"file", "line", "column", "count"} == set(statements[0])
    assert json.loads(render_json(plain))["survey"] is None


@pytest.mark.parametrize("count", [1, 2, 60, 61, 500])
def test_a_sparkline_shows_the_largest_of_each_column(count: int) -> None:
    numbers = [number % 17 for number in range(count)]
    for unicode in (False, True):
        line = sparkline(numbers, unicode=unicode)
        assert len(line) == min(count, 60)
        assert line.isascii() is not unicode
    assert sparkline([0, 5, 10], unicode=True)[-1] == "█"
