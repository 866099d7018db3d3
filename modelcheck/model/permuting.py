"""Permutations of a model: what exchanging two members of a Scalarset does to a state.

The exchange moves cells (entries of maps, the pcs and locals of the instances of a
process) and changes values (members, sets of members, holders of locks). A cell that
means nothing in a state - a dead local, a place of a list behind its end, the fields
of an optional value that is None - holds a fixed value, which the exchange must leave
alone: such a cell has conditions. `model.symmetry` finds out whether an exchange is a
symmetry; here it is only described.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from modelcheck.model.program import Model, Process, State, Variable
from modelcheck.model.shapes import Shape, keys, scalar, shape
from modelcheck.model.types import (
    DictType,
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


@dataclass(frozen=True, slots=True)
class Kind:
    """How the value of a cell or term changes: by a permutation that is not trivial.

    Integers from `lo` on become `images`; others stay. With `is_mask`, the members of
    a set change in this way, and `lo` is 0.
    """

    lo: int
    images: tuple[int, ...]
    is_mask: bool = False

    def apply(self, value: int) -> int:
        """The value after the exchange."""
        if self.is_mask:
            return sum(
                1 << image for bit, image in enumerate(self.images) if value >> bit & 1
            )
        place = value - self.lo
        return self.images[place] if 0 <= place < len(self.images) else value

    def shifted(self, by: int) -> Kind:
        """The kind of a term that is larger by `by`."""
        return Kind(self.lo + by, tuple(image + by for image in self.images))

    def set(self) -> Kind | None:
        """The kind of a set of such values; None if they do not count from 0."""
        return Kind(0, self.images, is_mask=True) if self.lo == 0 else None

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The values (or members) that are exchanged with each other."""
        return [
            (self.lo + place, image)
            for place, image in enumerate(self.images)
            if self.lo + place < image
        ]


def kind_of(
    images: Sequence[int], *, lo: int = 0, is_mask: bool = False
) -> Kind | None:
    """The kind that maps `lo + n` to `images[n]`; None if nothing changes."""
    if all(image == lo + place for place, image in enumerate(images)):
        return None
    return Kind(lo, tuple(images), is_mask)


Arguments = tuple[tuple[Type, tuple[int, ...]], ...]

Condition = tuple[int, frozenset[int]]
"""A cell, and the values of it for which another cell means something."""


class NoExchange(Exception):  # noqa: N818 - says what the model lacks
    """The instances of a process differ in form: nothing can be exchanged."""


