"""Pipes that close, full disks, closed descriptors, crashes: no traceback of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.markdown import environment

# A command that prints more than a pipe holds, then ends with a code of its own.
LONG = """
import sys
from modelcheck.cli import main
main.app = lambda prog_name: (print("x" * 1_000_000), sys.exit(12))
main.main()
"""
CRASH = """
from modelcheck.cli import main
def app(prog_name):
    raise KeyError("who")
main.app = app
main.main()
"""


def shell(line: str, folder: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}", sys.executable, code],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pipe_that_closes_changes_nothing_else(tmp_path: Path) -> None:
    done = shell('"$0" -c "$1" | head -c 1', tmp_path, LONG)
    assert (done.returncode, done.stdout, done.stderr) == (12, "x", "")


def test_closed_output(tmp_path: Path) -> None:
    done = shell('"$0" -c "$1" >&-', tmp_path, LONG)
    assert (done.returncode, done.stderr) == (12, "")


def test_closed_streams(tmp_path: Path) -> None:
    assert shell('"$0" -c "$1" >&- 2>&-', tmp_path, LONG).returncode == 12


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    done = shell("modelcheck --version > /dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr == "modelcheck: standard output: No space left on device\n"


def test_unencodable_text_is_escaped(tmp_path: Path) -> None:
    line = "PYTHONIOENCODING=ascii modelcheck verify spéc.py"
    done = shell(line, tmp_path)
    assert "sp\\xe9c.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_our_own_crash_asks_for_a_report(tmp_path: Path) -> None:
    done = shell('"$0" -c "$1" verify "a b.py"', tmp_path, CRASH)
    assert (done.returncode, done.stdout) == (1, "")
    first, *rest = done.stderr.splitlines()
    assert first == "modelcheck: internal error: KeyError: 'who'"
    assert "Please report it" in rest[0]
    assert any(line.startswith("version: modelcheck 0.1.0, Python") for line in rest)
    assert "command: modelcheck verify 'a b.py'" in rest
    assert rest[-1] == "KeyError: 'who'"
