"""What a rendering says around a trace: tool, spec, property, search, how to repeat."""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.model.program import Kind, Property
from modelcheck.trace.path import Trace


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around one trace.

    `tool` is `modelcheck 0.1`, or without a version in files that must not change with
    it; `search` says what was searched (`1843 distinct states, depth 11, ...`) and may
    be empty; `options` are those without which `replay` would read another model.
    `is_ambiguous` if the end of the trace decides a property before this one, which
    `replay` would explain if it were not told.
    """

    prop: Property
    verdict: str
    tool: str = "modelcheck"
    is_shortest: bool = True
    search: str = ""
    options: tuple[str, ...] = ()
    is_ambiguous: bool = False

    def title(self, trace: Trace) -> str:
        """`tool: spec: property VERDICT`."""
        return f"{self.tool}: {trace.model.path}: {self.prop.name} {self.verdict}"

    def facts(self, trace: Trace) -> str:
        """`6 steps, shortest; 1843 distinct states, depth 11, search complete`."""
        length = length_text(trace)
        if trace.loop is None and self.is_shortest:
            length += ", shortest"
        return length + (f"; {self.search}" if self.search else "")

    def replay(self, trace: Trace) -> tuple[str, ...]:
        """The words of the command that rebuilds the trace; the last is the address."""
        words = ("modelcheck", "replay", trace.model.path, *self.options)
        chosen = ("--property", self.prop.name) if self.is_ambiguous else ()
        return (*words, *chosen, trace.address)

    @property
    def is_witness(self) -> bool:
        """Whether the trace shows something wanted, not something broken."""
        return self.prop.kind is Kind.REACHABLE


def steps_text(count: int) -> str:
    """`1 step`, `6 steps`."""
    return counted(count, "step")


def counted(count: int, noun: str) -> str:
    """`1 function`, `6 functions`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def length_text(trace: Trace) -> str:
    """`6 steps`; of a lasso `2 steps, then 4 steps for ever`."""
    if trace.loop is None:
        return steps_text(len(trace.steps))
    stem = f"{steps_text(trace.loop)}, then " if trace.loop else ""
    if trace.stutters:
        return f"{stem}no step for ever"
    return f"{stem}{steps_text(len(trace.steps) - trace.loop)} for ever"


def size_text(trace: Trace) -> str:
    """`6 steps`; of a lasso `2+4 steps`, those before the loop and those in it."""
    if trace.loop is None:
        return steps_text(len(trace.steps))
    return f"{trace.loop}+{steps_text(len(trace.steps) - trace.loop)}"
