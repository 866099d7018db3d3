"""Displays and comprehensions: tuples, sets, lists and total maps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from modelcheck.layout.values import decode, show
from modelcheck.model import terms as t
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import Assign, Statement
from modelcheck.model.terms import Term
from modelcheck.model.types import (
    DictType,
    IntType,
    ListType,
    OptionalType,
    SetType,
    TupleType,
    Type,
    cardinality,
)
from modelcheck.reader.builder import flat, may_write
from modelcheck.reader.errors import Code
from modelcheck.reader.operators import Operators
from modelcheck.reader.type_limits import MAX_MEMBERS, holds_container
from modelcheck.reader.values import (
    MismatchError,
    Value,
    balanced,
    blank,
    join,
    merge,
    rank,
    values_of,
)
from modelcheck.reader.wording import describe, samples


class Displays(Operators):
    """The part of `Lowering` for values written out."""

    def _tuple(self, nodes: list[ast.expr], expect: Type | None) -> Value:
        if isinstance(expect, TupleType) and len(expect.items) == len(nodes):
            kinds: list[Type | None] = list(expect.items)
        else:
            kinds = [None] * len(nodes)
        values = self.ordered(*zip(nodes, kinds, strict=True))
        self._refuse_shared(nodes, values)
        type_ = TupleType(tuple(value.type_ for value in values))
        return Value(type_, Shape(items=tuple(value.shape for value in values)))

    def _set_display(
        self, node: ast.expr, nodes: list[ast.expr], expect: Type | None
    ) -> Value:
        inner = expect.item if isinstance(expect, SetType) else None
        values = self.ordered(*((element, inner) for element in nodes))
        return self.set_of(node, [(t.TRUE, value) for value in values], inner)

    def set_of(
        self,
        node: ast.expr,
        entries: list[tuple[Term, Value]],
        inner: Type | None,
    ) -> Value:
        """The set of the values whose condition holds; `inner` is the element type."""
        inner = self._wide_enough(node, inner, [value.type_ for _, value in entries])
        self._check_universe(node, inner, "an element of a set")
        width = cardinality(inner)
        bits = [t.mask(0, width)]
        for cond, value in entries:
            moved = self.convert(value, inner, node, "an element of this set")
            bit = t.bit(rank(moved), width)
            bits.append(t.ite(cond, bit, t.mask(0, width)))
        return Value(SetType(inner), Shape(balanced(bits, t.union)))

    def _common(self, node: ast.expr, kinds: list[Type]) -> Type:
        if not kinds:
            raise self.error(
                Code.BAD_TYPE,
                "nothing here says what this is empty of",
                node,
                help_="give it a name with a type: found: set[Device] = set()",
            )
        type_ = kinds[0]
        for kind in kinds[1:]:
            type_ = self.join_types(type_, kind, node)
        return type_

    def _refuse_shared(self, nodes: list[ast.expr], values: list[Value]) -> None:
        """Refuse containers of the state inside another value that can be kept."""
        if self.looks_only():
            return
        for node, value in zip(nodes, values, strict=True):
            self.refuse_alias(node, value.type_)

    def _check_universe(self, node: ast.AST, type_: Type, what: str) -> None:
        if holds_container(type_):
            raise self.error(
                Code.BAD_TYPE,
                f"{describe(type_)} cannot be {what}",
                node,
                help_="elements and keys are bools, ints, members or tuples of them",
            )
        if cardinality(type_) > MAX_MEMBERS:
            raise self.error(
                Code.TOO_LARGE,
                f"{describe(type_)} has more than {MAX_MEMBERS} values: too many for "
                f"{what}",
                node,
                help_="use a smaller range or a Scalarset",
            )

    def _wide_enough(
        self, node: ast.expr, expect: Type | None, kinds: list[Type]
    ) -> Type:
        """The type of elements of `kinds` where elements of `expect` would do.

        An element outside `expect` is no mistake by itself: `5 in {5}` may stand where
        sets of smaller numbers do.
        """
        if expect is None:
            return self._common(node, kinds)
        for kind in kinds:
            if isinstance(kind, IntType | OptionalType):
                try:
                    expect = join(expect, kind)
                except MismatchError:
                    break  # converting the element says what is wrong
        return expect

    def _list_display(
        self, node: ast.expr, nodes: list[ast.expr], expect: Type | None
    ) -> Value:
        inner = expect.item if isinstance(expect, ListType) else None
        values = self.ordered(*((element, inner) for element in nodes))
        self._refuse_shared(nodes, values)
        inner = self._wide_enough(node, inner, [value.type_ for value in values])
        moved = [
            self.convert(value, inner, element, "an element of this list").shape
            for value, element in zip(values, nodes, strict=True)
        ]
        size: Shape[Term] = Shape(t.const(len(moved)))
        return Value(ListType(inner, len(moved)), Shape(items=(size, *moved)))

    def _dict_display(self, node: ast.Dict, expect: Type | None) -> Value:
        if any(key is None for key in node.keys):
            raise self.unsupported(node, "`**` in a dict")
        keys = [key for key in node.keys if key is not None]
        if isinstance(expect, DictType):
            kinds: tuple[Type | None, Type | None] = (expect.key, expect.value)
        else:
            kinds = (None, None)
        names = self.ordered(*((key, kinds[0]) for key in keys))
        values = self.ordered(*((value, kinds[1]) for value in node.values))
        self._refuse_shared(node.values, values)
        return self.dict_of(node, list(zip(names, values, strict=True)), kinds)

    def dict_of(
        self,
        node: ast.expr,
        pairs: list[tuple[Value, Value]],
        kinds: tuple[Type | None, Type | None],
    ) -> Value:
        """A total map from constant keys; raises `SpecError` where one is missing."""
        key = kinds[0] or self._common(node, [name.type_ for name, _ in pairs])
        inner = kinds[1] or self._common(node, [value.type_ for _, value in pairs])
        self._check_universe(node, key, "a key of a map")
        found: dict[int, Value] = {}
        for name, value in pairs:
            at = rank(self.convert(name, key, node, "a key of this map"))
            if not at.is_const:
                raise self.error(
                    Code.NOT_CONSTANT,
                    "the keys of a map must be known before the run",
                    node,
                    help_=f"give every key a value: {samples(DictType(key, inner))}",
                )
            found[at.value] = self.convert(value, inner, node, "a value of this map")
        missing = [i for i in range(cardinality(key)) if i not in found]
        if missing:
            names = list(islice(values_of(key), missing[0], missing[0] + 1))
            shown = show(decode(key, (leaf.value for leaf in names[0].shape.leaves())))
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise self.error(
                Code.BAD_TYPE,
                f"this map has no value for {shown}{more}",
                node,
                help_="maps are total: give every key a value, "
                f"{samples(DictType(key, inner))}",
            )
        shapes = tuple(found[index].shape for index in range(cardinality(key)))
        return Value(DictType(key, inner), Shape(items=shapes))

    def each(
        self,
        generators: list[ast.comprehension],
        visit: Callable[[Term], None],
        cond: Term = t.TRUE,
        *,
        is_inner: bool = False,
    ) -> None:
        """Call `visit` with its condition for every combination of a comprehension.

        What the first one iterates over is computed once, before all else.
        """
        if not generators:
            visit(cond)
            return
        generator = generators[0]
        if generator.is_async:
            raise self.unsupported(generator.iter, "`async for`")
        frame = self.frame
        outer = dict(frame.locals)
        assigned = set(frame.assigned) if frame.assigned is not None else None
        with self.builder.block() as found:
            entries = self.items(generator.iter, is_loop=False)
        if is_inner:
            self._only_looking(generator.iter, found)
        self.guarded(cond, found)
        for inside, value in entries:
            self.spend(generator.target)
            self.bind(generator.target, value)
            here = t.and_(cond, inside)
            for test in generator.ifs:
                with self.builder.block() as body:
                    term = self.condition(test)
                self.guarded(here, self._only_looking(test, body))
                here = t.and_(here, term)
            # Also where `here` cannot hold: the elements say what an empty set is of.
            self.each(generators[1:], visit, here, is_inner=True)
        frame.locals, frame.assigned = outer, assigned

    def _only_looking(self, node: ast.expr, body: list[Statement]) -> list[Statement]:
        """The statements of a part of a comprehension, which must not change state."""
        writes = may_write(body)
        if writes and self.world.is_fine:
            # At the finest grain a look at the state is suspended, too.
            waits = any(isinstance(each, ast.Await) for each in ast.walk(node))
            writes = waits or any(isinstance(each, Assign) for each in flat(body))
        if writes:
            raise self.unsupported(
                node, "changing the state in a comprehension", "write a loop"
            )
        return body

    def collect(
        self, node: ast.expr, generators: list[ast.comprehension], element: ast.expr
    ) -> list[tuple[Term, Value]]:
        """The elements of a comprehension, each with its condition."""
        found: list[tuple[Term, Value]] = []

        def visit(cond: Term) -> None:
            with self.builder.block() as body:
                value = self.expression(element)
            self.guarded(cond, self._only_looking(node, body))
            if isinstance(node, ast.ListComp) and element is not self.deep:
                self._refuse_shared([element], [value])
            found.append((cond, value))

        self.each(generators, visit)
        return found

    def _set_comprehension(
        self, node: ast.SetComp, element: ast.expr, expect: Type | None
    ) -> Value:
        inner = expect.item if isinstance(expect, SetType) else None
        entries = self.collect(node, node.generators, element)
        return self.set_of(node, entries, inner)

    def _list_comprehension(self, node: ast.ListComp, expect: Type | None) -> Value:
        with self._inside(node, node.elt):
            entries = self.collect(node, node.generators, node.elt)
        inner = expect.item if isinstance(expect, ListType) else None
        return self.list_of(node, entries, inner)

    @contextmanager
    def _inside(self, node: ast.expr, element: ast.expr) -> Iterator[None]:
        """Let `element` be copied where `node` is."""
        outer = self.deep
        self.deep = element if node is outer else outer
        yield
        self.deep = outer

    def list_of(
        self,
        node: ast.expr,
        entries: list[tuple[Term, Value]],
        inner: Type | None,
    ) -> Value:
        """The list of the values whose condition holds, in order."""
        inner = self._wide_enough(node, inner, [value.type_ for _, value in entries])
        values = [self.convert(v, inner, node, "an element") for _, v in entries]
        count = len(values)
        slots = [blank(inner) for _ in range(count)]
        size: Term = t.const(0)
        for index, (cond, _) in enumerate(entries):
            if cond is t.TRUE and size.is_const:
                slots[size.value] = values[index]
                size = t.add(size, t.const(1))
                continue
            for at in range(index + 1):
                self.spend(node)
                here = t.and_(cond, t.eq(size, t.const(at)))
                slots[at] = merge(here, values[index], slots[at])
            size = t.add(size, t.as_int(cond))
        items = tuple(slot.shape for slot in slots)
        return Value(ListType(inner, count), Shape(items=(Shape(size), *items)))

    def _dict_comprehension(self, node: ast.DictComp, expect: Type | None) -> Value:
        pairs: list[tuple[Value, Value]] = []
        kinds: tuple[Type | None, Type | None] = (None, None)
        if isinstance(expect, DictType):
            kinds = (expect.key, expect.value)

        def visit(cond: Term) -> None:
            if cond is not t.TRUE:
                raise self.error(
                    Code.BAD_TYPE,
                    "a map is total: its keys cannot depend on the state",
                    node,
                    help_="put the condition into the value: x if c else y",
                )
            with self.builder.block() as body:
                key = self.expression(node.key, kinds[0])
                value = self.expression(node.value, kinds[1])
            self.builder.out.extend(self._only_looking(node, body))
            if node.value is not self.deep:
                self._refuse_shared([node.value], [value])
            pairs.append((key, value))

        with self._inside(node, node.value):
            self.each(node.generators, visit)
        return self.dict_of(node, pairs, kinds)
