"""The series that b4 has under review, from a repository as b4 leaves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelcheck.patches.series import TRACKING, series_files
from tests.unit.patches.test_diff import git, needs_git, store

pytestmark = needs_git


def follow(folder: Path, series: object) -> None:
    (folder / "tracking.json").write_text(json.dumps({"series": series}))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TRACKING, str(tmp_path / "tracking.json"))
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def test_its_commits_and_no_others(tree: Path) -> None:
    base = store(tree, {"a.c": "a"})
    store(tree, {"a.c": "a", "needed.c": "prerequisite"})
    first = store(tree, {"a.c": "b", "needed.c": "prerequisite"})
    store(tree, {"a.c": "b", "new name.c": "prerequisite"})
    git(tree, "commit", "-q", "--allow-empty", "-m", "what b4 keeps")
    git(tree, "branch", "b4/review/2026-iommu")
    store(tree, {"later.c": ""})
    series = {"change-id": "2026-iommu", "base-commit": base}
    follow(tree, series | {"first-patch-commit": first})
    found = series_files()
    assert found is not None
    assert {each.path for each in found} == {"a.c", "needed.c", "new name.c"}
    follow(tree, series)
    found = series_files()
    assert found is not None
    assert {each.path for each in found} == {"a.c", "new name.c"}


@pytest.mark.parametrize(
    "series",
    [
        None,
        [],
        {},
        {"change-id": "x"},
        {"change-id": "x", "base-commit": "HEAD"},
        {"change-id": "x", "first-patch-commit": "--output=made"},
    ],
)
def test_b4_does_not_say(tree: Path, series: object) -> None:
    store(tree, {"a.c": "a"})
    follow(tree, series)
    assert series_files() is None
    assert not (tree / "made~1").exists()


def test_there_is_no_series(monkeypatch: pytest.MonkeyPatch, tree: Path) -> None:
    (tree / "tracking.json").write_text("{")
    assert series_files() is None
    monkeypatch.setenv(TRACKING, "missing.json")
    with pytest.raises(FileNotFoundError):
        series_files()
    monkeypatch.delenv(TRACKING)
    assert series_files() is None
