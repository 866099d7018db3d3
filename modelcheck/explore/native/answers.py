"""Answers: from the keys that compiled code noted to paths, verdicts and errors.

Of all states of the first level in which a question is answered, the smallest as a
packed number is taken, and on the way back to an initial state always the smallest
predecessor: the same path with any number of workers, whoever found what first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from modelcheck.explore.book import Book, PropertyError
from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery, join, pieces, split
from modelcheck.explore.native.questions import Question, Topic
from modelcheck.explore.native.store import Range, Worker
from modelcheck.explore.unfolding import Unfolding
from modelcheck.model.program import State
from modelcheck.verdict.verdicts import Evidence


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for a question: a key, and the level of the state in it.

    `states` are packed: the state, for a step also the one after it.
    """

    question: Question
    states: tuple[int, ...]
    level: int
    check: int = 0


class Answers:
    """The answers of one search; paths are made at its end, all at once."""

    def __init__(self, machinery: Machinery, book: Book) -> None:
        self.machinery = machinery
        self.book = book
        self.levels: list[list[Range]] = []
        # The states at a depth bound, which were made but are not to be expanded.
        self.beyond: list[Range] = []
        self.unfolding: Unfolding | None = None
        if machinery.reduction is not None:
            self.unfolding = Unfolding(machinery.reduction, book)
        self.found: dict[str, Answer] = {}

    def collect(self, level: int) -> None:
        """Take what was noted while the states of `level` were expanded (-1: made).

        Raises `PropertyError` if a property has no value somewhere.
        """
        found: dict[int, tuple[int, ...]] = {}
        for worker in self.machinery.store.workers:
            for slot, key in worker.take_records().items():
                found[slot] = min(key, found.get(slot, key))
        answers = [
            self._answer(slot, key, level) for slot, key in sorted(found.items())
        ]
        for answer in answers:
            if answer.question.topic in _ERRORS:
                self._fail(answer)
        for answer in answers:
            self.decide(answer)
        if answers:
            self.machinery.open_questions(self.machinery.questions.open_words)

    def decide(self, answer: Answer) -> None:
        """Take `answer`, unless its property has one already."""
        prop = answer.question.prop
        if self.book.is_open(prop):
            self.found[prop.name] = answer
            # The path is made later; for now only the verdict counts.
            self.book.decide(prop, Evidence(()))

    def _answer(self, slot: int, key: tuple[int, ...], level: int) -> Answer:
        question = self.machinery.questions.all[slot]
        count = self.machinery.layout.words
        first = join(key[:count][::-1])
        topic = question.topic
        if topic in (Topic.PAIR, Topic.PAIR_ERROR):
            second = join(key[count : 2 * count][::-1])
            return Answer(question, (first, second), level)
        if topic in (Topic.STATE, Topic.STATE_ERROR, Topic.BOUND_ERROR):
            return Answer(question, (first,), level + 1)
        return Answer(question, (first,), level, key[count])

    def _fail(self, answer: Answer) -> None:
        """Raise the error that the interpreter finds in the state."""
        prop = answer.question.prop
        path = self._unfolded(answer, self._paths([answer])[0])
        interpreter = Interpreter(self.machinery.model)
        before, after = path[-1], None
        if answer.question.topic is Topic.PAIR_ERROR:
            before, after = path[-2], path[-1]
        try:
            interpreter.holds(prop, before, after)
        except EvaluationError as error:
            raise PropertyError(prop, error.failed, path) from None
        message = f"{prop.name} has a value after all"
        raise AssertionError(message)

    def evidence(self) -> dict[str, Evidence]:
        """The evidence for each property that was decided."""
        names = list(self.found)
        answers = [self.found[name] for name in names]
        found: dict[str, Evidence] = {}
        for name, answer, path in zip(
            names, answers, self._paths(answers), strict=True
        ):
            found[name] = self.proof(answer, path)
        return found

    def proof(self, answer: Answer, path: tuple[State, ...]) -> Evidence:
        """The evidence that `path` is for `answer`."""
        if answer.question.topic is not Topic.CHECK:
            return Evidence(self._unfolded(answer, path))
        if self.unfolding is not None:
            return self.unfolding.failure(answer.question.prop, path)
        step, failed = self.machinery.checks[answer.check]
        return Evidence(path, failed, step)

    def _unfolded(self, answer: Answer, path: tuple[State, ...]) -> tuple[State, ...]:
        """`path` with names that are stable from its first state to the last."""
        if self.unfolding is None:
            return path
        if answer.question.topic in (Topic.PAIR, Topic.PAIR_ERROR):
            return self.unfolding.pair(answer.question.prop, path)
        return self.unfolding.path(path)

    # Paths.

    def _paths(self, answers: Sequence[Answer]) -> list[tuple[State, ...]]:
        """The paths to the states of `answers`, walking back level by level."""
        chains = [[answer.states[0]] for answer in answers]
        top = max((answer.level for answer in answers), default=0)
        for level in range(top, 0, -1):
            active = [n for n, answer in enumerate(answers) if answer.level >= level]
            wanted = sorted({chains[number][-1] for number in active})
            parents = self._parents(wanted, self.levels[level - 1])
            for number in active:
                chains[number].append(parents[chains[number][-1]])
        unpack = self.machinery.packing.unpack
        return [
            tuple(map(unpack, (*reversed(chain), *answer.states[1:])))
            for chain, answer in zip(chains, answers, strict=True)
        ]

    def _parents(self, wanted: list[int], level: Sequence[Range]) -> dict[int, int]:
        """The smallest predecessor in `level` of each of the packed states `wanted`."""
        found: dict[int, int] = {}
        most = min(worker.slots for worker in self.machinery.store.workers)
        for start in range(0, len(wanted), most):
            found.update(self._seek(wanted[start : start + most], level))
        return found

    def _seek(self, wanted: list[int], level: Sequence[Range]) -> dict[int, int]:
        machinery = self.machinery
        count = machinery.layout.words
        words = [word for state in wanted for word in split(state, count)]
        targets = (ctypes.c_uint64 * len(words))(*words)
        chunks = pieces(level)

        def task(worker: Worker) -> None:
            fired = (ctypes.c_uint64 * len(worker.fired))()
            saved = {slot: worker[slot] for slot in _SAVED}
            worker[Slot.FIRED] = ctypes.addressof(fired)
            worker[Slot.TARGETS] = ctypes.addressof(targets)
            worker[Slot.TARGET_COUNT] = len(wanted)
            for chunk in chunks:
                machinery.store.point(worker, chunk)
                machinery.call("seek", worker)
            for slot, value in saved.items():
                worker[slot] = value

        machinery.open_questions([0] * len(machinery.questions.open_words))
        machinery.in_parallel(task, sum(r.end - r.begin for r in level))
        machinery.open_questions(machinery.questions.open_words)
        found: dict[int, int] = {}
        for worker in machinery.store.workers:
            for number, key in worker.take_records().items():
                parent = join(key[:count][::-1])
                old = found.get(wanted[number], parent)
                found[wanted[number]] = min(parent, old)
        return found


_ERRORS = frozenset({Topic.STATE_ERROR, Topic.BOUND_ERROR, Topic.PAIR_ERROR})
_SAVED = (Slot.FRONT, Slot.FROM, Slot.BEGIN, Slot.END, Slot.FIRED)
