"""What `modelcheck diff` shows of two designs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelcheck.reader import read_spec
from modelcheck.report.difference import (
    SCHEMA,
    Difference,
    changed_verdicts,
    render_difference,
    render_difference_json,
    render_difference_mail,
)
from modelcheck.trace.replay import replay_address
from modelcheck.verdict.difference import NothingShared, common, compare_behaviours
from modelcheck.verdict.verdicts import Limits, Silence, Stop

ROOT = Path(__file__).parents[3]
SKETCH = ROOT / "specs/split_api_sketch.py"
CORRECTED = ROOT / "specs/split_api_corrected.py"


@pytest.fixture(scope="module")
def found() -> Difference:
    left, right = (read_spec(str(path)) for path in (SKETCH, CORRECTED))
    shared = common(left, right)
    ways = compare_behaviours(left, right, shared, Limits(), _Impatient())
    return Difference(shared, ways, (), "modelcheck")


class _Impatient(Silence):
    """Interrupts after a while: a few differences are enough here."""

    def __init__(self) -> None:
        self.asked = 0

    def is_interrupted(self) -> bool:
        self.asked += 1
        return self.asked % 30 == 0


def test_the_correction_counts_two_siblings(found: Difference) -> None:
    shown = [only.shows for only in found.ways[1].found]
    assert ("owner_cnt: 1 -> 2", "dma_api_users: {dev0} -> {dev0, dev1}") in shown


def test_an_interrupted_comparison_says_so(found: Difference) -> None:
    assert found.ways[0].stops == {Stop.INTERRUPT}
    assert not found.is_complete
    text = " ".join(render_difference(found, width=80, most=3).split())
    assert "bounded by an interrupt" in text


def test_every_witness_replays_in_its_own_model_only(found: Difference) -> None:
    for way in found.ways:
        for only in way.found:
            again = replay_address(way.model, only.trace.address)
            assert again.states == only.trace.states


@pytest.mark.parametrize("width", [40, 72, 80, 132])
def test_no_line_is_too_wide(found: Difference, width: int) -> None:
    lines = render_difference(found, width=width, most=99).splitlines()
    assert max(map(len, lines)) <= width


def test_mail_is_ascii_and_narrow(found: Difference) -> None:
    text = render_difference_mail(found, most=99)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 72
    assert "IMPOSSIBLE in split_api_corrected" in " ".join(text.split())


def test_json_has_every_trace(found: Difference) -> None:
    data = json.loads(render_difference_json(found))
    assert data["schema"] == SCHEMA
    assert data["complete"] is False
    counts = [len(way["behaviours"]) for way in data["only"]]
    assert counts == [len(way.found) for way in found.ways]
    assert all(b["trace"]["steps"] for way in data["only"] for b in way["behaviours"])


def test_nothing_in_common(tmp_path: Path) -> None:
    text = '''"""A light."""

from modelcheck import Spec, action


class {name}(Spec):
    """A light."""

    {variable}: bool = False

    @action
    def {action}(self) -> None:
        """On and off."""
        self.{variable} = not self.{variable}
'''
    models = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.py"
        words = {
            "name": name.title(),
            "variable": f"lit_{name}",
            "action": f"do_{name}",
        }
        path.write_text(text.format(**words), encoding="utf-8")
        models.append(read_spec(str(path)))
    with pytest.raises(NothingShared):
        common(*models)


def test_verdicts_are_not_compared_unless_asked(found: Difference) -> None:
    assert changed_verdicts(found.reports) == []
    assert "erdict" not in render_difference(found, width=80, most=1)


COUNTER = """
from typing import Annotated

from modelcheck import Spec, action


class Counter(Spec):
    n: Annotated[int, range(0, 3)] = 0

    @action
    def up(self) -> None:
        {up}
"""


def test_what_would_follow_a_failed_check_was_not_compared(tmp_path: Path) -> None:
    bodies = {"stops": "self.n = min(self.n + 1, 2)", "leaves": "self.n += 1"}
    models = []
    for name, body in bodies.items():
        path = tmp_path / f"{name}.py"
        path.write_text(COUNTER.format(up=body), encoding="utf-8")
        models.append(read_spec(str(path)))
    ways = compare_behaviours(*models, common(*models), Limits(), Silence())
    found = Difference(common(*models), ways, (), "modelcheck")
    assert not any(way.found or way.stops for way in ways)
    assert not found.is_complete
    text = " ".join(render_difference(found, width=80, most=3).split())
    assert "what would follow a check that fails in" in text
    data = json.loads(render_difference_json(found))
    assert data["complete"] is False
    assert data["only"][1]["failing"] == [models[1].path]
