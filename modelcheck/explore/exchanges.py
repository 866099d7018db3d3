"""Exchanges and keys of members as Python functions on packed states."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from modelcheck.layout.exchanging import Change, Program
from modelcheck.layout.packing import Packing
from modelcheck.layout.sorting import Keys, Piece
from modelcheck.model.permuting import Condition

PackedExchange = Callable[[int], int]
"""From a packed state to the one in which two members are exchanged."""


def make_exchange(packing: Packing, program: Program) -> PackedExchange:
    """The function that runs `program`."""
    lines = ["def exchange(s):"]
    for move in program.moves:
        lines.append(f" d = (s ^ s >> {move.distance}) & {move.mask}")
        lines.append(f" s ^= d | d << {move.distance}")
    for change in program.changes:
        lines += _change(packing, change)
    return cast(PackedExchange, _made("exchange", [*lines, " return s"]))


def make_keys(packing: Packing, keys: Keys) -> Callable[[int], list[int]]:
    """The function from a packed state to the key of each member."""
    shown = [_key(packing, pieces) for pieces in keys.pieces]
    lines = ["def keys(s):", f" return [{', '.join(shown)}]"]
    return cast(Callable[[int], list[int]], _made("keys", lines))


def _made(name: str, lines: list[str]) -> object:
    namespace: dict[str, object] = {}
    text = "\n".join(lines)
    exec(compile(text, f"<{name}>", "exec"), namespace)  # noqa: S102 - ours
    return namespace[name]


def _change(packing: Packing, change: Change) -> list[str]:
    """Change a value, which is a member, or the members of a set."""
    place = packing.fields[change.cell]
    indent = " "
    lines = []
    if change.conditions:
        lines.append(f" if {_test(packing, change.conditions)}:")
        indent = "  "
    if change.kind.is_mask:
        for low, high in change.kind.pairs:
            one, two = place.shift + low, place.shift + high
            lines.append(f"{indent}d = (s >> {one} ^ s >> {two}) & 1")
            lines.append(f"{indent}s ^= d << {one} | d << {two}")
        return lines
    raw = f"s >> {place.shift} & {place.mask}"
    flips = {}
    for one, two in change.kind.pairs:
        flip = (one - place.lo) ^ (two - place.lo)
        flips[one - place.lo] = flips[two - place.lo] = flip << place.shift
    lines.append(f"{indent}s ^= {flips}.get({raw}, 0)")
    return lines


def _test(packing: Packing, conditions: tuple[Condition, ...]) -> str:
    tests = []
    for cell, values in conditions:
        place = packing.fields[cell]
        raw = sorted(value - place.lo for value in values)
        tests.append(f"(s >> {place.shift} & {place.mask}) in {{{_listed(raw)}}}")
    return " and ".join(tests)


def _listed(values: list[int]) -> str:
    return ", ".join(map(str, values)) or "-1"


def _key(packing: Packing, pieces: tuple[Piece, ...]) -> str:
    shift = 0
    parts = []
    for piece in reversed(pieces):
        text = f"s >> {piece.shift} & {(1 << piece.width) - 1}"
        if piece.equals is not None:
            text = f"({text}) == {piece.equals}"
            if piece.conditions:
                text = f"({text}) and {_test(packing, piece.conditions)}"
        parts.append(f"({text}) << {shift}")
        shift += piece.size
    return " | ".join(parts) or "0"
