"""Assembly: the segments of a process become its locations, cells and steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelcheck.model import terms as t
from modelcheck.model.fuse import is_local
from modelcheck.model.program import (
    EVALUATION,
    Kind,
    Location,
    Process,
    Property,
    Role,
    Step,
)
from modelcheck.model.segments import START, Segment, live
from modelcheck.model.simplify import simplify
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Check,
    If,
    Jump,
    Let,
    Span,
    Statement,
)
from modelcheck.model.terms import Term
from modelcheck.model.types import IntType
from modelcheck.reader.builder import Names
from modelcheck.reader.methods import Method
from modelcheck.reader.storage import Storage
from modelcheck.reader.values import Value


@dataclass(slots=True)
class Draft:
    """The parts of a model that grow while a spec is read."""

    names: Names
    storage: Storage = field(default_factory=Storage)
    processes: list[Process] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    init: list[Statement] = field(default_factory=list)

    def add_step(
        self,
        actor: str,
        method: Method,
        body: Body,
        at: tuple[int, int] | None,
        span: Span,
    ) -> None:
        """Append a step."""
        index = len(self.steps)
        self.steps.append(Step(index, actor, method.name, body, at, span))


class Assembly:
    """Turns the segments of one process into locations, cells and steps."""

    def __init__(
        self,
        draft: Draft,
        number: int,
        actor: str,
        method: Method,
        arguments: list[Value],
        segments: list[Segment],
    ) -> None:
        self.draft = draft
        self.number = number
        self.actor = actor
        self.method = method
        self.arguments = tuple(
            (each.type_, tuple(leaf.value for leaf in each.shape.leaves()))
            for each in arguments
        )
        self.segments = segments
        self.live = live(segments)
        self.saved: dict[Term, int] = {}
        self.pc = 0

    def run(self) -> None:
        """Add the process, its variables and its steps to the draft."""
        storage = self.draft.storage
        end = len(self.segments) - 1
        pc = storage.variable(
            f"{self.actor}.pc", IntType(0, end), Role.PC, self.actor, self.method.span
        )
        assert pc.cells.leaf is not None
        self.pc = pc.cells.leaf
        self._save_temporaries()
        waits = [segment.wait for segment in self.segments]
        locations = tuple(
            Location(i, wait.kind, wait.label, wait.lock, wait.span, self._cells(i))
            for i, wait in enumerate(waits)
        )
        self.draft.processes.append(
            Process(
                self.actor,
                self.method.name,
                self.number,
                self.pc,
                locations,
                end,
                self.method.options.is_daemon,
                self.method.span,
                self.arguments,
            )
        )
        first = self.segments[START]
        if is_local(first):
            self.draft.init.extend(self._ending(START, first.body))
        else:
            self.draft.init.append(Assign(self.pc, t.const(START)))
        for number, segment in enumerate(self.segments[:-1]):
            if number != START or not is_local(first):
                self._step(number, segment)

    def _save_temporaries(self) -> None:
        needed = sorted(frozenset().union(*self.live), key=lambda temp: temp.value)
        used: dict[str, int] = {}
        for temp in needed:
            title, type_ = self.draft.names.titles.get(temp.value, ("", None))
            name = f"{self.actor}.{title or 'value'}"
            used[name] = used.get(name, 0) + 1
            if used[name] > 1:
                name = f"{name}#{used[name]}"
            storage = self.draft.storage
            variable = storage.temporary(name, temp, type_, self.actor)
            assert variable.cells.leaf is not None
            self.saved[temp] = variable.cells.leaf

    def _cells(self, number: int) -> frozenset[int]:
        """The cells of the temporaries that are live behind suspension `number`."""
        return frozenset(self.saved[temp] for temp in self.live[number])

    def _step(self, number: int, segment: Segment) -> None:
        restore: list[Statement] = [
            Let(temp, self.draft.storage.cells[self.saved[temp]].now)
            for temp in sorted(self.live[number], key=lambda temp: temp.value)
        ]
        body = simplify((*restore, *self._ending(number, segment.body)))
        at, span = (self.pc, number), segment.wait.span
        self.draft.add_step(self.actor, self.method, body, at, span)

    def _ending(self, number: int, body: Body) -> Body:
        """`body` with its jumps replaced by assignments to the pc and saved locals."""
        out: list[Statement] = []
        for statement in body:
            match statement:
                case Jump(location):
                    out.extend(self._jump(number, location))
                case If(cond, then, orelse):
                    then = self._ending(number, then)
                    out.append(If(cond, then, self._ending(number, orelse)))
                case _:
                    out.append(statement)
        return tuple(out)

    def _jump(self, number: int, location: int) -> Iterator[Statement]:
        after = self.live[location]
        for temp, cell in self.saved.items():
            if temp in after:
                yield Assign(cell, temp)
            elif temp in self.live[number]:
                low = min(max(temp.lo, 0), temp.hi)
                yield Assign(cell, t.constant_of(temp.sort, low, temp.hi))
        yield Assign(self.pc, t.const(location))


def checks_of(steps: list[Step]) -> list[Property]:
    """One property for each `assert` of the steps, and one for all other checks."""
    found: dict[Span, Assert] = {}
    has_others = False
    for step in steps:
        for check in _asserts(step.body):
            if check.check is Check.ASSERT:
                found.setdefault(check.span, check)
            else:
                has_others = True
    properties = []
    names: dict[str, int] = {}
    for span, check in sorted(found.items()):
        name = f"assert_{check.function}_{span.line}"
        # Two on one line, or in two files: all that is said of a property is by name.
        count = names[name] = names.get(name, 0) + 1
        name += f"_{count}" if count > 1 else ""
        doc = check.message
        properties.append(Property(name, Kind.ASSERTION, (), t.TRUE, doc, span=span))
    if has_others:
        doc = (
            "No value leaves its range, no key or element is missing, no list is full."
        )
        properties.append(Property(EVALUATION, Kind.ASSERTION, (), t.TRUE, doc))
    return properties


def _asserts(body: Body) -> Iterator[Assert]:
    stack: list[Statement] = list(body)
    while stack:
        top = stack.pop()
        match top:
            case Assert():
                yield top
            case If(_, then, orelse):
                stack.extend((*then, *orelse))
