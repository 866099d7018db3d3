"""What lowering one body carries along: the spec, the frames and the builder.

A *frame* is one call of a function, inlined: its module, its locals, where `return`
goes. `Context` is the base of `lowering.Lowering`, whose parts live in one file each.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from modelcheck.model import terms as t
from modelcheck.model.statements import (
    Assert,
    Check,
    Choose,
    If,
    Let,
    Mark,
    MarkKind,
    Require,
    Scope,
    Span,
    Statement,
    Suspend,
    WaitKind,
)
from modelcheck.model.terms import Op, Term
from modelcheck.model.types import (
    DictType,
    ListType,
    NoneType,
    OptionalType,
    SetType,
    Type,
    is_container,
    parts,
    spell,
)
from modelcheck.reader.annotations import Types
from modelcheck.reader.builder import Builder, Names, Place, flat
from modelcheck.reader.classes import Field, SpecClass
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.intervals import Known
from modelcheck.reader.methods import Function, Method
from modelcheck.reader.modules import ClassSymbol, Module, Modules
from modelcheck.reader.type_limits import holds_container
from modelcheck.reader.values import MismatchError, Value, narrowed
from modelcheck.reader.wording import describe, samples

MAX_ROUNDS = 20_000
"""The largest number of rounds of loops and of calls in one body, all written out."""


class Purpose(Enum):
    """What a body is for, which decides what it may do."""

    PROCESS = "process"
    ACTION = "action"
    INIT = "init"
    PROPERTY = "property"
    CONSTANT = "constant"


@dataclass(slots=True)
class Local:
    """A local variable: its storage, or the value it is bound to for good."""

    type_: Type
    place: Place | None = None
    value: Value | None = None
    is_frozen: bool = False
    declared: Type | None = None


@dataclass(slots=True)
class Frame:
    """One inlined call of `function` at `site`, a node of the caller's module.

    `assigned` are the locals that have a value on every way here; it is None where
    control cannot come. `views` are the names that stand for the spec itself: False for
    its state now, True for the state after the step; `receiver` is the first of them.
    """

    title: str
    module: Module
    owner: ClassSymbol | None = None
    function: ast.AST | None = None
    site: ast.AST | None = None
    receiver: str = ""
    views: dict[str, bool] = field(default_factory=dict)
    is_async: bool = False
    locals: dict[str, Local] = field(default_factory=dict)
    assigned: set[str] | None = field(default_factory=set)
    return_label: int = 0
    result: Place | None = None
    result_type: Type | None = None
    exits: list[Exit] = field(default_factory=list)


@dataclass(slots=True)
class Exit:
    """Something a jump leaves: a loop with its labels, or a lock to release."""

    break_label: int = 0
    continue_label: int = 0
    release: Callable[[], None] | None = None
    breaks: list[Known] = field(default_factory=list)
    continues: list[Known] = field(default_factory=list)
    broken: list[set[str]] = field(default_factory=list)
    continued: list[set[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A state variable with its type and its cells, now and after the step."""

    field: Field
    type_: Type
    now: Place
    after: Place
    is_lock: bool
    is_frozen: bool


