"""Bodies as Python source: the generator of the compiled explorer's functions.

A function gets the packed state `s` (a transition property also the next one, `n`),
reads a cell into a local `c12` where it is first needed, and keeps temporaries in
`t3`. A path that ends appends what it makes of `s`; a path that is disabled returns.
What comes after a `Choose`, or after an `If` with a `Choose` in it, becomes a
*continuation*: a function that takes the cells assigned so far and the temporaries as
arguments, so that each value chosen goes on with its own copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.explore.bodies import (
    MOST_INDENTED,
    branchings,
    statements,
    terms_of,
)
from modelcheck.explore.expressions import TermWriter, leaves_of
from modelcheck.layout.packing import Packing
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
    Statement,
)
from modelcheck.model.terms import Op, Term

MOST_SUMMANDS = 40
"""How many fields one expression packs; Python's compiler recurses on each."""


@dataclass(slots=True)
class _Rest:
    """What is still to be run: `body` from `index` on, then `parent`.

    Where `name` is set, it is the continuation function that runs it.
    """

    body: Body
    index: int
    parent: _Rest | None
    name: str = ""
    cells: tuple[int, ...] = ()
    temps: tuple[int, ...] = ()

    def statements(self) -> Iterator[Statement]:
        """Every statement of it, at any depth."""
        rest: _Rest | None = self
        while rest is not None:
            yield from statements(rest.body[rest.index :])
            rest = rest.parent

    def temps_read(self) -> set[int]:
        """The temporaries that it reads."""
        terms = (term for s in self.statements() for term in terms_of(s))
        return leaves_of(terms, Op.TEMP)

    def temps_used(self, known: dict[int, int]) -> set[int]:
        """Those of the temporaries `known` that it reads or writes."""
        temps = {s.temp.value for s in self.statements() if isinstance(s, Let | Choose)}
        return (temps | self.temps_read()) & known.keys()


@dataclass(slots=True)
class Scope:
    """What is known at one place of the generated code.

    `loaded` cells have a local, `assigned` ones may differ from the state's; of those
    in `fixed` the value is known.
    """

    loaded: set[int] = field(default_factory=set)
    assigned: set[int] = field(default_factory=set)
    fixed: dict[int, int] = field(default_factory=dict)

    def copy(self) -> Scope:
        """The same knowledge, to go on with in a branch."""
        return Scope(set(self.loaded), set(self.assigned), dict(self.fixed))

    def join(self, then: Scope, orelse: Scope) -> None:
        """Know what is known at the end of both branches."""
        self.loaded = then.loaded & orelse.loaded
        self.assigned = then.assigned | orelse.assigned
        self.fixed = dict(then.fixed.items() & orelse.fixed.items())


