"""How fast the compiled explorer is, and how much faster than the interpreter.

Both search the same model in the same run, measured in processor time; the interpreter
is given some seconds and need not finish. Absolute figures depend on the machine, the
ratio much less.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from time import process_time

from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Counts, Engine, Limits, Silence

ROOT = Path(__file__).parents[1]
DEFAULT = (
    str(ROOT / "specs" / "replace_domain.py"),
    str(ROOT / "tests" / "corpus" / "specs" / "simple_regular.py"),
)
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What an engine found, and the processor time that it took."""

    counts: Counts
    seconds: float

    @property
    def rate(self) -> float:
        """Transitions per second."""
        return self.counts.generated / max(self.seconds, 1e-9)


def measure(engine: Engine, model: Model, limits: Limits) -> Measured:
    """One run, code generation included."""
    start = process_time()
    found = engine.run(model, limits, Silence())
    assert found.counts is not None
    return Measured(found.counts, process_time() - start)


def compare(spec: str, seconds: float) -> str:
    """One line on the model that `spec` (`file.py` or `file.py::Name`) describes."""
    model = read_spec(spec, scopes={}, preempt="await")
    runs = (measure(Explorer(), model, Limits()) for _ in range(ROUNDS))
    fast = max(runs, key=attrgetter("rate"))
    slow = measure(Reference(), model, Limits(seconds=seconds))
    return (
        f"{model.name:<16} {len(model.steps):>5} steps "
        f"{fast.counts.distinct:>10,} states {fast.counts.generated:>11,} transitions "
        f"{fast.rate:>11,.0f}/s {slow.rate:>9,.0f}/s interpreted "
        f"{fast.rate / slow.rate:>6.0f} times\n"
    )


def main() -> None:
    """Compare on the specs given, or on two of ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("specs", nargs="*", default=DEFAULT)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    for spec in options.specs:
        sys.stdout.write(compare(spec, options.seconds))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
