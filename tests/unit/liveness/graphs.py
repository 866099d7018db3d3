"""Random models that are explicit graphs, and an oracle that decides fair runs.

The oracle takes formula and graph apart by other means than the engine: the automaton
is that of all truth assignments to the closure of the formula (Vardi and Wolper), the
fair components are searched for by networkx, recursively, on an explicit graph.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from itertools import product
from random import Random

import networkx as nx

from modelcheck.liveness.graph import STUTTERING, Graph, Label
from modelcheck.liveness.records import Vector
from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.statements import Assign, Require
from modelcheck.model.temporal import (
    Atom,
    Fairness,
    Formula,
    Strength,
    Temporal,
)
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.terms import FALSE, TRUE, Term, const, eq, or_
from tests.unit.explore.models import Builder

Edge = tuple[int, int, int]
"""A step, from a state, to one."""


@dataclass(frozen=True)
class Case:
    """A graph with state 0 as its initial one, and what is asked about it."""

    size: int
    edges: tuple[Edge, ...]
    letters: tuple[int, ...]
    atoms: int
    formula: Formula
    fairness: tuple[tuple[Strength, frozenset[int], frozenset[int] | None], ...]
    """Strength, steps, and, if not None, the states that counted steps must lead to."""

    def model(self) -> Model:
        builder = Builder()
        cell = builder.number("s", 0, max(self.size - 1, 1))
        for number, (_, source, target) in enumerate(self.edges):
            builder.step(
                f"e{number}",
                Require(eq(cell.now, const(source))),
                Assign(cell.index, const(target)),
            )
        numbers = {
            step: [n for n, edge in enumerate(self.edges) if edge[0] in step]
            for _, step, _ in self.fairness
        }
        fairness = tuple(
            Fairness(
                f"fair{n}",
                strength,
                frozenset(numbers[steps]),
                (),
                None if into is None else _one_of(cell.after, into),
            )
            for n, (strength, steps, into) in enumerate(self.fairness)
        )
        atoms = tuple(
            Atom((), _one_of(cell.now, [s for s in range(self.size)
                                        if self.letters[s] >> n & 1]), f"atom{n}")
            for n in range(self.atoms)
        )  # fmt: skip
        builder.properties.append(
            Property("p", Kind.TEMPORAL, (), TRUE,
                     temporal=Temporal(self.formula, atoms))
        )  # fmt: skip
        return replace(builder.model(), fairness=fairness)

    def graph(self) -> Graph:
        """The graph of `model()`, made at once."""
        after = {s: [t for _, u, t in self.edges if u == s] for s in range(self.size)}
        states = sorted(reachable([0], after))
        first, target, label = array("q", [0]), array("i"), array("i")
        labels = {STUTTERING: 0}
        for state in states:
            for number, (step, source, goes) in enumerate(self.edges):
                if source != state:
                    continue
                counted = sum(
                    1 << n
                    for n, (_, steps, into) in enumerate(self.fairness)
                    if step in steps and (into is None or goes in into)
                )
                target.append(states.index(goes))
                made = Label(number, counted)
                label.append(labels.setdefault(made, len(labels)))
            if not after[state]:
                target.append(states.index(state))
                label.append(0)
            first.append(len(target))
        letters = array("q", [self.letters[state] for state in states])
        return Graph(
            self.model(),
            len(states),
            (0,),
            Vector.of("I64", first),
            Vector.of("I32", target),
            Vector.of("I32", label),
            tuple(labels),
            frozenset(),
            runs_into_checks=False,
            state=lambda number: (states[number],),
            valuation=lambda _: Vector.of("I64", letters),
        )


def _one_of(term: Term, values: object) -> Term:
    return or_(FALSE, *(eq(term, const(value)) for value in values))  # type: ignore[attr-defined]


def random_case(random: Random, formula: Formula, atoms: int, most: int) -> Case:
    size = random.randint(1, most)
    steps = random.randint(1, 4)
    edges = {
        (random.randrange(steps), random.randrange(size), random.randrange(size))
        for _ in range(random.randint(size // 2, 3 * size))
    }
    fairness = tuple(
        (
            random.choice((Strength.WEAK, Strength.STRONG)),
            frozenset(random.sample(range(steps), random.randint(1, steps))),
            frozenset(random.sample(range(size), random.randint(1, size)))
            if not random.randrange(4)
            else None,
        )
        for _ in range(random.randint(0, 3))
    )
    letters = tuple(random.randrange(1 << atoms) for _ in range(size))
    return Case(size, tuple(sorted(edges)), letters, atoms, formula, fairness)


# The oracle.


def reachable(start: list, after: dict) -> set:
    found, waiting = set(start), list(start)
    while waiting:
        for node in after.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def is_violated(case: Case) -> bool:
    """Whether some fair run from state 0 does not satisfy the formula."""
    steps: dict[int, list[tuple[int | None, int]]] = {}
    for step, source, target in case.edges:
        steps.setdefault(source, []).append((step, target))
    for state in reachable([0], {s: [t for _, t in e] for s, e in steps.items()}):
        steps.setdefault(state, [(None, state)])
    tableau = Tableau(C_not(case.formula))
    edges: dict[object, list[tuple[object, int | None]]] = {}
    starts = [(0, a) for a in tableau.at(case.letters[0]) if a[-1]]
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node in edges:
            continue
        state, now = node
        edges[node] = [
            ((target, then), step)
            for step, target in steps[state]
            for then in tableau.at(case.letters[target])
            if tableau.may_follow(now, then)
        ]
        waiting += [target for target, _ in edges[node]]
    return has_fair(case, tableau, steps, edges, set(edges))


def C_not(formula: Formula) -> Formula:  # noqa: N802
    return Formula(Op.NOT, (formula,))


def has_fair(case, tableau, steps, edges, nodes) -> bool:  # noqa: ANN001
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((a, b) for a in nodes for b, _ in edges[a] if b in nodes)
    for component in nx.strongly_connected_components(graph):
        inner = [
            (a, b, step) for a in component for b, step in edges[a] if b in component
        ]
        if not inner:
            continue
        if not all(
            any(tableau.fulfils(now, part) for _, now in component)
            for part in tableau.eventual
        ):
            continue
        verdict = True
        for strength, names, into in case.fairness:

            def counts(step, target, names=names, into=into):  # noqa: ANN001, ANN202
                return step in names and (into is None or target in into)

            on = {
                node
                for node in component
                if any(counts(step, target) for step, target in steps[node[0]])
            }
            taken = any(counts(step, b[0]) for _, b, step in inner)
            if taken or not on:
                continue
            if strength is Strength.WEAK:
                verdict = verdict and on != component
                continue
            return_ = has_fair(case, tableau, steps, edges, set(component) - on)
            if return_:
                return True
            verdict = False
        if verdict:
            return True
    return False


class Tableau:
    """Truth assignments to all subformulas; the last entry is the formula itself."""

    def __init__(self, formula: Formula) -> None:
        self.parts: list[Formula] = []
        self._add(formula)
        self.place = {part: n for n, part in enumerate(self.parts)}
        self.eventual = [
            p for p in self.parts if p.op in (Op.UNTIL, Op.EVENTUALLY, Op.ALWAYS)
        ]
        self.temporal = [
            n
            for n, p in enumerate(self.parts)
            if p.op
            in (
                Op.NEXT,
                Op.UNTIL,
                Op.EVENTUALLY,
                Op.ALWAYS,
            )
        ]
        self._cache: dict[int, list[tuple[bool, ...]]] = {}

    def _add(self, formula: Formula) -> None:
        for part in formula.operands:
            self._add(part)
        if formula not in self.parts:
            self.parts.append(formula)

    def at(self, letter: int) -> list[tuple[bool, ...]]:
        """The consistent assignments where the atoms are as in `letter`."""
        if letter not in self._cache:
            found = []
            for guess in product((False, True), repeat=len(self.temporal)):
                guesses = dict(zip(self.temporal, guess, strict=True))
                values: list[bool] = []
                is_good = True
                for n, part in enumerate(self.parts):
                    args = [values[self.place[arg]] for arg in part.operands]
                    match part.op:
                        case Op.ATOM:
                            value = bool(letter >> part.atom & 1)
                        case Op.TRUE:
                            value = True
                        case Op.NOT:
                            value = not args[0]
                        case Op.AND:
                            value = all(args)
                        case Op.OR:
                            value = any(args)
                        case Op.UNTIL:
                            value = guesses[n]
                            is_good &= value or not args[1]
                            is_good &= not value or any(args)
                        case Op.EVENTUALLY:
                            value = guesses[n]
                            is_good &= value or not args[0]
                        case Op.ALWAYS:
                            value = guesses[n]
                            is_good &= args[0] or not value
                        case _:
                            value = guesses[n]
                    values.append(value)
                if is_good:
                    found.append(tuple(values))
            self._cache[letter] = found
        return self._cache[letter]

    def may_follow(self, now: tuple[bool, ...], then: tuple[bool, ...]) -> bool:
        for n in self.temporal:
            part = self.parts[n]
            args = [now[self.place[arg]] for arg in part.operands]
            match part.op:
                case Op.NEXT:
                    expected = then[self.place[part.operands[0]]]
                case Op.UNTIL:
                    expected = args[1] or (args[0] and then[n])
                case Op.EVENTUALLY:
                    expected = args[0] or then[n]
                case _:
                    expected = args[0] and then[n]
            if now[n] != expected:
                return False
        return True

    def fulfils(self, now: tuple[bool, ...], part: Formula) -> bool:
        """Whether an assignment does not leave the promise of `part` open."""
        value = now[self.place[part]]
        last = now[self.place[part.operands[-1]]]
        if part.op is Op.ALWAYS:
            return value or not last
        return not value or last
