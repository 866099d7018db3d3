"""Entries of the visited set: hashes, addresses, and comparing a line of eight."""

from __future__ import annotations

from collections.abc import Sequence

from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.steps import area

NUMBER_BITS = 40
TAG_BITS = 64 - NUMBER_BITS
"""A number of a state has so many bits in an entry, a tag the others."""

MIXER = 0x9E3779B97F4A7C15 - (1 << 64)
SECOND = 0xD6E8FEB86659FD93 - (1 << 64)
LINE = "<8 x i64>"
"""A line of the cache: one bucket."""


def mix(f: Function, value: str) -> str:
    """A hash of one word: both halves of a product."""
    wide = f.let(f"zext i64 {value} to i128")
    product = f.let(f"mul i128 {wide}, {MIXER + (1 << 64)}")
    high = f.let(f"trunc i128 {f.let(f'lshr i128 {product}, 64')} to i64")
    low = f.let(f"trunc i128 {product} to i64")
    return f.let(f"xor i64 {high}, {low}")


def mix_words(f: Function, words: list[str]) -> str:
    """A hash of several words."""
    value = "0"
    for word in words:
        value = mix(f, f.let(f"xor i64 {word}, {f.let(f'add i64 {value}, {SECOND}')}"))
    return mix(f, f.let(f"xor i64 {value}, {SECOND}"))


_ONES = (1 << 64) - 1


def fingerprint(words: Sequence[int]) -> int:
    """The hash that a compact table stores for a state with these words."""
    value = 0
    for word in words:
        value = _mix(word ^ (value + SECOND & _ONES))
    return max(_mix(value ^ SECOND & _ONES), 1)


def _mix(value: int) -> int:
    product = value * (MIXER & _ONES)
    return product >> 64 ^ product & _ONES


class EntryWriter:
    """Writes what all functions of the visited set need."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.layout = options.layout
        self.words = options.layout.words

    def _successor(self, f: Function, work: str, place: str) -> list[str]:
        columns = (area(f, work, self.layout.outside(w)) for w in range(self.words))
        return [f.load(f.at(column, place)) for column in columns]

    def _hash(self, f: Function, words: list[str]) -> str:
        if self.options.is_direct:
            return mix(f, words[0])
        hashed = mix_words(f, words)
        if self.options.is_compact:
            hashed = f.let(f"call i64 @llvm.umax.i64(i64 {hashed}, i64 1)")
        return hashed

    def _bucket(self, f: Function, table: str, hashed: str, buckets: str) -> str:
        number = f.let(f"and i64 {hashed}, {buckets}")
        return f.at(table, f.let(f"shl i64 {number}, 6"), "i8")

    def _tag(self, f: Function, hashed: str) -> str:
        """The high bits of a hash, where an entry has them."""
        return f.let(f"and i64 {hashed}, {-(1 << NUMBER_BITS)}")

    def _lanes(self, f: Function, mask: str) -> str:
        packed = f.let(f"bitcast <8 x i1> {mask} to i8")
        return f.let(f"zext i8 {packed} to i32")

    def _equal(self, f: Function, line: str, value: str) -> str:
        """Which entries of a line are `value`, as bits."""
        one = f.let(f"insertelement {LINE} poison, i64 {value}, i64 0")
        wide = f.let(
            f"shufflevector {LINE} {one}, {LINE} poison, <8 x i32> zeroinitializer"
        )
        return self._lanes(f, f.let(f"icmp eq {LINE} {line}, {wide}"))

    def _empty(self, f: Function, line: str) -> str:
        return self._lanes(f, f.let(f"icmp eq {LINE} {line}, zeroinitializer"))

    def _same_tag(self, f: Function, line: str, tag: str) -> str:
        """Which entries of a line have this tag and are not empty, as bits."""
        one = f.let(f"insertelement {LINE} poison, i64 {tag}, i64 0")
        wide = f.let(
            f"shufflevector {LINE} {one}, {LINE} poison, <8 x i32> zeroinitializer"
        )
        differs = f.let(f"xor {LINE} {line}, {wide}")
        limit = f"splat (i64 {1 << NUMBER_BITS})"
        is_it = f.let(f"icmp ult {LINE} {differs}, {limit}")
        is_full = f.let(f"icmp ne {LINE} {line}, zeroinitializer")
        return self._lanes(f, f.let(f"and <8 x i1> {is_it}, {is_full}"))

    def _first(self, f: Function, bits: str) -> str:
        number = f.let(f"call i32 @llvm.cttz.i32(i32 {bits}, i1 false)")
        return f.let(f"zext i32 {number} to i64")

    def _address(self, f: Function, states: str, entry: str) -> str:
        """The address of the state that an entry points to."""
        number = f.let(f"and i64 {entry}, {(1 << NUMBER_BITS) - 1}")
        number = f.let(f"sub i64 {number}, 1")
        return f.at(states, f.let(f"mul i64 {number}, {self.words}"))
