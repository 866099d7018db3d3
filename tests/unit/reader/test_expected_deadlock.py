"""A design that is known to block stays in a suite."""

from pathlib import Path

import pytest

from modelcheck.reader import read_spec
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Limits, Silence

SPEC = """
from modelcheck import VIOLATED, Mutex, Spec, process


class Crossed(Spec, deadlock={expect}, because="two locks, two orders"):
    a: Mutex
    b: Mutex

    @process
    async def one(self) -> None:
        async with self.a:
            async with self.b:
                pass

    @process
    async def two(self) -> None:
        async with self.{first}:
            async with self.{second}:
                pass
"""


@pytest.mark.parametrize(("first", "second", "code"), [("b", "a", 0), ("a", "b", 12)])
def test_the_verdict_is_compared_with_the_header(
    tmp_path: Path, first: str, second: str, code: int
) -> None:
    path = tmp_path / "crossed.py"
    path.write_text(SPEC.format(expect="VIOLATED", first=first, second=second))
    report = verify_model(read_spec(str(path)), "explore", Limits(), Silence())
    deadlock = next(p for p in report.properties if p.prop.name == "deadlock")
    assert deadlock.prop.because == "two locks, two orders"
    assert report.exit_code == code
