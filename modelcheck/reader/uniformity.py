"""Whether what a spec does to some members of a Scalarset depends on the others.

A proof for every size (docs/adr/0035) needs steps that commute with forgetting members
they do not mention. That is a matter of the text: a member gets into a step as a
parameter, by `choose`, or as the value of a variable; it is looked up in a map or a
set, added or removed. Everything else that could count or visit members is refused,
whether or not it would do harm. Universal conditions are kept by forgetting, so
`require(all(... for dev in Device))` is allowed, and invariants of that form.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from modelcheck.model.uniformity import PROVABLE, Objection, Uniformity
from modelcheck.reader.modules import Module, Modules

_LOOKING = PROVABLE | {"reachable", "temporal", "fairness", "mapping", "constraint"}
_STEPPING = frozenset({"action"})
_MUTATORS = frozenset({"add", "discard", "remove"})
_RESERVED = frozenset({"require", "all", "any", "choose", "set", "assume"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a text mean: `indexed` variables have cells for each member.

    `variables` are all variables of the spec, `looking` all methods that only look at
    states, `scalarset` is the type that is to have any size.
    """

    spec: str
    scalarset: str
    variables: frozenset[str]
    indexed: frozenset[str]
    looking: frozenset[str] = frozenset()


def look_at(path: str, names: Names) -> Uniformity:
    """The uniformity of the spec `names.spec` in the file at `path`.

    Of the modules that it imports, only what has a name that is used is looked at.
    """
    found = Uniformity()
    modules = Modules(path).loaded
    used = _used(modules, names.spec)
    looking = {
        node.name
        for _, root in used
        for node in ast.walk(root)
        if isinstance(node, _Function) and _role(node) in _LOOKING
    }
    names = replace(names, looking=frozenset(looking))
    for module in modules:
        roots = [root for owner, root in used if owner is module]
        _ModuleReader(module, roots, names, found).read()
    return found