@dataclass(slots=True)
class World:
    """What is known of the whole spec while its bodies are lowered.

    `points` are the places that get a mark for coverage; None if they get none.
    """

    modules: Modules
    types: Types
    spec: SpecClass
    names: Names
    fields: dict[str, FieldInfo] = field(default_factory=dict)
    holders: tuple[str, ...] = ()
    hints: dict[tuple[ast.AST, str], Type] = field(default_factory=dict)
    widenings: dict[tuple[ast.AST, str], int] = field(default_factory=dict)
    capped: dict[tuple[ast.AST, str], Type] = field(default_factory=dict)
    used: set[ast.AST] = field(default_factory=set)
    is_fine: bool = False
    rebound: set[Change] = field(default_factory=set)
    borrowed: list[tuple[Change, SpecError]] = field(default_factory=list)
    points: set[tuple[MarkKind, Span]] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something happens to a container of `type_` in the cells or temporaries."""

    type_: Type | None
    leaves: frozenset[Term]

    def replaces(self, held: Change) -> bool:
        """Whether what is `held` is another container then, not just a part of it."""
        is_part = held.type_ is not None and _is_inside(self.type_, held.type_)
        return not is_part and bool(self.leaves & held.leaves)


def _is_inside(inner: Type | None, outer: Type) -> bool:
    match outer:
        case SetType(item) | ListType(item) | OptionalType(item):
            found = [item]
        case DictType(key, value):
            found = [key, value]
        case _:
            found = list(parts(outer))
    return any(inner == each or _is_inside(inner, each) for each in found)


class WidenError(Exception):
    """A local turned out to need a larger type: lower the body again with the hint."""


class Context(ABC):
    """The state of lowering one body, and what its parts call of each other."""

    def __init__(self, world: World, purpose: Purpose, actor: int = 0) -> None:
        self.world = world
        self.purpose = purpose
        self.actor = actor
        self.builder = Builder(world.names)
        self.frames: list[Frame] = []
        self.lock_depth = 0
        self.once: dict[int, Value | None] = {}
        # What is accessed as soon as an expression, the last argument, is known.
        self.accesses: dict[int, tuple[ast.Call, Place | None]] = {}
        self.rebound: list[Change] = []
        self.mutated: list[Change] = []
        self.deep: ast.expr | None = None
        self.lent: dict[ast.AST, Type] = {}
        self.spent = 0
        self.known: Known = {}

    @property
    def frame(self) -> Frame:
        """The innermost call."""
        return self.frames[-1]

    def span(self, node: ast.AST) -> Span:
        """The place of a node of the function being lowered."""
        return self.frame.module.span(node)

    def count(self, kind: MarkKind, node: ast.AST) -> None:
        """Let coverage count how often a step comes here, if the spec is read for it.

        What properties, conditions and constants look at is not counted.
        """
        points = self.world.points
        if points is None or self.purpose in (Purpose.PROPERTY, Purpose.CONSTANT):
            return
        span = self.span(node)
        points.add((kind, span))
        # The name tells the marks of two places apart, which spans do not.
        self.builder.emit(Mark(kind, f"{span.path}:{span.line}:{span.col}", (), span))

    def error(
        self, code: Code, message: str, node: ast.AST, help_: str = ""
    ) -> SpecError:
        """An error at `node`, with the calls that led there as notes."""
        notes = [
            Note(outer.module.span(inner.site), _how(outer, inner.site))
            for outer, inner in zip(
                self.frames[-2::-1], self.frames[:0:-1], strict=False
            )
            if inner.site is not None
        ]
        return SpecError(code, message, self.span(node), help_, notes)

    def spend(self, node: ast.AST) -> None:
        """Count a round of a loop or a call, which are written out; refuse too many."""
        self.spent += 1
        if self.spent > MAX_ROUNDS:
            raise self.error(
                Code.TOO_LARGE,
                f"`{self.frames[0].title}` takes more than {MAX_ROUNDS} rounds of "
                "loops and calls",
                node,
                help_="use smaller types, or fewer loops inside each other",
            )

    def looks_only(self) -> str:
        """Where the code being read stands, if it may only look at the state."""
        if self.purpose is Purpose.CONSTANT:
            return "a constant"
        if self.purpose is not Purpose.PROPERTY:
            return ""
        if self.frames[0].is_async:
            return "the condition of until()"
        return "a property"

    def convert(self, value: Value, type_: Type, node: ast.AST, what: str) -> Value:
        """`value` as one of `type_`; a check is emitted where that can fail.

        Raises `SpecError` MC201 if the types do not fit; `what` names the target.
        """
        checks: list[Term] = []
        try:
            result = narrowed(value, type_, checks)
        except MismatchError:
            raise self._misfit(value.type_, type_, node, what) from None
        cond = t.and_(*checks)
        message = f"{what} leaves {spell(type_)}"
        self.builder.check(
            cond, Check.RANGE, message, self.frame.title, self.span(node)
        )
        return result

    def _misfit(self, found: Type, type_: Type, node: ast.AST, what: str) -> SpecError:
        """The error for a value of type `found` where one of `type_` is needed."""
        if isinstance(type_, NoneType):
            message = f"{what} is None, but this is {describe(found)}"
            return self.error(Code.ASSIGN_TYPE, message, node, "write None, or nothing")
        if isinstance(found, NoneType):
            return self.error(
                Code.ASSIGN_TYPE,
                f"{what} is {spell(type_)} and can never be None",
                node,
                help_=f"declare it as {spell(type_)} | None",
            )
        return self.error(
            Code.ASSIGN_TYPE,
            f"{what} is {spell(type_)}, but this is {describe(found)}",
            node,
            help_=f"write {samples(type_)}",
        )

    def guarded(self, cond: Term, statements: list[Statement]) -> None:
        """Emit `statements` under `cond`; their temporaries get a value either way."""
        if cond is t.TRUE:
            self.builder.out.extend(statements)
        elif statements and cond is not t.FALSE:
            for temp in _temporaries(statements):
                low = t.constant_of(temp.sort, temp.lo, temp.hi)
                self.builder.emit(Let(temp, low))
            self.builder.emit(If(cond, tuple(statements)))
        elif statements:
            for temp in _temporaries(statements):
                low = t.constant_of(temp.sort, temp.lo, temp.hi)
                self.builder.emit(Let(temp, low))

    def suspend(self, kind: WaitKind, node: ast.AST, lock: str | None = None) -> None:
        """Emit a suspension point."""
        label = f"{self.frame.title}:{self.span(node).line}"
        self.builder.emit(Suspend(kind, label, lock, self.span(node)))

    def touch(self, node: ast.AST) -> bool:
        """At the finest grain, make the access at `node` a preemption point."""
        is_point = (
            self.world.is_fine
            and self.purpose is Purpose.PROCESS
            and not self.lock_depth
        )
        if is_point:
            self.suspend(WaitKind.PREEMPT, node)
        return is_point

    def touch_place(self, node: ast.AST, place: Place | None) -> bool:
        """As `touch`, before `place` is accessed.

        Only then does it matter whether the lists that it is in are long enough.
        """
        out = self.builder.out
        before = len(out)
        is_point = self.touch(node)
        if is_point and place is not None:
            early = {id(check) for check in place.checks}
            out[:before] = [each for each in out[:before] if id(each) not in early]
            out.extend(replace(check) for check in place.checks)
        return is_point

    def require(
        self, cond: Term, node: ast.AST, *, is_assumption: bool = False
    ) -> None:
        """Emit a `Require` unless `cond` is known to hold."""
        if cond is not t.TRUE:
            self.builder.emit(Require(cond, self.span(node), is_assumption))

    # Containers are objects: code that holds on to one goes on with it even after its
    # variable has been given another. The model knows only variables.

    def rebind(self, place: Place) -> None:
        """Note that the variable `place` gets another container."""
        if is_container(place.type_):
            change = Change(place.type_, _leaves(place))
            self.rebound.append(change)
            if self.purpose is not Purpose.INIT:
                self.world.rebound.add(change)

    def mutate(self, type_: Type | None, place: Place) -> None:
        """Note that a container of `type_` with the cells `place` changes in place."""
        self.mutated.append(Change(type_, _leaves(place)))

    def refuse_shallow(self, node: ast.expr, item: Type) -> None:
        """Refuse a copy `node` whose items are containers that the original keeps.

        An assignment to a variable of the state copies them, too.
        """
        if holds_container(item) and node is not self.deep and not self.looks_only():
            raise self.error(
                Code.ALIAS,
                "this copy has the same containers inside as the original",
                node,
                help_="copy each: {key: set(value) for key, value in m.items()}",
            )

    def borrow(
        self,
        place: Place,
        statements: list[Statement],
        mark: int,
        node: ast.AST,
        help_: str,
    ) -> None:
        """Refuse `statements`, lowered since `mark`, that replace what `place` holds.

        Python has looked up the container before they run. Where they are suspended,
        any process may replace it; that is known when all have been read. Elements of a
        list whose length changes may stand elsewhere then.
        """
        held = Change(place.type_, _leaves(place))
        error = self.error(
            Code.ALIAS,
            f"`{ast.unparse(node)}` can be replaced by another container in between",
            node,
            help_,
        )
        if any(other.replaces(held) for other in self.rebound[mark:]):
            raise error
        if self.builder.writes(statements, {*place.lengths}):
            raise self.error(
                Code.ALIAS,
                f"`{ast.unparse(node)}` can move within its list in between",
                node,
                help_,
            )
        if any(isinstance(statement, Suspend) for statement in flat(statements)):
            self.world.borrowed.append((held, error))

    def early(self, node: ast.expr, value: Value, later: list[Statement]) -> Value:
        """`value`, written at `node`, as it was before `later` runs."""
        if not self.builder.changes(later):
            return value
        if is_container(value.type_):
            read = {part for leaf in value.shape.leaves() for part in _contents(leaf)}
            # Of what a call gives back nobody knows any more where it came from.
            is_lent = any(called(part) in self.lent for part in choices_of(node))
            is_named = any(isinstance(part, _NAMED) for part in choices_of(node))
            if is_lent or (is_named and self.builder.writes(later, read)):
                raise self.error(
                    Code.ALIAS,
                    f"`{ast.unparse(node)}` can change while this is computed",
                    node,
                    help_="compute the other part first, in a statement of its own",
                )
        return self.builder.hold(value)

    @abstractmethod
    def expression(self, node: ast.expr, expect: Type | None = None) -> Value:
        """Lower an expression; `expect` helps literals that have no type alone."""

    @abstractmethod
    def condition(self, node: ast.expr) -> Term:
        """Lower an expression that is tested for truth."""

    @abstractmethod
    def place_of(self, node: ast.expr) -> Place | None:
        """The storage that `node` denotes, if it denotes one."""

    @abstractmethod
    def call(self, node: ast.Call, expect: Type | None, *, is_awaited: bool) -> Value:
        """Lower a call."""

    @abstractmethod
    def invoke(
        self,
        function: Function,
        method: Method | None,
        module: Module,
        node: ast.expr,
        *,
        is_after: bool,
    ) -> Value:
        """Inline a function of the spec called at `node`."""

    @abstractmethod
    def refuse_alias(
        self, node: ast.expr, kind: Type | None, *, is_changed: bool = True
    ) -> None:
        """Refuse a second name for a container that can change in place."""

    @abstractmethod
    def refuse_part(self, node: ast.expr, kind: Type) -> None:
        """Refuse a name for a container in the tuple that `node` gives."""

    @abstractmethod
    def builtin(self, node: ast.Call, name: str, expect: Type | None) -> Value:
        """Lower a call of a function of Python or of the library."""

    @abstractmethod
    def container_call(self, node: ast.Call, base: ast.expr, name: str) -> Value:
        """Lower a method call on a set, list or map."""

    @abstractmethod
    def lock_place(self, node: ast.expr) -> Place | None:
        """The lock that `node` denotes, if it denotes one."""

    @abstractmethod
    def lock_call(
        self, node: ast.Call, base: ast.expr, name: str, *, is_awaited: bool
    ) -> Value:
        """Lower a method call on a lock."""

    @abstractmethod
    def block(self, statements: list[ast.stmt]) -> None:
        """Lower statements in order."""

    @abstractmethod
    def items(self, node: ast.expr, *, is_loop: bool) -> list[tuple[Term, Value]]:
        """The values of an iteration, each with the condition that it takes place."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value) -> None:
        """Bind loop variables to `value` without storing it."""


