"""The peers: SPIN, breadth first and depth first, and TLC."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.measure import Measured, Unusable, run_program
from bench.models import Bench

PEERS = Path(__file__).parent / "peers"
SPIN_FLAGS = ("-O2", "-DSAFETY", "-DNOREDUCE")
MOST_STEPS = 10_000_000


def find_spin() -> str:
    """SPIN's path; installs it with the package manager when that is allowed."""
    found = shutil.which("spin")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "--yes", "spin"]
        subprocess.run(command, capture_output=True, check=False)
        found = shutil.which("spin")
    if found is None:
        message = "SPIN is not installed and cannot be installed by this user"
        raise Unusable(message)
    if shutil.which("cc") is None:
        message = "SPIN needs a C compiler (cc), and there is none"
        raise Unusable(message)
    return found


class Spin:
    """SPIN on one model; translated and compiled once, which is not measured."""

    def __init__(self, bench: Bench, folder: Path, *, is_breadth_first: bool) -> None:
        self.bench = bench
        self.is_breadth_first = is_breadth_first
        self.folder = folder / f"{bench.name}-{'bfs' if is_breadth_first else 'dfs'}"
        self.folder.mkdir()
        constants = [f"-D{name}={value}" for name, value in bench.constants.items()]
        source = str(PEERS / bench.promela)
        self._must([find_spin(), "-a", *constants, source])
        flags = [*SPIN_FLAGS, *(["-DBFS"] if is_breadth_first else ["-DMEMLIM=16000"])]
        self._must(["cc", *flags, "-o", "pan", "pan.c"])

    def _must(self, command: list[str]) -> None:
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = f"{command[0]} failed: {done.stdout[-300:]}{done.stderr[-300:]}"
            raise Unusable(message)

    def run(self) -> Measured:
        """Search once."""
        options = ["-n", f"-m{MOST_STEPS}"]
        command = ["./pan", *options, f"-w{self.bench.hash_bits}"]
        ran = run_program(command, self.folder)
        text = ran.text
        stored = re.search(r"^\s*([\d.e+]+) states, stored", text, re.MULTILINE)
        total = re.search(r"^\s*([\d.e+]+) transitions", text, re.MULTILINE)
        if stored is None or total is None:
            message = f"SPIN did not finish {self.bench.name}: {text[-300:]}"
            raise Unusable(message)
        # SPIN counts the initial state among the transitions (stored + matched), and
        # prints large numbers with six or seven digits.
        counts = int(float(stored[1])), int(float(total[1])) - 1
        return Measured(ran.wall, ran.processor, *counts, ran.system)


class Tlc:
    """TLC on one model, if `TLC_JAR` names its archive."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.jar = os.environ.get("TLC_JAR", "")
        if not Path(self.jar).is_file():
            message = "TLC_JAR does not name a file"
            raise Unusable(message)
        self.config = PEERS / f"{bench.name}.cfg"
        if not self.config.is_file():
            message = f"there is no configuration of TLC for {bench.name}"
            raise Unusable(message)

    def run(self) -> Measured:
        """Search once, with one worker."""
        command = ["java", "-XX:+UseParallelGC", "-cp", self.jar, "tlc2.TLC"]
        scratch = str(Path(tempfile.gettempdir()) / "modelcheck-bench-tlc")
        command += ["-workers", "1", "-metadir", scratch]
        command += ["-config", self.config.name, f"{self.bench.tla}.tla"]
        ran = run_program(command, PEERS)
        text = ran.text
        found = re.search(r"([\d,]+) states generated, ([\d,]+) distinct", text)
        if found is None:
            message = f"TLC did not finish {self.bench.name}: {text[-300:]}"
            raise Unusable(message)
        generated, distinct = (int(part.replace(",", "")) for part in found.groups())
        return Measured(ran.wall, ran.processor, distinct, generated - 1, ran.system)
