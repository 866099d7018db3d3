"""Files that a command writes: where they cannot be written, nothing else is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from modelcheck.cli.dumping import check_graph_file
from modelcheck.cli.options import Format, check_trace_files
from modelcheck.cli.verification import verify
from modelcheck.report.artifacts import replace_file
from tests.cli.markdown import environment
from tests.unit.report.test_github import parse as read_github
from tests.unit.report.test_junit import parse as read_junit
from tests.unit.report.test_junit import status
from tests.unit.report.test_ktap import parse, totals
from tests.unit.report.test_sarif import run_of

LOCK = str(Path(__file__).parents[1] / "corpus/specs/lock.py")
LOST = str(Path(__file__).parents[1] / "corpus/specs/lost_update.py") + "::LostUpdate"


def modelcheck(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelcheck", *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_report_outlives_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    done = modelcheck(tmp_path, "verify", LOST, "--quiet", "--out", "taken")
    assert done.returncode == 2
    assert "VIOLATED" in done.stdout
    assert "Repeat with: modelcheck verify" in done.stdout
    assert done.stderr == "modelcheck: taken/lost_update-LostUpdate: Not a directory\n"


def test_an_error_names_what_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        replace_file(tmp_path / "missing" / "states.dot", "text")
    assert caught.value.filename == str(tmp_path / "missing" / "states.dot")


def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, "text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    replace_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


@pytest.mark.parametrize("suffix", [".txt", ".dot", ".json", ".itf.json"])
def test_a_trace_is_written_as_its_suffix_says(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"trace{suffix}"
    assert verify([LOST], trace=[file], out=tmp_path / "out", quiet=True) == 0
    text = file.read_text(encoding="utf-8")
    (kept,) = (tmp_path / "out").iterdir()
    if suffix == ".json":
        assert json.loads(text)["address"] == "0/0/1/0/0"
    else:
        (same,) = (each for each in kept.iterdir() if each.name.endswith(suffix))
        assert text == same.read_text(encoding="utf-8")


def test_nothing_to_trace_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.txt"
    file.write_text("the user's", encoding="utf-8")
    assert verify([LOCK], trace=[file], out=tmp_path / "out", quiet=True) == 0
    assert "--trace: nothing is violated" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "the user's"


def test_traces_that_cannot_be_written() -> None:
    with pytest.raises(typer.BadParameter, match="ends in none of"):
        check_trace_files([Path("trace.pdf")])
    with pytest.raises(typer.BadParameter, match="there are several"):
        verify([LOCK, LOST], trace=[Path("trace.txt")])


def test_a_graph_beside_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "states.dot"
    assert verify([LOST], dump=file, out=tmp_path / "out", quiet=True) == 0
    assert file.read_text(encoding="utf-8").startswith("digraph states {")
    assert capsys.readouterr().err == ""
    file.unlink()
    file.mkdir()
    assert verify([LOST], dump=file, out=tmp_path / "out", quiet=True) == 2
    told = capsys.readouterr()
    assert "HOLDS" in told.out
    assert f"modelcheck: {file}: " in told.err
    with pytest.raises(typer.BadParameter, match="the graph of one SPEC"):
        verify([LOCK, LOST], dump=file)
    with pytest.raises(typer.BadParameter, match="ends in none of"):
        check_graph_file(Path("states.pdf"))


def is_ktap(text: str) -> None:
    tests, last = parse(text)
    assert [test.is_ok for test in tests] == [True, False, False, True]
    assert [test.directive for test in tests] == ["", "ERROR", "ERROR", ""]
    assert "XFAIL" in [part.directive for part in tests[0].parts]
    assert totals(last)["error"] == 2


def is_sarif(text: str) -> None:
    rules = [result["ruleId"] for result in run_of(text)["results"]]
    assert rules == ["MC_INVARIANT", "MC_SPEC", "MC_SPEC"]


def is_junit(text: str) -> None:
    told = [[status(case) for case in suite] for suite in read_junit(text)]
    assert told[1:3] == [["error"], ["error"]]
    assert told[0].count("skipped") == 1
    assert set(told[3]) == {"pass"}


def is_github(text: str) -> None:
    commands, last = read_github(text)
    assert [each.level for each in commands] == ["error", "error"]
    assert "violated as expected" in last


@pytest.mark.parametrize(
    ("written", "check"),
    [
        ("ktap", is_ktap),
        ("sarif", is_sarif),
        ("junit", is_junit),
        ("github", is_github),
    ],
)
def test_one_document_for_all_specs(
    written: Format,
    check: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("x = = 1", encoding="utf-8")
    specs = [LOST, str(bad), str(tmp_path / "missing.py"), LOCK]
    code = verify(specs, written=written, out=tmp_path / "out", quiet=True)
    assert code == 20
    check(capsys.readouterr().out)
