"""Operands are evaluated as often as in Python, in its order, with what it saw then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.reader.snippets import conform, spec_with

ACTIONS = {
    "the middle of a comparison is evaluated once": """
if 0 < self.bump() < 3:
    self.b += 1
""",
    "what was compared before is not looked at again": """
if self.a < 2 != self.bump():
    self.b += 1
""",
    "a chain stops where it is false": """
if 3 < self.a <= self.bump() <= self.bump():
    self.b += 1
""",
    "an element is read before the tuple it is looked for in": """
if self.a in (self.bump(), 7):
    self.b += 1
""",
    "a variable is read before what is added to it": """
self.a += self.bump()
""",
    "an index is read before what is added": """
self.by_number[self.n] += self.turn()
""",
    "an index is evaluated once": """
self.by_number[self.turn()] += 1
""",
    "the value comes before the index": """
self.by_number[self.turn()] = self.turn()
""",
    "locals are swapped at once": """
x = self.a
y = self.b + 1
x, y = y, x
self.a, self.b = x, y
""",
    "a range is computed once": """
n = 2
for _ in range(n):
    n = 0
    self.a += 1
""",
    "an element taken from a local list stays what it was": """
v: Numbers = [0, 1, 2]
first = v.pop(0)
self.a = first + 10 * v.pop() + v[0]
""",
    "and stops": """
if self.a == 0 and self.bump() == 1 and self.a == 1:
    self.b += 1
""",
}
PROCESSES = {
    "an await between reading and writing": """
self.n = (self.n + await self.wait()) % 3
""",
    "an augmented assignment with an await loses updates": """
self.n *= await self.wait() // 2
""",
    "a lock of a map is chosen before waiting": """
async with self.by_dev[self.who]:
    self.a = 1
    await preempt()
self.b = 1
""",
    "the middle of a comparison is awaited once": """
if self.n <= await self.wait() <= self.n + 1:
    self.b = 1
""",
}


@pytest.mark.parametrize("body", ACTIONS.values(), ids=ACTIONS)
def test_in_an_action(body: str, tmp_path: Path) -> None:
    conform(spec_with(body), tmp_path)


@pytest.mark.parametrize("body", PROCESSES.values(), ids=PROCESSES)
def test_in_a_process(body: str, tmp_path: Path) -> None:
    conform(spec_with(body, is_process=True), tmp_path)
