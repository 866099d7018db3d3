from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.report.matrix import (
    SCHEMA,
    cell,
    key_text,
    labels,
    property_names,
    render_matrix,
    render_matrix_json,
    render_matrix_markdown,
)
from modelcheck.trace.replay import replay_address
from modelcheck.verdict.applicability import judge_applicability
from modelcheck.verdict.report import PropertyReport, Report, build_report
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.golden import samples

HEAD = '''"""A number that grows."""

from typing import Annotated

from modelcheck import VIOLATED, Spec, action, invariant, reachable


class Growing(Spec):
    """Up to a limit, and then from the start."""

    number: Annotated[int, range(0, 5)] = 0

    @action
    def grow(self) -> None:
        """One more."""
        self.number = self.number + 1 if self.number < {limit} else 0

    @reachable
    def four(self) -> bool:
        """Four is reached."""
        return self.number == 4

    @invariant{expect}
    def small(self) -> bool:
        """Below three."""
        return self.number < 3
'''
MORE = '''
    @invariant
    def natural(self) -> bool:
        """Not below nothing."""
        return self.number >= 0
'''


def explored(file: Path, text: str, limits: Limits | None = None) -> Report:
    file.write_text(text, encoding="utf-8")
    model = read_spec(str(file))
    limits = limits or Limits()
    return build_report(model, [Explorer().run(model, limits, Silence())])


@pytest.fixture
def reports(tmp_path: Path) -> list[Report]:
    """One design with a known flaw, and one that is not what its spec says."""
    known = HEAD.format(limit=4, expect='(expect=VIOLATED, because="known")')
    return [
        explored(tmp_path / "known.py", known),
        explored(tmp_path / "bad.py", HEAD.format(limit=3, expect="") + MORE),
    ]


def cells(report: Report) -> dict[str, str]:
    return {prop.prop.name: cell(prop) for prop in report.properties}


def test_a_cell_says_what_was_found(reports: list[Report]) -> None:
    known, bad = map(cells, reports)
    assert known["four"] == "reached"
    assert known["small"] == "3"
    assert known["deadlock"] == "holds"
    assert bad["four"] == "unreachable!"
    assert bad["small"] == "3!"
    assert bad["natural"] == "holds"
    assert cell(None) == "-"


def test_an_unexpected_success_is_marked(reports: list[Report]) -> None:
    small = next(p for p in reports[0].properties if p.prop.name == "small")
    found = replace(small, verdict=Verdict.HOLDS, is_expected=False, trace=None)
    assert cell(found) == "holds!"


@pytest.mark.parametrize("verdict", [Verdict.BOUNDED, Verdict.UNKNOWN])
def test_no_verdict_is_a_question_mark(reports: list[Report], verdict: Verdict) -> None:
    def undecided(prop: PropertyReport) -> PropertyReport:
        return replace(prop, verdict=verdict, is_expected=False, trace=None)

    assert {cell(undecided(prop)) for prop in reports[0].properties} == {"?"}


def test_rows_in_the_order_of_first_appearance(reports: list[Report]) -> None:
    first = [prop.prop.name for prop in reports[0].properties]
    assert property_names(reports) == [*first, "natural"]


def test_text(reports: list[Report]) -> None:
    text = render_matrix(reports)
    assert "1 known  5 states" in text
    assert "small               3     3!\n" in text
    assert "natural             -     holds\n" in text
    assert "four 1       2\n" not in text
    assert "four reached unreachable!\n" in text
    unexpected = [line for line in text.splitlines() if "replay" in line]
    assert unexpected[1].startswith("2 small: modelcheck replay ")
    assert len(unexpected) == 2


def test_without_a_surprise_one_trace_is_an_example(reports: list[Report]) -> None:
    text = render_matrix(reports[:1])
    assert "\n1 small: modelcheck replay " in text


@pytest.mark.parametrize("width", [40, 60, 80])
def test_many_designs_are_folded(reports: list[Report], width: int) -> None:
    short = [
        replace(each, model=replace(each.model, path=f"{number}.py"))
        for number, each in enumerate(reports * 10)
    ]
    lines = render_matrix(short, width=width).splitlines()
    assert max(map(len, lines)) <= width
    heads = " ".join(line for line in lines if line.startswith("     "))
    numbers = [str(number) for number in range(1, 21)]
    assert heads.split() == numbers * 2
    assert "none of its" in " ".join(lines)


