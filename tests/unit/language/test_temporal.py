from collections.abc import Callable
from typing import Annotated

import pytest

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    every,
    implies,
    leads_to,
    next_state,
    require,
    some,
    temporal,
    until,
)
from modelcheck.language.errors import LanguageError, SpecDefinitionError
from modelcheck.language.outcomes import Move, StepFailed
from modelcheck.language.run import RecordKind, run_random
from modelcheck.language.scheduler import World


class Device(Scalarset, size=2):
    pass


class Group(Spec):
    count: Annotated[int, range(3)] = 0
    bound: set[Device] = set()  # noqa: RUF012 - a variable of the state

    @action
    def bind(self, dev: Device) -> None:
        require(dev not in self.bound)
        self.bound.add(dev)
        self.count += 1

    @temporal
    def binds(self) -> Formula:
        return every(self.stays(dev) for dev in Device) | (self.count == 0)

    def stays(self, dev: Device) -> Formula:
        return eventually(always(dev in self.bound))


class Varying(Group):
    @temporal
    def binds(self) -> Formula:
        return every(eventually(dev in self.bound) for dev in self.bound)


class NoFormula(Group):
    @temporal
    def binds(self) -> Formula:
        return self.count == 0  # type: ignore[return-value]


class Dividing(Group):
    @temporal
    def binds(self) -> Formula:
        return always(2 // self.count == 1)


def first(options: object) -> object:
    assert isinstance(options, tuple | list)
    return options[0]


@pytest.mark.parametrize(
    ("formula", "shape"),
    [
        (always(True), "always(atom)"),
        (eventually(next_state(False)), "eventually(next(atom))"),
        (until(True, always(False)), "until(atom, always(atom))"),
        (implies(True, False), "or(not(atom), atom)"),
        (leads_to(True, False), "always(or(not(atom), eventually(atom)))"),
        (always(True) & False, "and(always(atom), atom)"),
        (True & always(True), "and(atom, always(atom))"),
        (always(True) | always(False), "or(always(atom), always(atom))"),
        (False | always(True), "or(atom, always(atom))"),
        (~always(True), "not(always(atom))"),
        (every([True, always(True)]), "and(atom, always(atom))"),
        (
            some(always(flag) for flag in (True, False)),
            "or(always(atom), always(atom))",
        ),
        (every([]), "and"),
    ],
)
def test_operators_build_a_tree(formula: Formula, shape: str) -> None:
    assert formula.shape == shape


def test_a_leaf_has_the_value_of_its_state() -> None:
    left, right = until(True, False).operands
    assert (left.value, right.value) == (True, False)


@pytest.mark.parametrize(
    "test",
    [
        lambda f: f and True,
        lambda f: f or True,
        lambda f: not f,
        lambda f: 1 if f else 2,
        lambda f: all([f]),
    ],
)
def test_a_formula_is_neither_true_nor_false(test: Callable[[Formula], object]) -> None:
    with pytest.raises(LanguageError, match="combine formulas with `&`"):
        bool(test(always(True)))


@pytest.mark.parametrize("value", [1, None, "x", [True]])
def test_only_a_bool_is_a_leaf(value: bool) -> None:
    with pytest.raises(LanguageError, match="neither a formula nor a bool"):
        always(value)
    with pytest.raises(LanguageError, match="neither a formula nor a bool"):
        always(True) & value


def test_until_with_a_wait_and_a_formula() -> None:
    with pytest.raises(LanguageError, match="takes two formulas"):
        until(lambda: True, False)  # type: ignore[call-overload]


def test_the_formula_of_a_state() -> None:
    world = World(Group, first)  # type: ignore[arg-type]
    before = world.formula("binds")
    assert world.try_take(Move("bind(dev0)"))
    after = world.formula("binds")
    assert before.shape == after.shape
    assert (before.operands[1].value, after.operands[1].value) == (True, False)


def test_what_returns_no_formula() -> None:
    with pytest.raises(LanguageError, match="returns a Formula, not True"):
        World(NoFormula, first).formula("binds")  # type: ignore[arg-type]


def test_a_formula_without_value() -> None:
    world = World(Dividing, first)  # type: ignore[arg-type]
    with pytest.raises(StepFailed):
        world.formula("binds")
    records = list(run_random(Dividing, steps=5, seed=0))
    assert records[-1].kind is RecordKind.STUCK


def test_a_run_does_not_judge_temporal_properties() -> None:
    records = list(run_random(Group, steps=5, seed=0))
    assert [record.broken for record in records] == [()] * 4


def test_a_run_sees_that_the_shape_changes() -> None:
    with pytest.raises(SpecDefinitionError, match="must not depend on the state"):
        list(run_random(Varying, steps=5, seed=0))
