"""Memory: a twin read after its spec is the model that it is when read alone."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.model.shapes import Shape
from modelcheck.model.terms import Term
from modelcheck.reader import Memory, read_spec
from modelcheck.reader import read as reading

ROOT = Path(__file__).parents[3]
HELPERS = "abcd"
HEAD = """
from typing import Annotated

from modelcheck import Mutex, Scalarset, Spec, invariant, preempt, process


class User(Scalarset, size=2):
    pass


class Helpers(Spec):
    x: Annotated[int, range(0, 40)] = 0
    y: Annotated[int, range(0, 40)] = 0
    lock: Mutex = Mutex()
"""
DESIGN = """

class Design(Helpers):
    @process
    async def one(self, user: User) -> None:
        async with self.lock:
            self.x = self.a(1) + self.b(2)
        await preempt()
        self.y = self.x

    @process
    async def two(self) -> None:
        async with self.lock:
            self.y = self.c(3)
            await preempt()
            self.x = self.d(self.y)

    @invariant
    def small(self) -> bool:
        return self.x < 40
"""


def form(value: object) -> object:
    """A model as data that can be compared; equal terms are one object anyway."""
    if isinstance(value, Shape):
        return ("shape", *value.leaves())
    if isinstance(value, tuple | list):
        return tuple(map(form, value))
    if isinstance(value, Mapping):
        return tuple((key, form(each)) for key, each in value.items())
    if dataclasses.is_dataclass(value) and not isinstance(value, Term):
        names = [each.name for each in dataclasses.fields(value)]
        return (type(value), *(form(getattr(value, name)) for name in names))
    return value


def read_both(path: str, twins: list[str], preempt: str = "await") -> None:
    """Read a spec and its twins with one memory and alone, and compare."""
    memory = Memory()
    for target in [path, *(f"{path}::{name}" for name in twins)]:
        alone = read_spec(target, preempt=preempt)
        assert form(read_spec(target, preempt=preempt, memory=memory)) == form(alone)


def test_twins_of_a_design_are_the_same() -> None:
    path = f"{ROOT}/specs/for_each_device_attach.py"
    read_both(path, [twin.name for twin in read_spec(path).twins])


@st.composite
def functions(draw: st.DrawFn, names: str) -> str:
    """Definitions of helpers; each calls those behind it only."""
    text = ""
    for name in names:
        behind = HELPERS[HELPERS.index(name) + 1 :]
        called = draw(st.lists(st.sampled_from(behind), max_size=2)) if behind else []
        calls = "".join(f" + self.{other}(n)" for other in called)
        declared = draw(st.sampled_from(["int", "Annotated[int, range(0, 9)]"]))
        text += f"\n    def {name}(self, n: int) -> {declared}:\n"
        if draw(st.booleans()):
            text += f"        if self.y == {draw(st.integers(0, 3))}:\n"
            text += f"            return {draw(st.integers(0, 3))}\n"
        text += f"        m = n + {draw(st.integers(0, 2))}\n"
        text += f"        return (m{calls}) % {draw(st.integers(1, 5))}\n"
    return text


@st.composite
def specs(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A spec with twins, each of which overrides some helpers; the twins' names."""
    text = HEAD + draw(functions(HELPERS)) + DESIGN
    twins = []
    for number in range(draw(st.integers(1, 3))):
        names = "".join(sorted(draw(st.sets(st.sampled_from(HELPERS), max_size=3))))
        body = draw(functions(names)) if names else "\n    pass\n"
        if names and draw(st.booleans()):
            first = names[0]
            body += (
                f"\n    def other(self) -> int:\n        return super().{first}(1)\n"
            )
        twins.append(f"Twin{number}")
        text += f'\n\nclass Twin{number}(Design, breaks="small"):{body}'
    return text, twins


@given(spec=specs(), preempt=st.sampled_from(["await", "statement"]))
@settings(max_examples=15)
def test_twins_are_the_same(
    spec: tuple[str, list[str]], preempt: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text, twins = spec
    path = tmp_path_factory.mktemp("memory") / "spec.py"
    path.write_text(text)
    read_both(str(path), twins, preempt)


SMALL = """
    def a(self, n: int) -> int:
        return n

    def b(self, n: int) -> int:
        return n

    def c(self, n: int) -> int:
        return n

    def d(self, n: int) -> int:
        return n
"""
TWINS = {
    "Touches two": ("\n    def d(self, n: int) -> int:\n        return 0\n", 1),
    "Touches one": ("\n    def b(self, n: int) -> int:\n        return 0\n", 2),
    "Touches nothing": ("\n    pass\n", 0),
    "Has another variable": ("\n    z: bool = False\n", 3),
}


@pytest.mark.parametrize("title", TWINS)
def test_only_what_a_twin_touches_is_read_again(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, wanted = TWINS[title]
    path = tmp_path / "spec.py"
    path.write_text(f'{HEAD}{SMALL}{DESIGN}\n\nclass T(Design, breaks="small"):{body}')
    memory = Memory()
    read_spec(str(path), memory=memory)
    cuts = []
    cut = reading.cut
    monkeypatch.setattr(reading, "cut", lambda *args: cuts.append(args) or cut(*args))
    read_spec(f"{path}::T", memory=memory)
    assert len(cuts) == wanted


def test_another_scope_is_another_spec(tmp_path: Path) -> None:
    path = tmp_path / "spec.py"
    path.write_text(HEAD + SMALL + DESIGN)
    memory = Memory()
    for size in (1, 3, 2):
        alone = read_spec(str(path), {"User": size})
        found = read_spec(str(path), {"User": size}, memory=memory)
        assert form(found) == form(alone)
