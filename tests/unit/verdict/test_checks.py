"""Whoever asks for one property hears of the checks that end runs before it fails."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import jsonschema
import pytest

from modelcheck.explore.book import PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.explore.simulation import Simulator
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.reader import read_spec
from modelcheck.report.console import render_console
from modelcheck.report.github import GithubLog
from modelcheck.report.jsonreport import render_json, schema
from modelcheck.report.junit import JunitLog
from modelcheck.report.ktap import KtapLog
from modelcheck.report.mail import render_mail_report
from modelcheck.report.matrix import cell, key_text
from modelcheck.report.sarif import SarifLog
from modelcheck.report.webpage import render_matrix_html
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.verdict.asking import with_checks
from modelcheck.verdict.check import EngineName, Resources, check_twin, verify_model
from modelcheck.verdict.portfolio import Answer, Portfolio, Rivals
from modelcheck.verdict.proofs import certified
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.simulate import simulate_model
from modelcheck.verdict.verdicts import Findings, Limits, Silence, Stop, Verdict
from tests.unit.explore.random_models import random_model

SPEC = '''
from typing import Annotated

from modelcheck import Formula, Spec, action, always, constraint, invariant
from modelcheck import reachable, require, temporal


class Hidden(Spec):
    """Whoever trips leaves the range first, or runs into an assertion."""

    n: Annotated[int, range(0, 4)] = 0
    broken: bool = False

    @action
    def up(self) -> None:
        {up}

    @action
    def down(self) -> None:
        require(self.n > 0)
        self.n -= 1

    @action
    def trip(self) -> None:
        require(self.n == {at})
        {trip}
        self.broken = True

    @invariant
    def intact(self) -> bool:
        return not self.broken

    @invariant
    def small(self) -> bool:
        return self.n < 2

    @reachable
    def gone(self) -> bool:
        return self.broken

    @reachable
    def two(self) -> bool:
        return self.n == 2

    @temporal
    def calm(self) -> Formula:
        return always(not self.broken)
'''
LEAVES = {"up": "self.n += 1", "trip": "self.n += 1", "at": "3"}
ASSERTS = {
    "up": "self.n = min(self.n + 1, 3)",
    "trip": 'assert self.n < 3, "three"',
    "at": "3",
}
HEALTHY = {"up": "self.n = min(self.n + 1, 3)", "trip": "self.n = 9 % 3", "at": "9"}
BROKEN = {"leaves": LEAVES, "asserts": ASSERTS}
ENGINES: tuple[EngineName, ...] = (
    *("auto", "explore", "native", "bmc", "induct", "pdr"),
)
SEEDS, PART = 600, 10
"""How many random models are made, and how many of each kind are asked about."""
EXPLORERS: tuple[EngineName, ...] = ("auto", "explore", "native")


def read(folder: Path, words: dict[str, str], more: str = "") -> Model:
    path = folder / "hidden.py"
    text = SPEC
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    path.write_text(text + more, encoding="utf-8")
    return read_spec(str(path))


def asked(*names: str, depth: int | None = 8, most: int | None = None) -> Limits:
    return Limits(depth, None, most, frozenset(names))


def ask(
    model: Model, engine: EngineName, *names: str, most: int | None = None
) -> Report:
    # Bounded model checking needs a bound, and a search of states must have none.
    depth = 8 if engine in ("bmc", "induct") else None
    limits = asked(*names, depth=depth, most=most)
    return verify_model(model, engine, limits, Silence())


def found(report: Report) -> dict[str, str]:
    return {each.prop.name: each.verdict.value for each in report.properties}


def one(report: Report, name: str) -> PropertyReport:
    return next(each for each in report.properties if each.prop.name == name)


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("engine", ENGINES)
def test_no_engine_is_silent_about_a_check_that_fails(
    engine: EngineName, how: str, tmp_path: Path
) -> None:
    model = read(tmp_path, BROKEN[how])
    check = "no_evaluation_error" if how == "leaves" else "assert_trip_26"
    report = ask(model, engine, "intact")
    assert report.exit_code == 14
    fails = one(report, check)
    assert fails.verdict is Verdict.VIOLATED
    assert fails.trace is not None
    assert fails.steps == 4
    intact = one(report, "intact")
    if engine == "bmc":
        assert intact.verdict is Verdict.BOUNDED
    else:
        assert intact.verdict is Verdict.HOLDS
        assert intact.condition == f"where no check fails: {check} fails in 4 steps"


@pytest.mark.parametrize(
    "resources",
    [Resources(workers=2), Resources(hash_compact=True), Resources(memory=1 << 26)],
    ids=["two workers", "fingerprints", "memory"],
)
def test_no_way_to_search_is(resources: Resources, tmp_path: Path) -> None:
    model = read(tmp_path, LEAVES)
    limits = asked("intact", depth=None)
    report = verify_model(model, "native", limits, Silence(), resources=resources)
    assert report.exit_code == 14
    assert one(report, "intact").condition


@pytest.mark.parametrize("engine", EXPLORERS)
def test_a_goal_out_of_reach_says_what_it_depends_on(
    engine: EngineName, tmp_path: Path
) -> None:
    report = ask(read(tmp_path, LEAVES), engine, "gone")
    assert one(report, "gone").verdict is Verdict.VIOLATED
    assert one(report, "gone").condition.startswith("where no check fails: ")
    # Even where that is what the spec expects.
    gone = replace(one(report, "gone"), is_expected=True)
    assert replace(report, properties=(gone,)).exit_code == 0
    assert report.exit_code == 14


@pytest.mark.parametrize("engine", EXPLORERS)
def test_of_the_runs_of_a_temporal_property_the_failing_ones_are_told(
    engine: EngineName, tmp_path: Path
) -> None:
    report = ask(read(tmp_path, ASSERTS), engine, "calm")
    assert one(report, "calm").verdict is Verdict.HOLDS
    assert one(report, "calm").condition.endswith("assert_trip_26 fails in 4 steps")
    assert report.exit_code == 14


@pytest.mark.parametrize("engine", ENGINES)
def test_checks_that_hold_are_no_news(engine: EngineName, tmp_path: Path) -> None:
    report = ask(read(tmp_path, HEALTHY), engine, "intact")
    assert set(found(report)) == {"intact"}
    assert [each.prop.name for each in report.checks] == ["no_evaluation_error"]
    assert not one(report, "intact").condition
    said = "No check fails: no_evaluation_error.\n"
    if engine == "bmc":
        assert report.exit_code == 30
        assert said not in render_console(report)
    else:
        assert report.exit_code == 0
        assert render_console(report).count(said) == 1
    data = json.loads(render_json(report))
    jsonschema.validate(data, schema())
    assert [each["name"] for each in data["checks"]] == ["no_evaluation_error"]
    assert [each["condition"] for each in data["properties"]] == [None]
    assert "--property no_evaluation_error" not in report.repeat


def test_many_checks_that_hold_are_counted(tmp_path: Path) -> None:
    more = "".join(
        f"\n    @action\n    def a{n}(self) -> None:\n"
        f"        require(self.n > {n})\n        assert self.n > {n}\n"
        for n in range(3)
    )
    report = ask(read(tmp_path, HEALTHY, more), "explore", "intact")
    assert "None of the 4 checks in the steps fails.\n" in render_console(report)


def test_one_check_asked_for_is_told_of_the_others(tmp_path: Path) -> None:
    more = "\n    @action\n    def odd(self) -> None:\n        assert not self.broken\n"
    report = ask(read(tmp_path, LEAVES, more), "explore", "assert_odd_51")
    assert one(report, "assert_odd_51").condition
    assert report.exit_code == 14


@pytest.mark.parametrize("engine", ENGINES)
def test_a_path_is_one_whatever_checks_fail(engine: EngineName, tmp_path: Path) -> None:
    report = ask(read(tmp_path, HEALTHY), engine, "small", "two")
    assert report.exit_code == 12
    assert found(report) == {"small": "violated", "two": "holds"}
    assert one(report, "two").steps == 2
    assert not any(each.condition for each in report.properties)


def counter(folder: Path) -> Model:
    """Its check holds, but that takes long to prove."""
    path = folder / "counter.py"
    path.write_text(
        "from typing import Annotated\n"
        "from modelcheck import Spec, action, invariant, reachable, require\n"
        "class S(Spec):\n"
        "    n: Annotated[int, range(0, 100)] = 0\n"
        "    m: bool = False\n"
        "    @action\n"
        "    def up(self) -> None:\n"
        "        require(self.n != 5)\n"
        "        assert self.n != 60\n"
        "        self.n = min(self.n + 1, 99)\n"
        "    @invariant\n"
        "    def steady(self) -> bool:\n"
        "        return not self.m\n"
        "    @reachable\n"
        "    def two(self) -> bool:\n"
        "        return self.n == 2\n"
    )
    return read_spec(str(path))


@pytest.mark.parametrize("engine", ["bmc", "induct", "pdr"])
def test_no_solver_goes_on_for_checks_alone(engine: EngineName, tmp_path: Path) -> None:
    report = ask(counter(tmp_path), engine, "two")
    assert report.exit_code == 0
    (ran,) = report.engines
    assert ran.depth == 2
    checks = {check.prop.name: check.verdict for check in report.checks}
    assert checks["assert_up_9"] is Verdict.BOUNDED
    assert "No check fails" not in render_console(report)


@pytest.mark.parametrize("engine", ENGINES)
def test_only_what_was_asked_for_counts_as_a_violation(
    engine: EngineName, tmp_path: Path
) -> None:
    trips = {**ASSERTS, "at": "1", "trip": "assert self.broken"}
    report = ask(read(tmp_path, trips), engine, "small", "intact", most=2)
    assert found(report)["assert_trip_26"] == "violated"
    assert Stop.VIOLATIONS not in report.stops
    report = ask(read(tmp_path, trips), engine, "small", most=1)
    assert found(report)["small"] == "violated"


def test_what_is_not_known_of_a_check_is_told(tmp_path: Path) -> None:
    """A proof of the property alone is no conclusion, nor is there any other."""
    limits = asked("steady", depth=3)
    report = verify_model(counter(tmp_path), "induct", limits, Silence())
    steady = one(report, "steady")
    assert steady.verdict is Verdict.HOLDS
    assert steady.condition == "where no check fails: assert_up_9 is not decided"
    assert found(report)["assert_up_9"] == "bounded"
    assert report.exit_code == 30


def test_a_twin_that_fails_as_it_must_says_what_else_depends_on_it(
    tmp_path: Path,
) -> None:
    """A violated check that is expected gives status 0, but is not passed over."""
    more = (
        "\n\nclass Twin(Hidden, breaks='no_evaluation_error'):\n"
        "    @action\n    def up(self) -> None:\n        self.n += 1\n"
    )
    read(tmp_path, HEALTHY, more)
    twin = read_spec(f"{tmp_path}/hidden.py::Twin")
    report = ask(twin, "explore", "intact")
    assert found(report) == {"intact": "holds", "no_evaluation_error": "violated"}
    assert report.exit_code == 0
    assert one(report, "intact").condition
    for text in (
        render_console(report),
        render_mail_report(report),
        render_json(report),
        KtapLog().add(report),
        render_matrix_html([report]),
    ):
        assert "no_evaluation_error fails in 4 steps" in " ".join(text.split())


def test_of_a_twin_only_what_it_breaks_is_told(tmp_path: Path) -> None:
    more = (
        "\n\nclass Twin(Hidden, breaks='intact'):\n"
        "    @action\n    def up(self) -> None:\n        self.n += 1\n"
    )
    spec = read(tmp_path, HEALTHY, more)
    model = read_spec(f"{tmp_path}/hidden.py::Twin")
    arguments = ("explore", Limits(), Silence(), Resources())
    missed = check_twin(spec.twins[0], model, *arguments)
    assert found(missed.report) == {"intact": "holds"}
    assert missed.report.exit_code == 12
    report = replace(ask(spec, "explore", "intact"), twins=(missed,))
    said = "Twin: intact holds where no check fails: no_evaluation_error fails in 4"
    assert said in " ".join(render_console(report).split())
    said = "The twin Twin: intact HOLDS where no check fails:"
    assert said in " ".join(render_mail_report(report).split())
    assert "; only where no check fails: no_eval" in KtapLog().add(report)


@pytest.mark.parametrize("engine", ENGINES)
def test_cut_states_are_told_of_one_property_too(
    engine: EngineName, tmp_path: Path
) -> None:
    more = "\n    @constraint\n    def near(self) -> bool:\n        return self.n < 2\n"
    report = ask(read(tmp_path, HEALTHY, more), engine, "intact")
    assert found(report)["intact"] == "bounded"
    assert report.exit_code == 30
    assert "States were cut off by the constraints near." in render_console(report)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_property_without_a_value_matters_to_those_who_ask(
    engine: EngineName, tmp_path: Path
) -> None:
    more = (
        "\n    @invariant\n    def odd(self) -> bool:\n"
        "        return 6 // (self.n - 2) != 1\n"
    )
    model = read(tmp_path, HEALTHY, more)
    assert ask(model, engine, "two").exit_code == 0
    with pytest.raises(PropertyError):
        ask(model, engine, "odd")


# How it is shown.


def test_every_form_of_a_report_says_so(tmp_path: Path) -> None:
    report = ask(read(tmp_path, LEAVES), "explore", "intact", "gone", "calm")
    said = "no_evaluation_error fails in 4 steps"
    text = render_console(report, traces=False)
    rows = [line for line in text.splitlines() if "where no check fails" in line]
    assert len(rows) == 3
    assert said in " ".join(text.split())
    mail = " ".join(render_mail_report(report).split())
    assert "Only where no check fails: intact HOLDS, gone VIOLATED, calm HOLDS." in mail
    assert said in mail
    assert KtapLog().add(report).count(f" only where no check fails: {said}\n") == 3
    github = GithubLog().add(report)
    (notice,) = (line for line in github.splitlines() if line.startswith("::notice"))
    assert said in notice
    log, junit = SarifLog(), JunitLog()
    junit.add(report)
    assert junit.end().count(f"only where no check fails: {said}") >= 3
    log.add(report)
    (note,) = json.loads(log.end())["runs"][0]["invocations"][0][
        "toolExecutionNotifications"
    ]
    assert said in note["message"]["text"]
    data = json.loads(render_json(report))
    jsonschema.validate(data, schema())
    assert [each["condition"] for each in data["properties"]] == [
        *[f"where no check fails: {said}"] * 3,
        None,
    ]
    cells = [cell(each) for each in report.properties]
    assert cells == ["holds*", "unreachable*!", "holds*", "4!"]
    assert "*: only of the runs that no failed check ends." in key_text([report])
    assert said in render_matrix_html([report])


def test_no_form_says_so_of_a_whole_run_without_failures(tmp_path: Path) -> None:
    report = verify_model(read(tmp_path, HEALTHY), "explore", Limits(), Silence())
    text = render_console(report, traces=False)
    assert "where no check" not in text
    assert "No check" not in text
    assert "where no check" not in KtapLog().add(report) + render_mail_report(report)
    assert "*" not in key_text([report])


# Beside the search: simulation, and rivals.


@pytest.mark.parametrize("is_native", [False, True])
def test_a_simulation_tells_of_checks_on_its_way(
    *, is_native: bool, tmp_path: Path
) -> None:
    def simulate(model: Model, name: str) -> Report:
        simulator = Simulator(500, 1, is_native=is_native)
        return simulate_model(model, simulator, asked(name, depth=20), Silence())

    report = simulate(read(tmp_path, LEAVES), "intact")
    assert found(report) == {"intact": "bounded", "no_evaluation_error": "violated"}
    assert report.exit_code == 14
    report = simulate(read(tmp_path, HEALTHY), "two")
    assert found(report) == {"two": "holds"}
    assert report.exit_code == 0
    assert report.sampling is not None
    assert report.sampling.walks < 500


class Said:
    """A rival that has said everything before it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def answer(self) -> Answer:
        return self._answer

    def stop(self) -> None:
        """Too late."""

    kill = stop


