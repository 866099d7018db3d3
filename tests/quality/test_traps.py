"""How other checkers went wrong: each trap has a test named after it.

Most are tested where the code is that could fall into them: `ELSEWHERE` says where,
and that they are there is tested here. The others follow.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from modelcheck.explore.book import PropertyError
from modelcheck.explore.simulation import Simulator
from modelcheck.model.program import Model
from modelcheck.reader.errors import SpecError
from modelcheck.reader.read import read_spec
from modelcheck.verdict.check import EngineName, Resources, verify_model
from modelcheck.verdict.report import Report
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

TESTS = Path(__file__).parents[1]

ELSEWHERE = {
    "1 induction where the transition relation is not total": (
        "unit/solve/test_induction.py",
        "test_pono_457_a_deadlock_does_not_mask_the_bad_state",
    ),
    "1 PDR where the transition relation is not total": (
        "unit/solve/test_pdr.py",
        "test_pono_457_a_deadlock_does_not_mask_the_bad_state",
    ),
    "5 liveness skipped by an engine that cannot decide it": (
        "unit/liveness/test_traps.py",
        "test_bmc_alone_says_nothing",
    ),
    "5 liveness skipped where states are forgotten": (
        "unit/liveness/test_traps.py",
        "test_hash_compaction_is_refused",
    ),
    "6 a component printed as if it were a cycle": (
        "unit/liveness/test_traps.py",
        "test_a_component_is_not_printed_as_if_it_were_a_cycle",
    ),
    "6 a cycle that is not fair itself": (
        "unit/liveness/test_traps.py",
        "test_the_cycle_itself_is_fair_not_only_its_component",
    ),
    "7 stuttering ignored": (
        "unit/liveness/test_traps.py",
        "test_a_state_without_successors_stays_for_ever",
    ),
    "8 hash collisions merged without a word": (
        "unit/native/test_search.py",
        "test_hash_compaction_says_how_safe_it_is",
    ),
    "9 a shortest path that depends on the order of threads": (
        "unit/native/test_search.py",
        "test_the_same_path_with_any_number_of_workers",
    ),
    "14 the exit status is the number of an enum": (
        "cli/test_exits.py",
        "test_codes_are_those_of_the_report",
    ),
    "16 the seed of z3 flips a result": (
        "unit/solve/test_session.py",
        "test_the_second_seed_is_asked",
    ),
}


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_trap_is_tested_where_it_could_be(place: tuple[str, str]) -> None:
    path, name = place
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    assert name in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


HEAD = '''"""A spec."""

from typing import Annotated

from modelcheck import (
    Spec, action, choose, constraint, invariant, preempt, process, require,
)


class S(Spec):
    x: Annotated[int, range(0, 10)] = 0

'''

COUNT = """
    @action
    def count(self) -> None:
        require(self.x < 9)
        self.x += 1
"""

SEARCHES: list[EngineName] = ["explore", "native", "auto"]
ENGINES: list[EngineName] = [*SEARCHES, "bmc", "induct", "pdr"]


def read(folder: Path, body: str) -> Model:
    path = folder / "spec.py"
    path.write_text(HEAD + body, encoding="utf-8")
    return read_spec(str(path))


def check(model: Model, engine: EngineName, limits: Limits, workers: int = 1) -> Report:
    resources = Resources(workers)
    return verify_model(model, engine, limits, Silence(), resources=resources)


@pytest.mark.parametrize("engine", ENGINES)
def test_trap_2_success_although_evaluation_failed(
    tmp_path: Path, engine: EngineName
) -> None:
    """tlaplus PR#1440: an error in the first state hid a violation: all was well."""
    body = """
    @invariant
    def has_no_value(self) -> bool:
        return 3 // self.x > 0

    @invariant
    def is_violated(self) -> bool:
        return self.x > 0
"""
    with pytest.raises(PropertyError, match="division by zero"):
        check(read(tmp_path, COUNT + body), engine, Limits(depth=4))


TWO_WRONG = """
    @invariant
    def below_three(self) -> bool:
        return self.x < 3

    @invariant
    def below_five(self) -> bool:
        return self.x < 5

    @invariant
    def below_ten(self) -> bool:
        return self.x < 10
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("most", [None, 1, 2])
def test_trap_3_success_after_going_on(
    tmp_path: Path, engine: EngineName, most: int | None
) -> None:
    """tlaplus#1385: `-continue` found violations and ended with success."""
    model = read(tmp_path, COUNT + TWO_WRONG)
    limits = Limits(depth=12, max_violations=most, deadlock=False)
    report = check(model, engine, limits)
    found = [p for p in report.properties if p.verdict is Verdict.VIOLATED]
    assert len(found) == (most or 2)
    assert report.exit_code == 12


