"""The end of a run's time: what is ended, when, and what is said then.

Clocks go on by hand. Where the signal itself is tried, the time is over at once, and
what it must end would never end by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from modelcheck.explore import simulation
from modelcheck.explore.search import Explorer
from modelcheck.explore.simulation import Simulator
from modelcheck.liveness import run
from modelcheck.reader import read_spec
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict import check, deadline, proofs
from modelcheck.verdict.check import EngineName, verify_model
from modelcheck.verdict.deadline import Deadline, TooLateError
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.report import Report
from modelcheck.verdict.simulate import simulate_model
from modelcheck.verdict.verdicts import Limits, Silence, Stop, Verdict

SPECS = Path(__file__).parents[2] / "corpus/specs"
LOCK = str(SPECS / "lock.py")
LEADER = str(SPECS / "ring_leader.py")
NONE = Limits()


class Clock:
    """A clock that goes on by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


class Run:
    """A run of ten seconds, which are over once `is_late` was called."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.deadline = Deadline(10.0, self.clock)

    def is_late(self, *_: object, **__: object) -> NoReturn:
        """Take until the end of the time, and then some: the signal comes."""
        self.clock.now += 100.0
        self.deadline._ring(0, None)
        message = "nobody has ended it"
        raise AssertionError(message)


@pytest.fixture
def late() -> Run:
    return Run()


def spin() -> NoReturn:
    """Never end."""
    while True:
        pass


def test_what_is_left() -> None:
    clock = Clock()
    one = Deadline(5.0, clock)
    clock.now += 2.0
    assert (one.spent, one.left) == (2.0, 3.0)
    assert one.limited(Limits(depth=4, seconds=5.0)) == Limits(depth=4, seconds=3.0)
    endless = Deadline(None, clock)
    clock.now += 9.0
    assert (endless.spent, endless.left) == (9.0, None)
    assert endless.limited(NONE) == NONE


def test_the_signal_ends_what_never_ends() -> None:
    with (
        pytest.raises(TooLateError, match="the time limit"),
        Deadline(0.01).enforced(),
    ):
        spin()


def test_no_handler_of_exceptions_stands_in_its_way() -> None:
    def stubborn() -> None:
        while True:
            try:
                spin()
            except Exception:  # noqa: BLE001 - what it is about
                continue

    assert Deadline(0.01).within(stubborn, lambda stop: stop) is Stop.TIME


def test_nothing_is_begun_when_it_is_over() -> None:
    clock = Clock()
    over = Deadline(1.0, clock)
    clock.now += 1.0
    assert over.within(spin, lambda stop: stop) is Stop.TIME
    assert over.within(lambda: "done", str, grace=0.5) == "done"
    clock.now += 0.5
    assert over.within(spin, lambda stop: stop, grace=0.5) is Stop.TIME


def test_a_signal_from_before_does_no_harm() -> None:
    late = Deadline(0.0)
    late._ring(0, None)
    assert late.within(lambda: 1, lambda _: 2) == 2
    late._ring(0, None)


def test_a_wish_to_stop_ends_it_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "GRACE", 0.01)
    endless = Deadline()

    def wished() -> NoReturn:
        endless.hasten()
        endless.hasten()  # a second one prolongs nothing
        spin()

    assert endless.within(wished, lambda stop: stop) is Stop.INTERRUPT
    assert endless.left is None


def test_the_time_may_be_over_before_a_wish() -> None:
    clock = Clock()
    short = Deadline(1.0, clock)
    short.hasten()
    clock.now += 60.0
    assert short.within(spin, lambda stop: stop) is Stop.TIME


def verified(
    run: Run, engine: EngineName, spec: str = LOCK, *, confirm: bool = False
) -> Report:
    return verify_model(
        *(read_spec(spec), engine, Limits(seconds=10.0), Silence()),
        confirm=confirm,
        deadline=run.deadline,
    )


def is_open(report: Report) -> bool:
    """Whether time has left everything open, and the report says so."""
    assert not any(each.is_conclusive for each in report.properties)
    assert report.stops == {Stop.TIME}
    assert "--timeout 10s" in report.repeat
    return report.exit_code == 30


ENGINES: list[tuple[EngineName, type]] = [
    ("auto", Explorer),
    ("explore", Explorer),
    ("bmc", BoundedChecker),
    ("induct", Induction),
    ("pdr", PropertyDirected),
]


@pytest.mark.parametrize(("engine", "kind"), ENGINES)
def test_an_engine_that_does_not_look_at_the_clock(
    engine: EngineName, kind: type, late: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "run", late.is_late)
    report = verified(late, engine)
    assert is_open(report)
    assert [each.name for each in report.engines] == [
        "explore" if engine == "auto" else engine
    ]


@pytest.mark.parametrize("engine", [engine for engine, _ in ENGINES])
def test_no_time_for_an_engine(engine: EngineName, late: Run) -> None:
    late.clock.now += 10.0
    assert is_open(verified(late, engine))


def test_symmetries_that_take_too_long(
    late: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_reduction", late.is_late)
    assert is_open(verified(late, "explore"))


def test_a_confirmation_that_takes_too_long(
    late: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_confirm", late.is_late)
    report = verified(late, "auto", confirm=True)
    assert report.exit_code == 0
    assert check.NO_TIME_TO_CONFIRM in report.notes


def test_cycles_that_take_too_long(late: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check_small", late.is_late)
    report = verified(late, "explore", LEADER)
    words = {each.reason for each in report.properties if each.reason}
    assert words == {"the search for cycles was ended by the time limit"}
    assert {each.verdict for each in report.properties} == {
        *(Verdict.HOLDS, Verdict.UNKNOWN)
    }
    assert report.exit_code == 30


def test_a_proof_that_nobody_has_time_to_check(
    late: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "refuse", late.is_late)
    report = verified(late, "pdr")
    first = report.properties[0]
    assert first.verdict is Verdict.UNKNOWN
    assert first.reason.endswith("the proof could not be checked: the time limit")
    assert report.certificate is None


def test_the_check_of_a_proof_has_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, clock = read_spec(LOCK), Clock()
    found = PropertyDirected().run(model, NONE, Silence())
    asked: list[float] = []
    monkeypatch.setattr(proofs, "refuse", lambda *given: asked.append(given[2]))
    ten = Deadline(10.0, clock)
    certified(model, found, ten)
    clock.now += 9.9
    certified(model, found, ten)
    certified(model, found)
    assert asked == [10.0, deadline.GRACE, proofs.LEAST_SECONDS]


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_simulation_that_takes_too_long(
    is_begun: bool,
    late: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if is_begun:
        monkeypatch.setattr(simulation, "Walker", late.is_late)
    else:
        late.clock.now += 60.0
    report = simulate_model(
        *(read_spec(LOCK), Simulator(7, 1), Limits(9, 10.0), Silence()),
        deadline=late.deadline,
    )
    assert {each.verdict for each in report.properties} == {Verdict.BOUNDED}
    assert report.sampling is not None
    assert (report.sampling.runs, report.sampling.walks) == (7, 0)
    assert "--runs 7" in report.repeat
    assert "--timeout 10s" in report.repeat
