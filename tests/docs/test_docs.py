"""The documents are true: what they run, list, link and name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import modelcheck
from modelcheck.cli.exits import Exit
from modelcheck.reader.errors import Code
from tests.cli.test_markdown import DOCUMENTS as EXECUTED

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGE = DOCS / "language.md"
DECISIONS = sorted((DOCS / "adr").glob("[0-9]*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_MACHINE = re.compile(r"(?<![\w.~/-])/(?:home|root|tmp|work|usr|opt|var|mnt|srv)\b")
_FILE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*/[a-z_]+)\.(\w+)(?:::\w+)?`")
_SUMMARY = 5

documents = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("name", ["README.md", "docs/tutorial.md", "docs/language.md"])
def test_commands_are_run(name: str) -> None:
    # tests/cli/test_markdown.py runs them and compares; --update-golden rewrites them.
    assert ROOT / name in EXECUTED


def test_readme_shows_a_counterexample_of_the_proposal() -> None:
    blocks = _FENCED.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    shown = [b for b in blocks if "verify specs/replace_domain.py" in b]
    assert any("VIOLATED" in b and "^^^" in b and "Replay:" in b for b in shown)


def test_every_code_of_a_refusal_is_listed_once() -> None:
    rows = re.findall(
        r"^\| (MC\d+) \|", LANGUAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == sorted(code.value for code in Code)


def test_every_name_of_the_library_is_listed() -> None:
    text = LANGUAGE.read_text(encoding="utf-8")
    names = set(modelcheck.__all__) - {"__version__"}
    assert sorted(name for name in names if f"`{name}`" not in text) == []


def test_every_exit_code_is_explained() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert rows == {int(code) for code in Exit if code is not Exit.ASSUMPTION}
    assert "10 is reserved" in text


def test_every_folder_has_its_place_in_the_pipeline() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    folders = [p.parent.name for p in (ROOT / "modelcheck").glob("*/__init__.py")]
    assert [f for f in folders if f"\n{f}/ " not in text] == []


def exists(path: str, end: str) -> bool:
    """Whether `path.end` is a file of ours, or a name defined in the module `path`."""
    for place in (ROOT, ROOT / "modelcheck", ROOT / "specs"):
        if (place / f"{path}.{end}").exists():
            return True
        module = place / f"{path}.py"
        defined = rf"^(?:class|def|async def) {end}\b|^{end}\b.*="
        if module.exists() and re.search(
            defined, module.read_text(encoding="utf-8"), re.MULTILINE
        ):
            return True
    return False


@documents
def test_links_resolve(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    broken = []
    for link in _LINK.findall(_CODE.sub("", _FENCED.sub("", text))):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        place = (document.parent / target) if target else document
        is_there = place.exists() and (
            not anchor or anchor in anchors(place.read_text(encoding="utf-8"))
        )
        if not is_there:
            broken.append(link)
    assert broken == []


@documents
def test_files_that_are_named_exist(document: Path) -> None:
    named = _FILE.findall(document.read_text(encoding="utf-8"))
    assert [f"{path}.{end}" for path, end in named if not exists(path, end)] == []


@documents
def test_no_path_of_a_machine(document: Path) -> None:
    lines = document.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if _MACHINE.search(line)] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_decision_begins_with_five_lines(decision: Path) -> None:
    title, _, *rest = decision.read_text(encoding="utf-8").splitlines()
    number = int(decision.name[:4])
    assert title.startswith(f"# {number}. ")
    assert rest.index("") == _SUMMARY


def test_decisions_are_listed() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. \[.+\]\((.+)\)$", index, re.MULTILINE)
    assert listed == [decision.name for decision in DECISIONS]


@pytest.mark.parametrize(
    ("text", "is_bad"),
    [
        ("see /home/somebody/spec.py", True),
        ("in `/tmp/x`", True),
        ("docs/work/notes.md", False),
        ("https://example.org/usr/share", False),
    ],
)
def test_the_test_of_paths(text: str, is_bad: bool) -> None:
    assert bool(_MACHINE.search(text)) is is_bad
