"""What the text of a spec says about the members of one Scalarset.

The reader finds it out (`reader.uniformity`), proofs for every size rely on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from modelcheck.model.program import Model
from modelcheck.model.statements import Span

Read = Callable[[int], Model]
"""Makes the model of a size, once each."""

PROVABLE = frozenset({"invariant", "lemma", "transition"})
"""The decorators of properties that can be proved for every size."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why something is not known to be alike for all sizes, and where.

    It does not matter if all variables in `blamed` are left out; empty if that would
    not help.
    """

    reason: str
    span: Span
    blamed: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.span.path}:{self.span.line}: {self.reason}"


@dataclass
class Uniformity:
    """What the text says about one Scalarset.

    `objections` are against the design as a whole, `against` single properties.
    `quantifiers` counts for each property the members that its condition speaks of,
    `asked` has the sets of which it asks whether they are empty. `parameters` are the
    most members that a function is given, `universal_guards` the quantifiers in
    conditions of `require`.

    `dropped` are the variables that were left out of the text, which is otherwise about
    all that the design does; `counters` are variables whose range depends on the size,
    and may be anything here. Of a set in `witnesses` the text asks whether it is empty.
    `thresholds` has the largest number that a counter is compared with or set to.
    `cleared` are variables that are emptied at once. `counted` says of a property that
    it is that a counter is the number of elements of some sets; `resets` are counters
    that may start anew.
    """

    objections: list[Objection] = field(default_factory=list[Objection])
    against: dict[str, Objection] = field(default_factory=dict[str, Objection])
    quantifiers: dict[str, int] = field(default_factory=dict[str, int])
    asked: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    parameters: int = 0
    universal_guards: int = 0
    dropped: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    witnesses: set[str] = field(default_factory=set[str])
    thresholds: dict[str, int] = field(default_factory=dict[str, int])
    resets: set[str] = field(default_factory=set[str])
    cleared: set[str] = field(default_factory=set[str])
    counted: dict[str, tuple[str, frozenset[str]]] = field(
        default_factory=dict[str, tuple[str, frozenset[str]]]
    )

    def spoken(self, claim: str) -> int:
        """How many members are enough to show that a claim is false."""
        asked = () if claim in self.counted else self.asked.get(claim, ())
        return self.quantifiers.get(claim, 0) + len(asked)


@dataclass(frozen=True, slots=True)
class Part:
    """What is left of a spec without the variables `text.dropped`, at every size."""

    read: Read
    text: Uniformity


class Parts(Protocol):
    """The parts of a spec whose Scalarset `scalarset` varies; the reader makes them."""

    scalarset: str
    model: Model

    def whole(self) -> Part:
        """The spec as it is."""

    def part(self, claims: Iterable[str], dropped: Iterable[str]) -> Part:
        """The spec with the properties `claims` alone and without some variables."""

    def largest(self, claims: Iterable[str], dropped: Iterable[str] = ()) -> Part:
        """The part from which as little as necessary is left out besides `dropped`."""

    def unrelated(self, claims: Iterable[str], rounds: int) -> frozenset[str]:
        """The variables that claims have to do with only at more than some hands."""
