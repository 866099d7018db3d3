"""What compiled code is made for: the model, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.explore.native.context import Layout
from modelcheck.explore.native.meanings import Meanings
from modelcheck.explore.native.questions import Questions
from modelcheck.explore.reduction import Reduction
from modelcheck.layout.packing import Packing


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that decides the text of the generated code.

    `is_direct`: the visited set holds whole states of one word, else numbers of
    states, or, if `is_compact`, fingerprints of 64 bits. `is_shared`: several workers
    fill it at once. `keeps_loops`: steps from a state to itself are successors, too.
    `minds_deadlock`: they at least count. With `meanings`, every edge is kept. With a
    `reduction`, states are representatives. `counts_points`: paths are counted for
    coverage.
    """

    packing: Packing
    questions: Questions
    layout: Layout
    lanes: int
    is_direct: bool
    is_compact: bool
    is_shared: bool
    keeps_loops: bool
    minds_deadlock: bool
    meanings: Meanings | None = None
    reduction: Reduction | None = None
    counts_points: bool = False

    @property
    def links(self) -> bool:
        """Whether every edge is kept."""
        return self.meanings is not None

    @property
    def splits_loops(self) -> bool:
        """Whether steps that change nothing are kept apart from successors."""
        return self.links and not self.keeps_loops