def _how(outer: Frame, site: ast.AST) -> str:
    """What the code of `outer` at `site` does with the function that went wrong."""
    if not outer.title:
        return "used here"
    is_call = isinstance(site, ast.Call | ast.Await)
    return f"{'called from' if is_call else 'used in'} `{outer.title}`"


_NAMED = (ast.Attribute, ast.Name, ast.Subscript)
"""Expressions whose value is a container that is kept somewhere."""


def choices_of(node: ast.expr) -> list[ast.expr]:
    """The expressions one of which gives the value of `node`."""
    if isinstance(node, ast.IfExp):
        return [*choices_of(node.body), *choices_of(node.orelse)]
    return [node]


def _contents(leaf: Term) -> Iterator[Term]:
    """What `leaf` is made of, but not what says which of several it is."""
    choices = [leaf]
    while choices:
        top = choices.pop()
        if top.op is Op.ITE:
            choices.extend(top.args[1:])
        else:
            yield from t.walk([top])


def called(node: ast.expr) -> ast.expr:
    """The call that `node` awaits, or `node` itself."""
    return node.value if isinstance(node, ast.Await) else node


def _leaves(place: Place) -> frozenset[Term]:
    found = (leaf for _, shape in place.cases for leaf in shape.leaves())
    return frozenset(leaf for leaf in found if not leaf.is_const)


def _temporaries(statements: list[Statement]) -> list[Term]:
    """The temporaries written by `statements`, each once, in order."""
    found: dict[Term, None] = {}
    stack: list[Statement] = list(reversed(statements))
    while stack:
        top = stack.pop()
        match top:
            case Let(temp) | Choose(temp):
                found[temp] = None
            case If(_, then, orelse):
                stack.extend(reversed((*then, *orelse)))
            case Scope(_, body):
                stack.extend(reversed(body))
            case Assert():
                pass
    return list(found)
