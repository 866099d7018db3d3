"""A model's steps and properties as Python functions on packed states.

Each is generated and compiled when it is first asked for: most models have steps that
a search never meets, and those cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from modelcheck.explore.bodies import Footprint, footprint, statements
from modelcheck.explore.codegen import MOST_SUMMANDS, BodyWriter
from modelcheck.explore.expressions import leaves_of
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Model, Property, Step
from modelcheck.model.statements import Assert, Assign, Body
from modelcheck.model.terms import Op, Term

StepFunction = Callable[[int, list[int], list[int]], None]
"""Appends to the second argument a delta for each successor, to the third the number of
each check that fails, or `CUT`."""

StateFunction = Callable[[int], object]
"""The value of an invariant, a goal or a constraint in a state; false if None."""

ValueFunction = Callable[[int], int]
"""The value of a term in a state."""

PairFunction = Callable[[int, int], object]
"""The value of a transition property from one state to the next."""

CUT = -1
"""Stands among the numbers of failed checks for a path that an assumption cut off."""


class CheckFailed(Exception):  # noqa: N818 - an event inside the engine, not an error
    """A check inside a property failed."""

    def __init__(self, failed: Assert) -> None:
        super().__init__(failed.message)
        self.failed = failed


class RangeExceeded(Exception):  # noqa: N818 - says what happened to the cell
    """A step assigned a value outside a cell's range without a check: our mistake."""


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step's function, and the checks that it names by number."""

    run: StepFunction
    checks: tuple[Assert, ...]


class Compiled:
    """The functions of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.packing = Packing(model)
        self._steps: dict[int, CompiledStep] = {}

    def step(self, step: Step) -> CompiledStep:
        """The function that appends the successors of a state in which `at` holds."""
        found = self._steps.get(step.index)
        if found is None:
            writer = StepWriter(self.packing, step)
            run = self._function(writer, f"{step.actor}: {step.name}")
            checks = tuple(writer.failures)
            found = CompiledStep(cast(StepFunction, run), checks)
            self._steps[step.index] = found
        return found

    def initial(self) -> CompiledStep:
        """The function that appends the packed initial states; its state is ignored."""
        writer = _InitialWriter(self.packing, "initial", self.model.init)
        run = self._function(writer, "initial states")
        return CompiledStep(cast(StepFunction, run), tuple(writer.failures))

    def state_property(self, prop: Property) -> StateFunction:
        """The function that evaluates `prop` in a state."""
        writer = _StateWriter(self.packing, prop.body, prop.result)
        return cast(StateFunction, self._function(writer, prop.name))

    def value(self, body: Body, result: Term) -> ValueFunction:
        """The function that gives the value of `result`, behind `body`, in a state."""
        writer = _StateWriter(self.packing, body, result)
        return cast(ValueFunction, self._function(writer, "value"))

    def pair_property(self, prop: Property) -> PairFunction:
        """The function that evaluates the transition property `prop`."""
        writer = _PairWriter(self.packing, prop.body, prop.result)
        return cast(PairFunction, self._function(writer, prop.name))

    def is_rest(self) -> StateFunction:
        """The function that says whether a state may be without successors."""
        writer = _StateWriter(self.packing, (), self.model.is_rest)
        return cast(StateFunction, self._function(writer, "is_rest"))

    def footprint(self, step: Step) -> Footprint:
        """The cells that `step` touches, without the pc that `at` has fixed."""
        found = footprint(step.body)
        if step.at is None:
            return found
        own = {step.at[0]}
        return Footprint(found.reads - own, found.nexts, found.writes - own)

    def _function(self, writer: BodyWriter, label: str) -> Callable[..., object]:
        def failed(number: int) -> CheckFailed:
            return CheckFailed(writer.failures[number])

        namespace: dict[str, object] = {
            "failed": failed,
            "RangeExceeded": RangeExceeded,
        }
        code = compile(writer.source(), f"<{self.model.name}: {label}>", "exec")
        exec(code, namespace)  # noqa: S102 - the source is ours, made from terms
        return cast(Callable[..., object], namespace[writer.name])


class StepWriter(BodyWriter):
    """Writes a step: a path's end appends the exclusive or of old and new state."""

    arguments = ("s", "out", "bad")

    def __init__(self, packing: Packing, step: Step) -> None:
        super().__init__(packing, f"step{step.index}", step.body)
        self.at = {} if step.at is None else {step.at[0]: step.at[1]}
        self.escaping = frozenset(_escaping(packing, step.body))

    def load(self, cell: int) -> str:
        """The value of `cell`; the pc is known."""
        if cell in self.at:
            return str(self.at[cell])
        return super().load(cell)

    def fail(self, number: int) -> None:
        """Note which check failed."""
        self.emit(f"bad.append({number})")
        self.emit("return")

    def cut(self) -> None:
        """Note that an assumption cut a path off."""
        self.emit(f"bad.append({CUT})")

    def end(self) -> None:
        """Append how the state changes."""
        replaced = 0
        flipped = 0
        rest: dict[int, int | None] = {}
        for cell in sorted(self.scope.assigned):
            value = self.scope.fixed.get(cell)
            field = self.packing.fields[cell]
            if cell in self.at and value is not None:
                flipped ^= (self.at[cell] - field.lo ^ value - field.lo) << field.shift
            else:
                replaced |= field.bits
                rest[cell] = value
            self._check(cell, value)
        new = self.packed(rest, flipped)
        self.emit(
            f"out.append(s & {replaced} ^ {new})" if replaced else f"out.append({new})"
        )

    def packed(self, cells: dict[int, int | None], constant: int) -> str:
        """The sum of `constant` and the fields of `cells`, where known with values."""
        parts: list[str] = []
        for cell, value in cells.items():
            field = self.packing.fields[cell]
            if not field.width:
                continue
            if value is None:
                parts.append(f"(c{cell} << {field.shift})")
                constant -= field.lo << field.shift
            else:
                constant += (value - field.lo) << field.shift
        while len(parts) > MOST_SUMMANDS:
            self.emit(f"d = {' + '.join(parts[:MOST_SUMMANDS])}")
            parts = ["d", *parts[MOST_SUMMANDS:]]
        return f"({' + '.join([*parts, f'({constant})'])})"

    def _check(self, cell: int, value: int | None) -> None:
        """Stop a value that has no place in its field before it spoils another's."""
        field = self.packing.fields[cell]
        if cell not in self.escaping or (
            value is not None and field.lo <= value <= field.hi
        ):
            return
        name = self.packing.model.cells[cell].name
        self.emit(f"if not {field.lo} <= c{cell} <= {field.hi}:")
        self.emit(f" raise RangeExceeded({f'{name} in {self.name}'!r})")


