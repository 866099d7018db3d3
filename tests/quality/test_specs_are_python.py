"""`mypy --strict` and pyright accept every spec: it is ordinary typed Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ["specs", "tests/corpus/specs"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_mypy_accepts(folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", folder],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": folder},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_pyright_accepts() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    specs = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert found["summary"]["filesAnalyzed"] == len(specs)
    assert [
        f"{error['file']}:{error['range']['start']['line'] + 1}: {error['message']}"
        for error in found["generalDiagnostics"]
    ] == []
