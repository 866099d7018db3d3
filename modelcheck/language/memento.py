"""Remembering a state so that a step can be undone in place.

Suspended processes hold references to the containers and locks of their spec, so going
back must refill those very objects instead of replacing them.
"""

from collections.abc import Callable
from functools import partial

from modelcheck.language.container_types import LOCKS
from modelcheck.language.containers import CheckedDict, CheckedList, CheckedSet
from modelcheck.language.spec import Spec

Undo = Callable[[], None]


def remember(spec: Spec) -> Undo:
    """Return a function that puts `spec` back into its present state."""
    variables = dict(vars(spec))
    refill = _in_turn(*map(_remember_value, variables.values()))

    def undo() -> None:
        vars(spec).update(variables)
        if refill is not None:
            refill()

    return undo


def _remember_value(value: object) -> Undo | None:
    """Return how to refill `value`, or `None` if it cannot change."""
    if isinstance(value, LOCKS):
        return partial(value.restore, value.state())
    if isinstance(value, CheckedSet):
        return partial(value.restore, frozenset(value))
    if isinstance(value, CheckedDict):
        refill = partial(value.restore, dict(value))
        return _in_turn(refill, *map(_remember_value, value.values()))
    if isinstance(value, CheckedList):
        refill = partial(value.restore, tuple(value))
        return _in_turn(refill, *map(_remember_value, value))
    if isinstance(value, tuple):
        return _in_turn(*map(_remember_value, value))
    return None


def _in_turn(*undos: Undo | None) -> Undo | None:
    changing = [undo for undo in undos if undo is not None]
    if not changing:
        return None

    def undo_all() -> None:
        for undo in changing:
            undo()

    return undo_all
