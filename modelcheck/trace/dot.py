"""The trace as a graph for `dot`: one node per state showing only what changed.

States run down in a few columns, so that a long trace still fits on one screen. Every
actor has a colour; the state that breaks the property carries the property's name.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from math import ceil, sqrt

from modelcheck.model.program import Kind
from modelcheck.trace.caption import Caption
from modelcheck.trace.components import components
from modelcheck.trace.explain import explain, stuck
from modelcheck.trace.lasso import LOOP, respects
from modelcheck.trace.path import Trace
from modelcheck.trace.story import Moment, Told, tell
from modelcheck.trace.wrap import ascii_only, fold_nested

# Okabe and Ito's palette: its colours stay apart for colour-blind readers. Yellow is
# left out, which is not readable as text on white.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#555555")
_BAD = {"color": "#B00020", "fillcolor": "#FDE7E9", "penwidth": "2.5"}
_GOOD = {"color": "#00703C", "fillcolor": "#E3F4EA", "penwidth": "2.5"}
_COLUMN = 8
# A state with its edge is about a quarter as high as a column is wide.
_SHAPE = 2.4
_LABEL = 52
_MAX_LINES = 8


def quote(text: str) -> str:
    r"""`text` as a DOT string that is shown as it is.

    In a label a backslash starts an escape and `&` a character entity; both lose that
    meaning here. Line ends become `\l`, which also aligns to the left.
    """
    shown = "".join(_escape(char) for char in text)
    return f'"{shown}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": "\\l", "\t": " "}


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return char.encode("unicode_escape").decode("ascii").replace("\\", "\\\\")


def label(lines: list[str]) -> str:
    """Lines as a label, left-aligned if there are several."""
    return "".join(f"{line}\n" for line in lines) if len(lines) > 1 else "".join(lines)


def attributes(values: Mapping[str, str]) -> str:
    """A DOT attribute list."""
    inside = ", ".join(f"{key}={quote(value)}" for key, value in values.items())
    return f" [{inside}]" if inside else ""


def render_dot(trace: Trace, caption: Caption) -> str:
    """The graph of `trace`."""
    moments = tell(trace).moments
    lanes = list(dict.fromkeys(moment.lane for moment in moments))
    colours = {
        lane: _COLOURS[index % len(_COLOURS)] for index, lane in enumerate(lanes)
    }
    lines = [
        "digraph trace {",
        *_heading(trace, caption),
        *_states(trace, caption, moments, colours),
        *_edges(trace, moments, colours),
        *_columns(_count(trace)),
        *_legend(colours),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _heading(trace: Trace, caption: Caption) -> Iterator[str]:
    title = f"{caption.title(trace)}\n{caption.facts(trace)}"
    graph = {
        "label": title + "\n",
        "labelloc": "t",
        "labeljust": "l",
        "fontname": "Helvetica",
        "fontsize": "13",
        "nodesep": "0.35",
        "ranksep": "0.3",
        "rankdir": "TB",
    }
    node = {
        "shape": "box",
        "style": "rounded,filled",
        "fillcolor": "#FFFFFF",
        "color": "#777777",
        "fontname": "monospace",
        "fontsize": "10",
        "margin": "0.12,0.06",
    }
    edge = {"fontname": "monospace", "fontsize": "10", "arrowsize": "0.7"}
    for name, values in (("graph", graph), ("node", node), ("edge", edge)):
        yield f"  {name}{attributes(values)};"


def _states(
    trace: Trace,
    caption: Caption,
    moments: tuple[Moment, ...],
    colours: Mapping[str, str],
) -> Iterator[str]:
    last = _count(trace) - 1
    initial = [
        f"{part.name} = {part.text(trace.initial)}"
        for part in components(trace.model)
        if not part.is_default(trace.initial)
    ]
    shown = [["initially", *initial] if initial else ["initially all empty"]]
    shown += [
        [f"{c.name}: {c.before} -> {c.after}" for c in m.changes] for m in moments
    ]
    for index, told in enumerate(shown[: last + 1]):
        values = {"color": colours[moments[index - 1].lane] if index else "#000000"}
        lines = _fitting(told) or ["(no change shown)"]
        is_looping = trace.loop is not None and index >= trace.loop
        if is_looping:
            values |= _BAD
        if index == (last if trace.loop is None else trace.loop):
            lines = [*_mark(trace, caption), *lines]
            values |= _GOOD if caption.is_witness else _BAD
        values["label"] = label(lines)
        yield f"  s{index}{attributes(values)};"


def _mark(trace: Trace, caption: Caption) -> list[str]:
    """What the last state is: the property's name, and why it is false."""
    word = caption.verdict if not caption.is_witness else "reached"
    lines = [f"{word}: {caption.prop.name}"]
    if trace.loop is not None:
        lines += [
            LOOP,
            *(f"fair to {each.name}: {each.why}" for each in respects(trace)),
        ]
    elif caption.prop.kind is Kind.DEADLOCK:
        lines += [wait.text for wait in stuck(trace)]
    elif trace.failed is not None:
        lines.append(trace.failed.message)
    else:
        found = explain(trace, caption.prop)
        if found.conjuncts:
            lines.append("because" if found.is_refuted_by_facts(_LABEL) else "false:")
        lines += [f"  {reason}" for reason in found.reasons(_LABEL)]
    return [*_fitting(lines), "-" * 12]


