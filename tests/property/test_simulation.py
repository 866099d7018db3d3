"""Compiled walks, generated ones and those of a slow oracle are the same walks.

The oracle takes its steps from the reference interpreter, asks it every question, and
has its own SplitMix64. Each walk is compared alone: where it ends, how, what decides
properties in it, and whether a property has no value.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.explore.native import bodies, machine, plan, walkers
from modelcheck.explore.native.walkers import NativeWalks
from modelcheck.explore.simulation import PythonWalks, Simulator
from modelcheck.explore.walks import Course, End, Sketch, Tally, Walker
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Kind, Model, State
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Findings, Limits, Silence
from tests.unit.explore.random_models import models

sys.setrecursionlimit(50_000)  # as the interpreter does, which Hypothesis minds
M64 = 2**64


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


class SplitMix:
    """The generator as its authors print it in C."""

    def __init__(self, state: int) -> None:
        self.state = state % M64

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % M64
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % M64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % M64
        return z ^ (z >> 31)


def finalized(value: int) -> int:
    return SplitMix(value - 0x9E3779B97F4A7C15).next()


@dataclass
class Seen:
    """What one walk shows."""

    steps: int = 0
    end: End = End.DEPTH
    states: list[int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)


class Oracle:
    """Takes a walk by the interpreter."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.interpreter = Interpreter(model)
        self.packing = Packing(model)

    def ask(self, seen: Seen, *states: State) -> None:
        kinds = (Kind.INVARIANT, Kind.REACHABLE) if len(states) == 1 else ()
        for prop in self.model.properties:
            if prop.kind not in (kinds or (Kind.TRANSITION,)):
                continue
            try:
                answer = self.interpreter.holds(prop, *states)
            except EvaluationError:
                seen.errors.add(prop.name)
            else:
                if answer is (prop.kind is Kind.REACHABLE):
                    seen.names.add(prop.name)

    def is_inside(self, seen: Seen, state: State) -> bool:
        try:
            return self.interpreter.is_inside(state)
        except EvaluationError as error:
            seen.errors.add(error.prop.name)
            return False

    def rank(self, salt: int, state: State) -> int:
        packed = self.packing.pack(state)
        for word in range(self.packing.words):
            salt = finalized(salt ^ (packed >> 64 * word) % M64)
        return salt

    def walk(self, starts: list[State], seed: int, number: int, depth: int) -> Seen:
        random = SplitMix(finalized(finalized(seed) + number))
        state = starts[random.next() * len(starts) // M64]
        seen = Seen(states=[self.packing.pack(state)])
        self.ask(seen, state)
        book = Book(self.model, Limits())
        for _ in range(depth):
            salt = random.next()
            outcomes = list(self.interpreter.successors(state))
            after = {o.state for o in outcomes if o.state is not None}
            for outcome in outcomes:
                if outcome.failed is not None:
                    seen.names.add(book.property_of(outcome.failed).name)
            for one in after:
                self.ask(seen, one)
                self.ask(seen, state, one)
            if self.interpreter.is_deadlock(state):
                seen.names.add("deadlock")
                seen.end = End.DEADLOCK
                break
            open_ones = [one for one in after if self.is_inside(seen, one)]
            if not open_ones:
                seen.end = End.BLOCKED if outcomes else End.REST
                break
            ranks = {one: self.rank(salt, one) for one in open_ones}
            state = min(open_ones, key=lambda one: ranks[one])
            seen.steps += 1
            seen.states.append(self.packing.pack(state))
        return seen


def course_of(walker: Walker, seed: int, depth: int) -> Course | None:
    """None if an initial state, or the initialisation, is in error."""
    try:
        return Course(walker.starts(), seed, depth)
    except PropertyError:
        return None


def sketch(states: list[int], words: int) -> Sketch:
    """HyperLogLog as it is defined, with a set for the different states."""
    registers = [0] * 4096
    for packed in set(states):
        value = 0
        for word in range(words):
            value = finalized(value ^ (packed >> 64 * word) % M64)
        bits = f"{value:064b}"
        first_one = (bits[12:] + "1").index("1") + 1
        number = int(bits[:12], 2)
        registers[number] = max(registers[number], first_one)
    return Sketch(registers)


def compare(
    found: dict[str, int], tally: Tally, number: int, seen: Seen, words: int
) -> None:
    errors = {name[1:] for name in found if name[0] == "!"}
    assert bool(errors) == bool(seen.errors)
    assert errors <= seen.errors
    if seen.errors:
        return
    assert found == dict.fromkeys(seen.names, number)
    assert tally.steps == seen.steps
    assert tally.walks == 1
    assert tally.sketch == sketch(seen.states, words)
    assert tally.ends == [int(end is seen.end) for end in End]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(models(), st.integers(0, M64 - 1), st.sampled_from([1, 8]), st.integers(1, 12))
def test_all_walks_agree(model: Model, seed: int, lanes: int, depth: int) -> None:
    oracle = Oracle(model)
    book = Book(model, Limits())
    walker = Walker(model, book)
    course = course_of(walker, seed, depth)
    if course is None or not course.starts:
        return
    starts = [walker.packing.unpack(state) for state in course.starts]
    here = replace(machine.host(), most_lanes=lanes)
    with (
        patch.object(walkers, "host", lambda: here),
        patch.object(plan, "HEAVY", 8),
        patch.object(bodies, "HEAVY", 8),
    ):
        native = NativeWalks(model, book, course, 1, minds_starts=walker.minds_starts)
    slow = PythonWalks(walker, course)
    with closing(native):
        for number in range(12):
            seen = oracle.walk(starts, seed, number, depth)
            one = range(number, number + 1)
            for walks in (native, slow):
                found, tally = walks.run(0, one, frozenset(), bool)
                compare(found, tally, number, seen, walker.packing.words)


def results(engine: Simulator, model: Model, limits: Limits) -> object:
    try:
        found = engine.run(model, limits, Silence())
    except PropertyError as error:
        return error.prop, error.path
    assert found.sampling is not None
    facts = replace(found.sampling, seconds=0.0)
    return found.findings, found.stops, facts


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    models(),
    st.integers(0, 9),
    st.integers(1, 400),
    st.sampled_from([None, 1]),
    st.sampled_from([None, frozenset({"deadlock", "invariant0"})]),
)
def test_any_number_of_workers_and_python_find_the_same(
    model: Model,
    seed: int,
    runs: int,
    most: int | None,
    names: frozenset[str] | None,
) -> None:
    limits = Limits(depth=8, max_violations=most, properties=names)
    expected = results(Simulator(runs, seed, is_native=False), model, limits)
    for workers in (1, 3):
        engine = Simulator(runs, seed, workers, is_native=True)
        assert results(engine, model, limits) == expected


@settings(max_examples=150, derandomize=True, deadline=None)
@given(models(), st.integers(0, 99))
def test_what_is_shown_replays_and_decides(model: Model, seed: int) -> None:
    try:
        found = Simulator(20, seed, is_native=False).run(
            model, Limits(depth=30), Silence()
        )
    except PropertyError:
        return
    assert isinstance(found, Findings)
    interpreter = Interpreter(model)
    for finding in found.findings:
        if finding.evidence is None:
            continue
        trace = replay_evidence(model, finding.evidence)
        assert trace.failed == finding.evidence.failed
        states, prop = trace.states, finding.prop
        match prop.kind:
            case Kind.INVARIANT:
                assert not interpreter.holds(prop, states[-1])
            case Kind.REACHABLE:
                assert interpreter.holds(prop, states[-1])
            case Kind.TRANSITION:
                assert not interpreter.holds(prop, states[-2], states[-1])
            case Kind.DEADLOCK:
                assert interpreter.is_deadlock(states[-1])
            case Kind.ASSERTION:
                assert trace.failed is not None
                assert Book(model, Limits()).property_of(trace.failed) == prop
