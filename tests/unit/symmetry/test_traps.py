"""How symmetry went wrong in other checkers: one test for each trap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.native.selfcheck import Mistake
from modelcheck.explore.reduction import Canonical, Reduction, find_reduction
from modelcheck.explore.search import Explorer
from modelcheck.layout.values import state_values
from modelcheck.model.program import Model
from modelcheck.reader.read import read_spec
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Silence, Verdict

HEAD = '''"""A spec."""

from typing import Annotated

from modelcheck import (
    Length, Scalarset, Spec, action, choose, init, invariant, process, reachable,
    require, transition, preempt, Mutex, assume,
)


class Dev(Scalarset, size=3):
    """A device."""


class S(Spec):
'''

Read = Callable[[str], Model]

ENGINES: list[Callable[[Reduction | None], Engine]] = [
    Explorer,
    lambda reduction: NativeExplorer(1, reduction=reduction),
    lambda reduction: NativeExplorer(2, reduction=reduction),
]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(body: str) -> Model:
        path = tmp_path / "spec.py"
        path.write_text(HEAD + body, encoding="utf-8")
        return read_spec(str(path))

    return read


def reduction_of(model: Model, limits: Limits | None = None) -> Reduction:
    found = find_reduction(model, limits or Limits())
    assert found is not None
    return found


def facts(model: Model, engine: Engine, limits: Limits | None = None) -> list[object]:
    found = engine.run(model, limits or Limits(), Silence())
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    return [
        (f.prop.name, f.verdict, f.evidence.length if f.evidence else None)
        for f in found.findings
    ]


FIRST_THAT_IS_ON = """
    on: set[Dev] = set()
    first: Dev | None = None

    @action
    def switch(self, dev: Dev) -> None:
        self.on.add(dev)

    @action
    def look(self) -> None:
        for dev in Dev:
            if dev in self.on:
                self.first = dev
                break
"""

EARLY_EXIT = """
    on: set[Dev] = set()
    is_broken: set[Dev] = {dev for dev in Dev if choose(bool)}

    @action
    def switch_all(self) -> None:
        for dev in Dev:
            if dev in self.is_broken:
                break
            self.on.add(dev)
"""

ORDERED_ASSERTION = """
    on: set[Dev] = set()

    @action
    def switch(self, dev: Dev) -> None:
        before = 0
        for other in Dev:
            if other is dev:
                break
            before += 1
        assert before < 2
        self.on.add(dev)
"""

FAILS_OR_DOES_NOTHING = """
    on: set[Dev] = set()
    is_broken: set[Dev] = set()

    @action
    def switch(self, dev: Dev) -> None:
        self.on.add(dev)

    @action
    def spoil(self, dev: Dev) -> None:
        require(len(self.on) == 3 and len(self.is_broken) == 0)
        self.is_broken.add(dev)

    @action
    def look(self) -> None:
        for dev in Dev:
            if dev in self.on:
                assert dev not in self.is_broken
                break
        require(False)
"""

CUT_OFF_OR_NOTHING = FAILS_OR_DOES_NOTHING.replace(
    "assert dev not in self.is_broken", "assume(dev not in self.is_broken)"
)

FAILS_WHERE_A_LIST_IS_EMPTY = """
    queue: Annotated[list[Dev], Length(1)] = []
    on: set[Dev] = set()
    is_broken: set[Dev] = set()

    @action
    def switch(self, dev: Dev) -> None:
        self.on.add(dev)

    @action
    def spoil(self, dev: Dev) -> None:
        require(len(self.on) == 3 and len(self.is_broken) == 0)
        self.is_broken.add(dev)

    @action
    def look(self) -> None:
        if len(self.queue) == 0:
            for dev in Dev:
                if dev in self.on:
                    assert dev not in self.is_broken
                    break
        require(len(self.queue) > 0)
        self.queue.clear()
"""

SPECIAL_FROM_THE_START = """
    first: Dev
    on: set[Dev] = set()

    @init
    def start(self) -> None:
        for dev in Dev:
            self.first = dev

    @action
    def switch(self) -> None:
        self.on.add(self.first)
