"""From a run of the product to the lasso that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelcheck.liveness.graph import Graph
from modelcheck.liveness.ltl import Form, Ltl
from modelcheck.model.temporal import Strength


@dataclass(frozen=True, slots=True)
class Lasso:
    """Numbers of states and the labels of the edges between them.

    The last edge leads back to `states[loop]`.
    """

    states: tuple[int, ...]
    labels: tuple[int, ...]
    loop: int


def shortest(lasso: Lasso) -> Lasso:
    """The same run, written without repetitions.

    The automaton may need to go round a cycle of the graph more than once before it
    repeats itself; the run of the graph does not.
    """
    pairs = list(zip(lasso.states, lasso.labels, strict=True))
    stem, loop = pairs[: lasso.loop], pairs[lasso.loop :]
    for period in range(1, len(loop)):
        if not len(loop) % period and loop == loop[:period] * (len(loop) // period):
            loop = loop[:period]
            break
    while stem and stem[-1] == loop[-1]:
        loop.insert(0, loop.pop())
        stem.pop()
    states, labels = zip(*stem, *loop, strict=True)
    return Lasso(states, labels, len(stem))


def holds_on(formula: Ltl, letters: Sequence[int], loop: int) -> bool:
    """Whether the word `letters`, going on at `loop`, satisfies `formula`.

    By fixed points over the places, from the definition and without an automaton.
    """
    return _values(formula, letters, loop)[0]


def _values(formula: Ltl, letters: Sequence[int], loop: int) -> list[bool]:
    places = range(len(letters))
    after = [*places[1:], loop]
    parts = [_values(arg, letters, loop) for arg in formula.args]
    match formula.form:
        case Form.TRUE | Form.FALSE:
            return [formula.form is Form.TRUE for _ in places]
        case Form.LITERAL:
            wanted = not formula.is_negated
            return [bool(letter >> formula.atom & 1) is wanted for letter in letters]
        case Form.AND:
            return [all(part[i] for part in parts) for i in places]
        case Form.OR:
            return [any(part[i] for part in parts) for i in places]
        case Form.NEXT:
            return [parts[0][after[i]] for i in places]
    left, right = parts
    is_until = formula.form is Form.UNTIL
    found = [not is_until for _ in places]
    # Twice round: once for the loop to settle, once for what leads there.
    for i in [*reversed(places), *reversed(places)]:
        if is_until:
            found[i] = right[i] or (left[i] and found[after[i]])
        else:
            found[i] = right[i] and (left[i] or found[after[i]])
    return found


def unfair(graph: Graph, lasso: Lasso) -> list[str]:
    """The names of the fairness constraints that the loop itself violates."""
    loop = range(lasso.loop, len(lasso.states))
    taken = _union(graph.labels[lasso.labels[i]].counted for i in loop)
    enabled = [graph.enabled(lasso.states[i]) for i in loop]
    some, every = _union(enabled), ~_union(~each for each in enabled)
    return [
        fairness.name
        for bit, fairness in enumerate(graph.model.fairness)
        if (every if fairness.strength is Strength.WEAK else some) >> bit & 1
        and not taken >> bit & 1
    ]


def _union(sets: Iterable[int]) -> int:
    found = 0
    for each in sets:
        found |= each
    return found