def is_told_to_end(model: Model, limits: Limits, answer: Answer) -> bool:
    """Whether a search ends because of what a rival has said."""
    seen: list[bool] = []

    class Search:
        """Goes on until it is told that all is decided."""

        name = "native"

        def run(self, _model: Model, _limits: Limits, watch: Portfolio) -> Findings:
            watch._wait(60)  # until the rival has answered
            seen.append(watch.is_interrupted())
            return Findings("native", (), None, frozenset({Stop.INTERRUPT}), 0.0)

    rivals = Rivals(lambda *_: Said(answer), 0.0, ("pdr",))
    with Portfolio(model, limits, Silence(), rivals) as portfolio:
        portfolio.race(Search(), limits)
        portfolio.end(Findings("native", (), None, frozenset(), 0.0))
    return seen == [True]


@pytest.mark.parametrize(
    ("name", "is_enough"), [("intact", False), ("small", True), ("two", True)]
)
def test_a_proof_without_its_checks_ends_no_search(
    name: str, *, is_enough: bool, tmp_path: Path
) -> None:
    model = read(tmp_path, HEALTHY)
    alone = PropertyDirected().run(model, asked(name), Silence())
    limits = with_checks(model, asked(name))
    said = Answer(*certified(model, alone))
    assert is_told_to_end(model, limits, said) is is_enough


