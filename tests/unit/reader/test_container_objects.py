"""Containers: elements beyond a type, and variables that get another container."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.reader.errors import SpecError
from modelcheck.reader.read import read_spec
from tests.unit.reader.snippets import conform, spec_with

AGREED = {
    "a larger number is in no set of smaller ones": """
if self.n in {c for c in range(3)} - {5} and self.n <= 7 and self.some != {7}:
    self.a = 1
""",
    "discard of what cannot be in the set": """
self.some.discard(self.n + 7)
self.some.add(self.n)
self.some.discard(-1)
""",
    "remove of what cannot be in the set": """
self.some.remove(self.n + 1)
""",
    "operations with a larger set": """
self.some.difference_update({7, self.n})
self.some.intersection_update({7, 1, 2})
self.a = int(self.some.issubset({1, 7})) + 2 * int(self.some.issuperset({7}))
self.b = len(self.some.union({7}) | {8}) + int(self.some.isdisjoint({7}))
self.some.update({self.n})
""",
    "a local set grows": """
v = {0, 1}
w = v | {2}
v.add(2)
self.a = len(w) + len(v)
v |= {0}
self.b = int(v == w)
""",
    "a list that its own loop shortens": """
for x in self.queue:
    self.queue.pop(0)
    self.a = x
""",
    "a comprehension without elements": """
self.some = {k for k in range(3) if False}
""",
}
CLEAN = """
def clean(self) -> Small:
    self.some = set()
    self.queue = [0]
    return 1
"""
REFUSED = {
    "the argument replaces the set": "self.some.add(self.clean())\n",
    "the argument replaces the list": "self.queue.append(self.clean())\n",
    "the body of a loop replaces the list": """
for x in self.queue:
    self.queue = [x]
""",
    "an operand replaces another": "self.some = self.some | {self.clean()}\n",
    "what is added replaces the set": "self.some |= {self.clean()}\n",
    "a local list without a bound": "v = [1]\nv.append(2)\n",
}


@pytest.mark.parametrize("body", AGREED.values(), ids=AGREED)
def test_as_python(body: str, tmp_path: Path) -> None:
    conform(spec_with(body), tmp_path)


def read(text: str, folder: Path) -> None:
    path = folder / "snippet.py"
    path.write_text(text, encoding="utf-8")
    read_spec(str(path))


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_refused(body: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        read(spec_with(body, before=CLEAN), tmp_path)


def test_a_process_replaces_what_another_holds_on_to(tmp_path: Path) -> None:
    """Only where some process does is adding an awaited element a mistake."""
    body = "self.some.add(await self.wait())\n"
    conform(spec_with(body, is_process=True), tmp_path)
    reset = "\n@action\ndef reset(self) -> None:\n    self.some = set()\n"
    with pytest.raises(SpecError, match="replaced"):
        read(spec_with(body, is_process=True, before=reset), tmp_path)
