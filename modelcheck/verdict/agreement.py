"""The cross-check: where two engines cover the same ground, they must agree.

A breadth-first search finds a shortest path to a bad state, of d steps; bounded model
checking then has none below d and one at d. What a search has proved, no other engine
may refute. Anything else is an error of ours, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from modelcheck.model.program import Kind
from modelcheck.verdict.verdicts import Finding, Findings, Stop, Verdict


class InternalError(Exception):
    """We are wrong, not the user's file: please report it with the command."""

    def __init__(self, message: str) -> None:
        super().__init__(f"internal error: {message}\nThis is a bug; please report it.")
        self.reason = message


class Disagreement(InternalError):  # noqa: N818 - its base says error
    """Two engines contradict each other on one property."""


def check_agreement(findings: Iterable[Findings]) -> tuple[str, ...]:
    """What the engines confirm of each other, as notes for the report.

    Raises `Disagreement` where they contradict each other.
    """
    notes: list[str] = []
    for one, two in combinations(findings, 2):
        common = _common(one, two)
        for first, second in common:
            _compare(one, first, two, second)
        if common:
            notes.append(_note(one, two))
    return tuple(notes)


def _common(one: Findings, two: Findings) -> list[tuple[Finding, Finding]]:
    others = {finding.prop.name: finding for finding in two.findings}
    return [
        (finding, others[finding.prop.name])
        for finding in one.findings
        if finding.prop.name in others
    ]


def _compare(one: Findings, first: Finding, two: Findings, second: Finding) -> None:
    """Compare lengths of evidence; the engines' roles may be exchanged."""
    lengths = _length(first), _length(second)
    match lengths:
        case (int(), int()):
            if lengths[0] != lengths[1] and _is_shortest(first, second, lengths):
                _disagree(one, first, two, second)
        case (int() as length, None):
            if _denies(two, second, length):
                _disagree(one, first, two, second)
        case (None, int() as length):
            if _denies(one, first, length):
                _disagree(one, first, two, second)
        case _:
            if {first.verdict, second.verdict} == {Verdict.HOLDS, Verdict.VIOLATED}:
                _disagree(one, first, two, second)


def _length(finding: Finding) -> int | None:
    return None if finding.evidence is None else finding.evidence.length


def _is_shortest(first: Finding, second: Finding, lengths: tuple[int, int]) -> bool:
    """Whether the longer of two paths is said to be a shortest one."""
    longer = first if lengths[0] > lengths[1] else second
    return longer.evidence is not None and longer.evidence.is_shortest


def _denies(findings: Findings, finding: Finding, length: int) -> bool:
    """Whether an engine that shows no path says that there is none of `length` steps.

    Without a path, HOLDS (and for a goal VIOLATED) says so for every length, BOUNDED
    up to the depth that was looked at completely. After a stop for any other reason
    than depth, a search has levels that it did not finish, and constraints may have
    cut off what another engine calls reachable.
    """
    none = Verdict.VIOLATED if finding.prop.kind is Kind.REACHABLE else Verdict.HOLDS
    if finding.verdict is none:
        return True
    if finding.verdict is not Verdict.BOUNDED or findings.depth is None:
        return False
    is_exact = findings.counts is None or findings.stops <= {Stop.DEPTH}
    return is_exact and length <= findings.depth


def _disagree(one: Findings, first: Finding, two: Findings, second: Finding) -> None:
    message = (
        f"engines disagree on {first.prop.name}: {_says(one, first)}, "
        f"{_says(two, second)}"
    )
    raise Disagreement(message)


def _says(findings: Findings, finding: Finding) -> str:
    length = _length(finding)
    if length is not None:
        return f"{findings.engine} says {finding.verdict.value} in {length} steps"
    depth = "" if findings.depth is None else f" to depth {findings.depth}"
    return f"{findings.engine} says {finding.verdict.value}{depth}"


def _note(one: Findings, two: Findings) -> str:
    """`bmc agrees to depth 6`: the one that looked less far confirms the other."""
    weaker, other = (one, two) if two.is_complete else (two, one)
    depth = "" if weaker.depth is None else f" to depth {weaker.depth}"
    return f"{weaker.engine} agrees with {other.engine}{depth}"
