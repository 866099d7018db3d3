"""What is computed when: every statement here does in the model what CPython does.

Helpers that change the state stand everywhere in expressions, so that a value which is
read too early or too late, or an effect that takes place twice, is seen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.language.loading import load_spec
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.read import read_spec
from tests.property.conformance import check_initial_states, walk

SPEC = '''"""Statements with effects in their parts."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated

from modelcheck import Length, Mutex, Spec, action, preempt, process


class E(Enum):
    X = 0
    Y = 1
    Z = 2


Int = Annotated[int, range(-3, 9)]
L = Annotated[list[Int], Length(3)]


@dataclass(frozen=True)
class P:
    n: Int
    b: bool = True
    c: Int = 0


class S(Spec):
    e: E = E.X
    i: Int = 1
    r: Int = 0
    b: bool = False
    l: L = [1, 2]
    p: P = P(1)
    m: dict[E, Int] = {k: 0 for k in E}
    mm: dict[E, dict[E, bool]] = {k: {x: False for x in E} for k in E}
    ml: dict[E, L] = {k: [1, 2] for k in E}
    mt: dict[E, tuple[Int, bool]] = {k: (1, True) for k in E}
    ms: dict[E, set[E]] = {k: {E.X} for k in E}
    ls: Annotated[list[set[E]], Length(3)] = [{E.X}, {E.Y}]
    ll: Annotated[list[L], Length(3)] = [[1], [2, 3]]
    ts: tuple[set[E], Int] = ({E.X}, 1)
    os: set[E] | None = None
    locks: dict[E, Mutex]

    def step(self) -> int:
        self.i = (self.i + 1) % 4
        return self.i

    def key(self) -> E:
        self.e = E.Y if self.e is E.X else E.Z if self.e is E.Y else E.X
        return self.e

    def put_p(self) -> int:
        self.p = P(3, False, 3)
        return 2

    def grow(self) -> int:
        self.l.append(4)
        return 2

    def put_l(self) -> int:
        self.l = [5, 6, 7]
        return 1

    def put_m(self) -> E:
        self.m = {k: 5 for k in E}
        return E.Y

    def put_s(self) -> E:
        self.ls[0].add(E.Z)
        return E.X

    def shift(self) -> int:
        self.l.pop(0)
        self.ls.pop(0)
        self.ll.pop(0)
        return 1

    def mine(self, first: bool) -> set[E]:
        if first:
            return self.ls[0]
        return {E.X}

    def chosen(self) -> set[E]:
        for s in self.ls:
            if E.X in s:
                return s
        return {E.Y}

    def pair(self) -> tuple[set[E], Int]:
        return self.ts

    def looks(self, s: set[E]) -> bool:
        return E.X in s

    def changes(self, s: set[E]) -> bool:
        s.add(E.Z)
        return E.X in s

    def flip(self) -> bool:
        self.b = not self.b
        return self.b

    def add(self, x: int, y: int) -> int:
        self.i = 0
        return x * 3 - y if x < 3 else x + y

    def early(self, x: int) -> int:
        if x > 1:
            if self.flip():
                return x
            x = 0
        for y in (1, 2, 3):
            if y > x:
                return y
        return -1

    @action
    def use(self) -> None:
        self.r = self.put_p() + self.put_l() + self.grow() + self.add(1, 2)
        self.r = self.early(1) + self.step()
        self.put_m()
        self.b = self.put_s() in self.mine(self.shift() == 1)
        self.key()
        self.b = self.changes({E.X}) and self.looks(self.chosen() | self.pair()[0])
        self.flip()
