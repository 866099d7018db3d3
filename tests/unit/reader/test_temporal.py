"""What the reader makes of @temporal, fair= and @fairness."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.model.printer import formula_text, show_model
from modelcheck.model.program import Kind, Model
from modelcheck.model.temporal import Connective, Fairness, Strength, Temporal
from modelcheck.reader import SpecError, read_spec

HEAD = '''
from typing import Annotated, Self

import modelcheck
from modelcheck import (
    VIOLATED, Formula, Scalarset, Spec, action, always, choose, eventually, every,
    fairness, implies, leads_to, next_state, preempt, process, require, some, temporal,
    until,
)


class Device(Scalarset, size=2):
    """A device."""


def quiet(group: "Group", dev: Device) -> Formula:
    return always(dev not in group.bound)


class Group(Spec):
    busy: bool = False
    count: Annotated[int, range(0, 3)] = 0
    bound: set[Device] = set()

    @process(fair="weak", instances=2)
    async def worker(self, dev: Device) -> None:
        await preempt()
        self.bound.add(dev)
        await preempt()
        self.bound.discard(dev)

    @action(fair="strong")
    def toggle(self, dev: Device) -> None:
        require(dev in self.bound)
        self.busy = not self.busy

    @action
    def count_up(self) -> None:
        self.count = (self.count + 1) % 3

    def stays(self, dev: Device) -> Formula:
        return always(dev in self.bound)

    def is_bound(self, dev: Device) -> bool:
        return dev in self.bound
'''

EVERYTHING = (
    HEAD
    + """
    @fairness("strong", of="worker")
    def binds(self, after: Self, dev: Device) -> bool:
        return dev in after.bound and dev not in self.bound

    @temporal(expect=VIOLATED, because="nobody has to count")
    def counts(self) -> Formula:
        return some([eventually(self.count == 2), ~always(self.busy)])

    @temporal
    def more(self) -> Formula:
        return (
            every(leads_to(dev in self.bound, self.stays(dev)) for dev in Device)
            & implies(self.busy, next_state(until(self.count == 0, self.counts())))
            | some(quiet(self, dev) for dev in Device)
        )
"""
)
"""A spec with every operator, and every way to be fair."""


def read(body: str, folder: Path) -> Model:
    """The model of a spec with more methods."""
    path = folder / "group.py"
    lines = [f"    {line}" for line in body.strip("\n").splitlines()]
    path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    return read_spec(str(path))


def temporal(expression: str, folder: Path) -> Temporal:
    """The question of a property that returns `expression`."""
    body = f"@temporal\ndef asked(self) -> Formula:\n    return {expression}"
    (prop,) = [p for p in read(body, folder).properties if p.kind is Kind.TEMPORAL]
    assert prop.temporal is not None
    return prop.temporal


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("always(self.busy)", "always(self.busy)"),
        ("eventually(not self.busy)", "eventually(not self.busy)"),
        ("next_state(~always(self.busy))", "next_state(~always(self.busy))"),
        ("until(self.busy, self.count == 2)", "until(self.busy, self.count == 2)"),
        (
            "leads_to(self.busy, self.count == 0)",
            "always(implies(self.busy, eventually(self.count == 0)))",
        ),
        (
            "implies(self.busy, always(self.busy)) | (self.count == 1)",
            "implies(self.busy, always(self.busy)) | (self.count == 1)",
        ),
        (
            "every(self.stays(d) for d in Device)",
            "always(dev0 in self.bound) & always(dev1 in self.bound)",
        ),
        (
            "some(quiet(self, d) for d in Device)",
            "always(dev0 not in group.bound) | always(dev1 not in group.bound)",
        ),
        (
            "every(always({a} != self.bound) for _ in [0] for a in Device)",
            "always({dev0} != self.bound) & always({dev1} != self.bound)",
        ),
        ("modelcheck.always(self.busy)", "always(self.busy)"),
        (
            "always(all(self.is_bound(d) for d in Device))",
            "always(all((self.is_bound(d) for d in Device)))",
        ),
        ("always(self.busy) if len(Device) > 1 else eventually(True)",
         "always(self.busy)"),
        ("every([always(self.busy), False])", "always(self.busy) & False"),
        ("some(always(self.busy) for d in Device if len(Device) > 2)", "False"),
        ("always(True)", "always(True)"),
        ("self.busy", "self.busy"),
    ],
)  # fmt: skip
def test_formula(expression: str, shown: str, tmp_path: Path) -> None:
    assert formula_text(temporal(expression, tmp_path)) == shown


def test_leads_to_is_built_of_the_basic_operators(tmp_path: Path) -> None:
    formula = temporal("leads_to(self.busy, self.count == 0)", tmp_path).formula
    assert formula.op is Connective.ALWAYS
    (either,) = formula.operands
    left, right = either.operands
    assert (either.op, left.op, right.op) == (
        Connective.OR,
        Connective.NOT,
        Connective.EVENTUALLY,
    )


def test_equal_atoms_are_one(tmp_path: Path) -> None:
    found = temporal("until(self.busy, always(self.busy)) & (not self.busy)", tmp_path)
    assert [atom.text for atom in found.atoms] == ["self.busy", "not self.busy"]


def test_an_atom_may_compute(tmp_path: Path) -> None:
    found = temporal("always(sum(d in self.bound for d in Device) < 2)", tmp_path)
    (atom,) = found.atoms
    assert atom.span.line


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("leads_to(self.busy, self.count == 0)", ["self.busy"]),
        ("implies(self.busy & (self.count == 0), always(self.busy))",
         ["self.busy & (self.count == 0)"]),
        ("every(leads_to(d in self.bound, self.busy) for d in Device)",
         ["dev0 in self.bound", "dev1 in self.bound"]),
        # An antecedent that looks ahead, and one whose falsity refutes the property.
        ("leads_to(always(self.busy), self.count == 0)", []),
        ("~leads_to(self.busy, self.count == 0)", []),
        ("implies(implies(self.busy, always(self.busy)), self.count == 0)", []),
        ("~implies(~leads_to(self.busy, self.count == 0), self.busy)", []),
        ("implies(~leads_to(self.busy, self.count == 0), self.busy)", ["self.busy"]),
        ("leads_to(True, self.busy)", []),
    ],
)  # fmt: skip
def test_antecedents(expression: str, texts: list[str], tmp_path: Path) -> None:
    found = temporal(expression, tmp_path)
    assert [text for _, text in found.antecedents] == texts


def fairness_of(model: Model) -> dict[str, Fairness]:
    return {fair.name: fair for fair in model.fairness}


def actors(model: Model, fair: Fairness) -> set[str]:
    return {model.steps[index].actor for index in fair.steps}


def test_every_instance_is_fair_by_itself(tmp_path: Path) -> None:
    model = read("", tmp_path)
    found = fairness_of(model)
    workers = [f"worker(dev{d})#{i}" for d in range(2) for i in range(2)]
    assert list(found) == [*workers, "toggle(dev0)", "toggle(dev1)"]
    for name, fair in found.items():
        assert actors(model, fair) == {name}
        assert fair.result is None
        is_worker = name.startswith("worker")
        assert fair.strength is (Strength.WEAK if is_worker else Strength.STRONG)
    assert all(len(found[worker].steps) > 1 for worker in workers)


def test_a_transition_of_a_function_is_fair(tmp_path: Path) -> None:
    body = '''
@fairness("strong", of="worker")
def binds(self, after: Self, dev: Device) -> bool:
    """Binding does not fail for ever."""
    return dev in after.bound and dev not in self.bound
'''
    model = read(body, tmp_path)
    found = fairness_of(model)
    for dev in ("dev0", "dev1"):
        fair = found[f"binds({dev})"]
        assert fair.strength is Strength.STRONG
        assert actors(model, fair) == {f"worker({dev})#0", f"worker({dev})#1"}
        assert fair.result is not None


def test_a_transition_of_anybody_is_fair(tmp_path: Path) -> None:
    body = """
