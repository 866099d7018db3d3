"""The native explorer: complete breadth-first search by machine code.

Level by level, as the Python explorer does, with the same counts; `answers.py` says
which of several shortest paths comes out. Counting is TLC's. The out-degree of a state
is the number of its successors that were new when it was expanded; its largest value
depends on the order of the search, all other counts do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from resource import RUSAGE_SELF, getrusage
from threading import Event, Lock
from time import monotonic

from modelcheck.explore.book import Book
from modelcheck.explore.compiled import CUT, Compiled
from modelcheck.explore.forecast import Outlook
from modelcheck.explore.native.answers import Answer, Answers
from modelcheck.explore.native.compact import (
    CompactAnswers,
    CompactStore,
    omission,
)
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.counting import Point
from modelcheck.explore.native.engine import Machinery, Portions, split
from modelcheck.explore.native.memory import available
from modelcheck.explore.native.selfcheck import SelfCheck
from modelcheck.explore.native.store import CHUNK, Range, Worker
from modelcheck.explore.native.values import Spread, spreads
from modelcheck.explore.reduction import Reduction
from modelcheck.explore.successors import Successors
from modelcheck.model.program import Model, Step
from modelcheck.model.statements import Assert
from modelcheck.verdict.verdicts import (
    Counts,
    Finding,
    Findings,
    Limits,
    Saving,
    Stop,
    Watch,
)

PATIENCE = 0.2
"""Seconds between two reports of progress."""


PORTION_SECONDS = 0.1
"""How long compiled code shall be left alone, if the last portion is a measure."""


@dataclass(frozen=True, slots=True)
class Phases:
    """What the last run of an engine spent its seconds on, and its table's size.

    `processor` is the time that all processors together spent on the search, `system`
    the part of it that was spent in the kernel, to clear pages used for the first time.
    """

    prepare: float = 0.0
    search: float = 0.0
    trace: float = 0.0
    processor: float = 0.0
    system: float = 0.0
    table: int = 0


class NativeExplorer:
    """Searches all reachable states with compiled code.

    `workers` threads share the search. `memory` is the most memory to use for states,
    in bytes; by default most of what the machine has free. With `hash_compact`, states
    of several words are stored as fingerprints, and the findings have an `omission`.
    With `linked`, one worker keeps all edges, and `linked` gets states and edges before
    they are given back, unless there is no memory or the user wants to stop.
    With a `reduction`, one state stands for those that are permutations of it.
    With `counts_points`, `passed` has afterwards how often paths of steps came by, with
    `counts_values`, `spreads` how many values variables had; not with `hash_compact`.
    """

    name = "native"

    def __init__(
        self,
        workers: int = 1,
        memory: int | None = None,
        *,
        hash_compact: bool = False,
        linked: Callable[[Machinery, Findings], None] | None = None,
        reduction: Reduction | None = None,
        counts_points: bool = False,
        counts_values: bool = False,
    ) -> None:
        if linked is not None and reduction is not None:
            message = "runs are looked for among all states"
            raise ValueError(message)
        self.reduction = reduction
        self.workers = 1 if linked else workers
        self.memory = memory
        self.hash_compact = hash_compact
        self.linked = linked
        self.counts_points = counts_points
        self.phases = Phases()
        self.counts_values = counts_values
        self.passed: Counter[Point] = Counter()
        self.spreads: tuple[Spread, ...] = ()

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Search within `limits`; raises `PropertyError` if a property has no value."""
        book = Book(model, limits)
        memory = available() if self.memory is None else self.memory
        kind = CompactStore if self.hash_compact else None
        machinery = Machinery(
            model,
            book,
            self.workers,
            memory,
            kind,
            links=self.linked is not None,
            reduction=self.reduction,
            counts_points=self.counts_points,
        )
        try:
            search = _Search(model, book, watch, machinery)
            prepared, before = book.seconds, getrusage(RUSAGE_SELF)
            search.run()
            searched, after = book.seconds, getrusage(RUSAGE_SELF)
            system = after.ru_stime - before.ru_stime
            found = search.findings(self.name)
            self.passed = machinery.passed()
            if self.counts_values:
                self.spreads = spreads(machinery)
            self.phases = Phases(
                prepared,
                searched - prepared,
                book.seconds - searched,
                after.ru_utime - before.ru_utime + system,
                system,
                machinery.store.size,
            )
            if self.linked is not None:
                self.linked(machinery, found)
            return found
        finally:
            machinery.close()


