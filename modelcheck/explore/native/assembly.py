"""LLVM assembly as text: functions with values, blocks, loops and variables.

Text, and not the object builder of llvmlite: it is typed (values are strings), several
times faster to write, and can be read in a test. Constants and names are both operands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

ATTRIBUTES = '"min-legal-vector-width"="512" "prefer-vector-width"="512" nounwind'
"""Without the first two, LLVM halves vectors on processors that may clock down."""


class Function:
    """One function while it is written; `let` adds an instruction with a result."""

    def __init__(
        self,
        name: str,
        *arguments: str,
        result: str = "void",
        linkage: str = "internal",
    ) -> None:
        self.name = name
        self.result = result
        self._head = f"define {linkage} {result} @{name}({', '.join(arguments)})"
        self._variables: list[str] = []
        self._lines: list[str] = []
        self._number = 0
        self._block = "start"
        self._is_open = True
        self.attributes = ATTRIBUTES

    @property
    def text(self) -> str:
        """The definition."""
        body = "\n".join(self._lines)
        variables = "\n".join([*self._variables, "  br label %start"])
        head = f"{self._head} {self.attributes}"
        return f"{head} {{\nentry:\n{variables}\nstart:\n{body}\n}}\n"

    @property
    def block(self) -> str:
        """The block that is being written, for the `phi` of a block behind it."""
        return self._block

    @property
    def is_open(self) -> bool:
        """Whether what is added next can be reached from what was added last."""
        return self._is_open

    def name_of(self, hint: str = "v") -> str:
        """A name that is not used yet."""
        self._number += 1
        return f"%{hint}{self._number}"

    def let(self, instruction: str, name: str = "") -> str:
        """Add an instruction; its result."""
        name = name or self.name_of()
        self._lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """Add an instruction without a result."""
        self._lines.append(f"  {instruction}")

    def load(self, pointer: str, type_: str = "i64", align: int = 8) -> str:
        """Read memory."""
        return self.let(f"load {type_}, ptr {pointer}, align {align}")

    def store(
        self, value: str, pointer: str, type_: str = "i64", align: int = 8
    ) -> None:
        """Write memory."""
        self.do(f"store {type_} {value}, ptr {pointer}, align {align}")

    def at(self, pointer: str, index: str | int, type_: str = "i64") -> str:
        """The address of element `index` behind `pointer`."""
        return self.let(f"getelementptr {type_}, ptr {pointer}, i64 {index}")

    def variable(self, type_: str = "i64") -> str:
        """A place in the function's frame; LLVM makes a register of it."""
        name = self.name_of("x")
        self._variables.append(f"  {name} = alloca {type_}")
        return name

    # Blocks.

    def label(self, hint: str = "b") -> str:
        """The name of a block to be begun later."""
        return self.name_of(hint)[1:]

    def begin(self, label: str) -> None:
        """Begin the block `label`; falls through to it from an open block."""
        if self._is_open:
            self.jump(label)
        self._lines.append(f"{label}:")
        self._block = label
        self._is_open = True

    def jump(self, label: str) -> None:
        """End the block."""
        self.do(f"br label %{label}")
        self._is_open = False

    def branch(self, cond: str, yes: str, no: str, *, rarely: bool = False) -> None:
        """End the block; `rarely` says that `yes` is seldom taken."""
        weights = ", !prof !0" if rarely else ""
        self.do(f"br i1 {cond}, label %{yes}, label %{no}{weights}")
        self._is_open = False

    def switch(self, value: str, type_: str, default: str, cases: str) -> None:
        """End the block; `cases` are constants with the labels that they go to."""
        self.do(f"switch {type_} {value}, label %{default} [ {cases} ]")
        self._is_open = False

    def ret(self, value: str = "") -> None:
        """End the function."""
        self.do(f"ret {self.result} {value}" if value else "ret void")
        self._is_open = False

    @contextmanager
    def when(self, cond: str, *, rarely: bool = False) -> Iterator[None]:
        """What is written inside runs if `cond`."""
        yes, behind = self.label("then"), self.label("behind")
        self.branch(cond, yes, behind, rarely=rarely)
        self.begin(yes)
        yield
        self.begin(behind)

    @contextmanager
    def loop(self, start: str | int, stop: str | int, step: int = 1) -> Iterator[str]:
        """Count from `start` up to and without `stop`; gives the counter, an i64."""
        head, body = self.label("head"), self.label("body")
        latch, behind = self.label("latch"), self.label("behind")
        before = self._block
        self.jump(head)
        self.begin(head)
        following = self.name_of("next")
        counter = self.let(f"phi i64 [ {start}, %{before} ], [ {following}, %{latch} ]")
        self.branch(self.let(f"icmp slt i64 {counter}, {stop}"), body, behind)
        self.begin(body)
        yield counter
        self.begin(latch)
        self.let(f"add nsw i64 {counter}, {step}", following)
        self.jump(head)
        self.begin(behind)

    def minimum(self, one: str, two: str | int) -> str:
        """The smaller of two signed numbers."""
        is_less = self.let(f"icmp slt i64 {one}, {two}")
        return self.let(f"select i1 {is_less}, i64 {one}, i64 {two}")


PROFILE = '!0 = !{!"branch_weights", i32 1, i32 2000}\n'
"""The weights of a branch that is rarely taken."""
