"""Random simulation: many walks, what they decide, and short paths that show it.

A few walks are taken by generated Python, many by compiled code; they are the same. The
walks are cut into blocks that do not depend on the number of workers, and the blocks
count in their order: any number of workers finds the same, after the same walks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event, Lock
from time import monotonic
from typing import Protocol

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.shortening import Shortener
from modelcheck.explore.walks import Course, End, Sighting, Tally, Walker
from modelcheck.model.program import Kind, Model, Property
from modelcheck.verdict.verdicts import (
    Evidence,
    Finding,
    Findings,
    Limits,
    Sampling,
    Stop,
    TooManyOutcomesError,
    Verdict,
    Watch,
    is_beside,
)

DEPTH = 100
"""How many steps a walk takes at most, if nobody says: as TLC's simulation."""

FEW_STEPS = 10_000
"""Up to so many steps in all, Python is done before code is compiled."""

BLOCKS = 32
"""Into how many blocks the walks are cut at least ..."""

BLOCK = 4096
"""... as long as a block has at most so many ..."""

SMALL_BLOCK = 8
"""... and at least so many walks."""

SHORTENING_SECONDS = 20.0
"""How long all paths together may be shortened."""

PATIENCE = 0.2
"""Seconds between two reports of progress."""


class Walks(Protocol):
    """A way to take walks."""

    def run(
        self,
        worker: int,
        walks: range,
        decided: frozenset[str],
        must_end: Callable[[], bool],
    ) -> tuple[dict[str, int], Tally]:
        """Take `walks`; the first one that decides each property, and what was counted.

        What is found about the properties of `decided` need not be told. The name of a
        property without a value has `!` in front. Ends early if `must_end`.
        """

    def close(self) -> None:
        """Give back what it holds."""


class PythonWalks:
    """Walks by generated Python, for a single worker."""

    def __init__(self, walker: Walker, course: Course) -> None:
        self.walker = walker
        self.course = course

    def run(
        self,
        worker: int,  # noqa: ARG002 - there is one
        walks: range,
        decided: frozenset[str],
        must_end: Callable[[], bool],
    ) -> tuple[dict[str, int], Tally]:
        """Take `walks`, as `Walks` says."""
        found: dict[str, int] = {}
        tally = Tally()
        for number in walks:
            try:
                seen = self.walker.take(self.course, number, tally)
            except PropertyError as error:
                found.setdefault(f"!{error.prop.name}", number)
                break
            for name in seen.keys() - decided:
                found.setdefault(name, number)
            if must_end():
                break
        return found, tally

    def close(self) -> None:
        """There is nothing to give back."""


class CheckedWalks:
    """Walks by compiled code of which some are taken by Python, too."""

    def __init__(self, walks: Walks, walker: Walker, course: Course) -> None:
        self.walks = walks
        self._slow = PythonWalks(walker, course)
        self._lock = Lock()

    def run(
        self,
        worker: int,
        walks: range,
        decided: frozenset[str],
        must_end: Callable[[], bool],
    ) -> tuple[dict[str, int], Tally]:
        """Take `walks`, as `Walks` says; raises `Mistake` if the first one differs."""
        self._compare(worker, walks[:1])
        return self.walks.run(worker, walks, decided, must_end)

    def _compare(self, worker: int, one: range) -> None:
        from modelcheck.explore.native.selfcheck import Mistake

        found, tally = self.walks.run(worker, one, frozenset(), bool)
        with self._lock:
            expected, other = self._slow.run(0, one, frozenset(), bool)
        if any(name[0] == "!" for name in found) and any(
            name[0] == "!" for name in expected
        ):
            return  # where a property has no value, Python walks no further
        if (found, tally) != (expected, other):
            message = f"compiled code does not take walk {one.start} as Python does"
            raise Mistake(message)

    def close(self) -> None:
        """Give back what the compiled walks hold."""
        self.walks.close()


