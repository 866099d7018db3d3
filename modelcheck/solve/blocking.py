"""How PDR blocks states: obligations, and the generalisation of what is blocked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from modelcheck.solve.cubes import Cube, without
from modelcheck.solve.frames import Frames, Step
from modelcheck.solve.samples import Samples
from modelcheck.solve.targets import Target


@dataclass(frozen=True, slots=True, order=True)
class Obligation:
    """The states of `cube` are to be kept out of frame `level`.

    From all of them the same step leads into the cube of `towards`, or, where that is
    None, they hit a target.
    """

    level: int
    number: int
    cube: Cube = field(compare=False)
    towards: Obligation | None = field(compare=False, default=None)


class Blocking:
    """The work on the frames; `samples` are states that no clause shall exclude.

    `strengthen` is called from time to time; it may make all frames smaller.
    """

    def __init__(
        self, frames: Frames, samples: Samples, strengthen: Callable[[], None]
    ) -> None:
        self._frames = frames
        self._strengthen = strengthen
        self._samples = samples
        self._features = frames.alphabet.features
        self._numbers = count()
        self._used: Counter[int] = Counter()

    def defend(self, target: Target) -> Obligation | None:
        """Keep all states that hit `target` out of the last frame.

        Where that cannot be, an obligation with an initial state in its cube.
        """
        while True:
            self._strengthen()
            state = self._frames.hit(target, self._frames.top)
            if state is None:
                return None
            found = self._block(self._frames.lift_hit(state, target))
            if found is not None:
                return found

    def push(self) -> int | None:
        """Move clauses up as far as they go; a level that has none left, if any.

        The frame of that level and the next one are then equal.
        """
        frames = self._frames
        for level in range(1, frames.top):
            for cube in list(frames.levels[level]):
                is_there = any(cube is other for other in frames.levels[level])
                if is_there and not isinstance(frames.predecessor(cube, level), Step):
                    frames.block(cube, level + 1)
            if not frames.levels[level]:
                return level
        return None

    def invariant(self, level: int) -> list[Cube]:
        """The cubes kept out of the frame of `level`, which equals the next one."""
        return [cube for cubes in self._frames.levels[level:] for cube in cubes]

    def _block(self, cube: Cube) -> Obligation | None:
        frames = self._frames
        heap = [Obligation(frames.top, next(self._numbers), cube)]
        while heap:
            due = heappop(heap)
            if frames.is_blocked(due.cube, due.level):
                continue
            if due.level == 0 or self._is_initial(due.cube):
                return due
            found = frames.predecessor(due.cube, due.level - 1)
            if isinstance(found, Step):
                before = frames.lift(found, due.cube)
                heappush(heap, self._obligation(due.level - 1, before, due))
                heappush(heap, due)
                continue
            level = self._learn(found, due)
            if level < frames.top:
                # Found out now, a longer path to the same states costs less than later.
                heappush(heap, self._obligation(level + 1, due.cube, due.towards))
        return None

    def _obligation(
        self, level: int, cube: Cube, towards: Obligation | None
    ) -> Obligation:
        return Obligation(level, next(self._numbers), cube, towards)

    def _learn(self, found: Cube, due: Obligation) -> int:
        """Block what is due, and as much around it as goes; up to which level."""
        frames, level = self._frames, due.level
        cube = self._generalise(self._kept(found, due.cube), level)
        while level < frames.top:
            if isinstance(frames.predecessor(cube, level), Step):
                break
            level += 1
        frames.block(cube, level)
        self._used.update(cube.keys())
        return level

    def _generalise(self, cube: Cube, level: int) -> Cube:
        """A cube around `cube` that has no predecessor in the frame below either."""
        for number in sorted(cube, key=lambda each: (self._used[each], each)):
            if number in cube and len(cube) > 1:
                cube = self._inductive(without(cube, number), level) or cube
        for number in sorted(cube):
            if number in cube and len(self._features[number].values) > 2:
                cube = self._widened(cube, number, level)
        return cube

    def _inductive(self, cube: Cube, level: int) -> Cube | None:
        """`cube` or more, if no step from the frame below leads into it."""
        if self._samples.meets(cube) or self._is_initial(cube):
            return None
        found = self._frames.predecessor(cube, level - 1)
        return None if isinstance(found, Step) else self._kept(found, cube)

    def _widened(self, cube: Cube, number: int, level: int) -> Cube:
        """`cube` with more values allowed of one feature."""
        frames = self._frames
        allowed = set(cube[number])
        for value in sorted(self._features[number].values - allowed):
            if not self._samples.meets({**cube, number: frozenset({value})}):
                allowed.add(value)
        while len(allowed) > len(cube[number]):
            wide = {**cube, number: frozenset(allowed)}
            if len(allowed) == len(self._features[number].values):
                wide = without(cube, number)
            if self._is_initial(wide):
                return cube
            found = frames.predecessor(wide, level - 1)
            if not isinstance(found, Step):
                return self._kept(found, wide)
            reached = self._features[number].value(frames.after(found))
            if reached in cube[number]:
                return cube
            allowed.discard(reached)
        return cube

    def _is_initial(self, cube: Cube) -> bool:
        """Whether an initial state is in the cube; the sample may know that none is."""
        if self._samples.has_initial and not self._samples.meets(cube):
            return False
        return self._frames.is_initial(cube)

    def _kept(self, cube: Cube, whole: Cube) -> Cube:
        """`cube`, as much smaller as keeps initial and sampled states out of it.

        It stays around `whole`, which has no initial state.
        """
        if self._is_initial(cube):
            cube = self._frames.apart(cube, whole)
        for number in sorted(whole):
            if not self._samples.meets(cube):
                return cube
            cube = {**cube, number: whole[number]}
        return cube
