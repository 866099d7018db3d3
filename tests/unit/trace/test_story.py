"""A call is told once, however many classes have a part in it."""

from __future__ import annotations

import pytest

from modelcheck.explore.interpreter import Interpreter
from modelcheck.reader import read_spec
from modelcheck.trace.replay import replay_address
from modelcheck.trace.story import Line, Told, tell

SPEC = '''
"""A driver and two layers below it."""

from typing import Annotated

from modelcheck import Mutex, Spec, action, preempt, process

Count = Annotated[int, range(0, 3)]


class Core(Spec):
    """The code at the bottom."""

    mutex: Mutex
    count: Count = 0
    taken: Count = 0

    async def get(self, number: Count) -> bool:
        """Take some."""
        async with self.mutex:
            if self.count + number > 2:
                return False
            self.count += number
        return True

    async def put(self, number: Count) -> None:
        """Give them back."""
        async with self.mutex:
            self.count -= number

    def note(self, number: Count) -> None:
        """Remember."""
        self.taken = number

    @action
    def forget(self) -> None:
        """Of the world outside."""
        self.taken = 0


class Middle(Core):
    """Calls what it overrides, once, and with something else."""

    async def get(self, number: Count) -> bool:
        """As before, and say so."""
        if not await super().get(number):
            return False
        self.note(number)
        return True

    def note(self, number: Count) -> None:
        """One less."""
        super().note(number - 1 if number > 0 else 0)

    @action
    def forget(self) -> None:
        """The same."""
        super().forget()


class Driver(Middle):
    """Calls what it overrides in a loop."""

    async def get(self, number: Count) -> bool:
        """As before."""
        return await super().get(number)

    async def put(self, number: Count) -> None:
        """One after the other."""
        for _ in range(number):
            await super().put(1)

    @process
    async def driver(self) -> None:
        """For ever."""
        while True:
            if await self.get(2):
                await preempt()
                await self.put(2)
'''


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Two rounds of the driver, and then an action."""
    file = tmp_path_factory.mktemp("spec") / "driver.py"
    file.write_text(SPEC, encoding="utf-8")
    model = read_spec(f"{file}::Driver")
    trace = replay_address(model, "/".join(["0"] * 14))
    assert {moment.actor for moment in tell(trace).moments} == {"driver"}
    last = len(list(Interpreter(model).successors(trace.states[-1]))) - 1
    trace = replay_address(model, f"{trace.address}/{last}")
    return [line for moment in tell(trace).moments for line in moment.lines]


def texts(lines: list[Told], kind: Line, word: str) -> list[str]:
    found = [x for x in lines if x.kind is kind and x.text.startswith(word)]
    return [f"{x.depth} {x.text}" for x in found]


def test_a_chain_of_classes_is_one_call(lines: list[Told]) -> None:
    gets = texts(lines, Line.CALL, "get(")
    assert len(gets) >= 2
    assert set(gets) == {"0 get(2)"}
    assert set(texts(lines, Line.RESULT, "get()")) == {"0 get() -> True"}


def test_other_arguments_are_another_call(lines: list[Told]) -> None:
    notes = texts(lines, Line.CALL, "note(")
    assert notes[:2] == ["1 note(2)", "2 note(1)"]
    puts = texts(lines, Line.CALL, "put(")
    assert puts[:3] == ["0 put(2)", "1 put(1)", "1 put(1)"]


def test_what_was_called_before_the_first_state_is_told(lines: list[Told]) -> None:
    assert (lines[0].text, lines[0].depth) == ("get(2)", 0)


def test_nesting_is_the_same_in_each_round(lines: list[Told]) -> None:
    locks = texts(lines, Line.LOCK, "mutex_lock(")
    once = ["1 mutex_lock(mutex)", "2 mutex_lock(mutex)", "2 mutex_lock(mutex)"]
    assert len(locks) > len(once)
    assert locks == (once * 5)[: len(locks)]
    unlocks = texts(lines, Line.LOCK, "mutex_unlock(")
    assert [text.replace("un", "") for text in unlocks] == locks[: len(unlocks)]


def test_an_action_is_told_once(lines: list[Told]) -> None:
    assert texts(lines, Line.CALL, "forget") == ["0 forget()"]
