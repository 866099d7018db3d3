"""Certificates: what is accepted, and what tampering and change do to them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelcheck.certify.certificate import (
    Certificate,
    CertificateError,
    digest,
    from_json,
    read_clauses,
    read_invariant,
    to_json,
)
from modelcheck.certify.check import refuse
from modelcheck.model import terms as t
from modelcheck.model.clauses import Balance, Clause, Literal
from modelcheck.model.program import EVALUATION, Kind, Model
from modelcheck.model.shapes import Scalar
from modelcheck.model.statements import Check, Require
from modelcheck.model.terms import Sort
from modelcheck.reader import read_spec
from modelcheck.trace.invariant import ClauseSpeller
from tests.unit.solve.models import (
    BOOLS,
    CHECKS,
    DEADLOCK,
    Parts,
    assertion,
    cells,
    check,
    choose,
    fitting,
    ints,
    masks,
    prop,
    temp,
)

ONE = t.const(1)
EVEN = (Literal(0, frozenset({0, 2, 4, 6})),)


def evens() -> Model:
    """Goes up by two, round at 8; from an odd number it could go anywhere."""
    parts = Parts(cells(n=ints(0, 7)), (0,))
    n = parts.cells[0].now
    anything = temp(1, ints(0, 7))
    is_odd = t.eq(t.mod(n, t.const(2)), ONE)
    parts.step("up", Require(t.not_(is_odd)), *fitting(parts.cells[0], next_(n), 1))
    parts.step("anywhere", Require(is_odd), choose(anything), *jump(parts, anything))
    parts.properties = [
        prop(Kind.INVARIANT, "never_seven", t.not_(t.eq(n, t.const(7)))),
        prop(Kind.REACHABLE, "three", t.eq(n, t.const(3))),
        DEADLOCK,
        CHECKS,
    ]
    return parts.model()


def next_(n: t.Term) -> t.Term:
    return t.mod(t.add(n, t.const(2)), t.const(8))


def jump(parts: Parts, to: t.Term) -> tuple[Any, ...]:
    return fitting(parts.cells[0], to, 2)


CLAIMS = {
    "never_seven": "holds",
    "three": "unreachable",
    "deadlock": "holds",
    EVALUATION: "holds",
}


def proof(model: Model, *clauses: Clause, k: int = 1, **claims: str) -> Certificate:
    asked = claims or CLAIMS
    tie = digest(model, asked)
    return Certificate("x.py", {}, "await", tie, "t", "pdr", k, asked, clauses)


def test_an_inductive_invariant_is_accepted() -> None:
    assert refuse(proof(evens(), EVEN), evens()) is None


def test_without_its_clause_it_is_no_proof() -> None:
    found = refuse(proof(evens()), evens())
    assert found is not None
    assert found.is_known
    assert "induction fails" in found.reason


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ((Literal(0, frozenset({2, 4, 6})),), "clause 0 is false after 0 steps"),
        ((Literal(0, frozenset({0, 2, 4})),), "induction fails: clause 0"),
        ((Literal(0, frozenset(range(7))),), "induction fails"),
        ((), "clause 0 is false after 0 steps"),
    ],
)
def test_a_wrong_clause_is_refused(clause: Clause, reason: str) -> None:
    found = refuse(proof(evens(), clause), evens())
    assert found is not None
    assert reason in found.reason


def test_a_claim_that_does_not_hold_is_refused() -> None:
    model = evens()
    n = model.cells[0].now
    false = prop(Kind.INVARIANT, "false", t.not_(t.eq(n, t.const(4))))
    model = replace(model, properties=(*model.properties, false))
    found = refuse(proof(model, EVEN, false="holds"), model)
    assert found is not None
    assert "false is refuted" in found.reason


def test_k_is_checked() -> None:
    """A counter that stops at 3: 4 is out of its way, 9 is what 4 leads to."""
    parts = Parts(cells(n=ints(0, 9)), (0,))
    n = parts.cells[0].now
    parts.step("up", Require(t.not_(t.eq(n, t.const(3)))), *fitting(*up(parts)))
    bad = prop(Kind.INVARIANT, "not_nine", t.not_(t.eq(n, t.const(9))))
    parts.properties = [bad]
    model = parts.model()
    assert refuse(proof(model, k=6, not_nine="holds"), model) is None
    assert refuse(proof(model, k=5, not_nine="holds"), model) is not None
    # More steps than there are: 0, 1, 2, 3 is the longest path.
    assert refuse(proof(model, k=8, not_nine="holds"), model) is None


def up(parts: Parts) -> tuple[Any, ...]:
    return parts.cells[0], t.add(parts.cells[0].now, ONE), 1


def test_the_base_is_checked_for_every_length() -> None:
    """Stuck at 2, which is bad: no path of 3 steps shows it."""
    parts = Parts(cells(n=ints(0, 2)), (0,))
    n = parts.cells[0].now
    parts.step("up", Require(t.lt(n, t.const(2))), *fitting(*up(parts)))
    parts.properties = [prop(Kind.INVARIANT, "low", t.lt(n, t.const(2)))]
    found = refuse(proof(parts.model(), k=5, low="holds"), parts.model())
    assert found is not None
    assert found.reason == "low is refuted after 2 steps"


def test_a_bit_of_a_mask_and_of_a_large_number() -> None:
    parts = Parts(cells(m=masks(3), n=ints(-50, 100)), (0b010, -50))
    m, n = (cell.now for cell in parts.cells)
    two_more = t.ite(t.lt(n, t.const(99)), t.add(n, t.const(2)), n)
    parts.step("two more", *fitting(parts.cells[1], two_more, 1))
    parts.properties = [
        prop(Kind.INVARIANT, "even", t.eq(t.mod(n, t.const(2)), t.const(0))),
        prop(Kind.INVARIANT, "member", t.has(m, ONE)),
    ]
    model = parts.model()
    claims = {"even": "holds", "member": "holds"}
    lowest, member = (Literal(1, frozenset({0}), 0), Literal(0, frozenset({1}), 1))
    assert refuse(proof(model, (lowest,), (member,), **claims), model) is None
    for wrong in (replace(lowest, values=member.values), Literal(0, lowest.values, 1)):
        assert refuse(proof(model, (wrong,), **claims), model) is not None


def test_nothing_is_proved_of_no_initial_state() -> None:
    model = replace(evens(), init=(Require(t.FALSE),))
    found = refuse(proof(model, EVEN), model)
    assert found is not None
    assert found.reason == "there is no initial state"


def test_nothing_is_proved_where_something_is_cut_off() -> None:
    n = evens().cells[0].now
    low = prop(Kind.CONSTRAINT, "low", t.lt(n, t.const(6)))
    model = replace(evens(), constraints=(low,))
    found = refuse(proof(model, EVEN), model)
    assert found is not None
    assert "cut off" in found.reason


def test_an_initialisation_that_fails_is_refused() -> None:
    model = replace(evens(), init=(check(t.FALSE, 3),))
    found = refuse(proof(model, EVEN), model)
    assert found is not None
    assert "initialisation" in found.reason


def test_a_property_without_a_value_is_refused() -> None:
    partial = prop(Kind.INVARIANT, "partial", t.TRUE, check(t.FALSE, 9, Check.KEY))
    model = replace(evens(), properties=(partial,))
    found = refuse(proof(model, EVEN, partial="holds"), model)
    assert found is not None


def test_assertions_are_told_apart_by_their_places() -> None:
    parts = Parts(cells(n=ints(0, 3)), (0,))
    n = parts.cells[0].now
    asserted = (check(t.lt(n, t.const(1)), 1), check(t.lt(n, t.const(9)), 2))
    parts.step("go", *asserted, *fitting(*up(parts)))
    parts.properties = [assertion(1), assertion(2), CHECKS]
    model = parts.model()
    assert refuse(proof(model, assert_1="holds"), model) is not None
    assert refuse(proof(model, assert_2="holds"), model) is None


def test_claims_must_be_about_properties() -> None:
    wrong = ({"nobody": "holds"}, {"three": "holds"}, {"deadlock": "unreachable"})
    for claims in wrong:
        with pytest.raises(CertificateError):
            refuse(proof(evens(), EVEN, **claims), evens())


def test_the_digest_is_about_what_the_model_does() -> None:
    model = evens()
    mine = digest(model, CLAIMS)
    moved = replace(model, path="elsewhere.py", doc="Other words.", name="Other")
    assert digest(moved, CLAIMS) == mine
    others = [
        replace(model, zero=(2,)),
        replace(model, steps=model.steps[:1]),
        replace(model, cells=cells(n=ints(0, 8))),
        replace(model, constraints=(prop(Kind.CONSTRAINT, "c", t.TRUE),)),
        replace(model, is_rest=t.TRUE),
        replace(model, init=(Require(t.FALSE),)),
    ]
    assert mine not in {digest(other, CLAIMS) for other in others}
    assert digest(model, ["deadlock"]) != mine


def test_the_digest_tells_which_checks_an_assertion_stands_for() -> None:
    parts = Parts(cells(n=ints(0, 3)), (0,))
    parts.step("go", check(t.TRUE, 1), check(t.FALSE, 2))
    parts.properties = [replace(assertion(1), name="it")]
    other = Parts(parts.cells, (0,), steps=parts.steps)
    other.properties = [replace(assertion(2), name="it")]
    assert digest(parts.model(), ["it"]) != digest(other.model(), ["it"])


def test_another_state_of_the_spec_is_refused() -> None:
    changed = replace(evens(), zero=(2,))
    with pytest.raises(CertificateError, match="changed"):
        refuse(proof(evens(), EVEN), changed)


def test_a_certificate_survives_its_file() -> None:
    model = evens()
    balance = Balance(((Literal(0, frozenset({1})), 2), (EVEN[0], -1)), -1)
    wanted = replace(proof(model, EVEN), balances=(balance,))
    text = to_json(wanted, model, ClauseSpeller(model).invariant(wanted))
    found, parts = from_json(text)
    clauses, balances = read_invariant(parts, model)
    assert replace(found, clauses=clauses, balances=balances) == wanted
    assert refuse(wanted, model) is None


def test_a_balance_is_an_equation_between_sums() -> None:
    parts = cells(n=ints(1, 3), b=BOOLS, c=ints(0, 2), m=masks(2))
    model = replace(Parts(parts, (1, 0, 0, 0)).model(), variables=())
    said = ClauseSpeller(model).balance

    def of(cell: int, *values: int, bit: int | None = None) -> Literal:
        return Literal(cell, frozenset(values), bit)

    one = Balance(((of(1, 1), 1), (of(2, 0, 1), -2), (of(3, 1, bit=1), -1)), 3)
    assert said(one) == "(b) == 2 * (c != 2) + (1 in m) + 3"
    assert said(Balance(((of(1, 1), 1),), -2)) == "(b) + 2 == 0"
    assert said(Balance((), 0)) == "0 == 0"
    counter = Balance(((of(0, 2), 2), (of(0, 3), 4), (of(1, 1), -1)), 0)
    assert said(counter) == "2 * (n == 2) + 4 * (n == 3) == (b)"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "modelcheck.certificate/0"},
        {"k": 0},
        {"k": True},
        {"claims": {"never_seven": "perhaps"}},
        {"claims": ["never_seven"]},
        {"scopes": None},
        {"clauses": "none"},
    ],
)
def test_a_malformed_certificate_is_refused(change: dict[str, object]) -> None:
    data = json.loads(to_json(proof(evens(), EVEN), evens(), [""]))
    with pytest.raises(CertificateError):
        from_json(json.dumps({**data, **change}))


@pytest.mark.parametrize(
    "literal",
    [
        {"cell": "nobody", "values": [0]},
        {"cell": "n", "values": ["0"]},
        {"cell": "n", "values": [0], "bit": 9},
        {"cell": "n", "values": [0], "bit": -1},
        {"cell": "n"},
        "n == 0",
    ],
)
def test_a_malformed_clause_is_refused(literal: object) -> None:
    with pytest.raises(CertificateError):
        read_clauses([{"any": [literal]}], evens())


@pytest.mark.parametrize(
    "balance",
    [
        {"sum": [{"cell": "n", "values": [0]}], "total": 0},
        {"sum": [{"cell": "n", "values": [0], "weight": "1"}], "total": 0},
        {"sum": [{"cell": "m", "values": [0], "weight": 1}], "total": 0},
        {"sum": [], "total": None},
        {"sum": 3, "total": 0},
    ],
)
def test_a_malformed_balance_is_refused(balance: object) -> None:
    with pytest.raises(CertificateError, match="malformed"):
        read_invariant([balance], evens())


@pytest.mark.parametrize("text", ["", "[]", "{", "3", "null"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(CertificateError):
        from_json(text)


SPEC = '''"""A small spec."""

from modelcheck import Mutex, Scalarset, Spec, invariant, process


class User(Scalarset, size=2):
    """A user."""


class Owned(Spec):
    """One owner at a time."""

    mutex: Mutex
    owner: User | None = None

    @process
    async def user(self, me: User) -> None:
        """Own it for a while."""
        while True:
            async with self.mutex:
                self.owner = me
            self.owner = None

    @invariant
    def locked(self) -> bool:
        """False as soon as one is about to let go."""
        return True
'''


def test_a_set_without_elements_is_a_constant(tmp_path: Path) -> None:
    """The readers of a lock in a spec without processes."""
    path = tmp_path / "idle.py"
    path.write_text(
        """