class BodyWriter:
    """Writes one body as a function `name`, with its continuations behind it.

    Subclasses say what happens at the end of a path and where a check fails.
    `failures` collects the checks; generated code names them by their number in it.
    """

    arguments: tuple[str, ...] = ("s",)

    def __init__(self, packing: Packing, name: str, body: Body) -> None:
        self.packing = packing
        self.name = name
        self.body = body
        self.lines: list[str] = []
        self.failures: list[Assert] = []
        self._branchings = branchings(body)
        self._temps = _temps(body)
        self._waiting: list[_Rest] = []
        self._continuations = 0
        self.scope = Scope()
        self._depth = 1
        self._terms = TermWriter(self._leaf, self.emit)

    def source(self) -> str:
        """The text of the function and its continuations."""
        first = _Rest(self.body, 0, None, self.name)
        self._waiting.append(first)
        while self._waiting:
            self._function(self._waiting.pop())
        return "\n".join(self.lines) + "\n"

    def emit(self, line: str) -> None:
        """Add a line at the present indentation."""
        self.lines.append(" " * self._depth + line)

    def expression(self, term: Term) -> str:
        """An expression for `term`, after the lines that it needs."""
        return self._terms.write(term)

    # What subclasses decide.

    def load(self, cell: int) -> str:
        """The value of `cell` in the state that the function is given."""
        return self.read(cell, "s")

    def read(self, cell: int, state: str) -> str:
        """The value of `cell` in the packed state called `state`."""
        place = self.packing.fields[cell]
        if not place.width:
            return str(place.lo)
        shifted = f"{state} >> {place.shift}" if place.shift else state
        text = f"{shifted} & {place.mask}"
        return f"({text}) + {place.lo}" if place.lo else text

    def end(self) -> None:
        """Write what happens at the end of a path."""
        raise NotImplementedError

    def fail(self, number: int) -> None:
        """Write what happens where check `number` fails; it must end the path."""
        raise NotImplementedError

    def cut(self) -> None:
        """Write what is noted where an assumption ends the path."""

    def call(self, text: str) -> None:
        """Write the call of a continuation."""
        self.emit(text)

    # Functions and their continuations.

    def _function(self, rest: _Rest) -> None:
        cells = [f"c{cell}" for cell in rest.cells]
        temps = [f"t{temp}" for temp in rest.temps]
        arguments = (*self.arguments, *cells, *temps)
        self.lines.append(f"def {rest.name}({', '.join(arguments)}):")
        self._depth = 1
        for temp in sorted(rest.temps_used(self._temps) - set(rest.temps)):
            # Bound from the start, within its interval: it may be passed on, or read
            # hastily, where no path has set it.
            self.emit(f"t{temp} = {self._temps[temp]}")
        self.scope = Scope(set(rest.cells), set(rest.cells))
        self._path(_Rest(rest.body, rest.index, rest.parent))

    def _continue_with(self, rest: _Rest, assigned: set[int]) -> _Rest:
        """Make `rest` a function, if it is not one yet."""
        if not rest.name:
            self._continuations += 1
            rest.name = f"{self.name}_{self._continuations}"
            rest.cells = tuple(sorted(assigned))
            rest.temps = tuple(sorted(rest.temps_read() | self.result_temps()))
            self._waiting.append(rest)
        return rest

    def result_temps(self) -> set[int]:
        """The temporaries that `end()` reads."""
        return set()

    def _call(self, rest: _Rest) -> None:
        for cell in rest.cells:
            self._need(cell)
        cells = [f"c{cell}" for cell in rest.cells]
        temps = [f"t{temp}" for temp in rest.temps]
        self.call(f"{rest.name}({', '.join((*self.arguments, *cells, *temps))})")

    # Paths: statements in tail position.

    def _path(self, rest: _Rest | None) -> None:
        """Write all of `rest`, to the end of the path."""
        while rest is not None:
            if rest.name:
                self._call(rest)
                return
            if rest.index == len(rest.body):
                rest = rest.parent
                continue
            statement = rest.body[rest.index]
            if isinstance(statement, If) and self._branchings[id(statement)].is_split:
                self._split(statement, rest)
                return
            rest = _Rest(rest.body, rest.index + 1, rest.parent, "")
            if isinstance(statement, Choose):
                self._choose(statement, rest)
                return
            self._statement(statement)
        self.end()

    def _choose(self, choose: Choose, rest: _Rest) -> None:
        temp = choose.temp
        among = None if choose.among is None else self.expression(choose.among)
        name = "_" if temp.is_const else f"t{temp.value}"
        rest = self._continue_with(rest, self.scope.assigned)
        if among is not None:
            self.emit(f"among = {among}")
        for cell in rest.cells:
            self._need(cell)
        self.emit(f"for {name} in range({temp.lo}, {temp.hi + 1}):")
        self._depth += 1
        if among is not None:
            self.emit(f"if among >> {temp.lo if temp.is_const else name} & 1:")
            self._depth += 1
        self._call(rest)

    def _split(self, statement: If, rest: _Rest) -> None:
        if self._depth > MOST_INDENTED:
            self._call(self._continue_with(rest, self.scope.assigned))
            return
        after: _Rest | None = _next(rest)
        if after is not None and not after.name:
            inside = self._branchings[id(statement)].assigned
            self._continue_with(after, self.scope.assigned | inside)
        cond = self.expression(statement.cond)
        scope, depth = self.scope, self._depth
        for line, body in (
            (f"if {cond}:", statement.then),
            ("else:", statement.orelse),
        ):
            self._depth = depth
            self.emit(line)
            self._depth += 1
            self.scope = scope.copy()
            self._path(_Rest(body, 0, after))
        self._depth = depth

    # Statements that are not the end of anything.

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Assign(cell, term):
                self._assign(cell, term)
            case Let(temp, term):
                if not temp.is_const:
                    self.emit(f"t{temp.value} = {self.expression(term)}")
            case If():
                self._if(statement)
            case Require(cond, is_assumption=is_assumption):
                self.emit(f"if not {self.expression(cond)}:")
                self._depth += 1
                if is_assumption:
                    self.cut()
                self.emit("return")
                self._depth -= 1
            case Assert(cond):
                self.emit(f"if not {self.expression(cond)}:")
                self._depth += 1
                self.failures.append(statement)
                self.fail(len(self.failures) - 1)
                self._depth -= 1
            case Mark():
                pass
            case _:
                message = f"{type(statement).__name__} in the body of a step"
                raise TypeError(message)

    def _assign(self, cell: int, term: Term) -> None:
        text = self.expression(term)
        scope = self.scope
        scope.loaded.add(cell)
        scope.assigned.add(cell)
        if term.is_const:
            scope.fixed[cell] = term.value
        else:
            scope.fixed.pop(cell, None)
        self.emit(f"c{cell} = {text}")

    def _if(self, statement: If) -> None:
        cond = self.expression(statement.cond)
        for cell in sorted(self._branchings[id(statement)].assigned):
            self._need(cell)
        before, depth = self.scope, self._depth
        ends: list[Scope] = []
        for line, body in (
            (f"if {cond}:", statement.then),
            ("else:", statement.orelse),
        ):
            self.scope = before.copy()
            if body:
                self._depth = depth
                self.emit(line)
                self._depth += 1
                for inner in body:
                    self._statement(inner)
                self.emit("pass")
            elif line != "else:":
                self.emit(f"{line} pass")
            ends.append(self.scope)
        self.scope, self._depth = before, depth
        before.join(*ends)

    # Cells and temporaries.

    def _need(self, cell: int) -> None:
        if cell not in self.scope.loaded:
            self.scope.loaded.add(cell)
            self.emit(f"c{cell} = {self.load(cell)}")

    def _leaf(self, term: Term) -> str:
        match term.op:
            case Op.CONST:
                return str(term.value) if term.value >= 0 else f"({term.value})"
            case Op.CELL:
                self._need(term.value)
                return f"c{term.value}"
            case Op.TEMP:
                return f"t{term.value}"
        return self.next_cell(term.value)

    def next_cell(self, cell: int) -> str:
        """The value of `cell` after the step; only in a transition property."""
        message = f"a NEXT term (cell {cell}) outside a transition property"
        raise TypeError(message)


def _next(rest: _Rest) -> _Rest | None:
    """What follows the first statement of `rest`; None if nothing does."""
    after = _Rest(rest.body, rest.index + 1, rest.parent)
    node: _Rest | None = after
    while node is not None and not node.name and node.index == len(node.body):
        node = node.parent
    return node


def _temps(body: Body) -> dict[int, int]:
    """The temporaries that `body` writes, each with a value of its interval."""
    terms = [s.temp for s in statements(body) if isinstance(s, Let | Choose)]
    return {t.value: min(max(t.lo, 0), t.hi) for t in terms if not t.is_const}
