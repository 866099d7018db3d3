"""Coverage: which places of a spec no run ever goes on from.

A step that never happens is a warning: the design may be right, or a guard so strict
that the model cannot show what is wrong with it.
"""

from __future__ import annotations

from modelcheck.model.program import Model
from modelcheck.model.statements import Span
from modelcheck.verdict.verdicts import Findings


def never_taken(model: Model, findings: Findings) -> tuple[str, ...]:
    """A sentence for each place whose steps a complete search has never seen happen.

    The steps of all actors that stand at one place of the text count together. Empty
    for a search that was not complete, or that did not count steps.
    """
    if not findings.is_complete or len(findings.fired) != len(model.steps):
        return ()
    totals: dict[tuple[Span, str, bool], int] = {}
    for step, count in zip(model.steps, findings.fired, strict=True):
        key = (step.span, step.name, step.at is None)
        totals[key] = totals.get(key, 0) + count
    return tuple(
        f"{span.path}:{span.line}:{span.col}: {_sentence(name, is_action=is_action)}"
        for (span, name, is_action), count in totals.items()
        if not count
    )


def _sentence(name: str, *, is_action: bool) -> str:
    if is_action:
        return f"the action `{name}` never happens"
    return f"no `{name}` ever goes on from here"
