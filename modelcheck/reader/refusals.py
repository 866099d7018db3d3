"""Refusals that several parts of the reader share."""

from __future__ import annotations

import ast
import sys

from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import Module


def foreign(name: str, span: Span) -> SpecError:
    """The error for a use of a module that is not part of the language."""
    if name.partition(".")[0] not in sys.stdlib_module_names:
        path = f"{name.replace('.', '/')}.py"
        return SpecError(
            Code.IMPORT,
            f"there is no spec module `{name}`",
            span,
            help=f"it would be {path} in the folder of the spec that is checked",
        )
    return SpecError(
        Code.IMPORT,
        f"`{name}` is not part of the spec language",
        span,
        help="a spec uses modelcheck, enum, typing, dataclasses and other spec modules",
    )


def floats(span: Span) -> SpecError:
    """The error for floating-point numbers."""
    return SpecError(
        Code.FLOAT,
        "floating-point numbers are not finite data",
        span,
        help="count in units: Annotated[int, range(lo, hi)]",
    )


def strings(span: Span) -> SpecError:
    """The error for strings as data."""
    return SpecError(
        Code.STRING,
        "strings are not data in a spec",
        span,
        help="names are enums: class Phase(Enum): IDLE = 0",
    )


def no_type(module: Module, node: ast.expr) -> SpecError:
    """The error for an annotation that names no type."""
    return SpecError(
        Code.BAD_TYPE,
        f"`{ast.unparse(node)}` is not a type of the language",
        module.span(node),
        help="write a type such as bool, Annotated[int, range(0, 5)], Device | None, "
        "set[Device]",
    )
