"""Rivals of a search: who wins, who is stopped, and what the report says of it.

The rivals here do nothing but what a test makes them do, and the search waits for them
instead of working, so that nothing depends on time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict import check, portfolio
from modelcheck.verdict.agreement import Disagreement, InternalError
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.portfolio import Answer, RivalError, Rivals
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import (
    Evidence,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
    Watch,
)

LOCK = str(Path(__file__).parents[2] / "corpus/specs/lock.py")
LOST = str(Path(__file__).parents[2] / "corpus/specs/lost_update.py") + "::LostUpdate"

NONE = Limits()
PATIENCE = 60.0  # seconds: longer than any machine needs, shorter than for ever

Say = Callable[[Model, Limits], Answer]


@dataclass
class Actor:
    """A rival that says `say`, at once or, if it is `slow`, when it is stopped."""

    model: Model
    limits: Limits
    say: Say
    slow: bool
    asked: Event = field(default_factory=Event)
    killed: Event = field(default_factory=Event)

    def answer(self) -> Answer:
        if self.slow:
            assert self.asked.wait(PATIENCE)
        if self.killed.is_set():
            message = "was stopped before it had an answer"
            raise RivalError(message)
        return self.say(self.model, self.limits)

    def stop(self) -> None:
        self.asked.set()

    def kill(self) -> None:
        self.killed.set()
        self.asked.set()


class Theatre:
    """Starts actors; `cast` are their parts, by engine, those in `slow` are slow."""

    def __init__(self, cast: dict[str, Say], *slow: str) -> None:
        self.cast = cast
        self.slow = slow
        self.actors: dict[str, Actor] = {}

    def launch(self, engine: str, model: Model, limits: Limits) -> Actor:
        actor = Actor(model, limits, self.cast[engine], engine in self.slow)
        self.actors[engine] = actor
        return actor

    def rivals(self, delay: float = 0.0) -> Rivals:
        return Rivals(self.launch, delay, tuple(self.cast))


def proves(model: Model, limits: Limits) -> Answer:
    return Answer(*certified(model, PropertyDirected().run(model, limits, Silence())))


def looks(depth: int) -> Say:
    """Bounded model checking in the part of induction; it proves nothing."""

    def say(model: Model, limits: Limits) -> Answer:
        found = BoundedChecker().run(model, replace(limits, depth=depth), Silence())
        return Answer(replace(found, engine="induct", stops=frozenset()))

    return say


def stopped(model: Model, limits: Limits) -> Answer:
    answer = looks(2)(model, limits)
    stops = frozenset({Stop.INTERRUPT})
    return Answer(replace(answer.findings, stops=stops))


def gives_up(model: Model, limits: Limits) -> Answer:
    found = Induction(effort=1).run(model, limits, Silence())
    assert Stop.SOLVER in found.stops
    return Answer(found)


def crashes(_model: Model, _limits: Limits) -> Answer:
    message = "failed: ended by signal 11"
    raise RivalError(message)


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every search is a large one."""
    monkeypatch.setattr(check, "EFFORT", -1)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A native search looks at two levels, and ends when it is told to."""

    def run(
        _self: NativeExplorer, model: Model, limits: Limits, watch: Watch
    ) -> Findings:
        pause, left = Event(), PATIENCE
        while not watch.is_interrupted() and left > 0:
            pause.wait(0.01)
            left -= 0.01
        assert left > 0, "nobody has stopped the search"
        return cut(model, limits, Stop.INTERRUPT)

    monkeypatch.setattr(NativeExplorer, "run", run)


def cut(model: Model, limits: Limits, stop: Stop) -> Findings:
    """What a native search says that `stop` ended after one step."""
    found = Explorer().run(model, replace(limits, depth=1), Silence())
    said = tuple(
        replace(f, reason=f.reason.replace(Stop.DEPTH.value, stop.value))
        for f in found.findings
    )
    return replace(found, engine="native", findings=said, stops=frozenset({stop}))


def ends(monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    """A native search that `stop` ends at once."""

    def run(
        _self: NativeExplorer, model: Model, limits: Limits, _watch: Watch
    ) -> Findings:
        return cut(model, limits, stop)

    monkeypatch.setattr(NativeExplorer, "run", run)


def verify(
    theatre: Theatre, spec: str = LOCK, limits: Limits = NONE, delay: float = 0.0
) -> Report:
    rivals = theatre.rivals(delay)
    return verify_model(read_spec(spec), "auto", limits, Silence(), rivals=rivals)


def answers(report: Report) -> dict[str, tuple[str, str]]:
    return {p.prop.name: (p.verdict.value, p.engine) for p in report.properties}


def engines(report: Report) -> list[str]:
    return [each.name for each in report.engines]


@pytest.mark.usefixtures("endless")
def test_a_proof_ends_the_search_and_the_other_rival() -> None:
    theatre = Theatre({"induct": stopped, "pdr": proves}, "induct")
    report = verify(theatre)
    assert answers(report)["mutual_exclusion"] == ("holds", "pdr")
    assert all(each.is_conclusive for each in report.properties)
    assert report.exit_code == 0
    assert not report.is_complete
    assert report.stops == {Stop.SETTLED}
    assert report.certificate is not None
    assert report.certificate.claims["mutual_exclusion"] == "holds"
    assert "z3" in report.versions
    assert engines(report) == ["native", "pdr"]
    assert theatre.actors["induct"].killed.is_set()
    assert "induct was stopped before it had an answer" in report.notes


@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize(
    ("say", "note"),
    [
        (crashes, "induct failed: ended by signal 11"),
        (gives_up, "induct gave up: z3 gave up"),
    ],
)
def test_the_others_go_on_without_one_that_fails(say: Say, note: str) -> None:
    report = verify(Theatre({"induct": say, "pdr": proves}))
    assert answers(report)["mutual_exclusion"] == ("holds", "pdr")
    assert any(each.startswith(note) for each in report.notes), report.notes


def test_a_search_goes_on_without_rivals_that_fail() -> None:
    report = verify(Theatre({"induct": crashes, "pdr": crashes}))
    assert report.is_complete
    assert report.exit_code == 0
    assert "pdr failed: ended by signal 11" in report.notes


def test_a_search_that_is_complete_first_stops_them() -> None:
    theatre = Theatre({"induct": stopped, "pdr": stopped}, "induct", "pdr")
    report = verify(theatre)
    assert report.is_complete
    assert set(answers(report).values()) == {("holds", "native")}
    assert report.certificate is None
    assert engines(report) == ["native", "bmc"]
    assert all(each.killed.is_set() for each in theatre.actors.values())


def test_nobody_is_started_for_a_search_that_is_over_before_the_delay() -> None:
    theatre = Theatre({"induct": crashes})
    report = verify(theatre, delay=PATIENCE)
    assert not theatre.actors
    assert engines(report) == ["native", "bmc"]


def test_a_rival_that_looks_far_saves_the_confirmation() -> None:
    report = verify(Theatre({"induct": looks(7)}))
    assert engines(report) == ["native", "induct"]
    assert any("induct agrees with native" in each for each in report.notes)


@pytest.mark.usefixtures("endless")
def test_engines_must_agree() -> None:
    def lies(model: Model, limits: Limits) -> Answer:
        found = Induction().run(model, replace(limits, depth=0), Silence())
        said = tuple(
            replace(f, verdict=Verdict.HOLDS, evidence=None) for f in found.findings
        )
        return Answer(replace(found, findings=said))

    with pytest.raises(Disagreement, match="nothing_is_lost: pdr says violated in 4"):
        verify(Theatre({"pdr": proves, "induct": lies}), LOST)


@pytest.mark.usefixtures("endless")
def test_a_rival_that_finds_us_wrong_ends_the_run() -> None:
    def wrong(_model: Model, _limits: Limits) -> Answer:
        message = "pdr has proved what is not so"
        raise InternalError(message)

    with pytest.raises(InternalError, match="proved what is not so"):
        verify(Theatre({"pdr": wrong}))


@pytest.mark.usefixtures("endless")
def test_a_path_that_is_none_is_our_fault() -> None:
    def invents(model: Model, limits: Limits) -> Answer:
        found = proves(model, limits).findings
        path = Evidence((tuple(9 for _ in model.cells),), is_shortest=False)
        said = (
            replace(f, evidence=path) if f.verdict is Verdict.VIOLATED else f
            for f in found.findings
        )
        return Answer(replace(found, findings=tuple(said)))

    with pytest.raises(InternalError, match="cannot be replayed"):
        verify(Theatre({"pdr": invents}), LOST)


@pytest.mark.usefixtures("endless")
def test_enough_violations_end_the_search() -> None:
    limits = Limits(max_violations=1)
    report = verify(Theatre({"induct": looks(4)}), LOST, limits)
    assert answers(report)["nothing_is_lost"] == ("violated", "induct")
    assert report.stops == {Stop.SETTLED}


@pytest.mark.usefixtures("endless")
def test_what_was_not_asked_is_neither_needed_nor_told() -> None:
    limits = Limits(properties=frozenset({"nothing_is_lost"}))
    report = verify(Theatre({"induct": looks(4)}), LOST, limits)
    assert answers(report) == {"nothing_is_lost": ("violated", "induct")}


@pytest.mark.usefixtures("endless")
def test_an_interrupt_ends_everything_at_once() -> None:
    theatre = Theatre({"induct": stopped, "pdr": stopped}, "induct", "pdr")

    class Impatient(Silence):
        """The user waits until all are at work."""

        def is_interrupted(self) -> bool:
            return len(theatre.actors) == 2

    rivals = theatre.rivals()
    report = verify_model(read_spec(LOCK), "auto", Limits(), Impatient(), rivals=rivals)
    assert report.stops == {Stop.INTERRUPT}
    assert report.exit_code == 30
    assert all(each.killed.is_set() for each in theatre.actors.values())
    assert "pdr was stopped before it had an answer" in report.notes


def test_they_go_on_when_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, Stop.MEMORY)
    report = verify(Theatre({"pdr": proves}))
    assert report.stops == {Stop.MEMORY}
    assert answers(report)["mutual_exclusion"] == ("holds", "pdr")
    assert report.exit_code == 0


def test_a_search_that_leaves_something_open_asks_for_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends(monkeypatch, Stop.TIME)
    theatre = Theatre({"induct": stopped}, "induct")
    report = verify(theatre)
    assert engines(report) == ["native", "induct"]
    assert report.engines[1].stops == {Stop.TIME}
    assert report.exit_code == 30
    assert not any(each.endswith("an answer") for each in report.notes)


def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "AFTERMATH", 0.0)
    ends(monkeypatch, Stop.MEMORY)
    theatre = Theatre({"pdr": stopped}, "pdr")
    report = verify(theatre)
    assert report.exit_code == 30
    assert report.engines[-1].stops <= {Stop.MEMORY}


def test_a_search_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_arguments: object) -> Findings:
        raise MemoryError

    monkeypatch.setattr(NativeExplorer, "run", crash)
    report = verify(Theatre({"pdr": proves}), delay=PATIENCE)
    assert report.exit_code == 0
    assert "native failed: MemoryError" in report.notes
    report = verify(Theatre({"pdr": crashes}))
    assert report.stops == {Stop.MEMORY}
    assert report.exit_code == 30


def test_a_crash_that_leaves_something_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_arguments: object) -> Findings:
        message = "no more threads"
        raise RuntimeError(message)

    monkeypatch.setattr(NativeExplorer, "run", crash)
    with pytest.raises(RuntimeError, match="no more threads"):
        verify(Theatre({"induct": looks(2), "pdr": crashes}))


def test_a_fault_of_the_search_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_arguments: object) -> Findings:
        raise AssertionError

    monkeypatch.setattr(NativeExplorer, "run", crash)
    theatre = Theatre({"pdr": stopped}, "pdr")
    with pytest.raises(AssertionError):
        verify(theatre)
    assert all(each.killed.is_set() for each in theatre.actors.values())


@pytest.mark.usefixtures("endless")
def test_they_are_told_what_time_is_left() -> None:
    theatre = Theatre({"pdr": proves})
    verify(theatre, limits=Limits(seconds=1000.0))
    left = theatre.actors["pdr"].limits.seconds
    assert left is not None
    assert 900.0 < left <= 1000.0 - portfolio.GRACE


def test_there_must_be_time_for_them() -> None:
    theatre = Theatre({"pdr": crashes})
    verify(theatre, limits=Limits(seconds=portfolio.GRACE))
    assert not theatre.actors
