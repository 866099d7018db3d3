"""Running one search, ours or a peer's, and what came out of it."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


class Unusable(Exception):  # noqa: N818 - said to the user, not an error of ours
    """A peer cannot be run here; says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One search: seconds of the clock and of the processor, and what was counted.

    `transitions` are successors, self-loops included, without the initial state;
    `system` is the part of the processor time that the system spent.
    """

    wall: float
    processor: float
    distinct: int
    transitions: int
    system: float = 0.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program printed, and its seconds: clock, processor, of these system."""

    text: str
    wall: float
    processor: float
    system: float


def run_program(command: Sequence[str], folder: Path) -> Ran:
    """Run a program to its end."""
    start = perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    system = after.ru_stime - before.ru_stime
    processor = after.ru_utime - before.ru_utime + system
    return Ran(done.stdout + done.stderr, perf_counter() - start, processor, system)
