"""Random formulas, and what they mean on a word that repeats itself."""

from __future__ import annotations

from random import Random

from modelcheck.model.temporal import Connective as Op
from modelcheck.model.temporal import Formula

Word = tuple[tuple[int, ...], int]
"""Letters, which are sets of atoms as bits, and the place that the last is before."""

UNARY = (
    Op.NOT,
    Op.NEXT,
    Op.ALWAYS,
    Op.EVENTUALLY,
    Op.ALWAYS,
    Op.EVENTUALLY,
)


def atom(number: int) -> Formula:
    return Formula(Op.ATOM, (), number)


def op(connective: Op, *operands: Formula) -> Formula:
    return Formula(connective, operands)


def leads_to(left: Formula, right: Formula) -> Formula:
    return op(
        Op.ALWAYS,
        op(Op.OR, op(Op.NOT, left), op(Op.EVENTUALLY, right)),
    )


def random_formula(random: Random, atoms: int, size: int) -> Formula:
    if size <= 1:
        number = random.randrange(atoms + 1)
        return (
            op(Op.TRUE)
            if number == atoms and not random.randrange(3)
            else atom(number % atoms)
        )
    choice = random.randrange(10)
    if choice < 6:
        inner = random_formula(random, atoms, size - 1)
        return op(random.choice(UNARY), inner)
    split = random.randint(1, size - 1)
    left = random_formula(random, atoms, split)
    right = random_formula(random, atoms, size - split)
    return op(
        (Op.AND, Op.OR, Op.UNTIL, Op.UNTIL)[choice - 6],
        left,
        right,
    )


def random_word(random: Random, atoms: int, length: int) -> Word:
    letters = tuple(
        random.randrange(1 << atoms) for _ in range(random.randint(1, length))
    )
    return letters, random.randrange(len(letters))


def values(formula: Formula, word: Word) -> list[bool]:
    """The value at each place, by the textbook: fixed points over the places."""
    letters, loop = word
    size = len(letters)
    follow = [*range(1, size), loop]
    parts = [values(part, word) for part in formula.operands]

    def least(now: list[bool], keep: list[bool]) -> list[bool]:
        found = [False] * size
        for _ in range(2 * size + 1):
            found = [now[i] or (keep[i] and found[follow[i]]) for i in range(size)]
        return found

    match formula.op:
        case Op.ATOM:
            return [bool(letter >> formula.atom & 1) for letter in letters]
        case Op.TRUE:
            return [True] * size
        case Op.NOT:
            return [not value for value in parts[0]]
        case Op.AND:
            return [all(part[i] for part in parts) for i in range(size)]
        case Op.OR:
            return [any(part[i] for part in parts) for i in range(size)]
        case Op.NEXT:
            return [parts[0][follow[i]] for i in range(size)]
        case Op.UNTIL:
            return least(parts[1], parts[0])
        case Op.EVENTUALLY:
            return least(parts[0], [True] * size)
        case Op.ALWAYS:
            never = least([not value for value in parts[0]], [True] * size)
            return [not value for value in never]
