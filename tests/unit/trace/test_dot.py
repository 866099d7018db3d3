from __future__ import annotations

import html
import re
import shutil
import subprocess

import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.trace.caption import Caption
from modelcheck.trace.dot import _outermost, quote, render_dot
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_address
from modelcheck.trace.story import Line, Told
from modelcheck.trace.svg import render_svg
from tests.golden import samples
from tests.unit.trace.random_traces import traces

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="no `dot` on PATH")

# pydot uses names that pyparsing has renamed.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HOSTILE = [
    'a "quoted" name',
    "back\\slash and \\n and \\",
    "port:compass:n",
    "<b>not html</b>",
    "&amp; &nbsp; & alone",
    "braces {a|b} [x=1];",
    "unicode \u2192 \u00e4\u00f6 \U0001f427",
    "semicolon; -> edge --",
    "//comment /* another */ #",
    "graph",
    "\\N \\G \\E",
    "control \x01 \x7f",
]


def dot(text: str, form: str) -> str:
    done = subprocess.run(
        ["dot", form], input=text.encode(), capture_output=True, check=False
    )
    assert not done.returncode, done.stderr.decode()
    return done.stdout.decode()


def unescaped(label: str) -> str:
    """What `dot` shows for a quoted label."""
    inside = re.sub(r"\\(.)", r"\1", label.removeprefix('"').removesuffix('"'))
    return html.unescape(inside)


def printable(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\x{ord(m[0]):02x}", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_pydot_reads_hostile_labels_back(text: str) -> None:
    graphs = pydot.graph_from_dot_data(f"digraph g {{ s0 [label={quote(text)}]; }}")
    assert graphs is not None
    (node,) = graphs[0].get_nodes()
    assert unescaped(node.get_label()) == printable(text)


@needs_dot
@pytest.mark.parametrize("text", HOSTILE)
def test_dot_shows_hostile_labels_as_they_are(text: str) -> None:
    graph = f"digraph g {{ s0 [shape=box, label={quote(text)}]; }}"
    assert "s0" in dot(graph, "-Tcanon")
    svg = dot(graph, "-Tsvg")
    shown = html.unescape("".join(re.findall(r"<text[^>]*>(.*)</text>", svg)))
    assert shown.replace("\u00a0", " ") == printable(text).replace("\u00a0", " ")


def test_line_ends_align_to_the_left() -> None:
    assert quote("one\ntwo\n") == '"one\\ltwo\\l"'


def caption(trace: Trace) -> Caption:
    return Caption(trace.model.properties[0], "VIOLATED")


@given(traces())
def test_one_node_for_each_state(trace: Trace) -> None:
    graphs = pydot.graph_from_dot_data(render_dot(trace, caption(trace)))
    assert graphs is not None
    nodes = {node.get_name() for node in graphs[0].get_nodes()}
    states = {f"s{i}" for i in range(len(trace.states))}
    assert states <= nodes
    assert len(graphs[0].get_edges()) == len(trace.steps)


@needs_dot
@settings(max_examples=15)
@given(traces())
def test_dot_accepts_every_trace(trace: Trace) -> None:
    text = render_dot(trace, caption(trace))
    assert "digraph trace" in dot(text, "-Tcanon")


@given(st.text())
def test_a_label_ends_where_it_should(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', quote(text))


def test_the_bad_state_carries_the_name_of_the_property() -> None:
    trace = replay_address(samples.claims(), "0/0/0/0/0/0")
    text = render_dot(trace, caption(trace))
    bad = next(line for line in text.splitlines() if line.startswith("  s5 ["))
    assert "VIOLATED: no_kernel_driver_beside_a_user" in bad
    assert "false:\\l  owner == None or bound == {}" in bad


def test_a_label_that_would_be_too_long_loses_its_innermost_lines() -> None:
    lines = tuple(Told(Line.CALL, depth, f"call{depth}()") for depth in range(20))
    assert [line.depth for line in _outermost(lines)] == list(range(8))
    flat = tuple(Told(Line.CALL, 0, "call()") for _ in range(20))
    assert len(_outermost(flat)) == 8


@needs_dot
def test_svg() -> None:
    picture = render_svg("digraph { a -> b }")
    assert picture.svg.rstrip().endswith("</svg>")
    assert not picture.problem


@needs_dot
def test_svg_says_what_dot_complains_about() -> None:
    picture = render_svg("digraph {")
    assert not picture.svg
    assert "syntax error" in picture.problem


def test_svg_without_dot_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    picture = render_svg("digraph {}")
    assert not picture.svg
    assert "install graphviz" in picture.problem
