"""The folders form a pipeline: nothing imports what comes after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "modelcheck"

# What a folder may import besides itself: folders, or single modules of them. Engines
# and traces know the words of a verdict (`verdict.verdicts`), not how one is formed.
ALLOWED = {
    "language": (),
    "model": (),
    # `import modelcheck` tells what a spec can import; constants are shown as traces
    # show values.
    "reader": ("model", "layout.values", ""),
    "layout": ("model",),
    "explore": ("model", "layout", "verdict.verdicts"),
    "liveness": ("model", "layout", "explore", "verdict.verdicts"),
    "solve": (
        *("model", "layout", "explore.book", "explore.interpreter"),
        *("explore.state_sample", "verdict.verdicts"),
    ),
    # Checks what `solve` has proved, so it must not share anything with it.
    "certify": ("model",),
    "trace": ("model", "layout", "explore.interpreter", "verdict.verdicts"),
    "verdict": (
        *("model", "layout", "explore", "liveness", "solve", "certify", "trace"),
    ),
    "report": ("model", "layout", "certify", "trace", "verdict"),
    # Which specs a patch is about: nothing of what they say is needed for that.
    "patches": ("reader",),
    "cli": (
        *("language", "reader", "model", "layout", "explore"),
        *("solve", "certify", "trace", "verdict", "report", "patches"),
    ),
}
MODULES = sorted(ROOT.rglob("*.py"))


def name(path: Path) -> str:
    """`trace.path` for modelcheck/trace/path.py, `trace` for its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported(tree: ast.AST) -> Iterator[str]:
    """The names of our modules that `tree` imports, wherever the import stands."""
    for node in ast.walk(tree):
        names: list[str] = []
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(module), level=0, names=aliases):
                names = [f"{module}.{alias.name}" for alias in aliases]
            case ast.ImportFrom(level=level) if level:
                names = ["modelcheck.<relative>"]
        for full in names:
            if full.partition(".")[0] == "modelcheck":
                yield full.removeprefix("modelcheck").removeprefix(".")


def is_within(module: str, place: str) -> bool:
    """Whether `module` (perhaps with a name inside it) is `place` or below it."""
    return f"{module}.".startswith(f"{place}.")


def violations(module: str, tree: ast.AST) -> list[str]:
    """What `module` imports and must not."""
    folder = module.partition(".")[0]
    if module in {"", "__main__"}:
        allowed: tuple[str, ...] = ("language",) if module == "" else ("cli",)
    else:
        allowed = (folder, "__version__", *ALLOWED[folder])
    return [
        f"modelcheck.{module} imports modelcheck.{target}"
        for target in imported(tree)
        if not any(is_within(target, place) for place in allowed)
    ]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_every_folder_has_its_place() -> None:
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(ALLOWED)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_import_points_back(path: Path) -> None:
    assert violations(name(path), parse(path)) == []


def test_no_circle_among_modules() -> None:
    # Of imports that run when a module is loaded; one inside a function may lead back
    # to the module it stands in.
    known = {name(path) for path in MODULES}
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        targets = {
            target if target in known else target.rpartition(".")[0]
            for statement in parse(path).body
            if isinstance(statement, ast.Import | ast.ImportFrom)
            for target in imported(statement)
        }
        graph[name(path)] = targets - {name(path), ""}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize(
    ("module", "text", "is_bad"),
    [
        ("model.terms", "from modelcheck.reader import errors", True),
        ("model.terms", "from modelcheck.model import types", False),
        ("explore.search", "from modelcheck.verdict.verdicts import Limits", False),
        ("explore.search", "from modelcheck.verdict import report", True),
        ("explore.search", "def f():\n    import modelcheck.cli.main", True),
        ("trace.path", "from . import replay", True),
        ("language.spec", "from modelcheck.model.types import BOOL", True),
        ("report.console", "from modelcheck import Spec", True),
        ("cli.main", "from modelcheck import __version__", False),
    ],
)
def test_the_test_itself(module: str, text: str, is_bad: bool) -> None:
    assert bool(violations(module, ast.parse(text))) is is_bad
