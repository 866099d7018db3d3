"""The files of a patch, with git as the judge."""

from __future__ import annotations

import email.policy
import os
import shutil
import subprocess
import tempfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.patches.diff import Touched, touched_files

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is the judge")


def git(folder: Path, *arguments: str) -> bytes:
    """What a git that reads no configuration prints."""
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {
        f"GIT_{role}_{what}": "a@b"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, **nothing, **who},
    ).stdout


# Names that git quotes, that need care at blanks, and that look like something else.
NAMES = st.sampled_from(
    [
        *("a.c", "a b.c", "b/x.c", "a/a/x", "dev/null", "f\u00e4.c", 'q"q', "tab\tx"),
        *("back\\n", "a/ b", "b", "--- a", "+++ b/x.c", "x => y", "line\nend"),
        *("b/b b/b", "1/2"),
    ]
)
# Lines that look like the heads of other files once a sign is put before them.
LINES = st.sampled_from(
    [
        *("int x;", "-- a/other.c", "++ b/other.c", "", "diff --git a/o b/o"),
        *("rename to o", "@@ -1 +1 @@", "From a@b 2001", "\\ No newline"),
    ]
)
CONTENT = st.lists(LINES, max_size=6).map("\n".join)
TREES = st.dictionaries(NAMES, CONTENT, max_size=4)


def store(folder: Path, tree: dict[str, str]) -> str:
    """A commit of these files, without those that cannot stand beside others."""
    git(folder, "rm", "-rqf", "--ignore-unmatch", ".")
    for name, text in tree.items():
        path = folder / name
        if any(each.is_file() for each in path.parents) or path.is_dir():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if len(text) % 2 else 0o644)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "--- a\n\n--- b/c", "--allow-empty")
    return git(folder, "rev-parse", "HEAD").decode().strip()


def changed(folder: Path, *commits: str) -> set[str]:
    names = git(folder, "diff", "--name-only", "--no-renames", "-z", *commits)
    return set(filter(None, names.decode().split("\0")))


FORMS = st.sampled_from(
    [
        [],
        ["--binary", "--no-renames"],
        ["--src-prefix=i/", "--dst-prefix=w/"],
        ["-U0"],
        ["-R"],
        ["-C", "--find-copies-harder", "--full-index"],
    ]
)


