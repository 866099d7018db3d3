"""`auto` goes over to the native explorer when a search takes long."""

from dataclasses import replace
from pathlib import Path

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.verdict import check
from modelcheck.verdict.check import Resources, verify_model
from modelcheck.verdict.deadline import Deadline
from modelcheck.verdict.verdicts import Findings, Limits, Silence, Stop, Verdict, Watch

SPEC = str(Path(__file__).parents[2] / "corpus/specs/iommu_group.py")


def test_a_small_search_stays_in_python() -> None:
    report = verify_model(read_spec(SPEC), "auto", Limits(), Silence())
    assert [each.name for each in report.engines] == ["explore", "bmc"]


def test_a_long_one_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "EFFORT", 1)
    model = read_spec(SPEC, {"Device": 2})
    report = verify_model(model, "auto", Limits(), Silence())
    assert [each.name for each in report.engines] == ["native", "bmc"]
    assert report.states == 20_235
    assert report.counts is not None
    assert report.counts.distinct == 5190
    assert report.exit_code == 0


def test_without_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "EFFORT", 1)
    model = read_spec(SPEC, {"Device": 2})
    for engine in ("auto", "explore"):
        report = verify_model(
            model, engine, Limits(), Silence(), confirm=False, symmetry=False
        )
        assert report.saving is None
        assert report.counts is not None
        assert report.counts.distinct == 20_235
        assert "--no-symmetry" in report.repeat


def test_the_user_s_time_limit_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "EFFORT", 1)
    model = read_spec(SPEC, {"Device": 2})
    report = verify_model(model, "auto", Limits(seconds=0.0001), Silence())
    assert report.engines[0].name == "explore"
    assert report.exit_code == 30


def test_resources_go_to_the_native_explorer() -> None:
    model = read_spec(SPEC)
    wanted = Resources(workers=2, hash_compact=True)
    report = verify_model(model, "auto", Limits(), Silence(), resources=wanted)
    assert report.engines[0].name == "native"
    assert "--workers 2 --hash-compact" in report.repeat


OWN = Path(__file__).parents[2] / "corpus/specs/lost_update.py"


RUN = Explorer.run


def cut_short(limits: Limits) -> Findings:
    """What a search says that its time limit ended within `limits.depth` steps."""
    found = RUN(Explorer(), read_spec(f"{OWN}::LostUpdate"), limits, Silence())
    return replace(found, stops=frozenset({Stop.TIME}))


@pytest.mark.parametrize(("first", "second"), [(4, 1), (1, 4), (4, 0)])
def test_no_counterexample_is_lost_between_the_two(
    monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    def begin(self: Explorer, _model: Model, _limits: Limits, _watch: Watch) -> object:
        self.is_given_up = True
        return cut_short(Limits(depth=first))

    def go_on(
        _self: NativeExplorer, _model: Model, _limits: Limits, _watch: Watch
    ) -> object:
        return cut_short(Limits(depth=second))

    model = read_spec(f"{OWN}::LostUpdate")
    monkeypatch.setattr(Explorer, "run", begin)
    monkeypatch.setattr(NativeExplorer, "run", go_on)
    report = verify_model(model, "auto", Limits(), Silence(), confirm=False)
    lost = next(p for p in report.properties if p.prop.name == "nothing_is_lost")
    assert lost.verdict is Verdict.VIOLATED
    assert lost.trace is not None
    assert len(lost.trace.steps) == 4


def no_memory(*_: object, **__: object) -> None:
    raise MemoryError


def test_no_memory_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the Python explorer has found by then is the result."""

    def begin(self: Explorer, _model: Model, _limits: Limits, _watch: Watch) -> object:
        self.is_given_up = True
        return cut_short(Limits(depth=4))

    monkeypatch.setattr(Explorer, "run", begin)
    monkeypatch.setattr(NativeExplorer, "run", no_memory)
    model = read_spec(f"{OWN}::LostUpdate")
    report = verify_model(model, "auto", Limits(), Silence())
    by_name = {p.prop.name: p for p in report.properties}
    assert by_name["nothing_is_lost"].verdict is Verdict.VIOLATED
    open_ones = [p for p in report.properties if p.verdict is Verdict.BOUNDED]
    assert open_ones
    assert all("memory" in p.reason for p in open_ones)
    assert report.engines[0].stops == {Stop.MEMORY}


def test_no_memory_to_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedChecker, "run", no_memory)
    report = verify_model(read_spec(SPEC), "auto", Limits(), Silence())
    assert report.exit_code == 0
    assert report.notes == ("bmc had no memory to confirm anything",)


def test_the_solver_can_be_left_out() -> None:
    model = read_spec(SPEC)
    report = verify_model(model, "auto", Limits(), Silence(), confirm=False)
    assert [each.name for each in report.engines] == ["explore"]


def test_where_it_goes_over_does_not_depend_on_time() -> None:
    model = read_spec(SPEC, {"Device": 2})
    ends = []
    for _ in range(2):
        explorer = Explorer(effort=20_000)
        found = explorer.run(model, Limits(), Silence())
        assert explorer.is_given_up
        assert Stop.TIME in found.stops
        ends.append(found.counts)
    assert ends[0] == ends[1]
    patient = Explorer(effort=10**9)
    assert not patient.run(model, Limits(), Silence()).stops
    assert not patient.is_given_up


def test_time_spent_on_symmetry_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search has what is left of the time limit after its preparation."""
    clock = [0.0]
    given: list[float | None] = []
    run = Explorer.run

    def note(engine: Explorer, model: Model, limits: Limits, watch: Watch) -> Findings:
        given.append(limits.seconds)
        return run(engine, model, limits, watch)

    monkeypatch.setattr(Explorer, "run", note)
    monkeypatch.setattr(check, "_reduction", lambda *_: clock.append(100.0))
    report = verify_model(
        *(read_spec(SPEC), "explore", Limits(seconds=1000.0), Silence()),
        confirm=False,
        deadline=Deadline(1000.0, lambda: clock[-1]),
    )
    assert given == [900.0]
    assert "--timeout 1000s" in report.repeat
