"""What temporal properties cost: `python -m bench.liveness`.

The same state graph is searched with invariants alone and with one temporal property
as well, one after the other in each round; shown is the ratio. TLC decides the same
property under the same fairness if `TLC_JAR` names its archive.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from bench.machine import describe
from bench.measure import run_program
from bench.run import RESULTS, say
from modelcheck.model.program import Kind, Model
from modelcheck.reader import read_spec
from modelcheck.verdict.check import verify_model
from modelcheck.verdict.verdicts import Limits, Silence

HERE = Path(__file__).parent

HOLDS = 0
VIOLATED = (11, 12, 13, 14)
"""Exit codes of complete checks, with and without a verdict that is not expected."""

BAR = 3.0
"""So many times the processor time of the search for safety may be used at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A spec at some scopes; `tla` is the name of its twin for TLC, if there is one.

    With `names`, only these of its temporal properties are measured.
    """

    name: str
    spec: Path
    scopes: Mapping[str, int]
    states: int
    tla: str = ""
    names: frozenset[str] = frozenset()


SUBJECTS = (
    Subject(
        "TwoPhaseLive_8",
        HERE / "specs" / "two_phase_live.py",
        {"RM": 8},
        1_745_408,
        tla="TwoPhaseLive",
    ),
    Subject(
        "IommuLive_2223",
        HERE / "specs" / "iommu_live.py",
        {"Device": 2, "File": 2, "Domain": 2, "Thread": 3},
        2_425_059,
    ),
    Subject(
        "driver_core_sketch",
        HERE.parent / "specs" / "driver_core_sketch_liveness.py",
        {"Device": 3},
        8_269_728,
        names=frozenset({"unplug_completes"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of a run: of the clock and of the processor."""

    wall: float
    processor: float


def measure(model: Model, names: frozenset[str], states: int) -> Cost:
    """Check some properties once; reading is done before."""
    wall, processor = perf_counter(), process_time()
    limits = Limits(properties=names)
    report = verify_model(
        model, "native", limits, Silence(), confirm=False, symmetry=False
    )
    cost = Cost(perf_counter() - wall, process_time() - processor)
    assert report.counts is not None
    if report.counts.distinct != states:
        message = f"{model.path}: {report.counts.distinct} states, not {states}"
        raise SystemExit(message)
    assert report.exit_code in (HOLDS, *VIOLATED), "the search did not end"
    return cost


def memory(subject: Subject, names: Iterable[str]) -> float:
    """The most memory in MiB of a process that checks these properties.

    To be called while this process is small, because a new one begins with its memory.
    """
    scratch = str(Path(tempfile.gettempdir()) / "modelcheck-bench-live")
    command = [sys.executable, "-m", "modelcheck", "verify", str(subject.spec)]
    command += ["--engine", "native", "--no-symmetry", "--quiet", "--no-twins"]
    command += ["--out", scratch]
    for scope, size in subject.scopes.items():
        command += ["--scope", f"{scope}={size}"]
    for name in names:
        command += ["--property", name]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    # It must not be waited for once more.
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (HOLDS, *VIOLATED), f"ended: {process.returncode}"
    return used.ru_maxrss / 1024


def tlc_seconds(subject: Subject, name: str) -> float | None:
    """How long TLC takes for the property; None if it is not here, or has no model."""
    jar = os.environ.get("TLC_JAR", "")
    if not Path(jar).is_file() or not subject.tla:
        return None
    scratch = str(Path(tempfile.gettempdir()) / "modelcheck-bench-tlc")
    command = ["java", "-XX:+UseParallelGC", "-cp", jar, "tlc2.TLC", "-workers", "1"]
    command += ["-metadir", scratch, "-config", f"{subject.name}_{name}.cfg"]
    ran = run_program([*command, f"{subject.tla}.tla"], HERE / "peers")
    found = re.search(r"([\d,]+) distinct states found", ran.text)
    assert found is not None, ran.text[-300:]
    assert int(found[1].replace(",", "")) == subject.states, "TLC counted other states"
    return ran.wall


def safe(model: Model) -> frozenset[str]:
    """The properties that the search for safety looks at."""
    kinds = Kind.INVARIANT, Kind.REACHABLE
    return frozenset(p.name for p in model.properties if p.kind in kinds)


def asked(subject: Subject, model: Model) -> list[str]:
    """The temporal properties to be measured."""
    return [
        prop.name
        for prop in model.properties
        if prop.kind is Kind.TEMPORAL and prop.name in (subject.names or {prop.name})
    ]


def row(subject: Subject, name: str, rounds: int, used: tuple[float, float]) -> str:
    """The row of the table for a temporal property; `used` is memory."""
    model, states = read_spec(str(subject.spec), subject.scopes), subject.states
    both = safe(model) | {name}
    # The first runs make machine code.
    measure(model, safe(model), states)
    measure(model, both, states)
    pairs = [
        (measure(model, safe(model), states), measure(model, both, states))
        for _ in range(rounds)
    ]
    for one, two in pairs:
        say(f"  {name}: {one.processor:.2f} s and {two.processor:.2f} s")
    times = median(two.processor / one.processor for one, two in pairs)
    seconds = tlc_seconds(subject, name)
    cells = (
        subject.name,
        name,
        f"{states:,}",
        f"{median(one.processor for one, _ in pairs):.2f}",
        f"{median(two.processor for _, two in pairs):.2f}",
        f"{times:.1f}{'' if times < BAR else ' (!)'}",
        f"{median(two.wall / one.wall for one, two in pairs):.1f}",
        *(f"{size:.0f}" for size in used),
        "-" if seconds is None else f"{seconds:.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.liveness")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", action="append", help="only this one")
    options = parser.parse_args()
    if not Path(os.environ.get("TLC_JAR", "")).is_file():
        say("TLC is left out: TLC_JAR does not name its archive")
    subjects = [s for s in SUBJECTS if s.name in (options.model or (s.name,))]
    used = {}
    for subject in subjects:
        model = read_spec(str(subject.spec), subject.scopes)
        for name in asked(subject, model):
            used[subject, name] = (
                memory(subject, safe(model)),
                memory(subject, safe(model) | {name}),
            )
    found = "".join(
        row(subject, name, options.rounds, sizes)
        for (subject, name), sizes in used.items()
    )
    text = (
        f"# What temporal properties cost\n\n{describe()}\n\n"
        f"Medians of {options.rounds} rounds, the first of each kind left out. "
        "Times are of the whole check by one worker, in seconds of the processor (user "
        "and system); *times* is with the property over without it, which is to be "
        f"below {BAR:.0f}; *clock* is the same of the clock. Memory is the most that a "
        "process used, in MiB.\n\n"
        "| model | property | states | safety | with it | times | clock "
        "| safety, MiB | with it, MiB | TLC |\n"
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n"
        f"{found}"
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "liveness.md").write_text(text, encoding="utf-8")
    say(text)


if __name__ == "__main__":
    main()
