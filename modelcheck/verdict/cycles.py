"""The part of a run that is about temporal properties: on which graph, or why on none.

The native explorer decides them on the states and edges that it has just found; a graph
that Python makes quickly is made by Python. Machine code runs apart if it can: if it
crashes, what was found about states stands, and the properties are UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelcheck.model.program import Kind, Model
from modelcheck.verdict.agreement import check_agreement
from modelcheck.verdict.deadline import Deadline
from modelcheck.verdict.parts import (
    PLEASE_REPORT,
    Apart,
    Parts,
    Say,
    Search,
    SearchCrashError,
    tell,
)
from modelcheck.verdict.verdicts import (
    Engine,
    Findings,
    Limits,
    Stop,
    TooManyOutcomesError,
    Watch,
    is_asked,
)

if TYPE_CHECKING:
    from modelcheck.explore.native.engine import Machinery

    Linked = Callable[[Machinery, Findings], None]

SMALL_GRAPH = 100_000
"""Up to how many edges Python makes a graph in less time than machine code is made."""

ALONE = 2_000
"""Up to how many states no machine code is needed for any formula worth writing."""


@dataclass(slots=True)
class Cycles:
    """What a run does about the temporal properties of `model` that are asked for.

    `native` makes the native explorer that hands its states and edges over. With
    `is_forgetful` it has forgotten the states. `apart` is as in `verify_model`.
    """

    engine: str
    model: Model
    limits: Limits
    watch: Watch
    deadline: Deadline
    native: Callable[[Linked], Engine]
    apart: Apart | None = None
    is_forgetful: bool = False
    notes: list[str] = field(default_factory=list)
    _seen: Findings | None = None

    @property
    def is_asked(self) -> bool:
        """Whether a temporal property is asked for."""
        return any(
            prop.kind is Kind.TEMPORAL and is_asked(prop, self.limits)
            for prop in self.model.properties
        )

    @property
    def are_wanted(self) -> bool:
        """Whether the native explorer is to keep the edges."""
        return self.is_asked and not self.is_forgetful

    def search(self) -> Search:
        """The native explorer, and then the search for cycles."""
        return _Linked(self)

    def hear(self, said: Parts) -> None:
        """Take to the record what such a search has said."""
        first, *further = said.findings
        if further:
            self._seen = further[0]
        elif said.ended is not None and not self.reason(first):
            self._seen = self.refused(said.ended)

    def findings(self, first: Findings) -> Findings:
        """What is said about the properties after the search."""
        from modelcheck.liveness.engine import refuse

        if self._seen is not None:
            return self._seen
        reason = self.reason(first)
        if reason:
            return refuse(self.model, self.limits, reason)
        counts = first.counts
        is_large = counts is not None and counts.generated > SMALL_GRAPH
        if self.engine == "auto" and is_large:
            found = self._again(first)
            if found is not None:
                return found
        is_alone = counts is not None and counts.distinct <= ALONE
        said = self._tell(_Small(first), is_alone=is_alone)
        return said.findings[0] if said.findings else self.refused(said.ended)

    def rest(self) -> Limits:
        """The limits for what is left to do."""
        return self.deadline.limited(self.limits)

    def reason(self, found: Findings) -> str:
        """Why cycles cannot be looked for; empty if they can."""
        if self.engine == "bmc":
            return "bmc looks at finite paths; use --engine auto, explore or native"
        if self.is_forgetful:
            return "--hash-compact forgets the states among which cycles are looked for"
        stops = found.stops - {Stop.DEPTH, Stop.CONSTRAINT}
        if stops:
            words = " and ".join(sorted(stop.value for stop in stops))
            return f"no cycles were looked for: the search was ended by {words}"
        return ""

    def refused(self, ended: Stop | None) -> Findings:
        """Nothing is said, because the search was `ended`."""
        from modelcheck.liveness.engine import refuse

        why = "a crash" if ended in (None, Stop.CRASH) else ended.value
        reason = f"the search for cycles was ended by {why}"
        return refuse(self.model, self.limits, reason)

    def _again(self, first: Findings) -> Findings | None:
        """What the native explorer sees of what Python has searched, if anything."""
        try:
            said = self._tell(_Linked(self))
        except TooManyOutcomesError:
            return None
        if said.findings:
            check_agreement([first, said.findings[0]])
            self.hear(said)
            if self._seen is None:
                from modelcheck.liveness.engine import refuse

                reason = self.reason(said.findings[0])
                return refuse(self.model, self.limits, reason)
            return self._seen
        # After a crash Python may still do it; otherwise there is nothing left to use.
        return None if said.ended is Stop.CRASH else self.refused(said.ended)

    def _tell(self, search: Search, *, is_alone: bool = False) -> Parts:
        """What a search says, in a process of its own unless it `is_alone`."""
        parts: list[Findings] = []
        rest = self.rest()
        if self.apart is not None and not is_alone:
            with suppress(OSError):
                search = self.apart(search, self.model, rest)
        ended: Stop | None
        try:
            ended = tell(search, self.model, rest, self.watch, parts.append)
        except SearchCrashError as error:
            self.notes.append(f"the search for cycles failed: {error}. {PLEASE_REPORT}")
            ended = Stop.CRASH
        except MemoryError:
            ended = Stop.MEMORY
        return Parts(tuple(parts), ended)


@dataclass(slots=True)
class _Linked:
    """An `InParts`: the native search, then the search for cycles in what it found."""

    cycles: Cycles
    name: str = "native"

    def tell(self, model: Model, limits: Limits, watch: Watch, say: Say) -> Stop | None:
        """As `InParts.tell`: the first part is about states, the second about runs."""
        from modelcheck.liveness.run import check_large

        def look(machinery: Machinery, found: Findings) -> None:
            say(found)
            if not self.cycles.reason(found):
                say(check_large(machinery, found, self.cycles.rest(), watch))

        self.cycles.native(look).run(model, limits, watch)
        return None


@dataclass(slots=True)
class _Small:
    """An `Engine`: the search for cycles in the graph of what Python has `searched`."""

    searched: Findings
    name: str = "liveness"

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Make the graph and decide."""
        from modelcheck.liveness.run import check_small

        return check_small(model, limits, watch, self.searched)
