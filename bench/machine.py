"""What the benchmark says about the machine: no names, no paths."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> str:
    """Processor, memory, load and versions, in a sentence or two."""
    import llvmlite

    model = _line("/proc/cpuinfo", "model name") or platform.machine()
    memory = int((_line("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) / 2**20
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB, Linux "
        f"{platform.release().split('-')[0]}; Python {platform.python_version()}, "
        f"llvmlite {llvmlite.__version__}. Load at the end of the run: {load:.1f}."
    )


def _line(path: str, key: str) -> str:
    try:
        text = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""