class _Search:
    """One run; `frontier` is the level to be expanded next."""

    def __init__(
        self, model: Model, book: Book, watch: Watch, machinery: Machinery
    ) -> None:
        self.model = model
        self.book = book
        self.watch = watch
        self.machinery = machinery
        self.store = machinery.store
        self.answers = Answers(machinery, book)
        if machinery.is_compact:
            self.answers = CompactAnswers(machinery, self.answers)
        self.check = SelfCheck(machinery, keeps_loops=machinery.keeps_loops)
        self.frontier: list[Range] = []
        self.initial = 0
        self.starts = 0
        self.expanded = 0
        self.depth = 0
        self.over = Event()
        self._marked = [0] * len(self.store.workers)
        self._paces = [machinery.layout.batch] * len(self.store.workers)
        self._lock = Lock()
        self._told = 0.0
        self._outlook = Outlook()

    @property
    def levels(self) -> list[list[Range]]:
        """The levels that were expanded, at least in part."""
        return self.answers.levels

    def run(self) -> None:
        """Search to the end, or until something ends the search."""
        try:
            self._run()
        except MemoryError:
            # What was found until then stands.
            self.over.set()
            self.book.stops.add(Stop.MEMORY)
            self.frontier = self._since(self._marked)
            self._collect(len(self.levels) - 1)

    def _run(self) -> None:
        self.machinery.open_questions(self.machinery.questions.open_words)
        self._start()
        while self.frontier and not self.book.is_deep_enough(len(self.levels)):
            if self.over.is_set() or self._must_end():
                return
            level = self.frontier
            self.levels.append(level)
            self._marked = self._marks()
            self._expand(level)
            self.frontier = self._since(self._marked)
            self._collect(len(self.levels) - 1)
            self.check.look(level)
            if len(self.levels) > 1:
                # The initial states stay: paths begin with them.
                self.store.forget(level)
            if self.over.is_set():
                return
            self.depth = len(self.levels)
        self._look_at_bound()

    def _look_at_bound(self) -> None:
        """Tell a deadlock among the states at the depth bound, which stay unexpanded.

        Compiled code looks for one only where it expands; here the Python explorer's
        functions do.
        """
        question = self.machinery.questions.stuck
        if question is None or not self.frontier:
            return
        if not self.book.is_open(question.prop):
            return
        compiled = Compiled(self.model)
        ignored = [0] * len(self.model.steps)
        successors = Successors(compiled, ignored, _ignore, keeps_loops=False)
        is_rest = compiled.is_rest()
        stuck = min(
            (
                state
                for states in self.frontier
                for state in self.machinery.packed(states)
                if successors.is_stuck(state) and not is_rest(state)
            ),
            default=None,
        )
        if stuck is not None:
            self.answers.beyond = self.frontier
            self.answers.decide(Answer(question, (stuck,), len(self.levels)))

    def findings(self, engine: str) -> Findings:
        """The result, whether the search is complete or not."""
        distinct = self.store.states
        workers = self.store.workers
        for worker in workers:
            for number in range(len(self.book.fired)):
                self.book.fired[number] += worker.fired[number]
        sizes = [_size(level) for level in self.levels]
        if self.frontier:
            sizes.append(_size(self.frontier))
        degrees = (0, 0.0, 0)
        if self.expanded:
            least = min(worker[Slot.LEAST] for worker in workers)
            most = max(worker[Slot.MOST] for worker in workers)
            degrees = (least, (distinct - self.starts) / self.expanded, most)
        counts = Counts(
            distinct,
            self.initial + sum(self.book.fired),
            tuple(sizes),
            distinct - self.expanded,
            degrees,
        )
        evidence = self.answers.evidence()
        found = self.book.findings(engine, counts, self.depth)

        def with_path(finding: Finding) -> Finding:
            path = evidence.get(finding.prop.name)
            return finding if path is None else replace(finding, evidence=path)

        found = replace(
            found,
            findings=tuple(map(with_path, found.findings)),
            saving=self._saving(),
        )
        return with_odds(found) if self.machinery.is_compact else found

    def _saving(self) -> Saving | None:
        reduction = self.machinery.reduction
        if reduction is None:
            return None
        states = sum(worker[Slot.WEIGHT] for worker in self.store.workers)
        return Saving(reduction.names, reduction.order, states)

    # The initial states.

    def _start(self) -> None:
        """Make the initial states and put the questions to them."""
        compiled = Compiled(self.model).initial()
        made: list[int] = []
        bad: list[int] = []
        compiled.run(0, made, bad)
        for number in bad:
            if number != CUT:
                raise self.book.fail_initially(compiled.checks[number])
            self.book.stops.add(Stop.CONSTRAINT)
        self.initial = len(made)
        if self.machinery.reduction is not None:
            made = [self.machinery.reduction.canonical(state) for state in made]
        marks = self._marks()
        self.machinery.give_room()
        for start in range(0, len(made), self.machinery.layout.batch):
            self._absorb(made[start : start + self.machinery.layout.batch])
        self.frontier = self._since(marks)
        self.starts = _size(self.frontier)
        self._collect(-1)

    def _absorb(self, states: list[int]) -> None:
        """Store and question some states that no step leads to."""
        worker, layout = self.store.workers[0], self.machinery.layout
        words = [split(state, layout.words) for state in states]
        for number in range(layout.words):
            column = worker.work.words(layout.outside(number), len(states))
            column[:] = [state[number] for state in words]
        worker[Slot.PENDING] = len(states)
        worker[Slot.POSITION] = 0
        self.machinery.call("admit", worker)
        while self.machinery.call("start", worker):
            if not self.machinery.give_room():
                self.book.stops.add(Stop.MEMORY)
                self.over.set()
                break
        worker[Slot.PENDING] = worker[Slot.POSITION] = 0

    # Levels.

    def _marks(self) -> list[int]:
        return [worker[Slot.LENGTH] for worker in self.store.workers]

    def _since(self, marks: list[int]) -> list[Range]:
        """What was stored since `marks` were made."""
        ranges = (
            Range(worker.number, mark, worker[Slot.LENGTH])
            for worker, mark in zip(self.store.workers, marks, strict=True)
        )
        return [r for r in ranges if r.begin < r.end]

    def _expand(self, level: list[Range]) -> None:
        """Expand the states of `level`, growing the table where needed."""
        portions = Portions(level)
        size = _size(level)
        while True:
            self.machinery.in_parallel(lambda w: self._work(w, portions), size)
            if not any(worker.is_busy for worker in self.store.workers):
                return
            if self.over.is_set():
                return
            if not self.machinery.give_room():
                self.book.stops.add(Stop.MEMORY)
                self.over.set()
                return

    def _work(self, worker: Worker, portions: Portions) -> None:
        """Expand portions until there are none, there is no room, or time is up."""
        try:
            self._take(worker, portions)
        except BaseException:
            # The other workers look at this, and are waited for.
            self.over.set()
            raise

    def _take(self, worker: Worker, portions: Portions) -> None:
        if worker.is_busy and self.machinery.call("run", worker):
            return
        paces = self._paces
        while (portion := portions.take(paces[worker.number])) is not None:
            size = portion.end - portion.begin
            self.store.point(worker, portion)
            with self._lock:
                self.expanded += size
            begin = monotonic()
            is_full = self.machinery.call("run", worker)
            paces[worker.number] = self._pace(size, monotonic() - begin)
            if is_full:
                return
            if self.store.is_overfull:
                self.book.stops.add(Stop.MEMORY)
                self.over.set()
            if worker.number == 0 and self._must_end():
                self.over.set()
            if self.over.is_set():
                return

    def _pace(self, size: int, seconds: float) -> int:
        """How many states are worth a portion, after `size` of them took so long.

        Compiled code hears nothing, neither the end of the time nor Ctrl-C. Batches are
        never cut: what is found must not depend on how fast the machine is.
        """
        batch = self.machinery.layout.batch
        wanted = min(CHUNK, int(size * PORTION_SECONDS / max(seconds, 1e-6)))
        return max(wanted // batch, 1) * batch

    def _collect(self, level: int) -> None:
        """Read what the workers found."""
        for worker in self.store.workers:
            if worker[Slot.CUT]:
                self.book.stops.add(Stop.CONSTRAINT)
            if worker[Slot.ESCAPED]:
                step = self.model.steps[worker[Slot.ESCAPED] - 1]
                message = f"{step.actor}: {step.name} leaves the range of a cell"
                raise AssertionError(message)
        self.answers.collect(level)

    def _must_end(self) -> bool:
        """Tell how far the search is, and whether it must end."""
        seconds = self.book.seconds
        if seconds - self._told >= PATIENCE:
            self._told = seconds
            distinct = self.store.states
            queued = distinct - self.expanded
            text = f"{distinct:,} states, {queued:,} queued, depth {len(self.levels)}"
            text += self._outlook.text(
                [_size(level) for level in self.levels],
                self.expanded,
                seconds,
                self.store.used / self.store.memory,
            )
            self.watch.progress(NativeExplorer.name, text, None)
        return self.book.is_over(is_interrupted=self.watch.is_interrupted())


def _ignore(_state: int, _step: Step, _failed: Assert | None) -> None:
    """What steps beyond the depth bound run into is not noted."""


def with_odds(found: Findings) -> Findings:
    """The same findings; those that rest on a complete search say how safely."""
    assert found.counts is not None
    odds = omission(found.counts.distinct)
    reason = (
        f"states were compared by 64-bit hashes; one is missed with odds {odds:.1g}"
    )
    findings = tuple(
        f if f.evidence is not None or f.reason else replace(f, reason=reason)
        for f in found.findings
    )
    return replace(found, findings=findings, omission=odds)


def _size(level: Iterable[Range]) -> int:
    return sum(r.end - r.begin for r in level)


__all__ = ["CHUNK", "NativeExplorer"]
