"""Two callers of one function keep their own way back in a trace."""

from pathlib import Path

from modelcheck.explore.interpreter import Interpreter, Outcome
from modelcheck.model.statements import MarkKind
from modelcheck.reader import read_spec

SPEC = """
from modelcheck import Mutex, Spec, choose, process, until


class Callers(Spec):
    mutex: Mutex
    flag: bool = False

    async def shared(self) -> None:
        async with self.mutex:
            self.flag = not self.flag

    async def first(self) -> None:
        await self.shared()

    async def second(self) -> None:
        await self.shared()

    @process
    async def caller(self) -> None:
        while True:
            await until(lambda: not self.flag)
            if choose(bool):
                await self.first()
            else:
                await self.second()
"""


def names(outcome: Outcome, kind: MarkKind) -> list[str]:
    return [event.mark.name for event in outcome.events if event.mark.kind is kind]


def test_a_call_returns_to_its_caller(tmp_path: Path) -> None:
    path = tmp_path / "callers.py"
    path.write_text(SPEC)
    interpreter = Interpreter(read_spec(str(path)))
    (initial,) = interpreter.initial()
    calls = []
    for entered in interpreter.successors(initial):
        calls.append(names(entered, MarkKind.CALL))
        assert entered.state is not None
        (left,) = interpreter.successors(entered.state)
        assert names(left, MarkKind.RETURN) == calls[-1][::-1]
    assert sorted(calls) == [["first", "shared"], ["second", "shared"]]
