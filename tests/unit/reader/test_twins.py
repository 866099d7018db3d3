"""Twins and floors: what the reader makes of a header, and what a search of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcheck.language.run import load_spec, run_random
from modelcheck.language.spec import is_twin
from modelcheck.model.program import Expect, Model
from modelcheck.reader import read_spec
from modelcheck.verdict.asking import broken_here
from modelcheck.verdict.check import Resources, check_twin, verify_model
from modelcheck.verdict.report import Report, build_report
from modelcheck.verdict.verdicts import (
    Counts,
    Finding,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)

SHARED = """
from modelcheck import Spec, action, require
from base import Counting


class Skips(Counting):
    @action
    def count(self) -> None:
        super().count()
        self.x += 2
"""
BASE = """
from typing import Annotated

from modelcheck import HOLDS, VIOLATED, Scalarset, Spec, action, choose, invariant
from modelcheck import require


class User(Scalarset, size=2):
    pass


class Counting(Spec, floor=9):
    x: Annotated[int, range(0, 9)] = 0
    last: User

    @action
    def count(self) -> None:
        require(self.x < 2)
        self.x += 1
        self.last = choose(User)

    @invariant
    def small(self) -> bool:
        return self.x < 3

    @invariant(expect=VIOLATED, because="it counts")
    def zero(self) -> bool:
        return self.x == 0
