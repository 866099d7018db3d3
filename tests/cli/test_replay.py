"""`modelcheck replay` explains the property that the address was printed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.cli.inspection import replay
from modelcheck.cli.traces import UndecidedError, replay_mail, replay_text
from modelcheck.reader import SpecError, read_spec
from modelcheck.report.captions import caption
from modelcheck.trace.replay import replay_address
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Limits, Silence

SPEC = '''
from modelcheck import Spec, action, invariant, reachable


class Both(Spec):
    """One step breaks two invariants and reaches a goal."""

    done: bool = False

    @action
    def finish(self) -> None:
        self.done = True

    @invariant
    def first(self) -> bool:
        return not self.done

    @invariant
    def second(self) -> bool:
        return not self.done

    @reachable
    def goal(self) -> bool:
        return self.done
'''


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "both.py"
    path.write_text(SPEC, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["first", "second", "goal"])
def test_a_printed_address_leads_back_to_its_property(spec: str, name: str) -> None:
    model = read_spec(spec)
    report = verify_model(model, "explore", Limits(), Silence())
    prop = next(each for each in report.properties if each.prop.name == name)
    assert prop.trace is not None
    *words, address = caption(report, prop).replay(prop.trace)
    options = words[words.index(spec) + 1 :]
    assert options == ([] if name == "first" else ["--property", name])
    asked = options[1] if options else None
    again = replay_address(model, address)
    verdict = prop.verdict.value.upper()
    assert f": {name} {verdict} in 1 step" in replay_text(again, (), 500, asked)
    mail = replay_mail(again, (), asked, number=False, full=False)
    assert f"{name} {verdict}" in " ".join(mail.split())


def test_what_else_is_violated_is_told(spec: str) -> None:
    text = replay_text(replay_address(read_spec(spec), "0/0"), (), 500)
    assert "also VIOLATED at its end: second (--property" in text


def test_a_property_that_the_end_does_not_decide(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UndecidedError, match="does not decide second"):
        replay_text(replay_address(read_spec(spec), "0"), (), 80, "second")
    assert replay(spec, "0", asked="second") == 2
    assert "does not decide second" in capsys.readouterr().err
    with pytest.raises(SpecError, match="has no property secon"):
        replay(spec, "0/0", asked="secon")


LATER = '''
from typing import Annotated

from modelcheck import Spec, action, invariant, require


class Later(Spec):
    """What the spec names first is broken before what it names last."""

    count: Annotated[int, range(3)] = 0

    @action
    def rise(self) -> None:
        require(self.count < 2)
        self.count += 1

    @invariant
    def below_one(self) -> bool:
        return self.count < 1

    @invariant
    def below_two(self) -> bool:
        return self.count < 2
'''


def test_what_the_end_decides_anew_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "later.py"
    path.write_text(LATER, encoding="utf-8")
    trace = replay_address(read_spec(str(path)), "0/0/0")
    assert f"{path}: below_two VIOLATED in 2 steps\n" in replay_text(trace, (), 500)
    assert "also VIOLATED at its end: deadlock, below_one" in replay_text(
        trace, (), 500
    )
