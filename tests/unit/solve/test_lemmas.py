"""Lemmas: they hold in every reachable state, and change no answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import z3
from hypothesis import HealthCheck, given, settings

from modelcheck.certify.check import refuse
from modelcheck.explore.interpreter import EvaluationError
from modelcheck.model import terms as t
from modelcheck.model.clauses import Balance, Clause, Literal
from modelcheck.model.program import Kind, Model, State
from modelcheck.model.statements import Assign, Require
from modelcheck.solve import equations
from modelcheck.solve import lemmas as module
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.escapes import Lemma
from modelcheck.solve.induction import Induction
from modelcheck.solve.lemmas import Lemmas
from modelcheck.solve.pairs import Pair
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.solve.session import Answer, EndedError, Session
from modelcheck.solve.support import Support
from modelcheck.verdict.proofs import certificate_of
from modelcheck.verdict.verdicts import Engine, Limits, Silence, Stop, Verdict
from tests.unit.solve.models import (
    BOOLS,
    Parts,
    cells,
    ints,
    masks,
    prop,
    random_models,
)
from tests.unit.solve.oracle import BruteForce

FAR = 64


def lemmas_of(
    model: Model, sample: list[State] | None = None, effort: int | None = None
) -> Lemmas:
    encoding = Encoding(model)
    found = Lemmas(encoding, lambda: Session(encoding.context, "QF_FD", None, effort))
    found.find(sample)
    return found


def reachable(model: Model) -> set[State]:
    brute = BruteForce(replace(model, properties=()))
    brute.run(FAR)
    return set().union(*brute.levels)


def readable(found: Lemmas) -> tuple[Sequence[Clause], Sequence[Balance]]:
    return found.readable(found.all)


def is_true(model: Model, literal: Literal, state: State) -> bool:
    value, cell = state[literal.cell], model.cells[literal.cell]
    if literal.bit is None:
        return value in literal.values
    low = 0 if cell.range.sort is t.Sort.MASK else cell.range.lo
    return (value - low) >> literal.bit & 1 in literal.values


def locked() -> Parts:
    """Two processes take a lock one after the other, and count while they hold it."""
    parts = Parts(
        cells(
            a=ints(0, 2), b=ints(0, 2), owner=ints(0, 2), held=masks(2), n=ints(0, 9)
        ),
        (0, 0, 0, 0, 0),
    )
    a, b, owner, held, n = (cell.now for cell in parts.cells)
    for number, pc in enumerate((a, b)):
        one, bit = t.const(number + 1), t.constant_of(held.sort, 1 << number, held.hi)
        free = t.eq(owner, t.const(0))
        parts.step(
            f"take {number}",
            Require(t.and_(t.eq(pc, t.const(0)), free)),
            Assign(2, one),
            Assign(3, t.union(held, bit)),
            Assign(4, t.ite(t.lt(n, t.const(9)), t.add(n, t.const(1)), n)),
            Assign(number, t.const(1)),
        )
        parts.step(
            f"give {number}",
            Require(t.eq(pc, t.const(1))),
            Assign(2, t.const(0)),
            Assign(3, t.minus(held, bit)),
            Assign(number, t.const(0)),
        )
    both = t.and_(t.eq(a, t.const(1)), t.eq(b, t.const(1)))
    parts.properties = [
        prop(Kind.INVARIANT, "exclusive", t.not_(both)),
        prop(Kind.REACHABLE, "nine", t.eq(n, t.const(9))),
    ]
    return parts


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(random_models())
def test_they_hold_in_every_reachable_state(model: Model) -> None:
    try:
        states = reachable(model)
    except EvaluationError:
        return
    for sample in (None, [], sorted(states)[:1]):
        clauses, balances = readable(lemmas_of(model, sample))
        for state in states:
            assert all(any(is_true(model, x, state) for x in c) for c in clauses)
            for each in balances:
                true = [w for x, w in each.parts if is_true(model, x, state)]
                assert sum(true) == each.total


def directed(worth: int | None) -> Engine:
    return PropertyDirected(100, worth=worth)


def inductive(worth: int | None) -> Engine:
    return Induction(worth=worth)


@pytest.mark.parametrize("longest", [1, 3])
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(model=random_models())
def test_they_keep_themselves_also_if_long_equations_are_dropped(
    longest: int, model: Model
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equations, "LONGEST", longest)
        encoding = Encoding(model)
        found = Lemmas(encoding, lambda: Session(encoding.context, "QF_FD"))
        found.find([])
    if not found.all:
        return
    session = Session(encoding.context, "QF_FD")
    session.add(*encoding.choices(0), *encoding.ranges(0), found.at(0))
    session.add(encoding.at(encoding.inside, 0), encoding.transition(0))
    reply = session.ask_assuming((), z3.Not(found.at(1)))
    assert reply.answer is Answer.NO


@pytest.mark.parametrize("longest", [1, equations.LONGEST])
def test_what_the_pairs_were_found_with_is_kept_if_something_was_dropped(
    longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = counting().model()
    first: list[Lemma] = [Pair(0, 0)]
    rounds: list[list[Lemma]] = [first, []]
    monkeypatch.setattr(equations, "LONGEST", longest)
    monkeypatch.setattr(Lemmas, "_settle", lambda *_: rounds.pop(0))
    found = lemmas_of(model)
    assert list(found.all) == (first if longest == 1 else [])


@pytest.mark.parametrize(("engine", "depth"), [(directed, None), (inductive, 5)])
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(model=random_models())
def test_as_much_is_proved_with_them_and_certified(
    model: Model, engine: Callable[[int | None], Engine], depth: int | None
) -> None:
    found: list[dict[str, Verdict]] = []
    for worth in (None, 0):
        try:
            said = engine(worth).run(model, Limits(depth=depth), Silence())
        except EvaluationError:
            found.append({})
            continue
        certificate = certificate_of(model, said)
        assert certificate is None or refuse(certificate, model) is None
        found.append({each.prop.name: each.verdict for each in said.findings})
    without, with_them = found
    assert without.keys() == with_them.keys()
    for name, verdict in without.items():
        # k-induction comes further with lemmas.
        assert verdict in (with_them[name], Verdict.BOUNDED)


def test_a_proof_has_the_lemmas_that_it_needs_and_no_others() -> None:
    parts = locked()
    model = replace(parts.model(), properties=parts.properties[:1])
    found = PropertyDirected(100, worth=0).run(model, Limits(), Silence())
    assert found.proof is not None
    certificate = certificate_of(model, found)
    assert certificate is not None
    assert refuse(certificate, model) is None
    assert len(found.proof.clauses) < len(lemmas_of(model).all)
    without = replace(certificate, clauses=())
    assert refuse(without, model) is not None


def test_that_two_do_not_hold_a_lock_is_found_whatever_the_sample() -> None:
    model = locked().model()
    (exclusive, _) = model.properties
    for sample in (None, []):
        found = lemmas_of(model, sample)
        assert found.exclude(t.not_(exclusive.result))
        assert not found.exclude(exclusive.result)


def test_a_pair_that_one_step_leads_to_is_no_lemma() -> None:
    parts = Parts(cells(a=BOOLS, b=BOOLS), (0, 0))
    a, b = (cell.now for cell in parts.cells)
    parts.step("first", Assign(0, t.TRUE))
    parts.step("second", Require(a), Assign(1, t.TRUE))
    model = parts.model()
    found = lemmas_of(model, [])
    states = reachable(model)
    assert states == {(0, 0), (1, 0), (1, 1)}
    assert found.exclude(t.and_(b, t.not_(a)))
    assert not found.exclude(t.and_(a, b))


def counting() -> Parts:
    """A counter of those who hold a reference, which each takes in two steps."""
    parts = Parts(
        cells(a=ints(0, 2), b=ints(0, 2), held=masks(2), n=ints(0, 3)), (0, 0, 0, 0)
    )
    held, n = (cell.now for cell in parts.cells[2:])
    for number in (0, 1):
        pc = parts.cells[number].now
        bit = t.constant_of(held.sort, 1 << number, held.hi)
        up = t.ite(t.lt(n, t.const(3)), t.add(n, t.const(1)), n)
        down = t.ite(t.lt(t.const(0), n), t.sub(n, t.const(1)), n)
        for at, to, *effects in (
            (0, 1, Assign(3, up)),
            (1, 2, Assign(2, t.union(held, bit))),
            (2, 0, Assign(2, t.minus(held, bit)), Assign(3, down)),
        ):
            parts.step(
                f"{at} of {number}",
                Require(t.eq(pc, t.const(at))),
                *effects,
                Assign(number, t.const(to)),
            )
    on_the_way = t.or_(*(t.eq(c.now, t.const(1)) for c in parts.cells[:2]))
    is_exact = t.or_(on_the_way, t.eq(n, t.card(held)))
    parts.properties = [prop(Kind.INVARIANT, "exact", is_exact)]
    return parts


@pytest.mark.parametrize("sample", [None, []])
def test_what_a_counter_counts_is_found_whatever_the_sample(
    sample: list[State] | None,
) -> None:
    model = counting().model()
    found = lemmas_of(model, sample)
    (exact,) = model.properties
    assert found.exclude(t.not_(exact.result))
    a, b, held, n = (cell.now for cell in model.cells)
    waiting = [t.ite(t.eq(pc, t.const(1)), t.const(1), t.const(0)) for pc in (a, b)]
    total = t.add(t.card(held), t.add(*waiting))
    assert found.exclude(t.not_(t.eq(n, total)))


@pytest.mark.parametrize("engine", [directed(0), inductive(0)])
def test_a_counter_is_proved_with_an_equation_that_certify_checks(
    engine: Engine,
) -> None:
    model = counting().model()
    found = engine.run(model, Limits(depth=5), Silence())
    assert found.findings[0].verdict is Verdict.HOLDS
    certificate = certificate_of(model, found)
    assert certificate is not None
    assert certificate.balances
    assert refuse(certificate, model) is None
    refused = refuse(replace(certificate, balances=()), model)
    assert refused is not None
    (first, *others) = certificate.balances
    wrong = replace(first, total=first.total + 1)
    refused = refuse(replace(certificate, balances=(wrong, *others)), model)
    assert refused is not None
    assert "balance 0 is false" in refused.reason


def test_a_proof_stands_if_time_is_up_before_its_lemmas_are_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object) -> None:
        raise EndedError(Stop.TIME)

    monkeypatch.setattr(Support, "closure", late)
    model = counting().model()
    found = inductive(0).run(model, Limits(depth=5), Silence())
    assert found.findings[0].verdict is Verdict.HOLDS
    certificate = certificate_of(model, found)
    assert certificate is not None
    assert refuse(certificate, model) is None


@pytest.mark.parametrize("worth", [None, 0])
def test_what_lemmas_exclude_is_bounded_all_the_same(worth: int | None) -> None:
    model = locked().model()
    found = BoundedChecker(worth=worth).run(model, Limits(depth=17), Silence())
    exclusive, nine = found.findings
    assert exclusive.verdict is Verdict.BOUNDED
    assert exclusive.reason == "not violated within 17 steps"
    assert nine.evidence is not None
    assert nine.evidence.length == 17
    assert Stop.DEPTH in found.stops


def test_they_are_not_looked_for_before_it_is_worth_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    real = Lemmas.find
    monkeypatch.setattr(
        module.Lemmas, "find", lambda self: (calls.append(1), real(self))[1]
    )
    model = locked().model()
    for worth, expected in ((None, 0), (10**12, 0), (0, 1)):
        calls.clear()
        BoundedChecker(worth=worth).run(model, Limits(depth=5), Silence())
        assert len(calls) == expected


def test_a_question_without_an_answer_leaves_none() -> None:
    found = lemmas_of(locked().model(), [], effort=1)
    assert not found.all
    assert not found.exclude(t.FALSE)


def test_time_that_is_up_ends_the_search() -> None:
    encoding = Encoding(locked().model())
    found = Lemmas(encoding, lambda: Session(encoding.context, "QF_FD", 0.0))
    with pytest.raises(EndedError):
        found.find()
