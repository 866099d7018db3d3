"""Steps with more possible outcomes than compiled code has room for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelcheck.cli.failures import tell
from modelcheck.cli.verification import verify
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.explore.simulation import Simulator
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.verdict import check
from modelcheck.verdict.check import Resources, verify_model
from modelcheck.verdict.verdicts import (
    Limits,
    Silence,
    Stop,
    TooManyOutcomesError,
    Verdict,
)

GATES = 48

HEAD = '''
from typing import Annotated

from modelcheck import Spec, action, choose, invariant


class Gated(Spec):
    """Many choices one after the other, of which a step makes one at most."""

    go: bool = False
    count: Annotated[int, range(50)] = 0

    @action
    def step(self) -> None:
        self.count = (self.count + 1) % 50
'''

GATE = """
        if self.count == {0} and choose(bool):
            self.go = not self.go
"""

TAIL = """
    @invariant
    def early(self) -> bool:
        return self.count < 49
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "gated.py"
    gates = "".join(GATE.format(number) for number in range(GATES))
    path.write_text(HEAD + gates + TAIL, encoding="utf-8")
    return str(path)


@pytest.fixture
def gated(spec: str) -> Model:
    return read_spec(spec)


def test_it_is_refused_with_the_step(
    gated: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TooManyOutcomesError, match=f"{2**GATES:,} ways") as caught:
        NativeExplorer().run(gated, Limits(), Silence())
    assert caught.value.step is gated.steps[0]
    assert tell(caught.value) == 30
    assert "use --engine explore" in capsys.readouterr().err


@pytest.mark.parametrize("resources", [Resources(), Resources(workers=2)])
def test_auto_goes_on_in_python(
    gated: Model, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "EFFORT", 1)
    found = verify_model(
        gated, "auto", Limits(), Silence(), resources=resources, confirm=False
    )
    alone = Explorer().run(gated, Limits(), Silence())
    assert found.counts == alone.counts
    assert found.is_complete
    assert {p.prop.name: p.verdict for p in found.properties} == {
        f.prop.name: f.verdict for f in alone.findings
    }
    assert "up to 281,474,976,710,656 ways" in found.notes[0]
    assert "went on in Python" in found.notes[0]


def test_walks_are_taken_in_python(gated: Model) -> None:
    limits = Limits(depth=200)
    some, same = (
        Simulator(100, 1, is_native=is_native).run(gated, limits, Silence())
        for is_native in (None, False)
    )
    assert Stop.SAMPLING in some.stops
    assert some.findings == same.findings
    assert some.sampling is not None
    assert same.sampling is not None
    assert replace(some.sampling, seconds=0.0) == replace(same.sampling, seconds=0.0)


def test_coverage_is_left_out_and_the_verdicts_stay(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = verify([spec], coverage=True, quiet=True, out=tmp_path, engine="explore")
    shown = " ".join(capsys.readouterr().out.split())
    assert code == 12
    assert f"{Verdict.VIOLATED.name} early" in shown
    assert "ways, more than compiled code has room for: no --coverage" in shown
