"""Files that a command writes: where they cannot be written, nothing else is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelcheck.report.artifacts import replace_file
from tests.cli.markdown import environment

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
