"""Widening: types of locals by trial, where nothing declares them."""

from __future__ import annotations

import ast

from modelcheck.model.types import IntType, Type
from modelcheck.reader.arguments import Arguments
from modelcheck.reader.builder import Place
from modelcheck.reader.context import WidenError
from modelcheck.reader.errors import Code
from modelcheck.reader.intervals import interval
from modelcheck.reader.signatures import FUNCTIONS
from modelcheck.reader.values import Value

_MAX_INFERRED = 4096


_PATIENCE = 40


class Widening(Arguments):
    """The part of `Lowering` that finds types of locals wide enough."""

    def widen(self, key: tuple[ast.AST, str], type_: Type, node: ast.AST) -> None:
        """Lower the body again with a larger type; raises MC300 if it never ends."""
        if isinstance(type_, IntType) and type_.hi - type_.lo > _MAX_INFERRED:
            self._cap(key)
            raise self.error(
                Code.UNBOUNDED_INT,
                "nothing bounds this integer: it grows each time round",
                node,
                help_="give it a range where it is first assigned: "
                f"{key[1]}: Annotated[int, range(0, 5)] = 0"
                if key[1] != "return"
                else "give the result a range: -> Annotated[int, range(0, 5)]",
            )
        if isinstance(type_, IntType):
            type_ = self._with_slack(key, type_)
        self.world.hints[key] = type_
        raise WidenError

    def note_interval(self, place: Place, value: Value) -> None:
        """Remember what is known of an integer that `place` is given now.

        Its type has room for all that it ever holds, which may be much more: read as
        that, `n = n + 1` would need a larger type each time.
        """
        _, leaves = place.cases[0]
        if isinstance(place.type_, IntType) and leaves.leaf is not None:
            self.known[leaves.leaf] = interval(value.term, self.known)

    def _cap(self, key: tuple[ast.AST, str]) -> None:
        """Hold a parameter that nothing else bounds to the type it is declared with."""
        function, name = key
        if key not in self.world.capped and isinstance(function, FUNCTIONS):
            spec = function.args
            for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
                kind = None
                if parameter.arg == name and parameter.annotation is not None:
                    kind = self._parameter_type(self.frame.module, parameter)
                if kind is not None:
                    self.world.capped[key] = kind
                    raise WidenError

    def _with_slack(self, key: tuple[ast.AST, str], type_: IntType) -> IntType:
        """`type_`, made larger at a time the more often `key` has been widened.

        One more value each time would read a body once for every value up to the limit
        before saying that there is none.
        """
        known = self.world.hints.get(key)
        times = self.world.widenings[key] = self.world.widenings.get(key, 0) + 1
        if not isinstance(known, IntType) or times < _PATIENCE:
            return type_
        slack = type_.hi - type_.lo
        lo = type_.lo - (slack if type_.lo < known.lo else 0)
        return IntType(lo, type_.hi + (slack if type_.hi > known.hi else 0))
