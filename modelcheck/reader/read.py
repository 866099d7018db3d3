"""From the text of a spec to its model.

Fields become variables, decorated methods steps and properties; every function they
call is inlined. Nothing of the spec is executed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import product

from modelcheck.layout.values import decode, show
from modelcheck.model import terms as t
from modelcheck.model.flatten import flatten
from modelcheck.model.program import (
    DEADLOCK,
    Kind,
    Mapped,
    Model,
    Property,
    Role,
)
from modelcheck.model.shapes import Shape, keys
from modelcheck.model.simplify import simplify, simplify_result
from modelcheck.model.split import (
    EndlessLoopError,
    cut,
    fuse,
    trim,
    unite,
)
from modelcheck.model.statements import (
    Body,
    MarkKind,
    Scope,
    Span,
    Statement,
    Suspend,
    WaitKind,
)
from modelcheck.model.temporal import Fairness, Temporal
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    BOOL,
    DictType,
    IntType,
    LockKind,
    LockType,
    ScalarsetType,
    SetType,
    Type,
    cardinality,
    spell,
)
from modelcheck.reader.annotations import Types, base_names
from modelcheck.reader.assembly import Assembly, Draft, checks_of
from modelcheck.reader.builder import Names, Place
from modelcheck.reader.classes import (
    Field,
    Method,
    SpecClass,
    add_mappings,
    broken,
    collect,
    find_spec,
    is_twin,
)
from modelcheck.reader.context import (
    FieldInfo,
    Frame,
    Local,
    Purpose,
    WidenError,
    World,
)
from modelcheck.reader.errors import Code, SpecError, place
from modelcheck.reader.fairness import Instance, fair_instances, steps_meant
from modelcheck.reader.formulas import FormulaReader
from modelcheck.reader.inlining import (
    is_frozen_annotation,
    receiver_name,
    returns_formula,
)
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.modules import ClassSymbol, Module, Modules, suggest
from modelcheck.reader.source import check_compiles, deepest, load, too_deep
from modelcheck.reader.twins import as_twin, check_twins, declared_twins
from modelcheck.reader.values import (
    MismatchError,
    Value,
    constant,
    widened,
)
from modelcheck.reader.wording import samples

MAX_INSTANCES = 20_000
"""The largest number of instances of one action or process."""

_OF_A_STEP = 2
"""How many states a predicate on steps looks at: `self` and `after`."""

_PROPERTIES = {
    "invariant": Kind.INVARIANT,
    "lemma": Kind.INVARIANT,
    "transition": Kind.TRANSITION,
    "reachable": Kind.REACHABLE,
    "constraint": Kind.CONSTRAINT,
}


def read_spec(
    target: str,
    scopes: Mapping[str, int] | None = None,
    preempt: str = "await",
    *,
    seen_as: str | None = None,
) -> Model:
    """The model of the spec `target`: `path.py`, or `path.py::Name`.

    `scopes` overrides sizes of scalarsets by name; `preempt` is "await", or
    "statement" for the finest grain. `seen_as` names a class in the same way, whose
    @mapping methods are read as if they were the spec's own. Raises `SpecError` if a
    file is refused.
    """
    with _reading(target, scopes, preempt) as reader:
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
    target: str, scopes: Mapping[str, int] | None, preempt: str
) -> Iterator[_Reader]:
    """A reader; refuses what is nested too deeply while it is used."""
    path, _, name = target.partition("::")
    with _own_stack():
        try:
            yield _Reader(path, name or None, dict(scopes or {}), preempt)
        except RecursionError:
            raise _too_deep(path) from None


@contextmanager
def _own_stack() -> Iterator[None]:
    """The same room for recursion, wherever and whenever a spec is read.

    Python's parser and compiler take C stack as long as this limit allows: under the
    high limit that the interpreter sets, a sum of 60,000 terms ends the process.
    """
    depth, frame = 0, sys._getframe()  # noqa: SLF001 - the only way that is not slow
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + _STACK)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


_STACK = 2000


def _too_deep(path: str) -> SpecError:
    """What to say when reading ran out of stack: the text is at fault, or its loops."""
    span, depth = deepest(load(path))
    if depth > _DEEP:
        return too_deep(span)
    return SpecError(
        Code.TOO_LARGE,
        "written out, the loops and calls of this spec are nested too deeply",
        Span(path),
        help="use smaller types and ranges, or leave long loops in fewer places",
    )


_DEEP = 60


class _Reader:
    """Reads one spec."""

    def __init__(
        self, path: str, name: str | None, scopes: dict[str, int], preempt: str
    ) -> None:
        self.path = path
        self.target = f"{path}::{name}" if name else path
        self.scopes = scopes
        self.preempt = preempt
        self.modules = Modules(path)
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
        lowering = Lowering(self.world, Purpose.CONSTANT)
        lowering.frames.append(Frame("", module, locals=self._constants(module)))
        value = lowering.expression(node)
        if not isinstance(value.type_, IntType) or not value.is_const:
            raise SpecError(
                Code.NOT_CONSTANT,
                "this must be a constant integer",
                module.span(node),
                help="use numbers, constants of the module and len() of a class",
            )
        return value.term.value

    def _constants(self, module: Module) -> dict[str, Local]:
        """Names of class constants, as expressions in a class body see them."""
        lowering = Lowering(self.world, Purpose.CONSTANT)
        lowering.frames.append(Frame("", module))
        found: dict[str, Local] = {}
        for name, symbol in self.world.spec.constants.items():
            if isinstance(symbol.value, ast.Constant) and name not in module.names:
                value = lowering.constant_of(symbol, symbol.value)
                found[name] = Local(value.type_, value=value)
        return found

    def model(self) -> Model:
        """The whole model."""
        self._check_scopes()
        processes = self._instances("process")
        self.world.holders = tuple(each.actor for each in processes)
        self._fields()
        self._initial()
        for number, each in enumerate(processes):
            self._process(number, each.actor, each.method, each.arguments)
        actions = self._instances("action")
        for each in actions:
            self._action(each.actor, each.method, each.arguments)
        properties = [
            self._temporal(method)
            if method.role == "temporal"
            else self._property(method)
            for method in self.spec.with_role(*_PROPERTIES, "temporal")
        ]
        fairness = list(self._fairness([*processes, *actions]))
        mappings = [self._mapping(m) for m in self.spec.with_role("mapping")]
        for leaves, error in self.world.borrowed:
            if leaves & self.world.rebound:
                raise error
        self._check_unused()
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

    # Instances

    def _instances(self, role: str) -> list[Instance]:
        found: list[Instance] = []
        for method in self.spec.with_role(role):
            for title, arguments in self._argument_lists(method):
                count = method.options.instances
                names = [f"{title}#{i}" for i in range(count)] if count > 1 else [title]
                found.extend(Instance(name, method, arguments) for name in names)
        return found

    def _argument_lists(
        self, method: Method
    ) -> Iterator[tuple[str, list[tuple[str, Value]]]]:
        receiver_name(method)
        own = 2 if method.role == "fairness" else 1
        parameters = method.node.args.args[own:] + method.node.args.kwonlyargs
        kinds = [self._parameter(method, p) for p in parameters]
        count = 1
        for kind in kinds:
            count *= cardinality(kind)
        if count > MAX_INSTANCES:
            raise SpecError(
                Code.TOO_LARGE,
                f"`{method.name}` has {count} combinations of arguments: "
                f"at most {MAX_INSTANCES} are possible",
                method.span,
                help="use smaller types, or choose() inside the body",
            )
        for leaves in product(*(list(keys(kind)) for kind in kinds)):
            values = [
                constant(kind, leaf) for kind, leaf in zip(kinds, leaves, strict=True)
            ]
            shown = [
                show(decode(kind, leaf))
                for kind, leaf in zip(kinds, leaves, strict=True)
            ]
            title = f"{method.name}({', '.join(shown)})" if shown else method.name
            names = [parameter.arg for parameter in parameters]
            yield title, list(zip(names, values, strict=True))

    def _parameter(self, method: Method, parameter: ast.arg) -> Type:
        if parameter.annotation is None:
            raise SpecError(
                Code.SIGNATURE,
                f"the parameter `{parameter.arg}` has no type",
                method.module.span(parameter),
                help=f"write {parameter.arg}: Device; it takes every value of its type",
            )
        kind = self.world.types.annotation(method.module, parameter.annotation)
        if isinstance(kind, DictType | LockType):
            raise SpecError(
                Code.BAD_TYPE,
                f"{spell(kind)} cannot be a parameter of an @{method.role}",
                method.module.span(parameter),
                help="choose() it inside the body, entry by entry",
            )
        return kind

    # State

    def _fields(self) -> None:
        cells = self.draft.storage.cells
        for field in self.spec.fields.values():
            type_ = self._field_type(field)
            is_lock = _is_lock(type_)
            role = Role.LOCK if is_lock else Role.STATE
            variable = self.draft.storage.variable(
                field.name, type_, role, span=field.span
            )

            now = variable.cells.map(lambda index: cells[index].now)
            after = variable.cells.map(lambda index: cells[index].after)
            self.world.fields[field.name] = FieldInfo(
                field,
                type_,
                Place(type_, ((t.TRUE, now),)),
                Place(type_, ((t.TRUE, after),)),
                is_lock,
                is_frozen_annotation(field.annotation),
            )

    def _field_type(self, field: Field) -> Type:
        module = field.owner.module
        type_ = self.world.types.annotation(module, field.annotation)
        if isinstance(type_, LockType):
            return self._lock_type(module, field, type_, field.default)
        if isinstance(type_, DictType) and isinstance(type_.value, LockType):
            default = field.default
            each = default.value if isinstance(default, ast.DictComp) else None
            lock = self._lock_type(module, field, type_.value, each)
            return DictType(type_.key, lock)
        return type_

    def _lock_type(
        self, module: Module, field: Field, lock: LockType, default: ast.expr | None
    ) -> LockType:
        """The type of a lock, whose default says how many permits a semaphore has."""
        permits = 1
        if lock.kind is LockKind.SEMAPHORE:
            permits = self._permits(module, field, default)
        return LockType(lock.kind, self.world.holders, permits)

    def _permits(self, module: Module, field: Field, default: ast.expr | None) -> int:
        match default:
            case ast.Call(args=[permits], keywords=[]):
                return self.evaluate(module, permits)
            case ast.Call(args=[], keywords=[]):
                return 1
        raise SpecError(
            Code.BAD_TYPE,
            "a semaphore needs its number of permits",
            field.span,
            help=f"write {field.name}: Semaphore = Semaphore(2); in a map, "
            "{key: Semaphore(2) for key in Type}",
        )

    def _initial(self) -> None:
        self.draft.init.extend(self._lowered(Purpose.INIT, 0, self._defaults))
        for method in self.spec.with_role("init"):
            body = self._void(Purpose.INIT, 0, method, [])
            self.draft.init.extend(body)

    def _defaults(self, lowering: Lowering) -> None:
        for name, info in self.world.fields.items():
            field, module = info.field, info.field.owner.module
            locals_ = self._constants(module)
            frame = Frame(name, module, function=field.annotation, locals=locals_)
            frame.assigned = set(locals_)
            lowering.frames.append(frame)
            if info.is_lock:
                value = _free(info.type_)
            elif field.default is None:
                value = lowering.choose_type(info.type_, field.annotation)
            else:
                found = lowering.expression(field.default, info.type_)
                value = self._default(lowering, found, info)
            lowering.builder.store(info.now, value, field.span)
            lowering.frames.pop()

    def _default(self, lowering: Lowering, value: Value, info: FieldInfo) -> Value:
        default = info.field.default
        assert default is not None
        try:
            return widened(value, info.type_)
        except MismatchError:
            pass
        before = len(lowering.builder.out)
        what = f"the default of `{info.field.name}`"
        converted = lowering.convert(value, info.type_, default, what)
        if value.is_const and len(lowering.builder.out) > before:
            raise SpecError(
                Code.ASSIGN_TYPE,
                f"{what} is not one of {spell(info.type_)}",
                info.field.owner.module.span(default),
                help=f"write {samples(info.type_)}",
            )
        return converted

    # Bodies

    def _lowered(
        self, purpose: Purpose, actor: int, build: Callable[[Lowering], None]
    ) -> list[Statement]:
        """What `build` emits, repeated until every local has a type wide enough."""
        while True:
            lowering = Lowering(self.world, purpose, actor)
            try:
                build(lowering)
            except WidenError:
                continue
            return lowering.builder.out

    def _frame(self, method: Method, arguments: list[tuple[str, Value]]) -> Frame:
        frame = Frame(method.name, method.module, method.owner, method.node)
        frame.is_async = isinstance(method.node, ast.AsyncFunctionDef)
        frame.receiver = receiver_name(method)
        frame.views[frame.receiver] = False
        for name, value in arguments:
            is_frozen = isinstance(value.type_, SetType)
            frame.locals[name] = Local(value.type_, value=value, is_frozen=is_frozen)
        frame.assigned = {name for name, _ in arguments}
        self.world.used.add(method.node)
        return frame

    def _void(
        self,
        purpose: Purpose,
        actor: int,
        method: Method,
        arguments: list[tuple[str, Value]],
    ) -> list[Statement]:
        """The lowered body of a method that returns nothing, in its own scope."""
        self._check_returns_none(method)

        def build(lowering: Lowering) -> None:
            frame = self._frame(method, arguments)
            frame.result_type = self.world.types.annotation(
                method.module, ast.Constant(None)
            )
            frame.return_label = self.world.names.label()
            lowering.frames.append(frame)
            with lowering.builder.block() as body:
                lowering.own_assigned(method.node)
                lowering.block(method.node.body)
            lowering.builder.emit(Scope(frame.return_label, tuple(body)))

        return self._lowered(purpose, actor, build)

    def _check_returns_none(self, method: Method) -> None:
        returns = method.node.returns
        if isinstance(returns, ast.Constant) and returns.value is None:
            return
        raise SpecError(
            Code.SIGNATURE,
            f"an @{method.role} returns nothing",
            method.span,
            help=f"write `def {method.name}(...) -> None:`",
        )

    def _action(
        self, actor: str, method: Method, arguments: list[tuple[str, Value]]
    ) -> None:
        lowered = self._void(Purpose.ACTION, 0, method, arguments)
        body = simplify(flatten(tuple(lowered)))
        self.draft.add_step(actor, method, body, None, method.span)

    def _process(
        self,
        number: int,
        actor: str,
        method: Method,
        arguments: list[tuple[str, Value]],
    ) -> None:
        lowered = self._void(Purpose.PROCESS, number, method, arguments)
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
        segments = trim(unite(trim(fuse(segments))))
        values = [value for _, value in arguments]
        Assembly(self.draft, number, actor, method, values, segments).run()

    # Properties

    def _property(self, method: Method) -> Property:
        kind = _PROPERTIES[method.role]
        names = [a.arg for a in method.node.args.args]
        wanted = 2 if kind is Kind.TRANSITION else 1
        if len(names) != wanted:
            what = "self and after" if wanted > 1 else "self alone"
            names_ = "self, after: Self" if wanted > 1 else "self"
            raise SpecError(
                Code.SIGNATURE,
                f"an @{method.role} takes {what}",
                method.span,
                help=f"write def {method.name}({names_}) -> bool",
            )
        body, result = self._predicate(method, [])
        options = method.options
        return Property(
            method.name,
            kind,
            body,
            result,
            ast.get_docstring(method.node) or "",
            options.expect,
            options.because,
            method.span,
            is_lemma=method.role == "lemma",
        )

    def _temporal(self, method: Method) -> Property:
        """The property of runs that an @temporal method describes."""
        arguments = method.node.args
        if len(arguments.args) != 1 or arguments.kwonlyargs:
            raise SpecError(
                Code.SIGNATURE,
                "an @temporal takes self alone",
                method.span,
                help=f"write def {method.name}(self) -> Formula; for all devices, "
                "every(... for dev in Device)",
            )
        if not returns_formula(method.node, method.module):
            raise SpecError(
                Code.SIGNATURE,
                "an @temporal is about runs: it returns a Formula",
                method.span,
                help=f"write `def {method.name}(self) -> Formula:`, with Formula "
                "imported from modelcheck; what holds in one state is an @invariant",
            )
        found: list[Temporal] = []

        def build(lowering: Lowering) -> None:
            lowering.frames.append(self._frame(method, []))
            found[:] = [FormulaReader(lowering).temporal(method.node)]

        self._lowered(Purpose.PROPERTY, 0, build)
        return Property(
            method.name,
            Kind.TEMPORAL,
            (),
            t.TRUE,
            ast.get_docstring(method.node) or "",
            method.options.expect,
            method.options.because,
            method.span,
            found[0],
        )

    def _fairness(self, instances: list[Instance]) -> Iterator[Fairness]:
        """What the spec says about fairness: `fair=`, then @fairness."""
        steps = self.draft.steps
        yield from fair_instances(instances, steps)
        for method in self.spec.with_role("fairness"):
            if len(method.node.args.args) < _OF_A_STEP:
                raise SpecError(
                    Code.SIGNATURE,
                    "an @fairness describes a transition: it takes self and after",
                    method.span,
                    help=f"write def {method.name}(self, after: Self) -> bool",
                )
            for name, arguments in self._argument_lists(method):
                meant = steps_meant(method, arguments, instances, steps)
                body, result = self._predicate(method, arguments)
                strength = method.options.fair
                assert strength is not None
                yield Fairness(name, strength, meant, body, result, method.span)

    def _mapping(self, method: Method) -> Mapped:
        """The value of an abstract variable that an @mapping method computes."""
        if len(method.node.args.args) != 1 or method.node.args.kwonlyargs:
            raise SpecError(
                Code.SIGNATURE,
                "an @mapping takes self alone",
                method.span,
                help=f"write def {method.name}(self) -> T, with the variable's type T",
            )
        results: list[Value] = []

        def build(lowering: Lowering) -> None:
            frame = self._frame(method, [])
            frame.result_type = lowering.result_type(frame, method.node)
            lowering.frames.append(frame)
            results[:] = [lowering.run_body(frame, method.node)]

        body = flatten(tuple(self._lowered(Purpose.PROPERTY, 0, build)))
        (value,) = results
        values = tuple(simplify_result(body, leaf) for leaf in value.shape.leaves())
        options = method.options
        return Mapped(options.of, value.type_, values, options.of_span)

    def _predicate(
        self, method: Method, arguments: list[tuple[str, Value]]
    ) -> tuple[Body, Term]:
        """The Boolean that a method computes, of one state or of two."""
        names = [a.arg for a in method.node.args.args][:_OF_A_STEP]
        results: list[Term] = []

        def build(lowering: Lowering) -> None:
            results[:] = [self._truth(lowering, method, names, arguments)]

        lowered = self._lowered(Purpose.PROPERTY, 0, build)
        return simplify_result(flatten(tuple(lowered)), results[0])

    def _truth(
        self,
        lowering: Lowering,
        method: Method,
        names: list[str],
        arguments: list[tuple[str, Value]],
    ) -> Term:
        frame = self._frame(method, arguments)
        if len(names) > 1:
            frame.views[names[1]] = True
        returns = method.node.returns
        if (
            returns is None
            or self.world.types.annotation(method.module, returns) != BOOL
        ):
            raise SpecError(
                Code.SIGNATURE,
                f"an @{method.role} answers yes or no: it returns a bool",
                method.span,
                help=f"write `def {method.name}({', '.join(names)}) -> bool:`",
            )
        frame.result_type = BOOL
        lowering.frames.append(frame)
        return lowering.run_body(frame, method.node).term

    def _check_unused(self) -> None:
        """Read helpers that nothing calls too, so that their errors are found."""
        for method in self.spec.methods.values():
            if method.node in self.world.used or method.role:
                continue
            purpose = Purpose.ACTION
            if isinstance(method.node, ast.AsyncFunctionDef):
                purpose = Purpose.PROCESS

            def build(lowering: Lowering, method: Method = method) -> None:
                self._dry_run(lowering, method)

            if returns_formula(method.node, method.module):
                purpose = Purpose.PROPERTY

            self._lowered(purpose, 0, build)

    def _dry_run(self, lowering: Lowering, method: Method) -> None:
        is_formula = returns_formula(method.node, method.module)
        names = method.node.args.args + method.node.args.kwonlyargs
        if not method.is_static:
            receiver_name(method)
            names = names[1:]
        arguments = []
        for parameter in names:
            kind = self._parameter(method, parameter)
            # What a helper of formulas is given is known before the run.
            value = constant(kind, next(keys(kind)))
            if not is_formula:
                value = lowering.builder.new_place(kind, parameter.arg).read()
            arguments.append((parameter.arg, value))
        if method.is_static:
            frame = Frame(method.name, method.module, method.owner, method.node)
            for name, value in arguments:
                frame.locals[name] = Local(value.type_, value=value)
            frame.assigned = {name for name, _ in arguments}
        else:
            frame = self._frame(method, arguments)
        lowering.frames.append(frame)
        if is_formula:
            FormulaReader(lowering).temporal(method.node)
            return
        frame.result_type = lowering.result_type(frame, method.node)
        lowering.run_body(frame, method.node)

    # The whole

    def _assemble(self, properties: list[Property], fairness: list[Fairness]) -> Model:
        plain = [p for p in properties if p.kind is not Kind.CONSTRAINT]
        plain += [self._deadlock()]
        plain += checks_of(self.draft.steps)
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


_DEADLOCK_DOC = "Every process that is not done can go on some time."


def _is_lock(type_: Type) -> bool:
    return isinstance(type_, LockType) or (
        isinstance(type_, DictType) and isinstance(type_.value, LockType)
    )


def _free(type_: Type) -> Value:
    """The value of a lock, or of a map of locks, that nobody holds."""
    if isinstance(type_, LockType):
        return constant(type_, next(keys(type_)))
    assert isinstance(type_, DictType)
    free = _free(type_.value).shape
    return Value(type_, Shape(items=(free,) * cardinality(type_.key)))
