"""Normal forms: terms that are equal up to order, seen through an exchange.

`Normaliser.form(term, kind)` is a number that stands for what `term` means after an
exchange of two members (`model.permuting`): cells by where they go, constants by what
they become. Operands of commutative operators have no order, and a chain of tests of
one term against constants is a table. Where two terms have one form, their values are
exchanged into each other; the converse does not hold, and need not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from modelcheck.model.permuting import Kind
from modelcheck.model.terms import Op, Sort, Term


class _Any(Enum):
    """The kind of a constant: whatever is asked for."""

    ANY = 0


_ANY = _Any.ANY
_Guess = Kind | None | _Any


class MixedKindsError(Exception):
    """A term uses members where it has numbers, so it has no form."""


class Forms:
    """Numbers for forms; equal ones have one number."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._forms: list[object] = []

    def number(self, form: object) -> int:
        """The number of a form."""
        found = self._numbers.get(form)
        if found is None:
            found = self._numbers[form] = len(self._forms)
            self._forms.append(form)
        return found

    def form(self, number: int) -> object:
        """The form with this number."""
        return self._forms[number]


@dataclass(frozen=True, slots=True)
class View:
    """How leaves are seen: where cells go, and which kinds leaves have.

    `now` are the kinds of CELL terms, `after` of NEXT terms, `choices` of TEMP terms,
    and `temps` says by which a TEMP is replaced.
    """

    targets: Sequence[int]
    now: Mapping[int, Kind]
    after: Mapping[int, Kind]
    choices: Mapping[int, Kind]
    temps: Mapping[int, int]


