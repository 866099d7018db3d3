"""What the functions of a spec write, whom they call and whether they wait.

Names are not resolved: a call may run every function of that name, and whatever has the
name of a variable counts as that variable.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef
LOOKING = frozenset(
    {"invariant", "lemma", "transition", "reachable", "temporal", "fairness"}
    | {"mapping", "constraint"}
)
STEPPING = frozenset({"action", "process", "init"})
CUTTING = frozenset({"constraint"})
_LOOKS = frozenset(
    {"locked", "copy", "get", "keys", "values", "items", "union", "intersection"}
    | {"difference", "issubset", "issuperset", "isdisjoint", "index", "count"}
    | {"read", "write"}
)
_WAITS = frozenset({"preempt", "until", "acquire"})


def role(node: Function) -> str:
    """The decorator that says what a method is for; empty if there is none."""
    for decorator in node.decorator_list:
        head = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = head.attr if isinstance(head, ast.Attribute) else None
        name = head.id if isinstance(head, ast.Name) else name
        if name in LOOKING | STEPPING:
            return name
    return ""


class Facts:
    """What functions write, whom they call and whether they wait, by their names."""

    def __init__(self, statements: Iterable[ast.stmt]) -> None:
        self.functions: dict[str, list[Function]] = {}
        self.fields: dict[str, ast.expr] = {}
        self.classes = {"bool"}
        for statement in statements:
            self._note_fields(statement)
            for node in ast.walk(statement):
                if isinstance(node, Function):
                    self.functions.setdefault(node.name, []).append(node)
        self._writes: dict[str, set[str]] = {}
        self._called: dict[str, set[str]] = {}
        self._waits: set[str] = set()
        for name, bodies in self.functions.items():
            nodes = [part for body in bodies for part in body.body]
            self._writes[name] = set(written(nodes))
            self._called[name] = self.called(nodes)
            if any(map(waits, nodes)):
                self._waits.add(name)

    def _note_fields(self, statement: ast.stmt) -> None:
        """The types of the fields of a class."""
        if isinstance(statement, ast.ClassDef):
            self.classes.add(statement.name)
        for node in statement.body if isinstance(statement, ast.ClassDef) else ():
            match node:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    self.fields[name] = annotation

    def called(self, nodes: Iterable[ast.AST]) -> set[str]:
        """The functions whose names stand somewhere in `nodes`."""
        return set(mentioned(nodes)) & self.functions.keys()

    def reached(self, names: Iterable[str]) -> set[str]:
        """The functions `names` and all that they may call."""
        found: set[str] = set()
        stack = [name for name in names if name in self.functions]
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += self._called[name]
        return found

    def effects(self, nodes: Sequence[ast.AST]) -> set[str]:
        """The attributes that `nodes`, or what they call, may write."""
        found = set(written(nodes))
        for name in self.reached(self.called(nodes)):
            found |= self._writes[name]
        return found

    def changes(
        self, nodes: Sequence[ast.AST], rises: Mapping[str, int]
    ) -> dict[str, int | None]:
        """How often `nodes`, or what they call, may change each attribute they write.

        What is only set to one constant changes once; what is only incremented changes
        as often as `rises` says that it can; anything else is None.
        """
        called = self.reached(self.called(nodes))
        roots = [
            *nodes,
            *(x for n in called for f in self.functions[n] for x in f.body),
        ]
        writes = Counter(written(roots))
        constants: dict[str, list[object]] = {}
        increments: Counter[str] = Counter()
        for node in (part for root in roots for part in ast.walk(root)):
            match node:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=attr)],
                    value=ast.Constant(value=constant),
                ):
                    constants.setdefault(attr, []).append(constant)
                case ast.AugAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=attr),
                    op=ast.Add(),
                    value=ast.Constant(value=1),
                ):
                    increments[attr] += 1
        found: dict[str, int | None] = {}
        for name, number in writes.items():
            values = constants.get(name, [])
            if len(values) == number and all(x is values[0] for x in values):
                found[name] = 1
            else:
                is_rising = increments[name] == number
                found[name] = rises.get(name) if is_rising else None
        return found

    def may_wait(self, nodes: Sequence[ast.AST]) -> bool:
        """Whether a process may be suspended inside `nodes`."""
        return any(map(waits, nodes)) or bool(
            self.reached(self.called(nodes)) & self._waits
        )

    def of_role(self, roles: frozenset[str]) -> Iterator[str]:
        """The names of the methods that have one of these decorators."""
        for name, bodies in self.functions.items():
            if any(role(body) in roles for body in bodies):
                yield name


def mentioned(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every name and attribute in some nodes."""
    for node in nodes:
        for part in ast.walk(node):
            match part:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name


def written(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The attributes that are assigned, or whose methods may change them."""
    for node in nodes:
        for part in ast.walk(node):
            match part:
                case ast.Assign(targets=targets):
                    for target in targets:
                        yield from _stored(target)
                case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                    yield from _stored(target)
                case ast.For(target=target) | ast.comprehension(target=target):
                    yield from _stored(target)
                case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                    if attr not in _LOOKS:
                        yield from _stored(value)
                case ast.withitem(context_expr=expression):
                    yield from _stored(expression)


def _stored(target: ast.expr) -> Iterator[str]:
    """The attributes in a target, but for those that only select a part of it."""
    match target:
        case ast.Attribute(value=value, attr=attr):
            yield attr
            yield from _stored(value)
        case ast.Subscript(value=value) | ast.Starred(value=value):
            yield from _stored(value)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _stored(item)
        case ast.Call(func=func):
            yield from _stored(func)


def waits(node: ast.AST) -> bool:
    """Whether a process may be suspended in this text itself."""
    return any(
        isinstance(part, ast.AsyncWith | ast.AsyncFor) or part_name(part) in _WAITS
        for part in ast.walk(node)
    )


def part_name(node: ast.AST) -> str | None:
    """The name that a node is, if it is one."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None