def _used(modules: Iterable[Module], spec: str) -> list[tuple[Module, ast.stmt]]:
    """The statements that `spec` may depend on: those that bind a name it uses.

    Names are not resolved: whatever is called like something used counts as used.
    """
    binding: dict[str, list[tuple[Module, ast.stmt]]] = {}
    found: list[tuple[Module, ast.stmt]] = []
    for module in modules:
        found.extend(
            (module, node)
            for node in ast.walk(module.source.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
        for statement in module.source.tree.body:
            for name in _bound(statement):
                binding.setdefault(name, []).append((module, statement))
    open_ = {spec}
    seen: set[str] = set()
    while open_:
        name = open_.pop()
        seen.add(name)
        for module, statement in binding.get(name, ()):
            found.append((module, statement))
            open_ |= set(_mentioned(statement)) - seen
    return found


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module may bind."""
    if isinstance(statement, _Function | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, _Function | ast.ClassDef):
            yield node.name


def _mentioned(statement: ast.stmt) -> Iterator[str]:
    """Every name, attribute and word of a text in a statement."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)):
                yield from re.findall(r"\w+", text)


class _ModuleReader:
    """Looks at one module; `allowed` are the nodes found in harmless places."""

    def __init__(
        self,
        module: Module,
        roots: Sequence[ast.stmt],
        names: Names,
        found: Uniformity,
    ) -> None:
        self._module = module
        self._nodes = [node for root in roots for node in ast.walk(root)]
        self._names = names
        self._name = names.scalarset
        self._found = found
        self._allowed: set[ast.AST] = set()
        # Nobody counts the members in a record: `_read_signature` sees its name alone.
        self._parts = {
            part
            for node in self._nodes
            if isinstance(node, ast.ClassDef) and node.decorator_list
            for part in node.body
        }
        # A docstring has a line of its own.
        self._prose = {x.value for x in self._nodes if isinstance(x, ast.Expr)}

    def read(self) -> None:
        """Note all objections against the module."""
        looking: list[_Function] = []
        self._walk(looking)
        self._refuse_names()
        properties = {node for each in looking for node in ast.walk(each)}
        for objection in self._objections(
            node for node in self._nodes if node not in properties
        ):
            self._found.objections.append(objection)
        for function in looking:
            self._read_property(function)

    def _walk(self, looking: list[_Function]) -> None:
        """Find the places where members may be mentioned."""
        for node in self._nodes:
            match node:
                case ast.ClassDef():
                    self._allow_fields(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._read_signature(node)
                    if _role(node) in _LOOKING:
                        looking.append(node)
                case ast.AnnAssign(annotation=annotation) if node not in self._parts:
                    self._allow_member(annotation)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="require"), args=[condition])
                ):
                    count = self._allow_universal(condition)
                    self._found.universal_guards += count
                case ast.Call(func=ast.Name(id="choose"), args=[among]):
                    if self._is_scalarset(among) or self._is_indexed(among):
                        self._allowed.add(among)
                case _:
                    pass
            self._allow_lookup(node)

    def _allow_fields(self, node: ast.ClassDef) -> None:
        """Types of variables, whose form the model shows, and plain defaults."""
        if node.decorator_list:  # a record: what is in it does not show
            return
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if (
                    name in self._names.variables
                ):
                    self._allow_type(annotation)
            match statement:
                case ast.AnnAssign(
                    target=ast.Name(id=name),
                    annotation=ast.Subscript(value=ast.Name(id="dict" | "set")),
                    value=ast.DictComp(key=ast.Name(id=key), generators=[generator])
                    | ast.SetComp(elt=ast.Name(id=key), generators=[generator]),
                ) if name in self._names.indexed and _is_plain(generator, key):
                    self._allowed.add(generator.iter)

    def _allow_type(self, annotation: ast.expr) -> None:
        """Members in a type, unless something is computed there."""
        if not any(isinstance(x, ast.Call) for x in ast.walk(annotation)):
            self._allowed |= {x for x in ast.walk(annotation) if self._is_scalarset(x)}

    def _allow_member(self, annotation: ast.expr | None) -> None:
        """A single member, or None: not a set of them."""
        match annotation:
            case ast.Name():
                self._allowed.add(annotation)
            case ast.BinOp(
                left=ast.Name() as left, op=ast.BitOr(), right=ast.Constant(value=None)
            ):
                self._allowed.add(left)

    def _read_signature(self, node: _Function) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        members = 0
        for argument in arguments:
            self._allow_member(argument.annotation)
            if argument.annotation is not None:
                members += any(map(self._is_scalarset, ast.walk(argument.annotation)))
        self._allow_member(node.returns)
        self._found.parameters = max(self._found.parameters, members)

    def _allow_lookup(self, node: ast.AST) -> None:
        """The variables of members where one member is looked up or changed."""
        match node:
            case ast.Subscript(value=ast.Attribute() as variable):
                self._allowed.add(variable)
            case ast.Compare(
                ops=[ast.In() | ast.NotIn()], comparators=[ast.Attribute() as variable]
            ):
                self._allowed.add(variable)
            case ast.Call(func=ast.Attribute(value=ast.Attribute() as variable) as f):
                if f.attr in _MUTATORS and len(node.args) == 1:
                    self._allowed.add(variable)
            case ast.Assign(
                targets=[ast.Attribute() as variable],
                value=ast.Call(func=ast.Name(id="set"), args=[]),
            ):
                self._allowed.add(variable)

    def _allow_universal(self, condition: ast.expr) -> int:
        """Allow what quantifies universally in `condition`; how often it does."""
        return self._quantified(condition, is_positive=True)

    def _quantified(self, node: ast.expr, *, is_positive: bool) -> int:
        wanted = "all" if is_positive else "any"
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._quantified(operand, is_positive=not is_positive)
            case ast.BoolOp(values=values):
                parts = (self._quantified(x, is_positive=is_positive) for x in values)
                return sum(parts)
            case ast.Call(
                func=ast.Name(id=name), args=[ast.GeneratorExp() as inner], keywords=[]
            ) if name == wanted:
                over = [g.iter for g in inner.generators if self._is_scalarset(g.iter)]
                self._allowed.update(over)
                found = self._quantified(inner.elt, is_positive=is_positive)
                return len(over) + found
        return 0

    def _read_property(self, function: _Function) -> None:
        """Note what stands against a property, or of how many members it speaks."""
        found, name = self._found, function.name
        if _role(function) not in PROVABLE:
            reason = "this kind of property is not proved for all sizes"
            found.against.setdefault(name, self._objection(function, reason))
            return
        body = function.body[1:] if _is_docstring(function.body[0]) else function.body
        count = 0
        match body:
            case [ast.Return(value=ast.expr() as condition)]:
                count = self._allow_universal(condition)
        found.quantifiers[name] = max(found.quantifiers.get(name, 0), count)
        for objection in self._objections(ast.walk(function)):
            found.against.setdefault(name, objection)

    def _refuse_names(self) -> None:
        """Nothing may hide what a name means."""
        for node in self._nodes:
            hidden = None
            match node:
                case ast.ImportFrom(names=aliases):
                    # What is used is found by its name.
                    names = {x.asname for x in aliases if x.asname != x.name}
                    hidden = next(filter(None, names), None)
                case ast.Import(names=aliases):
                    names = {x.asname for x in aliases} & _RESERVED
                    hidden = next(iter(names), None)
                case (
                    ast.FunctionDef(name=name)
                    | ast.AsyncFunctionDef(name=name)
                    | ast.ClassDef(name=name)
                ):
                    hidden = name if name in _RESERVED else None
                case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                    hidden = name if name in _RESERVED | {self._name} else None
            if hidden is not None:
                reason = f"{hidden} is not the name that it seems to be"
                self._found.objections.append(self._objection(node, reason))

    def _objections(self, nodes: Iterator[ast.AST]) -> Iterator[Objection]:
        """What stands against the nodes that were not found in a harmless place."""
        for node in nodes:
            reason = None if node in self._allowed else self._reason(node)
            if reason is not None:
                yield self._objection(node, reason)

    def _reason(self, node: ast.AST) -> str | None:
        match node:
            case ast.Name() if self._is_scalarset(node):
                return f"this may depend on all members of {self._name}"
            case ast.Attribute(attr=attr) if attr == self._name:
                return f"this may depend on all members of {self._name}"
            case ast.Attribute(attr=attr) if attr in self._names.indexed:
                return f"this looks at {attr} as a whole"
            case ast.Attribute(attr=attr) if attr in self._names.looking:
                return f"{attr} may speak of all members of {self._name}"
            case ast.Name(id="assume"):
                return "an assumption cuts states off"
            case ast.Attribute(attr="assume"):
                return "an assumption cuts states off"
            case ast.Constant(value=str(text)) if node not in self._prose:
                if re.search(rf"\b{re.escape(self._name)}\b", text):
                    return f"a text mentions {self._name}"
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if _role(node) in {"process", "init", "constraint"}:
                    return f"a method with @{_role(node)} is not covered"
        return None

    def _is_scalarset(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self._name

    def _is_indexed(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in self._names.indexed

    def _objection(self, node: ast.AST, reason: str) -> Objection:
        return Objection(reason, self._module.span(node))


def _role(node: _Function) -> str:
    """The decorator that says what a method is for; empty if there is none."""
    for decorator in node.decorator_list:
        head = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = head.attr if isinstance(head, ast.Attribute) else None
        name = head.id if isinstance(head, ast.Name) else name
        if name in _LOOKING | _STEPPING | {"process", "init"}:
            return name
    return ""


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_plain(generator: ast.comprehension, key: str) -> bool:
    """Whether a comprehension has an entry for every member: no condition."""
    target = generator.target
    return not generator.ifs and isinstance(target, ast.Name) and target.id == key
