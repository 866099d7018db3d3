"""What a state is from the point of view of one member of a Scalarset.

The *local state* of a member is all that is not about members, and of the rest what is
about this one: its entries of maps, whether it is in a set, the places and locals of
its processes. A value that is a member reads "me" or "other"; what is filed under
another member is left out. So local states of models of different sizes can be
compared, and a design whose members do not count each other has finitely many in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import islice

from modelcheck.model.program import Model, Process, Role, State, Variable
from modelcheck.model.shapes import keys, scalar, shape
from modelcheck.model.types import (
    DictType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    ScalarsetType,
    SetType,
    Type,
    parts,
)

ME = "me"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A variable in one member's view: its cells, and what their values mean."""

    cells: tuple[int, ...]
    read: Callable[[tuple[int, ...]], Hashable]
    seen: dict[tuple[int, ...], Hashable]
    pc: int | None = None
    live: frozenset[int] = frozenset()

    def value(self, state: State) -> Hashable:
        """What the member sees; None of a local that will not be read again."""
        if self.pc is not None and state[self.pc] not in self.live:
            return None
        leaves = tuple(state[cell] for cell in self.cells)
        if leaves not in self.seen:
            self.seen[leaves] = self.read(leaves)
        return self.seen[leaves]


class MemberViews:
    """The local states of the members of `scalarset` in states of `model`."""

    def __init__(self, model: Model, scalarset: ScalarsetType) -> None:
        self._model = model
        self._scalarset = scalarset
        self._processes = {process.actor: process for process in model.processes}
        self._places = {p.actor: _places(p) for p in model.processes}
        self._slots = [tuple(self._view(me)) for me in range(scalarset.size)]

    def local(self, state: State) -> tuple[Hashable, ...]:
        """The local state of each member, in order."""
        return tuple(tuple(s.value(state) for s in slots) for slots in self._slots)

    def _view(self, me: int) -> Iterator[_Slot]:
        for variable in self._model.variables:
            owner = self._processes.get(variable.owner or "")
            if owner is None:
                yield self._slot(variable, me)
            elif not _is_about_another(self._role(owner, me)):
                yield self._own(variable, owner, me)

    def _slot(self, variable: Variable, me: int) -> _Slot:
        def read(leaves: tuple[int, ...]) -> Hashable:
            return self._value(variable.type_, iter(leaves), me)

        return _Slot(tuple(variable.cells.leaves()), read, {})

    def _own(self, variable: Variable, owner: Process, me: int) -> _Slot:
        """The slot of a place or a local of a process that belongs to `me`, or to all.

        Another member's process has none.
        """
        cells = tuple(variable.cells.leaves())
        if variable.role is Role.PC:
            places = self._places[owner.actor]
            return _Slot(cells, lambda leaves: places[leaves[0]], {})
        live = frozenset(x.number for x in owner.locations if set(cells) <= x.live)
        slot = self._slot(variable, me)
        return _Slot(cells, slot.read, {}, owner.pc, live)

    def _role(self, process: Process, me: int) -> Hashable:
        arguments = (
            self._value(type_, iter(leaves), me) for type_, leaves in process.arguments
        )
        return (process.function, *arguments)

    def _value(self, type_: Type, leaves: Iterator[int], me: int) -> Hashable:
        """The value of `type_` with these components, as `me` sees it."""
        match type_:
            case ScalarsetType():
                value = next(leaves)
                if type_ != self._scalarset:
                    return value
                return ME if value == me else OTHER
            case OptionalType(item):
                size = next(leaves)
                if scalar(type_) is not None:
                    return self._value(item, iter((size - 1,)), me) if size else None
                return self._some(item, 1, size, leaves, me)
            case ListType(item, length):
                return self._some(item, length, next(leaves), leaves, me)
            case SetType(item):
                bits = next(leaves)
                members = (
                    self._value(item, iter(key), me)
                    for rank, key in enumerate(keys(item))
                    if bits >> rank & 1
                )
                return tuple(x for x in members if not _is_about_another(x))
            case DictType(key, entry):
                names = (self._value(key, iter(x), me) for x in keys(key))
                entries = ((x, self._value(entry, leaves, me)) for x in names)
                return tuple(x for x in entries if not _is_about_another(x[0]))
            case LockType():
                return self._lock(type_, leaves, me)
        if scalar(type_) is not None:
            return next(leaves)
        return tuple(self._value(part, leaves, me) for part in parts(type_))

    def _some(
        self, item: Type, most: int, size: int, leaves: Iterator[int], me: int
    ) -> Hashable:
        """The first `size` of `most` values; the rest of the cells mean nothing."""
        width = sum(1 for _ in shape(item).leaves())
        found = [list(islice(leaves, width)) for _ in range(most)]
        return tuple(self._value(item, iter(part), me) for part in found[:size])

    def _lock(self, lock: LockType, leaves: Iterator[int], me: int) -> Hashable:
        holder = next(leaves)
        if lock.kind is LockKind.SEMAPHORE:
            return holder
        roles = [self._role(process, me) for process in self._model.processes]
        writer = roles[holder - 1] if holder else None
        if lock.kind is LockKind.MUTEX:
            return writer
        bits = next(leaves)
        readers = (role for rank, role in enumerate(roles) if bits >> rank & 1)
        return writer, tuple(x for x in readers if not _is_about_another(x))


def _is_about_another(value: Hashable) -> bool:
    """Whether another member is in a value."""
    if isinstance(value, tuple):
        return any(map(_is_about_another, value))
    return value == OTHER


def _places(process: Process) -> tuple[Hashable, ...]:
    """Names for the locations of a process that do not depend on their number.

    Two places with one name in the text are told apart by their order.
    """
    seen: Counter[Hashable] = Counter()
    found: list[Hashable] = []
    for location in process.locations:
        name = (location.kind.value, location.label, location.span)
        found.append((*name, seen[name]))
        seen[name] += 1
    return tuple(found)
