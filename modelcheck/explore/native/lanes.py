"""Lanes: the same code for one state at a time or for eight in a vector.

A value of a term is a vector with one element for each state of a *group*. Where the
processor has AVX-512, a group has eight states and a list can be filtered in three
instructions; elsewhere it has one, and everything below degenerates to scalars.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelcheck.explore.native.assembly import Function

WORD = 64


@dataclass(frozen=True, slots=True)
class Lanes:
    """How many states a group has, and how LLVM spells what is done to a group."""

    count: int

    def type_(self, bits: int) -> str:
        """The type of a group of integers of `bits` bits."""
        return f"i{bits}" if self.count == 1 else f"<{self.count} x i{bits}>"

    def const(self, bits: int, value: int) -> str:
        """The constant `value` in every lane."""
        if bits == 1:
            literal = "true" if value else "false"
        else:
            # LLVM reads decimal constants as signed.
            value &= (1 << bits) - 1
            literal = str(value - (1 << bits) if value >> (bits - 1) else value)
        return literal if self.count == 1 else f"splat (i{bits} {literal})"

    def suffix(self, bits: int) -> str:
        """The end of the name of an intrinsic function."""
        return f"i{bits}" if self.count == 1 else f"v{self.count}i{bits}"

    def spread(self, f: Function, value: str, bits: int) -> str:
        """`value`, which is one number, in every lane."""
        if self.count == 1:
            return value
        type_ = self.type_(bits)
        one = f.let(f"insertelement {type_} poison, i{bits} {value}, i64 0")
        return f.let(
            f"shufflevector {type_} {one}, {type_} poison, "
            f"<{self.count} x i32> zeroinitializer"
        )

    def numbers(self) -> str:
        """The constant 0, 1, 2 ... in 64 bits."""
        if self.count == 1:
            return "0"
        return f"<{', '.join(f'i64 {lane}' for lane in range(self.count))}>"

    def bits(self, f: Function, mask: str) -> str:
        """A mask as an integer of 64 bits, lane 0 the lowest."""
        if self.count == 1:
            return f.let(f"zext i1 {mask} to i64")
        packed = f.let(f"bitcast {self.type_(1)} {mask} to i{self.count}")
        return f.let(f"zext i{self.count} {packed} to i64")

    def any(self, f: Function, mask: str) -> str:
        """Whether `mask` is true in some lane."""
        if self.count == 1:
            return mask
        packed = f.let(f"bitcast {self.type_(1)} {mask} to i{self.count}")
        return f.let(f"icmp ne i{self.count} {packed}, 0")

    def number_of(self, f: Function, mask: str) -> str:
        """In how many lanes `mask` is true."""
        bits = self.bits(f, mask)
        if self.count == 1:
            return bits
        return f.let(f"call i64 @llvm.ctpop.i64(i64 {bits})")

    def first(self, f: Function, length: str) -> str:
        """The mask of the lanes whose number is below `length`."""
        if self.count == 1:
            return f.let(f"icmp sgt i64 {length}, 0")
        wide = self.spread(f, length, WORD)
        type_ = self.type_(WORD)
        return f.let(f"icmp slt {type_} {self.numbers()}, {wide}")

    def compress(self, f: Function, value: str, bits: int, mask: str) -> str:
        """The lanes of `value` where `mask` is true, moved to the front."""
        if self.count == 1:
            return value
        type_, suffix = self.type_(bits), self.suffix(bits)
        return f.let(
            f"call {type_} @llvm.experimental.vector.compress.{suffix}("
            f"{type_} {value}, {self.type_(1)} {mask}, {type_} zeroinitializer)"
        )

    def gather(self, f: Function, base: str, index: str) -> str:
        """The words number `index` behind `base`; `index` has 64 bits."""
        if self.count == 1:
            return f.load(f.at(base, index))
        addresses = f.let(f"getelementptr i64, ptr {base}, {self.type_(WORD)} {index}")
        count, type_ = self.count, self.type_(WORD)
        return f.let(
            f"call {type_} @llvm.masked.gather.v{count}i64.v{count}p0("
            f"<{count} x ptr> align 8 {addresses}, "
            f"{self.type_(1)} splat (i1 true), {type_} poison)"
        )

    def both(self, f: Function, one: str, two: str) -> str:
        """Conjunction of masks."""
        true = self.const(1, 1)
        if true in (one, two):
            return two if one == true else one
        return f.let(f"and {self.type_(1)} {one}, {two}")

    def either(self, f: Function, one: str, two: str) -> str:
        """Disjunction of masks."""
        false = self.const(1, 0)
        if false in (one, two):
            return two if one == false else one
        return f.let(f"or {self.type_(1)} {one}, {two}")

    def negate(self, f: Function, mask: str) -> str:
        """Negation of a mask."""
        return f.let(f"xor {self.type_(1)} {mask}, {self.const(1, 1)}")

    def choose(self, f: Function, cond: str, one: str, two: str, bits: int) -> str:
        """`one` where `cond` is true, `two` elsewhere."""
        if one == two:
            return one
        type_ = self.type_(bits)
        return f.let(f"select {self.type_(1)} {cond}, {type_} {one}, {type_} {two}")


def declarations(text: str) -> str:
    """Declarations of the intrinsic functions that `text` calls."""
    import re

    calls = set(
        re.findall(
            r"call (\S+|<\d+ x \w+>|\{[^}]*\}) @(llvm\.[\w.]+)\(([^\n]*)\)", text
        )
    )
    found: dict[str, str] = {}
    for result, name, arguments in calls:
        kinds = ", ".join(_types(arguments))
        found[name] = f"declare {result} @{name}({kinds})"
    return "\n".join(found[name] for name in sorted(found)) + "\n"


def _types(arguments: str) -> list[str]:
    """The types of an argument list, which LLVM wants repeated in a declaration."""
    found: list[str] = []
    depth = 0
    word = ""
    for char in arguments + ",":
        if char == "," and not depth:
            text = word.strip()
            end = text.index(">") + 1 if text.startswith("<") else len(text.split()[0])
            found.append(text[:end])
            word = ""
            continue
        depth += char in "<("
        depth -= char in ">)"
        word += char
    return found
