"""`modelcheck --help` is quick and pays for no engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("z3", "networkx", "rich", "numpy", "llvmlite"),
    *("modelcheck.explore", "modelcheck.solve", "modelcheck.reader"),
    *("modelcheck.trace", "modelcheck.report", "modelcheck.verdict"),
)
NOT_FOR_SMALL = (
    *("llvmlite", "networkx"),
    *("modelcheck.explore.native", "modelcheck.liveness"),
)
HELP = """
import sys
sys.argv = ["modelcheck", *sys.argv[1:]]
from modelcheck.cli.main import main
try:
    main()
except SystemExit as stop:
    assert stop.code == 0, stop.code
print("\\0", *sys.modules, sep="\\n")
"""


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = done.stdout.partition("\0\n")[2].split()
    assert "modelcheck.cli.main" in modules
    assert [name for name in modules if name.startswith(HEAVY)] == []


def test_a_small_search_imports_no_compiler(tmp_path: Path) -> None:
    spec = ROOT / "tests" / "corpus" / "specs" / "two_phase.py"
    words = ("verify", str(spec), "--quiet", "--out", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", HELP, *words], capture_output=True, text=True, check=True
    )
    modules = done.stdout.partition("\0\n")[2].split()
    assert "modelcheck.explore.search" in modules
    assert [name for name in modules if name.startswith(NOT_FOR_SMALL)] == []


def test_help_is_quick() -> None:
    # Processor time, and the best of several: the promise is about the program, not
    # about what else the machine does.
    seconds = []
    for _ in range(7):
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "modelcheck", "--help"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = getrusage(RUSAGE_CHILDREN)
        used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        seconds.append(used)
    assert min(seconds) < 0.2
