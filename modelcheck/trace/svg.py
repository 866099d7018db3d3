"""Pictures: a DOT text rendered by a `dot` that is installed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG text, or `problem`: why there is none and what to do."""

    svg: str = ""
    problem: str = ""


def render_svg(dot: str) -> Picture:
    """The picture of the graph `dot`."""
    program = shutil.which("dot")
    if program is None:
        return Picture(problem="no `dot` on PATH: install graphviz to get pictures")
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Picture(problem=f"`dot` took more than {_SECONDS} seconds")
    except OSError as error:
        return Picture(problem=f"`dot` does not start: {error.strerror}")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return Picture(problem=f"`dot` failed: {said[0] if said else 'no message'}")
    return Picture(svg=done.stdout.decode())
