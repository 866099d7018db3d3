"""The counts of our own models with processes, counted again in CPython."""

from __future__ import annotations

import pytest

from tests.corpus.cases import CASES
from tests.corpus.reading import class_of
from tests.corpus.recount import Recount, recount

STARTING_AT_ONCE = {
    "lock_order": frozenset[str](),
    "one_order": frozenset[str](),
    "lock_twice": frozenset[str](),
    "lost_update": frozenset[str](),
    "update_under_mutex": frozenset({"increment(wor0)", "increment(wor1)"}),
    "permits": frozenset[str](),
    "shared_table": frozenset({"write"}),
    "served": frozenset({"serve"}),
    "unserved": frozenset({"serve"}),
}
"""By case, the processes whose first statement is an await."""


@pytest.mark.parametrize("name", STARTING_AT_ONCE)
def test_recount(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    found = recount(class_of(case), STARTING_AT_ONCE[name])
    assert found == Recount(case.distinct or 0, case.generated or 0, case.depth or 0)
