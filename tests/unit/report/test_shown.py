from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from modelcheck.report.artifacts import folder_name, write_artifacts
from modelcheck.report.console import render_console
from modelcheck.report.jsonreport import SCHEMA, render_json, schema
from modelcheck.report.mail import render_mail_report
from modelcheck.verdict.report import Report, build_report
from modelcheck.verdict.verdicts import Findings, Stop, Verdict
from tests.golden import samples


def report(name: str = "claims") -> Report:
    model = getattr(samples, name)()
    return build_report(model, [samples.search(model)])


def healthy() -> Report:
    """Only properties that hold."""
    shown = report()
    good = tuple(p for p in shown.properties if p.verdict is Verdict.HOLDS)
    return replace(shown, properties=good)


SAMPLES = ("claims", "crossed", "counting", "crowd", "retrying")


@pytest.mark.parametrize("name", SAMPLES)
def test_json_matches_its_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    data = json.loads(render_json(report(name)))
    jsonschema.validate(data, schema())
    assert data["schema"] == SCHEMA
    assert data["exit"] == report(name).exit_code


def test_json_without_counts_matches_its_schema() -> None:
    model = samples.claims()
    found = samples.search(model)
    solved = Findings("bmc", found.findings, None, frozenset({Stop.DEPTH}), 1.0, 9)
    data = json.loads(render_json(build_report(model, [solved])))
    jsonschema.validate(data, schema())
    assert data["states"] is None
    assert data["complete"] is False
    assert data["stopped_by"] == ["depth"]


def test_the_schema_refuses_what_is_not_a_report() -> None:
    data = json.loads(render_json(report()))
    del data["exit"]
    with pytest.raises(jsonschema.ValidationError, match="exit"):
        jsonschema.validate(data, schema())


def test_the_console_is_plain_unless_colour_is_asked_for() -> None:
    plain, coloured = render_console(report()), render_console(report(), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31mVIOLATED\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_counterexamples_fit_the_width(name: str, width: int) -> None:
    text = render_console(report(name), width=width)
    long = [line for line in text.splitlines() if len(line) > width]
    # Verdicts are one line each, whatever the names, and a link is never broken.
    assert all(re.match(r"VIOLATED|HOLDS|models ", line) for line in long)


def test_the_console_says_what_was_not_checked() -> None:
    stopped = replace(report(), is_complete=False, stops=frozenset({Stop.TIME}))
    text = " ".join(render_console(stopped).split())
    assert "verdict on the model, not on code: bounded by the time limit" in text
    assert "Scopes: Device=2, File=1, preemption at every await" in text
    assert "The depth of the state graph search is 7." in text


def test_an_unexpected_success_is_explained() -> None:
    shown = report()
    prop = next(p for p in shown.properties if p.is_expected and p.trace)
    holds = replace(prop, verdict=Verdict.HOLDS, is_expected=False, trace=None)
    text = render_console(replace(shown, properties=(holds,)))
    assert "UNEXPECTED" in text
    assert "expects it to be violated: set_dma_owner does not look" in text


def test_mail_of_a_healthy_design_is_two_lines() -> None:
    lines = render_mail_report(healthy()).splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("specs/set_dma_owner.py: 3 HOLDS")
    assert lines[1] == "21 distinct states, depth 7, search complete"


def test_artifacts(tmp_path: Path) -> None:
    written = write_artifacts(report(), tmp_path)
    assert written.folder == tmp_path / "set_dma_owner"
    names = {path.name for path in written.folder.iterdir()}
    prop = "no_kernel_driver_beside_a_user"
    assert {f"{prop}.dot", f"{prop}.txt", f"{prop}.itf.json"} <= names
    assert len(names) == 6
    assert not written.removed
    text = (written.folder / f"{prop}.txt").read_text()
    assert text.startswith(f"modelcheck: specs/set_dma_owner.py: {prop}\n")


def test_artifacts_depend_on_the_trace_alone(tmp_path: Path) -> None:
    one = write_artifacts(report(), tmp_path / "one")
    slower = replace(report(), seconds=99.0, versions={"modelcheck": "9"})
    two = write_artifacts(slower, tmp_path / "two")
    for first, second in zip(one.files, two.files, strict=True):
        assert first.name == second.name
        assert first.read_bytes() == second.read_bytes()
        assert str(tmp_path).encode() not in first.read_bytes()


def test_stale_artifacts_are_removed(tmp_path: Path) -> None:
    folder = write_artifacts(report(), tmp_path).folder
    (folder / "README").write_text("mine")
    (folder / "renamed.dot").write_text("old")
    written = write_artifacts(healthy(), tmp_path)
    left = {path.name for path in folder.iterdir()}
    # What was not asked for stays, what no longer exists goes, and so do other files.
    assert "renamed.dot" not in left
    assert "README" in left
    assert [path.name for path in written.removed] == ["renamed.dot"]
    solved = tuple(
        replace(p, verdict=Verdict.HOLDS, trace=None) for p in report().properties
    )
    write_artifacts(replace(report(), properties=solved), tmp_path)
    assert {path.name for path in folder.iterdir()} == {"README"}


def test_an_empty_folder_goes_too(tmp_path: Path) -> None:
    folder = write_artifacts(report("crossed"), tmp_path).folder
    gone = tuple(replace(p, trace=None) for p in report("crossed").properties)
    write_artifacts(replace(report("crossed"), properties=gone), tmp_path)
    assert not folder.exists()


def test_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    written = write_artifacts(report("crossed"), tmp_path, svg=True)
    assert "install graphviz" in written.problem
    assert [path.name for path in written.files] == [
        "deadlock.dot",
        "deadlock.itf.json",
        "deadlock.txt",
    ]


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("specs/replace_domain.py", "replace_domain"),
        ("specs/x.py::Name", "x-Name"),
        ("/abs/x.py", "x"),
    ],
)
def test_folder_name(spec: str, name: str) -> None:
    assert folder_name(spec) == name


def test_a_note_that_does_not_fit_stands_below_its_verdict() -> None:
    shown = report()
    open_ = tuple(
        replace(p, verdict=Verdict.BOUNDED, trace=None) for p in shown.properties
    )
    undecided = replace(shown, properties=open_)
    wide = render_console(undecided, width=200).splitlines()
    narrow = render_console(undecided, width=44, colour=True).splitlines()
    whole = [line for line in wide if line.endswith("not conclusive")]
    notes = [line for line in narrow if line.endswith("not conclusive\x1b[0m")]
    assert len(whole) == len(notes) == len(open_)
    assert all(line.startswith("BOUNDED   ") for line in whole)
    assert {line.index("\x1b[33mnot") for line in notes} == {10}
    rows = [line for line in narrow if "BOUNDED" in line and "not" not in line]
    assert len(rows) == len(open_)
    longest = max(len(line) for line in whole)
    close = render_console(undecided, width=longest - 11).splitlines()
    assert sum(line.endswith("  not conclusive") for line in close) == len(open_)
    assert max(len(line) for line in close if "BOUNDED" in line) <= longest - 11
