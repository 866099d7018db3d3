"""How a refinement is shown: text, mail, JSON.

The JSON form has the schema `modelcheck.refine/1`; fields may be added within it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelcheck.model.program import Kind, Property
from modelcheck.model.terms import and_, constant_of, eq, not_
from modelcheck.report.captions import stops_text
from modelcheck.trace.caption import Caption, counted
from modelcheck.trace.jsonform import Json, trace_data
from modelcheck.trace.mail import WIDTH, render_mail
from modelcheck.trace.wrap import ascii_only, fold
from modelcheck.verdict.refinement import Failing, Refinement, Seen

SCHEMA = "modelcheck.refine/1"


@dataclass(frozen=True, slots=True)
class Words:
    """`tool` with its version, and the words of a command that select the models."""

    tool: str
    options: tuple[str, ...] = ()


def render_refinement(found: Refinement, words: Words, *, width: int = WIDTH) -> str:
    """The answer, and for each kind of failing step the trace and both vocabularies.

    With the default width it is text for a mail.
    """
    sections = ["\n".join(fold(ascii_only(_headline(found, words)), width))]
    for failing in found.failing:
        diagram = render_mail(failing.trace, _caption(found, failing, words))
        sections += [diagram.rstrip(), "\n".join(_abstract(found, failing, width))]
    sections.append("\n".join(fold(ascii_only(_extent(found)), width)))
    return "\n\n".join(sections) + "\n"


def _headline(found: Refinement, words: Words) -> str:
    head = f"{words.tool}: {found.model.path}: refines {found.spec.path}"
    return f"{head} {found.verdict.value.upper()}"


def _extent(found: Refinement) -> str:
    size = f"{counted(found.pairs, 'pair')} of states in {found.seconds:.1f} s"
    if found.reason:
        return f"{size}; {found.reason}"
    if found.stops:
        return f"{size}, bounded by {stops_text(found.stops)}"
    if found.failing:
        return f"{size}; every step was looked at"
    return (
        f"{size}: every step is a step of {found.spec.name}, or changes nothing there"
    )


def _caption(found: Refinement, failing: Failing, words: Words) -> Caption:
    """The words around a trace; its last step is what the spec does not allow."""
    return Caption(
        _last_step(failing),
        f"IMPOSSIBLE in {found.spec.path}",
        tool=words.tool,
        options=words.options,
    )


def _last_step(failing: Failing) -> Property:
    """A property that is false at the end because of what the last step changed."""
    states, cells = failing.trace.states, failing.trace.model.cells
    before, after = states[-2:] if len(states) > 1 else (states[0], states[0])
    values = (
        eq(cell.now, constant_of(cell.range.sort, new, cell.range.hi))
        for cell, old, new in zip(cells, before, after, strict=True)
        if old != new
    )
    return Property("last step", Kind.INVARIANT, (), not_(and_(*values)))


def _abstract(found: Refinement, failing: Failing, width: int) -> Iterator[str]:
    """The failing step in the words of the spec, and what the spec can do there."""
    name = found.spec.name
    is_first = not failing.trace.steps
    what = "The initial state" if is_first else f"That step, as {name} sees it"
    yield f"{ascii_only(what)}:"
    for seen in failing.seen:
        told = f"{seen.name}: {seen.after}" if is_first else _told(seen)
        yield from _indented(told, width)
    if is_first:
        return
    yield f"{ascii_only(name)} can do there:"
    for step in failing.allowed:
        yield from _indented(f"{step.actor}: {_changes(step.changes)}", width)
    if not failing.allowed:
        yield "  nothing that changes anything"


def _told(seen: Seen) -> str:
    if seen.before == seen.after:
        return f"{seen.name}: {seen.after}"
    return f"{seen.name}: {seen.before} -> {seen.after}"


def _changes(changes: Sequence[Seen]) -> str:
    return ", ".join(map(_told, changes))


def _indented(text: str, width: int) -> Iterator[str]:
    for line in fold(ascii_only(text), width - 2):
        yield f"  {line}"


def render_refinement_json(found: Refinement) -> str:
    """Everything, with every trace."""
    stops: list[Json] = [*sorted(stop.value for stop in found.stops)]
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "spec": found.model.path,
        "abstract": found.spec.path,
        "verdict": found.verdict.value,
        "reason": found.reason,
        "failing": [_failing_data(each) for each in found.failing],
        "stops": stops,
        "depth": found.depth,
        "pairs": found.pairs,
        "seconds": round(found.seconds, 3),
    }
    return json.dumps(data, indent=2) + "\n"


def _failing_data(failing: Failing) -> dict[str, Json]:
    return {
        "steps": len(failing.trace.steps),
        "count": failing.count,
        "seen": [_seen_data(seen) for seen in failing.seen],
        "allowed": [
            {"actor": step.actor, "changes": [_seen_data(c) for c in step.changes]}
            for step in failing.allowed
        ],
        "trace": trace_data(failing.trace, _last_step(failing)),
    }


def _seen_data(seen: Seen) -> dict[str, Json]:
    return {"name": seen.name, "before": seen.before, "after": seen.after}
