"""The questions of a search, numbered: what compiled code answers, and about what.

Each question has a *slot*. Compiled code keeps, for a slot that is open, the smallest
*key* for which the answer is news: a state, or a pair of states, or a state and the
number of a check. Slots of questions about states come first, 64 to a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from modelcheck.explore.book import Book
from modelcheck.model.guarded import guard_property
from modelcheck.model.program import Kind, Property
from modelcheck.model.statements import Assert
from modelcheck.model.terms import FALSE, Term, and_, not_, or_


class Topic(Enum):
    """What the key of a slot is, and what it means that there is one."""

    STATE = "a state decides the property"
    STATE_ERROR = "the property has no value in a state"
    BOUND_ERROR = "a constraint has no value in a state"
    PAIR = "a step violates the property"
    PAIR_ERROR = "the property has no value for a step"
    STUCK = "a state is a deadlock"
    CHECK = "a step runs into a check"


@dataclass(frozen=True, slots=True)
class Question:
    """One slot: `answer` is the term that is news where it holds, if it is a term."""

    slot: int
    topic: Topic
    prop: Property
    answer: Term = FALSE


class Questions:
    """All slots of one search."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.all: list[Question] = []
        for prop in book.open(Kind.INVARIANT, Kind.REACHABLE):
            self._add_property(prop, Topic.STATE, Topic.STATE_ERROR)
        self.inside = self._add_constraints(book.model.constraints)
        self.state_slots = len(self.all)
        while len(self.all) % 64:
            self.all.append(Question(len(self.all), Topic.STUCK, _NOBODY))
        self.first_pair = len(self.all)
        for prop in book.open(Kind.TRANSITION):
            self._add_property(prop, Topic.PAIR, Topic.PAIR_ERROR)
        for prop in book.open(Kind.DEADLOCK):
            self._add(Topic.STUCK, prop)
        for prop in book.open(Kind.ASSERTION):
            self._add(Topic.CHECK, prop)

    def _add(self, topic: Topic, prop: Property, answer: Term = FALSE) -> None:
        self.all.append(Question(len(self.all), topic, prop, answer))

    def _add_property(self, prop: Property, topic: Topic, error: Topic) -> None:
        judged = guard_property(prop)
        is_goal = prop.kind is Kind.REACHABLE
        news = judged.result if is_goal else not_(judged.result)
        self._add(topic, prop, and_(news, not_(judged.fails)))
        if judged.fails is not FALSE:
            self._add(error, prop, judged.fails)

    def _add_constraints(self, constraints: tuple[Property, ...]) -> Term:
        """Slots for errors in constraints; the term that says a state is inside."""
        so_far: list[Term] = []
        for prop in constraints:
            judged = guard_property(prop)
            if judged.fails is not FALSE:
                self._add(Topic.BOUND_ERROR, prop, and_(*so_far, judged.fails))
            so_far.append(and_(judged.result, not_(judged.fails)))
        return and_(*so_far)

    @property
    def has_constraints(self) -> bool:
        """Whether states can be outside."""
        return bool(self.book.model.constraints)

    def of(self, *topics: Topic) -> list[Question]:
        """The questions with these topics."""
        return [q for q in self.all if q.topic in topics and q.prop is not _NOBODY]

    @property
    def stuck(self) -> Question | None:
        """The question for deadlocks, if it is asked."""
        return next(iter(self.of(Topic.STUCK)), None)

    def slot_of_check(self, check: Assert) -> int:
        """The slot of the property that `check` violates, -1 if nobody asks."""
        prop = self.book.property_of(check)
        slots = [q.slot for q in self.of(Topic.CHECK) if q.prop is prop]
        return slots[0] if slots else -1

    @property
    def open_words(self) -> list[int]:
        """One bit for each slot, 1 if its question is still open."""
        found = [0] * (len(self.all) // 64 + 1)
        for question in self.all:
            is_bound = question.topic is Topic.BOUND_ERROR
            if is_bound or self.book.is_open(question.prop):
                found[question.slot // 64] |= 1 << question.slot % 64
        return found

    @property
    def errors(self) -> Term:
        """Whether some constraint has no value."""
        return or_(*(q.answer for q in self.of(Topic.BOUND_ERROR)))


_NOBODY = Property("", Kind.CONSTRAINT, (), FALSE)
