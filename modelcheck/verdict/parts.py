"""Searches that say in parts what they find, in this process or in one of their own.

A part stands, whatever becomes of the next one: what was found about states is not lost
if the search for cycles among them crashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from modelcheck.model.program import Model
from modelcheck.verdict.verdicts import Engine, Findings, Limits, Stop, Watch

PLEASE_REPORT = "This is a fault of modelcheck, please report it with the spec."

Say = Callable[[Findings], None]
"""Who hears the parts."""


@runtime_checkable
class InParts(Protocol):
    """A search that says in parts what it finds."""

    name: str

    def tell(self, model: Model, limits: Limits, watch: Watch, say: Say) -> Stop | None:
        """Search within `limits` and say each part that is found.

        What is given back ended the search before it could say all; None if it could.
        """


Search = Engine | InParts

Apart = Callable[[Search, Model, Limits], InParts]
"""The same search in a process of its own; raises `OSError` if there can be none."""


class SearchCrashError(RuntimeError):
    """A search whose process was ended by a crash; says how."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a search has said; `ended` is what kept it from saying all."""

    findings: tuple[Findings, ...]
    ended: Stop | None = None


def tell(
    search: Search, model: Model, limits: Limits, watch: Watch, say: Say
) -> Stop | None:
    """As `InParts.tell`, for any search; raises what it raises."""
    if isinstance(search, InParts):
        return search.tell(model, limits, watch, say)
    say(search.run(model, limits, watch))
    return None
