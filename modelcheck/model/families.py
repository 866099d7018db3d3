"""One clause for all sizes: cells and clauses of models that differ in one scope.

A *base* model has one member more than a clause speaks of. The last member stands for
all others, so a clause over the base says for which values of a cell "any other member"
is among those allowed. Each way to put members of another model for the ones that the
clause speaks of makes a clause of that model.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

from modelcheck.model.clauses import Clause, Literal
from modelcheck.model.program import Model, Process
from modelcheck.model.program import Role as VariableRole
from modelcheck.model.shapes import Shape, scalar
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
    parts,
)

Place = tuple[object, ...]
"""Whose variable it is, its name, and the way through its shape to a cell."""

Role = tuple[object, ...]
"""A process, whatever the member that it is the process of."""


def mentions(type_: Type, name: str) -> bool:
    """Whether a value of `type_` can have to do with a member of `name`."""
    match type_:
        case ScalarsetType():
            return type_.name == name
        case SetType(item) | OptionalType(item) | ListType(item):
            return mentions(item, name)
        case DictType(key, value):
            return mentions(key, name) or mentions(value, name)
        case TupleType() | RecordType():
            return any(mentions(part, name) for part in parts(type_))
        case LockType():
            # Who holds it is an actor, and actors may be of members.
            return True
    return False


def is_member(type_: Type, name: str) -> bool:
    """Whether a value of `type_` is a member of `name`, or perhaps None."""
    inner = type_.item if isinstance(type_, OptionalType) else type_
    return isinstance(inner, ScalarsetType) and inner.name == name


def is_indexed(type_: Type, name: str) -> bool:
    """Whether `type_` has something for each member, and no members in that."""
    match type_:
        case SetType(item=ScalarsetType(name=found)):
            return found == name
        case DictType(key=ScalarsetType(name=found), value=value):
            return found == name and not mentions(value, name)
    return False


def is_shared(type_: Type, name: str) -> bool:
    """Whether `type_` has as many cells at each size; members may be their values."""
    if isinstance(type_, DictType):
        return not mentions(type_.key, name) and is_shared(type_.value, name)
    return not mentions(type_, name) or is_member(type_, name)


@dataclass(frozen=True, slots=True)
class _Where:
    """What a cell is: its place, the member that it belongs to, its type."""

    place: Place
    member: int | None
    type_: Type

    @property
    def is_lock(self) -> bool:
        """Whether the cell says who holds a mutex."""
        return isinstance(self.type_, LockType)


def is_mutex(type_: Type) -> bool:
    """Whether `type_` is a lock that is free or held by one process."""
    return isinstance(type_, LockType) and type_.kind is LockKind.MUTEX


class Family:
    """The cells of `model`, whose Scalarset `name` is one of many sizes."""

    def __init__(self, model: Model, name: str) -> None:
        self.model = model
        self.name = name
        self.size = model.scopes[name]
        self._where: dict[int, _Where] = {}
        self.cells: dict[tuple[Place, int | None], int] = {}
        self.actors: list[tuple[Role, int | None]] = []
        roles: dict[str, tuple[Role, int | None]] = {}
        for process in model.processes:
            roles[process.actor] = self._role(process)
            self.actors.append(roles[process.actor])
        self._numbers = {actor: number for number, actor in enumerate(self.actors)}
        for variable in model.variables:
            role, member = roles.get(variable.owner or "", ((), None))
            title = variable.name.removeprefix(f"{variable.owner}.")
            self._put(variable.type_, variable.cells, (role, title), member)

    def _role(self, process: Process) -> tuple[Role, int | None]:
        """The process without its member, and the member."""
        member = None
        others: list[object] = []
        for type_, leaves in process.arguments:
            if isinstance(type_, ScalarsetType) and type_.name == self.name:
                member = leaves[0]
            else:
                others.append((type_, leaves))
        instance = process.actor.partition("#")[2]
        return (process.function, tuple(others), instance), member

    def _put(
        self, type_: Type, cells: Shape[int], place: Place, member: int | None
    ) -> None:
        if cells.leaf is not None:
            self._where[cells.leaf] = _Where(place, member, type_)
            self.cells[place, member] = cells.leaf
            return
        for number, item in enumerate(cells.items):
            match type_:
                case DictType(key=ScalarsetType(name=found), value=value) if (
                    found == self.name
                ):
                    self._put(value, item, place, number)
                case DictType(value=value):
                    self._put(value, item, (*place, number), member)
                case _:
                    part = _part(type_, number)
                    self._put(part, item, (*place, number), member)

    def constants(self, dropped: Container[str] = ()) -> int:
        """How many cells hold a member, or a process that may be one of a member.

        Those of the variables `dropped` do not count.
        """
        return sum(
            is_member(x.type_, self.name) or x.is_lock
            for x in self._where.values()
            if x.place[0] != () or x.place[1] not in dropped
        )

    def variable_of(self, cell: int) -> tuple[object, object]:
        """The process that a cell belongs to, if any, and the name of its variable."""
        place = self._where[cell].place
        return place[0], place[1]

    def place_of(self, cell: int) -> tuple[Type, int | None]:
        """The type of a cell, and the member that it belongs to."""
        where = self._where[cell]
        return where.type_, where.member

    def mentioned(self, clause: Clause) -> set[int]:
        """The members to which a cell or a bit in the clause belongs."""
        return {m for x in clause if (m := self._owner(x)) is not None}

    def _owner(self, literal: Literal) -> int | None:
        where = self._where[literal.cell]
        is_mask = is_indexed(where.type_, self.name) and literal.bit is not None
        return literal.bit if is_mask else where.member

    def members(self, literal: Literal) -> set[int] | None:
        """The members among the allowed values; None if the cell holds none."""
        type_ = self._where[literal.cell].type_
        if isinstance(type_, LockType):
            held = (self.actors[value - 1][1] for value in literal.values - {0})
            return {member for member in held if member is not None}
        if literal.bit is not None or not is_member(type_, self.name):
            return None
        return {value - self._first(type_) for value in literal.values} - {-1}

    def _first(self, type_: Type) -> int:
        return 1 if scalar(type_) and isinstance(type_, OptionalType) else 0

    def put(
        self,
        literal: Literal,
        into: Family,
        images: Mapping[int, int],
        *,
        others: bool,
    ) -> Literal:
        """`literal` in another model, with other members for the ones it mentions.

        All but the `images` are allowed as values if `others`.
        """
        where = self._where[literal.cell]
        if where.is_lock:
            return self._put_holder(literal, into, images)
        allowed = self.members(literal)
        if allowed is not None:
            first = self._first(where.type_)
            values = {value for value in literal.values if value < first}
            values |= {images[m] + first for m in allowed if m in images}
            if others:
                rest = set(range(into.size)) - set(images.values())
                values |= {member + first for member in rest}
            cell = into.cells[where.place, None]
            return Literal(cell, frozenset(values))
        if literal.bit is not None and is_indexed(where.type_, self.name):
            cell = into.cells[where.place, None]
            return Literal(cell, literal.values, images[literal.bit])
        member = None if where.member is None else images[where.member]
        cell = into.cells[where.place, member]
        return Literal(cell, literal.values, literal.bit)

    def _put_holder(
        self, literal: Literal, into: Family, images: Mapping[int, int]
    ) -> Literal:
        """A literal about who holds a mutex; the last member stands for all others."""
        rest = set(range(into.size)) - set(images.values())
        values = literal.values & {0}
        for value in literal.values - {0}:
            role, member = self.actors[value - 1]
            if member is None:
                found: set[int | None] = {None}
            elif member in images:
                found = {images[member]}
            else:
                found = {*rest} if member == self.size - 1 else set()
            values |= {into._numbers[role, each] + 1 for each in found}
        cell = into.cells[self._where[literal.cell].place, None]
        return Literal(cell, frozenset(values))

    def instances(self, clause: Clause, into: Family) -> Iterator[Clause]:
        """The clauses of another model that a clause over this base stands for."""
        last = self.size - 1
        spoken = sorted(self.spoken_of(clause))
        for chosen in permutations(range(into.size), len(spoken)):
            images = dict(zip(spoken, chosen, strict=True))
            yield tuple(
                self.put(x, into, images, others=last in (self.members(x) or ()))
                for x in clause
            )

    def spoken_of(self, clause: Clause) -> set[int]:
        """The members that the clause treats in another way than the last one."""
        found = self.mentioned(clause)
        last = self.size - 1
        for literal in clause:
            allowed = self.members(literal)
            if allowed is not None and self._where[literal.cell].is_lock:
                found |= self._held(literal)
            elif allowed is not None:
                every = set(range(self.size))
                found |= every - allowed if last in allowed else allowed
        return found

    def _held(self, literal: Literal) -> set[int]:
        """The members whose processes a literal about a mutex tells from the last."""
        last, found = self.size - 1, set[int]()
        held: dict[Role, set[int]] = {}
        for role, member in self.actors:
            if member is not None:
                held.setdefault(role, set())
        for value in literal.values - {0}:
            role, member = self.actors[value - 1]
            if member is not None:
                held[role].add(member)
        for members in held.values():
            found |= set(range(self.size)) - members if last in members else members
        return found


def _part(type_: Type, number: int) -> Type:
    """The type of the component `number` of a shape."""
    match type_:
        case OptionalType(item) | ListType(item):
            return item if number else type_
        case SetType(item):
            return item
    return parts(type_)[number]


def sized_counters(model: Model, other: Model) -> dict[str, int]:
    """The integers from 0 or below whose greatest value depends on the size.

    Each with its least value; `model` and `other` are two sizes of the Scalarset.
    """
    types = {v.name: v.type_ for v in other.variables}
    found: dict[str, int] = {}
    for variable in model.variables:
        one, two = variable.type_, types.get(variable.name)
        if (
            variable.role is VariableRole.STATE
            and isinstance(one, IntType)
            and isinstance(two, IntType)
            and one.hi != two.hi
            and one.lo == two.lo <= 0
        ):
            found[variable.name] = one.lo
    return found


def uncovered(model: Model, other: Model, name: str) -> frozenset[str]:
    """The variables of the spec whose cells do not follow a rule for every size."""
    types = {v.name: v.type_ for v in other.variables}
    return frozenset(
        v.name
        for v in model.variables
        if v.role is VariableRole.STATE
        and (
            not (is_indexed(v.type_, name) or is_shared(v.type_, name))
            or unsized(v.type_, name) != unsized(types.get(v.name), name)
        )
    )


def unsized(type_: Type | None, name: str) -> object:
    """The type with any size of the Scalarset in place of the one that it has."""
    match type_:
        case ScalarsetType(name=found) if found == name:
            return name
        case SetType(item) | OptionalType(item):
            return type(type_).__name__, unsized(item, name)
        case ListType(item, length):
            return ListType.__name__, unsized(item, name), length
        case DictType(key, value):
            return DictType.__name__, unsized(key, name), unsized(value, name)
        case TupleType() | RecordType():
            return tuple(unsized(part, name) for part in parts(type_))
        case LockType(kind, _, permits):
            return kind, permits
    return type_