"""

ORDERED_PROPERTY = """
    on: set[Dev] = set()

    @action
    def switch(self, dev: Dev) -> None:
        self.on.add(dev)

    @invariant
    def in_order(self) -> bool:
        is_ordered = True
        is_over = False
        for dev in Dev:
            if dev not in self.on:
                is_over = True
            elif is_over:
                is_ordered = False
        return is_ordered

    @invariant
    def few(self) -> bool:
        return len(self.on) < 3
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (FIRST_THAT_IS_ON, "the step look treats dev0 and dev1 differently at"),
        (EARLY_EXIT, "the step switch_all treats dev0 and dev1 differently at"),
        (ORDERED_ASSERTION, "the step switch(dev1) treats dev1 and dev2 differently"),
        (FAILS_OR_DOES_NOTHING, "the step look treats dev0 and dev1 differently"),
        (CUT_OFF_OR_NOTHING, "the step look treats dev0 and dev1 differently"),
        (FAILS_WHERE_A_LIST_IS_EMPTY, "the step look treats dev0 and dev1 differently"),
        (SPECIAL_FROM_THE_START, "the initial states treat dev1 and dev2 differently"),
        (ORDERED_PROPERTY, "in_order treats dev0 and dev1 differently at"),
    ],
)
def test_declared_symmetric_but_is_not(read: Read, body: str, reason: str) -> None:
    """Checked, not trusted: the reason names the place, and nothing is reduced."""
    model = read(body)
    assert model.symmetric == ("Dev",)
    reduction = reduction_of(model)
    assert reduction.axes == ()
    assert reduction.refused["Dev"].startswith(reason)
    expected = facts(model, Explorer())
    for engine in ENGINES:
        assert facts(model, engine(reduction)) == expected


def test_a_property_that_is_not_asked_does_not_count(read: Read) -> None:
    model = read(ORDERED_PROPERTY)
    limits = Limits(properties=frozenset({"few"}))
    reduction = reduction_of(model, limits)
    assert reduction.names == ("Dev",)
    expected = facts(model, Explorer(), limits)
    for engine in ENGINES:
        assert facts(model, engine(reduction), limits) == expected


ORDER_IS_NOT_FELT = """
    on: set[Dev] = set()
    queue: Annotated[list[Dev], Length(3)] = []
    last: Dev | None = None
    count: Annotated[int, range(0, 4)] = 0

    @action
    def join(self, dev: Dev) -> None:
        require(dev not in self.queue)
        self.queue.append(dev)
        self.last = dev

    @action
    def leave(self) -> None:
        require(len(self.queue) > 0)
        dev = self.queue.pop(0)
        self.on.add(dev)

    @action
    def recount(self) -> None:
        self.count = 0
        for dev in Dev:
            if dev in self.on:
                self.count += 1

    @invariant
    def not_everybody(self) -> bool:
        return not all(dev in self.on for dev in Dev)

    @transition
    def only_one_more(self, after: "S") -> bool:
        return sum(1 for dev in Dev if dev in after.on and dev not in self.on) <= 1

    @reachable
    def all_counted(self) -> bool:
        return self.count == 3 and self.last is not None
"""


def test_trace_values_permuted_between_steps(read: Read) -> None:
    """In a trace each member has one name from the first state to the last."""
    model = read(ORDER_IS_NOT_FELT)
    reduction = reduction_of(model)
    assert reduction.names == ("Dev",)
    for engine in ENGINES:
        found = engine(reduction).run(model, Limits(), Silence())
        evidence = {f.prop.name: f.evidence for f in found.findings}["not_everybody"]
        assert evidence is not None
        on: set[object] = set()
        for state in evidence.states:
            now = state_values(model, state)["on"]
            assert isinstance(now, frozenset)
            # A permutation between two steps would take a member away.
            assert on <= now
            on = set(now)
        assert replay_evidence(model, evidence).states == evidence.states


