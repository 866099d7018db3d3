"""Options in groups: what several commands share is declared once.

typer takes an option from each parameter of a function. A command decorated by
`grouped` may have a parameter whose type is a dataclass of options; to typer, and to
whoever calls it, each field of that is a parameter by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

from modelcheck.cli.options import (
    Format,
    Full,
    MaxViolations,
    NoDeadlock,
    Number,
    PreemptAt,
    Properties,
    Quiet,
    Scopes,
    Style,
    Svg,
    Timeout,
    TraceFiles,
    Width,
    Written,
    columns,
    scope_table,
    selecting,
)

if TYPE_CHECKING:
    from modelcheck.verdict.verdicts import Limits

_HOOKS: tuple[Format, ...] = ("b4", "checkpatch")


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """`command` with the fields of its groups as parameters of its own."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {
        name: hint
        for name, hint in hints.items()
        if isinstance(hint, type) and is_dataclass(hint)
    }
    parameters: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        if parameter.name in groups:
            parameters += _parameters(groups[parameter.name])
        else:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))

    @wraps(command)
    def run(*args: object, **given: object) -> int:
        for name, group in groups.items():
            names = [each.name for each in fields(group)]
            own = {key: given.pop(key) for key in names if key in given}
            given[name] = group(**own)
        return command(*args, **given)

    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__annotations__["return"] = int
    vars(run)["__signature__"] = Signature(parameters, return_annotation=int)
    return run


def _parameters(group: type) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            each.name,
            Parameter.KEYWORD_ONLY,
            default=_default(each),
            annotation=hints[each.name],
        )
        for each in fields(group)
    ]


def _default(option: Field[object]) -> object:
    if option.default_factory is not MISSING:
        return option.default_factory()
    return option.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which model of a spec is meant."""

    scope: Scopes = field(default_factory=list)
    preempt: PreemptAt = "await"

    @property
    def scopes(self) -> dict[str, int]:
        """The sizes by name."""
        return scope_table(self.scope)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command that select the same."""
        return selecting(self.scopes, self.preempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked of a model, and for how long."""

    timeout: Timeout = None
    properties: Properties = field(default_factory=list)
    no_deadlock: NoDeadlock = False
    max_violations: MaxViolations = None

    def limits(self, depth: int | None) -> Limits:
        """The same for an engine, which is to take at most `depth` steps."""
        from modelcheck.verdict.verdicts import Limits

        return Limits(
            depth=depth,
            seconds=self.timeout,
            max_violations=self.max_violations,
            properties=frozenset(self.properties) or None,
            deadlock=not self.no_deadlock,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How the answers are shown, and in which files."""

    written: Written = "text"
    trace: TraceFiles = field(default_factory=list)
    svg: Svg = False
    quiet: Quiet = False
    number: Number = False
    full: Full = False
    trace_style: Style = "diff"
    width: Width = None

    @property
    def columns(self) -> int:
        """How wide lines may be."""
        return columns(self.width)

    @property
    def is_for_hook(self) -> bool:
        """Whether b4 reads it, to which all on standard error is a failure."""
        return self.written in _HOOKS

    def folder(self, given: Path | None, usual: str) -> Path | None:
        """Where files go: nowhere in a hook, which leaves the tree as it is."""
        if given is None and self.is_for_hook:
            return None
        return given or Path(usual)
