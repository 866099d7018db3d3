"""Lassos: the formula on a periodic run, fairness on a loop, replay and addresses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.temporal import Connective, Formula, Strength
from modelcheck.trace.caption import Caption
from modelcheck.trace.dot import render_dot
from modelcheck.trace.itf import itf_data
from modelcheck.trace.jsonform import trace_data
from modelcheck.trace.lasso import LOOP, courses, evaluate, respects, satisfies
from modelcheck.trace.mail import render_mail
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import ReplayError, replay_address, replay_evidence
from modelcheck.trace.text import render_text
from modelcheck.verdict.agreement import InternalError
from modelcheck.verdict.answering import answered_by
from modelcheck.verdict.report import build_report
from modelcheck.verdict.verdicts import (
    STUTTER,
    Evidence,
    Finding,
    Findings,
    Limits,
    Verdict,
)
from tests.golden import samples
from tests.unit.trace.random_lassos import formulas, lassos, wheel

MOVES = [(2, 0), (1, 0), (0, 0), (2, 0), (2, 0)]


def retrying() -> tuple[Model, Property, Evidence]:
    model = samples.retrying()
    return model, model.properties[0], samples.lasso(model, MOVES, 2)


# The value of a formula


def by_definition(
    formula: Formula, atoms: list[list[bool]], follows: list[int], place: int
) -> bool:
    """The textbook's clauses, looking ahead until everything has come round twice."""
    run = [place]
    while len(run) <= 2 * len(follows):
        run.append(follows[run[-1]])

    def holds(operand: int, at: int) -> bool:
        return by_definition(formula.operands[operand], atoms, follows, at)

    match formula.op:
        case Connective.ATOM:
            return atoms[formula.atom][place]
        case Connective.TRUE:
            return True
        case Connective.NOT:
            return not holds(0, place)
        case Connective.AND:
            return all(holds(i, place) for i in range(len(formula.operands)))
        case Connective.OR:
            return any(holds(i, place) for i in range(len(formula.operands)))
        case Connective.NEXT:
            return holds(0, follows[place])
        case Connective.EVENTUALLY:
            return any(holds(0, at) for at in run)
        case Connective.ALWAYS:
            return all(holds(0, at) for at in run)
        case Connective.UNTIL:
            return any(
                holds(1, at) and all(holds(0, before) for before in run[:number])
                for number, at in enumerate(run)
            )


@given(formulas(atoms=2), st.data())
def test_a_formula_means_what_the_textbook_says(
    formula: Formula, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, 4))
    loop = data.draw(st.integers(0, size - 1))
    row = st.lists(st.booleans(), min_size=size, max_size=size)
    atoms = [data.draw(row) for _ in range(2)]
    follows = [*range(1, size), loop]
    expected = [by_definition(formula, atoms, follows, i) for i in range(size)]
    assert evaluate(formula, atoms, follows) == expected


def test_until_is_strong() -> None:
    left, right = Formula(Connective.ATOM, atom=0), Formula(Connective.ATOM, atom=1)
    until = Formula(Connective.UNTIL, (left, right))
    assert evaluate(until, [[True], [False]], [0]) == [False]


# Replay


def test_a_lasso_is_replayed() -> None:
    model, prop, evidence = retrying()
    trace = replay_evidence(model, evidence, prop)
    assert trace.loop == 2
    assert trace.states == (*evidence.states, evidence.states[2])
    assert trace.distinct == evidence.states
    assert [taken.step.index for taken in trace.steps] == list(evidence.taken)
    assert trace.address == "0/1/0+0/2/2"
    assert not satisfies(trace, prop)


def broken(change: str) -> tuple[Model, Property | None, Evidence, str]:
    """A lasso that is wrong in one way, and what replay says of it."""
    model, prop, good = retrying()
    match change:
        case "another step":
            return model, prop, replace(good, taken=(2, 1, 2, 2, 2)), "step 3: no step"
        case "another loop":
            return model, prop, replace(good, loop=1), "step 5: no step"
        case "no such loop":
            return model, prop, replace(good, loop=5), "a loop to 5"
        case "a step missing":
            return model, prop, replace(good, taken=good.taken[:-1]), "4 steps"
        case "standing still":
            taken = (*good.taken[:-1], STUTTER)
            return model, prop, replace(good, loop=4, taken=taken), "although"
        case "standing still elsewhere":
            taken = (*good.taken[:-1], STUTTER)
            return model, prop, replace(good, taken=taken), "although"
        case "not initial":
            states = (good.states[1], *good.states[1:])
            return model, prop, replace(good, states=states), "not an initial state"
        case "no loop":
            return model, prop, Evidence(good.states), "a loop is evidence"
        case "not temporal":
            other = Property("safe", Kind.INVARIANT, (), samples.TRUE)
            return model, other, good, "a loop is evidence"
        case "unfair":
            # Nobody but the user acts, although the driver always could.
            lazy = samples.lasso(model, [(1, 0), (2, 0), (2, 0)], 1)
            return model, prop, lazy, "not fair to driver_core(dev0) (weak)"
        case "satisfied":
            question = prop.temporal
            assert question is not None
            opposite = Formula(Connective.NOT, (question.formula,))
            other = replace(prop, temporal=replace(question, formula=opposite))
            return model, other, good, "satisfies binds"
    raise AssertionError(change)


