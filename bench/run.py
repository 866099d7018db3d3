"""The benchmark against the peers: `python -m bench`.

Every tool searches every model once in each round, one after the other, so that what
else the machine does meets all of them. Shown are medians and ratios; two tools that
count differently are a failure. See `bench/README.md`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Protocol

from bench.machine import describe
from bench.measure import Measured, Unusable
from bench.models import LARGE, QUICK, Bench
from bench.ours import Ours, insert_rate
from bench.peers_run import Spin, Tlc

RESULTS = Path(__file__).parent / "results"
ONE, TWO = "modelcheck -w 1", "modelcheck -w 2"
BREADTH, DEPTH = "SPIN breadth-first", "SPIN depth-first"


def _agree(counted: tuple[int, int], expected: tuple[int, int]) -> bool:
    """Whether counts are equal; above ten million, to the digits that SPIN prints."""
    return all(
        one == two or (two > 10_000_000 and abs(one - two) < two * 5e-6)
        for one, two in zip(counted, expected, strict=True)
    )


class Tool(Protocol):
    """Something that searches one model."""

    def run(self) -> Measured:
        """Search once."""


@dataclass
class Result:
    """All rounds of one model; `limit` is the machine's own, in inserts a second."""

    bench: Bench
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    limit: float = 0.0
    bytes_a_state: float = 0.0

    def rate(self, tool: str) -> float:
        """Distinct states per second of processor time (two workers: of the clock)."""
        return median(
            run.distinct / (run.wall if tool == TWO else run.processor)
            for run in self.runs[tool]
        )

    def user_rate(self, tool: str) -> float:
        """Distinct states per second of processor time, the system's left out."""
        return median(
            run.distinct / max(run.processor - run.system, 1e-9)
            for run in self.runs[tool]
        )

    def system(self, tool: str) -> float:
        """The share of the processor time that the system took, to clear pages."""
        return median(run.system / max(run.processor, 1e-9) for run in self.runs[tool])

    def wall(self, tool: str) -> float:
        """Seconds of the clock."""
        return median(run.wall for run in self.runs[tool])

    @property
    def mismatches(self) -> list[str]:
        """Runs that counted something else than they should."""
        expected = self.bench.distinct, self.bench.transitions
        return [
            f"{self.bench.name}: {tool} counted {run.distinct:,} states and "
            f"{run.transitions:,} transitions, not {expected[0]:,} and {expected[1]:,}"
            for tool, runs in self.runs.items()
            for run in runs
            if not _agree((run.distinct, run.transitions), expected)
        ]


def say(text: str) -> None:
    """Tell the user at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def make_tools(
    bench: Bench, folder: Path, skipped: set[str], without: Sequence[str]
) -> Mapping[str, Tool]:
    """The tools that can be used here, in the order in which they run."""
    found: dict[str, Tool] = {ONE: Ours(bench, 1), TWO: Ours(bench, 2)}
    for name, make in (
        (BREADTH, lambda: Spin(bench, folder, is_breadth_first=True)),
        (DEPTH, lambda: Spin(bench, folder, is_breadth_first=False)),
        ("TLC", lambda: Tlc(bench)),
    ):
        if name in without:
            continue
        try:
            found[name] = make()
        except Unusable as error:
            reason = f"{name} is skipped: {error}"
            if reason not in skipped:
                skipped.add(reason)
                say(reason)
    return found


def run_model(
    bench: Bench, rounds: int, skipped: set[str], without: Sequence[str] = ()
) -> Result:
    """All rounds of one model."""
    result = Result(bench)
    with tempfile.TemporaryDirectory() as folder:
        tools = dict(make_tools(bench, Path(folder), skipped, without))
        for number in range(rounds):
            for name in list(tools):
                try:
                    run = tools[name].run()
                except Unusable as error:
                    say(f"{name} is skipped: {error}")
                    del tools[name]
                    continue
                result.runs.setdefault(name, []).append(run)
                rate = run.distinct / run.wall / 1e6
                say(f"  {bench.name} round {number + 1}: {name} {run.wall:.2f} s "
                    f"{rate:.2f} million states/s")  # fmt: skip
            ours = tools[ONE]
            assert isinstance(ours, Ours)
            limit = insert_rate(ours.model, bench.distinct)
            result.limit = max(result.limit, limit)
            result.bytes_a_state = ours.bytes_a_state
    return result


def table(results: Sequence[Result]) -> str:
    """The Markdown table."""
    peers = [
        tool
        for tool in (BREADTH, DEPTH, "TLC")
        if any(tool in result.runs for result in results)
    ]
    head = ["model", "states", "transitions", "million states/s", "two workers"]
    head += [f"times {peer}" for peer in peers]
    if BREADTH in peers:
        head.append(f"times {BREADTH}, user time")
    head += ["of the insert limit", "in the system", "bytes a state"]
    lines = [_row(head), _row(["---", *["--:"] * (len(head) - 1)])]
    for result in results:
        bench, rate = result.bench, result.rate(ONE)
        cells = [
            bench.name,
            f"{bench.distinct:,}",
            f"{bench.transitions:,}",
            f"{rate / 1e6:.1f}",
            f"x {result.wall(ONE) / result.wall(TWO):.2f}",
        ]
        for peer in peers:
            is_there = peer in result.runs
            cells.append(f"{rate / result.rate(peer):.1f}" if is_there else "-")
        if BREADTH in result.runs:
            ratio = result.user_rate(ONE) / result.user_rate(BREADTH)
            cells.append(f"{ratio:.1f}")
        elif BREADTH in peers:
            cells.append("-")
        share = rate * bench.transitions / bench.distinct / result.limit
        system = f"{result.system(ONE):.0%}"
        cells += [f"{share:.2f}", system, f"{result.bytes_a_state:.0f}"]
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def report(results: Sequence[Result], rounds: int, skipped: set[str]) -> str:
    """The whole result as Markdown."""
    notes = "".join(f"- {reason}\n" for reason in sorted(skipped))
    return (
        f"# Benchmark\n\n{describe()}\n\nMedians of {rounds} interleaved rounds.\n\n"
        f"{table(results)}\n"
        "Rates are distinct states per second of processor time; the gain of two "
        "workers is in seconds of the clock. The insert limit is in random inserts, "
        "of which a search does one for each transition, into memory that has been "
        "touched before. *In the system* is the share of the search's processor time "
        "that Linux took, nearly all of it to clear pages that are used for the first "
        "time; in a virtual machine that is several times slower than on a real one.\n"
        f"{notes}"
    )


def main() -> int:
    """Run the benchmark; 1 if counts differ."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--large", action="store_true", help="the models of the bars")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", action="append", help="only this one")
    parser.add_argument("--without", action="append", default=[], metavar="TOOL")
    options = parser.parse_args()
    chosen = [
        bench
        for bench in (LARGE if options.large else QUICK)
        if options.model is None or bench.name in options.model
    ]
    skipped: set[str] = set()
    results = [
        run_model(bench, options.rounds, skipped, options.without) for bench in chosen
    ]
    text = report(results, options.rounds, skipped)
    RESULTS.mkdir(exist_ok=True)
    name = "large.md" if options.large else "quick.md"
    (RESULTS / name).write_text(text, encoding="utf-8")
    say(text)
    mismatches = [line for result in results for line in result.mismatches]
    for line in mismatches:
        say(f"MISMATCH {line}")
    return 1 if mismatches else 0
