"""Cells for variables: numbering and naming the components of the state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.layout.values import decode, show
from modelcheck.model.program import Cell, Role, Variable
from modelcheck.model.shapes import Scalar, Shape, keys, shape
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.model.terms import Sort, Term
from modelcheck.model.types import (
    BOOL,
    DictType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    RecordType,
    TupleType,
    Type,
    parts,
)


@dataclass(slots=True)
class Storage:
    """The cells and variables of a model under construction."""

    cells: list[Cell] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)

    def variable(
        self,
        name: str,
        type_: Type,
        role: Role,
        owner: str | None = None,
        span: Span = NO_SPAN,
    ) -> Variable:
        """Add a variable with fresh cells."""
        titles = iter(list(_titles(name, type_)))
        cells = shape(type_).map(lambda scalar: self._cell(next(titles), scalar))
        variable = Variable(name, type_, cells, role, owner, span)
        self.variables.append(variable)
        return variable

    def temporary(
        self, name: str, temp: Term, type_: Type | None, owner: str
    ) -> Variable:
        """Add a variable that keeps a temporary across suspensions."""
        scalar = Scalar(temp.sort, temp.lo, temp.hi)
        cells = Shape(self._cell(name, scalar))
        kind = type_ or _plain(temp)
        variable = Variable(name, kind, cells, Role.LOCAL, owner)
        self.variables.append(variable)
        return variable

    def _cell(self, name: str, scalar: Scalar) -> int:
        self.cells.append(Cell(len(self.cells), name, scalar))
        return len(self.cells) - 1


def _plain(temp: Term) -> Type:
    return BOOL if temp.sort is Sort.BOOL else IntType(temp.lo, temp.hi)


def _titles(name: str, type_: Type) -> Iterator[str]:
    """The names of the components of a variable, in the order of its shape."""
    if shape(type_).leaf is not None:
        yield name
        return
    match type_:
        case OptionalType(item):
            yield f"{name} is not None"
            yield from _titles(name, item)
        case DictType(key, value):
            for leaves in keys(key):
                yield from _titles(f"{name}[{show(decode(key, leaves))}]", value)
        case ListType(item, length):
            yield f"len({name})"
            for index in range(length):
                yield from _titles(f"{name}[{index}]", item)
        case TupleType(items):
            for index, item in enumerate(items):
                yield from _titles(f"{name}[{index}]", item)
        case RecordType(_, fields):
            for title, item in fields:
                yield from _titles(f"{name}.{title}", item)
        case LockType(kind=LockKind.RWLOCK):
            yield from (f"{name}.writer", f"{name}.readers")
        case _:
            assert not parts(type_)
