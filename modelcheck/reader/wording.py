"""Wording: how messages speak of types, and of the code to write instead."""

from __future__ import annotations

import ast

from modelcheck.model.types import (
    BoolType,
    DictType,
    EnumType,
    IntType,
    ListType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
    spell,
)

_SHOWN = 4
"""How many members of an Enum a message names."""


def describe(type_: Type) -> str:
    """The type of a value: as `spell`, but a number found is an `int`.

    The interval of `self.refs + 1` is ours, not the user's.
    """
    match type_:
        case IntType():
            return "int"
        case OptionalType(item):
            return f"{describe(item)} | None"
        case SetType(item):
            return f"set[{describe(item)}]"
        case DictType(key, value):
            return f"dict[{describe(key)}, {describe(value)}]"
        case TupleType(items):
            return f"tuple[{', '.join(map(describe, items))}]"
        case ListType(item):
            return f"list[{describe(item)}]"
    return spell(type_)


def samples(type_: Type) -> str:
    """What to write where a value of `type_` is needed."""
    match type_:
        case BoolType():
            return "True or False"
        case IntType(lo, hi):
            return f"a number from {lo} to {hi}"
        case EnumType(name, members):
            shown = [f"{name}.{member}" for member in members]
            if len(shown) > _SHOWN:
                return f"one of {', '.join(shown[:_SHOWN])}, ..."
            *others, last = shown
            return f"{', '.join(others)} or {last}" if others else last
        case ScalarsetType(name):
            return f"a {name}: a parameter, a variable or choose({name})"
        case RecordType(name, fields):
            return f"{name}({', '.join(f'{field}=...' for field, _ in fields)})"
        case OptionalType(item):
            return f"None, or {samples(item)}"
        case SetType():
            return "set() or {x, y}"
        case ListType():
            return "[] or [x, y]"
        case TupleType(items):
            return f"({', '.join('...' for _ in items)})"
        case DictType(key):
            return f"{{key: ... for key in {spell(key)}}}"
    return f"a value of {spell(type_)}"


def code(node: ast.AST) -> str:
    """The code of `node` on one line, cut where a message would get too long."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


_WIDTH = 60


def attribute_name(node: ast.Attribute) -> ast.Name:
    """The name after the dot of `node`, as a node: what a caret points to."""
    name = ast.copy_location(ast.Name(node.attr), node)
    if node.end_lineno is not None and node.end_col_offset is not None:
        name.lineno = node.end_lineno
        name.col_offset = node.end_col_offset - len(node.attr.encode())
    return name
