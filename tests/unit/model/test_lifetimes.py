"""Which temporaries hold a value over a suspension."""

import pytest

from modelcheck.model import terms as t
from modelcheck.model.lifetimes import crossing
from modelcheck.model.statements import (
    Body,
    Break,
    If,
    Let,
    Loop,
    Require,
    Scope,
    Suspend,
    WaitKind,
)
from modelcheck.model.terms import Op, Sort, Term

WAIT = Suspend(WaitKind.PREEMPT, "here")


def temp(number: int) -> Term:
    return t.leaf(Op.TEMP, number, Sort.BOOL, 0, 1)


ONE, TWO = temp(1), temp(2)
SET, READ = Let(ONE, t.TRUE), Require(ONE)
COPY, READ_COPY = Let(TWO, ONE), Require(TWO)

CASES: dict[str, tuple[Body, set[Term]]] = {
    "read behind it": ((SET, WAIT, READ), {ONE}),
    "read before it": ((SET, READ, WAIT), set()),
    "set again": ((SET, WAIT, SET, READ), set()),
    "set again on one way": ((SET, WAIT, If(TWO, (SET,)), READ), {ONE, TWO}),
    "a copy": ((SET, COPY, WAIT, READ_COPY), {TWO}),
    "copied behind it": ((SET, WAIT, COPY, READ_COPY), {ONE}),
    "read in the next round": ((SET, Loop((READ, WAIT))), {ONE}),
    "set in each round": ((SET, Loop((SET, READ, WAIT))), set()),
    "behind a break": ((SET, Scope(9, (WAIT, Break(9), SET)), READ), {ONE}),
    "not behind a break": ((SET, Scope(9, (WAIT, Break(9), READ)), SET, READ), set()),
    "out of a loop": (
        (SET, Scope(9, (Loop((WAIT, If(TWO, (Break(9),)), SET)),)), READ),
        {ONE, TWO},
    ),
    "over two": ((SET, WAIT, WAIT, READ), {ONE}),
}


@pytest.mark.parametrize("title", CASES)
def test_crossing(title: str) -> None:
    body, wanted = CASES[title]
    assert crossing(body) == wanted
