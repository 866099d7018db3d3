"""A refinement is not said to hold where nothing, or not all, was looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.explore.interpreter import EvaluationError
from modelcheck.reader import read_spec
from modelcheck.report.refinement import Words, render_refinement
from modelcheck.verdict.refinement import Refinement, check_refinement
from modelcheck.verdict.verdicts import Limits, Silence, Stop, Verdict

SPEC = '''"""A number."""

from typing import Annotated

from modelcheck import Spec, action, init, require


class Counting(Spec):
    """Grows."""

    number: Annotated[int, range(0, 4)] = 0

    @init
    def start(self) -> None:
        """The first state."""
        {start}

    @action
    def grow(self) -> None:
        """One more."""
        {grow}
'''
GROWS = "require(self.number < 3)\n        self.number += 1"


def refined(folder: Path, start: str, grow: str, limits: Limits) -> Refinement:
    models = []
    for name, parts in (("design", (start, grow)), ("abstract", ("pass", GROWS))):
        path = folder / f"{name}.py"
        text = SPEC.replace("{start}", parts[0]).replace("{grow}", parts[1])
        path.write_text(text, encoding="utf-8")
        models.append(read_spec(str(path)))
    return check_refinement(models[0], models[1], limits, Silence())


def test_every_step_is_one(tmp_path: Path) -> None:
    assert refined(tmp_path, "pass", GROWS, Limits()).verdict is Verdict.HOLDS


def test_no_initial_state(tmp_path: Path) -> None:
    found = refined(tmp_path, "require(self.number > 0)", GROWS, Limits())
    assert found.verdict is Verdict.UNKNOWN
    assert "no initial state" in render_refinement(found, Words("modelcheck"))


def test_a_check_that_fails(tmp_path: Path) -> None:
    found = refined(tmp_path, "pass", "self.number += 1", Limits())
    assert found.verdict is Verdict.UNKNOWN
    text = " ".join(render_refinement(found, Words("modelcheck")).split())
    assert "verify it first" in text


def test_a_check_that_fails_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError):
        refined(tmp_path, "assert self.number > 0", GROWS, Limits())


def test_out_of_time(tmp_path: Path) -> None:
    found = refined(tmp_path, "pass", GROWS, Limits(seconds=0.0))
    assert found.verdict is Verdict.BOUNDED
    assert found.stops == {Stop.TIME}
