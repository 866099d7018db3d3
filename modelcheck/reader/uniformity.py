"""Whether what a spec does to some members of a Scalarset depends on the others.

A proof for every size (docs/adr/0035) needs steps that commute with forgetting members
they do not mention. That is a matter of the text: a member gets into a step as a
parameter, by `choose`, or as the value of a variable; it is looked up in a map or a
set, added or removed. Everything else that could count or visit members is refused,
whether or not it would do harm. Universal conditions are kept by forgetting, so
`require(all(... for dev in Device))` is allowed, and invariants of that form. Whether a
set is empty, or a counter 0, is kept if somebody is not forgotten who makes it so.

An objection names the variables without which there would be none; `reader.largest`
leaves them out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from modelcheck.model.uniformity import PROVABLE, Objection, Uniformity
from modelcheck.reader.facts import (
    LOOKING,
    STEPPING,
    Facts,
    mentioned,
    role,
    written,
)
from modelcheck.reader.modules import Module

_MUTATORS = frozenset({"add", "discard", "remove"})
_RESERVED = frozenset({"require", "all", "any", "choose", "set", "assume"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a text mean: `indexed` variables have cells for each member.

    `variables` are all variables of the spec, `looking` all methods that only look at
    states, `scalarset` is the type that is to have any size. The ranges of `counters`
    depend on it. `dropped` variables must not be there any more. `stepping` are the
    functions that steps may run.
    """

    spec: str
    scalarset: str
    variables: frozenset[str]
    indexed: frozenset[str]
    sets: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    looking: frozenset[str] = frozenset()
    stepping: frozenset[str] = frozenset()
    sized: frozenset[str] = frozenset()


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


