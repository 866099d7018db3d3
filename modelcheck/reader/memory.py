"""Memory: what was read of a spec and is the same in its twins.

A twin is its spec with a few functions replaced, and many a process runs none of these.
Its segments are taken over instead of being made again, and the files are parsed once.
The model is the same, number by number, as without memory: whatever can tell two
readings of a body apart is compared, and `Names.begin` keeps the numbers of temporaries
from depending on how long the bodies before are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from modelcheck.model.segments import Segment
from modelcheck.model.types import Type
from modelcheck.reader.context import Change, World
from modelcheck.reader.errors import SpecError
from modelcheck.reader.instances import Instance
from modelcheck.reader.modules import ClassSymbol, Modules
from modelcheck.reader.signatures import FUNCTIONS
from modelcheck.reader.source import Source

T = TypeVar("T")
Notes = dict[tuple[ast.AST, str], T]
"""What is found out about the locals of a function, by function and name."""


class Memory:
    """What is known of the spec in one file, at the scopes and grain it was read at.

    `rewrite` makes of each file the one that is read in its place.
    """

    def __init__(self, rewrite: Callable[[Source], Source] | None = None) -> None:
        self._rewrite = rewrite
        self._key: object = None
        self._modules: Modules | None = None
        self._bodies: dict[object, _Body] = {}

    def open(self, path: str, scopes: Mapping[str, int], preempt: str) -> Modules:
        """The modules of the file at `path`; what is known of another is forgotten."""
        key = path, dict(scopes), preempt
        if self._modules is None or self._key != key:
            self._modules, self._key = Modules(path, self._rewrite), key
            self._bodies.clear()
        return self._modules

    def segments(
        self,
        world: World,
        number: int,
        each: Instance,
        read: Callable[[], list[Segment]],
    ) -> list[Segment]:
        """The segments of process `number`, as `read` makes them in `world`."""
        world.names.begin()
        arguments = tuple(
            (name, value.type_, tuple(value.shape.leaves()))
            for name, value in each.arguments
        )
        key = each.method.owner, each.method.node, number, arguments
        known = self._bodies.get(key)
        if known is not None and known.fits(world):
            known.replay(world)
            return known.segments
        found = _read(world, read)
        if found.setting.scalarsets == tuple(world.types.found):
            # Types that a body is the first to mention are not left behind again.
            self._bodies.setdefault(key, found)
        return found.segments


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a body sees of the world apart from functions."""

    temps: int
    holders: tuple[str, ...]
    fields: tuple[object, ...]
    constants: tuple[tuple[str, ast.expr], ...]
    scalarsets: tuple[str, ...]
    resized: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Inferred:
    """What the world knows of the types of locals that nothing declares."""

    hints: Notes[Type]
    widenings: Notes[int]
    capped: Notes[Type]

    def of(self, used: AbstractSet[ast.AST]) -> _Inferred:
        """What is about the functions in `used`, or about what is no function."""
        return _Inferred(
            _only(self.hints, used),
            _only(self.widenings, used),
            _only(self.capped, used),
        )


@dataclass(frozen=True, slots=True)
class _Traces:
    """What reading a body left in the world."""

    temps: int
    titles: dict[int, tuple[str, Type | None]]
    variables: frozenset[int]
    used: frozenset[ast.AST]
    rebound: frozenset[Change]
    borrowed: tuple[tuple[Change, SpecError], ...]
    inferred: _Inferred


@dataclass(frozen=True, slots=True)
class _Body:
    """The segments of a process, what reading them depended on, and what it left."""

    segments: list[Segment]
    classes: tuple[ClassSymbol, ...]
    setting: _Setting
    inferred: _Inferred
    left: _Traces

    def fits(self, world: World) -> bool:
        """Whether reading the body in `world` would give the same.

        Classes that `world` has in addition may define nothing that is mentioned: then
        a name, also one behind `super()`, stands for what it stood for.
        """
        own = set(self.classes)
        shared = tuple(each for each in world.spec.order if each in own)
        new = {name for owner, name in world.spec.by_class if owner not in own}
        return (
            shared == self.classes
            and all(new.isdisjoint(_words(node)) for node in self.left.used)
            and self.inferred == _inferred(world).of(self.left.used)
            and self.setting == _setting(world)
        )

    def replay(self, world: World) -> None:
        """Leave in `world` what reading the body would."""
        left = self.left
        world.names.temps = left.temps
        world.names.titles.update(left.titles)
        world.names.variables |= left.variables
        world.used |= left.used
        world.rebound |= left.rebound
        world.borrowed.extend(left.borrowed)
        world.hints.update(left.inferred.hints)
        world.widenings.update(left.inferred.widenings)
        world.capped.update(left.inferred.capped)


def _read(world: World, read: Callable[[], list[Segment]]) -> _Body:
    """What `read` makes in `world`.

    It begins without what earlier bodies left, so that its own can be told apart.
    """
    setting, before = _setting(world), _inferred(world)
    used, rebound, borrowed = world.used, world.rebound, world.borrowed
    world.used, world.rebound, world.borrowed = set(), set(), []
    segments = read()
    own, names = frozenset(world.used), world.names
    numbers = range(setting.temps + 1, names.temps + 1)
    left = _Traces(
        names.temps,
        {n: names.titles[n] for n in numbers if n in names.titles},
        frozenset(names.variables.intersection(numbers)),
        own,
        frozenset(world.rebound),
        tuple(world.borrowed),
        _inferred(world).of(own),
    )
    world.used |= used
    world.rebound |= rebound
    world.borrowed[:0] = borrowed
    return _Body(segments, tuple(world.spec.order), setting, before.of(own), left)


def _setting(world: World) -> _Setting:
    return _Setting(
        world.names.temps,
        world.holders,
        tuple(
            (name, info.type_, info.field.annotation, *info.now.cases[0][1].leaves())
            for name, info in world.fields.items()
        ),
        tuple((name, each.value) for name, each in world.spec.constants.items()),
        tuple(world.types.found),
        frozenset(world.types.resized),
    )


def _inferred(world: World) -> _Inferred:
    return _Inferred(dict(world.hints), dict(world.widenings), dict(world.capped))


def _only(notes: Notes[T], used: AbstractSet[ast.AST]) -> Notes[T]:
    return {
        key: value
        for key, value in notes.items()
        if key[0] in used or not isinstance(key[0], FUNCTIONS)
    }


@lru_cache(1 << 12)
def _words(node: ast.AST) -> frozenset[str]:
    """The names that the text of a function mentions."""
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return frozenset(names.union(p.attr for p in parts if isinstance(p, ast.Attribute)))
