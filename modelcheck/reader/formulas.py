"""Formulas: what a `@temporal` method returns, with its atoms.

A formula is one expression. Its operators become those of the model; everything else in
it is an *atom*, a Boolean of one state that is lowered like an invariant. Which parts a
formula has is known before the run, so names stand for constants: members of the types
that `every` and `some` range over, and arguments of helpers that return formulas.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.layout.values import decode, show
from modelcheck.model import terms as t
from modelcheck.model.flatten import flatten
from modelcheck.model.simplify import simplify_result
from modelcheck.model.statements import Body
from modelcheck.model.temporal import Atom, Connective, Formula, Temporal
from modelcheck.model.terms import Term
from modelcheck.model.types import BoolType
from modelcheck.reader.builtins import TEMPORAL, TWO
from modelcheck.reader.context import Frame, Local
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.lowering import Lowering
from modelcheck.reader.methods import Function, Method
from modelcheck.reader.modules import FunctionSymbol, Known, Module
from modelcheck.reader.signatures import returns_formula, without_docstring
from modelcheck.reader.values import Value
from modelcheck.reader.wording import code, describe

TRUE = Formula(Connective.TRUE)
FALSE = Formula(Connective.NOT, (TRUE,))


@dataclass(slots=True)
class FormulaReader:
    """Reads the formula of one property; atoms and antecedents gather as it does.

    `lowering` has a frame for the method that is read.
    """

    lowering: Lowering
    atoms: list[Atom] = field(default_factory=list)
    antecedents: dict[Formula, str] = field(default_factory=dict)
    _numbers: dict[tuple[Body, Term], int] = field(default_factory=dict)

    def temporal(self, function: Function) -> Temporal:
        """The question that `function` asks; its frame is the innermost."""
        formula = self._returned(function, is_positive=True)
        return Temporal(formula, tuple(self.atoms), tuple(self.antecedents.items()))

    def _returned(self, function: Function, *, is_positive: bool) -> Formula:
        """The formula behind the `return` of a method that has nothing else."""
        for statement in without_docstring(function.body):
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self._formula(value, is_positive=is_positive)
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.If():
                    raise self._shape_error(statement.test, "implies(test, formula)")
            raise self._error(
                statement,
                "a formula is one expression, behind `return`",
                "name a part of it by a method of its own that returns a Formula",
            )
        raise self._error(
            function,
            f"`{function.name}` returns no formula",
            "write `return always(...)`",
        )

    def _formula(self, node: ast.expr, *, is_positive: bool) -> Formula:
        """The formula of `node`; `is_positive`: under an even number of negations."""
        match node:
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
                if self._is_formula(node):
                    kind = _JOIN[type(op)]
                    both = [
                        self._formula(p, is_positive=is_positive) for p in (left, right)
                    ]
                    return Formula(kind, tuple(both))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                if self._is_formula(operand):
                    inner = self._formula(operand, is_positive=not is_positive)
                    return Formula(Connective.NOT, (inner,))
            case ast.IfExp() if self._is_formula(node):
                chosen = node.body if self._constant(node.test) else node.orelse
                return self._formula(chosen, is_positive=is_positive)
            case ast.Call():
                operator = self._operator(node)
                if operator is not None:
                    return self._operation(node, operator, is_positive=is_positive)
                called = self._callee(node)
                if called is not None and returns_formula(called[0], called[2]):
                    return self._helper(node, called, is_positive=is_positive)
        return self._atom(node)

    # Operators

    def _operator(self, node: ast.Call) -> str | None:
        """The operator of temporal logic that a call applies, if it does."""
        frame, name = self.lowering.frame, None
        match node.func:
            case ast.Name(id=found) if found not in frame.locals:
                symbol = frame.module.names.get(found)
                name = symbol.name if isinstance(symbol, Known) else None
            case ast.Attribute(value=ast.Name(id=owner), attr=found):
                if frame.module.names.get(owner) == Known("modelcheck"):
                    name = found
        is_until = name == "until" and len(node.args) == TWO
        return name if name in TEMPORAL or is_until else None

    def _operation(
        self, node: ast.Call, operator: str, *, is_positive: bool
    ) -> Formula:
        if operator in ("every", "some"):
            return self._quantified(node, operator, is_positive=is_positive)
        wanted = 1 if operator in _UNARY else TWO
        if len(node.args) != wanted or node.keywords:
            shown = "f" if wanted == 1 else "f, g"
            raise self.lowering.error(
                Code.CALL_TYPE,
                f"`{operator}` takes {_FORMULAS[wanted]}",
                node,
                help_=f"write {operator}({shown})",
            )
        if wanted == 1:
            inner = self._formula(node.args[0], is_positive=is_positive)
            return Formula(_UNARY[operator], (inner,))
        if operator == "until":
            both = [self._formula(p, is_positive=is_positive) for p in node.args]
            return Formula(Connective.UNTIL, tuple(both))
        return self._implication(node, operator, is_positive=is_positive)

    def _implication(
        self, node: ast.Call, operator: str, *, is_positive: bool
    ) -> Formula:
        """`implies`, or `leads_to`, which is `always(implies(f, eventually(g)))`."""
        left = self._formula(node.args[0], is_positive=not is_positive)
        right = self._formula(node.args[1], is_positive=is_positive)
        if is_positive and not _is_temporal(left) and left is not TRUE:
            self.antecedents.setdefault(left, self._text(node.args[0]))
        negated = Formula(Connective.NOT, (left,))
        if operator == "implies":
            return Formula(Connective.OR, (negated, right))
        later = Formula(Connective.EVENTUALLY, (right,))
        return Formula(Connective.ALWAYS, (Formula(Connective.OR, (negated, later)),))

    def _quantified(
        self, node: ast.Call, operator: str, *, is_positive: bool
    ) -> Formula:
        kind = Connective.AND if operator == "every" else Connective.OR
        match node.args:
            case [ast.GeneratorExp(elt=element, generators=loops)]:
                rounds = self._rounds(list(loops), element)
                found = [self._formula(p, is_positive=is_positive) for p in rounds]
                return Formula(kind, tuple(found))
            case [ast.List(elts=parts) | ast.Tuple(elts=parts)]:
                found = [self._formula(p, is_positive=is_positive) for p in parts]
                return Formula(kind, tuple(found))
        raise self.lowering.error(
            Code.CALL_TYPE,
            f"`{operator}` takes a generator of formulas",
            node,
            help_=f"write {operator}(eventually(dev in self.bound) for dev in Device)",
        )

    def _rounds(
        self, loops: list[ast.comprehension], element: ast.expr
    ) -> Iterator[ast.expr]:
        """`element` once for each round, while the loop variables are bound."""
        if not loops:
            yield element
            return
        lowering, loop = self.lowering, loops[0]
        frame = lowering.frame
        names, assigned = dict(frame.locals), set(frame.assigned or ())
        with lowering.builder.block():
            entries = lowering.items(loop.iter, is_loop=False)
        for cond, value in entries:
            if cond is not t.TRUE or not value.is_const:
                raise self._shape_error(loop.iter, "implies(x in self.some, ...)")
            lowering.spend(loop.iter)
            lowering.bind(loop.target, value)
            if all(self._constant(test) for test in loop.ifs):
                yield from self._rounds(loops[1:], element)
            frame.locals, frame.assigned = dict(names), set(assigned)

    def _constant(self, test: ast.expr) -> bool:
        """The value of a test that decides which parts a formula has."""
        with self.lowering.builder.block():
            term = self.lowering.condition(test)
        if not term.is_const:
            raise self._shape_error(test, f"implies({code(test)}, ...)")
        return bool(term.value)

    # Helpers

    def _callee(self, node: ast.Call) -> _Callee | None:
        """The function of the spec that a call means, if it is one."""
        lowering = self.lowering
        frame, spec = lowering.frame, lowering.world.spec
        match node.func:
            case ast.Name(id=name) if name not in frame.locals:
                return _function(frame.module.names.get(name))
            case ast.Attribute(value=base, attr=name):
                method = None
                is_super = isinstance(base, ast.Call) and code(base) == "super()"
                if lowering.receiver_of(base) is not None:
                    method = spec.methods.get(name)
                elif is_super and frame.owner is not None:
                    method = spec.above(frame.owner, name)
                if method is not None:
                    return method.node, method, method.module
                home = frame.module.names.get(getattr(base, "id", ""))
                if isinstance(home, Module):
                    return _function(home.names.get(name))
        return None

    def _helper(self, node: ast.Call, called: _Callee, *, is_positive: bool) -> Formula:
        """The formula that a helper returns for constant arguments."""
        function, method, module = called
        lowering = self.lowering
        with lowering.builder.block():
            frame, arguments = lowering.opened(
                function, method, module, node, is_after=False
            )
        for name, value in arguments:
            if not value.is_const:
                raise self._error(
                    node,
                    f"the argument `{name}` depends on the state, but a formula is "
                    "about many states",
                    "pass a constant: every(self.helper(dev) for dev in Device)",
                )
            frame.locals[name] = Local(value.type_, value=value)
        frame.assigned = {name for name, _ in arguments}
        lowering.frames.append(frame)
        try:
            return self._returned(function, is_positive=is_positive)
        finally:
            lowering.frames.pop()

    # Atoms

    def _atom(self, node: ast.expr) -> Formula:
        """The atom that `node` is: a Boolean of the state."""
        self._check_atom(node)
        lowering = self.lowering
        with lowering.builder.block() as statements:
            value = lowering.expression(node)
        if not isinstance(value.type_, BoolType):
            raise lowering.error(
                Code.OPERAND_TYPE,
                f"{describe(value.type_)} is neither a formula nor a bool",
                node,
                help_=f"compare it with a value: {code(node)} == ...",
            )
        body, result = simplify_result(flatten(tuple(statements)), value.term)
        if not body and result.is_const:
            return TRUE if result.value else FALSE
        number = self._numbers.setdefault((body, result), len(self.atoms))
        if number == len(self.atoms):
            text, span = self._text(node), lowering.span(node)
            self.atoms.append(Atom(body, result, text, span))
        return Formula(Connective.ATOM, atom=number)

    def _check_atom(self, node: ast.expr) -> None:
        """Refuse a formula inside what is computed in one state."""
        for parent in ast.walk(node):
            for child in ast.iter_child_nodes(parent):
                if isinstance(child, ast.expr) and self._is_formula(child):
                    raise self._misplaced(parent, child)

    def _misplaced(self, parent: ast.AST, child: ast.expr) -> SpecError:
        what = "a formula has no value in one state"
        help_ = "join formulas by `&`, `|`, `~`, implies(), every() and some()"
        match parent:
            case ast.BoolOp(op=op):
                word, sign = ("and", "&") if isinstance(op, ast.And) else ("or", "|")
                what = f"`{word}` asks whether a formula is true in one state"
                help_ = f"write `{sign}`, with parentheses around what it joins"
            case ast.UnaryOp(op=ast.Not()):
                what = "`not` asks whether a formula is true in one state"
                help_ = f"write ~{code(child)}"
            case ast.Compare():
                what = "a formula cannot be compared"
                help_ = (
                    "`&` and `|` bind closer than comparisons: put parentheses around "
                    "those"
                )
            case ast.GeneratorExp():
                what = "all() and any() ask whether formulas are true in one state"
                help_ = "write every(... for dev in Device), or some(...)"
            case ast.IfExp():
                what = "a formula has no value that `if` could test"
                help_ = "write implies(test, formula)"
        return self._error(parent if hasattr(parent, "lineno") else child, what, help_)

    def _is_formula(self, node: ast.expr) -> bool:
        """Whether `node` is a formula by its form, not a Boolean of the state."""
        match node:
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
                return self._is_formula(left) or self._is_formula(right)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self._is_formula(operand)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_formula(body) or self._is_formula(orelse)
            case ast.Call():
                called = self._callee(node)
                is_helper = called is not None and returns_formula(called[0], called[2])
                return is_helper or self._operator(node) is not None
        return False

    def _text(self, node: ast.expr) -> str:
        """The code of `node`, with the members that its names stand for."""
        named = _Named(self.lowering.frame).visit(ast.parse(ast.unparse(node)))
        return " ".join(ast.unparse(named).split())

    def _shape_error(self, node: ast.AST, instead: str) -> SpecError:
        return self._error(
            node,
            "which parts a formula has must not depend on the state",
            f"write {instead}",
        )

    def _error(self, node: ast.AST, message: str, help_: str) -> SpecError:
        return self.lowering.error(Code.TEMPORAL, message, node, help_)


_Callee = tuple[Function, Method | None, Module]


def _function(symbol: object) -> _Callee | None:
    if isinstance(symbol, FunctionSymbol):
        return symbol.node, None, symbol.module
    return None


class _Named(ast.NodeTransformer):
    """Puts the constants that names stand for in place of the names."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """The name itself, or the constant it is bound to."""
        local = self._frame.locals.get(node.id)
        if local is None or local.value is None or not local.value.is_const:
            return node
        return ast.Name(shown(local.value))


def shown(value: Value) -> str:
    """A constant as traces show it."""
    leaves = [leaf.value for leaf in value.shape.leaves()]
    return show(decode(value.type_, leaves))


def _is_temporal(formula: Formula) -> bool:
    """Whether `formula` is about more than the present state."""
    if formula.op in _STEPPING:
        return True
    return any(map(_is_temporal, formula.operands))


_JOIN = {ast.BitAnd: Connective.AND, ast.BitOr: Connective.OR}
_UNARY = {
    "always": Connective.ALWAYS,
    "eventually": Connective.EVENTUALLY,
    "next_state": Connective.NEXT,
}
_STEPPING = frozenset({*_UNARY.values(), Connective.UNTIL})
_FORMULAS = {1: "one formula", 2: "two formulas"}
