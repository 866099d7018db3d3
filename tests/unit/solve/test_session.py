"""The solver session: what it does when z3 cannot answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from time import monotonic

import pytest
import z3

from modelcheck.solve import session
from modelcheck.solve.session import Answer, Session


def pigeons(context: z3.Context, holes: int) -> list[z3.BoolRef]:
    """`holes` + 1 pigeons in as many holes as the name says: hard to refute."""
    sits = [
        [z3.Bool(f"{bird} {hole}", context) for hole in range(holes)]
        for bird in range(holes + 1)
    ]
    alone = [
        z3.Not(z3.And(one[hole], two[hole]))
        for hole in range(holes)
        for one, two in combinations(sits, 2)
    ]
    return [z3.Or(*row) for row in sits] + alone


def test_questions_leave_no_trace() -> None:
    context = z3.Context()
    one, two = z3.Bools("one two", context)
    asked = Session(context, "QF_FD")
    asked.add(one)
    assert asked.ask(z3.Not(one)).answer is Answer.NO
    assert asked.ask(z3.And(one, two)).answer is Answer.YES
    assert asked.ask(z3.Not(two)).answer is Answer.YES
    reply = asked.ask()
    assert reply.answer is Answer.YES
    assert z3.is_true(reply.model.eval(one))


def test_no_assertions_that_hold_together() -> None:
    context = z3.Context()
    one = z3.Bool("one", context)
    asked = Session(context, "QF_FD")
    asked.add(one, z3.Not(one))
    assert asked.ask().answer is Answer.NO


def test_too_little_effort_is_unknown_with_both_seeds() -> None:
    context = z3.Context()
    asked = Session(context, "QF_FD", effort=2000)
    asked.add(*pigeons(context, 9))
    reply = asked.ask()
    assert reply.answer is Answer.UNKNOWN
    assert reply.is_second
    assert "seeds 1 and 2" in reply.reason


def test_a_session_is_right_after_it_gave_up() -> None:
    context = z3.Context()
    hard = z3.And(*pigeons(context, 9))
    one = z3.Bool("one", context)
    asked = Session(context, "QF_FD", effort=20000)
    asked.add(z3.Not(one))
    assert asked.ask(hard).answer is Answer.UNKNOWN
    assert asked.ask(one).answer is Answer.NO
    assert asked.ask(z3.Not(one)).answer is Answer.YES


def test_the_second_seed_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    context = z3.Context()
    asked, seeds = Session(context, "QF_FD"), []
    make, check = Session._new, Session._check

    def new(self: Session, seed: int) -> object:
        seeds.append(seed)
        return make(self, seed)

    def gives_up_first(
        self: Session, solver: object, assumptions: Sequence[object]
    ) -> session.Reply:
        if not seeds:
            return session.Reply(Answer.UNKNOWN, reason="tired")
        return check(self, solver, assumptions)

    monkeypatch.setattr(Session, "_new", new)
    monkeypatch.setattr(Session, "_check", gives_up_first)
    one = z3.Bool("one", context)
    asked.add(one)
    reply = asked.ask(z3.Not(one))
    assert (reply.answer, reply.is_second) == (Answer.NO, True)
    assert seeds == [2, 1]


def test_no_time_left() -> None:
    asked = Session(z3.Context(), "QF_FD", deadline=monotonic() - 1)
    assert asked.ask().answer is Answer.TIMEOUT


def test_time_runs_out_inside_z3() -> None:
    context = z3.Context()
    asked = Session(context, "QF_FD", deadline=monotonic() + 0.05)
    asked.add(*pigeons(context, 12))
    assert asked.ask().answer is Answer.TIMEOUT


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("interrupted from keyboard", Answer.INTERRUPTED),
        ("timeout", Answer.TIMEOUT),
        ("canceled", Answer.UNKNOWN),
    ],
)
def test_what_the_reasons_mean(reason: str, answer: Answer) -> None:
    assert Session(z3.Context(), "QF_FD")._given_up(reason).answer is answer


class Failing:
    """A solver whose check ends with an exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def check(self) -> None:
        raise self.error


def test_exceptions_are_answers() -> None:
    asked = Session(z3.Context(), "QF_FD")
    canceled = asked._check(Failing(z3.Z3Exception("canceled")))
    assert canceled == session.Reply(Answer.UNKNOWN, reason="canceled")
    with pytest.raises(RuntimeError):
        asked._check(Failing(RuntimeError("a fault of ours")))


def test_an_interrupt_ends_a_question() -> None:
    context = z3.Context()
    asked = Session(context, "QF_FD", is_interrupted=lambda: True)
    asked.add(*pigeons(context, 12))
    assert asked.ask().answer is Answer.INTERRUPTED