@pytest.mark.parametrize("engine", ENGINES)
def test_trap_4_what_a_constraint_cuts_off_is_not_hidden(
    tmp_path: Path, engine: EngineName
) -> None:
    """tlaplus#839, fizzbee: clipped searches that look complete."""
    body = """
    @constraint
    def short(self) -> bool:
        return self.x < 4

    @invariant
    def below_eight(self) -> bool:
        return self.x < 8
"""
    limits = Limits(depth=12, properties=frozenset({"below_eight"}))
    report = check(read(tmp_path, COUNT + body), engine, limits)
    (found,) = report.properties
    assert found.verdict is Verdict.BOUNDED
    assert report.exit_code == 30


def test_trap_10_the_depth_is_the_same_each_time(tmp_path: Path) -> None:
    """tlaplus#883: the diameter varied from run to run."""
    model = read(tmp_path, INDEPENDENT)
    reports = [
        check(model, engine, Limits(), workers)
        for engine, workers in (("explore", 1), ("native", 1), ("native", 2))
        for _ in range(2)
    ]
    assert len({report.counts for report in reports}) == 1


INDEPENDENT = """
    y: Annotated[int, range(0, 10)] = 0

    @process
    async def one(self) -> None:
        while self.x < 3:
            self.x += 1
            await preempt()

    @process
    async def other(self) -> None:
        while self.y < 3:
            self.y += 1
            await preempt()

    @invariant
    def never_both(self) -> bool:
        return self.x < 2 or self.y < 2
"""


@pytest.mark.parametrize("engine", SEARCHES)
def test_trap_11_independent_steps_are_taken_in_every_order(
    tmp_path: Path, engine: EngineName
) -> None:
    """Siegel, CAV 2019: reduction that ignores steps. There is none: all states."""
    report = check(read(tmp_path, INDEPENDENT), engine, Limits())
    found = {p.prop.name: p for p in report.properties}
    assert found["never_both"].steps == 4
    assert report.counts is not None
    # Each process is in one of four places, or has returned.
    assert report.counts.distinct == 25


@pytest.mark.parametrize(
    "body",
    [
        "    y: int = 0\n" + COUNT,
        COUNT + "        self.x = choose(int)\n",
        COUNT + "        require(any(n > 3 for n in int))\n",
        COUNT + "        while self.x < 3:\n            self.x += 1\n",
    ],
    ids=["a variable", "a choice", "a quantifier", "a loop"],
)
def test_trap_12_what_is_not_finite_is_refused(tmp_path: Path, body: str) -> None:
    """Apalache 0.59: "exists" over the numbers was false, without a word."""
    with pytest.raises(SpecError):
        read(tmp_path, body)


LARGE = 999_983


@pytest.mark.parametrize("engine", ["explore", "native", "bmc", "simulate"])
def test_trap_13_integers_mean_the_same_to_all_engines(
    tmp_path: Path, engine: EngineName | str
) -> None:
    """Quint: the simulator calculated with 64 bits, and the verifier did not."""
    power, rest = LARGE**4, (3 - LARGE**4) // 7 % 9
    body = f"""
    big: Annotated[int, range(0, 1_000_000)] = {LARGE}

    @action
    def calculate(self) -> None:
        power = self.big * self.big * self.big * self.big
        self.x = (3 - power) // 7 % 9
        assert power % -10 == {power % -10} and power > {power - 1}

    @invariant
    def is_exact(self) -> bool:
        return self.x in (0, {rest})
"""
    model, limits = read(tmp_path, body), Limits(depth=2, deadlock=False)
    if engine == "simulate":
        found = Simulator(20, 1).run(model, limits, Silence())
        assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}
        return
    report = check(model, engine, limits)  # type: ignore[arg-type]
    assert all(p.verdict is not Verdict.VIOLATED for p in report.properties)
    assert report.exit_code in (0, 30)


@pytest.mark.parametrize(
    "line",
    [
        "self.x = random.randint(0, 3)",
        "global seen",
        "self.x = int(0.5 * self.x)",
        "for n in {1, 2}:\n            self.x = n",
        "self.x = hash(self) % 3",
        "self.x = TABLE.pop()",
        "print(self.x)",
    ],
)
def test_trap_15_steps_that_are_not_pure_are_refused(tmp_path: Path, line: str) -> None:
    """PyModel ran whatever a spec did, and the model was another one each time."""
    with pytest.raises(SpecError):
        read(tmp_path, f"{COUNT}        {line}\n")


def test_trap_15_a_property_changes_nothing(tmp_path: Path) -> None:
    body = "    @invariant\n    def p(self) -> bool:\n        self.x = 0\n"
    with pytest.raises(SpecError, match="only looks at the state"):
        read(tmp_path, f"{COUNT}\n{body}        return True\n")