def test_spurious_violations(read: Read) -> None:
    """What is found is found without symmetry, at the same length; nothing else."""
    model = read(ORDER_IS_NOT_FELT)
    expected = facts(model, Explorer())
    for engine in ENGINES:
        for _ in range(3):
            assert facts(model, engine(reduction_of(model))) == expected


def test_flag_silently_ignored_by_one_engine(read: Read) -> None:
    """Every explorer that takes a reduction uses it, and says so."""
    model = read(ORDER_IS_NOT_FELT)
    reduction = reduction_of(model)
    whole = Explorer().run(model, Limits(), Silence())
    assert whole.counts is not None
    assert whole.saving is None
    counts: list[object] = []
    for engine in ENGINES:
        found = engine(reduction).run(model, Limits(), Silence())
        assert found.saving is not None
        assert found.saving.states == whole.counts.distinct
        assert found.counts is not None
        assert found.counts.distinct < whole.counts.distinct
        counts.append((found.counts.levels, found.counts.generated, found.fired))
    assert counts[0] == counts[1] == counts[2]


LOCALS = """
    mutex: Mutex
    owner: Dev | None = None
    seen: set[Dev] = set()

    @process
    async def user(self, dev: Dev) -> None:
        other = choose(Dev)
        await preempt()
        async with self.mutex:
            self.owner = dev
            await preempt()
            assert self.owner is dev
            self.seen.add(other)

    @invariant
    def nobody_sees_all(self) -> bool:
        return len(self.seen) < 3
"""


def test_locals_and_holders(read: Read) -> None:
    """Dead locals hold a fixed value, which is no member; holders are renamed."""
    model = read(LOCALS)
    reduction = reduction_of(model)
    assert reduction.names == ("Dev",)
    expected = facts(model, Explorer())
    whole = Explorer().run(model, Limits(), Silence())
    assert whole.counts is not None
    for engine in ENGINES:
        assert facts(model, engine(reduction)) == expected
        found = engine(reduction).run(model, Limits(), Silence())
        assert found.saving is not None
        assert found.saving.states == whole.counts.distinct


def test_bounds_cut_whole_orbits(read: Read) -> None:
    """A depth bound ends at the same level, and says the same."""
    model = read(ORDER_IS_NOT_FELT)
    for depth in range(5):
        limits = Limits(depth=depth)
        whole = Explorer().run(model, limits, Silence())
        for engine in ENGINES:
            found = engine(reduction_of(model)).run(model, limits, Silence())
            assert verdicts(found) == verdicts(whole)
            assert found.saving is not None
            assert whole.counts is not None
            assert found.saving.states == whole.counts.distinct


def verdicts(found: Findings) -> list[tuple[str, Verdict]]:
    return [(f.prop.name, f.verdict) for f in found.findings]


def test_a_reduction_is_for_the_properties_that_it_was_made_for(read: Read) -> None:
    model = read(ORDERED_PROPERTY)
    reduction = reduction_of(model, Limits(properties=frozenset({"few"})))
    for engine in ENGINES:
        with pytest.raises(ValueError, match="another search"):
            engine(reduction).run(model, Limits(), Silence())


def test_too_many_members_are_left_alone(read: Read, tmp_path: Path) -> None:
    read(ORDER_IS_NOT_FELT)
    model = read_spec(str(tmp_path / "spec.py"), {"Dev": 13})
    reduction = reduction_of(model)
    assert reduction.axes == ()
    assert reduction.refused == {"Dev": "it has more than 12 members"}


def test_checking_mode(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """It compares representatives, and notices wrong ones."""
    monkeypatch.setenv("MODELCHECK_CHECK", "1")
    model = read(ORDER_IS_NOT_FELT)
    reduction = reduction_of(model)
    expected = facts(model, Explorer())
    assert facts(model, NativeExplorer(1, reduction=reduction)) == expected
    monkeypatch.setattr(Canonical, "__call__", lambda _self, state: state)
    with pytest.raises(Mistake, match="wrong representatives"):
        NativeExplorer(1, reduction=reduction).run(model, Limits(), Silence())