@needs_git
@given(TREES, TREES, FORMS)
@settings(derandomize=True, deadline=None, max_examples=25)
def test_git_diff(
    before: dict[str, str], after: dict[str, str], form: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        commits = store(folder, before), store(folder, after)
        patch = git(folder, "diff", *form, *commits)
        found = {each.path for each in touched_files(patch)}
        # A copy names its source, too, which it leaves as it is.
        known = changed(folder, *commits)
        assert found >= known
        assert found <= (known | set(before) if "-C" in form else known)
        letter = git(folder, "format-patch", "--stdout", "--no-renames", "-1")
        assert {each.path for each in touched_files(letter)} == known


@needs_git
@given(TREES, TREES)
@settings(derandomize=True, deadline=None, max_examples=15)
def test_a_diffstat_alone(before: dict[str, str], after: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        commits = store(folder, before), store(folder, after)
        stat = git(folder, "diff", "--stat", "--summary", *commits)
        found = touched_files(b"Subject: [PATCH 0/2] x\n\nText.\n\n" + stat)
        for path in changed(folder, *commits) - {"x => y"}:  # git does not quote it
            assert any(
                path.endswith(each.path) if each.is_cut else path == each.path
                for each in found
            )


PATCH = b"""\
From 1c8f0b0000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Somebody <a@b>
Subject: [PATCH] iommu: do

--- a/not/a/diff

---
 drivers/iommu/iommu.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/drivers/iommu/iommu.c b/drivers/iommu/iommu.c
index 1..2 100644
--- a/drivers/iommu/iommu.c
+++ b/drivers/iommu/iommu.c
@@ -1,2 +1,2 @@
 x
--- a/other.c
+++ b/other.c
diff --git a/drivers/old.c b/drivers/old.c
deleted file mode 100644
--- a/drivers/old.c
+++ /dev/null
@@ -1 +0,0 @@
-x
--\x20
2.39.5
"""


def test_lines_are_those_of_the_patch() -> None:
    found = touched_files(PATCH)
    assert found == [
        Touched("drivers/iommu/iommu.c", 11),
        Touched("drivers/old.c", 19),
    ]
    lines = PATCH.decode().split("\n")
    assert [lines[each.line - 1].split()[0] for each in found] == ["diff", "diff"]
    assert touched_files(PATCH.replace(b"\n", b"\r\n")) == found


def test_a_plain_diff() -> None:
    text = b"""\
--- linux.orig/a.c\t2026-01-01 00:00:00
+++ linux/a.c\t2026-01-02
@@ -1 +1 @@
-x
+y
"""
    assert touched_files(text) == [Touched("a.c", 1)]
    same = text.replace(b"linux.orig/", b"drivers/").replace(b"linux/", b"drivers/")
    assert touched_files(same) == [Touched("drivers/a.c", 1)]


def test_a_plain_diff_of_two_files() -> None:
    text = b"""\
--- linux.orig/a.c
+++ linux/a.c
@@ -1,3 +1,4 @@
 x
+y

 z
--- linux.orig/b.c
+++ linux/b.c
@@ -1 +1 @@
-x
\\ No newline at end of file
+y
\\ No newline at end of file
--- linux.orig/c.c
+++ linux/c.c
@@ -3 +2,0 @@
--- linux.orig/d.c
"""
    assert touched_files(text) == [
        *(Touched("a.c", 1), Touched("b.c", 8), Touched("c.c", 15))
    ]


def test_without_prefixes() -> None:
    text = b"diff --git a/x.c a/x.c\n--- a/x.c\n+++ a/x.c\n@@ -1 +1 @@\n-x\n+y\n"
    assert touched_files(text) == [Touched("a/x.c", 1)]


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_a_letter_may_be_encoded(encoding: str) -> None:
    letter = EmailMessage(
        email.policy.SMTP if encoding != "8bit" else email.policy.default
    )
    letter["Subject"] = "[PATCH] x"
    body = PATCH.decode().partition("\n\n")[2].replace("Somebody", "J\u00f6rg")
    letter.set_content(f"J\u00f6rg says: =3D\n{body}", cte=encoding)
    found = touched_files(letter.as_bytes())
    assert [each.path for each in found] == ["drivers/iommu/iommu.c", "drivers/old.c"]


def test_a_mailbox() -> None:
    second = PATCH.replace(b"drivers/", b"sound/")
    found = touched_files(PATCH + second)
    assert [each.path for each in found] == [
        *("drivers/iommu/iommu.c", "drivers/old.c"),
        *("sound/iommu/iommu.c", "sound/old.c"),
    ]
    lines = (PATCH + second).decode().split("\n")
    assert [lines[each.line - 1][:5] for each in found] == ["diff "] * 4


def test_a_cover_letter() -> None:
    text = b"""\
Subject: [PATCH 0/3] iommu

 drivers/iommu/iommu.c              | 12 ++++++------
 .../very/long/name/iommu.c         |  3 +++
 drivers/{old => new}/x.c           |  0
 drivers/gpu/{ => drm}/y.c          |  2 +-
 a.bin                              | Bin 0 -> 12 bytes
 create mode 100644 drivers/made.c
 rename drivers/{old => new}/x.c (100%)
"""
    assert {(each.path, each.is_cut) for each in touched_files(text)} == {
        ("drivers/iommu/iommu.c", False),
        ("very/long/name/iommu.c", True),
        ("drivers/old/x.c", False),
        ("drivers/new/x.c", False),
        ("drivers/gpu/y.c", False),
        ("drivers/gpu/drm/y.c", False),
        ("a.bin", False),
        ("drivers/made.c", False),
    }


@given(st.binary())
@settings(derandomize=True, deadline=None, max_examples=200)
def test_any_bytes_are_a_patch_of_something(patch: bytes) -> None:
    touched_files(patch)
    touched_files(b"Content-Transfer-Encoding: base64\n\n" + patch)
