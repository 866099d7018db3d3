from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from modelcheck.trace.wrap import (
    ascii_only,
    command_lines,
    fold,
    fold_actor,
    fold_nested,
    packed,
    share,
)

texts = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")))


@given(texts, st.integers(1, 40))
def test_fold_keeps_everything_but_blanks(text: str, width: int) -> None:
    lines = fold(text, width)
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(texts, st.integers(10, 40))
def test_fold_nested_fits(text: str, width: int) -> None:
    assert all(len(line) <= width for line in fold_nested("    " + text, width))


def test_continuations_are_four_deeper_in_the_same_column() -> None:
    assert fold_nested("  call(first, second)", 18) == [
        "  call(first,",
        "      second)",
    ]


def test_breaks_behind_blanks_and_commas_before_names() -> None:
    assert fold("iommu_attach(dom, dev0)", 20) == ["iommu_attach(dom,", "    dev0)"]
    assert fold("a_rather_long_name", 12) == ["a_rather_", "    long_", "    name"]
    assert fold("unbroken", 6) == ["unbrok", "  en"]


@given(st.text())
def test_ascii_only(text: str) -> None:
    shown = ascii_only(text)
    assert shown.isascii()
    assert shown.isprintable()


def test_escapes_say_which_character_it_was() -> None:
    assert ascii_only("a\nb\u2192\U0001f427") == r"a\nb\u2192\U0001f427"


@given(st.lists(st.text("ab/0 '", min_size=1), min_size=1))
def test_a_folded_command_is_the_same_command(words: list[str]) -> None:
    lines = list(command_lines("Run:", words, 30))
    assert all(len(line) <= 30 for line in lines)
    joined = "".join(
        line[:-2] + " " if line.endswith(" \\") else line.removesuffix("\\")
        for line in lines
    )
    assert shlex.split(joined.removeprefix("Run:")) == words


@given(st.lists(st.text("ab: ", min_size=1)), st.integers(4, 30))
def test_packed_items_fit(items: list[str], width: int) -> None:
    lines = list(packed(items, width, 2))
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(items).split())


def test_items_that_fit_share_a_line() -> None:
    assert list(packed(["a: 1", "b: 2", "long: 3"], 14, 2)) == [
        "  a: 1  b: 2",
        "  long: 3",
    ]


def test_share_takes_from_the_widest() -> None:
    assert share([10, 30, 20], 50, (1, 1, 1)) == [10, 20, 20]
    assert share([10, 30], 20, (10, 15)) == [10, 15]


def test_an_actor_is_broken_before_its_arguments() -> None:
    assert fold_actor("driver_core(dev0)", 17) == ["driver_core(dev0)"]
    assert fold_actor("driver_core(dev0)", 11) == ["driver_core", "(dev0)"]
