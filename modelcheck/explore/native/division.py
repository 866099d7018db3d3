"""Division of 128 bits: LLVM calls these by name and leaves them to a C library.

Code in memory is not linked with one, so a module that may need them brings its own:
the long division of school, bit by bit. Wider divisions LLVM writes out itself.
"""

from __future__ import annotations

import re

from modelcheck.explore.native.assembly import Function

_SHORT = "i128"
_WIDE_DIVISION = re.compile(r" [us](div|rem) (<\d+ x )?i(?!64)")


def has_wide_division(text: str) -> bool:
    """Whether code divides numbers of other than 64 bits."""
    return _WIDE_DIVISION.search(text) is not None


def division_functions() -> str:
    """`__udivti3` and its three siblings."""
    parts = [_unsigned()]
    for name, wants_rest in (("__udivti3", False), ("__umodti3", True)):
        f = _function(name)
        f.ret(f.let(_call("%one", "%two", is_rest=wants_rest)))
        parts.append(f.text)
    for name, wants_rest in (("__divti3", False), ("__modti3", True)):
        parts.append(_signed(name, wants_rest=wants_rest))
    return "\n".join(parts)


def _function(name: str) -> Function:
    return Function(name, "i128 %one", "i128 %two", result=_SHORT, linkage="")


def _call(one: str, two: str, *, is_rest: bool) -> str:
    flag = "true" if is_rest else "false"
    return f"call i128 @long_division(i128 {one}, i128 {two}, i1 {flag})"


def _unsigned() -> str:
    """Quotient, or rest, of numbers without sign."""
    f = Function(
        "long_division", "i128 %one", "i128 %two", "i1 %is_rest", result=_SHORT
    )
    f.attributes += " noinline"
    rest, quotient = f.variable(_SHORT), f.variable(_SHORT)
    f.store("0", rest, _SHORT, 16)
    f.store("0", quotient, _SHORT, 16)
    with f.loop(0, 128) as number:
        wide = f.let(f"zext i64 {f.let(f'sub i64 127, {number}')} to i128")
        bit = f.let(f"and i128 {f.let(f'lshr i128 %one, {wide}')}, 1")
        # What is shifted out of the rest counts: the divisor may have its top bit set.
        old = f.load(rest, _SHORT, 16)
        is_large = f.let(f"icmp slt i128 {old}, 0")
        moved = f.let(f"or i128 {f.let(f'shl i128 {old}, 1')}, {bit}")
        fits = f.let(f"icmp uge i128 {moved}, %two")
        fits = f.let(f"or i1 {fits}, {is_large}")
        less = f.let(f"sub i128 {moved}, %two")
        f.store(f.let(f"select i1 {fits}, i128 {less}, i128 {moved}"), rest, _SHORT, 16)
        digit = f.let(f"zext i1 {fits} to i128")
        so_far = f.let(f"shl i128 {f.load(quotient, _SHORT, 16)}, 1")
        f.store(f.let(f"or i128 {so_far}, {digit}"), quotient, _SHORT, 16)
    one, two = f.load(rest, _SHORT, 16), f.load(quotient, _SHORT, 16)
    f.ret(f.let(f"select i1 %is_rest, i128 {one}, i128 {two}"))
    return f.text


def _signed(name: str, *, wants_rest: bool) -> str:
    """Division that rounds to zero; the rest has the sign of the first number."""
    f = _function(name)
    sizes = []
    for number in ("%one", "%two"):
        negated = f.let(f"sub i128 0, {number}")
        is_negative = f.let(f"icmp slt i128 {number}, 0")
        sizes.append(f.let(f"select i1 {is_negative}, i128 {negated}, i128 {number}"))
    result = f.let(_call(sizes[0], sizes[1], is_rest=wants_rest))
    signs = "%one" if wants_rest else f.let("xor i128 %one, %two")
    negated = f.let(f"sub i128 0, {result}")
    is_negative = f.let(f"icmp slt i128 {signs}, 0")
    f.ret(f.let(f"select i1 {is_negative}, i128 {negated}, i128 {result}"))
    return f.text