@pytest.mark.parametrize(
    "change",
    [
        "another step",
        "another loop",
        "no such loop",
        "a step missing",
        "standing still",
        "standing still elsewhere",
        "not initial",
        "no loop",
        "not temporal",
        "unfair",
        "satisfied",
    ],
)
def test_what_is_no_counterexample_is_refused(change: str) -> None:
    model, prop, evidence, reason = broken(change)
    with pytest.raises(
        ReplayError, match=reason.replace("(", r"\(").replace(")", r"\)")
    ):
        replay_evidence(model, evidence, prop)


def test_a_wrong_lasso_is_our_error() -> None:
    model, prop, evidence, _ = broken("unfair")
    assert prop is not None
    finding = Finding(prop, Verdict.VIOLATED, evidence)
    found = Findings("liveness", (finding,), None, frozenset(), 0.0)
    with pytest.raises(InternalError, match="not fair"):
        build_report(model, [found])
    found = replace(found, findings=(replace(finding, evidence=None),))
    with pytest.raises(InternalError, match="shows no run"):
        build_report(model, [found])


# Fairness


@pytest.mark.parametrize(
    ("moves", "loop", "expected"),
    [
        # Alone, the user keeps the driver from nothing: it always could act.
        ([(1, 0), (2, 0), (2, 0)], 1, ["always possible, never taken"]),
        ([(1, 0), (0, 0)], 1, ["step 2"]),
        ([(2, 0), (2, 0)], 0, ["not possible in the loop"]),
    ],
)
def test_how_a_loop_stands_to_a_process(
    moves: list[tuple[int, int]], loop: int, expected: list[str]
) -> None:
    model = samples.retrying()
    trace = replay_evidence(
        replace(model, fairness=()), samples.lasso(model, moves, loop)
    )
    driver = model.fairness[:1]
    found = respects(replace(trace, model=replace(model, fairness=driver)))
    assert [respect.why for respect in found] == expected
    assert found[0].is_fair is (expected[0][0] != "a")


@pytest.mark.parametrize("strength", Strength)
def test_strong_fairness_asks_for_more(strength: Strength) -> None:
    # The wheel turns through three places; the door can be entered in one of them.
    model = wheel(strength)
    trace = replay_evidence(
        replace(model, fairness=()), samples.lasso(model, [(0, 0)] * 3, 0)
    )
    (found,) = respects(replace(trace, model=model))
    assert (found.step, found.enabled, found.size) == (None, 1, 3)
    assert found.why == "not always possible in the loop"
    assert found.is_fair is (strength is Strength.WEAK)


# Standing still


def stuck() -> tuple[Model, Property, Evidence]:
    """The door has been entered: nothing turns any more."""
    model = wheel(Strength.STRONG)
    states = samples.lasso(model, [(0, 0)] * 3, 0).states
    inside = (states[0][0], 1)
    return (
        model,
        model.properties[0],
        Evidence((states[0], inside), loop=1, taken=(1, STUTTER)),
    )


def test_a_deadlock_stands_still_for_ever() -> None:
    model, prop, evidence = stuck()
    trace = replay_evidence(model, evidence, prop)
    assert trace.stutters
    assert trace.distinct == trace.states == evidence.states
    assert trace.address == "0/1+"
    assert replay_address(model, "0/1+") == trace
    assert [respect.is_fair for respect in respects(trace)] == [True]


def test_standing_still_is_shown() -> None:
    model, prop, evidence = stuck()
    trace = replay_evidence(model, evidence, prop)
    words = Caption(prop, "VIOLATED")
    assert words.facts(trace) == "1 step, then no step for ever"
    text = render_text(trace, prop).splitlines()
    assert text[text.index(LOOP) - 1].startswith("1 ")
    assert text[text.index(LOOP) + 2].startswith("No step is enabled any more")
    mail = [line.strip() for line in render_mail(trace, words).splitlines()]
    assert mail[mail.index(LOOP) - 1] == "inside = True"
    assert 's1 -> s1 [label=" no step is enabled"' in render_dot(trace, words)
    data = itf_data(trace, words)
    assert (data["loop"], len(evidence.states)) == (1, 2)


