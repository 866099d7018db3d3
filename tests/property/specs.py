"""Random specs, as source text.

`specs()` draws a whole spec file: fields of every type, helpers, actions, processes and
properties, with statements and expressions that fit their types. What could go wrong in
a spec is let go wrong where CPython notices it: values that leave the range of a
variable, missing elements, full and empty lists, division by zero, locks released by
others. Locals, arguments and results stay in the range of their annotations, which
CPython does not watch over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")

HEADER = '''"""A generated spec."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    Formula, Length, Mutex, RWLock, Scalarset, Semaphore, Spec, action, always, choose,
    eventually, every, fairness, implies, invariant, leads_to, next_state, preempt,
    process, reachable, require, some, temporal, transition, until,
)


class Dev(Scalarset, size=2):
    """A device."""


class Color(Enum):
    RED = 0
    BLUE = 1
    GREEN = 2


Small = Annotated[int, range(0, 3)]
Queue = Annotated[list[Dev], Length(2)]
Numbers = Annotated[list[Small], Length(2)]


@dataclass(frozen=True)
class Pair:
    count: Small
    color: Color


class Generated(Spec):
'''

BOOL, SMALL, COLOR, DEV, PAIR = "bool", "Small", "Color", "Dev", "Pair"
SCALARS = (BOOL, SMALL, COLOR, DEV)
OPTIONAL = tuple(f"{kind} | None" for kind in (COLOR, SMALL, DEV, PAIR))
SETS = {"set[Color]": COLOR, "set[Dev]": DEV, "set[Small]": SMALL}
DICTS = {
    "dict[Dev, bool]": (DEV, BOOL),
    "dict[Color, Small]": (COLOR, SMALL),
    "dict[Small, Color]": (SMALL, COLOR),
    "dict[bool, Dev]": (BOOL, DEV),
    "dict[Dev, Color | None]": (DEV, "Color | None"),
    "dict[Dev, Pair]": (DEV, PAIR),
    "dict[Dev, set[Color]]": (DEV, "set[Color]"),
    "dict[Dev, Queue]": (DEV, "Queue"),
}
TUPLES = {
    "tuple[Small, Color]": (SMALL, COLOR),
    "tuple[bool, Small]": (BOOL, SMALL),
    "tuple[Dev, Dev | None]": (DEV, "Dev | None"),
}
LISTS = {"Queue": DEV, "Numbers": SMALL}
LOCKS = ("Mutex", "Semaphore", "RWLock", "dict[Dev, Mutex]")
PLAIN = (*SCALARS, *OPTIONAL, *TUPLES, PAIR)
"""Types without containers: of locals, arguments and results."""


class Level(IntEnum):
    """What code may do: look at the state, change it, be suspended."""

    PURE = 0
    SYNC = 1
    ASYNC = 2


@dataclass(frozen=True)
class Helper:
    """A method that later code can call.

    `names` are those of the parameters; the last one may have a default. A property
    has none, and is no call to look at.
    """

    name: str
    parameters: tuple[str, ...]
    result: str
    level: Level
    names: tuple[str, ...] = ()
    has_default: bool = False
    is_property: bool = False


@dataclass
class Scope:
    """What can be used where code is written, and how control can leave it."""

    level: Level
    locals: dict[str, str] = field(default_factory=dict)
    result: str = ""
    is_loop: bool = False
    is_repeated: bool = False
    depth: int = 3
    nesting: int = 3

    def inner(self, *, is_loop: bool | None = None) -> Scope:
        """The scope of a block inside this one, with locals of its own."""
        is_loop = self.is_loop if is_loop is None else is_loop
        known = dict(self.locals)
        is_repeated = self.is_repeated or is_loop
        return replace(
            self,
            locals=known,
            depth=self.depth - 1,
            is_loop=is_loop,
            is_repeated=is_repeated,
        )

    def operand(self, level: Level | None = None) -> Scope:
        """The scope of an expression inside another one."""
        level = self.level if level is None else level
        known = dict(self.locals)
        return replace(self, locals=known, nesting=self.nesting - 1, level=level)

    @property
    def is_deep(self) -> bool:
        """Whether an expression here should have no further operands."""
        return self.nesting <= 0


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    # Made once for each number: making strategies is what drawing spends its time on.
    return st.integers(0, count - 1)


class Writer:
    """Writes one spec; `draw` decides."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw
        self.fields: dict[str, str] = {}
        self.helpers: list[Helper] = []
        self.lines: list[str] = []
        self.count = 0
        # How many more choices the code being written may make.
        self.choices = 0
        self.indent = 1

    # Drawing

    def pick(self, *options: T) -> T:
        """One of `options`; the first is the simplest."""
        return options[self.draw(_below(len(options)))]

    def chance(self, percent: int) -> bool:
        """Whether something happens that happens so often."""
        return self.draw(_below(20)) >= 20 - percent // 5

    def number(self, lo: int, hi: int) -> int:
        """A number in lo..hi."""
        return lo + self.draw(_below(hi - lo + 1))

    def name(self, prefix: str) -> str:
        """A new name."""
        self.count += 1
        return f"{prefix}{self.count}"

    # Text

    def line(self, text: str) -> None:
        """Write one line."""
        self.lines.append("    " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write a line, and indent what is written inside."""
        self.line(head)
        self.indent += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self.indent -= 1

    # The spec

    def spec(self) -> str:
        """The text of a whole spec."""
        self._fields()
        for _ in range(self.number(1, 3)):
            self._helper()
        for number in range(self.number(0, 2)):
            self._action(number)
        processes = self.number(0, 2)
        for number in range(processes):
            self._process(number)
        if not processes:
            self._action(9)
        self._properties()
        return HEADER + "\n".join(self.lines) + "\n"

    def _fields(self) -> None:
        self._field("who", DEV)
        self._field("count", SMALL)
        for _ in range(self.number(1, 4)):
            kind = self.pick(*PLAIN, *SETS, *DICTS, *LISTS)
            self._field(self.name("f"), kind)
        for _ in range(self.number(0, 2)):
            kind = self.pick(*LOCKS)
            name = self.name("lock")
            self.fields[name] = kind
            permits = " = Semaphore(2)" if kind == "Semaphore" else ""
            self.line(f"{name}: {kind}{permits}")

    def _field(self, name: str, kind: str) -> None:
        default = self._default(kind)
        self.fields[name] = kind
        self.line(f"{name}: {kind}{default and f' = {default}'}")

    def _default(self, kind: str) -> str:
        if kind in (*SCALARS, *OPTIONAL) and kind != f"{PAIR} | None":
            if kind == DEV:
                return self.pick("choose(Dev)", "")
            if self.chance(15):
                return ""
            if kind in (BOOL, COLOR) and self.chance(20):
                return f"choose({kind})"
        return self.constant(kind)

    def constant(self, kind: str) -> str:
        """A constant of `kind`; of a Dev there is none."""
        if kind.endswith("| None"):
            inner = kind.removesuffix(" | None")
            return "None" if inner == DEV else self.pick("None", self.constant(inner))
        if kind in SETS:
            is_empty = kind == "set[Dev]" or self.chance(50)
            return "set()" if is_empty else f"{{{self.constant(SETS[kind])}}}"
        if kind in DICTS:
            key, value = DICTS[kind]
            domain = {BOOL: "(False, True)", SMALL: "range(0, 3)"}.get(key, key)
            text = "choose(Dev)" if value == DEV else self.constant(value)
            return f"{{k: {text} for k in {domain}}}"
        if kind in TUPLES:
            parts = [
                "choose(Dev)" if part == DEV else self.constant(part)
                for part in TUPLES[kind]
            ]
            return f"({', '.join(parts)})"
        if kind in LISTS:
            return "[1]" if kind == "Numbers" and self.chance(50) else "[]"
        if kind == PAIR:
            return f"Pair({self.constant(SMALL)}, {self.constant(COLOR)})"
        return {
            BOOL: lambda: self.pick("False", "True"),
            SMALL: lambda: str(self.number(0, 2)),
            COLOR: lambda: "Color." + self.pick("RED", "BLUE", "GREEN"),
        }[kind]()

    def _helper(self) -> None:
        self.choices = 1
        level = self.pick(Level.SYNC, Level.PURE, Level.ASYNC)
        kinds = [self.pick(*PLAIN) for _ in range(self.number(0, 2))]
        names = [self.name("p") for _ in kinds]
        result = self.pick(SMALL, BOOL, SMALL, BOOL, *PLAIN)
        if level > Level.PURE and self.chance(20):
            result = "None"
        name = self.name("help")
        prefix = "async def" if level is Level.ASYNC else "def"
        parameters = "".join(f", {n}: {k}" for n, k in zip(names, kinds, strict=True))
        has_default = bool(kinds) and not _has_device(kinds[-1]) and self.chance(40)
        if has_default:
            parameters += f" = {self.constant(kinds[-1])}"
        is_property = not kinds and level is not Level.ASYNC and result != "None"
        self.line("")
        if is_property:
            self.line("@property")
        scope = Scope(level, dict(zip(names, kinds, strict=True)), result)
        with self.block(f"{prefix} {name}(self{parameters}) -> {result}:"):
            if level > Level.PURE and self.chance(60):
                self._effect(scope)
            if self.body(scope, self.number(0, 2)) and result != "None":
                self.line(f"return {self.kept(result, scope)}")
        helper = Helper(name, tuple(kinds), result, level, tuple(names))
        self.helpers.append(
            replace(helper, has_default=has_default, is_property=is_property)
        )

    def _effect(self, scope: Scope) -> None:
        """Change something that expressions around a call may read as well."""
        if self.chance(70):
            self.line("self.count = (self.count + 1) % 3")
        else:
            self._container(scope)

    def _action(self, number: int) -> None:
        self.choices = 2
        scope = Scope(Level.SYNC, result="None")
        parameter = ""
        if self.chance(40):
            kind = self.pick(DEV, COLOR, BOOL, "Dev | None", "tuple[bool, Small]", PAIR)
            parameter = f", p: {kind}"
            scope.locals["p"] = kind
        self.line("")
        self.line("@action")
        with self.block(f"def act{number}(self{parameter}) -> None:"):
            self.body(scope, self.number(1, 4))

    def _process(self, number: int) -> None:
        self.choices = 2
        scope = Scope(Level.ASYNC, result="None")
        parameter = ""
        if self.chance(30):
            parameter = ", p: Dev"
            scope.locals["p"] = DEV
        self.line("")
        options = self.pick("", "", "(daemon=True)")
        if not parameter and self.chance(10):
            options = "(instances=2)"
        self.line(f"@process{options}")
        with self.block(f"async def run{number}(self{parameter}) -> None:"):
            if self.chance(40):
                with self.block("while True:"):
                    inner = scope.inner(is_loop=True)
                    if self.body(inner, self.number(1, 4)):
                        self.line("await preempt()")
            else:
                self.body(scope, self.number(2, 5))

    def _properties(self) -> None:
        for role in ("invariant", "reachable", "transition"):
            if role != "transition" or self.chance(40):
                after = ", after: Self" if role == "transition" else ""
                self.line("")
                self.line(f"@{role}")
                with self.block(f"def {role}1(self{after}) -> bool:"):
                    scope = Scope(Level.PURE, result=BOOL)
                    cond = self.expression(BOOL, scope)
                    if after:
                        names = [n for n, k in self.fields.items() if k not in LOCKS]
                        name = self.pick(*names)
                        cond = f"{cond} or self.{name} == after.{name}"
                    self.line(f"return {cond}")
        if self.chance(60):
            self._temporal()
        if self.chance(30):
            self._fairness()

    def _temporal(self) -> None:
        scope = Scope(Level.PURE, result=BOOL, nesting=2)
        self.line("")
        with self.block("def part(self, dev: Dev) -> Formula:"):
            inner = replace(scope, locals={"dev": DEV})
            self.line(f"return {self.formula(inner, 1)}")
        self.line("")
        self.line("@temporal")
        with self.block("def temporal1(self) -> Formula:"):
            self.line(f"return {self.operation(scope, 3)}")

    def _fairness(self) -> None:
        scope = Scope(Level.PURE, result=BOOL, locals={"dev": DEV})
        self.line("")
        self.line(f'@fairness("{self.pick("weak", "strong")}")')
        with self.block("def fairness1(self, after: Self, dev: Dev) -> bool:"):
            self.line(f"return {self.expression(BOOL, scope)} or self.who != after.who")

    def formula(self, scope: Scope, depth: int) -> str:
        """Something that is a formula; often just a Boolean in an operator."""
        if depth <= 0:
            return (
                f"{self.pick('always', 'eventually')}({self.expression(BOOL, scope)})"
            )
        return self.operation(scope, depth)

    def operation(self, scope: Scope, depth: int) -> str:
        """An operator of temporal logic with its operands."""

        def operand() -> str:
            if self.chance(40):
                return self.expression(BOOL, scope)
            return self.formula(scope, depth - 1)

        match self.pick(1, 2, 2, "join", "not", "every", "part"):
            case 1:
                name = self.pick("always", "eventually", "next_state")
                return f"{name}({operand()})"
            case 2:
                name = self.pick("until", "implies", "leads_to")
                return f"{name}({operand()}, {operand()})"
            case "join":
                one = self.formula(scope, depth - 1)
                return f"({one} {self.pick('&', '|')} {operand()})"
            case "not":
                return f"~{self.formula(scope, depth - 1)}"
            case "every":
                name, inner = self._bound(scope, DEV)
                part = self.formula(inner, depth - 1)
                return f"{self.pick('every', 'some')}({part} for {name} in Dev)"
        if "dev" in scope.locals:
            return f"always({operand()})"
        name = self.name("c")
        return f"every(self.part({name}) for {name} in Dev)"

    # Statements

    def body(self, scope: Scope, statements: int) -> bool:
        """Write statements; whether control can pass their end."""
        for _ in range(statements):
            if not self.statement(scope):
                return False
        return True

    def statement(self, scope: Scope) -> bool:
        """Write one statement; whether control can pass it."""
        options: list[Callable[[Scope], bool]] = [self._local, self._local]
        if scope.level > Level.PURE:
            options += [self._assign, self._assign, self._augment, self._container]
            options += [self._container, self._swap, self._call, self._require]
            options += [self._assert]
        if scope.level is Level.ASYNC:
            options += [self._wait, self._wait, self._lock, self._lock]
        if scope.depth > 0:
            options += [self._if, self._if, self._for]
            if scope.level is Level.ASYNC:
                options += [self._while]
        options += [self._leave, self._reassign, self._unpack]
        return self.pick(*options)(scope)

    def _local(self, scope: Scope) -> bool:
        kind = self.pick(*PLAIN, *SETS, *LISTS)
        name = self.name("v")
        annotation = f": {kind}" if self._needs_annotation(kind) else ""
        self.line(f"{name}{annotation} = {self.kept(kind, scope)}")
        scope.locals[name] = kind
        return True

    def _needs_annotation(self, kind: str) -> bool:
        return kind in (*OPTIONAL, *SETS, *LISTS, *TUPLES) or self.chance(20)

    def _reassign(self, scope: Scope) -> bool:
        names = [n for n in scope.locals if n[0] in "vi"]
        if not names:
            return self._local(scope)
        name = self.pick(*names)
        self.line(f"{name} = {self.kept(scope.locals[name], scope)}")
        return True

    def _assign(self, scope: Scope) -> bool:
        target, kind = self.target(scope)
        value = self.kept(kind, scope, is_loose=True)
        if kind in PLAIN and self.chance(10):
            name = self.name("v")
            value = self.kept(kind, scope)
            self.line(f"{name} = {target} = {value}")
            if not kind.endswith("None") and kind not in TUPLES:
                scope.locals[name] = kind
            return True
        self.line(f"{target} = {value}")
        return True

    def target(self, scope: Scope, *kinds: str) -> tuple[str, str]:
        """A variable of the state that can be assigned, of one of `kinds`."""
        found = [
            (name, kind)
            for name, kind in self.fields.items()
            if kind not in LOCKS and (not kinds or kind in kinds)
        ]
        for name, kind in self.fields.items():
            if kind in DICTS and (not kinds or DICTS[kind][1] in kinds):
                found.append((name + "[]", kind))
        if not found:
            return "self.count", SMALL
        name, kind = self.pick(*found)
        if not name.endswith("[]"):
            return f"self.{name}", kind
        key, value = DICTS[kind]
        return f"self.{name[:-2]}[{self.expression(key, scope)}]", value

    def _augment(self, scope: Scope) -> bool:
        target, kind = self.target(scope, SMALL, *SETS)
        if kind == SMALL:
            op = self.pick("+", "-", "*", "//", "%")
            self.line(f"{target} {op}= {self.integer(scope)}")
        else:
            op = self.pick("|", "-", "&", "^")
            self.line(f"{target} {op}= {self.expression(kind, scope)}")
        return True

    def _container(self, scope: Scope) -> bool:
        owned = [(n, k) for n, k in scope.locals.items() if n.startswith("v")]
        found = [(n, k) for n, k in owned if k in SETS or k in LISTS]
        if found and self.chance(30):
            target, kind = self.pick(*found)
        else:
            target, kind = self.target(scope, *SETS, *LISTS)
        if kind in SETS:
            return self._change_set(target, kind, scope)
        if kind in LISTS:
            return self._change_list(target, kind, scope)
        self.line(f"{target} = {self.kept(kind, scope)}")
        return True

    def _change_set(self, target: str, kind: str, scope: Scope) -> bool:
        method = self.pick("add", "discard", "remove", "update", "clear")
        if method == "clear":
            argument = ""
        elif method == "update":
            method = self.pick("update", "difference_update", "intersection_update")
            argument = self.expression(kind, scope)
        elif SETS[kind] == SMALL and self.chance(30):
            argument = self.integer(scope) if "self" in target else "self.count"
        else:
            argument = self.expression(SETS[kind], scope)
        self.line(f"{target}.{method}({argument})")
        return True

    def _change_list(self, target: str, kind: str, scope: Scope) -> bool:
        match self.pick("append", "pop(0)", "pop()", "insert", "taken", "clear"):
            case "append":
                item = self.expression(LISTS[kind], scope)
                if "self" not in target:
                    # CPython does not watch over the length of a local.
                    self.line(f"{target} = [{item}]")
                else:
                    self.line(f"{target}.append({item})")
            case "insert" if "self" in target:
                self.line(f"{target}.insert(0, {self.expression(LISTS[kind], scope)})")
            case "taken":
                name = self.name("v")
                self.line(f"{name} = {target}.{self.pick('pop(0)', 'pop()')}")
                scope.locals[name] = LISTS[kind]
            case "clear":
                self.line(f"{target}.clear()")
            case method:
                self.line(f"{target}.{method if 'pop' in method else 'pop()'}")
        return True

    def _swap(self, scope: Scope) -> bool:
        one, kind = self.target(scope, *PLAIN)
        names = [n for n, k in scope.locals.items() if k == kind and n[0] == "v"]
        if len(names) > 1 and self.chance(60):
            a, b = names[0], names[-1]
            self.line(f"{a}, {b} = {b}, {a}")
            return True
        two = self.pick(*names) if names else self.target(scope, kind)[0]
        if self.chance(70):
            self.line(f"{one}, {two} = {two}, {one}")
        else:
            three = self.expression(kind, scope)
            self.line(f"{one}, {two} = {three}, {one}")
        return True

    def _unpack(self, scope: Scope) -> bool:
        kind = self.pick(*TUPLES)
        names = [self.name("v") for _ in TUPLES[kind]]
        self.line(f"{', '.join(names)} = {self.expression(kind, scope)}")
        for name, part in zip(names, TUPLES[kind], strict=True):
            if not part.endswith("None"):
                scope.locals[name] = part
        return True

    def _call(self, scope: Scope) -> bool:
        found = [
            h
            for h in self.helpers
            if Level.PURE < h.level <= scope.level and not h.is_property
        ]
        if not found:
            return self._assign(scope)
        self.line(self.call(self.pick(*found), scope))
        return True

    def _require(self, scope: Scope) -> bool:
        self.line(f"require({self.expression(BOOL, scope)})")
        return True

    def _assert(self, scope: Scope) -> bool:
        cond = self.expression(BOOL, scope)
        self.line(f"assert {cond} or {self.expression(BOOL, scope)}")
        return True

    def _wait(self, scope: Scope) -> bool:
        if self.chance(60):
            self.line("await preempt()")
        else:
            inner = scope.operand(Level.PURE)
            self.line(f"await until(lambda: {self.expression(BOOL, inner)})")
        return True

    def _lock(self, scope: Scope) -> bool:
        locks = [(n, k) for n, k in self.fields.items() if k in LOCKS]
        if not locks:
            return self._wait(scope)
        name, kind = self.pick(*locks)
        text = f"self.{name}"
        if kind == "RWLock":
            text += self.pick(".read()", ".write()")
        elif kind.startswith("dict"):
            text += f"[{self.expression(DEV, scope)}]"
        elif self.chance(20):
            self.line(self.pick(f"await {text}.acquire()", f"{text}.release()"))
            return True
        inner = scope.inner()
        with self.block(f"async with {text}:"):
            passes = self.body(inner, self.number(1, 3))
        if passes:
            scope.locals = inner.locals
        return passes

    def _if(self, scope: Scope) -> bool:
        sides = []
        with self.block(f"if {self.expression(BOOL, scope)}:"):
            sides.append(self._side(scope))
        if self.chance(20):
            with self.block(f"elif {self.expression(BOOL, scope)}:"):
                sides.append(self._side(scope))
        if self.chance(40):
            with self.block("else:"):
                sides.append(self._side(scope))
        else:
            sides.append(dict(scope.locals))
        passing = [side for side in sides if side is not None]
        if not passing:
            return False
        first, *others = passing
        scope.locals = {
            name: kind
            for name, kind in first.items()
            if all(other.get(name) == kind for other in others)
        }
        return True

    def _side(self, scope: Scope) -> dict[str, str] | None:
        inner = scope.inner()
        return inner.locals if self.body(inner, self.number(1, 2)) else None

    def _for(self, scope: Scope) -> bool:
        source, kind = self._source(scope)
        name = self._loop_variable(kind, scope)
        inner = scope.inner(is_loop=True)
        if kind.startswith("pair"):
            other = self.name("i")
            inner.locals[name], inner.locals[other] = kind.split()[1:]
            name = f"{name}, {other}"
        else:
            inner.locals[name] = kind
        with self.block(f"for {name} in {source}:"):
            self.body(inner, self.number(1, 3))
        if source in ("Dev", "Color", "range(2)", "range(0, 3)") and self.chance(50):
            scope.locals[name] = kind
        return True

    def _loop_variable(self, kind: str, scope: Scope) -> str:
        """A new name, or a local that there is already."""
        known = [n for n, k in scope.locals.items() if k == kind and n[0] in "vi"]
        if known and self.chance(40):
            return self.pick(*known)
        return self.name("i")

    def _source(self, scope: Scope) -> tuple[str, str]:
        options = [("Dev", DEV), ("Dev", DEV), ("Color", COLOR)]
        options += [("range(0, 3)", SMALL)]
        options += [("range(2)", SMALL), ("reversed(range(3))", SMALL)]
        options += [("enumerate(Dev)", f"pair {SMALL} {DEV}")]
        smalls = [n for n, k in scope.locals.items() if k == SMALL]
        options += [(f"range({name})", SMALL) for name in smalls[:2]]
        options += [("range(self.count)", SMALL)]
        for name, kind in self.fields.items():
            if kind in LISTS:
                options += [(f"self.{name}", LISTS[kind])] * 2
            if kind in ("dict[Dev, bool]", "dict[Color, Small]"):
                key, value = DICTS[kind]
                options.append((f"self.{name}.items()", f"pair {key} {value}"))
                options.append((f"self.{name}", key))
        lists = [(n, k) for n, k in scope.locals.items() if k in LISTS]
        options += [(name, LISTS[kind]) for name, kind in lists]
        return self.pick(*options)

    def _while(self, scope: Scope) -> bool:
        inner = scope.inner(is_loop=True)
        cond = self.pick("True", self.expression(BOOL, scope))
        is_early = self.chance(60)
        with self.block(f"while {cond}:"):
            if is_early:
                self.line("await preempt()")
            if self.body(inner, self.number(1, 3)) and not is_early:
                self.line("await preempt()")
        return True

    def _leave(self, scope: Scope) -> bool:
        if scope.is_loop and self.chance(50):
            self.line(self.pick("break", "continue"))
            return False
        if scope.depth == 3 and self.chance(70):
            return self._local(scope)
        value = "" if scope.result == "None" else f" {self.kept(scope.result, scope)}"
        self.line(f"return{value}")
        return False

    # Expressions

    def kept(self, kind: str, scope: Scope, *, is_loose: bool = False) -> str:
        """A value to keep, containers copied; `is_loose`: it may be out of range."""
        if kind == SMALL and is_loose and self.chance(40):
            return self.integer(scope)
        if kind in SETS:
            return f"set({self.expression(kind, scope)})"
        if kind in LISTS:
            return self.expression(kind, scope)
        if kind in DICTS:
            return f"dict({self.expression(kind, scope)})"
        return self.expression(kind, scope)

    def expression(self, kind: str, scope: Scope) -> str:
        """An expression of type `kind`."""
        if scope.is_deep or self.chance(40):
            return self.atom(kind, scope)
        inner = scope.operand()
        options: list[Callable[[], str]] = [lambda: self._conditional(kind, inner)]
        calls = [h for h in self.helpers if h.result == kind and h.level <= scope.level]
        if calls:
            options += [lambda: self.call(self.pick(*calls), inner)] * 6
        options += self._compound(kind, inner)
        return self.pick(*options)()

    def _compound(self, kind: str, inner: Scope) -> list[Callable[[], str]]:
        if kind == BOOL:
            return [lambda: self.boolean(inner)] * 8
        if kind == SMALL:
            return [lambda: self.small(inner)] * 4
        if kind in SETS:
            return [lambda: self.set_(kind, inner)] * 4
        if kind == PAIR:
            return [lambda: self._pair(inner)] * 2
        if kind in TUPLES:
            return [lambda: self._tuple(kind, inner)] * 2
        if kind.endswith("| None"):
            plain = kind.removesuffix(" | None")
            return [lambda: self.expression(plain, inner)] * 2
        if kind in LISTS:
            return [lambda: f"[{self.expression(LISTS[kind], inner)}]"] * 2
        return []

    def _tuple(self, kind: str, scope: Scope) -> str:
        return f"({', '.join(self.expression(p, scope) for p in TUPLES[kind])})"

    def atom(self, kind: str, scope: Scope) -> str:
        """A simple expression of type `kind`."""
        found: list[Callable[[], str]] = []
        if kind != DEV and kind not in DICTS:
            found.append(lambda: self._literal(kind, scope))
        for name, of in self.fields.items():
            found += self._parts(kind, f"self.{name}", of, scope)
        for name, of in scope.locals.items():
            found += self._parts(kind, name, of, scope)
        if scope.level > Level.PURE and self.choices > 0 and not scope.is_repeated:
            found += [lambda: self._choose(kind, scope)] * (kind in SCALARS)
        return self.pick(*found)()

    def _choose(self, kind: str, scope: Scope) -> str:
        self.choices -= 1
        if scope.is_deep or kind == BOOL or self.chance(50):
            return f"choose({'range(0, 3)' if kind == SMALL else kind})"
        of = next(name for name, item in SETS.items() if item == kind)
        return f"choose({self.atom(of, _deepest(scope))})"

    def _parts(
        self, kind: str, text: str, of: str, scope: Scope
    ) -> list[Callable[[], str]]:
        """How a variable of type `of` gives a value of `kind`."""
        if of == kind:
            return [lambda: f"list({text})" if kind in LISTS else text] * 2
        if of in TUPLES and kind in TUPLES[of]:
            return [lambda: f"{text}[{TUPLES[of].index(kind)}]"]
        if of == PAIR and kind in (SMALL, COLOR):
            return [lambda: f"{text}.{'count' if kind == SMALL else 'color'}"]
        if of in DICTS and DICTS[of][1] == kind:
            return [lambda: self._entry(kind, text, of, scope)]
        return []

    def _entry(self, kind: str, text: str, of: str, scope: Scope) -> str:
        key = self.expression(DICTS[of][0], scope.operand())
        if kind not in LISTS and self.chance(20):
            return f"{text}.get({key})"
        return f"list({text}[{key}])" if kind in LISTS else f"{text}[{key}]"

    def _literal(self, kind: str, scope: Scope) -> str:
        if kind in TUPLES:
            parts = [self.atom(part, _deepest(scope)) for part in TUPLES[kind]]
            return f"({', '.join(parts)})"
        if kind in SETS:
            # An empty set without a context has no type.
            return f"{{{self.atom(SETS[kind], _deepest(scope))}}}"
        return self.constant(kind)

    def call(self, helper: Helper, scope: Scope) -> str:
        """A call of `helper`."""
        if helper.is_property:
            return f"self.{helper.name}"
        arguments = [self.expression(kind, scope) for kind in helper.parameters]
        if helper.has_default and self.chance(40):
            arguments.pop()
        elif arguments and self.chance(30):
            arguments[-1] = f"{helper.names[-1]}={arguments[-1]}"
        text = f"self.{helper.name}({', '.join(arguments)})"
        return f"(await {text})" if helper.level is Level.ASYNC else text

    def _conditional(self, kind: str, scope: Scope) -> str:
        cond, then = self.expression(BOOL, scope), self.expression(kind, scope)
        return f"({then} if {cond} else {self.expression(kind, scope)})"

    def _pair(self, scope: Scope) -> str:
        pairs = [f"self.{name}" for name, kind in self.fields.items() if kind == PAIR]
        if pairs and self.chance(50):
            return (
                f"replace({self.pick(*pairs)}, count={self.expression(SMALL, scope)})"
            )
        parts = self.expression(SMALL, scope), self.expression(COLOR, scope)
        return f"Pair({', '.join(parts)})"

    def integer(self, scope: Scope) -> str:
        """An integer of no particular range."""
        if scope.is_deep:
            return self.expression(SMALL, scope)
        inner = scope.operand()
        one, two = self.expression(SMALL, inner), self.expression(SMALL, inner)
        op = self.pick("+", "-", "*", "//", "%")
        options = [f"({one} {op} {two})", f"(-{one})", f"({one} + 1)"]
        return self.pick(*options)

    def small(self, scope: Scope) -> str:
        """An integer that is a Small."""
        match self.pick("mod", "len", "sum", "max", "int", "abs", "find"):
            case "find":
                lists = [(n, k) for n, k in self.fields.items() if k in LISTS]
                if not lists:
                    return f"({self.integer(scope)} % 3)"
                name, kind = self.pick(*lists)
                item = self.expression(LISTS[kind], scope)
                return f"self.{name}.{self.pick('count', 'index')}({item})"
            case "mod":
                return f"({self.integer(scope)} % 3)"
            case "len":
                containers = [
                    f"self.{n}" for n, k in self.fields.items() if k in (*SETS, *LISTS)
                ]
                small = [c for c in containers if self.fields[c[5:]] != "set[Color]"]
                small = [c for c in small if self.fields[c[5:]] != "set[Small]"]
                return f"len({self.pick(*small)})" if small else "len(Dev)"
            case "sum":
                name, inner = self._bound(scope, DEV)
                cond = self.expression(BOOL, inner)
                return f"sum(1 for {name} in Dev if {cond})"
            case "int":
                return f"int({self.expression(BOOL, scope)})"
            case "abs":
                one, two = self.expression(SMALL, scope), self.expression(SMALL, scope)
                return f"abs({one} - {two})"
        one, two = self.expression(SMALL, scope), self.expression(SMALL, scope)
        return f"{self.pick('max', 'min')}({one}, {two})"

    def _bound(self, scope: Scope, kind: str) -> tuple[str, Scope]:
        """A variable of a comprehension, and the scope inside."""
        name = self.name("c")
        inner = scope.operand(min(scope.level, Level.SYNC))
        inner.is_repeated = True
        inner.locals[name] = kind
        return name, inner

    def boolean(self, scope: Scope) -> str:
        """A compound Boolean."""
        return self.pick(
            self._not,
            self._connected,
            self._compared,
            self._chained,
            self._same,
            self._none,
            self._member,
            self._quantified,
            self._subset,
            self._truth,
        )(scope)

    def _not(self, scope: Scope) -> str:
        return f"(not {self.expression(BOOL, scope)})"

    def _connected(self, scope: Scope) -> str:
        parts = [self.expression(BOOL, scope) for _ in range(self.number(2, 3))]
        return f"({self.pick(' and ', ' or ').join(parts)})"

    def _compared(self, scope: Scope) -> str:
        op = self.pick("==", "!=", "<", "<=", ">", ">=")
        return f"({self.integer(scope)} {op} {self.integer(scope)})"

    def _chained(self, scope: Scope) -> str:
        parts = [self.expression(SMALL, scope) for _ in range(3)]
        ops = [self.pick("<=", "<", "==", "!=", ">=") for _ in range(2)]
        return f"({parts[0]} {ops[0]} {parts[1]} {ops[1]} {parts[2]})"

    def _same(self, scope: Scope) -> str:
        kind = self.pick(COLOR, DEV, BOOL, PAIR, *TUPLES, *OPTIONAL)
        op = self.pick("==", "!=")
        if kind in (COLOR, DEV):
            op = self.pick("is", "is not", "==", "!=")
        if kind in OPTIONAL:
            names = [f"self.{n}" for n, k in self.fields.items() if k == kind]
            if not names:
                return self._compared(scope)
            return f"({self.pick(*names)} {op} {self.expression(kind, scope)})"
        return f"({self.expression(kind, scope)} {op} {self.expression(kind, scope)})"

    def _none(self, scope: Scope) -> str:
        names = [f"self.{n}" for n, k in self.fields.items() if k in OPTIONAL]
        names += [n for n, k in scope.locals.items() if k in OPTIONAL]
        if not names:
            return self._same(scope)
        return f"({self.pick(*names)} {self.pick('is', 'is not')} None)"

    def _member(self, scope: Scope) -> str:
        op = self.pick("in", "not in")
        kind = self.pick(*SETS)
        item = self.expression(SETS[kind], scope)
        lists = [f"self.{n}" for n, k in self.fields.items() if k in LISTS]
        if lists and self.chance(30):
            name = self.pick(*lists)
            item = self.expression(LISTS[self.fields[name[5:]]], scope)
            return f"({item} {op} {name})"
        if self.chance(25):
            others = [self.expression(SETS[kind], scope) for _ in range(2)]
            return f"({item} {op} ({', '.join(others)}))"
        return f"({item} {op} {self.expression(kind, scope)})"

    def _quantified(self, scope: Scope) -> str:
        source, kind = self.pick(("Dev", DEV), ("Color", COLOR), ("range(3)", SMALL))
        name, inner = self._bound(scope, kind)
        cond = self.expression(BOOL, inner)
        tail = f" if {self.expression(BOOL, inner)}" if self.chance(20) else ""
        return f"{self.pick('any', 'all')}({cond} for {name} in {source}{tail})"

    def _subset(self, scope: Scope) -> str:
        kind = self.pick(*SETS)
        op = self.pick("<=", "==", "<", "!=", "issubset", "issuperset", "isdisjoint")
        one, two = self.expression(kind, scope), self.expression(kind, scope)
        return f"{one}.{op}({two})" if op[0] == "i" else f"({one} {op} {two})"

    def _truth(self, scope: Scope) -> str:
        names = [f"self.{n}" for n, k in self.fields.items() if k in (*SETS, *LISTS)]
        locks = [f"self.{n}.locked()" for n, k in self.fields.items() if k in LOCKS[:3]]
        if locks and self.chance(50):
            return self.pick(*locks)
        if not names:
            return self._same(scope)
        return f"(not {self.pick(*names)})"

    def set_(self, kind: str, scope: Scope) -> str:
        """A set computed from others."""
        item = SETS[kind]
        match self.pick("op", "display", "comprehension"):
            case "op":
                one, two = self.expression(kind, scope), self.expression(kind, scope)
                return f"({one} {self.pick('|', '-', '&', '^')} {two})"
            case "display":
                count = self.number(1, 2)
                items = [self.expression(item, scope) for _ in range(count)]
                return f"{{{', '.join(items)}}}"
        source = "range(3)" if item == SMALL else item
        name, inner = self._bound(scope, item)
        return f"{{{name} for {name} in {source} if {self.expression(BOOL, inner)}}}"


def _has_device(kind: str) -> bool:
    """Whether a value of a type has a Dev in it, of which there is no constant."""
    return kind == DEV or kind.startswith("tuple[Dev")


def _deepest(scope: Scope) -> Scope:
    return replace(scope, nesting=0)


@st.composite
def specs(draw: DrawFn) -> str:
    """The text of a random spec."""
    return Writer(draw).spec()
