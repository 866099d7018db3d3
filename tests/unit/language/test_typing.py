import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SAMPLE = Path(__file__).with_name("typed_spec.py")
ROOT = Path(__file__).parents[3]

WRONG = """
from modelcheck import Scalarset, Spec, action, choose, invariant, process, until
from modelcheck import always, fairness, temporal


class Device(Scalarset, size=2):
    pass


class Wrong(Spec):
    dev: Device = choose(bool)

    @process
    def no_coroutine(self) -> None:
        pass

    @invariant
    def no_verdict(self) -> int:
        return 2

    @action
    def result(self) -> int:
        return 1

    @process
    async def forgets(self) -> None:
        until(lambda: True)

    @temporal
    def no_formula(self) -> bool:
        return True

    @fairness("mild")
    def no_strength(self, after: "Wrong") -> bool:
        return always(2)


def misspells(wrong: Wrong) -> None:
    wrong.dve = wrong.dev
"""


def check(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def mypy(*files: Path) -> subprocess.CompletedProcess[str]:
    # Without our configuration: a user's project has none of it.
    options = ["--strict", "--config-file=", "--no-incremental"]
    return check("mypy", *options, *map(str, files))


def test_mypy_strict_accepts_the_sample() -> None:
    result = mypy(SAMPLE)
    assert result.returncode == 0, result.stdout
    assert "Success: no issues found" in result.stdout


def test_mypy_strict_finds_misuse(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(WRONG)
    result = mypy(file)
    lines = {
        line.split(":")[1] for line in result.stdout.splitlines() if ": error" in line
    }
    expected = {"11", "13", "17", "21", "27", "29", "33", "35", "39"}
    assert lines == expected, result.stdout


@pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed")
def test_pyright_strict_accepts_the_sample(tmp_path: Path) -> None:
    configuration = tmp_path / "pyrightconfig.json"
    configuration.write_text(
        f'{{"include": ["{SAMPLE}"], "extraPaths": ["{ROOT}"], '
        '"typeCheckingMode": "strict"}'
    )
    result = check("pyright", "--project", str(configuration))
    assert result.returncode == 0, result.stdout
    assert "0 errors" in result.stdout