def test_a_check_that_a_rival_refutes_ends_no_search(tmp_path: Path) -> None:
    model = read(tmp_path, LEAVES)
    limits = with_checks(model, asked("intact", most=1))
    found = BoundedChecker().run(model, limits, Silence())
    assert [each.verdict for each in found.findings].count(Verdict.VIOLATED) == 1
    assert not is_told_to_end(model, limits, Answer(found))


# All of it, against the definitions.


def reached(interpreter: Interpreter) -> tuple[list[State], bool]:
    """All states, and whether a check fails in a step from one of them."""
    states = list(dict.fromkeys(interpreter.initial()))
    known, fails = set(states), False
    for state in states:
        if not interpreter.is_inside(state):
            continue
        for outcome in interpreter.successors(state):
            fails |= outcome.failed is not None
            if outcome.state is not None and outcome.state not in known:
                known.add(outcome.state)
                states.append(outcome.state)
    return states, fails


def is_right(interpreter: Interpreter, prop: Property, states: list[State]) -> bool:
    """Whether the states are as `prop` wants them."""
    values = [interpreter.holds(prop, state) for state in states]
    return any(values) if prop.kind is Kind.REACHABLE else all(values)


@dataclass(frozen=True)
class Task:
    """A property of a model, whether it is as wanted, and whether a check fails."""

    seed: int
    model: Model
    prop: Property
    is_good: bool
    fails: bool


