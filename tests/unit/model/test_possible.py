"""Values of cells by themselves: all that are reached, and few that are not."""

from __future__ import annotations

from itertools import islice
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.model.possible import possible
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.reader import read_spec
from modelcheck.reader.errors import SpecError
from tests.corpus.cases import CASES, Case
from tests.corpus.permuted import reachable
from tests.corpus.reading import model_of
from tests.property.specs import specs

SMALL = [case for case in CASES if (case.distinct or 10**9) <= 2_000]
MOST_STATES = 200

SPEC = '''
"""A group that nobody switches, a counter, and a flag about each."""

from enum import Enum
from typing import Annotated, Self

from modelcheck import Scalarset, Spec, action, choose, invariant, require, transition


class Driver(Enum):
    """What may be bound."""

    DMA_API = 0
    PRIVATE = 1
    VFIO = 2


class Device(Scalarset, size=2):
    """A device."""


class Group(Spec):
    """PRIVATE is left out by `bind`."""

    driver: dict[Device, Driver | None] = {dev: None for dev in Device}
    attached: set[Device] = set()
    switching: bool = False
    gap: bool = False
    users: Annotated[int, range(0, 3)] = 0
    warned: bool = False

    @action
    def bind(self, dev: Device) -> None:
        """One of two kinds."""
        driver = choose(Driver)
        require(driver in {Driver.DMA_API, Driver.VFIO})
        require(self.driver[dev] is None)
        self.driver[dev] = driver
        self.users += 1
        if driver is Driver.PRIVATE:
            self.attached.add(dev)

    @action
    def unbind(self, dev: Device) -> None:
        """Whoever it is."""
        require(self.driver[dev] is not None)
        if self.driver[dev] is Driver.PRIVATE:
            self.attached.discard(dev)
        if self.users == 0:
            self.warned = True
        else:
            self.users -= 1
        self.driver[dev] = None
        if self.switching:
            self.gap = True

    @invariant
    def nothing_attached(self) -> bool:
        """The branch is never taken, whatever comes first."""
        return len(self.attached) == 0

    @invariant
    def attached_has_a_driver(self) -> bool:
        """It speaks of attached devices."""
        return all(self.driver[dev] is Driver.PRIVATE for dev in self.attached)

    @invariant
    def no_gap(self) -> bool:
        """Nobody switches."""
        return not self.gap

    @transition
    def attached_stays(self, after: Self) -> bool:
        """Of what is attached."""
        return all(dev in after.attached for dev in self.attached)

    @invariant
    def no_warning(self) -> bool:
        """It holds because the counter counts."""
        return not self.warned

    @invariant
    def users_are_counted(self) -> bool:
        """This as well."""
        return self.users == sum(self.driver[dev] is not None for dev in Device)

    @transition
    def one_at_a_time(self, after: Self) -> bool:
        """And this."""
        return after.users - self.users < 2
'''


def some_states(model: Model) -> list[State]:
    """The first states that a breadth-first search finds."""
    interpreter = Interpreter(model)
    seen = dict.fromkeys(interpreter.initial())
    for state in (queue := list(seen)):
        found = (outcome.state for outcome in interpreter.successors(state))
        for after in (s for s in found if s is not None and s not in seen):
            seen[after] = None
            queue.append(after)
            if len(queue) >= MOST_STATES:
                return queue
    return queue


def is_violated(model: Model, prop: Property, state: State) -> bool:
    interpreter = Interpreter(model)
    try:
        if prop.kind is Kind.INVARIANT:
            return not interpreter.holds(prop, state)
        found = (outcome.state for outcome in interpreter.successors(state))
        return any(not interpreter.holds(prop, state, s) for s in found if s)
    except EvaluationError:
        return False


def judged(model: Model) -> list[Property]:
    kinds = (Kind.INVARIANT, Kind.TRANSITION)
    return [prop for prop in model.properties if prop.kind in kinds]


def test_what_does_not_exist_cannot_fail(tmp_path: Path) -> None:
    (tmp_path / "group.py").write_text(SPEC, encoding="utf-8")
    model = read_spec(str(tmp_path / "group.py"))
    found = possible(model)
    idle = {prop.name for prop in judged(model) if not found.can_fail(prop)}
    assert idle == {
        "nothing_attached",
        "attached_has_a_driver",
        "attached_stays",
        "no_gap",
    }
    by_name = {prop.name: prop for prop in model.properties}
    assert found.unchanging(by_name["no_gap"]) == ("gap",)
    assert found.unchanging(by_name["attached_has_a_driver"]) == ("attached",)
    with pytest.raises(ValueError, match="deadlock"):
        found.can_fail(by_name["deadlock"])


@pytest.mark.parametrize("case", SMALL, ids=attrgetter("name"))
def test_the_corpus_has_no_other_values(case: Case) -> None:
    model = model_of(case)
    found = possible(model)
    assert all(map(found.admits, reachable(model)))


def test_generated_specs_have_no_other_values(tmp_path: Path) -> None:
    met = {"models": 0, "violated": 0, "idle": 0}
    file = tmp_path / "generated.py"

    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def check(text: str) -> None:
        file.write_text(text, encoding="utf-8")
        try:
            model = read_spec(str(file))
        except SpecError:
            return
        met["models"] += 1
        found = possible(model)
        states = some_states(model)
        assert all(map(found.admits, states))
        for prop in judged(model):
            if not found.can_fail(prop):
                met["idle"] += 1
                assert not any(is_violated(model, prop, s) for s in islice(states, 50))
            else:
                bad = (is_violated(model, prop, s) for s in islice(states, 50))
                met["violated"] += any(bad)

    check()
    assert met["models"] > 100
    assert met["violated"] > 20
    assert met["idle"] > 5
