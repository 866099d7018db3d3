"""Random specs: CPython, the interpreter, the explorer and the solver must agree."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from modelcheck.reader.errors import SpecError
from modelcheck.reader.read import read_spec
from tests.property.judging import Effort, judge, judge_symmetry, most_choices
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


SYMMETRIC = 150
"""How many specs are searched with symmetry and without."""


def test_generated_symmetries(tmp_path: Path) -> None:
    """Loops over members make their order felt in some specs, and in most not."""
    met: Counter[str] = Counter()
    path = tmp_path / "generated.py"

    @settings(
        max_examples=SYMMETRIC,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def check(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        try:
            model = read_spec(str(path), {"Dev": 3})
        except SpecError:
            return
        if most_choices(model) <= Effort().choices:
            reduction = judge_symmetry(model, Effort().bound)
            met["reduced" if reduction is not None and reduction.axes else "whole"] += 1

    assert judge(SIMPLEST, tmp_path, Effort()) is not None
    check()
    assert met["reduced"] >= SYMMETRIC // 2
    assert met["whole"]
