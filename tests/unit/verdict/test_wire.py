"""What an engine found survives the way to another process, and the spec's change."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict.portfolio import Answer, RivalError
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.verdicts import Engine, Limits, Silence
from modelcheck.verdict.wire import PlainAnswer, answer_of, plain

SPECS = Path(__file__).parents[2] / "corpus/specs"
FAILING = "refcount.py::TooFew"
ENGINES = (BoundedChecker(), Induction(), PropertyDirected())


def model(name: str) -> Model:
    """The spec, read anew: none of its parts is one of another reading's."""
    return read_spec(str(SPECS / name))


def sent(name: str, engine: Engine) -> tuple[Answer, PlainAnswer]:
    """An answer, and what arrives of it."""
    there = model(name)
    found = engine.run(there, Limits(depth=8), Silence())
    answer = Answer(*certified(there, found))
    said = pickle.loads(pickle.dumps(plain(there, answer)))
    assert isinstance(said, PlainAnswer)
    return answer, said


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize(
    "name",
    ["lock.py", "lost_update.py::LostUpdate", FAILING, "die_hard.py"],
)
def test_everything_arrives(name: str, engine: Engine) -> None:
    answer, said = sent(name, engine)
    here = model(name)
    got = answer_of(here, said)
    assert got.certificate == answer.certificate
    old, new = answer.findings, got.findings
    assert replace(new, findings=()) == replace(old, findings=())
    for one, two in zip(old.findings, new.findings, strict=True):
        assert two.prop is next(p for p in here.properties if p.name == one.prop.name)
        assert (two.verdict, two.reason) == (one.verdict, one.reason)
        assert (two.evidence is None) == (one.evidence is None)
        if one.evidence is not None and two.evidence is not None:
            assert two.evidence.states == one.evidence.states
            assert two.evidence.is_shortest == one.evidence.is_shortest
            assert two.evidence.step == one.evidence.step
            assert (two.evidence.failed is None) == (one.evidence.failed is None)


def test_a_failed_check_is_found_again() -> None:
    _, said = sent(FAILING, BoundedChecker())
    found = answer_of(model(FAILING), said).findings
    paths = [f.evidence for f in found.findings if f.evidence is not None]
    assert any(path.failed is not None for path in paths)


def test_a_check_that_does_not_fail_is_no_evidence() -> None:
    _, said = sent(FAILING, BoundedChecker())
    wrong = tuple(
        each if each.step is None else replace(each, step=each.step + 1000)
        for each in said.findings.findings
    )
    assert wrong != said.findings.findings
    with pytest.raises(RivalError, match="violates nothing"):
        answer_of(
            model(FAILING),
            replace(said, findings=replace(said.findings, findings=wrong)),
        )


def test_an_answer_about_another_state_of_the_spec(tmp_path: Path) -> None:
    text = (SPECS / "lock.py").read_text(encoding="utf-8")
    _, said = sent("lock.py", BoundedChecker())
    spec = tmp_path / "lock.py"
    spec.write_text(f"# a comment changes nothing\n{text}", encoding="utf-8")
    assert answer_of(read_spec(str(spec)), said).findings.findings
    with pytest.raises(RivalError, match="the spec has changed"):
        answer_of(read_spec(str(spec), {"Proc": 3}), said)
