"""Symmetry: for which Scalarsets the members can really be exchanged.

Typing makes most models symmetric in a Scalarset, but a loop over its members has an
order, and `break`, an assertion inside it or "the first one that" can make the order
felt. So nothing is taken for granted. An exchange of two neighbouring members is a
symmetry if it maps the set of steps to itself, each property and constraint and the
states of rest to themselves, and (which `initial` must find out) the initial states.
Such exchanges generate all permutations. Then states that are permutations of each
other can reach the same up to that permutation, and one of them stands for all
(Ip and Dill, Better verification through symmetry, 1996).

Relations are compared by normal forms (`model.normal`); where these differ, by cutting
the cells' values into cases, up to a fixed number of them, so that the answer does not
depend on the machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from modelcheck.model.guarded import Guarded, guard_step
from modelcheck.model.normal import Forms, MixedKindsError, Normaliser, View
from modelcheck.model.permuting import Exchange, Kind, NoExchange, scalarset_types
from modelcheck.model.program import Model, Property, Step
from modelcheck.model.relations import (
    Case,
    Replacement,
    TooManyCases,
    cases_of_property,
    cases_of_step,
    cases_of_term,
)
from modelcheck.model.statements import Span
from modelcheck.model.terms import FALSE, LEAVES, TRUE, Op, Term, constant_of, walk
from modelcheck.model.terms import leaf as leaf_
from modelcheck.model.types import ScalarsetType

MOST_SPLITS = 1000
"""How often cases are told apart for one exchange, before it is given up."""

TOO_MANY = "there are too many cases"

MOST_VALUES = 4096
"""Values of one cell are told apart if they are not more."""

MOST_MEMBERS = 12
"""Larger Scalarsets have too many permutations to be of use."""

MOST_CHOICES = 4
"""Up to so many choices of a step may be exchanged with each other."""


@dataclass(frozen=True, slots=True)
class Symmetric:
    """A Scalarset whose members can be exchanged: one exchange for each neighbours."""

    scalarset: ScalarsetType
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Symmetries:
    """What was found out about a model's Scalarsets; `refused` says why not."""

    found: tuple[Symmetric, ...]
    refused: Mapping[str, str]


AreInitial = Callable[[Exchange], bool]
"""Whether an exchange maps the initial states to initial states."""


def find_symmetries(
    model: Model, asked: Iterable[Property], are_initial: AreInitial
) -> Symmetries:
    """The Scalarsets in which `model` is symmetric, as far as `asked` is concerned."""
    types = scalarset_types(model)
    questions = [*asked, *model.constraints]
    relations: list[Guarded] = []
    found: list[Symmetric] = []
    refused: dict[str, str] = {}
    for name in model.symmetric:
        if name not in types:
            continue
        type_ = types[name]
        if type_.size > MOST_MEMBERS:
            refused[name] = f"it has more than {MOST_MEMBERS} members"
            continue
        try:
            exchanges = tuple(
                _verified(model, relations, type_, low, questions, are_initial)
                for low in range(type_.size - 1)
            )
        except _NotSymmetric as reason:
            refused[name] = str(reason)
        else:
            if not all(each.is_trivial for each in exchanges):
                found.append(Symmetric(type_, exchanges))
    return Symmetries(tuple(found), refused)


class _NotSymmetric(Exception):  # noqa: N818 - says what is not
    """The reason, as a clause."""


def _verified(
    model: Model,
    relations: list[Guarded],
    type_: ScalarsetType,
    low: int,
    questions: Sequence[Property],
    are_initial: AreInitial,
) -> Exchange:
    """The exchange of two members; raises `_NotSymmetric` if it is no symmetry."""
    pair = " and ".join(type_.members[low : low + 2])
    try:
        exchange = Exchange(model, type_, low)
        if exchange.is_trivial:
            return exchange
        if not relations:
            relations += [guard_step(model, step) for step in model.steps]
        check = _Comparison(model, relations, exchange)
        wrong = check.first_wrong_step()
        if wrong is not None:
            what = f"the step {_title(wrong)} treats {pair} differently"
            raise _NotSymmetric(what + _place(wrong.span))
        for prop in questions:
            if prop.temporal is None and not check.is_kept(
                cases_of_property(model, prop, exchange)
            ):
                what = f"{prop.name} treats {pair} differently"
                raise _NotSymmetric(what + _place(prop.span))
        if not check.is_kept(cases_of_term(model, model.is_rest, exchange)):
            message = f"the end of the processes treats {pair} differently"
            raise _NotSymmetric(message)
        if not are_initial(exchange):
            message = f"the initial states treat {pair} differently"
            raise _NotSymmetric(message)
    except NoExchange as reason:
        raise _NotSymmetric(str(reason)) from None
    except TooManyCases as reason:
        message = f"it was not found out whether {pair} can be exchanged: {reason}"
        raise _NotSymmetric(message) from None
    return exchange


