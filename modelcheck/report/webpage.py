"""`modelcheck compare --format html`: the table and all its traces in one file.

It needs nothing else, neither a style sheet nor a script nor the network. A cell with a
trace is a link to it; that opens what it leads into. What a colour says a word says,
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from modelcheck.report.design import (
    absence,
    diagram,
    facts,
    finding,
    kept,
    not_applicable,
    story,
    violated,
)
from modelcheck.report.matrix import cell, designs, key_text, property_names, size_text
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import Verdict

# Each pair of colours has a contrast of at least 4.5 to 1 (WCAG 2.1, AA).
_STYLE = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --line: #8a8a8a;
  --good: #14532d; --bad: #8a3b00; --wrong: #a30015; --dim: #595959; --shade: #f1f1f1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #161616; --line: #6f6f6f; --good: #86d9a0;
    --bad: #ffb77a; --wrong: #ff9aa5; --dim: #a9a9a9; --shade: #242424; } }
body { color: var(--ink); background: var(--paper); font: 1rem/1.5 sans-serif;
  margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
a { color: inherit; }
code, pre { font-family: monospace; }
pre { background: var(--shade); overflow-x: auto; padding: 1rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: 0.2rem 0.5rem; text-align: left; }
thead th { vertical-align: bottom; }
thead th a { writing-mode: vertical-rl; }
tbody th { font-weight: normal; }
.holds { color: var(--good); }
.violated { color: var(--bad); font-weight: bold; }
.unexpected { color: var(--wrong); font-weight: bold; outline: 2px solid var(--wrong); }
.bounded, .absent { color: var(--dim); }
summary { cursor: pointer; }
"""


def render_matrix_html(reports: Sequence[Report]) -> str:
    """The whole page."""
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Designs and properties</title>",
        f"<style>\n{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        "<h1>Designs and properties</h1>",
        "<p>Verdicts are about the models within their scopes, not about code.</p>",
        *_table(reports),
    ]
    for number, (name, report) in enumerate(designs(reports)):
        lines += _section(number, name, report)
    return "\n".join([*lines, "</main>", "</body>", "</html>"]) + "\n"


def _table(reports: Sequence[Report]) -> Iterator[str]:
    # Not a caption, which is as wide as the table and would be scrolled with it.
    yield f"<p>{escape(key_text(reports))}</p>"
    yield '<div class="table" role="region" aria-label="Verdicts" tabindex="0">'
    yield "<table>"
    yield '<thead><tr><th scope="col">property</th>'
    for number, (name, _) in enumerate(designs(reports)):
        yield f'<th scope="col"><a href="#d{number}">{escape(name)}</a></th>'
    yield "</tr></thead>"
    yield "<tbody>"
    tables = [{prop.prop.name: prop for prop in each.properties} for each in reports]
    for name in property_names(reports):
        cells = (_cell(number, each.get(name)) for number, each in enumerate(tables))
        head = f'<th scope="row"><code>{escape(name)}</code></th>'
        yield f"<tr>{head}{''.join(cells)}</tr>"
    sizes = "".join(f"<td>{escape(size_text(each))}</td>" for each in reports)
    yield f'<tr><th scope="row">distinct states</th>{sizes}</tr>'
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _cell(number: int, prop: PropertyReport | None) -> str:
    text = escape(cell(prop))
    if prop is not None and _is_shown(prop):
        text = f'<a href="#{_anchor(number, prop)}">{text}</a>'
    return f'<td class="{_class(prop)}">{text}</td>'


def _class(prop: PropertyReport | None) -> str:
    if prop is None:
        return "absent"
    if not prop.is_conclusive:
        return "bounded"
    if not prop.is_expected:
        return "unexpected"
    if not prop.applies:
        return "absent"
    return prop.verdict.value


def _is_shown(prop: PropertyReport) -> bool:
    """Whether the page has the trace of `prop`: what is violated has one."""
    return prop.verdict is Verdict.VIOLATED and prop.trace is not None


def _anchor(number: int, prop: PropertyReport) -> str:
    return f"d{number}-{escape(prop.prop.name)}"


def _section(number: int, name: str, report: Report) -> Iterator[str]:
    told = story(report)
    yield f'<section id="d{number}">'
    yield f"<h2>{escape(name)}</h2>"
    yield f"<p><strong>{escape(told.title)}</strong></p>"
    for paragraph in told.paragraphs:
        yield f"<p>{escape(paragraph)}</p>"
    for link in told.links:
        yield f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
    yield f"<p>{escape(facts(report))}</p>"
    for prop in violated(report):
        yield from _violation(number, report, prop)
    if holding := ", ".join(
        f"<code>{escape(p.prop.name)}</code>" for p in kept(report)
    ):
        yield f"<p>What holds: {holding}.</p>"
    if absent := not_applicable(report):
        names = ", ".join(
            f"<code>{escape(p.prop.name)}</code>{escape(absence(p)).replace('`', '')}"
            for p in absent
        )
        yield f"<p>Not applicable: {names}.</p>"
    yield "</section>"


def _violation(number: int, report: Report, prop: PropertyReport) -> Iterator[str]:
    """The trace, folded; the anchor stands inside, so that following it unfolds it."""
    head = f"<code>{escape(prop.prop.name)}</code>: {escape(finding(prop))}"
    if not _is_shown(prop):
        yield f"<p>{head}</p>"
        return
    yield f"<details><summary>{head}</summary>"
    yield f'<pre id="{_anchor(number, prop)}">{escape(diagram(report, prop))}</pre>'
    yield "</details>"
