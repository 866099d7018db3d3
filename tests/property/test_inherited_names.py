"""What a name stands for in a class body: the model asks where CPython does."""

from __future__ import annotations

from pathlib import Path

from modelcheck.language.loading import load_spec
from modelcheck.reader.read import read_spec
from tests.property.conformance import check_initial_states, walk

BASE = '''"""The design."""

from typing import Annotated

from modelcheck import Semaphore, Spec, action

START = 1
Int = Annotated[int, range(0, 9)]
limit = 2


class Base(Spec):
    """It has constants of its own; one hides that of the module."""

    start = 3
    limit = 4
    x: Int = start
    y: Int = limit
    z: Int = 0
    u: Annotated[int, range(0, start + 1)] = 0
    slots: Semaphore = Semaphore(START)

    def most(self) -> int:
        return Base.limit + self.limit

    @action
    def act(self) -> None:
        self.z = self.most() - Base.start
        self.x = (self.x + 1) % 9

    @action
    def up(self) -> None:
        self.u += 1
'''

DERIVED = '''"""The same with other numbers."""

from base import Base

START = 2


class Derived(Base):
    """Overrides a constant, and defaults by a constant of this file."""

    start = 5
    limit = 1
    z = START

    def most(self) -> int:
        return super().most() + Derived.start
'''


def test_constants_are_those_of_the_class_that_is_named(tmp_path: Path) -> None:
    """Defaults were computed with a derived class's constants, in the base's file."""
    (tmp_path / "base.py").write_text(BASE, encoding="utf-8")
    path = tmp_path / "derived.py"
    path.write_text(DERIVED, encoding="utf-8")
    model, spec = read_spec(str(path)), load_spec(path)
    assert check_initial_states(model, spec) == 1
    assert sum(walk(model, spec, seed, 12).steps for seed in range(3)) >= 12
