"""Small specs around one body, compared with CPython."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from modelcheck.language.loading import load_spec
from modelcheck.reader.read import read_spec
from tests.property.conformance import Tally, check_initial_states, walk

HEAD = '''"""A spec around a snippet."""

from enum import Enum
from typing import Annotated

from modelcheck import Length, Mutex, Scalarset, Spec, action, choose, preempt, process


class Dev(Scalarset, size=2):
    """A device."""


class Color(Enum):
    RED = 0
    BLUE = 1


Small = Annotated[int, range(0, 3)]
Number = Annotated[int, range(-20, 21)]
Numbers = Annotated[list[Small], Length(3)]


class Snippet(Spec):
    a: Number = 0
    b: Number = 0
    n: Small = 0
    who: Dev = choose(Dev)
    some: set[Small] = set()
    by_number: dict[Small, Number] = {k: 0 for k in range(0, 3)}
    by_dev: dict[Dev, Mutex]
    queue: Numbers = [1, 2]

    def bump(self) -> Number:
        self.a += 1
        return self.a

    def turn(self) -> Small:
        self.n = (self.n + 1) % 3
        return self.n

    async def wait(self) -> Small:
        await preempt()
        return 2

    @action
    def disturb(self) -> None:
        self.n = (self.n + 1) % 3
        self.who = choose(Dev)
'''


def spec_with(body: str, *, is_process: bool = False, before: str = "") -> str:
    """The text of a spec with `body` as an action, or as a process."""
    role, prefix = ("process", "async ") if is_process else ("action", "")
    head = f"\n    @{role}\n    {prefix}def go(self) -> None:\n"
    return HEAD + indent(before, "    ") + head + indent(body, "        ")


def conform(text: str, folder: Path, steps: int = 12) -> Tally:
    """Walk the spec `text` in CPython and in the model; what was met in all."""
    path = folder / "snippet.py"
    path.write_text(text, encoding="utf-8")
    model, spec = read_spec(str(path)), load_spec(path)
    check_initial_states(model, spec)
    total = Tally()
    for seed in range(4):
        found = walk(model, spec, seed, steps)
        total.steps += found.steps
        total.failures += found.failures
        total.stutters += found.stutters
    assert total.steps
    return total
