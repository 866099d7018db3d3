"""Which specs a patch is about."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.patches.diff import Touched
from modelcheck.patches.modelled import Affected, affected_specs, models
from modelcheck.reader import Code, SpecError, read_outline, read_spec

BASE = """
from modelcheck import Spec, action


class Base(Spec, models="drivers/iommu/"):
    flag: bool = False

    @action
    def toggle(self) -> None:
        self.flag = not self.flag
"""
DERIVED = """
from base import Base
from modelcheck import Spec
import other


class Other(Spec, models=("drivers/vfio/vfio.c", "include/*.h"), floor=1):
    mine: bool = True


class Both(Other, Base, floor=2):
    pass


class Twin(Both, breaks="deadlock"):
    pass
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    files = {"base": BASE, "derived": DERIVED, "other": "", "silent": SILENT}
    for name, text in files.items():
        (tmp_path / "specs" / f"{name}.py").write_text(text)
    return tmp_path


SILENT = BASE.replace(', models="drivers/iommu/"', "")


def about(*paths: str) -> list[str]:
    names = ("base", "derived", "silent")
    touched = [Touched(path, 7) for path in paths]
    found = affected_specs([f"specs/{name}.py" for name in names], touched)
    return [Path(each.spec).stem for each in found]


def test_what_a_spec_models_adds_up(specs: Path) -> None:
    target = str(specs / "specs/derived.py")
    expected = {"drivers/vfio/vfio.c", "include/*.h", "drivers/iommu/"}
    assert set(read_outline(target).models) == expected
    assert set(read_spec(f"{target}::Both").models) == expected
    assert [Path(each).stem for each in read_outline(target).files] == [
        *("derived", "base", "other")
    ]


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("drivers/iommu/iommu.c", ["base", "derived"]),
        ("drivers/iommu/amd/init.c", ["base", "derived"]),
        ("drivers/iommu.c", []),
        ("drivers/vfio/vfio.c", ["derived"]),
        ("include/iommu.h", ["derived"]),
        ("include/linux/iommu.h", []),
        ("specs/base.py", ["base", "derived"]),
        ("specs/other.py", ["derived"]),
        ("specs/silent.py", ["silent"]),
        ("base.py", []),
    ],
)
def test_a_patch_is_about(path: str, names: list[str]) -> None:
    assert about(path) == names
    assert about("README", path) == names


@pytest.mark.usefixtures("specs")
def test_the_first_file_of_the_patch_is_told() -> None:
    touched = [Touched("x", 1), Touched("include/a.h", 3), Touched("specs/base.py", 9)]
    assert affected_specs(["specs/derived.py", "specs/silent.py"], touched) == [
        Affected("specs/derived.py", touched[1])
    ]
    assert affected_specs(["specs/base.py"], touched, top="specs") == []


@pytest.mark.usefixtures("specs")
def test_what_cannot_be_read_is_not_left_out() -> None:
    Path("specs/base.py").write_text("x = = 1")
    assert affected_specs(["specs/base.py", "specs/silent.py"], [Touched("x")]) == [
        Affected("specs/base.py")
    ]


PARTS = st.sampled_from(["a", "b", "ab", "a.c", "a+c", "abc.c"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
PATTERNS = st.tuples(
    st.lists(PARTS | st.sampled_from(["*", "a*", "?", "*.c", "a?c"]), min_size=1),
    st.sampled_from(["", "/"]),
).map(lambda each: "/".join(each[0]) + each[1])


def slow_models(pattern: str, path: str) -> bool:
    """Name by name, as MAINTAINERS explains its `F:` lines."""
    wanted, names = pattern.rstrip("/").split("/"), path.split("/")
    is_folder = pattern.endswith("/")
    if len(names) <= len(wanted) if is_folder else len(names) != len(wanted):
        return False
    return all(map(fnmatchcase, names, wanted))


@given(PATTERNS, PATHS)
@settings(derandomize=True, deadline=None, max_examples=500)
def test_patterns_are_those_of_maintainers(pattern: str, path: str) -> None:
    assert models(pattern, Touched(path)) is slow_models(pattern, path)


@given(PATTERNS, PATHS, st.integers(0, 12))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_a_path_that_is_cut_may_be_any_that_ends_so(
    pattern: str, path: str, cut: int
) -> None:
    if slow_models(pattern, path):
        assert models(pattern, Touched(path[cut:], is_cut=True))


def test_a_single_path_that_ends_otherwise() -> None:
    assert not models("drivers/iommu/iommu.c", Touched("amd/iommu.c", is_cut=True))


@pytest.mark.parametrize(
    "value",
    ["1", "''", "'/etc/passwd'", "'../x.c'", "'a//b'", "('a.c', 2)", "f'{1}'", "name"],
)
def test_what_is_no_path_is_refused(value: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.py"
    path.write_text(BASE.replace('"drivers/iommu/"', value))
    for read in (read_spec, read_outline):
        with pytest.raises(SpecError, match="is no path of a source tree") as caught:
            read(str(path))
        assert caught.value.code is Code.DECORATOR
        assert caught.value.span.line == 5
