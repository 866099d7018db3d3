"""Which verdicts are about fewer runs than the design has.

A step that fails a check leads nowhere. A path to a bad state or to a goal is one all
the same, but a verdict without a path, on all runs, says nothing of what would follow
the failure: it holds where no check fails, and has to say so.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from modelcheck.model.program import Kind, Model, Property
from modelcheck.trace.caption import counted, steps_text
from modelcheck.verdict.verdicts import Limits, Verdict, is_asked

if TYPE_CHECKING:
    from modelcheck.verdict.report import PropertyReport

WHERE = "where no check fails"
"""What is added to a verdict on the runs that no failed check ends."""

MOST_NAMES = 3
"""So many checks of which nothing is known are named; more are counted."""


def judged_by_checks(
    model: Model, found: Sequence[PropertyReport], limits: Limits
) -> tuple[tuple[PropertyReport, ...], tuple[PropertyReport, ...]]:
    """What is told of each property, and the checks that there is no need to tell of.

    Of the checks in `found` that `limits` does not ask for, those are told that fail,
    and those that might while a verdict depends on them.
    """
    checks = [prop for prop in model.properties if prop.kind is Kind.ASSERTION]
    known = {each.prop.name: each for each in found}
    weighed = [_weakened(each, checks, known) for each in found]
    is_weak = any(each.condition for each in weighed if is_asked(each.prop, limits))
    told: list[PropertyReport] = []
    besides: list[PropertyReport] = []
    for each in weighed:
        is_news = each.verdict is Verdict.VIOLATED
        is_open = not each.is_conclusive and is_weak
        is_told = each.prop.kind is not Kind.ASSERTION or is_asked(each.prop, limits)
        (told if is_told or is_news or is_open else besides).append(each)
    return tuple(told), tuple(besides)


def unclaimed_checks(model: Model, claims: Container[str]) -> list[str]:
    """The checks that a proof of `claims` says nothing of: they may end runs."""
    checks = (prop.name for prop in model.properties if prop.kind is Kind.ASSERTION)
    return [name for name in checks if name not in claims]


def _weakened(
    each: PropertyReport,
    checks: Iterable[Property],
    known: Mapping[str, PropertyReport],
) -> PropertyReport:
    """A verdict with what it takes for granted of the `checks`, if it does."""
    if not each.is_about_all_runs:
        return each
    said = ", ".join(_said(checks, known))
    return replace(each, condition=f"{WHERE}: {said}") if said else each


def _said(
    checks: Iterable[Property], known: Mapping[str, PropertyReport]
) -> Iterator[str]:
    """What is said of the checks that do not hold, first of those that fail."""
    undecided: list[str] = []
    unasked: list[str] = []
    for check in checks:
        found = known.get(check.name)
        if found is None:
            unasked.append(check.name)
        elif found.verdict is Verdict.VIOLATED:
            steps = "" if found.steps is None else f" in {steps_text(found.steps)}"
            yield f"{check.name} fails{steps}"
        elif not found.is_conclusive:
            undecided.append(check.name)
    if undecided:
        yield f"{_listed(undecided)} not decided"
    if unasked:
        yield f"{_listed(unasked)} not looked at"


def _listed(names: Sequence[str]) -> str:
    """The names with their verb, or how many there are."""
    if len(names) > MOST_NAMES:
        return f"{counted(len(names), 'check')} are"
    return f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'}"
