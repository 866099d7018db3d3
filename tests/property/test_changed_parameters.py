"""Helpers that change a parameter without a declared range do so as in CPython."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.language.loading import load_spec
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.read import read_spec
from tests.property.conformance import check_initial_states, walk

SPEC = '''"""Parameters that are assigned."""

from typing import Annotated

from modelcheck import Spec, action, preempt, process


class S(Spec):
    x: Annotated[int, range(0, 10)] = 0
    y: Annotated[int, range(-40, 200)] = 0

    def bumped(self, n: int) -> int:
        n = n + 1
        return n * 2

    def twice(self, n: int) -> int:
        n += 1
        n = self.bumped(n) + n
        return n

    def bent(self, n: int, m: int) -> int:
        if n > m:
            n = n - m
            m = n + 3
        elif n == m:
            return m
        n = n + m
        return n

    def summed(self, n: int) -> int:
        for k in range(3):
            n = n + k
        n = n - 1
        return n

    @action
    def go(self) -> None:
        self.x = (self.x + 1) % 10

    @action
    def straight(self) -> None:
        self.y = self.bumped(self.x) - self.bumped(3)

    @action
    def nested(self) -> None:
        self.y = self.twice(self.bumped(self.x)) + self.twice(2)

    @action
    def branches(self) -> None:
        self.y = self.bent(self.x, 4) + self.bent(4, self.x)

    @action
    def rounds(self) -> None:
        for n in range(2):
            self.y = self.summed(self.x + n)

    async def slow(self, n: int) -> None:
        n = n + 1
        await preempt()
        n = n + 2
        self.y = n

    @process
    async def worker(self) -> None:
        while True:
            await preempt()
            await self.slow(self.x)
'''


def test_changed_parameters(tmp_path: Path) -> None:
    path = tmp_path / "changed.py"
    path.write_text(SPEC, encoding="utf-8")
    model, spec = read_spec(str(path)), load_spec(path)
    check_initial_states(model, spec)
    assert sum(walk(model, spec, seed, 40).steps for seed in range(6)) >= 120


@pytest.mark.parametrize("wait", ["await preempt()", "await until(lambda: self.x > 2)"])
def test_one_that_grows_for_ever_is_refused(tmp_path: Path, wait: str) -> None:
    path = tmp_path / "growing.py"
    text = SPEC.replace("        n = n + 1\n        await preempt()", "{}")
    text = text.format(
        f"        while True:\n            {wait}\n            n = n + 1"
    )
    text = text.replace("        n = n + 2\n        self.y = n\n", "")
    path.write_text(text.replace("preempt, ", "preempt, until, "), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_spec(str(path))
    assert error.value.code is Code.UNBOUNDED_INT
