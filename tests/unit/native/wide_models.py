"""Random models with states of several words: sets and numbers wider than a word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modelcheck.model.program import Cell, Kind, Model, Property, Step
from modelcheck.model.shapes import Scalar
from modelcheck.model.statements import Assign, Choose, If, Let, Require
from modelcheck.model.terms import (
    FALSE,
    Op,
    Sort,
    Term,
    add,
    and_,
    bit,
    card,
    const,
    div,
    eq,
    has,
    ite,
    le,
    leaf,
    lt,
    mask,
    minus,
    mod,
    mul,
    not_,
    or_,
    sub,
    subset,
    union,
)
from modelcheck.model.types import IntType
from tests.unit.explore.random_models import random_model

HUGE = 1 << 63


def wide_model(draw: Callable[[int, int], int]) -> Model:
    """A random model with a wide set, wide numbers, and as many words as is drawn."""
    model = random_model(draw)
    first = len(model.cells)
    width = draw(65, 200)
    ranges = [
        Scalar(Sort.MASK, 0, (1 << width) - 1),
        Scalar(Sort.INT, -HUGE, HUGE),
        Scalar(Sort.MASK, 0, (1 << 64) - 1),
        *[Scalar(Sort.INT, -5, 1 << draw(30, 62)) for _ in range(draw(0, 10))],
    ]
    cells = [Cell(first + n, f"wide{n}", range_) for n, range_ in enumerate(ranges)]
    steps = [*_set_steps(cells[0], width, draw), *_number_steps(cells, draw)]
    numbered = [
        Step(len(model.steps) + n, f"wide{n}", f"wide{n}", body)
        for n, body in enumerate(steps)
    ]
    zero = tuple(max(r.lo, 0) for r in ranges)
    question = _question(cells, width, draw)
    return replace(
        model,
        cells=(*model.cells, *cells),
        zero=(*model.zero, *zero),
        steps=(*model.steps, *numbered),
        properties=(*model.properties, question),
    )


def _temp(number: int, lo: int, hi: int, sort: Sort = Sort.INT) -> Term:
    return leaf(Op.TEMP, 1000 + number, sort, lo, hi)


def _set_steps(cell: Cell, width: int, draw: Callable[[int, int], int]) -> list[tuple]:  # type: ignore[type-arg]
    member = _temp(0, 0, width - 1)
    some = mask(
        sum(1 << draw(0, width - 1) for _ in range(2)) & (1 << width) - 1, width
    )
    grow = (
        Require(lt(card(cell.now), const(2))),
        Choose(member, some, IntType(0, width - 1)),
        If(
            has(cell.now, member),
            (Assign(cell.index, minus(cell.now, bit(member, width))),),
            (Assign(cell.index, union(cell.now, bit(member, width))),),
        ),
    )
    index = const(draw(0, width - 1))
    flip = (
        Let(_temp(1, 0, 1, Sort.BOOL), has(cell.now, index)),
        Require(not_(_temp(1, 0, 1, Sort.BOOL))),
        Assign(
            cell.index, ite(subset(cell.now, some), bit(index, width), mask(1, width))
        ),
    )
    return [grow, flip]


def _number_steps(cells: list[Cell], draw: Callable[[int, int], int]) -> list[tuple]:  # type: ignore[type-arg]
    huge, full = cells[1], cells[2]
    factor = const(draw(-3, 3))
    product = mod(add(mul(huge.now, factor), const(draw(1, 9))), const(draw(2, 5)))
    steps = [
        (Assign(huge.index, sub(mul(product, const(HUGE // 8)), const(draw(0, 99)))),),
        (
            Require(le(const(0), huge.now)),
            Assign(huge.index, sub(const(0), div(huge.now, const(3)))),
        ),
        (
            Require(lt(card(full.now), const(2))),
            Assign(full.index, union(full.now, bit(const(draw(0, 63)), 64))),
        ),
        (Assign(full.index, mask((1 << 64) - 1, 64)),),
        (Assign(full.index, mask(0, 64)),),
    ]
    for cell in cells[3:]:
        if draw(0, 2) == 0:
            turned = add(mod(add(cell.now, const(1 << 29)), const(3 << 28)), const(-5))
            steps.append((Assign(cell.index, turned),))
    return steps


def _question(
    cells: list[Cell], width: int, draw: Callable[[int, int], int]
) -> Property:
    members, huge = cells[0].now, cells[1].now
    is_bad = and_(
        has(members, const(draw(0, width - 1))),
        or_(lt(huge, const(0)), eq(card(members), const(2)), FALSE),
    )
    return Property("wide", Kind.INVARIANT, (), not_(is_bad))