from modelcheck import RWLock, Spec, action, invariant


class Idle(Spec):
    lock: RWLock
    up: bool = False

    @action
    def turn(self) -> None:
        self.up = not self.up

    @invariant
    def free(self) -> bool:
        return not self.lock.locked()
""",
        encoding="utf-8",
    )
    model = read_spec(str(path))
    readers = [cell for cell in model.cells if cell.range == Scalar(Sort.MASK, 0, 0)]
    assert readers
    assert refuse(proof(model, free="holds"), model) is None


def test_scopes_make_another_model(tmp_path: Path) -> None:
    path = tmp_path / "owned.py"
    path.write_text(SPEC, encoding="utf-8")
    two, three = (read_spec(str(path), {"User": size}) for size in (2, 3))
    certificate = proof(two, locked="holds")
    assert refuse(certificate, two) is None
    with pytest.raises(CertificateError):
        refuse(certificate, three)


COUNTED = '''"""A counter."""

from typing import Annotated

from modelcheck import Spec, action


class Counted(Spec):
    """A counter of one thing."""

    n: Annotated[int, range(-1, 3)] = 0
    is_held: bool = False

    @action
    def take(self) -> None:
        """Count it."""
        self.n = 1
        self.is_held = True
'''


def test_a_number_is_one_term_of_a_balance(tmp_path: Path) -> None:
    path = tmp_path / "counted.py"
    path.write_text(COUNTED, encoding="utf-8")
    model = read_spec(str(path))
    held = (Literal(1, frozenset({1})), -3)
    tripled = tuple((Literal(0, frozenset({v})), 3 * v + 5) for v in range(-1, 3))
    said = ClauseSpeller(model).balance
    assert said(Balance((*tripled, held), 5)) == "3 * n == 3 * (is_held)"
    assert said(Balance((*tripled[:3], held), 5)).startswith("2 * (n == -1) + 5 * ")
