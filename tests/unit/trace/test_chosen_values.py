"""A chosen value is shown as the spec means it, not as a number that stands for it."""

from __future__ import annotations

from pathlib import Path

from modelcheck.explore.search import Explorer
from modelcheck.model.program import Kind
from modelcheck.reader import read_spec
from modelcheck.trace.replay import replay_evidence
from modelcheck.trace.text import render_text
from modelcheck.verdict.verdicts import Limits, Silence

TEXT = """
from enum import Enum, auto
from typing import Annotated

from modelcheck import Spec, action, choose, invariant

Small = Annotated[int, range(2, 9)]


class Colour(Enum):
    RED = auto()
    GREEN = auto()
    BLUE = auto()


class Chooser(Spec):
    x: Small = 2

    @action
    def step(self) -> None:
        number = choose(range(4, 9, 2))
        colour = choose({Colour.GREEN, Colour.BLUE})
        other = choose(Colour)
        if colour is Colour.BLUE and other is Colour.RED:
            self.x = number

    @invariant
    def never_six(self) -> bool:
        return self.x != 6
"""


def test_a_choice_from_a_set_shows_the_member(tmp_path: Path) -> None:
    (tmp_path / "chooser.py").write_text(TEXT, encoding="utf-8")
    model = read_spec(str(tmp_path / "chooser.py"))
    found = Explorer().run(model, Limits(), Silence())
    (finding,) = [f for f in found.findings if f.prop.kind is Kind.INVARIANT]
    assert finding.evidence is not None
    text = render_text(replay_evidence(model, finding.evidence), finding.prop)
    shown = [line.split(" -> ")[1] for line in text.splitlines() if "choose(" in line]
    assert shown == ["6", "BLUE", "RED"]