class Exchange:
    """The exchange of the members `low` and `low + 1` of a Scalarset of `model`.

    `targets[c]` is the cell to which cell `c` goes, `kinds[c]` how its value changes,
    if all `conditions[c]` hold. Raises `NoExchange` if the processes do not allow one.
    """

    def __init__(self, model: Model, scalarset: ScalarsetType, low: int) -> None:
        self.model = model
        self.scalarset = scalarset
        self.low = low
        self._images: dict[Type, tuple[int, ...]] = {}
        self.actors = self._actors()
        self.targets: list[int] = list(range(len(model.cells)))
        self.kinds: dict[int, Kind] = {}
        self.conditions: dict[int, tuple[Condition, ...]] = {}
        for source, target, conditions in self._variables():
            self._place(source.type_, source.cells, target.cells, conditions)

    @cached_property
    def is_trivial(self) -> bool:
        """Whether every state stays as it is."""
        return not self.kinds and self.targets == list(range(len(self.targets)))

    # Values of types.

    def images(self, type_: Type) -> tuple[int, ...]:
        """For each value of `type_` by rank, the rank of what it becomes."""
        found = self._images.get(type_)
        if found is None:
            if isinstance(type_, ScalarsetType):
                order = list(range(type_.size))
                if type_ == self.scalarset:
                    low = self.low
                    order[low : low + 2] = [low + 1, low]
                found = tuple(order)
            else:
                ranks = {leaves: rank for rank, leaves in enumerate(keys(type_))}
                found = tuple(ranks[self.permuted(type_, leaves)] for leaves in ranks)
            self._images[type_] = found
        return found

    def mentions(self, type_: Type) -> bool:
        """Whether values of `type_` can contain a member."""
        match type_:
            case ScalarsetType():
                return type_ == self.scalarset
            case SetType(item) | OptionalType(item) | ListType(item):
                return self.mentions(item)
            case DictType(key, value):
                return self.mentions(key) or self.mentions(value)
            case LockType(kind=lock):
                return lock is not LockKind.SEMAPHORE and any(
                    image != place for place, image in enumerate(self.actors)
                )
        return any(map(self.mentions, parts(type_)))

    def permuted(self, type_: Type, leaves: Iterable[int]) -> tuple[int, ...]:
        """The components of a value of `type_` after the exchange."""
        return tuple(self._permute(type_, iter(leaves)))

    def _permute(self, type_: Type, leaves: Iterator[int]) -> Iterator[int]:
        single = scalar(type_)
        if single is not None:
            kind = self.kind(type_)
            value = next(leaves)
            yield value if kind is None else kind.apply(value)
            return
        match type_:
            case OptionalType(item):
                yield from self._permute_some(item, 1, next(leaves), leaves)
            case ListType(item, length):
                yield from self._permute_some(item, length, next(leaves), leaves)
            case DictType(key, entry):
                width = sum(1 for _ in shape(entry).leaves())
                images = self.images(key)
                entries: list[list[int]] = [[]] * len(images)
                for image in images:
                    old = islice(leaves, width)
                    entries[image] = list(self._permute(entry, old))
                yield from (leaf for new in entries for leaf in new)
            case LockType():
                writer, readers = self._holders()
                yield next(leaves) if writer is None else writer.apply(next(leaves))
                yield next(leaves) if readers is None else readers.apply(next(leaves))
            case _:
                for part in parts(type_):
                    yield from self._permute(part, leaves)

    def _permute_some(
        self, item: Type, most: int, size: int, leaves: Iterator[int]
    ) -> Iterator[int]:
        """The first `size` of `most` values change; what is unused stays."""
        yield size
        width = sum(1 for _ in shape(item).leaves())
        for number in range(most):
            part = list(islice(leaves, width))
            yield from self._permute(item, iter(part)) if number < size else part

    def kind(self, type_: Type) -> Kind | None:
        """How a value of `type_`, which takes one component, changes."""
        if not self.mentions(type_):
            return None
        match type_:
            case ScalarsetType():
                return kind_of(self.images(type_))
            case SetType(item):
                return kind_of(self.images(item), is_mask=True)
            case OptionalType(item):
                return kind_of([image + 1 for image in self.images(item)], lo=1)
            case LockType():
                return self._holders()[0]
        return None

    def _holders(self) -> tuple[Kind | None, Kind | None]:
        one = kind_of([image + 1 for image in self.actors], lo=1)
        return one, kind_of(self.actors, is_mask=True)

    # Actors.

    def _actors(self) -> tuple[int, ...]:
        """For each process by number, the one that it becomes."""
        processes = self.model.processes
        numbers: dict[tuple[str, Arguments], list[int]] = {}
        for number, process in enumerate(processes):
            key = (process.function, process.arguments)
            numbers.setdefault(key, []).append(number)
        images = list(range(len(processes)))
        self.actors = tuple(images)
        for (function, arguments), mine in numbers.items():
            moved = tuple(
                (type_, self.permuted(type_, leaves)) for type_, leaves in arguments
            )
            others = numbers.get((function, moved), [])
            if len(others) != len(mine):
                message = f"there is no {function} for every member"
                raise NoExchange(message)
            for one, other in zip(mine, others, strict=True):
                if not _are_alike(processes[one], processes[other]):
                    raise NoExchange(_differ(processes[one], processes[other]))
                images[one] = other
        return tuple(images)

    # Variables.

    def _variables(
        self,
    ) -> Iterator[tuple[Variable, Variable, tuple[Condition, ...]]]:
        """Each variable, the one that it becomes, and where it means something."""
        owned: dict[str, list[Variable]] = {}
        for variable in self.model.variables:
            if variable.owner is not None:
                owned.setdefault(variable.owner, []).append(variable)
            else:
                yield variable, variable, ()
        processes = self.model.processes
        for process, image in zip(processes, self.actors, strict=True):
            other = processes[image]
            mine, its = owned.get(process.actor, []), owned.get(other.actor, [])
            if [v.type_ for v in mine] != [v.type_ for v in its]:
                raise NoExchange(_differ(process, other))
            for one, two in zip(mine, its, strict=True):
                conditions = _liveness(process, one)
                if conditions[:1] and conditions[0][1] != _liveness(other, two)[0][1]:
                    raise NoExchange(_differ(process, other))
                yield one, two, conditions

    def _place(
        self,
        type_: Type,
        source: Shape[int],
        target: Shape[int],
        conditions: tuple[Condition, ...],
    ) -> None:
        """Note where the cells of a value go, and how they change."""
        if source.leaf is not None:
            assert target.leaf is not None
            self._cell(source.leaf, target.leaf, self.kind(type_), conditions)
            return
        items = source.items
        match type_:
            case OptionalType(item):
                self._cells(item, source, target, conditions, 1)
            case ListType(item, length):
                self._cells(item, source, target, conditions, length)
            case DictType(key, value):
                for part, image in zip(items, self.images(key), strict=True):
                    self._place(value, part, target.items[image], conditions)
            case LockType():
                for part, other, kind in zip(
                    items, target.items, self._holders(), strict=True
                ):
                    assert part.leaf is not None
                    assert other.leaf is not None
                    self._cell(part.leaf, other.leaf, kind, conditions)
            case _:
                for part_type, part, other in zip(
                    parts(type_), items, target.items, strict=True
                ):
                    self._place(part_type, part, other, conditions)

    def _cells(
        self,
        item: Type,
        source: Shape[int],
        target: Shape[int],
        conditions: tuple[Condition, ...],
        length: int,
    ) -> None:
        """A cell that says how many values follow it mean something, and these."""
        (first, *rest), (other, *others) = source.items, target.items
        assert first.leaf is not None
        assert other.leaf is not None
        self._cell(first.leaf, other.leaf, None, ())
        for number, (part, image) in enumerate(zip(rest, others, strict=True)):
            used = (first.leaf, frozenset(range(number + 1, length + 1)))
            self._place(item, part, image, (*conditions, used))

    def _cell(
        self,
        source: int,
        target: int,
        kind: Kind | None,
        conditions: tuple[Condition, ...],
    ) -> None:
        self.targets[source] = target
        if kind is not None:
            self.kinds[source] = kind
            if conditions:
                self.conditions[source] = conditions

    # States.

    def state(self, state: State) -> State:
        """The state after the exchange; the definition that all engines must meet."""
        found = [0] * len(state)
        for cell, value in enumerate(state):
            kind = self.kinds.get(cell)
            if kind is not None and self.is_live(cell, state):
                value = kind.apply(value)  # noqa: PLW2901 - one cell's value
            found[self.targets[cell]] = value
        return tuple(found)

    def is_live(self, cell: int, values: State | Mapping[int, int]) -> bool:
        """Whether `cell` means something where other cells have these values."""
        return all(values[c] in used for c, used in self.conditions.get(cell, ()))


