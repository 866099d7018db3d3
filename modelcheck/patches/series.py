"""The series that `b4 review` has under review, as it tells a check command.

b4 names a file in `B4_TRACKING_FILE` (0.16, `review_tui/_common.py`): JSON, in which
`series` has the name of the series and the commits that its branch begins with. The
branch is `b4/review/` and that name; its last commit holds what b4 keeps, and no file.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from modelcheck.patches.diff import Touched

TRACKING = "B4_TRACKING_FILE"
_SECONDS = 60


def series_files() -> list[Touched] | None:
    """The files that the series under review touches; None if b4 does not say.

    Raises `OSError` if the file that it names cannot be read.
    """
    path = os.environ.get(TRACKING)
    if not path:
        return None
    commits = _range(Path(path).read_text(encoding="utf-8"))
    return None if commits is None else _changed(commits)


def _range(tracking: str) -> tuple[str, str] | None:
    """The commits before the first patch and behind the last one."""
    try:
        data = json.loads(tracking)
    except ValueError:
        return None
    series = data.get("series") if isinstance(data, dict) else None
    if not isinstance(series, dict):
        return None
    name, first = series.get("change-id"), series.get("first-patch-commit")
    before = f"{first}~1" if first else series.get("base-commit")
    if not name or not isinstance(before, str):
        return None
    return before, f"refs/heads/b4/review/{name}"


def _changed(commits: tuple[str, str]) -> list[Touched] | None:
    """What is different between two commits, by both names if it was renamed."""
    command = ["git", "diff", "--name-only", "--no-renames", "-z", "--end-of-options"]
    try:
        done = subprocess.run(
            [*command, *commits, "--"],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    names = os.fsdecode(done.stdout).split("\0")
    return [Touched(name) for name in names if name]
