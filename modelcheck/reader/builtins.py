"""Functions of Python and of the library that a spec may call."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Check, WaitKind
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    BoolType,
    DictType,
    IntType,
    ListType,
    RecordType,
    SetType,
    TupleType,
    Type,
    cardinality,
)
from modelcheck.reader.builder import may_write
from modelcheck.reader.calls import Calls
from modelcheck.reader.context import Purpose
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import ClassSymbol, Known, NameSymbol, suggest
from modelcheck.reader.values import (
    NOTHING,
    Value,
    balanced,
    bool_value,
    int_value,
    items_of,
    length_of,
)
from modelcheck.reader.wording import code, describe


class Builtins(Calls):
    """The part of `Lowering` for named functions of the language."""

    def builtin(self, node: ast.Call, name: str, expect: Type | None) -> Value:
        """Lower a call of a function of Python or of the library."""
        handler = _HANDLERS.get(name)
        if handler is None:
            raise self._no_builtin(node, name)
        return handler(self, node, expect)

    def _no_builtin(self, node: ast.Call, name: str) -> SpecError:
        return self.no_builtin(name, node.func)

    def _one(self, node: ast.Call) -> ast.expr:
        if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
            name = code(node.func)
            usage = _USAGES.get(name.rpartition(".")[2], f"{name}(...)")
            raise self.error(
                Code.CALL_TYPE,
                f"`{name}` takes one argument, not {len(node.args)}",
                node,
                help_=f"write {usage}",
            )
        return node.args[0]

    # Quantifiers and folds

    def _quantify(self, node: ast.Call, *, is_all: bool) -> Value:
        """`all` and `any`, with Python's short circuit for what can fail."""
        argument = self._one(node)
        if not isinstance(argument, ast.GeneratorExp):
            entries = self.items(argument, is_loop=False)
            found = [self._truth_where(node, c, v, is_all=is_all) for c, v in entries]
            return bool_value(t.and_(*found) if is_all else t.or_(*found))
        result = t.boolean(is_all)

        def visit(cond: Term) -> None:
            nonlocal result
            with self.builder.block() as body:
                term = self.condition(argument.elt)
            if may_write(body):
                raise self.unsupported(
                    node, "changing the state in a comprehension", "write a loop"
                )
            going = result if is_all else t.not_(result)
            self.guarded(t.and_(going, cond), body)
            if is_all:
                result = t.and_(result, t.or_(t.not_(cond), term))
            else:
                result = t.or_(result, t.and_(cond, term))

        self.each(argument.generators, visit)
        return bool_value(result)

    def _truth_where(
        self, node: ast.Call, cond: Term, value: Value, *, is_all: bool
    ) -> Term:
        if not isinstance(value.type_, BoolType):
            raise self.error(
                Code.CALL_TYPE,
                f"all() and any() look at bools, not at {describe(value.type_)}",
                node,
                help_="write a test for each: all(test for x in Device)",
            )
        if is_all:
            return t.or_(t.not_(cond), value.term)
        return t.and_(cond, value.term)

    def all_(self, node: ast.Call, _: Type | None) -> Value:
        """`all(...)`."""
        return self._quantify(node, is_all=True)

    def any_(self, node: ast.Call, _: Type | None) -> Value:
        """`any(...)`."""
        return self._quantify(node, is_all=False)

    def sum_(self, node: ast.Call, _: Type | None) -> Value:
        """`sum(...)` of integers or bools."""
        terms: list[Term] = [t.const(0)]
        for cond, value in self.items(self._one(node), is_loop=False):
            if not isinstance(value.type_, IntType | BoolType):
                raise self.error(
                    Code.CALL_TYPE,
                    f"sum() adds integers, not {describe(value.type_)}",
                    node,
                    help_="count with a test: sum(test for x in Device)",
                )
            terms.append(t.ite(cond, t.as_int(value.term), t.const(0)))
        return int_value(balanced(terms, t.add))

    def len_(self, node: ast.Call, _: Type | None) -> Value:
        """`len(...)` of a container or a finite class."""
        argument = self._one(node)
        symbol = self.class_symbol(argument)
        if symbol is not None:
            type_ = self.world.types.of_class(symbol, self.span(argument))
            return int_value(t.const(cardinality(type_)))
        value = self.present(self.expression(argument), argument)
        match value.type_:
            case SetType():
                return int_value(t.card(value.term))
            case ListType():
                return int_value(length_of(value))
            case DictType(key):
                return int_value(t.const(cardinality(key)))
            case TupleType(items):
                return int_value(t.const(len(items)))
        raise self.error(
            Code.CALL_TYPE,
            f"{describe(value.type_)} has no length",
            argument,
            help_="classes, sets, lists, maps and tuples have one",
        )

    def _extreme(self, node: ast.Call, *, is_min: bool) -> Value:
        if len(node.args) > 1:
            values = self.ordered(*((argument, None) for argument in node.args))
            entries: list[tuple[Term, Value]] = [(t.TRUE, value) for value in values]
        else:
            entries = self.items(self._one(node), is_loop=False)
        pairs = [(cond, self._comparable(node, value)) for cond, value in entries]
        present = t.or_(*(cond for cond, _ in pairs))
        what = f"{code(node)}: there is no value"
        self.builder.check(
            present, Check.EMPTY, what, self.frame.title, self.span(node)
        )

        def better(one: tuple[Term, Term], two: tuple[Term, Term]) -> tuple[Term, Term]:
            (has_one, a), (has_two, b) = one, two
            wins = t.le(a, b) if is_min else t.le(b, a)
            keep = t.and_(has_one, t.or_(t.not_(has_two), wins))
            return t.or_(has_one, has_two), t.ite(keep, a, b)

        return int_value(balanced(pairs, better)[1] if pairs else t.const(0))

    def _comparable(self, node: ast.Call, value: Value) -> Term:
        value = self.present(value, node)
        if not isinstance(value.type_, IntType | BoolType):
            raise self.error(
                Code.CALL_TYPE,
                f"min() and max() compare integers, not {describe(value.type_)}",
                node,
                help_="write the choice out: a if test else b",
            )
        return t.as_int(value.term)

    def min_(self, node: ast.Call, _: Type | None) -> Value:
        """`min(...)`."""
        return self._extreme(node, is_min=True)

    def max_(self, node: ast.Call, _: Type | None) -> Value:
        """`max(...)`."""
        return self._extreme(node, is_min=False)

    def abs_(self, node: ast.Call, _: Type | None) -> Value:
        """`abs(...)`."""
        term = self._integer(self._one(node))
        return int_value(t.ite(t.lt(term, t.const(0)), t.sub(t.const(0), term), term))

    def _integer(self, node: ast.expr) -> Term:
        value = self.present(self.expression(node), node)
        if not isinstance(value.type_, IntType | BoolType):
            raise self.error(
                Code.CALL_TYPE,
                f"an integer is needed, not {describe(value.type_)}",
                node,
                help_="give it an int or a bool",
            )
        return t.as_int(value.term)

    def int_(self, node: ast.Call, _: Type | None) -> Value:
        """`int(...)` of a bool or an integer."""
        return int_value(self._integer(self._one(node)))

    def bool_(self, node: ast.Call, _: Type | None) -> Value:
        """`bool(...)`."""
        return bool_value(self.condition(self._one(node)))

    # Containers

    def set_(self, node: ast.Call, expect: Type | None) -> Value:
        """`set(...)` and `frozenset(...)`: empty, a copy, or from an iteration."""
        inner = expect.item if isinstance(expect, SetType) else None
        if not node.args:
            return self.set_of(node, [], inner)
        argument = self._one(node)
        if self.class_symbol(argument) is None and not isinstance(
            argument, ast.GeneratorExp | ast.Call
        ):
            with self.builder.block() as body:
                value = self.expression(argument)
            if isinstance(value.type_, SetType):
                self.builder.out.extend(body)
                return value
        entries = self.items(argument, is_loop=False)
        return self.set_of(node, entries, inner)

    def list_(self, node: ast.Call, expect: Type | None) -> Value:
        """`list(...)`: empty, a copy, or from an ordered iteration."""
        inner = expect.item if isinstance(expect, ListType) else None
        if not node.args:
            return self.list_of(node, [], inner)
        argument = self._one(node)
        value = self.list_of(node, self.items(argument, is_loop=True), inner)
        assert isinstance(value.type_, ListType)
        self.refuse_shallow(node, value.type_.item)
        return value

    def dict_(self, node: ast.Call, _: Type | None) -> Value:
        """`dict(...)`: a copy of a map."""
        value = self.expression(self._one(node))
        if not isinstance(value.type_, DictType):
            raise self.error(
                Code.CALL_TYPE,
                f"dict() copies a map, not {describe(value.type_)}",
                node,
                help_="write {key: value for key in Type}",
            )
        self.refuse_shallow(node, value.type_.value)
        return value

    def tuple_(self, node: ast.Call, _: Type | None) -> Value:
        """`tuple(...)` of a finite class or another tuple."""
        entries = self.items(self._one(node), is_loop=True)
        if any(cond is not t.TRUE for cond, _ in entries):
            raise self.error(
                Code.NO_BOUND,
                "the length of this tuple is not known",
                node,
                help_="write its components out: (x, y)",
            )
        values = [value for _, value in entries]
        shape: Shape[Term] = Shape(items=tuple(value.shape for value in values))
        return Value(TupleType(tuple(value.type_ for value in values)), shape)

    # The library

    def choose_(self, node: ast.Call, expect: Type | None) -> Value:
        """`choose(...)`: any value of a type, or of a set."""
        self.refuse_effect(node, "choose()")
        argument = self._one(node)
        type_ = self._chosen_type(argument)
        if type_ is not None:
            return self.choose_type(type_, node)
        is_range = (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Name)
            and argument.func.id == "range"
        )
        if is_range:
            entries = self.items(argument, is_loop=False)
            if not entries:
                self.require(t.FALSE, node)
                return int_value(t.const(0))
            return self.choose_from(self.set_of(argument, entries, None), node)
        value = self.expression(argument, SetType(expect) if expect else None)
        if not isinstance(value.type_, SetType):
            raise self.error(
                Code.CALL_TYPE,
                f"choose() takes a type, a range or a set, not {describe(value.type_)}",
                argument,
                help_="write choose(Device), choose(range(0, 3)) or choose({x, y})",
            )
        return self.choose_from(value, node)

    def _chosen_type(self, node: ast.expr) -> Type | None:
        types, module = self.world.types, self.frame.module
        if isinstance(node, ast.Name) and node.id not in self.frame.locals:
            symbol = self.symbol(node)
            if isinstance(symbol, Known) and symbol.name == "int":
                raise self.error(
                    Code.UNBOUNDED_INT,
                    "`int` has no bound",
                    node,
                    help_="write choose(range(0, 5))",
                )
            if isinstance(symbol, Known):
                return types.annotation(module, node)
            if isinstance(symbol, ClassSymbol):
                return types.of_class(symbol, self.span(node))
            if isinstance(symbol, NameSymbol) and isinstance(
                symbol.value, ast.Subscript | ast.BinOp
            ):
                kind = types.annotation(module, node)
                way_out = "choose from a class, a range or a set"
                if isinstance(kind, IntType):
                    way_out = f"write choose(range({kind.lo}, {kind.hi + 1}))"
                raise self.error(
                    Code.CALL_TYPE,
                    f"`{node.id}` is a type only for annotations: Python cannot "
                    "choose from it",
                    node,
                    way_out,
                )
        found = self.class_symbol(node)
        return None if found is None else types.of_class(found, self.span(node))

    def require_(self, node: ast.Call, _: Type | None) -> Value:
        """`require(...)`: the step did not happen unless the condition holds."""
        self.refuse_effect(node, "require()")
        self.require(self.condition(self._one(node)), node)
        return NOTHING

    def assume_(self, node: ast.Call, _: Type | None) -> Value:
        """`assume(...)`: cut the search here unless the condition holds."""
        self.refuse_effect(node, "assume()")
        cond = self.condition(self._one(node))
        self.require(cond, node, is_assumption=True)
        return NOTHING

    def preempt_(self, node: ast.Call, _: Type | None) -> Value:
        """`await preempt()`."""
        if node.args:
            raise self.error(
                Code.CALL_TYPE,
                "preempt() takes no argument",
                node,
                help_="write `await preempt()`",
            )
        self.suspend(WaitKind.PREEMPT, node)
        return NOTHING

    def until_(self, node: ast.Call, _: Type | None) -> Value:
        """`await until(lambda: ...)`; a formula with two arguments is refused here."""
        if len(node.args) == TWO:
            raise self.no_formula(node, "`until(f, g)`")
        argument = self._one(node)
        if not isinstance(argument, ast.Lambda):
            raise self.error(
                Code.LAMBDA,
                "until() needs a condition it can test again and again",
                node,
                help_=f"write `await until(lambda: {ast.unparse(argument)})`: without "
                "lambda, Python tests it once, before waiting",
            )
        self.suspend(WaitKind.UNTIL, node)
        self.lock_depth += 1
        purpose, self.purpose = self.purpose, Purpose.PROPERTY
        try:
            cond = self.condition(argument.body)
        finally:
            self.purpose = purpose
            self.lock_depth -= 1
        self.require(cond, node)
        return NOTHING

    def formula_(self, node: ast.Call, _: Type | None) -> Value:
        """An operator of temporal logic, which makes no value: refused here."""
        raise self.no_formula(node, f"`{code(node.func)}()`")

    def replace_(self, node: ast.Call, _: Type | None) -> Value:
        """`dataclasses.replace(record, field=value)`."""
        whole = self._one(node)
        value = self.present(self.expression(whole), whole)
        if not isinstance(value.type_, RecordType):
            raise self.error(
                Code.CALL_TYPE,
                f"replace() takes a dataclass, not {describe(value.type_)}",
                node,
                help_="write replace(self.entry, valid=True)",
            )
        kinds = dict(value.type_.fields)
        for keyword in node.keywords:
            if keyword.arg not in kinds:
                raise self.error(
                    Code.UNKNOWN_ATTRIBUTE,
                    f"`{value.type_.name}` has no field `{keyword.arg}`",
                    keyword,
                    help_=suggest(keyword.arg or "", kinds)
                    or f"it has {', '.join(kinds)}",
                )
        given = [(each.arg or "", each.value) for each in node.keywords]
        with self.builder.block() as later:
            found = self.ordered(*((part, kinds[name]) for name, part in given))
        value = self.early(whole, value, later)
        self.builder.out.extend(later)
        shapes = dict(zip(kinds, (item.shape for item in items_of(value)), strict=True))
        for (name, part), new in zip(given, found, strict=True):
            shapes[name] = self.convert(new, kinds[name], part, f"`{name}`").shape
        return Value(value.type_, Shape(items=tuple(shapes.values())))