def used(modules: Iterable[Module], spec: str) -> list[tuple[Module, ast.stmt]]:
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
        facts: Facts,
    ) -> None:
        self._module = module
        self._facts = facts
        self._roots = roots
        self._locals: dict[str, ast.expr] = {}
        self._uses: list[ast.Name] = []
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
        looking: list[_Function] = []
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

    def _walk(self, looking: list[_Function]) -> None:
        """Find the places where members may be mentioned."""
        for node in self._nodes:
            match node:
                case ast.ClassDef():
                    self._allow_fields(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._read_signature(node)
                    if role(node) in LOOKING:
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
                case ast.AnnAssign(target=ast.Name(id=name)) if (
                    name in self._names.dropped
                ):
                    self._allowed.update(ast.walk(statement))
                case ast.AnnAssign(
                    target=ast.Name(id=name),
                    annotation=annotation,
                    value=None | ast.Constant(),
                ) if name in self._names.counters:
                    self._allowed.update(ast.walk(annotation))
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
                self._found.cleared.add(variable.attr)
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Attribute() as set_]),
                ops=[op],
                comparators=[ast.Constant(value=int(number))],
            ) if (type(op), number) in _EMPTINESS and set_.attr in self._names.sets:
                self._allowed.add(set_)
                self._found.witnesses.add(set_.attr)
        self._allow_counting(node)

    def _allow_counting(self, node: ast.AST) -> None:
        """A counter goes up and down by one, starts anew, or is compared."""
        match node:
            case ast.Assign(targets=[ast.Attribute(attr=attr)]):
                self._found.resets.add(attr)
        match node:
            case ast.AugAssign(
                target=ast.Attribute() as counter,
                op=ast.Add() | ast.Sub(),
                value=ast.Constant(value=1),
            ):
                self._count(counter, 0)
            case (
                ast.Assign(
                    targets=[ast.Attribute() as counter],
                    value=ast.Constant(value=int(number)),
                )
                | ast.Compare(
                    left=ast.Attribute() as counter,
                    ops=[
                        ast.Eq()
                        | ast.NotEq()
                        | ast.Lt()
                        | ast.LtE()
                        | ast.Gt()
                        | ast.GtE()
                    ],
                    comparators=[ast.Constant(value=int(number))],
                )
            ):
                self._count(counter, number)

    def _count(self, counter: ast.Attribute, number: int) -> None:
        if counter.attr in self._names.counters and number >= 0:
            self._allowed.add(counter)
            thresholds = self._found.thresholds
            thresholds[counter.attr] = max(number, thresholds.get(counter.attr, 0))

    def _read_aliases(self) -> None:
        """Ranges that depend on the size are those of counters, and of nothing else."""
        for node in self._roots:
            match node:
                case ast.Assign(targets=[ast.Name(id=alias) as target], value=value):
                    if alias in self._names.sized:
                        self._allowed.update({target, *ast.walk(value)})

    def _allow_universal(self, condition: ast.expr) -> int:
        """Allow what quantifies universally in `condition`; how often it does."""
        return self._quantified(condition, is_positive=True)

    def _quantified(self, node: ast.expr, *, is_positive: bool) -> int:
        wanted = "all" if is_positive else "any"
        match node:
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Attribute() as set_]),
                ops=[ast.LtE() | ast.Lt() as op],
                comparators=[ast.Constant(value=int(most))],
            ) if is_positive and set_.attr in self._names.sets:
                self._allowed.add(set_)
                return most + isinstance(op, ast.LtE)
            case ast.Compare(
                left=left,
                ops=[ast.LtE() | ast.Lt() | ast.Eq() as op],
                comparators=[ast.Constant(value=int(most))],
            ) if is_positive and (most == 0 or not isinstance(op, ast.Eq)):
                summed = self._summed(left)
                if summed is not None:
                    self._allowed.add(summed)
                    return most + (not isinstance(op, ast.Lt))
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

    def _summed(self, node: ast.expr) -> ast.expr | None:
        """Where the name of the type stands in a sum over members; a local may be one.

        What is added up is the truth of a comparison, so that it is 0 or 1.
        """
        if isinstance(node, ast.Name):
            self._uses.append(node)
            node = self._locals.get(node.id, node)
        match node:
            case ast.Call(
                func=ast.Name(id="sum"),
                args=[
                    ast.GeneratorExp(
                        elt=ast.Compare(),
                        generators=[ast.comprehension(iter=over)],
                    )
                ],
                keywords=[],
            ) if self._is_scalarset(over):
                return over
        return None

    def _read_property(self, function: _Function) -> None:
        """Note what stands against a property, or of how many members it speaks."""
        found, name = self._found, function.name
        if role(function) not in PROVABLE:
            reason = "this kind of property is not proved for all sizes"
            found.against.setdefault(name, self._objection(function, reason))
            return
        body = function.body[1:] if _is_docstring(function.body[0]) else function.body
        count = 0
        self._locals = {}
        match body:
            case [
                ast.Assign(targets=[ast.Name(id=local)], value=value),
                ast.Return(value=ast.expr()) as end,
            ]:
                self._locals = {local: value}
                body = [end]
        match body:
            case [ast.Return(value=ast.expr() as condition)]:
                count = self._allow_universal(condition)
                self._check_locals(condition)
                self._read_count(name, condition)
        self._allow_super(function)
        if name not in found.counted:
            count += len(self._asked_of([function]))
        found.quantifiers[name] = max(found.quantifiers.get(name, 0), count)
        for objection in self._objections(ast.walk(function)):
            found.against.setdefault(name, objection)

    def _check_locals(self, condition: ast.expr) -> None:
        """Whatever else is done with a sum, it is not known to be harmless."""
        for local, value in self._locals.items():
            for node in ast.walk(condition):
                is_use = isinstance(node, ast.Name) and node.id == local
                if is_use and not any(node is use for use in self._uses):
                    self._allowed.difference_update(ast.walk(value))

    def _asked_of(self, roots: Sequence[ast.AST]) -> set[str]:
        """The sets of which a text, or what it calls, asks whether they are empty."""
        called = self._facts.reached(self._facts.called(roots))
        nodes = [*roots, *(f for name in called for f in self._facts.functions[name])]
        return {
            call.args[0].attr
            for node in nodes
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "len"
            and isinstance(call.args[0], ast.Attribute)
        } & self._names.sets

    def _read_count(self, name: str, condition: ast.expr) -> None:
        """Note that a property is `counter == len(one) + len(other)`."""
        match condition:
            case ast.Compare(
                left=ast.Attribute(attr=counter) as left,
                ops=[ast.Eq()],
                comparators=[total],
            ) if counter in self._names.counters:
                sets = _lengths(total)
                if sets is not None and len({x.attr for x in sets}) == len(sets):
                    self._allowed.update({left, *sets})
                    names = frozenset(x.attr for x in sets)
                    self._found.counted[name] = (counter, names)

    def _allow_super(self, function: _Function) -> None:
        """What a property says may be what it says in a base class."""
        for node in ast.walk(function):
            match node:
                case ast.Attribute(
                    value=ast.Call(func=ast.Name(id="super"), args=[]), attr=attr
                ) if attr == function.name:
                    self._allowed.add(node)

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
            is_fine = node in self._allowed and not self._is_wild(node)
            reason = None if is_fine else self._reason(node)
            if reason is not None:
                yield replace(self._objection(node, reason), blamed=self._blamed(node))

    def _reason(self, node: ast.AST) -> str | None:
        match node:
            case ast.Attribute(attr=attr) if self._is_wild(node):
                return f"{attr} is to be left out, and matters here"
            case ast.Attribute(attr=attr) if attr in self._names.counters:
                return f"this may depend on how far {attr} can count"
            case ast.Name() if self._is_scalarset(node):
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
            effects = self._facts.effects(around.body)
        else:
            effects = set(written([around]))
        return frozenset(effects & names.variables) - names.dropped

    def _is_scalarset(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self._name

    def _is_indexed(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in self._names.indexed

    def _objection(self, node: ast.AST, reason: str) -> Objection:
        return Objection(reason, self._module.span(node))


_EMPTINESS = frozenset(
    {(ast.Eq, 0), (ast.NotEq, 0), (ast.Gt, 0), (ast.GtE, 1), (ast.Lt, 1)}
)
"""What compares the number of elements of a set so that it says whether it is empty."""


def _lengths(total: ast.expr) -> list[ast.Attribute] | None:
    """The sets whose numbers of elements are added up."""
    match total:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, two = _lengths(left), _lengths(right)
            return None if one is None or two is None else [*one, *two]
        case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute() as set_]):
            return [set_]
    return None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_plain(generator: ast.comprehension, key: str) -> bool:
    """Whether a comprehension has an entry for every member: no condition."""
    target = generator.target
    return not generator.ifs and isinstance(target, ast.Name) and target.id == key
