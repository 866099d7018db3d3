"""A survey as text: figures of the state space, and the spec with counts beside it."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from modelcheck.report.captions import stops_text
from modelcheck.trace.wrap import fold
from modelcheck.verdict.survey import Coverage, Survey

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-:=+*#"
_SPARKS = 60
_FEW_VARIABLES = 15
_FEW_STEPS = 12
_COUNT = 12
_NUMBER = 5


def survey_lines(survey: Survey, width: int, *, unicode: bool) -> Iterator[str]:
    """The figures, then the listing, as far as they were asked for."""
    if survey.spreads is not None:
        yield from _figures(survey, width, unicode=unicode)
    if survey.coverage is not None:
        if survey.spreads is not None:
            yield ""
        yield from _coverage(survey, survey.coverage, width)


# Figures


def _figures(survey: Survey, width: int, *, unicode: bool) -> Iterator[str]:
    counts = survey.counts
    yield _title("State space", survey)
    yield f"{counts.distinct:,} states, {counts.generated:,} generated."
    yield from _levels(counts.levels, unicode=unicode)
    yield ""
    yield "Values of variables, those with most first:"
    spreads = sorted(survey.spreads or (), key=lambda spread: -spread.count)
    names = max((len(s.variable.name) for s in spreads[:_FEW_VARIABLES]), default=0)
    for spread in spreads[:_FEW_VARIABLES]:
        about = "" if spread.is_exact else "about "
        text = f"{about}{spread.count:,} of {_large(spread.size)}"
        yield f"  {spread.variable.name:{names}}  {text}"
    if len(spreads) > _FEW_VARIABLES:
        yield f"  and {len(spreads) - _FEW_VARIABLES} more with at most as many"
    yield ""
    yield "Transitions by where they begin, most first:"
    total = sum(share.count for share in survey.shares) or 1
    for share in survey.shares[:_FEW_STEPS]:
        actors = "" if share.actors == 1 else f", {share.actors} instances"
        place = f"{share.span.path}:{share.span.line}"
        text = f"{share.count / total:6.1%}  {share.name} ({place}{actors})"
        yield from fold(text, width, 10)
    if len(survey.shares) > _FEW_STEPS:
        rest = sum(share.count for share in survey.shares[_FEW_STEPS:])
        more = len(survey.shares) - _FEW_STEPS
        yield f"{rest / total:6.1%}  {more} more places"


def _title(text: str, survey: Survey) -> str:
    if not survey.stops:
        return f"{text} (all states)"
    return f"{text} (bounded by {stops_text(survey.stops)})"


def _large(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"{float(number):.1e}"


def _levels(levels: Sequence[int], *, unicode: bool) -> Iterator[str]:
    if levels:
        most = max(levels)
        where = levels.index(most)
        yield f"Levels: {sparkline(levels, unicode=unicode)}"
        yield f"{len(levels)} levels; the largest, {where}, has {most:,} states."


def sparkline(numbers: Sequence[int], *, unicode: bool) -> str:
    """One column for each of `numbers`, or for several if there are many."""
    bars = _BARS if unicode else _PLAIN_BARS
    columns = min(len(numbers), _SPARKS)
    starts = [len(numbers) * n // columns for n in range(columns + 1)]
    heights = [max(numbers[a:b]) for a, b in pairwise(starts)]
    most = max(*heights, 1)
    return "".join(bars[(len(bars) - 1) * h // most] for h in heights)


# Coverage


@dataclass(slots=True)
class _File:
    """What is known of the lines of one file; a count of None is shown as removed."""

    counts: dict[int, int | None] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)


def _coverage(survey: Survey, coverage: Coverage, width: int) -> Iterator[str]:
    yield _title("Coverage", survey)
    yield from fold(summary(coverage), width, 0)
    for warning in coverage.warnings:
        yield from fold(warning, width)
    for path, file in sorted(_files(coverage).items()):
        yield ""
        yield path
        yield from _listing(_text(path), file)


def summary(coverage: Coverage) -> str:
    """How much of the spec was run."""
    possible = [place for place in coverage.statements if place.count is not None]
    ran = sum(1 for place in possible if place.count)
    branches = [b for b in coverage.branches if None not in (b.then, b.orelse)]
    both = sum(1 for branch in branches if branch.is_covered)
    removed = len(coverage.statements) - len(possible)
    text = (
        f"{ran} of {len(possible)} statements were run, and {both} of {len(branches)} "
        "conditions were both true and false."
    )
    if removed:
        text += (
            " Removed at compile time, because they cannot run in these scopes: "
            f"{removed}."
        )
    return text


def _files(coverage: Coverage) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for place in coverage.statements:
        file = files.setdefault(place.span.path, _File())
        old = file.counts.get(place.span.line)
        count = place.count
        known = [each for each in (old, count) if each is not None]
        file.counts[place.span.line] = max(known, default=None)
    for branch in coverage.branches:
        if branch.then is not None or branch.orelse is not None:
            text = f"true {_times(branch.then)}, false {_times(branch.orelse)}"
            _remark(files, branch.span.path, branch.span.line, text)
    for choice in coverage.choices:
        text = _choice(choice.counts)
        _remark(files, choice.span.path, choice.span.line, text)
    return files


def _remark(files: dict[str, _File], path: str, line: int, text: str) -> None:
    file = files.setdefault(path, _File())
    file.remarks.setdefault(line, []).append(text)


def _times(count: int | None) -> str:
    if count is None:
        return "impossible"
    return f"{count:,}" if count else "never"


def _choice(counts: Sequence[tuple[str, int]]) -> str:
    shown = [f"{value}: {_times(count)}" for value, count in counts[:_MOST_VALUES]]
    if len(counts) > _MOST_VALUES:
        taken = sum(1 for _, count in counts if count)
        shown.append(f"... ({taken} of {len(counts)} values)")
    return f"chosen: {', '.join(shown)}"


_MOST_VALUES = 6


def _text(path: str) -> list[str]:
    with tokenize.open(path) as file:
        return file.read().splitlines()


def _listing(text: list[str], file: _File) -> Iterator[str]:
    """The functions that have counts, line by line, as gcov shows them."""
    for position, (start, end) in enumerate(_functions(text, file.counts)):
        if position:
            yield f"{'':{_COUNT}} {'...':>{_NUMBER}}"
        for number in range(start, end + 1):
            count = _mark(file.counts, number)
            yield f"{count:>{_COUNT}} {number:{_NUMBER}}  {text[number - 1]}".rstrip()
            for remark in file.remarks.get(number, ()):
                yield f"{'':{_COUNT}} {'':{_NUMBER}}  -- {remark}"


def _mark(counts: Mapping[int, int | None], number: int) -> str:
    if number not in counts:
        return ""
    count = counts[number]
    if count is None:
        return "removed"
    return f"{count:,}" if count else "never"


def _functions(
    text: list[str], counts: Mapping[int, int | None]
) -> list[tuple[int, int]]:
    """First and last line of each function in which something is counted."""
    found: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse("\n".join(text))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if any(node.lineno <= number <= end for number in counts):
                found.append((start, end))
    return sorted(found)