def test_a_block_leaves_out_what_none_of_its_designs_has(
    reports: list[Report],
) -> None:
    text = render_matrix([reports[0]] * 40 + [reports[1]])
    assert text.count("natural") == 1


def test_markdown(reports: list[Report]) -> None:
    lines = render_matrix_markdown(reports).splitlines()
    assert lines[0] == "| property | `known` | `bad` |"
    assert lines[1] == "| --- | --- | --- |"
    assert "| `small` | 3 | 3! |" in lines
    assert "| `natural` | - | holds |" in lines
    assert "| distinct states | 5 | 4 |" in lines


def test_markdown_of_many_designs_has_a_row_for_each(reports: list[Report]) -> None:
    known, bad = reports
    lines = render_matrix_markdown([*[known] * 7, *[bad] * 3]).splitlines()
    gap = lines.index("")
    number = lines.index(f"{property_names(reports).index('small') + 1}. `small`") + 1
    assert lines[gap + 1].startswith("| design | 1 | 2 | ")
    rows = [line.split(" | ") for line in lines[gap + 3 : gap + 13]]
    assert [row[number] for row in rows] == ["3"] * 7 + ["3!"] * 3
    assert [row[-1] for row in rows] == ["5 |"] * 7 + ["4 |"] * 3
    assert not any("natural" in line for line in lines[: gap + 13])
    assert any(line.startswith("| `natural` | holds: `") for line in lines)


def test_json_has_the_address_of_every_trace(reports: list[Report]) -> None:
    data = json.loads(render_matrix_json(reports))
    assert data["schema"] == SCHEMA
    known = data["designs"][0]
    assert (known["name"], known["states"]) == ("Growing", 5)
    small = known["properties"]["small"]
    address = small.pop("address")
    assert small == {
        "kind": "invariant",
        "verdict": "violated",
        "applicable": True,
        "expected": "violated",
        "condition": None,
        "steps": 3,
        "twins": [],
    }
    assert len(replay_address(reports[0].model, address).steps) == 3
    assert known["properties"]["deadlock"]["address"] is None


def test_what_cut_a_search_short_is_said(tmp_path: Path) -> None:
    text = HEAD.format(limit=4, expect="")
    report = explored(tmp_path / "cut.py", text, Limits(depth=1))
    assert "bounded by the depth bound" in render_matrix([report])
    assert "2, bounded by the depth bound" in render_matrix_markdown([report])
    assert json.loads(render_matrix_json([report]))["designs"][0]["complete"] is False


def test_nothing_to_compare() -> None:
    assert render_matrix([]) == ""
    assert render_matrix_markdown([]) == ""
    assert json.loads(render_matrix_json([])) == {"schema": SCHEMA, "designs": []}


def test_labels() -> None:
    assert labels(["specs/a.py", "b.py::B", "b.py::C"]) == ["a", "b::B", "b::C"]
    assert labels(["x/a.py", "y/a.py", "b.py"]) == ["x/a.py", "y/a.py", "b"]


def test_a_lasso_shows_its_stem_and_its_loop() -> None:
    model = samples.retrying()
    report = build_report(model, [samples.search(model)])
    table = render_matrix([report])
    assert "binds 2+3!" in " ".join(table.split())
    assert "N+M: violated by a run that repeats M steps" in " ".join(table.split())
    assert "| `binds` | 2+3! |" in render_matrix_markdown([report])
    binds = json.loads(render_matrix_json([report]))["designs"][0]["properties"][
        "binds"
    ]
    assert (binds["steps"], binds["address"]) == (5, "0/1/0+0/2/2")
    silent = build_report(samples.claims(), [samples.search(samples.claims())])
    assert "N+M" not in render_matrix([silent])


def test_what_cannot_fail_is_not_applicable(reports: list[Report]) -> None:
    judged = list(map(judge_applicability, reports))
    assert cells(judged[0]) == cells(reports[0])
    assert cells(judged[1]) == {**cells(reports[1]), "natural": "n/a"}
    assert "n/a:" in key_text(judged)
    assert "n/a:" not in key_text(reports)
    data = json.loads(render_matrix_json(judged))
    applicable = {
        name: entry["applicable"]
        for name, entry in data["designs"][1]["properties"].items()
    }
    assert applicable == {name: name != "natural" for name in cells(judged[1])}
