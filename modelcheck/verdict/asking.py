"""What a run asks an engine, given what the user wants to know.

A step that fails a check ends its run, so every verdict is one on the runs in which no
check fails. Whoever asks for a property wants to know whether the design has it, so the
checks are looked at besides (docs/adr/0038).
"""

from __future__ import annotations

from dataclasses import replace

from modelcheck.model.program import DEADLOCK, Kind, Model, Twin
from modelcheck.verdict.verdicts import Limits


def with_checks(model: Model, limits: Limits) -> Limits:
    """`limits` under which the checks of steps are looked at, whatever is asked for."""
    if limits.properties is None:
        return limits
    checks = {prop.name for prop in model.properties if prop.kind is Kind.ASSERTION}
    return replace(limits, besides=frozenset(checks - limits.properties))


def with_lemmas(model: Model, limits: Limits) -> Limits:
    """`limits` that ask for the lemmas, too: a proof may need them."""
    if limits.properties is None:
        return limits
    lemmas = {prop.name for prop in model.properties if prop.is_lemma}
    return replace(limits, properties=limits.properties | lemmas)


def of_a_twin(model: Model, limits: Limits) -> Limits:
    """The limits of a search that is over when all that the twin breaks has failed."""
    if not model.breaks:
        return limits
    names = limits.properties or frozenset(model.breaks)
    most = limits.max_violations or len(names)
    return replace(limits, properties=names, max_violations=most)


def broken_here(twin: Twin, limits: Limits) -> frozenset[str]:
    """What `twin` breaks and `limits` asks for."""
    asked = limits.properties
    return frozenset(
        name
        for name in twin.breaks
        if (asked is None or name in asked) and (limits.deadlock or name != DEADLOCK)
    )