def test_a_run_of_one_state() -> None:
    model, prop, evidence = stuck()
    first = evidence.states[0]
    still = replace(model, steps=())
    trace = replay_evidence(still, Evidence((first,), loop=0, taken=(STUTTER,)))
    assert trace.address == "0+"
    assert LOOP in render_text(trace, prop)
    assert f"  {LOOP}" in render_mail(trace, Caption(prop, "VIOLATED")).splitlines()


# Addresses


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("0/1/0+0/2", "does not close"),
        ("0/1/0+", "although there is a step"),
        ("0/1+0+2", "not an address"),
        ("+0", "not an address"),
        ("0/1/0+7", "no outcome 7"),
    ],
)
def test_what_is_no_address_of_a_lasso(address: str, reason: str) -> None:
    with pytest.raises(ReplayError, match=reason):
        replay_address(samples.retrying(), address)


def test_a_failed_check_closes_no_loop() -> None:
    with pytest.raises(ReplayError, match="there is no loop"):
        replay_address(samples.counting(), "0/1/1+")


@given(lassos())
def test_random_lassos(trace: Trace) -> None:
    assert replay_address(trace.model, trace.address) == trace
    assert trace.loop is not None
    assert trace.states[-1] == trace.states[trace.loop]
    (prop,) = (p for p in trace.model.properties if p.kind is Kind.TEMPORAL)
    question = prop.temporal
    assert question is not None
    opposite = Formula(Connective.NOT, (question.formula,))
    other = replace(prop, temporal=replace(question, formula=opposite))
    assert satisfies(trace, prop) is not satisfies(trace, other)
    is_shown = all(r.is_fair for r in respects(trace)) and not satisfies(trace, prop)
    assert answered_by(trace) == ((prop, Verdict.VIOLATED) if is_shown else None)


@given(lassos())
def test_every_form_marks_the_loop_of_a_random_lasso(trace: Trace) -> None:
    prop = next(p for p in trace.model.properties if p.kind is Kind.TEMPORAL)
    words = Caption(prop, "VIOLATED")
    assert render_text(trace, prop).count(LOOP) == 1
    assert render_mail(trace, words).count(LOOP) == 1
    assert all(len(line) <= 72 for line in render_mail(trace, words).splitlines())
    dot = render_dot(trace, words)
    assert dot.count(LOOP) == 1
    assert f"-> s{trace.loop} [" in dot
    itf = itf_data(trace, words)
    assert itf["loop"] == trace.loop
    states = itf["states"]
    assert isinstance(states, list)
    assert len(states) == len(trace.distinct)
    data = trace_data(trace, prop)
    assert json.loads(json.dumps(data)) == data
    assert data["loop"] == trace.loop
    graph = trace.to_networkx()
    assert len(graph) == len(trace.distinct)


# Words


@pytest.mark.parametrize(
    ("moves", "loop", "expected"),
    [
        (MOVES, 2, ["true for ever after step 2", "never"]),
        (
            [(1, 0), (0, 1), (2, 0), (2, 0)],
            2,
            ["false for ever after step 2", "true for ever after step 2"],
        ),
    ],
)
def test_when_the_atoms_are_true(
    moves: list[tuple[int, int]], loop: int, expected: list[str]
) -> None:
    model = samples.retrying()
    free = replace(model, fairness=())
    trace = replay_evidence(free, samples.lasso(model, moves, loop))
    found = courses(trace, model.properties[0])
    assert [course.words for course in found] == expected


def test_an_atom_that_comes_and_goes() -> None:
    model = wheel(Strength.WEAK)
    trace = replay_evidence(
        replace(model, fairness=()), samples.lasso(model, [(0, 0)] * 3, 0)
    )
    words = [course.words for course in courses(trace, model.properties[0])]
    assert words == ["again and again, but not always", "never"]


# The report


def test_a_temporal_property_that_nobody_answers_is_unknown() -> None:
    model = samples.retrying()
    silent = Findings("explore", (), None, frozenset(), 0.0)
    report = build_report(model, [silent])
    (prop,) = report.properties
    assert (prop.verdict, prop.prop.kind) == (Verdict.UNKNOWN, Kind.TEMPORAL)
    assert "no engine" in prop.reason
    assert report.exit_code == 30
    others = Limits(properties=frozenset({"deadlock"}))
    assert build_report(model, [silent], limits=others).properties == ()


def test_the_status_of_a_violated_temporal_property() -> None:
    model, prop, evidence = retrying()
    finding = Finding(prop, Verdict.VIOLATED, evidence)
    found = Findings("liveness", (finding,), None, frozenset(), 0.0)
    assert build_report(model, [found]).exit_code == 13
