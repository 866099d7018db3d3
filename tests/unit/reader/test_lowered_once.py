"""How often an expression is lowered does not double with each level of nesting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from modelcheck.reader import read_spec
from modelcheck.reader.lowering import Lowering

HEAD = """
from modelcheck import Spec, action, invariant


class Nested(Spec):
    a: bool = False
    b: bool = False

    @action
    def go(self) -> None:
        self.a = {value}
"""


def calls(depth: int) -> str:
    """Each function gives back `and` with a call of the next one."""
    text = HEAD.format(value="self.h0()")
    for level in range(depth):
        rest = f"self.h{level + 1}()" if level + 1 < depth else "self.b"
        text += f"\n    def h{level}(self) -> bool:\n        return self.a and {rest}\n"
    return text


def branches(depth: int) -> str:
    """Each `or` is a branch of a conditional expression inside an `and`."""
    value = "self.a"
    for _ in range(depth):
        value = f"(self.a and ((self.b or {value}) if self.a else self.b))"
    return HEAD.format(value=value)


def arguments(depth: int) -> str:
    """Each `and` is an argument of a function inside an `and`."""
    value = "self.a"
    for _ in range(depth):
        value = f"(self.a and self.same(self.b or {value}))"
    return HEAD.format(value=value) + (
        "\n    def same(self, value: bool) -> bool:\n        return value\n"
    )


def lowered(text: str, folder: Path) -> int:
    """How many expressions are lowered to read the spec."""
    path = folder / "nested.py"
    path.write_text(text, encoding="utf-8")
    count = 0
    expression = Lowering.expression

    def counted(self: Lowering, *given: object) -> object:
        nonlocal count
        count += 1
        return expression(self, *given)  # type: ignore[arg-type]

    with patch.object(Lowering, "expression", counted):
        read_spec(str(path))
    return count


@pytest.mark.parametrize("nested", [calls, branches, arguments])
def test_nesting_costs_as_much_at_each_level(
    nested: Callable[[int], str], tmp_path: Path
) -> None:
    few, more, most = (lowered(nested(depth), tmp_path) for depth in (4, 8, 12))
    assert few > 4
    # Helpers are also read by themselves, so calls in a chain cost its square.
    assert most - more <= 2 * (more - few)
