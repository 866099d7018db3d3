"""What grows with a scope, against permutations of states and plain definitions."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.explore.member_view import MemberViews
from modelcheck.explore.state_sample import walk_states
from modelcheck.layout.values import state_values
from modelcheck.model.permuting import Exchange, NoExchange, scalarset_types
from modelcheck.model.program import Model
from modelcheck.reader.read import read_spec
from modelcheck.verdict.scopes import Growth, NoScalarsetError, grow
from modelcheck.verdict.verdicts import Limits, Silence, Verdict
from tests.corpus.cases import CASES, Case
from tests.corpus.reading import model_of

SPECS = Path(__file__).parents[3] / "specs"
CORPUS = Path(__file__).parents[2] / "corpus" / "specs"

COUNTING = '''
"""Devices register; nobody expects a fourth."""

from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, require


class Device(Scalarset, size=2):
    """A device."""


class Counting(Spec):
    """Each registers once."""

    registered: set[Device] = set()
    count: Annotated[int, range(0, 9)] = 0

    @action
    def register(self, dev: Device) -> None:
        """Count it."""
        require(dev not in self.registered)
        self.registered.add(dev)
        self.count += 1

    @invariant
    def few(self) -> bool:
        """True of up to three devices."""
        return self.count < 4
'''


ALL = Limits()


def growth_of(
    spec: Path, name: str, last: int, limits: Limits = ALL, most: int = 50_000
) -> Growth:
    def read(size: int) -> Model:
        return read_spec(str(spec), {name: size})

    return grow(read, name, range(1, last + 1), limits, Silence(), most=most)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_an_exchange_of_members_exchanges_their_views(case: Case) -> None:
    model = model_of(case)
    for scalarset in scalarset_types(model).values():
        if not scalarset.symmetric:
            continue
        views = MemberViews(model, scalarset)
        for low in range(scalarset.size - 1):
            try:
                exchange = Exchange(model, scalarset, low)
            except NoExchange:
                continue
            for state in walk_states(model, 100)[0]:
                local = list(views.local(state))
                local[low], local[low + 1] = local[low + 1], local[low]
                assert views.local(exchange.state(state)) == tuple(local)


def test_local_states_of_an_allocator_are_those_of_its_values() -> None:
    model = read_spec(str(CORPUS / "tcommit.py"), {"RM": 3})
    views = MemberViews(model, scalarset_types(model)["RM"])
    for state in walk_states(model, 300)[0]:
        local = views.local(state)
        # The only variable maps each manager to the name of its phase.
        (phases,) = state_values(model, state).values()
        assert isinstance(phases, dict)
        named = list(phases.values())
        for one in range(3):
            for two in range(3):
                assert (local[one] == local[two]) is (named[one] == named[two])


def test_two_phase_commit_is_saturated() -> None:
    growth = growth_of(CORPUS / "two_phase.py", "RM", 4)
    assert [row.states for row in growth.rows] == [12, 56, 288, 1568]
    assert [row.new_locals for row in growth.rows] == [12, 0, 0, 0]
    assert growth.saturated == 1


def test_a_second_file_is_someone_else() -> None:
    # With one file "the owner is another one" is no local state.
    growth = growth_of(SPECS / "ownership.py", "File", 3)
    assert [row.locals for row in growth.rows] == [5, 6, 6]
    assert growth.saturated == 2


def test_a_counter_is_never_saturated(tmp_path: Path) -> None:
    spec = tmp_path / "counting.py"
    spec.write_text(COUNTING)
    growth = growth_of(spec, "Device", 4, Limits(deadlock=False))
    assert [row.violated for row in growth.rows] == [{}, {}, {}, {"few": 4}]
    assert [row.new_locals for row in growth.rows] == [2, 2, 2, 2]
    assert growth.saturated is None


def test_a_new_verdict_ends_saturation(tmp_path: Path) -> None:
    # The invariant counts members; none of them sees how many there are.
    spec = tmp_path / "crowd.py"
    text = COUNTING.replace("        self.count += 1\n", "")
    spec.write_text(text.replace("self.count < 4", "len(self.registered) < 4"))
    growth = growth_of(spec, "Device", 4, Limits(deadlock=False))
    assert [row.new_locals for row in growth.rows] == [2, 0, 0, 0]
    assert [row.new_shapes for row in growth.rows] == [1, 0, 0, 0]
    assert growth.rows[3].verdicts["few"] is Verdict.VIOLATED
    assert growth.saturated is None


def test_a_check_that_fails_is_told_whatever_is_asked_for(tmp_path: Path) -> None:
    spec = tmp_path / "crowd.py"
    spec.write_text(COUNTING)
    limits = Limits(properties=frozenset({"few"}))
    growth = growth_of(spec, "Device", 2, limits)
    assert [set(row.verdicts) for row in growth.rows] == [{"few"}] * 2
    spec.write_text(COUNTING.replace("self.count += 1", "self.count += 5"))
    growth = growth_of(spec, "Device", 2, limits)
    assert [row.violated for row in growth.rows] == [
        {"few": 1},
        {"few": 1, "no_evaluation_error": 2},
    ]


def test_what_was_not_seen_is_not_saturated() -> None:
    growth = growth_of(CORPUS / "two_phase.py", "RM", 3, most=40)
    assert [row.is_viewed for row in growth.rows] == [True, True, False]
    assert growth.rows[2].is_complete is False
    assert growth.saturated is None


def test_a_bound_in_time_is_said() -> None:
    growth = growth_of(CORPUS / "two_phase.py", "RM", 2, Limits(seconds=1e-9))
    assert not any(row.is_complete for row in growth.rows)
    assert growth.saturated is None


def test_a_scope_that_is_no_scalarset() -> None:
    def read(size: int) -> Model:
        return read_spec(str(CORPUS / "two_phase.py"), {"RM": size})

    with pytest.raises(NoScalarsetError, match="no symmetric Scalarset called File"):
        grow(read, "File", range(1, 3), Limits(), Silence())
