"""Rounds: what a `for` loop goes over, as CPython looks at it in each round."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from modelcheck.model import terms as t
from modelcheck.model.statements import Statement
from modelcheck.model.terms import Term
from modelcheck.model.types import DictType, ListType, Type
from modelcheck.reader.assignments import Assignments
from modelcheck.reader.builder import Place
from modelcheck.reader.errors import Code
from modelcheck.reader.iteration import pair_of
from modelcheck.reader.places import pick
from modelcheck.reader.type_limits import holds_container
from modelcheck.reader.values import (
    Value,
    bool_value,
    int_value,
    items_of,
    length_of,
    values_of,
)

Start = Callable[[], tuple[Term, Value]]
"""Gives the condition and the value of a round, read when it starts."""


@dataclass(frozen=True, slots=True)
class Source:
    """The container at `place`, written `node`, that a loop goes on to look at."""

    node: ast.expr
    place: Place
    is_reversed: bool


class Rounds(Assignments):
    """The part of `Lowering` for what loops go over."""

    def rounds(self, node: ast.expr) -> tuple[list[Start], Source | None]:
        """One function for each round, and the variable that they look at, if any."""
        source = self._source(node)
        if source is not None and not source.is_reversed:
            return _live(node, source.place), source
        entries = self.items(node, is_loop=True)
        kept = [
            (self.builder.hold(bool_value(cond)).term, self.builder.hold(value))
            for cond, value in entries
        ]
        return [partial(_known, *entry) for entry in kept], source

    def _source(self, node: ast.expr) -> Source | None:
        is_reversed, inner = False, node
        while isinstance(inner, ast.Call) and len(inner.args) == 1:
            name = inner.func.id if isinstance(inner.func, ast.Name) else ""
            if name not in ("enumerate", "reversed") or name in self.frame.locals:
                return None
            is_reversed = is_reversed or name == "reversed"
            inner = inner.args[0]
        kind: type[DictType | ListType] = ListType
        match inner:
            case ast.Call(
                func=ast.Attribute(value=base, attr="values" | "items"), args=[]
            ):
                kind, inner = DictType, base
        if not isinstance(inner, ast.Name | ast.Attribute | ast.Subscript):
            return None
        with self.builder.block() as finding:
            place = self.place_of(inner)
        if place is None or not isinstance(place.type_, kind):
            return None
        if not is_reversed:
            self.builder.out.extend(finding)
            place = self.builder.steady(place)
        return Source(inner, place, is_reversed)

    def touch_source(self, source: Source) -> bool:
        """At the finest grain, make the look at the container a preemption point."""
        is_read = self.is_state(source.node) and not source.is_reversed
        return is_read and self.touch(source.node)

    def refuse_replaced(
        self,
        node: ast.expr,
        source: Source,
        rounds: list[Statement],
        mark: int,
        since: int,
    ) -> None:
        """Refuse rounds that replace the container, or change one read backwards."""
        text = ast.unparse(source.node)
        is_map = isinstance(source.place.type_, DictType)
        copy = f"dict({text})" if is_map else f"list({text})"
        help_ = f"loop over a copy: {copy}"
        self.borrow(source.place, rounds, mark, source.node, help_)
        self._refuse_changed_parts(node, source, since)
        read = {leaf for _, shape in source.place.cases for leaf in shape.leaves()}
        if source.is_reversed and self.builder.writes(rounds, read):
            message = f"`{text}` can change while the loop reads it backwards"
            raise self.error(Code.ALIAS, message, node, help_)

    def _refuse_changed_parts(self, node: ast.expr, source: Source, since: int) -> None:
        """Refuse rounds that change a container to which their variable is a name."""
        whole = source.place.type_
        if not holds_container(_item(whole)):
            return
        cells = {leaf for _, shape in source.place.cases for leaf in shape.leaves()}
        for change in self.mutated[since:]:
            if change.type_ != whole and change.leaves & cells:
                raise self.error(
                    Code.ALIAS,
                    "the loop changes a container that its variable stands for",
                    node,
                    help_="loop over the keys, and look the value up where it is used",
                )


def _item(type_: Type) -> Type:
    assert isinstance(type_, DictType | ListType)
    return type_.value if isinstance(type_, DictType) else type_.item


def _known(cond: Term, value: Value) -> tuple[Term, Value]:
    return cond, value


def _live(node: ast.expr, place: Place) -> list[Start]:
    """Rounds that look at the list or map anew, as CPython's do."""
    if isinstance(place.type_, ListType):
        length = place.type_.length
        starts: list[Start] = [partial(_element, place, n) for n in range(length)]
    else:
        assert isinstance(place.type_, DictType)
        keys = values_of(place.type_.key)
        starts = [partial(_entry, place, n, key) for n, key in enumerate(keys)]
    return _seen_as(node, starts)


def _seen_as(node: ast.expr, starts: list[Start]) -> list[Start]:
    """Rounds over a container as `node`, an expression about it, gives its parts."""
    match node:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
            found = _seen_as(inner, starts)
            return [partial(_numbered, n, start) for n, start in enumerate(found)]
        case ast.Call(func=ast.Attribute(attr="values")):
            return [partial(_second, start) for start in starts]
    return starts


def _element(place: Place, number: int) -> tuple[Term, Value]:
    value = place.read()
    inside = t.lt(t.const(number), length_of(value))
    return inside, pick(items_of(value), t.const(number))


def _entry(place: Place, number: int, key: Value) -> tuple[Term, Value]:
    return t.TRUE, pair_of(key, items_of(place.read())[number])


def _second(start: Start) -> tuple[Term, Value]:
    cond, pair = start()
    return cond, items_of(pair)[1]


def _numbered(number: int, start: Start) -> tuple[Term, Value]:
    cond, value = start()
    return cond, pair_of(int_value(t.const(number)), value)
