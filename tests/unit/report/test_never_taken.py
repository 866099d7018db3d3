"""A complete search warns of places that no run goes on from."""

from pathlib import Path

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.verdict.coverage import never_taken
from modelcheck.verdict.verdicts import Engine, Limits, Silence

SPEC = """
from modelcheck import Scalarset, Spec, action, preempt, process, require


class Cpu(Scalarset, size=2):
    pass


class Strict(Spec):
    flag: bool = False
    other: bool = False

    @action
    def never(self) -> None:
        require(self.flag and self.other)
        self.flag = False

    @process
    async def worker(self, cpu: Cpu) -> None:
        while True:
            self.flag = True
            await preempt()
            if self.other:
                self.other = False
                await preempt()
            self.flag = False
            await preempt()
"""


@pytest.mark.parametrize(
    "engine", [Explorer(), NativeExplorer()], ids=lambda each: each.name
)
def test_what_never_happens_is_told(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "strict.py"
    path.write_text(SPEC)
    model = read_spec(str(path))
    found = engine.run(model, Limits(), Silence())
    told = [text.removeprefix(f"{path}:") for text in never_taken(model, found)]
    assert told == [
        "25:23: no `worker` ever goes on from here",
        "14:9: the action `never` never happens",
    ]


def test_a_search_that_was_cut_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "strict.py"
    path.write_text(SPEC)
    model = read_spec(str(path))
    found = Explorer().run(model, Limits(depth=1), Silence())
    assert never_taken(model, found) == ()