def _title(step: Step) -> str:
    return step.actor if step.at is None else f"{step.actor} ({step.name})"


def _words(actor: str) -> list[str]:
    return sorted(re.findall(r"\w+", actor))


def _place(span: Span) -> str:
    return f" at {span.path}:{span.line}" if span.line else ""


_IDENTITY: Mapping[int, Kind] = {}
_Key = tuple[str, object]


class _Budget:
    """How often cases may still be told apart."""

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self) -> None:
        """Use one; raises `TooManyCases` if there is none."""
        if not self._left:
            raise TooManyCases(TOO_MANY)
        self._left -= 1


class _Comparison:
    """Compares relations of a model with each other under one exchange."""

    def __init__(
        self, model: Model, relations: Sequence[Guarded], exchange: Exchange
    ) -> None:
        self.model = model
        self.relations = relations
        self.exchange = exchange
        self.forms = Forms()
        self._same = list(range(len(model.cells)))
        self._budget = _Budget(MOST_SPLITS)
        self._leaves = {
            (op, cell.index): leaf_(
                op, cell.index, cell.range.sort, cell.range.lo, cell.range.hi
            )
            for cell in model.cells
            for op in (Op.CELL, Op.NEXT)
        }

    # Steps.

    def first_wrong_step(self) -> Step | None:
        """A step that the exchange does not map to a step; None if there is none."""
        plain: dict[object, list[Step]] = {}
        cases: dict[int, list[Case]] = {}
        for step in self.model.steps:
            relation = self.relations[step.index]
            cases[step.index] = list(
                cases_of_step(self.model, step, relation, self.exchange)
            )
            key = self._key(step.at, cases[step.index], None, {})
            plain.setdefault(key, []).append(step)
        left: dict[int, Step] = {step.index: step for step in self.model.steps}
        open_ = [
            step
            for step in self.model.steps
            if not self._match_form(step, cases[step.index], plain, left)
        ]
        for step in open_:
            if not self._match_values(step, cases, left):
                return step
        return None

    def _match_form(
        self,
        step: Step,
        cases: list[Case],
        plain: Mapping[object, list[Step]],
        left: dict[int, Step],
    ) -> bool:
        """Find a step that has the form of `step` after the exchange."""
        at = self._moved(step)
        for temps, choices in self._orders(step):
            try:
                key = self._key(at, cases, choices, temps)
            except MixedKindsError:
                return False
            for other in plain.get(key, ()):
                if other.index in left:
                    del left[other.index]
                    return True
        return False

    def _match_values(
        self, step: Step, cases: Mapping[int, list[Case]], left: dict[int, Step]
    ) -> bool:
        """Find a step that does after the exchange what `step` did before."""
        at = self._moved(step)
        candidates = [
            other
            for other in left.values()
            if other.at == at and (other.span, other.name) == (step.span, step.name)
        ]
        # The one with the names exchanged, if there is one, is it, or none is.
        names = self._renamed(step.actor)
        candidates.sort(key=lambda other: _words(other.actor) != names)
        for other in candidates:
            for temps, choices in self._orders(step):
                if self._agree(cases[step.index], cases[other.index], choices, temps):
                    del left[other.index]
                    return True
        return False

    def _renamed(self, actor: str) -> list[str]:
        """The words in an actor's name after the exchange, in some order."""
        exchange = self.exchange
        low = exchange.low
        one, two = exchange.scalarset.members[low : low + 2]
        images = {one: two, two: one}
        return sorted(images.get(word, word) for word in _words(actor))

    def _moved(self, step: Step) -> tuple[int, int] | None:
        if step.at is None:
            return None
        return self.exchange.targets[step.at[0]], step.at[1]

    def _orders(self, step: Step) -> Iterator[tuple[dict[int, int], dict[int, Kind]]]:
        """Ways to map the choices of a step to those of another, with their kinds."""
        guarded = self.relations[step.index]
        kinds: dict[int, Kind] = {}
        groups: dict[object, list[int]] = {}
        for choice in guarded.choices:
            found = {self.exchange.kind(type_) for type_ in guarded.types[choice]}
            if len(found) > 1:
                return
            kind = found.pop()
            if kind is not None:
                kinds[choice.value] = kind
            key = (choice.sort, choice.lo, choice.hi, kind)
            groups.setdefault(key, []).append(choice.value)
        yield {}, kinds
        numbers = [choice.value for choice in guarded.choices]
        if len(numbers) > MOST_CHOICES:
            return
        group_of = {number: key for key, group in groups.items() for number in group}
        for order in permutations(numbers):
            temps = dict(zip(numbers, order, strict=True))
            if all(group_of[a] == group_of[b] for a, b in temps.items()):
                yield temps, kinds

    def _key(
        self,
        at: tuple[int, int] | None,
        cases: Iterable[Case],
        choices: Mapping[int, Kind] | None,
        temps: Mapping[int, int],
    ) -> object:
        """What a relation is: as it stands, or (given `choices`) after the exchange."""
        found = []
        for case in cases:
            forms = self._normaliser(case, choices, temps)
            terms = set()
            for key, term in case.terms.items():
                kind = None if choices is None else case.kind(key)
                form = forms.form(term, kind)
                name, cell = key
                if name == "cell":
                    assert isinstance(cell, int)
                    cell = self._target(cell, choices)
                    if form == self.forms.number((Op.CELL, cell)):
                        continue
                elif term is FALSE:
                    continue
                terms.add((name, cell, form))
            values = frozenset(
                (op, self._target(cell, choices), value)
                for op, cell, value in case.values
            )
            found.append((values, frozenset(terms)))
        return at, frozenset(found)

    def _target(self, cell: int, choices: Mapping[int, Kind] | None) -> int:
        return cell if choices is None else self.exchange.targets[cell]

    def _normaliser(
        self, case: Case, choices: Mapping[int, Kind] | None, temps: Mapping[int, int]
    ) -> Normaliser:
        if choices is None:
            view = View(self._same, _IDENTITY, _IDENTITY, _IDENTITY, {})
        else:
            targets = self.exchange.targets
            view = View(targets, case.now, case.after, choices, temps)
        return Normaliser(self.forms, view)

    # Properties.

    def is_kept(self, cases: Iterable[Case]) -> bool:
        """Whether the exchange maps a relation to itself."""
        cases = list(cases)
        try:
            if self._key(None, cases, {}, {}) == self._key(None, cases, None, {}):
                return True
        except MixedKindsError:
            pass
        return self._agree(cases, cases, {}, {})

    # Values.

    def _agree(
        self,
        one: Iterable[Case],
        two: Iterable[Case],
        choices: Mapping[int, Kind],
        temps: Mapping[int, int],
    ) -> bool:
        """Whether two relations agree, found out by telling values apart."""
        others = {case.values: case for case in two}
        for case in one:
            values = frozenset(
                (op, self.exchange.targets[cell], value)
                for op, cell, value in case.values
            )
            other = others.pop(values, None)
            if other is None or not self._agree_in(case, other, choices, temps):
                return False
        return not others

    def _agree_in(
        self,
        case: Case,
        other: Case,
        choices: Mapping[int, Kind],
        temps: Mapping[int, int],
    ) -> bool:
        pairs = _Pairs(
            self._normaliser(case, choices, temps),
            self._normaliser(other, None, {}),
            self._leaves,
            self._budget,
        )
        names = {key for key in (*case.terms, *other.terms) if key[0] != "cell"}
        for key in names:
            one, two = case.terms.get(key, FALSE), other.terms.get(key, FALSE)
            if not pairs.agree(one, two):
                return False
        guards = [each.terms.get(("guard", None), TRUE) for each in (case, other)]
        for cell in self._written(case) | {
            # An exchange is its own inverse.
            self.exchange.targets[image]
            for image in self._written(other)
        }:
            image = self.exchange.targets[cell]
            one = case.terms.get(("cell", cell), self._leaves[Op.CELL, cell])
            two = other.terms.get(("cell", image), self._leaves[Op.CELL, image])
            if not pairs.agree(one, two, case.after.get(cell), *guards):
                return False
        return True

    def _written(self, case: Case) -> set[int]:
        return {c for name, c in case.terms if name == "cell" and isinstance(c, int)}


