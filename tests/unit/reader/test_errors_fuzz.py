"""Whatever a file says, reading it gives a model or a `SpecError`, and soon.

A failure names the seed; `FUZZ_ROUNDS` and `FUZZ_SEED` in the environment make longer
and other runs.
"""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from modelcheck.reader import SpecError, read_spec
from tests.unit.reader.mutations import mutants
from tests.unit.reader.test_accepted import TEXTS
from tests.unit.reader.test_temporal import EVERYTHING as TEMPORAL

CORPUS = Path(__file__).parents[2] / "corpus" / "specs"
SEEDS = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.py"))]
SEEDS += [text for _, text in TEXTS.values()]
SEEDS += [TEMPORAL] * 4
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "250"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
PATIENCE = 20
"""Seconds that reading one small file may take at most, on a busy machine too."""


@pytest.mark.parametrize("seed", range(SEED, SEED + 8))
def test_reading_a_mutant_never_crashes(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, text in enumerate(islice(mutants(SEEDS, Random(seed)), ROUNDS)):
        path = Path(f"mutant_{seed}_{number}.py")
        path.write_text(text, encoding="utf-8")
        start = time.monotonic()
        check_reading(path)
        assert time.monotonic() - start < PATIENCE, f"{path} takes too long"
        path.unlink()


def check_reading(path: Path) -> None:
    """Read `path`; a refusal has a place, a line with carets and a way out."""
    error = refusal(path)
    if error is None:
        return
    lines = str(error).splitlines()
    assert 2 <= len(lines) <= 12, error
    assert lines[-1].startswith("   help: "), error
    if error.span.line:
        assert "^" in lines[2], error


def refusal(path: Path) -> SpecError | None:
    """Why `path` is refused, if it is."""
    try:
        read_spec(str(path))
    except SpecError as error:
        return error
    return None


# Every crash that mutants or people found.

HEADER = """\
from dataclasses import dataclass, replace
from typing import Annotated

from modelcheck import Length, Mutex, Scalarset, Spec, action, choose, init, invariant
from modelcheck import preempt, process, require, until


class Device(Scalarset, size=2):
    pass


class S(Spec):
    flag: bool = False
    refs: Annotated[int, range(0, 5)] = 0
    users: set[Device] = set()
    one: dict[Annotated[int, range(0, 1)], bool] = {0: False}
    none: Annotated[list[bool], Length(0)] = []

"""


def spec(*lines: str) -> str:
    """A spec with the variables of `HEADER` and these lines in its class."""
    return HEADER + "".join(f"    {line}\n" for line in lines)


def action(*lines: str) -> str:
    """A spec with one action of these lines."""
    return spec("@action", "def act(self) -> None:", *(f"    {line}" for line in lines))


CRASHES = {
    "min of nothing": action("self.refs = min()"),
    "max of an empty display": action("self.refs = max([])"),
    "import from the folder itself": "from . import y\n" + action("pass"),
    "import from far above": "from ....... import y\n" + action("pass"),
    "return of a value by an action": action("if self.flag:", "    return 1"),
    "continue outside a loop": spec(
        "@invariant", "def holds(self) -> bool:", "    continue"
    ),
    "break outside a loop": action("break"),
    "bare return of a property": spec(
        "@invariant", "def holds(self) -> bool:", "    return"
    ),
    "key that is never there": action("self.one[1] = True"),
    "element of a list without room": action("self.none[0] = True"),
    "append to a list without room": action("self.none.append(True)"),
    "two fields with one name": "@dataclass(frozen=True)\nclass R:\n"
    "    x: bool\n    x: bool\n\n\n" + action("r = R(True)", "r = replace(r, x=False)"),
    "endless growth in a range": action("for i in range(2**70):", "    pass"),
    "range downwards for ever": action("for i in range(10**9, 0, -1):", "    pass"),
    "enormous number": action(f"self.refs = {'9' * 5000}"),
    "enormous element": action("s = {10**9}"),
    "enormous set": action("s = {1_000_000_000}", "self.flag = 3 in s"),
    "enormous list": spec("q: Annotated[list[bool], Length(10_000_000)] = []"),
    "enormous size": "class Page(Scalarset, size=100_000_000):\n    pass\n\n\n"
    + action("pass"),
    "lone surrogate": action(r"self.flag = '\ud800'"),
    "augmented map": action("self.one |= {0: True}"),
    "unpacking a number": action("a, b = self.refs"),
    "set as an element": action("s = {self.users}", "self.flag = self.users in s"),
    "until without anything": spec(
        "@process", "async def run(self) -> None:", "    await until()"
    ),
    "lambda with parameters": spec(
        "@process", "async def run(self) -> None:", "    await until(lambda x: x)"
    ),
    "init with a parameter": spec(
        "@init", "def start(self, flag: bool) -> None:", "    self.flag = flag"
    ),
    "instances from the state": spec(
        "@process(instances=refs)", "async def run(self) -> None:", "    pass"
    ),
    "argument by position only": spec(
        "@action", "def act(self, x: bool, /) -> None:", "    self.flag = x"
    ),
    "self by position only": spec("@action", "def act(self, /) -> None:", "    pass"),
    "self by keyword only": spec("@action", "def act(*, self) -> None:", "    pass"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_crash_is_a_message_now(name: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.py"
    text = CRASHES[name]
    path.write_text(text, encoding="utf-8")
    check_reading(path)
