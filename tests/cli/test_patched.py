"""`--patch` and `--series`: from a patch on standard input to what b4 is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from modelcheck.cli.patched import chosen
from modelcheck.patches.series import TRACKING
from tests.cli.markdown import environment
from tests.unit.report.test_b4 import external_check, local_check

SPEC = """
from modelcheck import Spec, action, invariant


class Flag(Spec, models="drivers/iommu/"):
    flag: bool = False

    @action
    def raise_it(self) -> None:
        self.flag = True

    @invariant
    def stays_down(self) -> bool:
        return not self.flag
"""
PATCH = """\
Subject: [PATCH 2/3] {path}

---
diff --git a/{path} b/{path}
--- a/{path}
+++ b/{path}
@@ -1 +1 @@
-x
+y
"""
COVER = "Subject: [PATCH 0/3] x\n\n {path} | 2 +-\n 1 file changed\n"
MODELLED = "drivers/iommu/iommu.c"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/flag.py").write_text(SPEC)
    (tmp_path / "specs/other.py").write_text(SPEC.replace("iommu", "vfio"))
    return tmp_path


def hook(
    tree: Path, said: str, *options: str, **extra: str
) -> subprocess.CompletedProcess[str]:
    """As b4 runs a check command: without a shell, from the tree's top."""
    command = [sys.executable, "-m", "modelcheck", "verify", "specs/*.py", *options]
    return subprocess.run(
        command,
        cwd=tree,
        input=said,
        capture_output=True,
        check=False,
        text=True,
        env={**environment(tree), **extra},
    )


def test_a_patch_that_touches_what_is_modelled(tree: Path) -> None:
    done = hook(
        tree, PATCH.format(path=MODELLED), "--patch", "-", "--format=checkpatch"
    )
    line = "-:4: ERROR:MC_INVARIANT: specs/flag.py: stays_down violated in 1 step\n"
    assert (done.stdout, done.stderr, done.returncode) == (line, "", 12)
    assert [path.name for path in tree.iterdir()] == ["specs"]


@pytest.mark.parametrize("said", [PATCH.format(path="README"), "", "no patch\n"])
def test_a_patch_that_does_not(tree: Path, said: str) -> None:
    done = hook(tree, said, "--patch=-", "--format=checkpatch")
    assert local_check(done.stdout, done.stderr, done.returncode) == [("success", "")]
    done = hook(tree, said, "--patch=-", "--format=b4")
    assert (done.stdout, done.stderr, done.returncode) == ("[]\n", "", 0)


def test_what_is_wrong_is_not_on_standard_error(tree: Path) -> None:
    (tree / "specs/flag.py").write_text("x = = 1\n")
    said = PATCH.format(path="README")
    done = hook(tree, said, "--patch=-", "--format=checkpatch")
    assert done.stdout.startswith("specs/flag.py:1: ERROR:MC_SPEC: specs/flag.py: ")
    assert (done.stderr, done.returncode) == ("", 20)
    assert len(done.stdout.splitlines()) == 1


def test_a_series_by_its_cover_letter(tree: Path) -> None:
    done = hook(tree, COVER.format(path=MODELLED), "--series", "--format=b4")
    (entry,) = external_check(done.stdout)
    assert entry["summary"] == "specs/flag.py: stays_down violated in 1 step"
    assert (entry["status"], done.stderr) == ("fail", "")
    done = hook(tree, COVER.format(path="README"), "--series", "--format=b4")
    assert external_check(done.stdout) == []


def test_a_series_that_b4_knows_no_commits_of(tree: Path) -> None:
    (tree / "tracking.json").write_text(json.dumps({"series": {"change-id": "x"}}))
    done = hook(
        tree,
        PATCH.format(path=MODELLED),
        *("--series", "--format=b4"),
        **{TRACKING: str(tree / "tracking.json")},
    )
    assert external_check(done.stdout)[0]["status"] == "fail"


def test_a_patch_in_a_file(tree: Path) -> None:
    (tree / "x.patch").write_text(PATCH.format(path=MODELLED))
    done = hook(tree, "", "--patch", "x.patch", "--format=checkpatch")
    assert done.stdout.startswith("x.patch:4: ERROR:")
    done = hook(tree, "", "--patch", "missing.patch", "--format=checkpatch")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "modelcheck: missing.patch: No such file or directory\n"


def test_a_file_that_cannot_be_written_is_told(tree: Path) -> None:
    said = PATCH.format(path=MODELLED)
    out = str(tree / "specs/flag.py")
    done = hook(tree, said, "--patch=-", "--format=checkpatch", "--out", out)
    assert done.stdout.startswith("-:4: ERROR:MC_INVARIANT: ")
    assert done.stderr.startswith(f"modelcheck: {out}")
    assert done.returncode == 2


def test_standard_input_may_be_closed(tree: Path) -> None:
    command = f"{sys.executable} -m modelcheck verify specs/flag.py --patch - <&-"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tree,
        capture_output=True,
        check=False,
        text=True,
        env=environment(tree),
    )
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "modelcheck: standard input: Bad file descriptor\n"


def test_people_are_told_that_nothing_was_checked(tree: Path) -> None:
    (tree / "x.patch").write_text(PATCH.format(path="README"))
    done = hook(tree, "", "--patch", "x.patch")
    told = "The patch touches no file that a SPEC models.\n"
    assert (done.stdout, done.stderr, done.returncode) == (told, "", 0)


def test_a_patch_or_a_series() -> None:
    with pytest.raises(typer.BadParameter, match="not both"):
        chosen(["x.py"], "-", series=True)
    assert chosen(["x.py"], None, series=False).specs == ["x.py"]
