"""What one design allows and another does not, both ways.

Two models are compared by what both have: the components of their variables with the
same name and type, and the returns from functions that both call. Of the behaviours
that only one of them has, those that end alike are shown once, by a shortest path,
which the reference interpreter has replayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from modelcheck.explore.behaviour import (
    Alphabet,
    Behaviour,
    Return,
    Seen,
    View,
    plain,
    result_leaves,
    returns,
)
from modelcheck.explore.inclusion import Difference
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Model, Role
from modelcheck.model.shapes import shape
from modelcheck.model.types import (
    DictType,
    ListType,
    OptionalType,
    ScalarsetType,
    SetType,
    Type,
    parts,
)
from modelcheck.trace.components import Component, components, value_text
from modelcheck.trace.path import Trace
from modelcheck.verdict.behaviours import included, replayed
from modelcheck.verdict.verdicts import Limits, Stop, Watch


class NothingShared(Exception):  # noqa: N818 - a fact about the specs, not a fault
    """The two models have nothing in common that could be compared."""


@dataclass(frozen=True, slots=True)
class Common:
    """What is observed: pairs of a component of each model, and functions.

    If nothing in particular was asked for, `left_only` and `right_only` are the names
    that were left out because only one model has them, or because their types differ,
    and `apart` those that have no initial value in common: nothing else could be
    compared after such a start.
    """

    components: tuple[tuple[Component, Component], ...]
    functions: dict[str, tuple[Type, ...]]
    actors: frozenset[str]
    left_only: tuple[str, ...]
    right_only: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is observed, functions with parentheses."""
        functions = (f"{name}()" for name in sorted(self.functions))
        return (*(part.name for part, _ in self.components), *functions)


@dataclass(frozen=True, slots=True)
class Only:
    """A behaviour of one model alone: `trace`, whose last step is the difference.

    `shows` is what can be seen of that step: returns with their results and changes of
    components; `instead` is what the other model can show there. `count` says in how
    many situations a step like this one was met; `changed` are the components that
    change, in the model of the trace.
    """

    trace: Trace
    shows: tuple[str, ...]
    instead: tuple[tuple[str, ...], ...]
    changed: tuple[Component, ...]
    count: int


