"""The product of a graph and an automaton, and the search for a fair run in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modelcheck.liveness import kernels
from modelcheck.liveness.automaton import Automaton
from modelcheck.liveness.graph import Graph
from modelcheck.liveness.kernels import CLOSE, COVER, DEAD, MOST_NODES, STEM, Product
from modelcheck.liveness.records import Vector
from modelcheck.model.temporal import Strength

BITS = 62
"""Constraints in a word of the record, whose numbers have signs."""

Kernel = Callable[[Product], int]
Tick = Callable[[], None]
"""Called now and then; raises what is to end the search."""


class ProductTooLarge(Exception):  # noqa: N818 - says what the product is
    """There are more nodes than numbers for them."""


class Kernels:
    """The kernels as Python runs them; `fuel` is what they may use between ticks."""

    fuel = 1 << 16

    def make(self, vectors: dict[str, Vector], numbers: dict[str, int]) -> Product:
        """A record with these vectors and numbers."""
        product = Product()
        for name, vector in vectors.items():
            setattr(product, name, vector.view)
        for name, number in numbers.items():
            setattr(product, name, number)
        return product

    def decide(self, product: Product) -> int:
        """`kernels.decide`."""
        return kernels.decide(product)

    def hunt(self, product: Product) -> int:
        """`kernels.hunt`."""
        return kernels.hunt(product)


Hop = tuple[int, int, int]
"""A node of the product, and the rule and the edge by which it is left."""


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
        self.words = -(-len(graph.model.fairness) // BITS)
        self.tick = tick
        self.tier = tier
        if graph.size * self.width > MOST_NODES:
            message = f"{graph.size:,} states by {self.width} of its automaton"
            raise ProductTooLarge(message)
        self.product = self._record(value)

    def _record(self, value: Vector) -> Product:
        nodes = self.graph.size * self.width
        rules = [t for each in self.automaton.transitions for t in each]
        starts = [0]
        for each in self.automaton.transitions:
            starts.append(starts[-1] + len(each))
        vectors = {
            "first": self.graph.first,
            "target": self.graph.target,
            "label": self.graph.label,
            "value": value,
            "rules": _vector("I32", starts),
            "true": _vector("I64", [t.true for t in rules]),
            "false": _vector("I64", [t.false for t in rules]),
            "goes": _vector("I32", [t.target for t in rules]),
            "marks": _vector("I64", [t.marks for t in rules]),
            "counts": _vector(
                "I64",
                [w for each in self.graph.labels for w in self.split(each.counted)],
            ),
            "weak": _vector("I64", self.split(self._of(Strength.WEAK))),
            "strong": _vector("I64", self.split(self._of(Strength.STRONG))),
            "roots": Vector("I32", max(nodes, 1)),
        }
        for name in ("on", "always", "taken", "want", "want_off"):
            vectors[name] = Vector("I64", self.words)
        for name in (
            *("rank", "path", "low", "loops", "source", "rule", "last_rule", "stack"),
            *("members", "begin", "end", "seen", "queue", "before", "by_rule"),
        ):
            vectors[name] = Vector("I32", nodes)
        for name in ("edge", "by_edge"):
            vectors[name] = Vector("I64", nodes)
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
            "words": self.words,
            "component": DEAD - 1,
            "states": self.graph.size,
            "skips": int(self.automaton.may_wait),
            "roots_end": 0 if self.automaton.may_wait else len(self.graph.initial),
            "epoch": 1,
        }
        return self.tier.make(vectors, numbers)

    def _of(self, strength: Strength) -> int:
        """The constraints of this strength, as bits."""
        fairness = self.graph.model.fairness
        return sum(
            1 << n for n, each in enumerate(fairness) if each.strength is strength
        )

    def split(self, bits: int) -> list[int]:
        """A set of constraints as words."""
        ones = (1 << BITS) - 1
        return [bits >> BITS * word & ones for word in range(self.words)]

    def _run(self, kernel: Kernel) -> int:
        while True:
            self.product.fuel = self.tier.fuel
            answer = kernel(self.product)
            if answer:
                return answer
            self.tick()

    def find(self) -> tuple[list[Hop], list[Hop]] | None:
        """A shortest way to a fair cycle and a short one there, if there is one."""
        self._run(self.tier.decide)
        if not self.product.fair:
            return None
        roots = [state * self.width for state in self.graph.initial]
        found = self._hunt(STEM, roots)
        assert found, "a fair component that no path leads to"
        stem = self._way(self.product.hit, roots)
        return stem, self._loop(self.product.hit)

    def _hunt(self, mode: int, sources: Iterable[int], goal: int = 0) -> bool:
        product = self.product
        product.mode, product.goal = mode, goal
        product.epoch += 1
        product.head = product.tail = 0
        for node in sources:
            product.queue[product.tail] = node
            product.tail += 1
            product.seen[node] = product.epoch
        return self._run(self.tier.hunt) > 0

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

    def _loop(self, start: int) -> list[Hop]:
        """A short fair cycle from `start`: the nearest of what is missing, next."""
        loop: list[Hop] = []
        while True:
            now = self._target(loop[-1]) if loop else start
            missing = self._missing(loop, start)
            if missing is None:
                if loop and now == start:
                    return loop
                mode = CLOSE
            else:
                mode = COVER
                self._want(*missing)
            found = self._hunt(mode, [now], start)
            assert found, "a fair component that is not connected"
            product = self.product
            loop += self._way(product.hit, [now])
            loop.append((product.hit, product.hit_rule, product.hit_edge))

    def _missing(self, loop: list[Hop], start: int) -> tuple[int, int, int] | None:
        """Marks, constraints to be taken and to be disabled that `loop` lacks.

        A strong constraint is missed where it is enabled; `start` is on the cycle too.
        """
        marks = taken = on = 0
        nodes = {start // self.width, *(node // self.width for node, _, _ in loop)}
        always = -1
        for state in nodes:
            enabled = self.graph.enabled(state)
            on |= enabled
            always &= enabled
        for _, rule, edge in loop:
            marks |= self.product.marks[rule]
            taken |= self.graph.labels[self.product.label[edge]].counted
        marks = self.automaton.all_marks & ~marks
        weak = self._of(Strength.WEAK) & always & ~taken
        strong = self._of(Strength.STRONG) & on & ~taken
        return (marks, weak | strong, weak) if marks or weak or strong else None

    def _want(self, marks: int, taken: int, off: int) -> None:
        self.product.want_marks = marks
        for word, (one, two) in enumerate(
            zip(self.split(taken), self.split(off), strict=True)
        ):
            self.product.want[word] = one
            self.product.want_off[word] = two


def _vector(kind: str, numbers: Iterable[int]) -> Vector:
    found = list(numbers)
    vector = Vector(kind, len(found))
    for place, number in enumerate(found):
        vector.view[place] = number
    return vector
