"""What `diff` and `refine` share: a search for behaviours, and its witnesses."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic

from modelcheck.explore.behaviour import Behaviour
from modelcheck.explore.inclusion import Comparison, Inclusion
from modelcheck.model.program import Model, State
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import ReplayError, replay_evidence
from modelcheck.verdict.agreement import InternalError
from modelcheck.verdict.verdicts import Evidence, Stop, Watch

MOST_PAIRS = 4_000_000
"""How many pairs of a state and a set are met in one search (about 0.4 kB each)."""

_PATIENCE = 0.2
"""Seconds between two reports of progress."""


def included(
    left: Behaviour,
    right: Behaviour,
    alike: Callable[[int, int], Hashable],
    seconds: float | None,
    watch: Watch,
) -> tuple[Comparison, float]:
    """What `left` does and `right` does not, and the seconds that it took.

    `alike` is that of `Inclusion`; `seconds` bounds the time.
    """
    begun = told = monotonic()

    def is_over(pairs: int) -> Stop | None:
        nonlocal told
        now = monotonic()
        if now - told > _PATIENCE:
            told = now
            watch.progress("behaviours", f"{left.model.name}: {pairs:,} pairs", None)
        if watch.is_interrupted():
            return Stop.INTERRUPT
        if seconds is not None and now - begun > seconds:
            return Stop.TIME
        return Stop.MEMORY if pairs > MOST_PAIRS else None

    found = Inclusion(left, right, alike, is_over).run()
    return found, monotonic() - begun


def replayed(model: Model, path: tuple[State, ...]) -> Trace:
    """The trace along `path`; raises `InternalError` if it is none of the model."""
    try:
        return replay_evidence(model, Evidence(path))
    except ReplayError as error:
        message = f"a behaviour of {model.name} cannot be replayed: {error}"
        raise InternalError(message) from error
