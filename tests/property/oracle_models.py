"""The models of the oracle: a family and a number make a model, always the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.statements import Assign, Require
from modelcheck.model.terms import Sort, add, and_, const, eq, lt, not_
from modelcheck.reader.errors import SpecError
from modelcheck.reader.read import read_spec
from modelcheck.verdict.verdicts import Limits
from tests.corpus.cases import CASES
from tests.corpus.reading import model_of
from tests.property.specs import HEADER, Writer
from tests.unit.explore.models import Builder
from tests.unit.explore.random_models import Generator, random_model
from tests.unit.native.wide_models import wide_model

T = TypeVar("T")

DESIGNS = sorted(
    path
    for path in (Path(__file__).parents[2] / "specs").glob("*.py")
    if not path.stem.endswith("_liveness")  # their steps are those of the design
)
"""The designs of DMA ownership."""

FEW_STATES = 60_000
"""Cases of the corpus with more are searched whole elsewhere."""

CORPUS = [case for case in CASES if (case.distinct or 0) <= FEW_STATES]


@dataclass(frozen=True, slots=True)
class Task:
    """A model, how far to search it, and in how many ways besides the expected one.

    At most about `most` states are looked at; there is one search less with symmetry.
    """

    model: Model
    limits: Limits
    most: int
    searches: int = 3


@dataclass(frozen=True, slots=True)
class Family:
    """Models of one kind; `make` gives None where a generated spec is refused."""

    count: int
    make: Callable[[int, Path], Task | None]
    is_generated: bool = True


def small(seed: int, _folder: Path) -> Task:
    """A few cells, every statement and operator."""
    limits = (Limits(), Limits(depth=2), Limits(deadlock=False))[seed % 3]
    return Task(random_model(Random(seed).randint), limits, 2_000)


def large(seed: int, _folder: Path) -> Task:
    """The same, times a grid of counters."""
    return Task(large_model(Random(seed).randint), Limits(), 2_000)


def wide(seed: int, _folder: Path) -> Task:
    """States of several words."""
    return Task(
        wide_model(Random(seed).randint), Limits(depth=2 + seed % 5), 1_000, searches=2
    )


def spec(seed: int, folder: Path) -> Task | None:
    """A generated spec, as source text, with two or three devices."""
    path = folder / "generated.py"
    path.write_text(SeededWriter(seed).spec(), encoding="utf-8")
    try:
        model = read_spec(str(path), {"Dev": 2 + seed % 2})
    except SpecError:
        return None
    return Task(model, Limits(depth=10), 1_000)


def corpus(number: int, _folder: Path) -> Task:
    """A case of the corpus."""
    return Task(model_of(CORPUS[number]), Limits(), FEW_STATES)


def design(number: int, _folder: Path) -> Task:
    """A design of `specs/`, as deep as a slow engine can follow."""
    return Task(read_spec(str(DESIGNS[number])), Limits(depth=12), 8_000, searches=1)


FAMILIES = {
    "small": Family(1_050, small),
    "large": Family(250, large),
    "wide": Family(200, wide),
    "spec": Family(550, spec),
    "corpus": Family(len(CORPUS), corpus, is_generated=False),
    "design": Family(len(DESIGNS), design, is_generated=False),
}
"""The models that every engine must agree on: numbers 0 to `count` of each family."""


def large_model(draw: Callable[[int, int], int]) -> Model:
    """A random model with two counters more, which most states can move."""
    # Constraints and requirements of the initialisation leave no state of many models.
    model = replace(random_model(draw), constraints=(), init=())
    builder = Builder()
    builder.cells = list(model.cells)
    builder.temps = 1_000
    generator = Generator(draw, builder)
    ends = [draw(9, 29), draw(9, 29)]
    grid = [builder.number(f"grid{n}", 0, end) for n, end in enumerate(ends)]
    for cell, end in zip(grid, ends, strict=True):
        move = Assign(cell.index, add(cell.now, const(1)))
        builder.step(f"move {cell.name}", Require(lt(cell.now, const(end))), move)
    builder.step("mix", *generator.body(1))
    first = len(model.steps)
    steps = [replace(step, index=first + step.index) for step in builder.steps]
    at_end = [eq(cell.now, const(end)) for cell, end in zip(grid, ends, strict=True)]
    generator.temps = []
    question = not_(and_(*at_end, generator.term(Sort.BOOL, 1)))
    return replace(
        model,
        cells=tuple(builder.cells),
        variables=(*model.variables, *builder.variables),
        zero=(*model.zero, *builder.zero),
        steps=(*model.steps, *steps),
        properties=(
            *model.properties,
            Property("grid", Kind.INVARIANT, (), question),
        ),
    )


class SeededWriter(Writer):
    """Writes specs drawn evenly, with more actions, so that states are many."""

    def __init__(self, seed: int) -> None:
        super().__init__(_nothing)
        self._random = Random(seed)

    def pick(self, *options: T) -> T:
        return options[self._random.randrange(len(options))]

    def chance(self, percent: int) -> bool:
        return self._random.randrange(20) >= 20 - percent // 5

    def number(self, lo: int, hi: int) -> int:
        return self._random.randint(lo, hi)

    def spec(self) -> str:
        self._fields()
        self._helper()
        for number in range(self.number(2, 4)):
            self._action(number)
        for number in range(self.number(0, 2)):
            self._process(number)
        self._properties()
        return HEADER + "\n".join(self.lines) + "\n"


def _nothing(_strategy: object) -> object:
    raise AssertionError
