"""What is told of each design, and the page that holds all traces."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from modelcheck.explore.search import Explorer
from modelcheck.reader import read_spec
from modelcheck.report.captions import lasting_caption
from modelcheck.report.design import (
    facts,
    finding,
    render_designs_markdown,
    story,
    violated,
)
from modelcheck.report.matrix import cell
from modelcheck.report.webpage import render_matrix_html
from modelcheck.trace.mail import render_mail
from modelcheck.verdict.applicability import judge_applicability
from modelcheck.verdict.report import Report, build_report
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

SPEC = '''"""A __bell__ that *rings*, <b>loudly</b>.

It rings at most twice, `like *this*`.
And `on` the next day again.

Link: https://lore.kernel.org/r/20220106022053.2406748-1-bell@example.org
Link: https://lore.kernel.org/r/20220106022053.2406748-2-bell@example.org
"""

from typing import Annotated

from modelcheck import VIOLATED, Spec, action, invariant, reachable, require


class Bell(Spec):
    """It counts."""

    rung: Annotated[int, range(0, 9)] = 0

    @action
    def ring(self) -> None:
        """Once more."""
        require(self.rung < 3)
        self.rung += 1

    @action
    def stop(self) -> None:
        """From the beginning."""
        self.rung = 0

    @invariant(expect=VIOLATED, because="it rings a <third> _time_")
    def twice(self) -> bool:
        """Never three times."""
        return self.rung < 3

    @invariant
    def once(self) -> bool:
        """Never two times & more."""
        return self.rung < 2

    @invariant
    def counted(self) -> bool:
        """It counts."""
        return self.rung >= 0

    @reachable(expect=VIOLATED, because="nobody waits so long")
    def four(self) -> bool:
        """Four times."""
        return self.rung == 4
'''

VOID = {"meta"}


class Page(HTMLParser):
    """Collects what is defined and referred to, and checks that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.folded: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
                if "details" in self.open:
                    self.folded.append(value or "")
            if name in {"href", "src"}:
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    Path("bell.py").write_text(SPEC, encoding="utf-8")
    model = read_spec("bell.py")
    return build_report(model, [Explorer().run(model, Limits(), Silence())])


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


def test_a_docstring_is_taken_apart(report: Report) -> None:
    told = story(report)
    assert told.title == "A __bell__ that *rings*, <b>loudly</b>."
    assert told.paragraphs == (
        "It rings at most twice, `like *this*`.\nAnd `on` the next day again.",
        "It counts.",
    )
    assert [link[-20:] for link in told.links] == [
        "748-1-bell@example.org"[-20:],
        "748-2-bell@example.org"[-20:],
    ]


def test_a_spec_without_docstring_has_its_name(report: Report) -> None:
    bare = replace(report, model=replace(report.model, doc=""))
    assert story(bare).title == "Bell"
    assert story(bare).paragraphs == ()


def test_what_is_violated_comes_shortest_first(report: Report) -> None:
    found = violated(report)
    assert [prop.prop.name for prop in found] == ["once", "twice", "four"]
    assert finding(found[0]) == "violated in 2 steps, which the spec does not expect."
    assert finding(found[1]) == "violated in 3 steps: it rings a <third> _time_"
    assert finding(found[2]) == "cannot be reached: nobody waits so long"


def test_facts(report: Report) -> None:
    assert facts(report) == (
        "4 distinct states, search complete. 3 of the 5 properties hold, "
        "0 of 1 goal can be reached."
    )


def test_markdown_shows_the_shortest_trace_and_no_marks(report: Report) -> None:
    text = render_designs_markdown([report])
    assert "## bell\n" in text
    assert r"A \_\_bell\_\_ that \*rings\*, \<b>loudly\</b>." in text
    assert "`like *this*`" in text
    assert r"it rings a \<third> \_time\_" in text
    shown = text.split("```\n")[1]
    assert shown.startswith("modelcheck: bell.py: once VIOLATED\n2 steps, shortest\n")
    assert "twice VIOLATED" not in text
    assert "Link:" not in text


def test_the_page_holds_the_trace_of_every_violated_cell(report: Report) -> None:
    text = render_matrix_html([report, report])
    page = parsed(text)
    assert page.ids == sorted(set(page.ids), key=page.ids.index)
    own = {link[1:] for link in page.links if link.startswith("#")}
    assert own <= set(page.ids)
    for number in range(2):
        assert {f"d{number}-once", f"d{number}-twice"} <= own
        assert f"d{number}-four" not in page.ids
    assert {each for each in own if "-" in each} == set(page.folded)
    # The key is no caption: that would be scrolled away with a wide table.
    assert "caption" not in page.tags
    assert text.index("the search was cut short") < text.index("<table>")
    shown = "".join(page.text)
    twice = next(p for p in report.properties if p.prop.name == "twice")
    assert twice.trace is not None
    mail = render_mail(twice.trace, lasting_caption(report, twice))
    assert shown.count(mail.rstrip()) == 2


def test_the_page_needs_nothing_else(report: Report) -> None:
    text = render_matrix_html([report])
    page = parsed(text)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert "@import" not in text
    assert "url(" not in text
    outside = [link for link in page.links if not link.startswith("#")]
    assert outside == list(story(report).links)


def test_the_page_says_in_words_what_it_says_in_colours(report: Report) -> None:
    text = render_matrix_html([report])
    for prop in report.properties:
        kind = "unexpected" if not prop.is_expected else prop.verdict.value
        start = text.index(f"<code>{prop.prop.name}</code></th>")
        row = text[start : text.index("</tr>", start)]
        assert f'class="{kind}"' in row
        assert cell(prop) in row


def test_a_search_that_was_cut_short_is_told_as_such(report: Report) -> None:
    cut = replace(
        report,
        is_complete=False,
        properties=tuple(
            replace(prop, verdict=Verdict.BOUNDED, trace=None)
            for prop in report.properties
        ),
    )
    text = render_matrix_html([cut])
    assert '<td class="bounded">?</td>' in text
    assert "violated" not in parsed(text).folded
    assert "What holds" not in render_designs_markdown([cut])


def test_no_design_no_section() -> None:
    assert render_designs_markdown([]) == ""
    parsed(render_matrix_html([]))


# Contrast, by the formula of WCAG 2.1 (relative luminance of sRGB colours).


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_colours_can_be_read(report: Report) -> None:
    text = render_matrix_html([report])
    schemes = re.findall(r":root \{([^}]*)\}", text)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for name in ("ink", "good", "bad", "wrong", "dim"):
            assert contrast(colours[name], colours["paper"]) >= 4.5
        assert contrast(colours["ink"], colours["shade"]) >= 4.5


def test_what_cannot_fail_does_not_count_as_kept(report: Report) -> None:
    judged = judge_applicability(report)
    assert facts(judged) == (
        "4 distinct states, search complete. 2 of the 4 properties hold, "
        "0 of 1 goal can be reached."
    )
    text = render_designs_markdown([judged])
    assert "What holds: `deadlock`, `no_evaluation_error`.\n" in text
    assert "Not applicable: `counted`.\n" in text
    named = replace(
        judged,
        properties=tuple(
            prop if prop.applies else replace(prop, unchanging=("a", "b"))
            for prop in judged.properties
        ),
    )
    said = "Not applicable: `counted` (nothing changes `a`, `b`).\n"
    assert said in render_designs_markdown([named])
    page = parsed(render_matrix_html([named]))
    assert "Not applicable: counted (nothing changes a, b)." in "".join(page.text)
    assert '<td class="absent">n/a</td>' in render_matrix_html([named])
