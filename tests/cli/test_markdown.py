"""Every document with commands shows what they print."""

from __future__ import annotations

import shutil
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.cli.markdown import matches, run_document

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
    ],
)
def test_matching(expected: str, actual: str, is_match: bool) -> None:
    assert matches(expected, actual) is is_match


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