class Simulator:
    """Takes `runs` random walks, drawn from `seed`, with `workers` threads.

    `is_native` says which code takes them; None chooses by their number and length.
    """

    name = "simulate"

    def __init__(
        self,
        runs: int,
        seed: int,
        workers: int = 1,
        *,
        is_native: bool | None = None,
    ) -> None:
        self.runs = runs
        self.seed = seed
        self.workers = workers
        self.is_native = is_native

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Walk within `limits`; raises `PropertyError` if a property has no value."""
        book = Book(model, limits)
        walker = Walker(model, book)
        course = Course(walker.starts(), self.seed, limits.depth or DEPTH)
        simulation = _Simulation(walker, course, self.runs, limits, watch)
        if course.starts:
            with closing(self._walks(walker, course)) as walks:
                simulation.run(walks, self.workers)
        return simulation.findings()

    def _walks(self, walker: Walker, course: Course) -> Walks:
        is_native = self.is_native
        if is_native is None:
            is_native = self.runs * course.depth > FEW_STEPS
        if not is_native:
            return PythonWalks(walker, course)
        from modelcheck.explore.native.selfcheck import is_wanted
        from modelcheck.explore.native.walkers import NativeWalks

        try:
            walks = NativeWalks(
                walker.model,
                walker.book,
                course,
                self.workers,
                minds_starts=walker.minds_starts,
            )
        except TooManyOutcomesError:
            return PythonWalks(walker, course)  # the same ones, in more time
        if is_wanted():
            return CheckedWalks(walks, Walker(walker.model, walker.book), course)
        return walks


class _Simulation:
    """One run."""

    def __init__(
        self,
        walker: Walker,
        course: Course,
        runs: int,
        limits: Limits,
        watch: Watch,
    ) -> None:
        self.walker = walker
        self.course = course
        self.runs = runs
        self.book = walker.book
        self.limits = limits
        self.watch = watch
        self.asked = self.book.open(*Kind)
        self.answers: dict[str, int] = {}
        self.total = Tally()
        self.over = Event()
        self.seconds = 0.0
        self.is_enough = False
        self._results: dict[int, tuple[dict[str, int], Tally]] = {}
        self._merged = 0
        self._lock = Lock()
        self._told = 0.0

    # The walks.

    def run(self, walks: Walks, workers: int) -> None:
        """Take all walks, or as many as there is time for."""
        size = max(SMALL_BLOCK, min(BLOCK, -(-self.runs // BLOCKS)))
        runs = range(self.runs)
        blocks = enumerate(runs[n : n + size] for n in range(0, len(runs), size))
        begin = monotonic()
        others = range(1, 1 if isinstance(walks, PythonWalks) else workers)
        with ThreadPoolExecutor(max(len(others), 1)) as pool:
            futures = [
                pool.submit(self._work, walks, worker, blocks) for worker in others
            ]
            self._work(walks, 0, blocks)
            for future in futures:
                future.result()
        self.seconds = monotonic() - begin
        if not self.is_enough:
            # What was begun when time was up counts as far as it went.
            for number in sorted(self._results):
                self._take(*self._results[number])

    def _work(
        self, walks: Walks, worker: int, blocks: Iterator[tuple[int, range]]
    ) -> None:
        """Take block after block."""
        must_end = self._must_end if worker == 0 else self.over.is_set
        try:
            while not self.over.is_set():
                with self._lock:
                    number, block = next(blocks, (0, None))
                    decided = frozenset(self.answers)
                if block is None:
                    return
                result = walks.run(worker, block, decided, must_end)
                with self._lock:
                    self._results[number] = result
                    self._merge()
        except BaseException:
            # The other workers look at this, and are waited for.
            self.over.set()
            raise

    def _merge(self) -> None:
        """Let the blocks count that are next in order."""
        while self._merged in self._results and not self.over.is_set():
            self._take(*self._results.pop(self._merged))
            self._merged += 1
            if self._is_decided():
                self.is_enough = True
                self.over.set()

    def _take(self, found: dict[str, int], tally: Tally) -> None:
        """Let one block count."""
        failed = [number for name, number in found.items() if name[0] == "!"]
        if failed:
            self._walk_again(min(failed), None)
        for prop in self.asked:
            if prop.name in found and self.book.is_open(prop):
                self.answers[prop.name] = found[prop.name]
                self.book.decide(prop, Evidence(()))
        self.total.add(tally)

    def _is_decided(self) -> bool:
        """Whether further walks would say nothing that is asked for."""
        wanted = [p for p in self.asked if not is_beside(p, self.limits)]
        decided = [p for p in wanted if p.name in self.answers]
        most = self.limits.max_violations
        if most and sum(map(_is_bad, decided)) >= most:
            self.book.stops.add(Stop.VIOLATIONS)
            return True
        return len(decided) == len(wanted)

    def _must_end(self) -> bool:
        """Tell how far the simulation is, and whether it must end."""
        if self.over.is_set():
            return True
        seconds = self.book.seconds
        if seconds - self._told >= PATIENCE:
            self._told = seconds
            text = f"{self.total.walks:,} runs, {self.total.steps:,} steps"
            done = self.total.walks / self.runs
            self.watch.progress(Simulator.name, text, done)
        limit = self.limits.seconds
        if self.watch.is_interrupted():
            self.book.stops.add(Stop.INTERRUPT)
        elif limit is not None and seconds >= limit:
            self.book.stops.add(Stop.TIME)
        else:
            return False
        self.over.set()
        return True

    # What they say.

    def findings(self) -> Findings:
        """The result, with paths that are as short as can be had quickly."""
        end = monotonic() + SHORTENING_SECONDS

        def must_end() -> bool:
            return monotonic() > end or self.watch.is_interrupted()

        shortener = Shortener(self.walker, self.course.starts, must_end)
        total, ends = self.total, self.total.ends
        return Findings(
            Simulator.name,
            tuple(self._finding(prop, shortener) for prop in self.asked),
            None,
            frozenset({*self.book.stops, Stop.SAMPLING}),
            self.book.seconds,
            sampling=Sampling(
                self.course.seed,
                self.runs,
                self.course.depth,
                total.walks,
                total.steps,
                total.sketch.estimate(),
                {end.name.lower(): ends[end] for end in End},
                self.seconds,
            ),
        )

    def _finding(self, prop: Property, shortener: Shortener) -> Finding:
        number = self.answers.get(prop.name)
        if number is None:
            return self._undecided(prop)
        found = self._walk_again(number, prop.name)
        shorter = shortener.shorten(prop, found)
        reason = f"in run {number}"
        if shorter.length < found.length:
            reason += (
                f"; shortened from {found.length} to {shorter.length} steps, "
                "not necessarily the shortest"
            )
        evidence = Evidence(
            tuple(map(self.walker.packing.unpack, shorter.path)),
            shorter.failed,
            shorter.step,
        )
        verdict = Verdict.VIOLATED if _is_bad(prop) else Verdict.HOLDS
        return Finding(prop, verdict, evidence, reason)

    def _walk_again(self, number: int, name: str | None) -> Sighting:
        """What decides the property `name` in walk `number`.

        Raises `PropertyError` where a property has no value; with None, that is what
        must happen.
        """
        found = self.walker.take(self.course, number, Tally(), name)
        if name is None or name not in found:
            message = f"walk {number} does not show {name or 'an evaluation error'}"
            raise AssertionError(message)
        return found[name]

    def _undecided(self, prop: Property) -> Finding:
        if not self.course.starts:
            reason = "there is no initial state to start from"
            return Finding(prop, Verdict.UNKNOWN, None, reason)
        what = "not violated" if _is_bad(prop) else "not met"
        count, depth = self.total.walks, self.course.depth
        runs = f"{count:,} random run{'' if count == 1 else 's'}"
        reason = f"{what} in {runs} to depth {depth}"
        return Finding(prop, Verdict.BOUNDED, None, reason)


def _is_bad(prop: Property) -> bool:
    """Whether it is bad news that `prop` was decided."""
    return prop.kind is not Kind.REACHABLE
