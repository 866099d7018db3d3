"""How bounded model checking is best put to z3: encodings and solvers compared.

    python -m bench.encodings specs/replace_domain.py --depth 20 --seconds 60

For each variant, the CPU seconds until all paths of 1, 2, ... steps have been asked
about. The questions are the same for all: whether a property that holds is violated.
The properties that are violated at a small depth are left out, because how soon a path
is found is a matter of luck, and that there is none is not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import z3  # noqa: TID253 - nothing here runs without it

from modelcheck.explore.book import Book
from modelcheck.model.program import Expect, Kind, Model
from modelcheck.model.terms import FALSE
from modelcheck.reader import read_spec
from modelcheck.solve.cubes import Alphabet
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.lemmas import Lemmas
from modelcheck.solve.session import Session
from modelcheck.solve.targets import targets
from modelcheck.verdict.verdicts import Limits

Frame = Callable[[Encoding, int], list[Any]]
SHOWN = (6, 7, 8, 9, 10, 15, 20)


def functional(encoding: Encoding, frame: int) -> list[Any]:
    """Each cell is a nested conditional over the steps that write it."""
    return [encoding.transition(frame)]


def relational(encoding: Encoding, frame: int) -> list[Any]:
    """A step implies what it writes; a cell keeps its value if no writer is taken."""
    template = _memo(encoding, "relational", _relational)
    return [encoding._instance(template, frame)]  # noqa: SLF001 - an experiment


def one_hot(encoding: Encoding, frame: int) -> list[Any]:
    """A Boolean for each value of each cell besides its bits, in every frame."""
    return [encoding.transition(frame), *_one_hot(encoding, frame + 1)]


def strengthened(encoding: Encoding, frame: int) -> list[Any]:
    """Lemmas hold in every frame; finding them counts, in the first one."""
    lemmas = _memo(encoding, "lemmas", _lemmas)
    return [encoding.transition(frame), lemmas.at(frame + 1)]


def _lemmas(encoding: Encoding) -> Lemmas:
    found = Lemmas(encoding, lambda: Session(encoding.context, "QF_FD"))
    found.find()
    return found


def _one_hot(encoding: Encoding, frame: int) -> list[Any]:
    alphabet = _memo(encoding, "alphabet", Alphabet)
    defined = alphabet.definitions[0]
    cells = [cell.now for cell in encoding.model.cells if not cell.now.is_const]
    here = [(encoding._variable(c, 0), encoding._variable(c, frame)) for c in cells]  # noqa: SLF001
    names = [literal for row in alphabet._literals[0] for literal in row.values()]  # noqa: SLF001
    there = [
        (name, z3.Bool(f"{name} {frame}", encoding.context))
        for name in names
        if z3.is_const(name)
    ]
    return [z3.substitute(each, *here, *there) for each in defined]


_known: dict[tuple[int, str], Any] = {}


def _memo(encoding: Encoding, what: str, make: Callable[[Encoding], Any]) -> Any:  # noqa: ANN401
    key = id(encoding), what
    if key not in _known:
        _known[key] = make(encoding)
    return _known[key]


def _relational(encoding: Encoding) -> Any:  # noqa: ANN401
    translate, taken = encoding._translate, encoding._taken  # noqa: SLF001
    parts = [encoding._exactly_one(), encoding._guards]  # noqa: SLF001
    writers: dict[int, list[Any]] = {}
    for name, step in zip(taken, encoding.steps, strict=True):
        for cell, value in step.updates.items():
            like = encoding.model.cells[cell]
            writers.setdefault(cell, []).append(name)
            after = translate(like.after) == translate.like(like.now, value)
            parts.append(z3.Implies(name, after))
    for cell in encoding.model.cells:
        kept = translate(cell.after) == translate(cell.now)
        parts.append(z3.Or(*writers.get(cell.index, []), kept))
    return z3.And(parts)


class Incremental:
    """One solver, which learns from depth to depth."""

    def __init__(self, encoding: Encoding, logic: str) -> None:
        self.solver = z3.SolverFor(logic, ctx=encoding.context)

    def add(self, parts: list[Any]) -> None:
        """Assert for good."""
        self.solver.add(*parts)

    def ask(self, question: Any) -> Any:  # noqa: ANN401
        """Whether the question can hold; a "no" is asserted."""
        self.solver.push()
        self.solver.add(question)
        answer = self.solver.check()
        self.solver.pop()
        self.solver.add(z3.Not(question))
        return answer


class Fresh:
    """A new solver for each depth."""

    def __init__(self, encoding: Encoding, make: Callable[[Any], Any]) -> None:
        self.make = lambda: make(encoding.context)
        self.parts: list[Any] = []

    def add(self, parts: list[Any]) -> None:
        """Assert for good."""
        self.parts += parts

    def ask(self, question: Any) -> Any:  # noqa: ANN401
        """Whether the question can hold; a "no" is asserted."""
        solver = self.make()
        solver.add(*self.parts, question)
        answer = solver.check()
        self.parts.append(z3.Not(question))
        return answer


def _tactic(context: Any) -> Any:  # noqa: ANN401
    names = ("simplify", "propagate-values", "solve-eqs", "card2bv", "bit-blast", "sat")
    return z3.Then(*names, ctx=context).solver()


VARIANTS: dict[str, tuple[Frame, Callable[[Encoding], Any]]] = {
    "bit-vectors, incremental QF_FD": (functional, lambda e: Incremental(e, "QF_FD")),
    "bit-vectors, incremental QF_FD, lemmas": (
        strengthened,
        lambda e: Incremental(e, "QF_FD"),
    ),
    "bit-vectors, incremental QF_BV": (functional, lambda e: Incremental(e, "QF_BV")),
    "bit-vectors, fresh QF_FD": (
        functional,
        lambda e: Fresh(e, lambda c: z3.SolverFor("QF_FD", ctx=c)),
    ),
    "bit-vectors, fresh tactic": (functional, lambda e: Fresh(e, _tactic)),
    "one-hot, incremental QF_FD": (one_hot, lambda e: Incremental(e, "QF_FD")),
    "relational, incremental QF_FD": (relational, lambda e: Incremental(e, "QF_FD")),
    "relational, fresh tactic": (relational, lambda e: Fresh(e, _tactic)),
}


def measure(
    model: Model, name: str, depth: int, seconds: float
) -> Iterator[tuple[int, float]]:
    """The depth reached and the CPU seconds, as long as there are `seconds` left."""
    frame, make = VARIANTS[name]
    encoding = Encoding(model)
    asked = [
        prop
        for prop in model.properties
        if prop.expect is Expect.HOLDS
        and prop.kind not in (Kind.REACHABLE, Kind.TEMPORAL)
    ]
    found = targets(encoding, asked, Book(model, Limits()).property_of)
    bad = [target.bad for target in found if target.prop and target.bad is not FALSE]
    solver = make(encoding)
    started = process_time()
    solver.add([*encoding.choices(-1), encoding.initial()])
    for steps in range(depth + 1):
        if steps:
            inside = encoding.at(encoding.inside, steps - 1)
            solver.add([*encoding.choices(steps - 1), inside])
            solver.add(frame(encoding, steps - 1))
        for each in bad:
            answer = solver.ask(encoding.at(each, steps))
            if answer != z3.unsat:
                sys.stderr.write(f"{name}: {answer} at depth {steps}\n")
                return
        spent = process_time() - started
        yield steps, spent
        if spent > seconds:
            return


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec")
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="", help="variants whose name contains this")
    options = parser.parse_args()
    model = read_spec(options.spec)
    shown = [depth for depth in SHOWN if depth <= options.depth]
    _row(["encoding", *map(str, shown), "reached"])
    _row(["---"] * (len(shown) + 2))
    for name in VARIANTS:
        if options.only in name:
            spent = dict(measure(model, name, options.depth, options.seconds))
            row = [f"{spent[d]:.1f} s" if d in spent else "" for d in shown]
            _row([name, *row, str(max(spent))])


def _row(cells: list[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