def _are_alike(one: Process, two: Process) -> bool:
    """Whether two instances have the same places, so that a pc can move."""
    return (
        one.is_daemon == two.is_daemon
        and one.done == two.done
        and [(x.kind, x.span) for x in one.locations]
        == [(x.kind, x.span) for x in two.locations]
    )


def _differ(one: Process, two: Process) -> str:
    return f"{one.actor} and {two.actor} differ in form"


def _liveness(process: Process, variable: Variable) -> tuple[Condition, ...]:
    """At which locations a local of `process` means something; none for its pc."""
    cell = variable.cells.leaf
    if cell == process.pc:
        return ()
    cells = set(variable.cells.leaves())
    live = frozenset(x.number for x in process.locations if cells <= x.live)
    return ((process.pc, live),)


def scalarset_types(model: Model) -> dict[str, ScalarsetType]:
    """The Scalarsets that variables or parameters of processes are about, by name."""
    found: dict[str, ScalarsetType] = {}
    stack = [v.type_ for v in model.variables]
    stack += [type_ for p in model.processes for type_, _ in p.arguments]
    seen: set[Type] = set()
    while stack:
        top = stack.pop()
        if top in seen:
            continue
        seen.add(top)
        match top:
            case ScalarsetType():
                found[top.name] = top
            case SetType(item) | OptionalType(item) | ListType(item):
                stack.append(item)
            case DictType(key, value):
                stack += [key, value]
            case TupleType() | RecordType():
                stack += parts(top)
    return found
