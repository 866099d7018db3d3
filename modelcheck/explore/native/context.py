"""The context: the numbers that Python and compiled code tell each other.

One array of 64-bit words for each worker; compiled functions get its address.
`Layout` says where in a worker's scratch memory the arrays of a batch lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

SLACK = 16
"""Elements behind the end of each array, which a whole group may write."""


BLOCK = 160
"""How many successors are fetched ahead: their cache lines must fit into the first
cache, and take as long to arrive as the block before them takes to be inserted."""


class Slot(IntEnum):
    """The words of a context. Lengths and positions count states, not bytes."""

    WORK = auto()  # address of the scratch memory
    FRONT = auto()  # address of the states to expand
    BEGIN = auto()  # the next one of them
    END = auto()
    BATCH = auto()  # how many are being expanded
    PENDING = auto()  # how many successors they have
    POSITION = auto()  # how many of these are dealt with
    TABLE = auto()  # address of the visited set
    BUCKETS = auto()  # number of its buckets, less one
    STATES = auto()  # address of state number 0, for entries that are numbers
    ARENA = auto()  # address of this worker's states
    FIRST = auto()  # number of the first of them
    LENGTH = auto()  # how many there are
    LIMIT = auto()  # how many there may be
    CHECKED = auto()  # how many of them have been asked the questions
    FIRED = auto()  # address of the counters of the steps
    OPEN = auto()  # address of one word for each question, 1 if it is open
    RECORDS = auto()  # address of what was found
    FOUND = auto()  # 1 if something was
    CUT = auto()  # 1 if a constraint or an assumption cut something off
    ESCAPED = auto()  # 1 + the step that left the range of a cell
    LEAST = auto()  # fewest new successors of a state
    MOST = auto()  # most new successors of a state
    PARENTS = auto()  # address of the parents of this worker's states, or 0
    FROM = auto()  # number of the state at FRONT
    TARGETS = auto()  # address of states to be looked for
    TARGET_COUNT = auto()
    DUMMY = auto()  # a word that may be overwritten
    LOOPS = auto()  # how many steps of the batch change nothing, where edges are kept
    BEYOND = auto()  # how many lead outside the constraints
    EDGES = auto()  # address of the number of the first edge of each state
    HEADS = auto()  # address of the target of each edge
    LABELS = auto()  # address of the label of each edge
    LINKED = auto()  # how many edges there are
    EXPANDED = auto()  # from how many states
    NUMBERS = auto()  # address of the label of each meaning, 0 if it was not met
    MEANINGS = auto()  # address of the meaning of each label
    MET = auto()  # how many meanings were met
    UNJUDGED = auto()  # 1 + the source of an edge for which a predicate has no value
    UNJUDGED_HEAD = auto()  # its target
    UNJUDGED_MEANING = auto()  # what is known of it
    FAILED = auto()  # 1 if a step ran into a check
    WEIGHT = auto()  # how many states this worker's states stand for, with symmetry
    WALK = auto()  # address of what random walks need besides


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrays of one batch, as offsets in bytes into the scratch memory."""

    words: int
    batch: int
    capacity: int
    lists: int

    def _column(self, number: int, length: int) -> int:
        return number * 8 * (length + SLACK)

    def inside(self, word: int) -> int:
        """Word `word` of the states that are expanded."""
        return self._column(word, self.batch)

    @property
    def counts(self) -> int:
        """For each state its successors, times 2**32, plus those that were new."""
        return self.inside(self.words)

    def outside(self, word: int) -> int:
        """Word `word` of the successors."""
        return self.inside(self.words + 1) + self._column(word, self.capacity)

    @property
    def hashes(self) -> int:
        """A hash for each successor."""
        return self.outside(self.words)

    @property
    def parents(self) -> int:
        """For each successor the place of its parent in the batch, in 32 bits."""
        return self.outside(self.words + 1)

    def beyond(self, word: int) -> int:
        """Word `word` of the successors outside the constraints."""
        return self.outside(self.words + 2) + self._column(word, self.capacity)

    def list(self, number: int) -> int:
        """A list of places in the batch, in 32 bits."""
        return self.beyond(self.words) + self._column(number, self.batch)

    @property
    def key(self) -> int:
        """Room for the key of a record, or a group."""
        return self.list(self.lists)

    # Where edges are kept.

    @property
    def degrees(self) -> int:
        """For each state the number of its edges, then where the next one goes."""
        return self.key + 8 * (2 * self.words + 64) + 4096

    def _half(self, number: int) -> int:
        """A column of numbers of 32 bits."""
        return self.degrees + self._column(1, self.batch) + self._column(
            number, self.capacity
        ) // 2  # fmt: skip

    @property
    def numbers(self) -> int:
        """The number of each successor, in 32 bits."""
        return self._half(0)

    @property
    def labels(self) -> int:
        """For each successor what is to be known of the step, in 32 bits."""
        return self._half(1)

    @property
    def loop_parents(self) -> int:
        """The states that a step does not change, if these are no successors."""
        return self._half(2)

    @property
    def loop_labels(self) -> int:
        """What is to be known of these steps."""
        return self._half(3)

    @property
    def beyond_parents(self) -> int:
        """The parents of the successors outside the constraints."""
        return self._half(4)

    @property
    def beyond_labels(self) -> int:
        """What is to be known of the steps that lead outside."""
        return self._half(5)

    @property
    def total(self) -> int:
        """The bytes of it all."""
        return self._half(6)
