"""Guesses about every size: what members of a small model are always like.

PDR proves the claims at size 2; the members in its clauses become variables. A clause
that says how far a counter has come is of no use at other sizes: what the counter
counts takes its place, and pairs of facts that a sample of states does not refute. What
is inductive at the sizes 2 and 3 is a guess; `certify.parametric` decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from time import monotonic

from modelcheck.certify.parametric import ParametricProof
from modelcheck.explore.book import Book
from modelcheck.explore.state_sample import walk_states
from modelcheck.model.clauses import Clause, Literal
from modelcheck.model.families import Family
from modelcheck.model.program import Kind, Model, Property, Role, State
from modelcheck.model.terms import Term, add, card, const, eq, not_
from modelcheck.model.types import SetType
from modelcheck.model.uniformity import Part, Parts
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.houdini import SAMPLE, Candidates, Houdini, forgetful
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.solve.targets import targets
from modelcheck.verdict.generalising import generalised
from modelcheck.verdict.verdicts import Limits, Verdict, Watch

SMALL, LARGER = 2, 3
"""The size at which PDR runs, and that at which what it found is tried again."""

BASE = 3
"""Two members that a clause may speak of, and one that stands for all others."""

MOST_SETS = 3
"""A counter counts the elements of at most so many sets."""

Counts = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Guess:
    """A proof that may be none, or, if there is none, what stands in the way.

    `uncounted` are counters of which is not known what they count.
    """

    proof: ParametricProof | None
    why: str = ""
    uncounted: frozenset[str] = frozenset()


def guess(
    parts: Parts,
    part: Part,
    claims: Sequence[str],
    limits: Limits,
    watch: Watch,
) -> Guess:
    """A proof of as many of `claims` as possible about `part`, or a part of it."""
    scalarset = parts.scalarset
    deadline = None if limits.seconds is None else monotonic() + limits.seconds
    dropped = part.text.dropped
    base = Family(part.read(BASE), scalarset)
    states, _ = walk_states(forgetful(base.model, dropped), SAMPLE)
    counts, uncounted = _counts(part, base.model, sorted(part.text.counters), states)
    if uncounted or not states:
        return Guess(None, "there is no initial state", uncounted)
    found, proved = _by_pdr(part, claims, counts, limits, watch)
    if not proved:
        return Guess(None, f"PDR did not prove it where {scalarset}={SMALL}")
    here = Family(part.read(SMALL), scalarset)
    unused = _unused(here, found, {*counts, *(x for y in counts.values() for x in y)})
    smaller = parts.largest(proved, dropped | unused)
    if smaller.text.dropped != dropped and not _stands_against(smaller, proved):
        # Its proof does not speak of them: what they are does not matter to it.
        return guess(parts, smaller, proved, limits, watch)
    clauses = [
        clause
        for each in found
        for clause in _readings(here, base, each)
        if not _counting(here, each, counts)
    ]
    clauses += Candidates(base, dropped, frozenset(counts)).clauses(states)
    for size in (SMALL, LARGER):
        if watch.is_interrupted() or _is_late(deadline):
            return Guess(None, "there was no time")
        trial = _Trial(base, part.read(size), counts, proved, deadline, watch)
        kept = trial.run(clauses)
        if kept is None:
            return Guess(None, f"z3 came to no end where {scalarset}={size}")
        proved, clauses = kept
        if not proved:
            what = f"nothing that was tried proves it where {scalarset}={size}"
            return Guess(None, what)
    claimed = tuple(sorted(proved))
    left = tuple(sorted(dropped))
    return Guess(
        ParametricProof(scalarset, BASE, claimed, tuple(clauses), counts, left)
    )


def _unused(family: Family, clauses: Sequence[Clause], kept: set[str]) -> set[str]:
    """The variables of the spec that no clause speaks of."""
    spoken = {family.variable_of(x.cell)[1] for clause in clauses for x in clause}
    states = {v.name for v in family.model.variables if v.role is Role.STATE}
    return states - spoken - kept


def _stands_against(part: Part, claims: Sequence[str]) -> bool:
    return bool(part.text.objections) or any(c in part.text.against for c in claims)


def _is_late(deadline: float | None) -> bool:
    return deadline is not None and monotonic() > deadline


def _by_pdr(
    part: Part,
    claims: Sequence[str],
    counts: Counts,
    limits: Limits,
    watch: Watch,
) -> tuple[tuple[Clause, ...], list[str]]:
    """Clauses that prove claims, and what counters count, at a small size."""
    model = forgetful(part.read(SMALL), part.text.dropped)
    asked = [prop for prop in model.properties if prop.name in claims]
    for counter, sets in counts.items():
        term = eq(*_sides(model, counter, sets))
        asked.append(Property(f"{counter} counts", Kind.INVARIANT, (), term))
    while any(prop.name in claims for prop in asked):
        names = frozenset(prop.name for prop in asked)
        # Without lemmas: an equation is about the members of one size.
        found = PropertyDirected(worth=None).run(
            replace(model, properties=tuple(asked)),
            replace(limits, properties=names, deadlock=False),
            watch,
        )
        if found.proof is not None and names <= set(found.proof.proved):
            return found.proof.clauses, [name for name in claims if name in names]
        bad = {x.prop.name for x in found.findings if x.verdict is Verdict.VIOLATED}
        if not bad & set(claims):
            break
        asked = [prop for prop in asked if prop.name not in bad]
    return (), []


def _counting(family: Family, clause: Clause, counts: Counts) -> bool:
    """Whether a clause says something of a counter."""
    return any(family.variable_of(x.cell)[1] in counts for x in clause)


def _readings(here: Family, base: Family, clause: Clause) -> Iterator[Clause]:
    """What a clause of a small size may say of all: about its members, or others."""
    for is_open in (False, True):
        make, spoken = generalised(here, clause, is_open=is_open)
        if spoken < base.size:
            yield tuple(sorted(make(base), key=lambda x: not _is_place(base, x)))


def _is_place(family: Family, literal: Literal) -> bool:
    return any(literal.cell == process.pc for process in family.model.processes)


class _Trial:
    """What is left of claims and clauses at one size."""

    def __init__(
        self,
        base: Family,
        model: Model,
        counts: Counts,
        claims: Sequence[str],
        deadline: float | None,
        watch: Watch,
    ) -> None:
        self._base, self._into = base, Family(model, base.name)
        self._claims = list(claims)
        self._deadline, self._watch = deadline, watch
        self._encoding = Encoding(model)
        asked = [prop for prop in model.properties if prop.name in claims]
        found = targets(self._encoding, asked, Book(model, Limits()).property_of)
        bad = {each.name: each.bad for each in found}
        self._good = {name: not_(bad[name]) for name in self._claims}
        self._must = [eq(*_sides(model, c, sets)) for c, sets in counts.items()]

    def run(self, clauses: Sequence[Clause]) -> tuple[list[str], list[Clause]] | None:
        """The claims that are proved, and the clauses that they need."""
        claims = self._claims
        while claims:
            goals = [*(self._good[name] for name in claims), *self._must]
            houdini = Houdini(
                self._base,
                self._into,
                self._encoding,
                goals,
                self._deadline,
                self._watch.is_interrupted,
            )
            left = houdini.largest(clauses)
            if left is None:
                return None
            clauses = left
            kept = houdini.kept(clauses)
            if len(kept) == len(goals):
                return claims, houdini.needed(clauses)
            if not set(range(len(claims), len(goals))) <= set(kept):
                return [], []
            claims = [claims[number] for number in kept if number < len(claims)]
        return [], []


def _sides(model: Model, counter: str, sets: Sequence[str]) -> tuple[Term, Term]:
    total = const(0)
    for name in sets:
        total = add(total, card(_cell(model, name)))
    return _cell(model, counter), total


def _cell(model: Model, name: str) -> Term:
    number = model.variable(name).cells.leaf
    assert number is not None, "a counter or a set is one cell"
    return model.cells[number].now


def _counts(
    part: Part, model: Model, counters: Sequence[str], states: Sequence[State]
) -> tuple[Counts, frozenset[str]]:
    """What each counter counts in all states, and the counters without an answer."""
    said = {c: tuple(sorted(sets)) for c, sets in part.text.counted.values()}
    found: Counts = {}
    missing: set[str] = set()
    for counter in counters:
        if counter in said:
            found[counter] = said[counter]
            continue
        sets = next(_counted(part, model, counter, states), None)
        if sets is None:
            missing.add(counter)
        else:
            found[counter] = sets
    return found, frozenset(missing)


def _counted(
    part: Part, model: Model, counter: str, states: Sequence[State]
) -> Iterator[tuple[str, ...]]:
    """The sets whose elements are as many as `counter` says, in every state."""
    sets = [
        variable.name
        for variable in model.variables
        if variable.role is Role.STATE
        and isinstance(variable.type_, SetType)
        and variable.name not in part.text.dropped
    ]
    cells = {name: _cell(model, name).value for name in (*sets, counter)}
    for size in range(1, MOST_SETS + 1):
        for chosen in combinations(sorted(sets), size):
            if all(
                sum(state[cells[name]].bit_count() for name in chosen)
                == state[cells[counter]]
                for state in states
            ):
                yield chosen
