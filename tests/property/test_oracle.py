"""The oracle's report; `oracle.py` says what is compared."""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

from tests.property.oracle import Record, judge_all, report
from tests.property.oracle_models import FAMILIES

LEAST_GENERATED = 2_000
"""So many generated models are read and searched."""

LEAST_VIOLATED = 0.3
"""The share of generated models with a violated property."""

LEAST_LARGE = 100
"""So many generated models have more than a thousand states."""

LEAST_SYMMETRIC = 300
"""So many generated models have Scalarsets that are reduced."""

MOST_WIDE = 5
"""So many may have a step that can go on in more ways than code has room for."""


# The designs take minutes, and test_designs.py searches them, too; with
# MODELCHECK_ORACLE=all they are judged here like the others.
def test_every_way_to_search_finds_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    is_all = "MODELCHECK_ORACLE" in os.environ
    records = judge_all([name for name in FAMILIES if is_all or name != "design"])
    with capsys.disabled():
        sys.stdout.write(f"\n{report(records)}\n")
    assert {r.name: r.fault for r in records if r.fault} == {}
    _require_variety([r for r in records if FAMILIES[r.family].is_generated])
    assert all(r.states for r in records if not FAMILIES[r.family].is_generated)


def _require_variety(records: list[Record]) -> None:
    """Require that the generated models are worth their time."""
    assert sum(record.is_wide for record in records) <= MOST_WIDE
    searched = [r for r in records if not r.is_refused and not r.is_wide]
    assert len(searched) >= LEAST_GENERATED
    is_violated = ("property", "violated")
    violated = sum(is_violated in record.verdicts for record in searched)
    assert violated >= LEAST_VIOLATED * len(searched)
    assert sum(record.states > 1_000 for record in searched) >= LEAST_LARGE
    assert sum(record.permutations > 1 for record in searched) >= LEAST_SYMMETRIC
    assert sum(record.is_interpreted for record in searched) >= LEAST_GENERATED * 0.8
    found: Counter[tuple[str, str]] = Counter()
    for record in searched:
        found.update(record.verdicts)
    for kind in ("property", "goal"):
        for word in ("holds", "violated", "bounded"):
            assert found[kind, word] >= 100, (kind, word)
    assert max(record.words for record in searched) >= 8
