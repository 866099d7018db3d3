"""The state graph of a large model: the native explorer's states and edges.

The search has put the edges of each state behind one another, and given each a label;
what is left is to say what the labels mean. Nothing is copied.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.links import LinkStore
from modelcheck.explore.native.store import Range
from modelcheck.liveness.graph import STUTTERING, Graph, Label, Refused, Unjudged
from modelcheck.liveness.judging import judge
from modelcheck.liveness.records import SIZES, Vector, seen_as
from modelcheck.model.program import Property, State
from modelcheck.model.terms import FALSE
from modelcheck.verdict.verdicts import Findings

KINDS = {1: "U8", 2: "U16", 4: "I32"}
"""The kind of a vector of labels, by their size."""


class Linking:
    """Makes the graph of one search; `machinery` must stay open while it is used."""

    def __init__(self, machinery: Machinery, found: Findings) -> None:
        assert isinstance(machinery.store, LinkStore)
        assert machinery.meanings is not None
        self.machinery = machinery
        self.model = machinery.model
        self.store = machinery.store
        self.meanings = machinery.meanings
        self.found = found

    def graph(self) -> Graph:
        """The graph; states have the numbers in the order of the search.

        Raises `Refused` if fairness needs more than the edges tell, `PropertyError` if
        a predicate of it has no value somewhere.
        """
        self._refuse()
        self.store.complete()
        graph = self._made()
        worker = self.store.workers[0]
        if worker[Slot.UNJUDGED]:
            step = self.meanings.step(worker[Slot.UNJUDGED_MEANING])
            unjudged = Unjudged(
                [self.meanings.predicate(n) for n in self.meanings.predicates[step]],
                worker[Slot.UNJUDGED] - 1,
                worker[Slot.UNJUDGED_HEAD],
            )
            raise graph.error(unjudged)
        return graph

    def _refuse(self) -> None:
        looks = self.meanings.looks
        if self.meanings.too_many:
            message = f"{len(looks)} fairness constraints look at states"
            raise Refused(message)
        can_fail = any(self.meanings.judged(n).fails is not FALSE for n in looks)
        if self.model.constraints and can_fail:
            message = (
                "a fairness constraint can fail on the states after a step, and a "
                "constraint of the search cuts some of these off"
            )
            raise Refused(message)

    def _made(self) -> Graph:
        store, size, edges = self.store, self.store.states, self.store.edges
        assert self.found.counts is not None
        initial = next(iter(self.found.counts.levels), 0)
        labels = [
            Label(self.meanings.step(meaning), self.meanings.counted(meaning))
            for meaning in store.met
        ]
        return Graph(
            self.model,
            size,
            tuple(range(initial)),
            _Foreign("I64", store.first.address, size + 1),
            _Foreign("I32", store.targets.address, edges),
            _Foreign(KINDS[store.label_bytes], store.labels.address, edges),
            (STUTTERING, *labels),
            self.found.stops,
            bool(store.workers[0][Slot.FAILED]),
            self._state,
            self._valuation,
        )

    def _state(self, number: int) -> State:
        packed = next(self.machinery.packed(Range(0, number, number + 1)))
        return self.machinery.packing.unpack(packed)

    def _valuation(self, atoms: Sequence[Property]) -> Vector:
        packing, store = self.machinery.packing, self.store
        return judge(packing, store.workers[0].arena, store.states, atoms)


class _Foreign(Vector):
    """Numbers in memory that belongs to someone else."""

    def __init__(self, kind: str, address: int, length: int) -> None:
        self.kind = kind
        self.length = length
        self._address = address
        memory = (ctypes.c_char * (SIZES[kind] * max(length, 1))).from_address(address)
        self.view = seen_as(kind, memoryview(memory))

    @property
    def address(self) -> int:
        """Where it lies."""
        return self._address
