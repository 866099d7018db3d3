"""Where a text mentions members of a Scalarset one by one, or counts them by one."""

from __future__ import annotations

import ast

from modelcheck.reader.allowing import Allowed
from modelcheck.reader.facts import Function

_MUTATORS = frozenset({"add", "discard", "remove"})


class Members:
    """Allows what mentions one member, and what only says whether there are some."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def fields(self, node: ast.ClassDef) -> None:
        """Types of variables, whose form the model shows, and plain defaults."""
        if node.decorator_list:  # a record: what is in it does not show
            return
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name)) if (
                    name in self._allowed.names.dropped
                ):
                    self._allowed.nodes.update(ast.walk(statement))
                case ast.AnnAssign(
                    target=ast.Name(id=name),
                    annotation=annotation,
                    value=None | ast.Constant(),
                ) if name in self._allowed.names.counters:
                    self._allowed.nodes.update(ast.walk(annotation))
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if (
                    name in self._allowed.names.variables
                ):
                    self._type(annotation)
            match statement:
                case ast.AnnAssign(
                    target=ast.Name(id=name),
                    annotation=ast.Subscript(value=ast.Name(id="dict" | "set")),
                    value=ast.DictComp(key=ast.Name(id=key), generators=[generator])
                    | ast.SetComp(elt=ast.Name(id=key), generators=[generator]),
                ) if name in self._allowed.names.indexed and _is_plain(generator, key):
                    self._allowed.nodes.add(generator.iter)

    def _type(self, annotation: ast.expr) -> None:
        """Members in a type, unless something is computed there."""
        if not any(isinstance(x, ast.Call) for x in ast.walk(annotation)):
            self._allowed.nodes.update(
                x for x in ast.walk(annotation) if self._allowed.is_scalarset(x)
            )

    def member(self, annotation: ast.expr | None) -> None:
        """A single member, or None: not a set of them."""
        match annotation:
            case ast.Name():
                self._allowed.nodes.add(annotation)
            case ast.BinOp(
                left=ast.Name() as left, op=ast.BitOr(), right=ast.Constant(value=None)
            ):
                self._allowed.nodes.add(left)

    def choice(self, among: ast.expr) -> None:
        """Any member, or any of those in a set, is chosen."""
        if self._allowed.is_scalarset(among) or self._allowed.is_indexed(among):
            self._allowed.nodes.add(among)

    def signature(self, node: Function) -> None:
        """The members that a function is given, and the one that it returns."""
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        members = 0
        for argument in arguments:
            self.member(argument.annotation)
            if argument.annotation is not None:
                members += any(
                    map(self._allowed.is_scalarset, ast.walk(argument.annotation))
                )
        self.member(node.returns)
        self._allowed.found.parameters = max(self._allowed.found.parameters, members)

    def lookup(self, node: ast.AST) -> None:
        """The variables of members where one member is looked up or changed."""
        match node:
            case ast.Subscript(value=ast.Attribute() as variable):
                self._allowed.nodes.add(variable)
            case ast.Compare(
                ops=[ast.In() | ast.NotIn()], comparators=[ast.Attribute() as variable]
            ):
                self._allowed.nodes.add(variable)
            case ast.Call(func=ast.Attribute(value=ast.Attribute() as variable) as f):
                if f.attr in _MUTATORS and len(node.args) == 1:
                    self._allowed.nodes.add(variable)
            case ast.Assign(
                targets=[ast.Attribute() as variable],
                value=ast.Call(func=ast.Name(id="set"), args=[]),
            ):
                self._allowed.nodes.add(variable)
                self._allowed.found.cleared.add(variable.attr)
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Attribute() as set_]),
                ops=[op],
                comparators=[ast.Constant(value=int(number))],
            ) if (
                type(op),
                number,
            ) in _EMPTINESS and set_.attr in self._allowed.names.sets:
                self._allowed.nodes.add(set_)
                self._allowed.found.witnesses.add(set_.attr)
        self._counting(node)

    def _counting(self, node: ast.AST) -> None:
        """A counter goes up and down by one, starts anew, or is compared."""
        match node:
            case ast.Assign(targets=[ast.Attribute(attr=attr)]):
                self._allowed.found.resets.add(attr)
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
        if counter.attr in self._allowed.names.counters and number >= 0:
            self._allowed.nodes.add(counter)
            thresholds = self._allowed.found.thresholds
            thresholds[counter.attr] = max(number, thresholds.get(counter.attr, 0))


_EMPTINESS = frozenset(
    {(ast.Eq, 0), (ast.NotEq, 0), (ast.Gt, 0), (ast.GtE, 1), (ast.Lt, 1)}
)
"""What compares the number of elements of a set so that it says whether it is empty."""


def _is_plain(generator: ast.comprehension, key: str) -> bool:
    """Whether a comprehension has an entry for every member: no condition."""
    target = generator.target
    return not generator.ifs and isinstance(target, ast.Name) and target.id == key