@dataclass(frozen=True, slots=True)
class OneWay:
    """The behaviours of `model` that `other` does not have, shortest first.

    Without `stops` all behaviours were compared. `pairs` counts pairs of a state of
    `model` and a set of states of `other`. `failing` are the paths of those of the two
    in which a check fails: what would follow takes part in no comparison.
    """

    model: Model
    other: Model
    found: tuple[Only, ...]
    stops: frozenset[Stop]
    pairs: int
    depth: int
    seconds: float
    failing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all that both can do was compared."""
        return not self.stops and not self.failing


def common(left: Model, right: Model, observe: Iterable[str] = ()) -> Common:
    """What both models have; of this, if any names are given, only what they name.

    A name is that of a variable, a component (`hw[dev0]`) or a function. Without names,
    components that start apart are left out. Raises
    `KeyError` for a name that is not among what both have, and `NothingShared`.
    """
    ours, theirs = _visible(left), _visible(right)
    pairs = [
        (part, theirs[name])
        for name, part in ours.items()
        if name in theirs and theirs[name].type_ == part.type_
    ]
    both = {part.name for part, _ in pairs}
    calls, other_calls = returns(left), returns(right)
    functions = {
        name: types
        for name, types in calls.items()
        if not name.startswith("_") and other_calls.get(name) == types
    }
    wanted = {name.removesuffix("()") for name in observe}
    known = {label for part, _ in pairs for label in _labels(part)} | set(functions)
    for name in sorted(wanted - known):
        raise KeyError(name)
    apart: tuple[str, ...] = ()
    if wanted:
        pairs = [pair for pair in pairs if _labels(pair[0]) & wanted]
        functions = {name: functions[name] for name in functions if name in wanted}
    else:
        apart = _apart(left, right, pairs)
        pairs = [pair for pair in pairs if pair[0].name not in apart]
    if not pairs and not functions:
        raise NothingShared
    return Common(
        tuple(pairs),
        functions,
        frozenset(_actors(left) & _actors(right)),
        () if wanted else tuple(name for name in ours if name not in both),
        () if wanted else tuple(name for name in theirs if name not in both),
        apart,
    )


def _apart(
    left: Model, right: Model, pairs: Iterable[tuple[Component, Component]]
) -> tuple[str, ...]:
    """The components that have no initial value in common."""
    ours, theirs = (Interpreter(model).initial() for model in (left, right))
    return tuple(
        part.name
        for part, other in pairs
        if {part.leaves(s) for s in ours}.isdisjoint({other.leaves(s) for s in theirs})
    )


def compare_behaviours(
    left: Model, right: Model, shared: Common, limits: Limits, watch: Watch
) -> tuple[OneWay, OneWay]:
    """What only `left` does and what only `right` does; half of the time for each."""
    alphabet = Alphabet()
    sides: list[Behaviour] = []
    for side, model in enumerate((left, right)):
        cells = [cell for pair in shared.components for cell in pair[side].cells]
        view = View(plain(model, cells), shared.functions, shared.actors)
        sides.append(Behaviour(model, view, alphabet))
    here, there = (
        _one_way(
            sides[side],
            sides[1 - side],
            _Words(model, shared, side, alphabet),
            limits,
            watch,
        )
        for side, model in enumerate((left, right))
    )
    return here, there


def _one_way(
    model: Behaviour, other: Behaviour, words: _Words, limits: Limits, watch: Watch
) -> OneWay:
    share = None if limits.seconds is None else limits.seconds / 2
    result, seconds = included(model, other, words.kind, share, watch)
    found = tuple(_replayed(model.model, each, words) for each in result.differences)
    return OneWay(
        model.model,
        other.model,
        found,
        frozenset(result.stops),
        result.pairs,
        result.depth,
        seconds,
        tuple(side.model.path for side in (model, other) if side.has_failures),
    )


def _replayed(model: Model, difference: Difference, words: _Words) -> Only:
    trace = replayed(model, difference.path)
    symbols = words.alphabet.symbols
    seen, others = symbols[difference.symbol], [symbols[n] for n in difference.instead]
    if not trace.steps:
        initial = words.initial(seen, others)
        return Only(trace, initial, (), words.parts, difference.count)
    before, after = trace.states[-2:]
    now = words.values(before)
    instead = {
        words.shows(now, each)
        for each in others
        if words.is_comparable(now, seen, each)
    }
    changed = tuple(
        part for part in words.parts if part.leaves(before) != part.leaves(after)
    )
    shows = words.shows(now, seen)
    return Only(trace, shows, tuple(sorted(instead)), changed, difference.count)


class _Words:
    """Puts symbols into words, for the models on one side of a comparison."""

    def __init__(
        self, model: Model, shared: Common, side: int, alphabet: Alphabet
    ) -> None:
        self.parts = tuple(pair[side] for pair in shared.components)
        self.alphabet = alphabet
        self._functions = shared.functions
        self._members = _member_pattern(model)

    def values(self, state: tuple[int, ...]) -> tuple[int, ...]:
        """What the observed cells hold in `state`."""
        return tuple(value for part in self.parts for value in part.leaves(state))

    def shows(self, before: tuple[int, ...], seen: Seen) -> tuple[str, ...]:
        """The returns and changes of a step from the values `before`."""
        told = [
            f"{actor}: {', '.join(map(self._return, each))}"
            if actor
            else ", ".join(map(self._return, each))
            for actor, each in groupby(seen.returns, lambda each: each.actor)
        ]
        for part, was, now in self._changes(before, seen.values):
            old, new = value_text(part.type_, was), value_text(part.type_, now)
            told.append(f"{part.name}: {old} -> {new}")
        return tuple(told)

    def initial(self, seen: Seen, others: Sequence[Seen]) -> tuple[str, ...]:
        """The initial values of `seen` that none of `others` has."""
        parts = list(self._split(seen.values))
        own = [
            f"{part.name} = {value_text(part.type_, leaves)} initially"
            for number, (part, leaves) in enumerate(parts)
            if all(leaves != list(self._split(o.values))[number][1] for o in others)
        ]
        return tuple(own) or ("a combination of initial values",)

    def kind(self, before: int, symbol: int) -> tuple[str, ...]:
        """What steps have in common that end alike: results, and which names change.

        Members of scalarsets are not told apart: what dev0 can do, dev1 can.
        """
        seen = self.alphabet.symbols[symbol]
        was = self.alphabet.symbols[before].values
        words = [self._return(each) for each in seen.returns]
        words += [part.name for part, _, _ in self._changes(was, seen.values)]
        return tuple(sorted({self._members.sub("*", word) for word in words}))

    def is_comparable(self, before: tuple[int, ...], one: Seen, other: Seen) -> bool:
        """Whether `other` answers the same call as `one`, or changes the same."""
        calls = {(each.function, each.actor) for each in one.returns}
        if calls:
            return bool(calls & {(e.function, e.actor) for e in other.returns})
        changed = {part.name for part, _, _ in self._changes(before, one.values)}
        return bool(
            changed & {part.name for part, _, _ in self._changes(before, other.values)}
        )

    def _changes(
        self, before: tuple[int, ...], after: tuple[int, ...]
    ) -> Iterable[tuple[Component, tuple[int, ...], tuple[int, ...]]]:
        pairs = zip(self._split(before), self._split(after), strict=True)
        for (part, was), (_, now) in pairs:
            if was != now:
                yield part, was, now

    def _split(
        self, values: tuple[int, ...]
    ) -> Iterator[tuple[Component, tuple[int, ...]]]:
        start = 0
        for part in self.parts:
            end = start + len(part.cells)
            yield part, values[start:end]
            start = end

    def _return(self, each: Return) -> str:
        types = self._functions[each.function]
        leaves = result_leaves(types, each.result)
        told: list[str] = []
        for type_ in types:
            width = sum(1 for _ in shape(type_).leaves())
            told.append(value_text(type_, leaves[:width]))
            leaves = leaves[width:]
        return f"{each.function}()" + (f" -> {', '.join(told)}" if told else "")


def _visible(model: Model) -> dict[str, Component]:
    return {part.name: part for part in components(model) if part.role is Role.STATE}


def _labels(part: Component) -> set[str]:
    """The names under which a component can be asked for."""
    return {part.name, re.split(r"[\[.]", part.name, maxsplit=1)[0]}


def _actors(model: Model) -> set[str]:
    return {step.actor for step in model.steps}


def _member_pattern(model: Model) -> re.Pattern[str]:
    """What the names of the members of all scalarsets look like."""
    prefixes = {
        found.prefix
        for variable in model.variables
        for found in _scalarsets(variable.type_)
    }
    longest_first = sorted(map(re.escape, prefixes), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\d+\b" if prefixes else "(?!)")


def _scalarsets(type_: Type) -> Iterator[ScalarsetType]:
    match type_:
        case ScalarsetType():
            yield type_
        case OptionalType(item) | SetType(item) | ListType(item):
            yield from _scalarsets(item)
        case DictType(key, value):
            yield from _scalarsets(key)
            yield from _scalarsets(value)
        case _:
            for part in parts(type_):
                yield from _scalarsets(part)