@cache
def tasks() -> list[Task]:
    """As many of each kind: checks fail seldom in random models."""
    made: dict[tuple[bool, bool], list[Task]] = {}
    for seed in range(SEEDS):
        model = random_model(Random(seed).randint, is_short=True)
        interpreter = Interpreter(model)
        kinds = (Kind.INVARIANT, Kind.REACHABLE)
        props = [prop for prop in model.properties if prop.kind in kinds]
        try:
            states, fails = reached(interpreter)
            for prop in props:
                is_good = is_right(interpreter, prop, states)
                task = Task(seed, model, prop, is_good, fails)
                made.setdefault((is_good, fails), []).append(task)
        except EvaluationError:
            continue
    return [task for kind in made.values() for task in kind[:PART]]


@pytest.mark.parametrize("engine", ["explore", "bmc", "induct", "pdr"])
def test_status_0_says_that_it_holds_and_no_check_hides_anything(
    engine: EngineName,
) -> None:
    passed = hidden = 0
    for task in tasks():
        depth = 4 if engine in ("bmc", "induct") else None
        limits = asked(task.prop.name, depth=depth)
        report = verify_model(task.model, engine, limits, Silence())
        told = one(report, task.prop.name)
        if report.exit_code == 0:
            passed += 1
            assert task.is_good, task.seed
            assert told.trace is not None or not task.fails, task.seed
        if told.is_about_all_runs and task.fails:
            hidden += 1
            assert told.condition, task.seed
            assert report.exit_code in (12, 14, 30), task.seed
        if told.is_about_all_runs and not task.fails:
            assert bool(told.condition) is (report.exit_code == 30), task.seed
    assert passed >= PART / 2
    assert hidden >= PART / 2 or engine == "bmc"
