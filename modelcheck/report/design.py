"""What a comparison says about each design: where it comes from, what was found in it.

The prose is the spec's own: its docstring, and the reason that it gives for each
verdict. Shared by the Markdown and the HTML form of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelcheck.model.program import Kind
from modelcheck.report.captions import completeness, conditions_text, lasting_caption
from modelcheck.report.matrix import designs, size_text
from modelcheck.trace.caption import counted, steps_text
from modelcheck.trace.mail import render_mail
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import Verdict

_LINK = re.compile(r"^Link: (\S+)$")


@dataclass(frozen=True, slots=True)
class Story:
    """The docstring of a spec, taken apart: title, paragraphs and links."""

    title: str
    paragraphs: tuple[str, ...]
    links: tuple[str, ...]


def story(report: Report) -> Story:
    """What the docstrings of a spec's file and class say."""
    blocks = [block.strip() for block in report.model.doc.split("\n\n")]
    links: list[str] = []
    paragraphs: list[str] = []
    for block in filter(None, blocks):
        lines = block.splitlines()
        found = [match[1] for line in lines if (match := _LINK.match(line))]
        links += found
        rest = [line for line in lines if not _LINK.match(line)]
        if rest:
            paragraphs.append("\n".join(rest))
    title, *body = paragraphs or [report.model.name]
    return Story(" ".join(title.split()), tuple(body), tuple(links))


def violated(report: Report) -> list[PropertyReport]:
    """The properties that are violated, those with a short trace first.

    Goals that cannot be reached have no trace, and stand at the end.
    """
    found = [p for p in report.properties if p.verdict is Verdict.VIOLATED]
    return sorted(found, key=lambda p: (p.steps is None, p.steps or 0))


def kept(report: Report) -> list[PropertyReport]:
    """What holds and could be violated, without the goals."""
    return [
        prop
        for prop in report.properties
        if prop.verdict is Verdict.HOLDS
        and prop.applies
        and prop.prop.kind is not Kind.REACHABLE
    ]


def not_applicable(report: Report) -> list[PropertyReport]:
    """What holds because it could not be violated."""
    return [prop for prop in report.properties if not prop.applies]


def absence(prop: PropertyReport) -> str:
    """Which variables never change, so that a property is not applicable."""
    if not prop.unchanging:
        return ""
    names = ", ".join(f"`{name}`" for name in prop.unchanging)
    return f" (nothing changes {names})"


def facts(report: Report) -> str:
    """How much was looked at, and how much of what was asked holds."""
    goals = [p for p in report.properties if p.prop.kind is Kind.REACHABLE]
    asked = len(report.properties) - len(goals) - len(not_applicable(report))
    reached = sum(prop.verdict is Verdict.HOLDS for prop in goals)
    text = f"{size_text(report)} distinct states, {completeness(report)}. "
    text += f"{len(kept(report))} of the {asked} properties hold"
    text += f", {reached} of {counted(len(goals), 'goal')} can be reached."
    return f"{text} {conditions_text(report)}".rstrip()


def finding(prop: PropertyReport) -> str:
    """How a property is violated and why, as the spec explains it."""
    if prop.steps is None:
        how = "cannot be reached"
    else:
        how = f"violated in {steps_text(prop.steps)}"
    if not prop.is_expected:
        how += ", which the spec does not expect"
    because = prop.prop.because
    return f"{how}: {because}" if because and prop.is_expected else f"{how}."


def diagram(report: Report, prop: PropertyReport) -> str:
    """The trace as it would stand in a mail, or nothing if there is none."""
    if prop.trace is None:
        return ""
    return render_mail(prop.trace, lasting_caption(report, prop)).rstrip()


def render_designs_markdown(reports: Sequence[Report]) -> str:
    """A section for each design, with the shortest of its counterexamples."""
    lines = [line for each in designs(reports) for line in _section(*each)]
    return "".join(f"\n{line}" for line in lines)


def _section(name: str, report: Report) -> Iterator[str]:
    told = story(report)
    yield f"## {name}\n"
    yield f"**{_markdown(told.title)}**\n"
    for paragraph in told.paragraphs:
        yield f"{_markdown(paragraph)}\n"
    if told.links:
        yield f"{', '.join(f'<{link}>' for link in told.links)}\n"
    yield f"{facts(report)}\n"
    found = violated(report)
    for prop in found:
        yield f"- `{prop.prop.name}`: {_markdown(finding(prop))}"
    if found:
        yield ""
    if holding := ", ".join(f"`{prop.prop.name}`" for prop in kept(report)):
        yield f"What holds: {holding}.\n"
    if absent := not_applicable(report):
        names = (f"`{prop.prop.name}`{absence(prop)}" for prop in absent)
        yield f"Not applicable: {', '.join(names)}.\n"
    if found and (text := diagram(report, found[0])):
        yield f"```\n{text}\n```\n"


_CODE = re.compile(r"(`[^`]*`)")
_MARKED = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])|[*<\[\]]")


def _markdown(text: str) -> str:
    """`text` with nothing in it that Markdown would take for a mark."""
    parts = _CODE.split(text)
    parts[::2] = [
        _MARKED.sub(lambda found: "".join(f"\\{c}" for c in found[0]), part)
        for part in parts[::2]
    ]
    return "".join(parts)
