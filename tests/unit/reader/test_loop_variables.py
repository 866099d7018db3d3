"""A loop's variable is a local like any other: it outlives the loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.reader.snippets import conform, spec_with

ACTIONS = {
    "after a break": """
for x in range(3):
    if x == self.n:
        break
self.a = x
""",
    "of a loop without rounds": """
x = 7
for x in range(self.n):
    self.b = x
self.a = x
""",
    "assigned in the body": """
for x in range(3):
    if x == 1:
        x = 5
    self.a = x
self.b = x
""",
    "of a loop inside a loop": """
for x in range(2):
    for x in range(3):
        if x == self.n:
            break
    self.a += x
self.b = x
self.a = 0
""",
    "of two types, one after the other": """
for x in Dev:
    if x is self.who:
        break
for x in Color:
    if x is Color.BLUE:
        break
self.a = int(x is Color.BLUE)
""",
    "one of two": """
for i, dev in enumerate(Dev):
    if dev is self.who:
        break
self.a = i
""",
    "elements of a list that shrinks meanwhile": """
x = 0
v: Numbers = [0, 1, 2]
for x in v:
    v.pop()
    self.a = x
self.b = x
""",
}


@pytest.mark.parametrize("body", ACTIONS.values(), ids=ACTIONS)
def test_in_an_action(body: str, tmp_path: Path) -> None:
    conform(spec_with(body), tmp_path)


def test_across_rounds_of_a_process(tmp_path: Path) -> None:
    body = """
x = 0
while True:
    self.a = x
    for x in range(3):
        if x == self.n:
            break
    await preempt()
"""
    conform(spec_with(body, is_process=True), tmp_path)
