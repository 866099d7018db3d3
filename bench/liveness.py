"""What temporal properties cost: `python -m bench.liveness`.

The same state graph is searched with invariants alone and with one temporal property
as well, one after the other in each round; shown is the ratio. TLC decides the same
property under the same fairness if `TLC_JAR` names its archive.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Iterator
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
SPEC = HERE / "specs" / "two_phase_live.py"
MANAGERS = 8
STATES = 1_745_408


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of a run: of the clock and of the processor."""

    wall: float
    processor: float


def measure(model: Model, names: frozenset[str]) -> Cost:
    """Check some properties once; reading and compiling are done before."""
    wall, processor = perf_counter(), process_time()
    limits = Limits(properties=names)
    report = verify_model(model, "native", limits, Silence(), confirm=False)
    cost = Cost(perf_counter() - wall, process_time() - processor)
    assert report.counts is not None
    assert report.counts.distinct == STATES
    assert report.exit_code == 0, "a verdict is not the expected one"
    return cost


def tlc_seconds(name: str) -> float | None:
    """How long TLC takes for the property; None if it is not here."""
    jar = os.environ.get("TLC_JAR", "")
    if not Path(jar).is_file():
        return None
    scratch = str(Path(tempfile.gettempdir()) / "modelcheck-bench-tlc")
    command = ["java", "-XX:+UseParallelGC", "-cp", jar, "tlc2.TLC", "-workers", "1"]
    command += ["-metadir", scratch, "-config", f"TwoPhaseLive_8_{name}.cfg"]
    ran = run_program([*command, "TwoPhaseLive.tla"], HERE / "peers")
    found = re.search(r"([\d,]+) distinct states found", ran.text)
    assert found is not None, ran.text[-300:]
    assert int(found[1].replace(",", "")) == STATES, "TLC counted other states"
    return ran.wall


def rows(model: Model, rounds: int) -> Iterator[str]:
    """A row of the table for each temporal property."""
    safe = frozenset(
        p.name for p in model.properties if p.kind in (Kind.INVARIANT, Kind.REACHABLE)
    )
    for prop in model.properties:
        if prop.kind is not Kind.TEMPORAL:
            continue
        both = safe | {prop.name}
        measure(model, safe)
        measure(model, both)
        pairs = [(measure(model, safe), measure(model, both)) for _ in range(rounds)]
        for one, two in pairs:
            say(f"  {prop.name}: {one.wall:.2f} s and {two.wall:.2f} s")
        wall = median(two.wall / one.wall for one, two in pairs)
        processor = median(two.processor / one.processor for one, two in pairs)
        tlc = tlc_seconds(prop.name)
        yield (
            f"| {prop.name} | {STATES:,} | {median(p[0].wall for p in pairs):.2f} | "
            f"{median(p[1].wall for p in pairs):.2f} | {wall:.1f} | {processor:.1f} | "
            f"{'-' if tlc is None else f'{tlc:.0f}'} |\n"
        )


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.liveness")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    model = read_spec(str(SPEC), {"RM": MANAGERS})
    text = (
        f"# What temporal properties cost\n\n{describe()}\n\n"
        f"`TwoPhaseLive` with {MANAGERS} managers, medians of {options.rounds} rounds, "
        "the first of each kind left out. Times are of the whole check, in seconds; "
        "*times* is with the property over without it.\n\n"
        "| property | states | safety | with it | times | times, processor | TLC |\n"
        "| --- | --: | --: | --: | --: | --: | --: |\n"
        f"{''.join(rows(model, options.rounds))}"
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "liveness.md").write_text(text, encoding="utf-8")
    say(text)


if __name__ == "__main__":
    main()