def _fitting(lines: list[str]) -> list[str]:
    """The lines folded to the width of a label."""
    return [part for line in lines for part in fold_nested(line, _LABEL)]


def _edges(
    trace: Trace, moments: tuple[Moment, ...], colours: Mapping[str, str]
) -> Iterator[str]:
    height = _height(_count(trace))
    closing = None if trace.loop is None or trace.stutters else len(moments) - 1
    for index, moment in enumerate(moments):
        colour = colours[moment.lane]
        values = {"label": _edge_label(moment), "color": colour, "fontcolor": colour}
        if (index + 1) % height == 0:
            # To the top of the next column: must not push that state below this one.
            values["constraint"] = "false"
        target = index + 1
        if index == closing:
            assert trace.loop is not None
            target = trace.loop
            values |= {"constraint": "false", "style": "bold"}
        yield f"  s{index} -> s{target}{attributes(values)};"
    if trace.stutters:
        values = {"label": " no step is enabled", "style": "dashed"}
        yield f"  s{trace.loop} -> s{trace.loop}{attributes(values)};"


def _count(trace: Trace) -> int:
    """How many nodes there are: the step that closes a loop leads to no new one."""
    is_closed = trace.loop is not None and not trace.stutters
    return len(trace.steps) + (not is_closed)


def _edge_label(moment: Moment) -> str:
    """`actor: function(args)`, or the actor and below it the lines of its step."""
    told = _outermost(moment.plain)
    outer = min(line.depth for line in told)
    nested = ["  " * (line.depth - outer) + ascii_only(line.text) for line in told]
    actor = f"{moment.actor}:"
    if moment.lane != moment.actor:  # an action is its own actor
        lines = [nested[0], *nested[1:]]
    elif len(nested) == 1 and len(f"{actor} {nested[0]}") <= _LABEL:
        lines = [f"{actor} {nested[0]}"]
    else:
        lines = [actor, *(f"  {text}" for text in nested)]
    if len(told) < len(moment.plain):
        lines.append("  ...")
    lines[0] = f"{moment.number}. {lines[0]}"
    # A blank in front: `dot` sets the label flush with the arrow.
    return label([f" {line}" for line in _fitting(lines)])


def _outermost(lines: tuple[Told, ...]) -> tuple[Told, ...]:
    """The lines without the innermost ones where there are too many for a label."""
    kept = lines
    while len(kept) > _MAX_LINES:
        deepest = max(line.depth for line in kept)
        if all(line.depth == deepest for line in kept):
            return kept[:_MAX_LINES]
        kept = tuple(line for line in kept if line.depth < deepest)
    return kept


def _height(states: int) -> int:
    """How many states stand in a column, so that the picture is about 3:2."""
    most = max(_COLUMN, ceil(sqrt(_SHAPE * states)))
    return ceil(states / ceil(states / most))


def _columns(states: int) -> Iterator[str]:
    """Equal ranks for the states that stand side by side."""
    height = _height(states)
    for top in range(min(height, states)):
        row = range(top, states, height)
        if len(row) > 1:
            names = "; ".join(f"s{index}" for index in row)
            yield f"  {{ rank=same; {names}; }}"


def _legend(colours: Mapping[str, str]) -> Iterator[str]:
    """One node with a line for each actor in its colour."""
    if not colours:
        return
    cells = "".join(
        f'<TR><TD ALIGN="LEFT"><FONT COLOR="{colour}">{_html(lane)}</FONT></TD></TR>'
        for lane, colour in colours.items()
    )
    table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">{cells}</TABLE>'
    yield f'  legend [label=<{table}>, shape="box", style="dashed", color="#BBBBBB"];'


def _html(text: str) -> str:
    """`text` in an HTML-like label, where entities stand for markup."""
    return html.escape(ascii_only(text), quote=True)
