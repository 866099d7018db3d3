"""Random specs: CPython, the interpreter, the explorer and the solver must agree."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.property.judging import Effort, judge
from tests.property.specs import HEADER, specs

IS_LONG = "MODELCHECK_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("MODELCHECK_EXAMPLES", "300"))
"""How many specs to generate; a long run at home takes some ten thousand.

Only a long run makes a failing spec smaller, which can take minutes.
"""

LEAST_READ = 0.8
"""The share of generated specs that the reader must accept."""


SIMPLEST = (
    HEADER
    + """
    flag: bool = False

    @action
    def switch(self) -> None:
        self.flag = not self.flag
"""
)


def test_generated_specs(tmp_path: Path) -> None:
    met: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=not IS_LONG,
        database=None,
        phases=tuple(Phase) if IS_LONG else (Phase.explicit, Phase.generate),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def check(text: str) -> None:
        met["specs"] += 1
        tallies = judge(text, tmp_path, Effort())
        if tallies is not None:
            met["read"] += 1
            met["steps"] += sum(tally.steps for tally in tallies)
            met["failures"] += sum(tally.failures for tally in tallies)
            met["stutters"] += sum(tally.stutters for tally in tallies)
            met["formulas"] += sum(tally.formulas for tally in tallies)

    # The interpreter raises the recursion limit, which Hypothesis wants to see settled.
    assert judge(SIMPLEST, tmp_path, Effort()) is not None
    check()
    assert met["read"] >= LEAST_READ * met["specs"], "the reader refuses too many"
    # Walks go somewhere, meet failing checks, and suspensions that the model left out.
    assert met["steps"] >= 10 * met["specs"]
    assert met["failures"]
    assert met["stutters"]
    assert met["formulas"] >= 5 * met["specs"]
