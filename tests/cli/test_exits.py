"""Exit codes: what several specs add up to, and what a bisection needs."""

from __future__ import annotations

import pytest

from modelcheck.cli.exits import Exit, for_bisect, worst
from modelcheck.verdict.report import EXIT_CODES, NOT_CONCLUSIVE


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0], 0),
        ([0, 30], 30),
        ([30, 12, 0], 12),
        ([12, 11], 11),
        ([11, 14, 12], 14),
        ([14, 21], 21),
        ([21, 20, 0], 20),
    ],
)
def test_worst(codes: list[int], expected: int) -> None:
    assert worst(codes) == expected
    assert worst(reversed(codes)) == expected


def test_bisection_skips_what_gave_no_answer() -> None:
    skipped = {code for code in Exit if for_bisect(code) == 125}
    assert skipped == {20, 21, 30}
    assert all(for_bisect(code) == code for code in set(Exit) - skipped)


def test_codes_are_those_of_the_report() -> None:
    assert {*EXIT_CODES.values(), NOT_CONCLUSIVE} <= set(Exit)
    assert max(Exit) < 125