'''
STATEMENTS = """
self.r = sum(range(self.i, self.step()))
for k in range(self.i, self.step()): self.r += k
self.b = self.i in range(self.step())
self.b = self.i in range(self.i, self.step())
self.p = replace(self.p, n=self.i, c=self.step())
self.p = replace(self.p, n=self.put_p())
self.p = replace(self.p, c=self.p.n, n=self.put_p())
self.p = P(self.i, c=self.step(), b=self.i == 2)
self.r = len(set([self.key()]))
self.r = len({self.key(), self.key()})
self.r = sum([self.step(), self.i, self.step()])
self.r = max((self.i, self.step()))
self.l = [self.i, self.step(), self.i]
self.r = self.l[self.grow()]
self.l[self.grow()] = 8
self.l[0] += self.step()
self.l[self.step() - 2] = self.i
self.l[self.step() - 2] += self.step()
self.m[E.X] += self.step()
self.m[self.key()], self.m[self.key()] = self.step(), self.step()
self.b = 2 in (self.i, self.step(), self.i)
self.b = self.i in (self.i, self.step())
self.r = self.ml[self.key()][0]
self.r = self.ml[self.e][self.step() - 2]
self.r = self.ml[self.e][0 if self.key() is E.X else 1]
self.r = self.ml[self.key()].pop()
self.r = self.ml[self.key()].count(self.step())
self.r = self.ml[self.e].index(1 if self.key() is E.Y else 2)
self.r = [self.i, self.step()][self.step() % 2]
self.ml[self.key()].append(self.step())
self.ml[self.key()][self.step() - 2] = 3
self.ml[self.e][0 if self.key() is E.Y else 1] = 5
self.mm[self.e][self.key()] = self.flip()
self.b = self.mm[self.key()][self.key()] or self.mm[self.e][self.key()]
self.r = self.mt[self.key()][0]
self.b = E.Y in self.ms[self.key()]
self.ms[self.key()].add(self.key())
self.ms[self.e] |= {self.key()}
self.ms[self.e] = {self.key()}
for k in self.ml[self.key()]: self.r += k
for k in self.ml[self.e]: self.r += k; self.e = E.Y; self.ml[E.X][1] = 0
for k in self.mm[self.key()]: self.r += 1
for k, v in self.m.items(): self.m[k] = v + self.step()
for k, v in self.m.items(): self.m[E.Z] = self.m[E.Z] + v + 1
for v in self.m.values(): self.m[E.Z] = v + 1
for n, v in enumerate(self.m.values()): self.m[E.Y] = v + n
for n, v in enumerate(self.l): self.l[(n + 1) % 2] = v
for n, v in enumerate(self.l): self.r += self.l.pop()
for n, v in enumerate(enumerate(self.l)): self.l[1] = n + v[1] + 1
for v in reversed(self.l): self.r += v
for v in list(self.l): self.l.append(v)
for v in self.l: self.l[1] = 5; self.r += v
for v in [self.i, self.step(), self.i]: self.r += v
for k, s in self.ms.items(): self.ms[k] = s | {self.e}
for k, s in self.ms.items(): self.r += len(s); self.m[k] = len(s)
self.ms = dict(self.ms); self.ms[E.X].add(E.Y)
self.ms = {k: self.ms[E.X] for k in E}; self.ms[E.Y].add(E.Z)
x = {k: set(v) for k, v in self.ms.items()}; x[E.X].add(E.Y); self.ms[E.Y].add(E.Z)
self.r = self.i + self.step() * self.i
self.b = self.i < self.step() < self.i + self.step()
self.r, self.i = self.i, self.step()
self.i, self.l[self.i] = 0, 5
x = self.mt[self.e]; self.mt[self.e] = (5, False); self.r = x[0]
self.r = self.add(y=self.i, x=self.step())
self.r = self.add(self.m[self.key()], self.step())
self.r = self.add(self.ml[self.key()][0], self.i)
self.r = self.early(self.i)
self.r = self.early(x=self.l[-1]) + self.early(self.step())
self.r = sum(x for x in range(self.step()))
self.r = sum(n for k in E if self.i > 0 for n in range(6 // self.i))
self.m = {E.X: self.step(), E.Y: self.i, E.Z: self.step()}
self.l[-1] = self.shift()
self.l[1] = self.l.pop()
self.ll[1][-1] = self.shift()
self.ll[-1] = [self.shift()]
self.ls[-1].add(self.key())
self.ll.append(self.ll[0]); self.ll[0].append(5)
self.r = self.ll[0][0] + self.shift() * self.ll[0][-1]
self.b = self.ls[1] == {self.put_s()}
self.b = set(self.ls[0]) == {self.put_s()}
self.b = self.ls[0] | {E.Y} == {self.put_s()}
self.b = self.put_s() in self.ls[0]
for s in self.ls: x = set(s); x.add(E.Z); self.ms[E.X] = set(x)
for s in self.ls: self.b = self.looks(s)
self.ls = [s for s in self.ls]; self.ls[0].add(E.Z)
self.ms = {k: s for k, s in self.ms.items()}; self.ms[E.X].add(E.Z)
x = [set(s) for s in self.ls]; x[0].add(E.Z); self.b = E.Z in self.ls[0]
x = set(self.ts[0]); x.add(E.Z); self.b = x == self.ts[0]
self.os = set(self.ls[0]); self.os.add(E.Z); self.b = self.os == self.ls[0]
""".strip().splitlines()

REFUSED = {
    "self.r = self.l[self.put_l()]": Code.ALIAS,
    "self.l[self.put_l()] = 8": Code.ALIAS,
    "self.r = self.m[self.put_m()]": Code.ALIAS,
    "self.m[self.put_m()] += 1": Code.ALIAS,
    "self.r = self.l.count(self.put_l())": Code.ALIAS,
    "self.l[0] += self.shift()": Code.ALIAS,
    "self.l[1] += self.l.pop()": Code.ALIAS,
    "self.l[-1] += self.grow()": Code.ALIAS,
    "self.ls[0].add(E.X if self.shift() == 1 else E.Y)": Code.ALIAS,
    "self.ls[0] |= {E.X if self.shift() == 1 else E.Y}": Code.ALIAS,
    "self.ll[1].append(self.shift())": Code.ALIAS,
    "self.ll[1][0] += self.shift()": Code.ALIAS,
    "self.ll[0][self.shift()] = 7": Code.ALIAS,
    "self.r = self.ll[0][self.shift()]": Code.ALIAS,
    "for v in self.ll[0]: self.r += self.shift()": Code.ALIAS,
    "self.b = self.ls[0] == {self.put_s()}": Code.ALIAS,
    "self.b = self.ls[0] <= {self.put_s()}": Code.ALIAS,
    "self.b = (self.ls[0] if self.b else {E.X}) == {self.put_s()}": Code.ALIAS,
    "self.b = self.mine(True) == {self.put_s()}": Code.ALIAS,
    "self.ls[1] = self.ls[0] | {self.put_s()}": Code.ALIAS,
    "self.ls[0] |= {self.put_s()}": Code.ALIAS,
    "for s in self.ls: x = s; x.add(E.Z)": Code.ALIAS,
    "for k, s in self.ms.items(): x = s; x.add(E.Z)": Code.ALIAS,
    "for s in self.ls: self.b = self.changes(s)": Code.ALIAS,
    "x = [s for s in self.ls]; x[0].add(E.Z)": Code.ALIAS,
    "x = [self.ls[0] for k in E]; x[0].add(E.Z)": Code.ALIAS,
    "x = [s for s in self.ls][0]; x.add(E.Z)": Code.ALIAS,
    "x = [(s, 1) for s in self.ls]; self.ls[0].add(E.Z)": Code.ALIAS,
    "x = {k: s for k, s in self.ms.items()}; x[E.X].add(E.Z)": Code.ALIAS,
    "x = self.chosen(); x.add(E.Z)": Code.ALIAS,
    "x, n = self.ts; x.add(E.Z)": Code.ALIAS,
    "x, n = self.pair(); x.add(E.Z)": Code.ALIAS,
    "x = self.ts[0]; x.add(E.Z)": Code.ALIAS,
    "x = self.pair()[0]; x.add(E.Z)": Code.ALIAS,
    "x = self.os; self.os = {E.X}": Code.ALIAS,
    "for v in self.m.values(): self.m = {k: 1 for k in E}": Code.ALIAS,
    "for n, v in enumerate(self.l): self.put_l()": Code.ALIAS,
    "for v in reversed(self.l): self.l[0] = v + 1": Code.ALIAS,
    "for k, s in self.ms.items(): self.ms[k].add(E.Z); self.r += len(s)": Code.ALIAS,
    "for s in self.ms.values(): self.ms[E.Y] |= {E.Y}; self.b = E.Y in s": Code.ALIAS,
    "for s in self.ml.values(): self.ml[E.Y][0] = 5; self.r += s[0]": Code.ALIAS,
    "x = dict(self.ms); x[E.X].add(E.Y)": Code.ALIAS,
    "x = self.ml.copy(); x[E.X][0] = 8": Code.ALIAS,
    "x = {k: self.ms[k] for k in E}; x[E.X].add(E.Y)": Code.ALIAS,
    "self.l = [v for v in self.l if v != self.step()]": Code.UNSUPPORTED,
    "self.m = {k: self.step() for k in E}": Code.UNSUPPORTED,
    "self.r = sum(n for k in E for n in range(self.step()))": Code.UNSUPPORTED,
}


def action(number: int, statement: str) -> str:
    head, colon, rest = statement.partition(": ")
    is_loop = statement.startswith("for ")
    lines = [f"{head}:"] if is_loop and colon else []
    inner = "    " if is_loop else ""
    lines += [inner + part for part in (rest if is_loop else statement).split("; ")]
    body = "".join(f"        {line}\n" for line in lines)
    return f"\n    @action\n    def act{number}(self) -> None:\n{body}"


LOCKING = """
    @process
    async def locker(self) -> None:
        async with self.locks[self.key()]:
            self.b = self.locks[self.key()].locked()
        await self.locks[self.key()].acquire()
        await preempt()
        self.e = E.X
        self.r = self.step()
"""


def test_parts_of_statements_are_computed_in_order(tmp_path: Path) -> None:
    path = tmp_path / "order.py"
    actions = "".join(action(n, text) for n, text in enumerate(STATEMENTS))
    path.write_text(SPEC + actions + LOCKING, encoding="utf-8")
    model, spec = read_spec(str(path)), load_spec(path)
    check_initial_states(model, spec)
    steps = sum(walk(model, spec, seed, 6).steps for seed in range(4))
    assert steps >= 12


@pytest.mark.parametrize(("statement", "code"), REFUSED.items(), ids=REFUSED.keys())
def test_what_has_no_order_in_the_model_is_refused(
    tmp_path: Path, statement: str, code: Code
) -> None:
    path = tmp_path / "order.py"
    path.write_text(SPEC + action(0, statement), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_spec(str(path))
    assert error.value.code is code