class _InitialWriter(StepWriter):
    """Writes the initial states: all cells are known, and a path's end packs them."""

    def __init__(self, packing: Packing, name: str, body: Body) -> None:
        BodyWriter.__init__(self, packing, name, body)
        self.at = dict(enumerate(packing.model.zero))
        self.escaping = frozenset(_escaping(packing, body))

    def end(self) -> None:
        """Append the packed state."""
        cells: dict[int, int | None] = dict(self.at)
        for cell in sorted(self.scope.assigned):
            cells[cell] = self.scope.fixed.get(cell)
            self._check(cell, cells[cell])
        self.emit(f"out.append({self.packed(cells, 0)})")


class _StateWriter(BodyWriter):
    """Writes a property of states: the first path that ends gives the value."""

    def __init__(self, packing: Packing, body: Body, result: Term) -> None:
        super().__init__(packing, "holds", body)
        self.result = result

    def result_temps(self) -> set[int]:
        """The temporaries in the result."""
        return leaves_of([self.result], Op.TEMP)

    def end(self) -> None:
        """Return the value."""
        self.emit(f"return {self.expression(self.result)}")

    def fail(self, number: int) -> None:
        """Raise: the property has no value."""
        self.emit(f"raise failed({number})")

    def call(self, text: str) -> None:
        """Return what the continuation returns, unless no path of it ends."""
        self.emit(f"value = {text}")
        self.emit("if value is not None: return value")


class _PairWriter(_StateWriter):
    """Writes a transition property: NEXT terms read the packed state `n`."""

    arguments = ("s", "n")

    def next_cell(self, cell: int) -> str:
        """The value of `cell` in the state after the step."""
        return f"({self.read(cell, 'n')})"


def _escaping(packing: Packing, body: Body) -> set[int]:
    """The cells to which `body` assigns a term that may leave the cell's range."""
    return {
        s.cell
        for s in statements(body)
        if isinstance(s, Assign)
        and not packing.fields[s.cell].lo
        <= s.term.lo
        <= s.term.hi
        <= packing.fields[s.cell].hi
    }
