"""Forecasts of the end of a search, from levels of real models and of exact curves."""

from __future__ import annotations

from math import exp
from pathlib import Path

import pytest

from modelcheck.explore.forecast import Outlook, duration, expected_total, short
from modelcheck.explore.native import NativeExplorer
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Limits, Silence

ROOT = Path(__file__).parents[3]
MODELS = [
    ("specs/attach_without_groups_2008.py", {}),
    ("tests/corpus/specs/two_phase.py", {"RM": 7}),
    ("tests/corpus/specs/dining.py::Dining", {"Philosopher": 11}),
]


@pytest.fixture(scope="module")
def curves() -> list[tuple[int, ...]]:
    found = []
    for spec, scopes in MODELS:
        model = read_spec(str(ROOT / spec), scopes)
        explorer = NativeExplorer(1, 1 << 28)
        limits = Limits(properties=frozenset())
        counts = explorer.run(model, limits, Silence()).counts
        assert counts is not None
        found.append(counts.levels)
    return found


def upto(levels: tuple[int, ...], share: float) -> tuple[int, ...]:
    """The first levels that have `share` of the states."""
    number = 1
    while sum(levels[:number]) < share * sum(levels):
        number += 1
    return levels[:number]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_real_searches_are_foreseen_within_a_factor(
    curves: list[tuple[int, ...]], share: float
) -> None:
    for levels in curves:
        total = expected_total(upto(levels, share))
        assert total is not None
        assert 1 / 2 < total / sum(levels) < 2


def test_a_perfect_parabola_is_met() -> None:
    levels = [round(exp(10 - (n - 20) ** 2 / 40)) for n in range(41)]
    for number in (18, 22, 30):
        total = expected_total(levels[:number])
        assert total is not None
        assert abs(total / sum(levels) - 1) < 0.2


@pytest.mark.parametrize(
    "levels", [[], [1, 2, 4], [2**n for n in range(20)], [5] * 30, [7, 0] * 9]
)
def test_what_cannot_be_foreseen_is_not(levels: list[int]) -> None:
    assert expected_total(levels) is None


def test_the_outlook_says_what_it_knows() -> None:
    outlook = Outlook()
    assert not outlook.text([1, 2], 1, 1.0)
    assert outlook.text([1, 2], 1, 1.0, 0.25) == ", memory 25%"
    levels = [round(exp(14 - (n - 20) ** 2 / 40)) for n in range(41)]
    text = outlook.text(levels[:20], sum(levels[:19]), 60.0, 0.031)
    assert text == ", ~16M in all, 2 min left, memory 3%"
    # What is left to be found is nothing when all has been found.
    assert not outlook.text(levels, sum(levels) + 10**6, 60.0)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (1234, "1.2k"), (99_600, "100k"), (3_400_000, "3.4M"),
     (999_700, "1M"), (20_000_000_000, "20G")],
)  # fmt: skip
def test_numbers_are_short(number: int, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.4, "3 s"), (150, "2 min"), (9000, "2 h")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
