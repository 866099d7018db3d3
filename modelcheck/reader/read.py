"""From the text of a spec to its model.

Fields become variables, decorated methods steps and properties; every function they
call is inlined. Nothing of the spec is executed.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from modelcheck.model import terms as t
from modelcheck.model.flatten import flatten
from modelcheck.model.fuse import fuse, unite
from modelcheck.model.program import DEADLOCK, EVALUATION, Kind, Model, Property
from modelcheck.model.segments import Segment, trim
from modelcheck.model.simplify import simplify
from modelcheck.model.split import EndlessLoopError, cut
from modelcheck.model.statements import MarkKind, Span, Suspend, WaitKind
from modelcheck.model.temporal import Fairness
from modelcheck.model.terms import Term
from modelcheck.model.types import ScalarsetType
from modelcheck.reader.annotations import Types
from modelcheck.reader.assembly import Assembly, Draft, checks_of
from modelcheck.reader.bases import find_spec
from modelcheck.reader.bodies import procedure
from modelcheck.reader.builder import Names
from modelcheck.reader.classes import SpecClass, collect
from modelcheck.reader.constants import integer
from modelcheck.reader.context import Purpose, World
from modelcheck.reader.errors import Code, SpecError, place
from modelcheck.reader.headers import broken, is_twin
from modelcheck.reader.instances import Instance, instances
from modelcheck.reader.mappings import add_mappings
from modelcheck.reader.memory import Memory
from modelcheck.reader.modules import ClassSymbol, Module, suggest
from modelcheck.reader.properties import (
    PROPERTY_KINDS,
    read_fairness,
    read_mapping,
    read_property,
)
from modelcheck.reader.source import check_compiles
from modelcheck.reader.stack import out_of_stack, own_stack
from modelcheck.reader.symbols import base_names
from modelcheck.reader.twins import as_twin, check_twins, declared_twins
from modelcheck.reader.unused import check_unused
from modelcheck.reader.variables import declare, initialised


def read_spec(
    target: str,
    scopes: Mapping[str, int] | None = None,
    preempt: str = "await",
    *,
    seen_as: str | None = None,
    memory: Memory | None = None,
) -> Model:
    """The model of the spec `target`: `path.py`, or `path.py::Name`.

    `scopes` overrides sizes of scalarsets by name; `preempt` is "await", or
    "statement" for the finest grain. `seen_as` names a class in the same way, whose
    @mapping methods are read as if they were the spec's own. With the same `memory`, a
    spec and its twins are read in less time than alone. Raises `SpecError` if a file is
    refused.
    """
    # A class of mappings adds modules that are none of the spec's.
    known = memory if seen_as is None else None
    with _reading(target, scopes, preempt, known) as reader:
        if seen_as is not None:
            reader.see_as(seen_as)
        return reader.model()


Points = frozenset[tuple[MarkKind, Span]]
"""Statements and branches of a spec: what coverage counts."""


def read_counted(
    target: str,
    scopes: Mapping[str, int] | None = None,
    preempt: str = "await",
) -> tuple[Model, Points]:
    """The model of `read_spec` with a mark at every statement and branch of its steps.

    Also the places that were read. Marks of what can be seen never to happen are not in
    the model. Two places of preemption that differ in nothing but their marks stay two,
    so there may be more states.
    """
    points: set[tuple[MarkKind, Span]] = set()
    with _reading(target, scopes, preempt) as reader:
        reader.world.points = points
        return reader.model(), frozenset(points)


@contextmanager
def _reading(
    target: str,
    scopes: Mapping[str, int] | None,
    preempt: str,
    memory: Memory | None = None,
) -> Iterator[_Reader]:
    """A reader; refuses what is nested too deeply while it is used."""
    path, _, name = target.partition("::")
    with own_stack(), _no_collection():
        try:
            known = memory or Memory()
            yield _Reader(path, name or None, dict(scopes or {}), preempt, known)
        except RecursionError:
            raise out_of_stack(path) from None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let nobody look for garbage in cycles.

    Reading makes many objects, nearly all of which stay: looking through them again and
    again takes a fifth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Reader:
    """Reads one spec."""

    def __init__(
        self,
        path: str,
        name: str | None,
        scopes: dict[str, int],
        preempt: str,
        memory: Memory,
    ) -> None:
        self.path = path
        self.target = f"{path}::{name}" if name else path
        self.scopes = scopes
        self.preempt = preempt
        self.memory = memory
        self.modules = memory.open(path, scopes, preempt)
        types = Types(path, scopes, self.evaluate)
        symbol = find_spec(self.modules.main, name)
        self.world = World(self.modules, types, SpecClass(symbol, [symbol]), Names())
        self.world.is_fine = preempt == "statement"
        self.world.spec = collect(symbol, self.evaluate)
        self.spec = self.world.spec
        self.draft = Draft(self.world.names)

    def see_as(self, target: str) -> None:
        """Add the @mapping methods, and their helpers, of another class."""
        path, _, name = target.partition("::")
        symbol = find_spec(self.modules.load(path), name or None)
        add_mappings(self.spec, symbol, self.evaluate)

    def evaluate(self, module: Module, node: ast.expr) -> int:
        """The value of a constant integer expression."""
        return integer(self.world, module, node)

    def model(self) -> Model:
        """The whole model."""
        world = self.world
        self._check_scopes()
        processes = instances(world, "process")
        world.holders = tuple(each.actor for each in processes)
        declare(world, self.draft.storage)
        self.draft.init.extend(initialised(world))
        for number, each in enumerate(processes):
            self._process(number, each)
        actions = instances(world, "action")
        for each in actions:
            self._action(each)
        properties = [
            read_property(world, method)
            for method in self.spec.with_role(*PROPERTY_KINDS, "temporal")
        ]
        every = [*processes, *actions]
        fairness = list(read_fairness(world, every, self.draft.steps))
        mappings = [read_mapping(world, m) for m in self.spec.with_role("mapping")]
        for held, error in world.borrowed:
            if any(change.replaces(held) for change in world.rebound):
                raise error
        check_unused(world)
        for module in self.modules.loaded:
            check_compiles(module.source)
        model = self._assemble(properties, fairness)
        return replace(model, mappings=tuple(mappings))

    def _check_scopes(self) -> None:
        classes = {
            symbol.node.name: symbol
            for module in self.modules.loaded
            for symbol in module.names.values()
            if isinstance(symbol, ClassSymbol) and "Scalarset" in base_names(symbol)
        }
        for name in self.scopes:
            if name not in classes:
                known = ", ".join(sorted(classes))
                raise SpecError(
                    Code.SCOPE,
                    f"there is no scope `{name}`: only a Scalarset has a size",
                    Span(self.path),
                    help=suggest(name, classes)
                    or (f"its scopes are {known}" if known else f"drop --scope {name}"),
                )
            symbol = classes[name]
            self.world.types.of_class(symbol, symbol.module.span(symbol.node))

    def _action(self, each: Instance) -> None:
        lowered = procedure(self.world, Purpose.ACTION, 0, each.method, each.arguments)
        body = simplify(flatten(tuple(lowered)))
        self.draft.add_step(each.actor, each.method, body, None, each.method.span)

    def _process(self, number: int, each: Instance) -> None:
        segments = self.memory.segments(
            self.world, number, each, lambda: self._segments(number, each)
        )
        values = [value for _, value in each.arguments]
        Assembly(self.draft, number, each.actor, each.method, values, segments).run()

    def _segments(self, number: int, each: Instance) -> list[Segment]:
        method, arguments = each.method, each.arguments
        lowered = procedure(self.world, Purpose.PROCESS, number, method, arguments)
        start = Suspend(
            WaitKind.START, f"{method.name}:{method.span.line}", None, method.span
        )
        try:
            segments = cut(tuple(lowered), start)
        except EndlessLoopError as error:
            raise SpecError(
                Code.NO_BOUND,
                "this loop can go round without ever being suspended",
                error.span,
                help="put `await preempt()` or `await until(lambda: ...)` on every way "
                "round",
            ) from None
        return trim(unite(trim(fuse(segments))))

    def _assemble(self, properties: list[Property], fairness: list[Fairness]) -> Model:
        given = [self._deadlock(), *checks_of(self.draft.steps)]
        _refuse_names(properties, {EVALUATION, *(each.name for each in given)})
        plain = [p for p in properties if p.kind is not Kind.CONSTRAINT]
        plain += given
        breaks: tuple[str, ...] = ()
        if is_twin(self.spec.symbol):
            plain = as_twin(self.spec, plain)
            breaks = tuple(each.name for each in broken(self.spec.symbol))
        else:
            check_twins(self.spec, plain)
        symmetric = tuple(
            name
            for name, found in self.world.types.found.items()
            if found.symmetric and found.size > 1
        )
        main = self.modules.main
        docs = [
            ast.get_docstring(main.source.tree),
            ast.get_docstring(self.spec.symbol.node),
        ]
        ignored = [s for m in self.modules.loaded for s in m.ignored]
        return Model(
            name=self.spec.symbol.node.name,
            path=self.target,
            doc="\n\n".join(doc for doc in docs if doc),
            scopes=self._sizes(),
            cells=tuple(self.draft.storage.cells),
            variables=tuple(self.draft.storage.variables),
            processes=tuple(self.draft.processes),
            zero=self._zero(),
            init=simplify(flatten(tuple(self.draft.init))),
            steps=tuple(self.draft.steps),
            properties=tuple(plain),
            constraints=tuple(p for p in properties if p.kind is Kind.CONSTRAINT),
            is_rest=self._rest(),
            symmetric=symmetric,
            preempt=self.preempt,
            warnings=tuple(
                f"{place(span)}: not part of the model, and not executed"
                for span in ignored
            ),
            fairness=tuple(fairness),
            twins=declared_twins(self.spec),
            breaks=breaks,
            floor=self.spec.floor,
            models=self.spec.models,
            resized=tuple(sorted(self.world.types.resized)),
        )

    def _deadlock(self) -> Property:
        options = self.spec.deadlock
        return Property(
            DEADLOCK,
            Kind.DEADLOCK,
            (),
            t.TRUE,
            _DEADLOCK_DOC,
            options.expect,
            options.because,
        )

    def _sizes(self) -> dict[str, int]:
        found: dict[str, ScalarsetType] = self.world.types.found
        return {name: type_.size for name, type_ in found.items()}

    def _zero(self) -> tuple[int, ...]:
        return tuple(
            min(max(cell.range.lo, 0), cell.range.hi)
            for cell in self.draft.storage.cells
        )

    def _rest(self) -> Term:
        if not self.draft.processes:
            return t.FALSE
        return t.and_(
            *(
                t.eq(self.draft.storage.cells[p.pc].now, t.const(p.done))
                for p in self.draft.processes
                if not p.is_daemon
            )
        )


def _refuse_names(properties: list[Property], taken: set[str]) -> None:
    """Refuse properties with the names of those that a spec has anyway.

    Engines, reports and certificates tell properties apart by their names.
    """
    for prop in properties:
        if prop.name in taken:
            raise SpecError(
                Code.DEFINED_TWICE,
                f"`{prop.name}` is a property that the checker adds to the spec",
                prop.span,
                help="give this one another name",
            )


_DEADLOCK_DOC = "Every process that is not done can go on some time."
