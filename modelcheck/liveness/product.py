"""The product of a graph and an automaton, and the search for a fair run in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from modelcheck.liveness.automaton import Automaton
from modelcheck.liveness.fair import decide, find_enabled
from modelcheck.liveness.graph import Graph
from modelcheck.liveness.hunting import CLOSE, COVER, STEM, hunt
from modelcheck.liveness.kernels import DEAD, MOST_NODES, Product
from modelcheck.liveness.records import Vector
from modelcheck.liveness.tiers import Constraints, Kernels, Tick, vector_of
from modelcheck.liveness.trimming import Trimmed, trim


class ProductTooLarge(Exception):  # noqa: N818 - says what the product is
    """There are more nodes than numbers for them."""


Hop = tuple[int, int, int]
"""A node of the product, and the rule and the edge by which it is left."""


@dataclass(frozen=True, slots=True)
class Debts:
    """What is known of a way: marks passed, constraints taken, enabled, always so."""

    marks: int = 0
    taken: int = 0
    on: int = 0
    always: int = -1


Met = tuple[int, Debts]
"""A node, and what is known of the way to it."""

SOON = 5_000
"""After how many nodes a shortest cycle is given up for a short one."""


class Search:
    """Looks for a run of `graph` that `automaton` accepts and that is fair."""

    def __init__(
        self,
        graph: Graph,
        automaton: Automaton,
        value: Vector,
        tick: Tick,
        tier: Kernels,
    ) -> None:
        self.graph = graph
        self.automaton = automaton
        self.width = len(automaton.transitions)
        self.value = value
        self.constraints = Constraints(graph)
        self.tick = tick
        self.tier = tier

    def _record(self, trimmed: Trimmed) -> Product:
        nodes = self.graph.size * self.width
        rules = [t for each in self.automaton.transitions for t in each]
        starts = [0]
        for each in self.automaton.transitions:
            starts.append(starts[-1] + len(each))
        vectors = {
            "first": self.graph.first,
            "target": self.graph.target,
            "label": self.graph.label,
            "value": self.value,
            "dead": trimmed.dead,
            "rules": vector_of("I32", starts),
            "true": vector_of("I64", [t.true for t in rules]),
            "false": vector_of("I64", [t.false for t in rules]),
            "goes": vector_of("I32", [t.target for t in rules]),
            "marks": vector_of("I64", [t.marks for t in rules]),
            "counts": self.constraints.counts,
            "weak": self.constraints.vector(self.constraints.weak),
            "strong": self.constraints.vector(self.constraints.strong),
            "roots": Vector("I32", max(nodes, 1)),
        }
        self._able = next(iter(self.graph.able), None) or Vector(
            "I64", self.graph.size * self.constraints.words
        )
        vectors["able"] = self._able
        for name in ("on", "always", "taken", "want", "want_off"):
            vectors[name] = self.constraints.vector()
        for name in (
            *("path", "low", "loops", "source", "rule", "last_rule", "stack"),
            *("members", "begin", "end", "queue"),
        ):
            vectors[name] = Vector("I32", nodes)
        for name in ("rank", "seen", "before", "by_rule"):
            vectors[name] = Vector("I32", nodes, at_random=True)
        vectors["edge"] = Vector("I64", nodes)
        vectors["by_edge"] = Vector("I64", nodes, at_random=True)
        is_swept = self.automaton.may_wait or trimmed.nodes != 0
        for number, state in enumerate(self.graph.initial):
            vectors["roots"].view[number] = state * self.width
        numbers = dict.fromkeys(
            (
                *("fuel", "index", "root", "depth", "top", "out", "segments", "fair"),
                *("sweep_state", "head", "tail", "mode", "goal", "want_marks"),
                *("hit", "hit_rule", "hit_edge"),
            ),
            0,
        )
        numbers |= {
            "width": self.width,
            "all_marks": self.automaton.all_marks,
            "words": self.constraints.words,
            "component": DEAD - 1,
            "states": self.graph.size,
            "left": trimmed.nodes,
            "skips": int(is_swept),
            "roots_end": 0 if is_swept else len(self.graph.initial),
            "epoch": 1,
        }
        return self.tier.make(Product(), vectors, **numbers)

    def _run(self, kernel: Callable[[Product], int]) -> int:
        return self.tier.run(kernel, self.product, self.tick)

    def find(self) -> tuple[list[Hop], list[Hop]] | None:
        """A shortest way to a fair cycle and a short one there, if there is one."""
        trimmed = trim(self.graph, self.automaton, self.value, self.tick, self.tier)
        if not trimmed.left:
            return None
        if self.graph.size * self.width > MOST_NODES:
            message = f"{self.graph.size:,} states by {self.width} of its automaton"
            raise ProductTooLarge(message)
        self.product = self._record(trimmed)
        if not self.graph.able:
            self._run(find_enabled)
            self.graph.able.append(self._able)
        self._run(decide)
        if not self.product.fair:
            return None
        roots = [state * self.width for state in self.graph.initial]
        if not self._hunt(STEM, roots):
            # Trimming has not found out that no path leads there.
            assert trimmed.nodes, "a fair component that no path leads to"
            return None
        stem = self._way(self.product.hit, roots)
        return stem, self._loop(self.product.hit, stem[-1][2] if stem else None)

    def _hunt(self, mode: int, sources: Iterable[int], goal: int = 0) -> bool:
        product = self.product
        product.mode, product.goal = mode, goal
        product.epoch += 1
        product.head = product.tail = 0
        for node in sources:
            product.queue[product.tail] = node
            product.tail += 1
            product.seen[node] = product.epoch
        return self._run(hunt) > 0

    def _way(self, node: int, sources: Iterable[int]) -> list[Hop]:
        """The hops from one of `sources` to `node`, which the last hunt has seen."""
        product, ends = self.product, set(sources)
        found: list[Hop] = []
        while node not in ends:
            before = product.before[node]
            found.append((before, product.by_rule[node], product.by_edge[node]))
            node = before
        return found[::-1]

    def _target(self, hop: Hop) -> int:
        """The node behind a hop."""
        target = self.product.target[hop[2]]
        return target * self.width + self.product.goes[hop[1]]

    # The cycle.

    def _loop(self, start: int, last: int | None) -> list[Hop]:
        """A short fair cycle from `start`: a shortest one, if that is soon found.

        One that comes back by `last`, the last edge of the stem, lets the run begin to
        repeat itself one step earlier, while the automaton does not yet: it is taken
        if that makes nothing longer.
        """
        loop = self._shortest_loop(start)
        if loop is None:
            return self._greedy_loop(start)
        other = None if last is None else self._shortest_loop(start, last)
        return loop if other is None or len(other) > len(loop) + 1 else other

    def _shortest_loop(self, start: int, last: int | None = None) -> list[Hop] | None:
        """A shortest fair cycle from `start`, breadth-first; None after SOON nodes.

        It comes back by the edge `last`, if there is one. A node is met once for each
        combination of what the way to it has fulfilled.
        """
        first = (start, Debts(always=self._enabled(start), on=self._enabled(start)))
        before: dict[Met, tuple[Met, Hop] | None] = {first: None}
        waiting: deque[Met] = deque([first])
        for _ in range(SOON):
            if not waiting:
                break
            met = waiting.popleft()
            for hop in self._hops(met[0], start):
                node = self._target(hop)
                debts = self._after(met[1], hop, node)
                is_back = node == start and last in (None, hop[2])
                if is_back and not any(self._owed(debts)):
                    return self._traced(before, met, hop)
                if (node, debts) not in before:
                    before[node, debts] = met, hop
                    waiting.append((node, debts))
        return None

    def _traced(
        self, before: dict[Met, tuple[Met, Hop] | None], met: Met, last: Hop
    ) -> list[Hop]:
        """The hops up to `last`, which leaves what was met."""
        found = [last]
        while (step := before[met]) is not None:
            met, hop = step
            found.append(hop)
        return found[::-1]

    def _hops(self, node: int, start: int) -> Iterator[Hop]:
        """The ways to leave `node` inside the component of `start`."""
        state, at = divmod(node, self.width)
        product = self.product
        value = product.value[state]
        for rule in range(product.rules[at], product.rules[at + 1]):
            if value & product.true[rule] != product.true[rule]:
                continue
            if value & product.false[rule]:
                continue
            for edge in range(product.first[state], product.first[state + 1]):
                if product.target[edge] < 0:
                    continue
                other = product.target[edge] * self.width + product.goes[rule]
                if product.rank[other] == product.rank[start]:
                    yield node, rule, edge

    def _greedy_loop(self, start: int) -> list[Hop]:
        """A fair cycle from `start`: the nearest of what is missing, next."""
        loop: list[Hop] = []
        anchors: list[int] = []
        while True:
            now = self._target(loop[-1]) if loop else start
            owed = self._owed(self._debts(loop, start))
            if not any(owed) and loop and now == start:
                return self._straightened(loop, anchors, start)
            if any(owed):
                self._want(*owed)
            loop += self._to(COVER if any(owed) else CLOSE, now, start)
            if any(owed):
                anchors.append(len(loop) - 1)

    def _to(self, mode: int, source: int, goal: int) -> list[Hop]:
        """The hops from `source` to what a hunt looks for."""
        found = self._hunt(mode, [source], goal)
        assert found, "a fair component that is not connected"
        product = self.product
        hop = product.hit, product.hit_rule, product.hit_edge
        return [*self._way(product.hit, [source]), hop]

    def _straightened(
        self, loop: list[Hop], anchors: list[int], start: int
    ) -> list[Hop]:
        """The same cycle without detours behind the hops at `anchors`.

        There the search took the first edge that would do; another one may do as well
        and lie on the way.
        """
        end = len(loop)
        for anchor in reversed(anchors):
            goal = loop[end][0] if end < len(loop) else start
            way = self._to(CLOSE, loop[anchor][0], goal)
            other = [*loop[:anchor], *way, *loop[end:]]
            if len(other) < len(loop) and not any(
                self._owed(self._debts(other, start))
            ):
                loop = other
            end = anchor
        return loop

    # What a cycle owes.

    def _enabled(self, node: int) -> int:
        return self.graph.enabled(node // self.width)

    def _after(self, debts: Debts, hop: Hop, node: int) -> Debts:
        """What is known of a way after one more hop, to `node`."""
        enabled = self._enabled(node)
        counted = self.graph.labels[self.product.label[hop[2]]].counted
        return Debts(
            debts.marks | self.product.marks[hop[1]],
            debts.taken | counted,
            debts.on | enabled,
            debts.always & enabled,
        )

    def _debts(self, loop: list[Hop], start: int) -> Debts:
        """What is known of a way from `start`."""
        debts = Debts(always=self._enabled(start), on=self._enabled(start))
        for hop in loop:
            debts = self._after(debts, hop, self._target(hop))
        return debts

    def _owed(self, debts: Debts) -> tuple[int, int, int]:
        """Marks, constraints to be taken, and those that may be disabled instead.

        A strong constraint is owed only where it was enabled.
        """
        marks = self.automaton.all_marks & ~debts.marks
        weak = self.constraints.weak & debts.always & ~debts.taken
        strong = self.constraints.strong & debts.on & ~debts.taken
        return marks, weak | strong, weak

    def _want(self, marks: int, taken: int, off: int) -> None:
        split = self.constraints.split
        self.product.want_marks = marks
        for word, (one, two) in enumerate(zip(split(taken), split(off), strict=True)):
            self.product.want[word] = one
            self.product.want_off[word] = two
