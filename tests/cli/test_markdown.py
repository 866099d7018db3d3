"""Every document with commands shows what they print."""

from __future__ import annotations

import shutil
from difflib import unified_diff
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.markdown import run_document
from tests.cli.merging import matches, merged

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    document
    for folder in ("tests/cli", "docs", ".")
    for document in (ROOT / folder).glob("*.md")
    if "```console" in document.read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_document(document: Path, tmp_path: Path, update_golden: bool) -> None:
    for folder in ("specs", "tests/corpus/specs"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    said = document.read_text(encoding="utf-8")
    actual = run_document(said, tmp_path)
    if update_golden:
        document.write_text(actual, encoding="utf-8")
        return
    difference = unified_diff(
        said.splitlines(), actual.splitlines(), "expected", "actual", lineterm=""
    )
    assert actual == said, "\n".join(["make golden rewrites it:", *difference])


@pytest.mark.parametrize(
    ("expected", "actual", "is_match"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("took ... s\n", "took 1.25 s\n", True),
        ("took ... s\n", "took\n1.25 s\n", False),
        ("a\n...\nz\n", "a\nb\nc\nz\n", True),
        ("a\n...\nz\n", "a\nz\n", True),
        ("a\n...\n", "b\n", False),
        ("(.*)\n", "anything\n", False),
        ("a\n...\n", "a\nb\n[exit 3]\n", False),
    ],
)
def test_matching(expected: str, actual: str, is_match: bool) -> None:
    assert matches(expected, actual) is is_match


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        ("a\nb\n", "a\nc\n", "a\nc\n"),
        ("a\n...\nz\n", "b\nc\nd\nz\n", "b\n...\nz\n"),
        ("a\n...\nz\n", "a\nc\nd\ny\n", "a\n...\ny\n"),
        ("a\n...\nz\n", "x\na\nc\ny\n", "x\na\n...\ny\n"),
        ("a\n...\n", "a\nb\nc\n", "a\n...\n"),
        ("took ... s, 3 steps\n", "took 9.1 s, 4 steps\n", "took ... s, 4 steps\n"),
        ("one\ntook ... s\n", "two\ntook 1.5 s\n", "two\ntook ... s\n"),
        ("one\n...\n", "", ""),
        ("a\n...\n", "a\nb\n[exit 3]\n", "a\n...\n[exit 3]\n"),
    ],
)
def test_what_may_vary_stays_open(expected: str, actual: str, told: str) -> None:
    assert merged(expected, actual) == told


LINES = st.lists(
    st.sampled_from(["a", "b", "c d", "c ...", "...", "x ... d", "[exit 3]"])
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(LINES, LINES)
def test_what_is_told_is_true_and_no_news_is_made_up(
    says: list[str], prints: list[str]
) -> None:
    expected = "".join(f"{line}\n" for line in says)
    actual = "".join(f"{line.replace('...', 'e')}\n" for line in prints)
    told = merged(expected, actual)
    assert matches(told, actual)
    assert merged(told, actual) == told
    assert told.count("...") <= expected.count("...")
    if "..." not in expected:
        assert told == actual


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    text = "# Title\n\n```console\n$ echo one\ntwo\n$ exit 3\n```\n"
    assert run_document(text, tmp_path) == (
        "# Title\n\n```console\n$ echo one\none\n$ exit 3\n[exit 3]\n```\n"
    )


def test_files_of_a_document_are_there(tmp_path: Path) -> None:
    text = "```python file=a.py\nx = 1\n```\n\n```console\n$ cat a.py\nx = 1\n```\n"
    assert run_document(text, tmp_path) == text


def test_commands_share_a_place(tmp_path: Path) -> None:
    text = "```console\n$ mkdir a; cd a\n$ touch b\n$ (cd /); ls\nb\n```\n"
    assert run_document(text, tmp_path) == text
    assert (tmp_path / "a" / "b").exists()
