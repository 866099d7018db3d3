"""Operands are evaluated as often as in Python, in its order, with what it saw then."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.explore.search import Explorer
from modelcheck.model.program import EVALUATION
from modelcheck.reader.read import read_spec
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
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


FINE = '''"""One process uses lists that another one makes shorter."""

from typing import Annotated

from modelcheck import Length, Spec, process

Small = Annotated[int, range(0, 9)]


class Fine(Spec):
    n: Small = 2
    l: Annotated[list[Small], Length(2)] = [1]
    s: Annotated[list[set[Small]], Length(2)] = [{1}]

    @process
    async def user(self) -> None:
        if len(self.l) > 0 and len(self.s) > 0:
            BODY

    @process
    async def other(self) -> None:
        if len(self.l) > 0:
            self.l.pop()
            self.s.pop()
'''

FAILS = {
    # Two reads of lengths; a read and a change by the other; the access that fails.
    "self.l[0] = 5": 5,
    "self.l[-1] = 5": 5,
    "self.l[0] += 1": 5,
    # The two changes by the other; `n` is read after the list, which still is there.
    "self.l[0] += self.n": 5,
    "self.l[0] = self.n": 6,
    "self.s[0].add(2)": 6,
    "self.s[0] |= {2}": 6,
}


@pytest.mark.parametrize(("body", "steps"), FAILS.items(), ids=FAILS)
def test_an_element_is_looked_for_when_it_is_accessed(
    body: str, steps: int, tmp_path: Path
) -> None:
    """It was there when its process was preempted, and is there no more."""
    path = tmp_path / "fine.py"
    path.write_text(FINE.replace("BODY", body), encoding="utf-8")
    model = read_spec(str(path), preempt="statement")
    found = Explorer().run(model, Limits(), Silence())
    [finding] = [f for f in found.findings if f.prop.name == EVALUATION]
    assert finding.verdict is Verdict.VIOLATED
    assert finding.evidence is not None
    assert finding.evidence.length == steps


ROUNDS = '''"""A loop over a container that another process changes."""

from typing import Annotated, Self

from modelcheck import Length, Spec, invariant, process, transition

Small = Annotated[int, range(0, 9)]


class Fine(Spec):
    l: Annotated[list[Small], Length(2)] = [1]
    m: dict[bool, Small] = {False: 1, True: 1}
    n: Small = 0

    @process
    async def user(self) -> None:
        for LOOP:
            self.n = x

    @process
    async def other(self) -> None:
        if self.n == 1:
            CHANGE

    @invariant
    def never_two(self) -> bool:
        return self.n != 2

    @transition
    def one_by_one(self, after: Self) -> bool:
        return self.n + 1 >= after.n
'''


@pytest.mark.parametrize(
    ("loop", "change"),
    [
        ("x in self.l", "self.l.append(2)"),
        ("_, x in enumerate(self.l)", "self.l.append(2)"),
        ("x in self.m.values()", "self.m[True] = 2"),
        ("_, x in self.m.items()", "self.m[True] = 2"),
    ],
)
def test_each_round_looks_anew(loop: str, change: str, tmp_path: Path) -> None:
    """Between the change of `n` and the next round the other process has its turn."""
    path = tmp_path / "rounds.py"
    text = ROUNDS.replace("LOOP", loop).replace("CHANGE", change)
    path.write_text(text, encoding="utf-8")
    verdicts = {}
    for preempt in ("await", "statement"):
        model = read_spec(str(path), preempt=preempt)
        found = Explorer().run(model, Limits(), Silence())
        [finding] = [f for f in found.findings if f.prop.name == "never_two"]
        verdicts[preempt] = finding.verdict
    assert verdicts == {"await": Verdict.HOLDS, "statement": Verdict.VIOLATED}


def test_a_loop_that_has_found_nothing_is_over(tmp_path: Path) -> None:
    """Its process is preempted once more before it goes on; the list grows then."""
    path = tmp_path / "rounds.py"
    text = ROUNDS.replace("LOOP", "x in self.l").replace("= [1]", "= []")
    text = text.replace("if self.n == 1", "if True")
    text = text.replace("CHANGE", "self.l.append(1)\n            self.l.append(2)")
    path.write_text(text, encoding="utf-8")
    model = read_spec(str(path), preempt="statement")
    found = Explorer().run(model, Limits(), Silence())
    verdicts = {f.prop.name: f.verdict for f in found.findings}
    assert verdicts["never_two"] is Verdict.VIOLATED
    assert verdicts["one_by_one"] is Verdict.HOLDS


ACCESSES = '''"""One process looks where another one acts meanwhile."""

from typing import Annotated, Self

from modelcheck import Length, Mutex, Spec, preempt, process, transition

Small = Annotated[int, range(0, 4)]


class Fine(Spec):
    lock: Mutex
    l: Annotated[list[Small], Length(3)] = [0]
    s: set[Small] = set()
    m: dict[bool, Small] = {False: 0, True: 0}
    n: Small = 0
    seen: bool = False

    @process
    async def user(self) -> None:
        self.n = 1
        BODY

    @process
    async def other(self) -> None:
        if self.n == 1:
            async with self.lock:
                self.l.append(2)
                self.s.add(2)
                self.m[True] = 2
                self.n = 2
                await preempt()

    @transition
    def nothing_between(self, after: Self) -> bool:
        return not after.seen and (after.l == self.l or after.l[-1] == after.n)
'''


@pytest.mark.parametrize(
    "body",
    [
        "self.seen = self.l.count(2) == 1",
        "self.seen = self.l.copy() == [0, 2]",
        "self.seen = self.s.issuperset({2})",
        "self.seen = 2 in self.s.copy()",
        "self.seen = self.m.get(True) == 2",
        "self.seen = self.lock.locked()",
        "self.l.append(self.n)",
    ],
)
def test_every_access_is_a_place_of_preemption(body: str, tmp_path: Path) -> None:
    """Between two of them the other process has its turn."""
    path = tmp_path / "accesses.py"
    path.write_text(ACCESSES.replace("BODY", body), encoding="utf-8")
    verdicts = {}
    for preempt in ("await", "statement"):
        model = read_spec(str(path), preempt=preempt)
        found = Explorer().run(model, Limits(), Silence())
        [finding] = [f for f in found.findings if f.prop.name == "nothing_between"]
        verdicts[preempt] = finding.verdict
    assert verdicts == {"await": Verdict.HOLDS, "statement": Verdict.VIOLATED}
