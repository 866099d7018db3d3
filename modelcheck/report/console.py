"""The report on a terminal: verdicts, counterexamples, figures, how to repeat."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from modelcheck.report.captions import (
    caption,
    checks_text,
    completeness,
    runs_text,
    saving_text,
    stops_text,
    violations,
)
from modelcheck.report.survey import survey_lines
from modelcheck.trace.caption import length_text, size_text
from modelcheck.trace.invariant import ClauseSpeller
from modelcheck.trace.text import render_text
from modelcheck.trace.wrap import ascii_only, command_lines, fold
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.runs import WHERE
from modelcheck.verdict.verdicts import Counts, Sampling, Stop, Verdict

_WIDTH = 80
_COLOURS = {
    Verdict.HOLDS: "32",
    Verdict.VIOLATED: "31",
    Verdict.BOUNDED: "33",
    Verdict.UNKNOWN: "33",
}
_UNEXPECTED = "1;31"


def render_console(
    report: Report,
    *,
    width: int = _WIDTH,
    colour: bool = False,
    traces: bool = True,
    unicode: bool = False,
) -> str:
    """The whole report as text; `traces` shows the counterexamples.

    `unicode` allows characters beyond ASCII, for a sparkline.
    """
    surveyed = report.survey
    sections = [
        list(_heading(report, width)),
        list(_verdicts(report, width, _paint(is_on=colour))),
        list(twin_lines(report, width, _paint(is_on=colour))),
        *(_counterexamples(report, width) if traces else ()),
        list(_invariant(report, width)),
        list(survey_lines(surveyed, width, unicode=unicode)) if surveyed else [],
        list(_figures(report, width)),
        list(_scope(report, width)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


_Paint = Callable[[str, str], str]


def _paint(*, is_on: bool) -> _Paint:
    if not is_on:
        return lambda text, _: text
    return lambda text, code: f"\x1b[{code}m{text}\x1b[0m"


def _heading(report: Report, width: int) -> Iterator[str]:
    yield from fold(f"{report.tool}: {report.model.path} ({report.model.name})", width)
    if report.link:
        yield f"models {report.link}"
    for warning in report.warnings:
        yield from fold(f"warning: {warning}", width)


def _verdicts(report: Report, width: int, paint: _Paint) -> Iterator[str]:
    if not report.properties:
        yield "No property was checked."
        return
    names = max(len(prop.prop.name) for prop in report.properties)
    kinds = max(len(prop.prop.word) for prop in report.properties)
    for prop in report.properties:
        yield from _verdict(prop, (names, kinds), width, paint)
    if said := checks_text(report):
        yield from fold(said, width)
    for text in filter(None, dict.fromkeys(map(_explained, report.properties))):
        yield from fold(ascii_only(text), width)


def _verdict(
    prop: PropertyReport, widths: tuple[int, int], width: int, paint: _Paint
) -> Iterator[str]:
    """One line for the verdict; what explains it stands below."""
    names, kinds = widths
    word = f"{prop.verdict.value.upper():8}"
    columns = [f"{prop.prop.name:{names}}", f"{prop.prop.word:{kinds}}"]
    steps = "" if prop.trace is None else size_text(prop.trace)
    columns.append(f"{steps:9}")
    note, code = _expectation(prop)
    line = "  ".join([paint(word, _COLOURS[prop.verdict]), *columns])
    shown = paint(note, code) if code else note
    room = width - len("  ".join([word, *columns])) - 2
    # A note that is too long for its column may stand where no steps are.
    slack = 0 if steps else len(columns[-1])
    if len(note) <= room or not note:
        yield f"{line}  {shown}".rstrip()
    elif len(note) <= room + slack:
        yield f"{line.rstrip()}  {shown}"
    else:
        yield line.rstrip()
        yield f"{'':10}{shown}"
    is_noted = note == WHERE or not prop.condition
    for text in filter(None, ("" if is_noted else WHERE, _why(prop), prop.reason)):
        yield from (f"{'':10}{part}" for part in fold(ascii_only(text), width - 10, 0))


def _expectation(prop: PropertyReport) -> tuple[str, str]:
    """`expected`, `UNEXPECTED`, what it depends on or nothing, and its colour."""
    if not prop.is_conclusive:
        return "not conclusive", "33"
    if not prop.is_expected:
        return "UNEXPECTED", _UNEXPECTED
    if prop.verdict is Verdict.VIOLATED:
        return "expected", ""
    return (WHERE, "33") if prop.condition else ("", "")


def _explained(prop: PropertyReport) -> str:
    """What it means that something holds where no check fails; empty if it does so."""
    checks = prop.condition.removeprefix(f"{WHERE}: ")
    what = "A failed check ends its run; what would follow was not looked at"
    return f"{what}: {checks}." if checks else ""


def _why(prop: PropertyReport) -> str:
    if prop.prop.because and prop.verdict is Verdict.VIOLATED:
        return f"because {prop.prop.because}"
    if prop.verdict is Verdict.HOLDS and not prop.is_expected:
        because = f": {prop.prop.because}" if prop.prop.because else ""
        return f"the spec expects it to be violated{because}"
    return ""


def twin_lines(report: Report, width: int, paint: _Paint) -> Iterator[str]:
    """What became of each twin, and of the floor: a line for each thing it breaks."""
    if report.twins_left_out:
        count = len(report.model.twins)
        many = f"{count} twins were" if count > 1 else "The twin was"
        yield from fold(f"{many} left out: {report.twins_left_out}.", width)
    if not report.twins:
        return
    yield "Twins, broken on purpose: each must violate what it names"
    pairs = [(each, prop) for each in report.twins for prop in each.report.properties]
    names = max(len(each.twin.name) for each in report.twins)
    props = max(len(prop.prop.name) for _, prop in pairs)
    for each, prop in pairs:
        word, code = _caught(prop)
        columns = [f"{each.twin.name:{names}}", f"{prop.prop.name:{props}}"]
        columns.append("" if prop.trace is None else size_text(prop.trace))
        yield "  ".join([paint(f"{word:8}", code), *columns]).rstrip()
    missed = [prop.prop.name for _, prop in pairs if prop.verdict is Verdict.HOLDS]
    if missed:
        yield from fold(
            "A twin that is missed is no worse than the design, or the property is "
            f"unable to fail: {', '.join(dict.fromkeys(missed))}",
            width,
        )
    for each, prop in pairs:
        if prop.verdict is Verdict.HOLDS and prop.condition:
            told = f"{each.twin.name}: {prop.prop.name} holds {prop.condition}"
            yield from fold(ascii_only(told), width)


def _caught(prop: PropertyReport) -> tuple[str, str]:
    """What is said of a twin and one property, and its colour."""
    if prop.verdict is Verdict.VIOLATED:
        return "CAUGHT", "32"
    if prop.verdict is Verdict.HOLDS:
        return "MISSED", _UNEXPECTED
    return prop.verdict.value.upper(), "33"


def _counterexamples(report: Report, width: int) -> Iterator[list[str]]:
    for prop in violations(report):
        if prop.trace is None:
            continue
        words = caption(report, prop)
        head = f"{prop.prop.name} {words.verdict} in {length_text(prop.trace)}"
        lines = [head, "=" * min(len(head), width)]
        doc = prop.prop.doc.strip().split("\n\n")[0]
        if doc:
            lines += fold(ascii_only(" ".join(doc.split())), width, 0)
        place = prop.prop.span
        if place.line:
            lines.append(f"{place.path}:{place.line}")
        body = render_text(prop.trace, prop.prop, width=width)
        replay = command_lines("Replay:", words.replay(prop.trace), width)
        yield [*lines, "", body.rstrip(), "", *replay]


_SHOWN = 40
"""How many parts of an invariant are shown; the certificate has them all."""


def _invariant(report: Report, width: int) -> Iterator[str]:
    """What proves the properties that hold without a complete search."""
    certificate = report.certificate
    if certificate is None:
        return
    speller = ClauseSpeller(report.model)
    # Equations first: one says more than a hundred clauses.
    texts = [*map(speller.balance, certificate.balances)]
    texts += map(speller.text, certificate.clauses)
    names = [
        name if claim == "holds" else f"not {name}"
        for name, claim in certificate.claims.items()
    ]
    kind = "inductive invariant" if certificate.k == 1 else f"{certificate.k}-inductive"
    head = f"Proved by {certificate.engine} and checked again ({kind}):"
    yield from fold(head, width)
    yield from (f"  {part}" for part in fold(" and ".join(names), width - 2, 2))
    for clause in texts[:_SHOWN]:
        text = f"and ({ascii_only(clause)})"
        yield from (f"  {part}" for part in fold(text, width - 2, 2))
    more = len(texts) - _SHOWN
    if more > 0:
        yield f"  and {more} more clauses"


def _figures(report: Report, width: int) -> Iterator[str]:
    counts = report.counts
    if counts is not None:
        yield from fold(
            f"{counts.generated} states generated, {counts.distinct} distinct states "
            f"found, {counts.queued} states left on queue.",
            width,
        )
        yield from _symmetry(report, width)
        word = "complete " if report.is_complete else ""
        yield f"The depth of the {word}state graph search is {counts.depth}."
        if report.is_above_floor is False:
            yield from fold(
                f"UNEXPECTED: below the floor of {report.model.floor} distinct states "
                "that the spec declares. What used to happen does not any more.",
                width,
            )
        yield from _levels(counts, width)
        least, mean, most = counts.out_degree
        yield f"Out-degree: minimum {least}, mean {mean:.2f}, maximum {most}."
    if report.sampling is not None:
        yield from _sampling(report, report.sampling, width)
    for each in report.engines:
        depth = "" if each.depth is None else f", depth {each.depth}"
        # That a simulation looks at samples only is said elsewhere.
        why = each.stops - {Stop.SAMPLING}
        stops = f", stopped by {stops_text(why)}" if why else ""
        yield from fold(
            f"Engine {each.name}: {each.seconds:.2f} s{depth}{stops}", width
        )
    for note in report.notes:
        yield from fold(note, width)
    yield f"Finished in {report.seconds:.2f} s."


def _symmetry(report: Report, width: int) -> Iterator[str]:
    """What symmetry saved, and where it could not be used."""
    if report.saving is not None:
        yield from fold(saving_text(report), width)
    for name, reason in report.not_reduced.items():
        yield from fold(f"{name} was not reduced by symmetry: {reason}.", width)


def _sampling(report: Report, taken: Sampling, width: int) -> Iterator[str]:
    """What a simulation did."""
    runs = runs_text(taken.runs)
    if taken.walks != taken.runs:
        runs = f"{taken.walks} of {runs}"
    mean = taken.steps / taken.walks if taken.walks else 0.0
    yield from fold(
        f"{runs}, {taken.steps} steps, "
        f"{mean:.1f} a run, about {taken.distinct} distinct states seen; "
        f"seed {taken.seed}.",
        width,
    )
    words = {
        "depth": f"at {taken.depth} steps",
        "rest": "at rest",
        "deadlock": "in a deadlock",
        "blocked": "where all that is left fails or is cut off",
    }
    ends = [
        f"{taken.ends[end]} {word}" for end, word in words.items() if taken.ends[end]
    ]
    if ends:
        yield from fold(f"Runs ended: {', '.join(ends)}.", width)
    if taken.walks < taken.runs and report.stops == {Stop.SAMPLING}:
        yield "There were no more runs because nothing is left to be decided."
    if taken.seconds:
        yield f"Speed: {taken.steps / taken.seconds:,.0f} steps a second."


_HEAD, _TAIL = 40, 10
"""How many levels are listed at the start and at the end; JSON has them all."""


def _levels(counts: Counts, width: int) -> Iterator[str]:
    if counts.levels:
        shown = [str(size) for size in counts.levels]
        if len(shown) > _HEAD + _TAIL:
            shown = [*shown[:_HEAD], "...", *shown[-_TAIL:]]
        levels = " ".join(shown)
        yield from fold(f"States per level: {levels}", width)


def _scope(report: Report, width: int) -> Iterator[str]:
    """What the verdicts are about, and what they say nothing about."""
    sizes = [f"{name}={size}" for name, size in report.scopes.items()]
    sizes.append(f"preemption at every {report.preempt}")
    yield from fold(f"Scopes: {', '.join(sizes)}", width)
    yield from fold(
        f"This is a verdict on the model, not on code: {completeness(report)} within "
        "the scopes above; larger scopes and what the spec leaves out are not covered.",
        width,
        0,
    )
    if report.model.constraints:
        names = ", ".join(prop.name for prop in report.model.constraints)
        yield from fold(f"States were cut off by the constraints {names}.", width)
    yield from command_lines("Repeat with:", shlex.split(report.repeat), width)
