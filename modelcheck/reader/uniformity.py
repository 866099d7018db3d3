"""Whether what a spec does to some members of a Scalarset depends on the others.

A proof for every size (docs/adr/0035) needs steps that commute with forgetting members
they do not mention. That is a matter of the text: a member gets into a step as a
parameter, by `choose`, or as the value of a variable; it is looked up in a map or a
set, added or removed. Everything else that could count or visit members is refused,
whether or not it would do harm. Universal conditions are kept by forgetting, so
`require(all(... for dev in Device))` is allowed, and invariants of that form. Whether a
set is empty, or a counter 0, is kept if somebody is not forgotten who makes it so.

An objection names the variables without which there would be none; `reader.largest`
leaves them out. What is harmless is found by `reader.members`, where single members are
meant, and by `reader.questions`, where all of them are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from modelcheck.model.uniformity import PROVABLE, Objection, Uniformity
from modelcheck.reader.allowing import Allowed, Names
from modelcheck.reader.facts import (
    LOOKING,
    STEPPING,
    Facts,
    Function,
    mentioned,
    role,
    written,
)
from modelcheck.reader.members import Members
from modelcheck.reader.modules import Module
from modelcheck.reader.questions import Questions
from modelcheck.reader.uses import used

_RESERVED = frozenset({"require", "all", "any", "choose", "set", "assume"})


def look_at(modules: Sequence[Module], names: Names) -> Uniformity:
    """The uniformity of the spec `names.spec`, which `modules` are the text of.

    Of the modules that it imports, only what has a name that is used is looked at.
    """
    found = Uniformity(dropped=names.dropped, counters=names.counters)
    statements = used(modules, names.spec)
    facts = Facts([root for _, root in statements])
    names = replace(
        names,
        looking=frozenset(facts.of_role(LOOKING)),
        stepping=frozenset(facts.reached(facts.of_role(STEPPING))),
        sized=frozenset(_sized([root for _, root in statements], names.scalarset)),
    )
    for module in modules:
        roots = [root for owner, root in statements if owner is module]
        _ModuleReader(module, roots, names, found, facts).read()
    return found


def _sized(roots: Sequence[ast.stmt], scalarset: str) -> Iterator[str]:
    """The names of types whose range depends on the number of members."""
    for node in roots:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=alias)],
                value=ast.Subscript(value=ast.Name(id="Annotated")) as value,
            ) if scalarset in set(mentioned([value])):
                yield alias


class _ModuleReader:
    """Looks at one module for what is in no harmless place."""

    def __init__(
        self,
        module: Module,
        roots: Sequence[ast.stmt],
        names: Names,
        found: Uniformity,
        facts: Facts,
    ) -> None:
        self._module = module
        self._facts = facts
        self._roots = roots
        self._nodes = [node for root in roots for node in ast.walk(root)]
        self._names = names
        self._name = names.scalarset
        self._found = found
        self._allowed = Allowed(names, found)
        self._members = Members(self._allowed)
        self._questions = Questions(self._allowed, facts)
        # Nobody counts the members in a record: its name is all that `signature` sees.
        self._parts = {
            part
            for node in self._nodes
            if isinstance(node, ast.ClassDef) and node.decorator_list
            for part in node.body
        }
        self._around = {
            part: node
            for node in self._nodes
            if isinstance(node, ast.For | ast.Assign | ast.AugAssign | ast.Expr)
            for part in ast.walk(node)
        }
        # A docstring has a line of its own.
        self._prose = {x.value for x in self._nodes if isinstance(x, ast.Expr)}

    def read(self) -> None:
        """Note all objections against the module."""
        looking: list[Function] = []
        self._walk(looking)
        self._read_aliases()
        self._refuse_names()
        properties = {node for each in looking for node in ast.walk(each)}
        for objection in self._objections(
            node for node in self._nodes if node not in properties
        ):
            self._found.objections.append(objection)
        for function in looking:
            self._read_property(function)

    def _walk(self, looking: list[Function]) -> None:
        """Find the places where members may be mentioned."""
        for node in self._nodes:
            match node:
                case ast.ClassDef():
                    self._members.fields(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._members.signature(node)
                    if role(node) in LOOKING:
                        looking.append(node)
                case ast.AnnAssign(annotation=annotation) if node not in self._parts:
                    self._members.member(annotation)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="require"), args=[condition])
                ):
                    count = self._questions.universal(condition)
                    self._found.universal_guards += count
                case ast.Call(func=ast.Name(id="choose"), args=[among]):
                    if self._allowed.is_scalarset(among) or self._allowed.is_indexed(
                        among
                    ):
                        self._allowed.nodes.add(among)
                case _:
                    pass
            self._members.lookup(node)

    def _read_aliases(self) -> None:
        """Ranges that depend on the size are those of counters, and of nothing else."""
        for node in self._roots:
            match node:
                case ast.Assign(targets=[ast.Name(id=alias) as target], value=value):
                    if alias in self._names.sized:
                        self._allowed.nodes.update({target, *ast.walk(value)})

    def _read_property(self, function: Function) -> None:
        """Note what stands against a property, or of how many members it speaks."""
        found, name = self._found, function.name
        if role(function) not in PROVABLE:
            reason = "this kind of property is not proved for all sizes"
            found.against.setdefault(name, self._objection(function, reason))
            return
        self._questions.of_property(function)
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
            is_fine = node in self._allowed.nodes and not self._is_wild(node)
            reason = None if is_fine else self._reason(node)
            if reason is not None:
                yield replace(self._objection(node, reason), blamed=self._blamed(node))

    def _loop(self, node: ast.AST) -> str | None:
        """Why a loop over `node` has to stay; None if there is none, or no telling."""
        loop = self._around.get(node)
        if not isinstance(loop, ast.For) or loop.iter is not node:
            return None
        changed = sorted(self._blamed_for(loop))
        return f"this loop changes {', '.join(changed)}" if changed else None

    def _reason(self, node: ast.AST) -> str | None:
        loop = self._loop(node)
        match node:
            case ast.Attribute() if self._is_wild(node) and loop is not None:
                return loop
            case ast.Name() if self._allowed.is_scalarset(node) and loop is not None:
                return loop
            case ast.Attribute(attr=attr) if self._is_wild(node):
                return f"{attr} is to be left out, and matters here"
            case ast.Attribute(attr=attr) if attr in self._names.counters:
                return f"this may depend on how far {attr} can count"
            case ast.Name() if self._allowed.is_scalarset(node):
                return f"this may depend on all members of {self._name}"
            case ast.Attribute(attr=attr) if attr == self._name:
                return f"this may depend on all members of {self._name}"
            case ast.Attribute(attr=attr) if attr in self._names.indexed:
                return f"this looks at {attr} as a whole"
            case ast.Attribute(attr=attr) if attr in self._names.looking:
                return f"{attr} may speak of all members of {self._name}"
            case ast.Name(id=name) if name in self._names.sized:
                return f"the range of {name} depends on the number of members"
            case ast.Name(id="assume"):
                return "an assumption cuts states off"
            case ast.Attribute(attr="assume"):
                return "an assumption cuts states off"
            case ast.Constant(value=str(text)) if node not in self._prose:
                if re.search(rf"\b{re.escape(self._name)}\b", text):
                    return f"a text mentions {self._name}"
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if role(node) == "constraint":
                    return "a constraint cuts states off"
        return None

    def _is_wild(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in self._names.dropped

    def _blamed(self, node: ast.AST) -> frozenset[str]:
        """What is to be left out, so that `node` does not matter."""
        names = self._names
        if isinstance(node, ast.Attribute) and (
            node.attr in (names.indexed | names.counters) - names.dropped
        ):
            return frozenset({node.attr})
        around = self._around.get(node)
        if around is None:
            return frozenset()
        if isinstance(around, ast.For):
            return self._blamed_for(around)
        effects = set(written([around]))
        return frozenset(effects & names.variables) - names.dropped

    def _blamed_for(self, loop: ast.For) -> frozenset[str]:
        """The variables that a loop may change often."""
        names = self._names
        changes = self._facts.changes(loop.body, names.rises)
        often = {name for name, times in changes.items() if times is None}
        return frozenset(often & names.variables) - names.dropped

    def _objection(self, node: ast.AST, reason: str) -> Objection:
        return Objection(reason, self._module.span(node))
