"""Statements: the structured body of a step.

Bodies stay structured so that a compiled explorer never evaluates a branch that is not
taken. A body is a tuple of statements executed in order; a `Choose` offers every value
of its temporary to the statements after it; a body that runs to its end has made one
transition. `Suspend`, `Scope`, `Loop`, `Break` and `Jump` occur only before the pass
`split` has turned a process's body into its steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath

from modelcheck.model.shapes import Shape
from modelcheck.model.terms import Term
from modelcheck.model.types import Type


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a spec's text: lines and columns count from 1, `end_col` excluded."""

    path: str = ""
    line: int = 0
    col: int = 0
    end_line: int = 0
    end_col: int = 0

    @property
    def short(self) -> str:
        """`file.py:12`, for labels."""
        return f"{PurePath(self.path).name}:{self.line}"


NO_SPAN = Span()


class Check(Enum):
    """Why a step can fail where it stands."""

    ASSERT = "assert"
    RANGE = "range"
    KEY = "key"
    INDEX = "index"
    EMPTY = "empty"
    FULL = "full"
    DIVISION = "division"
    LOCK = "lock"


class MarkKind(Enum):
    """What a `Mark` tells the reader of a trace.

    LINE, THEN and ELSE are there only in a model that is read to be counted: a
    statement is run, a condition holds, or does not.
    """

    CALL = "call"
    RETURN = "return"
    ACQUIRE = "acquire"
    RELEASE = "release"
    READ = "read"
    LINE = "line"
    THEN = "then"
    ELSE = "else"


COUNTED = frozenset({MarkKind.LINE, MarkKind.THEN, MarkKind.ELSE})
"""The marks that coverage counts."""


class WaitKind(Enum):
    """What a suspended process is waiting for."""

    START = "start"
    PREEMPT = "preempt"
    UNTIL = "until"
    ACQUIRE = "acquire"
    LEAVE = "leave"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Assign:
    """Write `term` to cell number `cell`."""

    cell: int
    term: Term
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Let:
    """Write `term` to the temporary `temp` (a TEMP term); it may be written again."""

    temp: Term
    term: Term


@dataclass(frozen=True, slots=True)
class If:
    """Run `then` where `cond` holds, `orelse` elsewhere."""

    cond: Term
    then: Body
    orelse: Body = ()


@dataclass(frozen=True, slots=True)
class Require:
    """The step did not happen unless `cond` holds.

    `is_assumption` marks a cut made by `assume`: the search is then not complete.
    """

    cond: Term
    span: Span = field(default=NO_SPAN, compare=False, repr=False)
    is_assumption: bool = False


@dataclass(frozen=True, slots=True)
class Assert:
    """The step fails here, with `message`, unless `cond` holds."""

    cond: Term
    check: Check
    message: str
    function: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """Let `temp` be any integer of its interval `temp.lo`..`temp.hi` in `among`.

    `among` is a mask over `0..width-1`, or None for the whole interval; no member
    means that the step is disabled. `type_` is what the value stands for.
    """

    temp: Term
    among: Term | None
    type_: Type
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event for traces: a call with its arguments, a result, a lock operation.

    It changes nothing; engines that do not make traces skip it.
    """

    kind: MarkKind
    name: str
    values: tuple[tuple[str, Type, Shape[Term]], ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Suspend:
    """Before `split`: the process can be suspended here; `lock` is a lock's name."""

    kind: WaitKind
    label: str
    lock: str | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """Before `split`: `Break(label)` inside `body` goes on behind this statement."""

    label: int
    body: Body


@dataclass(frozen=True, slots=True)
class Loop:
    """Before `split`: run `body` for ever; `Break` of a scope around it ends that."""

    body: Body
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Break:
    """Before `split`: leave the scope `label`."""

    label: int


@dataclass(frozen=True, slots=True)
class Jump:
    """While splitting: the step ends here, its process suspended at a location."""

    location: int


Statement = (
    Assign
    | Let
    | If
    | Require
    | Assert
    | Choose
    | Mark
    | Suspend
    | Scope
    | Loop
    | Break
    | Jump
)
Body = tuple[Statement, ...]
