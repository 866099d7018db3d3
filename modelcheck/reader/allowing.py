"""What is harmless in a text that is to be alike for every size of a Scalarset.

`reader.uniformity` refuses all other places where members are mentioned.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from modelcheck.model.uniformity import Uniformity


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a text mean: `indexed` variables have cells for each member.

    `variables` are all variables of the spec, `looking` all methods that only look at
    states, `scalarset` is the type that is to have any size. The ranges of `counters`
    depend on it. `dropped` variables must not be there any more. `stepping` are the
    functions that steps may run. `rises` says how often integers can be incremented.
    """

    spec: str
    scalarset: str
    variables: frozenset[str]
    indexed: frozenset[str]
    sets: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    rises: Mapping[str, int] = field(default_factory=dict[str, int])
    looking: frozenset[str] = frozenset()
    stepping: frozenset[str] = frozenset()
    sized: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The `nodes` found in harmless places, and what was found out with them."""

    names: Names
    found: Uniformity
    nodes: set[ast.AST] = field(default_factory=set[ast.AST])

    def is_scalarset(self, node: ast.AST) -> bool:
        """Whether a node is the name of the type that is to have any size."""
        return isinstance(node, ast.Name) and node.id == self.names.scalarset

    def is_indexed(self, node: ast.AST) -> bool:
        """Whether a node is a variable with cells for each member."""
        return isinstance(node, ast.Attribute) and node.attr in self.names.indexed
