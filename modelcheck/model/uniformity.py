"""What the text of a spec says about the members of one Scalarset.

The reader finds it out (`reader.uniformity`), proofs for every size rely on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modelcheck.model.statements import Span

PROVABLE = frozenset({"invariant", "lemma", "transition"})
"""The decorators of properties that can be proved for every size."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why something is not known to be alike for all sizes, and where."""

    reason: str
    span: Span

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.span.path}:{self.span.line}: {self.reason}"


@dataclass
class Uniformity:
    """What the text says about one Scalarset.

    `objections` are against the design as a whole, `against` single properties.
    `quantifiers` counts for each property the members that its condition speaks of,
    `parameters` the most members that a function is given, `universal_guards` the
    quantifiers in conditions of `require`.
    """

    objections: list[Objection] = field(default_factory=list[Objection])
    against: dict[str, Objection] = field(default_factory=dict[str, Objection])
    quantifiers: dict[str, int] = field(default_factory=dict[str, int])
    parameters: int = 0
    universal_guards: int = 0
