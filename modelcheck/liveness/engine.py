"""Verdicts on temporal properties: each is decided on the whole state graph.

A property is violated by a fair run that satisfies its negation: the automaton of the
negation, its product with the graph, and a search for a fair component. HOLDS is said
only of a graph that is complete; a lasso in a part of it is a run of the model all the
same, because what is enabled in its states is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from modelcheck.explore.native.memory import resident
from modelcheck.liveness.automaton import (
    MOST_SETS,
    Automaton,
    FormulaTooLarge,
    automaton,
)
from modelcheck.liveness.graph import Graph, Unjudged
from modelcheck.liveness.lasso import Lasso, holds_on, shortest, unfair
from modelcheck.liveness.ltl import Ltl, normal
from modelcheck.liveness.product import ProductTooLarge, Search
from modelcheck.liveness.records import Vector
from modelcheck.liveness.tiers import Kernels
from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.temporal import Connective, Formula, Temporal
from modelcheck.verdict.verdicts import (
    Evidence,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
    Watch,
    is_asked,
)

NAME = "liveness"

PIECE = 1 << 14
"""How many states are looked at at once for an antecedent."""


class Ended(Exception):  # noqa: N818 - an event inside the engine, not an error
    """Time is up, there is no memory, or the user wants to stop."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.value)
        self.stop = stop


def asked(model: Model, limits: Limits) -> list[Property]:
    """The temporal properties that `limits` asks for."""
    return [
        prop
        for prop in model.properties
        if prop.kind is Kind.TEMPORAL and is_asked(prop, limits)
    ]


def refuse(model: Model, limits: Limits, reason: str) -> Findings:
    """Nothing is said about the temporal properties asked for, and why."""
    findings = tuple(
        Finding(prop, Verdict.UNKNOWN, None, reason) for prop in asked(model, limits)
    )
    return Findings(NAME, findings, None, frozenset(), 0.0)


def decide(
    graph: Graph,
    limits: Limits,
    watch: Watch,
    tier: Callable[[int], Kernels],
    room: int | None = None,
) -> Findings:
    """What the graph says about each temporal property asked for.

    `tier` gives the kernels for a product of so many nodes; `room` is how many bytes
    may be used besides the graph. Raises `PropertyError` if an atom has no value in a
    state, `AssertionError` if a lasso is none.
    """
    start = monotonic()
    most = None if room is None else resident() + room
    end = None if limits.seconds is None else start + limits.seconds
    stops = set(graph.stops)
    findings = []
    for prop in asked(graph.model, limits):

        def tick(name: str = prop.name) -> None:
            watch.progress(NAME, f"{name}: {graph.size:,} states", None)
            if watch.is_interrupted():
                raise Ended(Stop.INTERRUPT)
            if end is not None and monotonic() >= end:
                raise Ended(Stop.TIME)
            if most is not None and resident() > most:
                raise Ended(Stop.MEMORY)

        try:
            tick()
            findings.append(_Decision(graph, prop, tick, tier).finding())
        except Ended as ended:
            stops.add(ended.stop)
            reason = f"the search for cycles was ended by {ended.stop.value}"
            findings.append(Finding(prop, Verdict.UNKNOWN, None, reason))
        except (FormulaTooLarge, ProductTooLarge) as large:
            reason = f"the formula is too large: {large}"
            findings.append(Finding(prop, Verdict.UNKNOWN, None, reason))
    return Findings(NAME, tuple(findings), None, frozenset(stops), monotonic() - start)


class _Decision:
    """The decision on one property."""

    def __init__(
        self,
        graph: Graph,
        prop: Property,
        tick: Callable[[], None],
        tier: Callable[[int], Kernels],
    ) -> None:
        assert prop.temporal is not None
        self.graph = graph
        self.prop = prop
        self.temporal: Temporal = prop.temporal
        self.tick = tick
        self.tier = tier

    def finding(self) -> Finding:
        """The verdict, with a lasso if it is VIOLATED."""
        if not self.graph.initial:
            reason = (
                "there is no initial state: the defaults and @init exclude each other"
            )
            return Finding(self.prop, Verdict.UNKNOWN, None, reason)
        if len(self.temporal.atoms) > MOST_SETS:
            message = f"{len(self.temporal.atoms)} conditions; {MOST_SETS} at most"
            raise FormulaTooLarge(message)
        negation = normal(self.temporal.formula, is_negated=True)
        made = automaton(negation)
        try:
            value = self.graph.valuation(self.prop.of_atoms())
        except Unjudged as unjudged:
            raise self.graph.error(unjudged) from None
        evidence = self._evidence(made, negation, value)
        reasons = self._vacuous(value)
        if evidence is not None:
            return Finding(self.prop, Verdict.VIOLATED, evidence)
        if self.graph.stops:
            stops = sorted(stop.value for stop in self.graph.stops)
            reason = f"the search was ended by {' and '.join(stops)}"
            return Finding(self.prop, Verdict.BOUNDED, None, reason)
        if self.graph.runs_into_checks:
            reasons.append("runs that end in a failed check are not looked at")
        return Finding(self.prop, Verdict.HOLDS, None, "; ".join(reasons))

    def _evidence(
        self, made: Automaton, negation: Ltl, value: Vector
    ) -> Evidence | None:
        tier = self.tier(self.graph.size * len(made.transitions))
        search = Search(self.graph, made, value, self.tick, tier)
        found = search.find()
        if found is None:
            return None
        stem, loop = found
        lasso = shortest(
            Lasso(
                tuple(node // search.width for node, _, _ in (*stem, *loop)),
                tuple(self.graph.label.view[edge] for _, _, edge in (*stem, *loop)),
                len(stem),
            )
        )
        self._check(lasso, negation, value)
        return Evidence(
            tuple(map(self.graph.state, lasso.states)),
            loop=lasso.loop,
            taken=tuple(self.graph.labels[label].step for label in lasso.labels),
        )

    def _check(self, lasso: Lasso, negation: Ltl, value: Vector) -> None:
        """That the run is fair and violates the property, without the automaton."""
        letters = [value.view[state] for state in lasso.states]
        assert holds_on(negation, letters, lasso.loop), "the run satisfies the property"
        assert not unfair(self.graph, lasso), "the loop is not fair"

    def _vacuous(self, value: Vector) -> list[str]:
        """A sentence for each antecedent that holds in no state."""
        never = list(self.temporal.antecedents)
        seen: set[int] = set()
        for start in range(0, self.graph.size, PIECE):
            if not never:
                break
            # Antecedents are mostly met soon.
            news = set(value.view[start : min(start + PIECE, self.graph.size)]) - seen
            seen |= news
            never = [
                (antecedent, text)
                for antecedent, text in never
                if not any(_holds(antecedent, letter) for letter in news)
            ]
        return [f"`{text}` holds in no reachable state" for _, text in never]


def _holds(formula: Formula, letter: int) -> bool:
    """The value of a formula without temporal operators."""
    parts: Sequence[bool] = [_holds(part, letter) for part in formula.operands]
    match formula.op:
        case Connective.ATOM:
            return bool(letter >> formula.atom & 1)
        case Connective.TRUE:
            return True
        case Connective.NOT:
            return not parts[0]
        case Connective.AND:
            return all(parts)
        case Connective.OR:
            return any(parts)
    message = f"{formula.op.value} in an antecedent"
    raise TypeError(message)