"""
DESIGN = '''
import shared
from base import Counting
from modelcheck import VIOLATED, action, require


class Design(Counting, deadlock=VIOLATED, because="it ends"):
    """It ends."""


class Derived(Design, floor=2 * 3):
    """It has another floor."""


class CountsOn(Derived, breaks="small"):
    """It counts on."""

    @action
    def count(self) -> None:
        require(self.x < 8)
        self.x += 1


class Skips(shared.Skips, Derived, breaks=("small",)):
    """It counts by three."""


class SkipsTheBase(shared.Skips, Design, breaks="small"):
    """It is a twin of another spec."""
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.py").write_text(BASE)
    Path("shared.py").write_text(SHARED)
    Path("design.py").write_text(DESIGN)


def search(model: Model, limits: Limits | None = None) -> Report:
    return verify_model(model, "explore", limits or Limits(), Silence())


def test_a_twin_is_no_spec_of_the_file() -> None:
    model = read_spec("design.py")
    assert model.name == "Derived"
    assert [twin.name for twin in model.twins] == ["CountsOn", "Skips"]
    assert [twin.breaks for twin in model.twins] == [("small",), ("small",)]
    assert model.twins[0].doc == "It counts on."
    assert load_spec("design.py", "Derived").__name__ == "Derived"


def test_each_spec_has_its_own_twins() -> None:
    model = read_spec("design.py::Design")
    assert [twin.name for twin in model.twins] == ["SkipsTheBase"]
    assert read_spec("base.py").twins == ()


def test_a_floor_is_not_inherited_and_the_deadlock_is() -> None:
    floors = {
        target: read_spec(target).floor
        for target in ("base.py", "design.py", "design.py::Design")
    }
    assert floors == {"base.py": 9, "design.py": 6, "design.py::Design": 0}
    expected = {p.name: p.expect for p in read_spec("design.py").properties}
    assert expected["deadlock"] is Expect.VIOLATED


def test_a_twin_must_violate_what_it_breaks_and_nothing_else_is_asked() -> None:
    model = read_spec("design.py::CountsOn")
    assert model.breaks == ("small",)
    assert model.twins == ()
    assert model.floor == 0
    report = search(model)
    (prop,) = report.properties
    assert (prop.prop.name, prop.verdict, prop.steps) == ("small", Verdict.VIOLATED, 3)
    assert report.exit_code == 0
    assert report.stops == {Stop.VIOLATIONS}


def test_a_shared_mutation_wins_over_the_design() -> None:
    report = search(read_spec("design.py::Skips"))
    assert [prop.steps for prop in report.properties] == [1]


def test_cpython_runs_a_twin() -> None:
    spec_class = load_spec("design.py", "Skips")
    assert is_twin(spec_class)
    assert not is_twin(load_spec("design.py", "Derived"))
    *_, last = (r for r in run_random(spec_class, steps=2, seed=0) if r.state)
    assert last.state["x"] == 3


def test_cpython_finds_the_spec_among_its_twins() -> None:
    Path("one.py").write_text(
        "from base import Counting\nclass One(Counting):\n    pass\n"
        "class Two(One, breaks='small'):\n    pass\n"
    )
    assert load_spec("one.py").__name__ == "One"


def test_a_twin_that_is_no_worse_fails_the_run() -> None:
    Path("one.py").write_text(
        "from base import Counting\nclass One(Counting):\n    pass\n"
        "class Same(One, breaks='small'):\n    pass\n"
    )
    model = read_spec("one.py")
    twin = model.twins[0]
    arguments = ("explore", Limits(), Silence(), Resources())
    found = check_twin(twin, read_spec("one.py::Same"), *arguments)
    assert found.report.exit_code == 12
    healthy = search(replace(model, properties=model.properties[:2]))
    assert healthy.exit_code == 0
    assert replace(healthy, twins=(found,)).exit_code == 12


def test_a_twin_whose_search_is_cut_short_is_no_conclusion() -> None:
    twin = read_spec("design.py").twins[0]
    arguments = ("explore", Limits(depth=1), Silence(), Resources())
    found = check_twin(twin, read_spec("design.py::CountsOn"), *arguments)
    assert found.report.exit_code == 30


def test_only_what_is_asked_for_is_looked_at_in_a_twin() -> None:
    Path("one.py").write_text(
        "from base import Counting\nclass One(Counting):\n    pass\n"
        "class T(One, breaks=('small', 'deadlock', 'no_evaluation_error')):\n    pass\n"
    )
    Path("base.py").write_text(BASE.replace("require(self.x < 2)", "pass"))
    (twin,) = read_spec("one.py").twins
    assert broken_here(twin, Limits(properties=frozenset({"small", "zero"}))) == {
        "small"
    }
    assert "deadlock" not in broken_here(twin, Limits(deadlock=False))
    assert broken_here(twin, Limits()) == set(twin.breaks)


def test_resized_are_the_scalarsets_with_another_size() -> None:
    assert read_spec("base.py").resized == ()
    assert read_spec("base.py", {"User": 2}).resized == ()
    assert read_spec("base.py", {"User": 3}).resized == ("User",)
    assert read_spec("base.py", {"User": 2}).is_as_written
    assert not read_spec("base.py", preempt="statement").is_as_written


def test_a_scalarset_without_size_has_the_one_that_is_given() -> None:
    Path("base.py").write_text(BASE.replace(", size=2", ""))
    assert read_spec("base.py", {"User": 3}).is_as_written


@pytest.mark.parametrize(
    ("floor", "limits", "scopes", "is_above"),
    [
        (6, Limits(), {}, True),
        (7, Limits(), {}, False),
        (7, Limits(depth=1), {}, None),
        (7, Limits(), {"User": 1}, None),
        (0, Limits(), {}, None),
    ],
)
def test_a_floor_is_judged_where_every_state_was_seen(
    floor: int, limits: Limits, scopes: dict[str, int], is_above: bool | None
) -> None:
    Path("base.py").write_text(BASE.replace("floor=9", f"floor={floor}"))
    report = search(read_spec("base.py", scopes), limits)
    assert report.is_above_floor is is_above
    if is_above is not None:
        kept = tuple(p for p in report.properties if p.is_expected)
        code = replace(report, properties=kept).exit_code
        assert code == (0 if is_above else 12)


@given(
    distinct=st.integers(0, 20),
    floor=st.integers(0, 20),
    stops=st.frozensets(st.sampled_from(Stop)),
    resized=st.booleans(),
)
def test_the_floor_agrees_with_its_definition(
    distinct: int, floor: int, stops: frozenset[Stop], resized: bool
) -> None:
    model = replace(
        MODEL, floor=floor, resized=("User",) if resized else (), properties=()
    )
    found = Findings("explore", (), Counts(distinct, distinct), stops, 0.0)
    report = build_report(model, [found])
    is_whole = not stops or stops == {Stop.CONSTRAINT}
    if floor == 0 or resized or not is_whole:
        assert report.is_above_floor is None
        assert report.exit_code == 0
    else:
        assert report.is_above_floor is (distinct >= floor)
        assert (report.exit_code == 12) is (distinct < floor)


def _model() -> Model:
    root = Path(__file__).parents[2]
    return read_spec(str(root / "corpus" / "specs" / "die_hard.py"))


MODEL = _model()


def test_a_bounded_property_of_a_twin_is_not_conclusive() -> None:
    model = replace(MODEL, breaks=(MODEL.properties[0].name,))
    finding = Finding(model.properties[0], Verdict.BOUNDED)
    found = Findings("explore", (finding,), Counts(1, 1), frozenset({Stop.TIME}), 0.0)
    assert build_report(model, [found]).exit_code == 30
