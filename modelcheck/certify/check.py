"""`certify`: whether a certificate proves what it claims, with formulas of its own.

1. There are initial states, and the initialisation neither fails nor is cut off.
2. No path of fewer than k steps from one of them leads to a state in which a claim is
   refuted, a clause or a balance is false, or a constraint or an assumption cuts
   something off.
3. No path of k steps, all of whose states but the last are different and do none of
   that, leads to one that does.

For k = 1 this says: the initial states satisfy the invariant, every step keeps it, and
it implies the properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from modelcheck.certify.certificate import (
    Certificate,
    CertificateError,
    Count,
    digest,
)
from modelcheck.certify.formulas import Cells, Expr, Formulas, Outcome
from modelcheck.model.clauses import Balance, Clause, Literal
from modelcheck.model.program import EVALUATION, Kind, Model, Property
from modelcheck.model.statements import Assert, Check
from modelcheck.model.terms import Sort


@dataclass(frozen=True, slots=True)
class Refusal:
    """What of a proof does not hold, or is not known to; one line for people."""

    reason: str
    is_known: bool = True


_PROVABLE = frozenset(Kind) - {Kind.TEMPORAL, Kind.CONSTRAINT}


def refuse(
    certificate: Certificate,
    model: Model,
    seconds: float | None = None,
) -> Refusal | None:
    """Why `certificate` proves nothing about `model`, or None if it proves its claims.

    `seconds` bounds the time z3 may take on each question. Raises `CertificateError`
    if the certificate is about another model.
    """
    claimed = _claimed(certificate, model)
    if digest(model, certificate.claims) != certificate.digest:
        message = "the spec has changed since, or the scopes are others"
        raise CertificateError(message)
    return _Checker(certificate, model, claimed, seconds).refusal()


def _claimed(certificate: Certificate, model: Model) -> list[Property]:
    """The properties claimed; raises `CertificateError` where that cannot be."""
    known = {prop.name: prop for prop in model.properties}
    found = []
    for name, claim in certificate.claims.items():
        prop = known.get(name)
        if prop is None or prop.kind not in _PROVABLE:
            message = f"{model.name} has no property {name} that could be proved"
            raise CertificateError(message)
        if (claim == "unreachable") is not (prop.kind is Kind.REACHABLE):
            message = f"{name} is no property that can be `{claim}`"
            raise CertificateError(message)
        found.append(prop)
    return found


class _GaveUpError(Exception):
    """z3 does not know."""


class _Checker:
    """One check; every question is put to a new solver."""

    def __init__(
        self,
        certificate: Certificate,
        model: Model,
        claimed: Sequence[Property],
        seconds: float | None,
    ) -> None:
        self.f = Formulas(model)
        self.z3 = self.f.z3
        self.model = model
        self.k = certificate.k
        self.clauses = certificate.clauses
        self.balances = certificate.balances
        self.counts = certificate.counts
        self.claimed = claimed
        self.seconds = seconds
        # By identity: the lists are kept, so that no other one can take their place.
        self._taken: dict[int, tuple[Cells, list[Outcome]]] = {}

    def refusal(self) -> Refusal | None:
        """The first thing that does not hold."""
        init = self.f.run(self.model.init, self.f.zero())
        path = [self.f.ranges(init)]
        try:
            failing = [condition for condition, _ in init.failures]
            if self._can([*path, self.z3.Or(failing)]):
                return Refusal("the initialisation can fail")
            if self._can([*path, self.z3.Or(init.cuts)]):
                return Refusal("the initialisation is cut off")
            path.append(init.end.alive)
            if not self._can(path):
                return Refusal("there is no initial state")
            return self._base(path, init.end.cells) or self._step()
        except _GaveUpError as error:
            return Refusal(f"z3 gave up ({error})", is_known=False)

    def _can(self, formulas: Sequence[Expr]) -> bool:
        """Whether the formulas can all be true."""
        solver = self.z3.SolverFor("QF_BV")
        if self.seconds is not None:
            solver.set("timeout", int(self.seconds * 1000))
        solver.add(*formulas)
        answer = solver.check()
        if answer == self.z3.unknown:
            raise _GaveUpError(solver.reason_unknown())
        return bool(answer == self.z3.sat)

    def _first(
        self, path: Sequence[Expr], refuted: Sequence[tuple[str, Expr]]
    ) -> str | None:
        """What of `refuted` can be so at the end of `path`."""
        if not self._can([*path, self.z3.Or([bad for _, bad in refuted])]):
            return None
        return next(what for what, bad in refuted if self._can([*path, bad]))

    def _base(self, path: list[Expr], start: Cells) -> Refusal | None:
        states = [start]
        for steps in range(self.k):
            if steps:
                states.append(self.f.state(f"after {steps}"))
                path.append(self._transition(states[-2], states[-1]))
            what = self._first(path, list(self._refuted(states[-1])))
            if what is not None:
                return Refusal(f"{what} after {steps} steps")
        return None

    def _step(self) -> Refusal | None:
        states = [self.f.state(f"state {number}") for number in range(self.k + 1)]
        path = [self.f.in_ranges(states[0])]
        for before, after in pairwise(states):
            path += [self._good(before), self._transition(before, after)]
        path += [
            self.z3.Not(self.f.equal(one, two))
            for one, two in combinations(states[:-1], 2)
        ]
        what = self._first(path, list(self._refuted(states[-1])))
        return None if what is None else Refusal(f"induction fails: {what}")

    def _transition(self, before: Cells, after: Cells) -> Expr:
        """Some step leads from one state to the other."""
        found = []
        for outcome in self._outcomes(before):
            ends = self.f.equal(outcome.end.cells, after)
            found.append(self.z3.And(self.f.ranges(outcome), outcome.end.alive, ends))
        return self.z3.Or(found)

    def _outcomes(self, cells: Cells) -> list[Outcome]:
        """What each step does in a state; the same formulas each time it is asked."""
        if id(cells) not in self._taken:
            found = [self.f.take(step, cells) for step in self.model.steps]
            self._taken[id(cells)] = (cells, found)
        return self._taken[id(cells)][1]

    def _good(self, cells: Cells) -> Expr:
        """Nothing is refuted in this state."""
        return self.z3.Not(self._bad(cells, exists=self.f.exists))

    def _refuted(self, cells: Cells) -> Iterator[tuple[str, Expr]]:
        """What may be refuted in a state, each with the formula that says it is."""
        for number, clause in enumerate(self.clauses):
            is_false = self.z3.Not(self._clause(clause, cells))
            yield f"clause {number} is false", is_false
        for number, balance in enumerate(self.balances):
            is_false = self.z3.Not(self._balance(balance, cells))
            yield f"balance {number} is false", is_false
        for count in self.counts:
            name = self.model.cells[count.counter].name
            yield f"{name} does not count", self.z3.Not(self._count(count, cells))
        yield from self._claims(cells, self._with_ranges)

    def _bad(self, cells: Cells, exists: Callable[[Expr, Outcome], Expr]) -> Expr:
        clauses = [self._clause(clause, cells) for clause in self.clauses]
        clauses += [self._balance(balance, cells) for balance in self.balances]
        clauses += [self._count(count, cells) for count in self.counts]
        claims = [bad for _, bad in self._claims(cells, exists)]
        return self.z3.Or(self.z3.Not(self.z3.And(clauses)), *claims)

    def _with_ranges(self, formula: Expr, outcome: Outcome) -> Expr:
        """That choices make `formula` true, where the solver may make them."""
        return self.z3.And(formula, self.f.ranges(outcome))

    def _clause(self, clause: Clause, cells: Cells) -> Expr:
        return self.z3.Or([self._literal(literal, cells) for literal in clause])

    def _balance(self, balance: Balance, cells: Cells) -> Expr:
        size = abs(balance.total) + sum(abs(weight) for _, weight in balance.parts)
        none, *weights, total = (
            self.z3.BitVecVal(number, size.bit_length() + 1)
            for number in (0, *(weight for _, weight in balance.parts), balance.total)
        )
        found = none
        for (literal, _), weight in zip(balance.parts, weights, strict=True):
            found += self.z3.If(self._literal(literal, cells), weight, none)
        return found == total

    def _count(self, count: Count, cells: Cells) -> Expr:
        total = self.f.number(0)
        for mask in count.masks:
            total += self.f.size(cells[mask])
        return cells[count.counter] == total

    def _literal(self, literal: Literal, cells: Cells) -> Expr:
        range_, value = self.model.cells[literal.cell].range, cells[literal.cell]
        if literal.bit is None:
            wanted = [
                bool(v) if range_.sort is Sort.BOOL else v for v in literal.values
            ]
            return self.z3.Or([value == each for each in wanted])
        if range_.sort is Sort.INT:
            value -= range_.lo
        bit = self.z3.Extract(literal.bit, literal.bit, value)
        return self.z3.Or([bit == each for each in literal.values])

    def _claims(
        self, cells: Cells, exists: Callable[[Expr, Outcome], Expr]
    ) -> Iterator[tuple[str, Expr]]:
        """Each claim, and that nothing is cut off, with the formula that refutes it."""
        judged = [self.f.judge(each, cells) for each in self.model.constraints]
        inside = self.z3.And([value for value, _ in judged])
        steps = self._outcomes(cells)
        yield "something is cut off", self._cut(judged, steps, exists)
        for prop in self.claimed:
            bad = self._refuting(prop, cells, steps, exists)
            is_left = prop.kind in (Kind.INVARIANT, Kind.REACHABLE)
            yield (
                f"{prop.name} is refuted",
                bad if is_left else self.z3.And(inside, bad),
            )

    def _cut(
        self,
        constraints: Sequence[tuple[Expr, Expr]],
        steps: Sequence[Outcome],
        exists: Callable[[Expr, Outcome], Expr],
    ) -> Expr:
        outside = [
            self.z3.Or(fails, self.z3.Not(value)) for value, fails in constraints
        ]
        cuts = [exists(self.z3.Or(step.cuts), step) for step in steps if step.cuts]
        return self.z3.Or([*outside, *cuts])

    def _refuting(
        self,
        prop: Property,
        cells: Cells,
        steps: Sequence[Outcome],
        exists: Callable[[Expr, Outcome], Expr],
    ) -> Expr:
        z3, f = self.z3, self.f
        match prop.kind:
            case Kind.INVARIANT | Kind.REACHABLE:
                value, fails = f.judge(prop, cells)
                wrong = value if prop.kind is Kind.REACHABLE else z3.Not(value)
                return z3.Or(fails, wrong)
            case Kind.TRANSITION:
                return z3.Or([exists(self._bad_step(prop, cells, s), s) for s in steps])
            case Kind.ASSERTION:
                return z3.Or(
                    [
                        exists(condition, step)
                        for step in steps
                        for condition, failed in step.failures
                        if self._is_about(prop, failed)
                    ]
                )
        # Whether a step is possible is asked of all choices, never left to the solver.
        possible = [f.exists(_possible(z3, step), step) for step in steps]
        return z3.Not(z3.Or(f.rests(cells), *possible))

    def _bad_step(self, prop: Property, cells: Cells, step: Outcome) -> Expr:
        value, fails = self.f.judge(prop, cells, step.end.cells)
        refuted = self.z3.Or(fails, self.z3.Not(value))
        return self.z3.And(step.end.alive, refuted)

    def _is_about(self, prop: Property, failed: Assert) -> bool:
        """Whether `prop` stands for the check: by place, or as the one for the rest."""
        places = [
            other.span
            for other in self.model.properties
            if other.kind is Kind.ASSERTION and other.name != EVALUATION
        ]
        if failed.check is Check.ASSERT and failed.span.line and failed.span in places:
            return prop.name != EVALUATION and prop.span == failed.span
        return prop.name == EVALUATION


def _possible(z3: Expr, step: Outcome) -> Expr:
    failing = [condition for condition, _ in step.failures]
    return z3.Or(step.end.alive, *failing, *step.cuts)
