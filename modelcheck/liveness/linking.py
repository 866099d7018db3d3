"""The state graph of a large model, made from the native explorer's states and edges.

The log of the search has the edges batch by batch; two passes of compiled code over it,
one that counts and one that places, put those of each state behind one another. Labels
get numbers when they are first met.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache

from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.links import (
    BEYOND,
    HEADER,
    PLACE_BITS,
    STAY,
    STEP_SHIFT,
    TARGET_BITS,
    LinkStore,
)
from modelcheck.explore.native.machine import Library, load
from modelcheck.explore.native.store import Range
from modelcheck.liveness.compiling import assembly
from modelcheck.liveness.graph import STUTTERING, Graph, Label, Unjudged
from modelcheck.liveness.judging import Judge
from modelcheck.liveness.native import Handle
from modelcheck.liveness.records import I32, I64, Vector
from modelcheck.model.program import Property, State
from modelcheck.verdict.verdicts import Findings

PLACES = (1 << PLACE_BITS) - 1
LEAST_SIZE = 1 << 16


class Links:
    """The record of the kernels: the log, and the vectors that are made of it."""

    log: I64
    length: int
    at: int
    source: int
    size: int
    first: I64
    target: I32
    label: I32
    # Labels: which predicates say something about a step, what holds for an edge, and
    # the number of each pair of a step and what holds, 0 if it was not met.
    steps: int
    has_bits: int
    bits: I32
    relevant: I32
    numbers: I32
    met: int
    meanings: I64


def count_edges(p: Links) -> None:
    """Count the edges of each state, two places further than where they begin."""
    at = 0
    source = 0
    while at < p.length:
        word = p.log[at]
        if word >> STEP_SHIFT == HEADER:
            source = word & BEYOND
        else:
            place = source + (word >> TARGET_BITS & PLACES) + 2
            p.first[place] = p.first[place] + 1
        at += 1
    at = 2
    while at < p.size + 2:
        p.first[at] = p.first[at] + p.first[at - 1]
        at += 1


def place_edges(p: Links) -> None:
    """Put each edge where it belongs, which moves the counts to their places."""
    at = 0
    source = 0
    while at < p.length:
        word = p.log[at]
        step = word >> STEP_SHIFT
        if step == HEADER:
            source = word & BEYOND
        else:
            state = source + (word >> TARGET_BITS & PLACES) + 1
            edge = p.first[state]
            p.first[state] = edge + 1
            target = word & BEYOND
            if target == BEYOND:
                target = -1
            p.target[edge] = target
            p.label[edge] = number_of(p, step, at)
        at += 1


def number_of(p: Links, step: int, at: int) -> int:
    """The number of the label of an edge, the one at `at` in the log."""
    if step == STAY:
        return 0
    meaning = step
    if p.has_bits == 1:
        meaning += p.steps * (p.bits[at] & p.relevant[step])
    if p.numbers[meaning] == 0:
        p.met += 1
        p.numbers[meaning] = p.met
        p.meanings[p.met] = meaning
    return p.numbers[meaning]


@cache
def _library() -> Library:
    return load(assembly(Links, [count_edges, place_edges]), inlines=True)


class Linking:
    """Makes the graph of one search; `machinery` must stay open while it is used."""

    def __init__(self, machinery: Machinery, found: Findings) -> None:
        assert isinstance(machinery.store, LinkStore)
        self.machinery = machinery
        self.model = machinery.model
        self.store = machinery.store
        self.found = found
        self.size = self.store.states
        self.judge = Judge(machinery.packing, self.model)

    def graph(self) -> Graph:
        """The graph; states have the numbers in the order of the search.

        Raises `Refused` if fairness needs more than the log tells, `PropertyError` if
        a predicate of it has no value somewhere.
        """
        length = self.store.complete()
        assert self.found.counts is not None
        initial = next(iter(self.found.counts.levels), 0)
        try:
            bits = self.judge.edges(self.store, length)
        except Unjudged as unjudged:
            raise self._made(length, None, initial).error(unjudged) from None
        return self._made(length, bits, initial)

    def _made(self, length: int, bits: Vector | None, initial: int) -> Graph:
        steps = max(len(self.model.steps), 1)
        meanings = steps << self.judge.predicates
        vectors = {
            "log": _Foreign(self.store.log.address, length),
            "first": Vector("I64", self.size + 2),
            "target": Vector("I32", length),
            "label": Vector("I32", length),
            "bits": bits or Vector("I32", 0),
            "relevant": Vector("I32", steps),
            "numbers": Vector("I32", meanings),
            "meanings": Vector("I64", meanings + 1),
        }
        for step, relevant in enumerate(self.judge.relevant):
            vectors["relevant"].view[step] = relevant
        links = Links()
        links.length, links.size, links.steps = length, self.size, steps
        links.has_bits = int(bits is not None)
        links.at = links.source = links.met = 0
        handle = Handle(links, vectors)
        handle.call(_library().function("count_edges"))
        handle.call(_library().function("place_edges"))
        labels = [STUTTERING]
        for number in range(1, links.met + 1):
            holds, step = divmod(vectors["meanings"].view[number], steps)
            labels.append(Label(step, self.judge.counted(step, holds)))
        return Graph(
            self.model,
            self.size,
            tuple(range(initial)),
            vectors["first"],
            vectors["target"],
            vectors["label"],
            tuple(labels),
            self.found.stops,
            bool(self.store.workers[0][Slot.FAILED]),
            self._state,
            self._valuation,
        )

    def _state(self, number: int) -> State:
        packed = next(self.machinery.packed(Range(0, number, number + 1)))
        return self.machinery.packing.unpack(packed)

    def _valuation(self, atoms: Sequence[Property]) -> Vector:
        return self.judge.states(self.store.workers[0].arena, self.size, atoms)


class _Foreign(Vector):
    """Numbers in memory that belongs to someone else."""

    def __init__(self, address: int, length: int) -> None:
        self.kind = "I64"
        self.length = length
        self._address = address
        memory = (ctypes.c_int64 * max(length, 1)).from_address(address)
        self.view = memoryview(memory).cast("B").cast("q")

    @property
    def address(self) -> int:
        """Where it lies."""
        return self._address