class Normaliser:
    """The forms of terms in one view."""

    def __init__(self, forms: Forms, view: View) -> None:
        self.forms = forms
        self.view = view
        self._known: dict[tuple[Term, Kind | None], int] = {}
        self._guesses: dict[Term, _Guess] = {}

    def form(self, term: Term, kind: Kind | None = None) -> int:
        """The number of the form of `term`, a value of `kind`.

        Raises `MixedKindsError` if members and numbers are mixed in it.
        """
        key = (term, kind)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.forms.number(self._form(term, kind))
        return found

    def _form(self, term: Term, kind: Kind | None) -> object:
        match term.op:
            case Op.CONST:
                value = term.value if kind is None else kind.apply(term.value)
                return (term.sort is Sort.MASK, value)
            case Op.CELL | Op.NEXT | Op.TEMP:
                return self._leaf(term, kind)
            case Op.ITE:
                return self._choice(term, kind)
            case Op.AND | Op.OR:
                return self._connective(term)
            case Op.NOT:
                return self._not(term.args[0])
            case Op.EQ | Op.SUBSET:
                return self._comparison(term)
            case Op.HAS | Op.CARD | Op.BIT:
                return self._about_members(term, kind)
            case Op.UNION | Op.INTER | Op.MINUS:
                parts = [self.form(arg, kind) for arg in term.args]
                if term.op is Op.MINUS:
                    return (term.op, *parts)
                return (term.op, frozenset(parts))
        return self._arithmetic(term, kind)

    def _leaf(self, term: Term, kind: Kind | None) -> object:
        if self._guess(term) != kind:
            message = f"{term.op.name} {term.value}"
            raise MixedKindsError(message)
        number = term.value
        if term.op is Op.TEMP:
            number = self.view.temps.get(number, number)
        else:
            number = self.view.targets[number]
        return (term.op, number)

    def _connective(self, term: Term) -> object:
        parts: set[int] = set()
        stack = list(term.args)
        while stack:
            top = stack.pop()
            if top.op is term.op:
                stack.extend(top.args)
            else:
                parts.add(self.form(top))
        return (term.op, frozenset(parts)) if len(parts) > 1 else self._same(*parts)

    def _same(self, number: int) -> object:
        return self.forms.form(number)

    def _not(self, term: Term) -> object:
        if term.op is Op.EQ:
            for one, two in (term.args, term.args[::-1]):
                if two.is_const and one.sort is not Sort.MASK and one.hi == one.lo + 1:
                    # There are two values: not one is the other.
                    return self._equal(one, one.lo + one.hi - two.value)
        return (Op.NOT, self.form(term))

    def _equal(self, term: Term, value: int) -> object:
        kind = self._kind(term)
        image = value if kind is None else kind.apply(value)
        constant = self.forms.number((False, image))
        return (Op.EQ, frozenset((self.form(term, kind), constant)))

    def _comparison(self, term: Term) -> object:
        one, two = term.args
        guess = self._guess(one)
        kind = self._kind(two) if guess is _ANY else _kind(guess)
        parts = self.form(one, kind), self.form(two, kind)
        return (term.op, parts if term.op is Op.SUBSET else frozenset(parts))

    def _about_members(self, term: Term, kind: Kind | None) -> object:
        if term.op is Op.BIT:
            index = None if kind is None else Kind(0, kind.images)
            return (term.op, self.form(term.args[0], index))
        members = self._guess(term.args[0])
        if term.op is Op.CARD:
            return (term.op, self.form(term.args[0], _kind(members)))
        if members is _ANY:
            index = self._kind(term.args[1])
            members = None if index is None else index.set()
            if members is None and index is not None:
                message = "a set of optional members"
                raise MixedKindsError(message)
        members = _kind(members)
        index = None if members is None else Kind(0, members.images)
        return (
            term.op,
            self.form(term.args[0], members),
            self.form(term.args[1], index),
        )

    def _arithmetic(self, term: Term, kind: Kind | None) -> object:
        one, two = term.args
        if term.op in (Op.ADD, Op.SUB) and kind is not None:
            # The number of a member, as an optional value counts it, or back.
            if one.is_const and term.op is Op.ADD:
                one, two = two, one
            if two.is_const:
                by = two.value if term.op is Op.ADD else -two.value
                return ("shift", self.form(one, kind.shifted(-by)), by)
        if kind is not None or self._kind(term) is not None:
            message = f"{term.op.name} of members"
            raise MixedKindsError(message)
        if term.op is Op.ADD:
            return self._sum(term)
        parts = [self.form(arg) for arg in term.args]
        if term.op is Op.MUL:
            parts.sort()
        return (term.op, *parts)

    def _sum(self, term: Term) -> object:
        constant = 0
        parts: list[int] = []
        stack = [term]
        while stack:
            top = stack.pop()
            if top.op is Op.ADD:
                stack.extend(top.args)
            elif top.is_const:
                constant += top.value
            else:
                parts.append(self.form(top))
        return (Op.ADD, tuple(sorted(parts)), constant)

    # Choices between terms.

    def _choice(self, term: Term, kind: Kind | None) -> object:
        cond, then, other = term.args
        test = _test(cond)
        if test is None:
            parts = self.form(cond), self.form(then, kind), self.form(other, kind)
            return self._same(parts[1]) if parts[1] == parts[2] else (term.op, *parts)
        scrutinee = test[0]
        its = self._kind(scrutinee)
        table: dict[int, int] = {}
        while test is not None and test[0] is scrutinee:
            value = test[1] if its is None else its.apply(test[1])
            table.setdefault(value, self.form(then, kind))
            term = other
            if term.op is not Op.ITE:
                break
            cond, then, other = term.args
            test = _test(cond)
        return self._table(self.form(scrutinee, its), table, term, kind,
                           _domain(scrutinee, its))  # fmt: skip

    def _table(
        self,
        scrutinee: int,
        table: dict[int, int],
        rest: Term,
        kind: Kind | None,
        domain: frozenset[int],
    ) -> object:
        """A table from values of `scrutinee` to forms; `rest` for the others."""
        default: int | None = None
        left = domain - table.keys()
        if left or not domain:
            default = self.form(rest, kind)
            if len(left) == 1:
                table[next(iter(left))] = default
                default = None
        if default is not None:
            table = {value: form for value, form in table.items() if form != default}
            if not table:
                return self._same(default)
        elif len(set(table.values())) == 1:
            return self._same(next(iter(table.values())))
        return ("table", scrutinee, frozenset(table.items()), default)

    # Kinds.

    def _kind(self, term: Term) -> Kind | None:
        return _kind(self._guess(term))

    def _guess(self, term: Term) -> _Guess:
        """The kind that `term` seems to have."""
        if term.op is Op.CONST:
            return _ANY
        if term not in self._guesses:
            self._guesses[term] = self._look(term)
        return self._guesses[term]

    def _look(self, term: Term) -> _Guess:
        view = self.view
        match term.op:
            case Op.CELL:
                return view.now.get(term.value)
            case Op.NEXT:
                return view.after.get(term.value)
            case Op.TEMP:
                return view.choices.get(term.value)
            case Op.ITE:
                guess = self._guess(term.args[1])
                return self._guess(term.args[2]) if guess is _ANY else guess
            case Op.UNION | Op.INTER | Op.MINUS:
                guess = self._guess(term.args[0])
                return self._guess(term.args[1]) if guess is _ANY else guess
            case Op.BIT:
                index = self._guess(term.args[0])
                return index.set() if isinstance(index, Kind) else index
            case Op.ADD | Op.SUB:
                one, two = term.args
                if one.is_const and term.op is Op.ADD:
                    one, two = two, one
                guess = self._guess(one)
                if isinstance(guess, Kind) and two.is_const:
                    return guess.shifted(two.value if term.op is Op.ADD else -two.value)
        return None


def _kind(guess: _Guess) -> Kind | None:
    return guess if isinstance(guess, Kind) else None


def _test(cond: Term) -> tuple[Term, int] | None:
    """The term and the constant that it is compared with."""
    if cond.op is Op.EQ:
        for one, two in (cond.args, cond.args[::-1]):
            if two.is_const and two.sort is Sort.INT:
                return one, two.value
    return None


MOST_VALUES = 64
"""Tables for terms with more values always have a default."""


def _domain(term: Term, kind: Kind | None) -> frozenset[int]:
    """The values of `term` after the exchange; none if they are too many."""
    if term.hi - term.lo >= MOST_VALUES:
        return frozenset()
    values = range(term.lo, term.hi + 1)
    return frozenset(value if kind is None else kind.apply(value) for value in values)