@fairness("weak")
def moves(self, after: Self, number: Annotated[int, range(1, 3)]) -> bool:
    return self.count != number and after.count == number
"""
    model = read(body, tmp_path)
    found = fairness_of(model)
    assert {"moves(1)", "moves(2)"} < set(found)
    assert found["moves(1)"].steps == frozenset(range(len(model.steps)))
    assert found["moves(1)"].result != found["moves(2)"].result


def test_an_override_says_again_how_fair_it_is(tmp_path: Path) -> None:
    body = """

class Other(Group):
    @process(instances=2)
    async def worker(self, dev: Device) -> None:
        self.bound.add(dev)
"""
    path = tmp_path / "group.py"
    path.write_text(HEAD + body, encoding="utf-8")
    names = [fair.name for fair in read_spec(str(path)).fairness]
    assert names == ["toggle(dev0)", "toggle(dev1)"]


def test_show(tmp_path: Path) -> None:
    body = """
@temporal(expect=VIOLATED, because="nobody has to count")
def counts(self) -> Formula:
    return eventually(self.count == 2)
"""
    shown = show_model(read(body, tmp_path), bodies=True)
    assert "temporal counts expect violated" in shown
    assert "      eventually(self.count == 2)\n" in shown
    assert "fairness\n  weak worker(dev0)#0" in shown


def test_a_property_builds_on_others(tmp_path: Path) -> None:
    body = """
@temporal
def counts(self) -> Formula:
    return eventually(self.count == 2)

@temporal
def counts_and_stays(self) -> Formula:
    return self.counts() & True
"""
    path = tmp_path / "group.py"
    lines = [f"    {line}" for line in body.strip("\n").splitlines()]
    text = "\n".join([HEAD, *lines, ""])
    text += """

class Other(Group):
    @temporal
    def counts(self) -> Formula:
        return super().counts() | always(self.busy)
"""
    path.write_text(text, encoding="utf-8")
    shown = {
        prop.name: formula_text(prop.temporal)
        for prop in read_spec(str(path)).properties
        if prop.temporal is not None
    }
    assert shown == {
        "counts": "eventually(self.count == 2) | always(self.busy)",
        "counts_and_stays": (
            "(eventually(self.count == 2) | always(self.busy)) & True"
        ),
    }


def test_a_helper_that_nobody_calls_is_read(tmp_path: Path) -> None:
    body = """
def unused(self, dev: Device) -> Formula:
    return every(always(self.is_bound(d)) for d in Device if d is not dev)

def wrong(self) -> Formula:
    return always(self.busy) and always(self.busy)
"""
    with pytest.raises(SpecError, match="`and` asks"):
        read(body, tmp_path)
