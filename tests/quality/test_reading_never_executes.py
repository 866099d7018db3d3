"""A gate reads specs of people it does not know: reading one executes nothing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelcheck.reader.read import read_spec

HEAD = '''"""A spec that does more than it says."""

{effect}

from typing import Annotated

from modelcheck import Spec, action, invariant


class Innocent(Spec):
    """It counts to two."""

    count: Annotated[int, range(0, 3)] = 0

    @action
    def step(self) -> None:
        """Count."""
        self.count = (self.count + 1) % 3

    @invariant
    def small(self) -> bool:
        """Two at most."""
        return self.count < 3
'''

WRITE = 'from pathlib import Path\n\nPath("{mark}").write_text("executed")'
EFFECTS = {
    "write": WRITE,
    "exit": "import sys\n\nsys.exit(3)",
    "raise": 'raise RuntimeError("executed")',
    "class body": 'class Trap:\n    """Writes."""\n\n    open("{mark}", "w").close()',
    "decorator": (
        "def trap(function: object) -> object:\n"
        '    """Write."""\n'
        '    open("{mark}", "w").close()\n'
        "    return function\n\n\n"
        '@trap\ndef unused() -> None:\n    """Nothing."""'
    ),
    "default": (
        'def unused(x: int = open("{mark}", "w").fileno()) -> None:\n    """Nothing."""'
    ),
    "loop": 'for _ in range(1):\n    open("{mark}", "w").close()',
}


@pytest.fixture(params=EFFECTS)
def trap(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A spec with an effect when it is imported, and the file that would appear."""
    mark = tmp_path / "mark"
    path = tmp_path / "innocent.py"
    effect = EFFECTS[request.param].replace("{mark}", str(mark))
    path.write_text(HEAD.replace("{effect}", effect), encoding="utf-8")
    return path, mark


def test_the_traps_work(trap: tuple[Path, Path]) -> None:
    path, mark = trap
    done = subprocess.run([sys.executable, path], capture_output=True, check=False)
    assert mark.exists() or done.returncode


def test_reading_executes_nothing(trap: tuple[Path, Path]) -> None:
    path, mark = trap
    model = read_spec(str(path))
    assert model.name == "Innocent"
    assert not mark.exists()


def test_an_imported_module_is_not_executed_either(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (tmp_path / "shared.py").write_text(
        f'open("{mark}", "w").close()\nLIMIT = 3\n', encoding="utf-8"
    )
    text = HEAD.replace("{effect}", "from shared import LIMIT")
    text = text.replace("range(0, 3)", "range(0, LIMIT)")
    (tmp_path / "innocent.py").write_text(text, encoding="utf-8")
    model = read_spec(str(tmp_path / "innocent.py"))
    assert model.cells[0].range.hi == 2
    assert not mark.exists()
