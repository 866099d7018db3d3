"""Exit codes: one meaning each, all below 125 so that `git bisect run` can read them.

The codes 10 to 14 are TLC's. 1 is what Python makes of an uncaught exception, so it
is reserved for our own crash; 2 is what option parsers use.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What the status of the command says."""

    EXPECTED = 0
    CRASH = 1
    USAGE = 2
    ASSUMPTION = 10
    DEADLOCK = 11
    SAFETY = 12
    LIVENESS = 13
    ASSERTION = 14
    SPEC_ERROR = 20
    EVALUATION_ERROR = 21
    INCONCLUSIVE = 30


BISECT_SKIP = 125
"""The status that tells `git bisect run` to skip a commit."""

_WORST_FIRST = (
    Exit.CRASH,
    Exit.USAGE,
    Exit.SPEC_ERROR,
    Exit.EVALUATION_ERROR,
    Exit.ASSERTION,
    Exit.DEADLOCK,
    Exit.LIVENESS,
    Exit.SAFETY,
    Exit.ASSUMPTION,
    Exit.INCONCLUSIVE,
    Exit.EXPECTED,
)
assert set(_WORST_FIRST) == set(Exit), "a code has no rank"


def worst(codes: Iterable[int]) -> int:
    """The code for several specs: the one that leaves most unsaid comes first.

    A spec that could not be read or evaluated, then a violation in the order of a
    single report (assertion, deadlock, property), then a search without conclusion.
    Of no specs nothing is unexpected.
    """
    return min(
        codes,
        key=lambda code: _WORST_FIRST.index(Exit(code)),
        default=Exit.EXPECTED,
    )


def for_bisect(code: int) -> int:
    """`code` as `git bisect run` needs it: no answer about a commit skips it."""
    no_answer = {Exit.SPEC_ERROR, Exit.EVALUATION_ERROR, Exit.INCONCLUSIVE}
    return BISECT_SKIP if code in no_answer else code
