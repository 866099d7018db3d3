"""What a text says of all members of a Scalarset, where that is harmless.

Universal conditions are kept by forgetting members, and so is what bounds their number
from above.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from modelcheck.reader.allowing import Allowed
from modelcheck.reader.facts import Facts, Function


class Questions:
    """Allows quantifiers in what a `require` demands, or a property promises."""

    def __init__(self, allowed: Allowed, facts: Facts) -> None:
        self._allowed = allowed
        self._facts = facts
        self._property = ""
        self._locals: dict[str, ast.expr] = {}
        self._uses: list[ast.Name] = []

    def universal(self, condition: ast.expr) -> int:
        """Allow what quantifies universally in `condition`; how often it does."""
        return self._quantified(condition, is_positive=True)

    def _quantified(self, node: ast.expr, *, is_positive: bool) -> int:
        wanted = "all" if is_positive else "any"
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="super"), args=[]), attr=attr
                ) as base
            ) if is_positive and attr == self._property:
                # What a property says may be what it says in a base class.
                self._allowed.nodes.add(base)
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Attribute() as set_]),
                ops=[ast.LtE() | ast.Lt() as op],
                comparators=[ast.Constant(value=int(most))],
            ) if is_positive and set_.attr in self._allowed.names.sets:
                self._allowed.nodes.add(set_)
                return most + isinstance(op, ast.LtE)
            case ast.Compare(
                left=left,
                ops=[ast.LtE() | ast.Lt() | ast.Eq() as op],
                comparators=[ast.Constant(value=int(most))],
            ) if is_positive and (most == 0 or not isinstance(op, ast.Eq)):
                summed = self._summed(left)
                if summed is not None:
                    self._allowed.nodes.add(summed)
                    return most + (not isinstance(op, ast.Lt))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._quantified(operand, is_positive=not is_positive)
            case ast.BoolOp(values=values):
                parts = (self._quantified(x, is_positive=is_positive) for x in values)
                return sum(parts)
            case ast.Call(
                func=ast.Name(id=name), args=[ast.GeneratorExp() as inner], keywords=[]
            ) if name == wanted:
                over = [g.iter for g in inner.generators if self._are_members(g.iter)]
                self._allowed.nodes.update(over)
                found = self._quantified(inner.elt, is_positive=is_positive)
                return len(over) + found
        return 0

    def _are_members(self, node: ast.expr) -> bool:
        """Whether a generator goes over all members, or those in a set."""
        is_set = (
            isinstance(node, ast.Attribute) and node.attr in self._allowed.names.sets
        )
        return is_set or self._allowed.is_scalarset(node)

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
            ) if self._allowed.is_scalarset(over):
                return over
        return None

    def of_property(self, function: Function) -> None:
        """Note of how many members a property speaks.

        An override may say it beside what its base says, so that the numbers add up.
        """
        found, name = self._allowed.found, function.name
        body = function.body[1:] if _is_docstring(function.body[0]) else function.body
        self._property, self._locals = name, {}
        match body:
            case [
                ast.Assign(targets=[ast.Name(id=local)], value=value),
                ast.Return() as end,
            ]:
                self._locals = {local: value}
                body = [end]
        count = self._promised(body)
        self._property = ""
        match body:
            case [ast.Return(value=ast.expr() as condition)]:
                self._read_count(name, condition)
        found.asked.setdefault(name, set()).update(self._asked_of([function]))
        found.quantifiers[name] = found.quantifiers.get(name, 0) + count

    def _promised(self, body: Sequence[ast.stmt]) -> int:
        """How often what a property returns quantifies universally.

        Where it returns early, all that it may return has to be so.
        """
        match body:
            case [ast.Return(value=ast.expr() as condition)]:
                count = self.universal(condition)
                self._check_locals(condition)
                return count
            case [ast.If(body=then, orelse=orelse), *rest]:
                return sum(self._promised(part) for part in (then, orelse, rest))
        return 0

    def _check_locals(self, condition: ast.expr) -> None:
        """Whatever else is done with a sum, it is not known to be harmless."""
        for local, value in self._locals.items():
            for node in ast.walk(condition):
                is_use = isinstance(node, ast.Name) and node.id == local
                if is_use and not any(node is use for use in self._uses):
                    self._allowed.nodes.difference_update(ast.walk(value))

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
        } & self._allowed.names.sets

    def _read_count(self, name: str, condition: ast.expr) -> None:
        """Note that a property is `counter == len(one) + len(other)`.

        The sum may be a local.
        """
        match condition:
            case ast.Compare(
                left=ast.Attribute(attr=counter) as left,
                ops=[ast.Eq()],
                comparators=[total],
            ) if counter in self._allowed.names.counters:
                if isinstance(total, ast.Name):
                    total = self._locals.get(total.id, total)
                sets = _lengths(total)
                if sets is not None and len({x.attr for x in sets}) == len(sets):
                    self._allowed.nodes.update({left, *sets})
                    names = frozenset(x.attr for x in sets)
                    self._allowed.found.counted[name] = (counter, names)


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