TWO = 2
"""`until` with as many arguments is an operator of temporal logic."""

TEMPORAL = frozenset(
    {"always", "eventually", "next_state", "implies", "leads_to", "every", "some"}
)
"""The operators that make a formula, besides `until`."""

_USAGES = {
    "all": "all(test for x in Device)",
    "any": "any(test for x in Device)",
    "sum": "sum(test for x in Device)",
    "min": "min(x, y)",
    "max": "max(x, y)",
    "len": "len(self.queue)",
    "require": "require(condition)",
    "assume": "assume(condition)",
    "choose": "choose(Device)",
    "until": "until(lambda: condition)",
    "replace": "replace(self.entry, valid=True)",
}
Handler = Callable[[Builtins, ast.Call, Type | None], Value]
_HANDLERS: dict[str, Handler] = {
    "all": Builtins.all_,
    "any": Builtins.any_,
    "sum": Builtins.sum_,
    "len": Builtins.len_,
    "min": Builtins.min_,
    "max": Builtins.max_,
    "abs": Builtins.abs_,
    "int": Builtins.int_,
    "bool": Builtins.bool_,
    "set": Builtins.set_,
    "frozenset": Builtins.set_,
    "list": Builtins.list_,
    "dict": Builtins.dict_,
    "tuple": Builtins.tuple_,
    "choose": Builtins.choose_,
    "require": Builtins.require_,
    "assume": Builtins.assume_,
    "preempt": Builtins.preempt_,
    "until": Builtins.until_,
    "replace": Builtins.replace_,
    **dict.fromkeys(TEMPORAL, Builtins.formula_),
}
