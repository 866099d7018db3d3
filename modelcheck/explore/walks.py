"""Random walks: which way a walk goes, defined to the last bit, and the slow version.

A walk depends on the seed and its own number alone, so any number of workers, the
compiled walker and this one all take the same walks. The random numbers of a walk are
those of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014), begun with a state mixed from seed and number. The first one
picks the initial state; each later one is mixed with every successor, and the successor
with the least result is taken: each of the distinct successors with the same
probability, whatever the order in which they are found.

In every state that a walk comes to, everything is looked at that a complete search
would look at when it expands the state: all successors, all steps, all checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import log

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.compiled import CUT, CheckFailed, Compiled
from modelcheck.layout.packing import WORD
from modelcheck.model.program import Kind, Model, Property, Step
from modelcheck.model.statements import Assert

ONES = (1 << WORD) - 1
GAMMA = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB


def mix(value: int) -> int:
    """The finalizer of SplitMix64: a bijection of 64-bit words."""
    value = (value ^ value >> 30) * FIRST & ONES
    value = (value ^ value >> 27) * SECOND & ONES
    return value ^ value >> 31


def stream(seed: int, number: int) -> int:
    """The state with which the generator of walk `number` begins."""
    return mix((mix(seed & ONES) + number) & ONES)


def rank(salt: int, words: Sequence[int]) -> int:
    """What decides between successors: the one with the least is taken."""
    for word in words:
        salt = mix(salt ^ word)
    return salt


@dataclass(frozen=True, slots=True)
class Course:
    """What all walks have in common: where they start, the seed, the most steps."""

    starts: tuple[int, ...]
    seed: int
    depth: int


class End(IntEnum):
    """How a walk can end."""

    DEPTH = 0
    REST = 1
    DEADLOCK = 2
    BLOCKED = 3


class Sketch:
    """About how many different states there were, in 4 KiB.

    HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007): each register has the
    largest number of leading zeros, plus one, of the hashes that fall to it. The
    standard error is 1.04 / sqrt(4096), 1.6 percent.
    """

    BITS = 12
    SIZE = 1 << BITS

    def __init__(self, registers: Sequence[int] | None = None) -> None:
        self.registers = bytearray(self.SIZE if registers is None else registers)

    def see(self, words: Sequence[int]) -> None:
        """Count the state with these words."""
        hashed = rank(0, words)
        place = hashed >> WORD - self.BITS
        rest = hashed << self.BITS & ONES | 1 << self.BITS - 1
        zeros = WORD + 1 - rest.bit_length()
        self.registers[place] = max(self.registers[place], zeros)

    def add(self, registers: Sequence[int]) -> None:
        """Count the states that another sketch has counted."""
        self.registers = bytearray(map(max, self.registers, registers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sketch) and self.registers == other.registers

    __hash__ = None  # type: ignore[assignment] # it changes

    def estimate(self) -> int:
        """The number of different states, about."""
        size = self.SIZE
        alpha = 0.7213 / (1 + 1.079 / size)
        found = alpha * size * size / sum(2.0**-zeros for zeros in self.registers)
        empty = self.registers.count(0)
        if found <= 2.5 * size and empty:
            found = size * log(size / empty)
        return round(found)


@dataclass(slots=True)
class Tally:
    """What some walks counted: steps taken, ends by `End`, states by `Sketch`."""

    walks: int = 0
    steps: int = 0
    ends: list[int] = field(default_factory=lambda: [0] * len(End))
    sketch: Sketch = field(default_factory=Sketch)

    def add(self, other: Tally) -> None:
        """Add what other walks counted."""
        self.walks += other.walks
        self.steps += other.steps
        self.ends = [a + b for a, b in zip(self.ends, other.ends, strict=True)]
        self.sketch.add(other.sketch.registers)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What decides a property: the walk, the packed states up to there, a check.

    `failed` and `step` are those of a check that a step from the last state runs into.
    """

    number: int
    path: tuple[int, ...]
    failed: Assert | None = None
    step: int | None = None

    @property
    def length(self) -> int:
        """The number of steps, the failing one included."""
        return len(self.path) - 1 + (self.failed is not None)


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides a property where a state is expanded.

    `after` is the successor that does; None if it is the state, or a check that fails.
    """

    after: int | None = None
    failed: Assert | None = None
    step: int | None = None


NOTHING = Sight()
"""A deadlock: the state itself decides."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What comes after a state: the successors that may be taken, smallest first.

    `seen` says which properties are decided there, `end` how a walk would end there.
    """

    successors: tuple[int, ...]
    seen: dict[str, Sight]
    end: End


class Walker:
    """Takes the walks of one model, by functions generated for its steps."""

    def __init__(self, model: Model, book: Book) -> None:
        self.model = model
        self.book = book
        self.compiled = Compiled(model)
        self.packing = self.compiled.packing
        self._is_rest = self.compiled.is_rest()
        function = self.compiled.state_property
        self._states = [
            (prop, function(prop)) for prop in book.open(Kind.INVARIANT, Kind.REACHABLE)
        ]
        self._bounds = [(prop, function(prop)) for prop in model.constraints]
        self._pairs = [
            (prop, self.compiled.pair_property(prop))
            for prop in book.open(Kind.TRANSITION)
        ]
        self._deadlock = [prop.name for prop in book.open(Kind.DEADLOCK)]
        self._checks = {prop.name for prop in book.open(Kind.ASSERTION)}
        self._always: list[Step] = []
        self._at: dict[int, dict[int, list[Step]]] = {}
        for step in model.steps:
            if step.at is None:
                self._always.append(step)
            else:
                cell, value = step.at
                self._at.setdefault(cell, {}).setdefault(value, []).append(step)
        self.path: list[int] = []
        self.minds_starts = False

    def starts(self) -> tuple[int, ...]:
        """The initial states inside the constraints, smallest first.

        Raises `PropertyError` if the initialisation fails, or a property has no value
        in an initial state. Sets `minds_starts` if some of them decide properties.
        """
        compiled = self.compiled.initial()
        made: list[int] = []
        bad: list[int] = []
        compiled.run(0, made, bad)
        for number in bad:
            if number != CUT:
                raise self.book.fail_initially(compiled.checks[number])
        found = []
        for state in sorted(set(made)):
            self.path = [state]
            if self._is_inside(state):
                found.append(state)
                self.minds_starts = bool(self.decided(state)) or self.minds_starts
        return tuple(found)

    def words(self, state: int) -> list[int]:
        """The words of a packed state, the lowest first."""
        return [state >> WORD * n & ONES for n in range(self.packing.words)]

    def take(
        self, course: Course, number: int, tally: Tally, until: str | None = None
    ) -> dict[str, Sighting]:
        """Take walk `number`; what decides properties in it, each at the first place.

        With `until`, the walk ends where that property is decided, and is not counted.
        Raises `PropertyError` if a property has no value.
        """
        random = stream(course.seed, number) + GAMMA & ONES
        state = course.starts[mix(random) * len(course.starts) >> WORD]
        path = self.path = [state]
        tally.sketch.see(self.words(state))
        found = {name: Sighting(number, (state,)) for name in self.decided(state)}
        end = End.DEPTH
        for _ in range(course.depth):
            if until in found:
                return found
            random = random + GAMMA & ONES
            salt = mix(random)
            expansion = self.expand(state)
            for name, sight in expansion.seen.items():
                if name not in found:
                    found[name] = self._sighting(number, sight)
            if not expansion.successors:
                end = expansion.end
                break
            ranks = (rank(salt, self.words(after)) for after in expansion.successors)
            _, state = min(zip(ranks, expansion.successors, strict=True))
            path.append(state)
            tally.sketch.see(self.words(state))
        tally.walks += 1
        tally.steps += len(path) - 1
        tally.ends[end] += 1
        return found

    def _sighting(self, number: int, sight: Sight) -> Sighting:
        more = () if sight.after is None else (sight.after,)
        return Sighting(number, (*self.path, *more), sight.failed, sight.step)

    def decided(self, state: int, *more: int) -> list[str]:
        """The invariants that `state` violates, and the goals that it is.

        With `more` in front of its end, `path` leads to the state.
        """
        found = []
        for prop, function in self._states:
            is_good = self._value(prop, more, function, state)
            if is_good is (prop.kind is Kind.REACHABLE):
                found.append(prop.name)
        return found

    def expand(self, state: int) -> Expansion:
        """What comes after `state`, the last one of `path`."""
        seen: dict[str, Sight] = {}
        found: set[int] = set()
        is_touched = False
        for step in self._enabled(state):
            compiled = self.compiled.step(step)
            made: list[int] = []
            bad: list[int] = []
            compiled.run(state, made, bad)
            found.update(state ^ delta for delta in made)
            is_touched = is_touched or bool(bad)
            for number in bad:
                if number != CUT:
                    self._fail(compiled.checks[number], step, seen)
        inside = [after for after in sorted(found) if self._look(state, after, seen)]
        end = End.BLOCKED
        if not found and not is_touched:
            end = End.REST if self._is_rest(state) else End.DEADLOCK
        if end is End.DEADLOCK:
            seen.update((name, NOTHING) for name in self._deadlock)
        return Expansion(tuple(inside), seen, end)

    def _enabled(self, state: int) -> Iterator[Step]:
        """The steps whose processes stand where they begin."""
        for cell, steps in self._at.items():
            place = self.packing.fields[cell]
            yield from steps.get((state >> place.shift & place.mask) + place.lo, ())
        yield from self._always

    def _fail(self, failed: Assert, step: Step, seen: dict[str, Sight]) -> None:
        """Note that `step` runs into a check."""
        name = self.book.property_of(failed).name
        if name in self._checks:
            seen.setdefault(name, Sight(None, failed, step.index))

    def _look(self, state: int, after: int, seen: dict[str, Sight]) -> bool:
        """Put the questions to one successor; whether it may be taken."""
        for name in self.decided(after, after):
            seen.setdefault(name, Sight(after))
        for prop, function in self._pairs:
            if not self._value(prop, (after,), function, state, after):
                seen.setdefault(prop.name, Sight(after))
        return self._is_inside(after, after)

    def _is_inside(self, state: int, *more: int) -> bool:
        """Whether all constraints hold."""
        return all(
            self._value(p, more, function, state) for p, function in self._bounds
        )

    def _value(
        self,
        prop: Property,
        more: Sequence[int],
        function: Callable[..., object],
        *states: int,
    ) -> bool:
        try:
            return bool(function(*states))
        except CheckFailed as check:
            path = tuple(map(self.packing.unpack, (*self.path, *more)))
            raise PropertyError(prop, check.failed, path) from None
