"""Our engine on one model, and the machine's own limit for the same table."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from time import process_time

from bench.measure import Measured
from bench.models import Bench
from modelcheck.explore.book import Book
from modelcheck.explore.native import NativeExplorer
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.store import Range
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Limits, Silence

SPECS = Path(__file__).parent / "specs"


class Ours:
    """The native explorer; reading and compiling are not measured, as for SPIN."""

    def __init__(self, bench: Bench, workers: int) -> None:
        self.model: Model = read_spec(str(SPECS / bench.spec), bench.scopes)
        self.engine = NativeExplorer(workers=workers)
        self.bytes_a_state = 0.0

    def run(self) -> Measured:
        """Search once."""
        found = self.engine.run(self.model, Limits(), Silence())
        counts, phases = found.counts, self.engine.phases
        assert counts is not None
        self.bytes_a_state = phases.table / counts.distinct + 8
        return Measured(
            phases.search,
            phases.processor,
            counts.distinct,
            counts.generated - 1,
            phases.system,
        )


def insert_rate(model: Model, count: int) -> float:
    """Random keys a second into a table of the size that `count` states need.

    The keys are different, nothing is compared, nothing is read back: no search can
    be faster than this on one core.
    """
    book = Book(model, Limits())
    size = 1 << 21
    while size // 8 * 3 // 4 < count:
        size *= 2
    machinery = Machinery(model, book, 1, size + 16 * count + (1 << 24))
    try:
        worker, store = machinery.store.workers[0], machinery.store
        for start in range(0, count, 1 << 20):
            length = 8 * min(1 << 20, count - start)
            ctypes.memmove(worker.arena + 8 * start, os.urandom(length), length)
        store.size = size
        ctypes.memset(store.table.address, 0xFF, size)
        ctypes.memset(store.table.address, 0, size)
        worker[Slot.BUCKETS] = size // 64 - 1
        store.point(worker, Range(0, 0, count))
        begin = process_time()
        machinery.call("rehash", worker)
        return count / (process_time() - begin)
    finally:
        machinery.close()