class _Pairs:
    """Compares terms of two relations value by value, where their forms differ."""

    def __init__(
        self,
        one: Normaliser,
        two: Normaliser,
        leaves: Mapping[tuple[Op, int], Term],
        budget: _Budget,
    ) -> None:
        self._one = one
        self._two = two
        self._leaves = leaves
        self._budget = budget
        self._agreed: set[tuple[Term, Term, Kind | None, Term, Term]] = set()

    def agree(
        self,
        one: Term,
        two: Term,
        kind: Kind | None = None,
        guard: Term = TRUE,
        other: Term = TRUE,
    ) -> bool:
        """Whether `two` is what `one` becomes, wherever the guards hold.

        Raises `TooManyCases` if it is not found out.
        """
        if FALSE in (guard, other) or self._have_one_form(one, two, kind):
            return True
        key = (one, two, kind, guard, other)
        if key not in self._agreed:
            if not self._agree_split(one, two, kind, guard, other):
                return False
            self._agreed.add(key)
        return True

    def _agree_split(
        self, one: Term, two: Term, kind: Kind | None, guard: Term, other: Term
    ) -> bool:
        """`agree` where forms differ: in all cases of a condition, or of a value."""
        self._budget.spend()
        leaf = self._undecided((one, guard), (two, other))
        if leaf is None:
            return False
        if leaf.hi - leaf.lo >= MOST_VALUES:
            raise TooManyCases(TOO_MANY)
        target, changes = self._image(leaf)
        for value in range(leaf.lo, leaf.hi + 1):
            image = value if changes is None else changes.apply(value)
            here = Replacement({leaf: constant_of(leaf.sort, value, leaf.hi)})
            there = Replacement({target: constant_of(target.sort, image, target.hi)})
            if not self.agree(here(one), there(two), kind, here(guard), there(other)):
                return False
        return True

    def _have_one_form(self, one: Term, two: Term, kind: Kind | None) -> bool:
        try:
            return self._one.form(one, kind) == self._two.form(two)
        except MixedKindsError:
            return False

    def _undecided(self, mine: tuple[Term, ...], its: tuple[Term, ...]) -> Term | None:
        """A leaf, as `one` has it, that the terms depend on."""
        # First those whose values mix members with what is no member.
        for part in walk(mine[:1]):
            if part.op in LEAVES and not part.is_const:
                changes = self._image(part)[1]
                if changes is not None and not changes.is_mask:
                    return part
        for part in walk(mine):
            if part.op in LEAVES and not part.is_const:
                return part
        view = self._one.view
        for part in walk(its):
            if part.op in (Op.CELL, Op.NEXT):
                return self._leaves[part.op, view.targets[part.value]]
            if part.op is Op.TEMP:
                number = {new: old for old, new in view.temps.items()}
                old = number.get(part.value, part.value)
                return leaf_(Op.TEMP, old, part.sort, part.lo, part.hi)
        return None

    def _image(self, leaf: Term) -> tuple[Term, Kind | None]:
        """What `leaf` becomes, and how its value changes."""
        view = self._one.view
        if leaf.op is Op.TEMP:
            number = view.temps.get(leaf.value, leaf.value)
            target = leaf_(Op.TEMP, number, leaf.sort, leaf.lo, leaf.hi)
            return target, view.choices.get(leaf.value)
        kinds = view.now if leaf.op is Op.CELL else view.after
        target = self._leaves[leaf.op, view.targets[leaf.value]]
        return target, kinds.get(leaf.value)
