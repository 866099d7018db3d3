"""Bodies of steps as LLVM code: one pass over the statements, lanes masked.

A body is run for a whole group of states. An `If` runs both branches, each in its lanes
(and jumps over a long one that no lane takes); values that differ are selected where
the branches meet. A `Choose` opens a loop over its values around *everything* behind
it. Lanes in the branch where it stands go through the loop for each value they may
take, other lanes once, with the first; these lanes are the loop's *gate*. So nothing is
written twice, however the choices are nested. Where no lane is left, it is not run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from modelcheck.explore.bodies import (
    has_choose,
    statements,
    written,
    written_cells,
    written_temps,
)
from modelcheck.explore.native.assembly import Function
from modelcheck.explore.native.cells import Cells
from modelcheck.explore.native.counting import BodyCounter
from modelcheck.explore.native.folding import Folding
from modelcheck.explore.native.lanes import WORD
from modelcheck.explore.native.plan import HEAVY, weight
from modelcheck.explore.native.terms import TermWriter, width
from modelcheck.model.statements import (
    COUNTED,
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
)
from modelcheck.model.terms import Op, Sort, Term


@dataclass(slots=True)
class Group:
    """The states that a body runs on: their words, places in the batch, and lanes.

    `lanes` is the mask of those that count, `length` their number.
    """

    words: list[str]
    places: str
    lanes: str
    length: str


@dataclass(frozen=True, slots=True)
class Events:
    """What a body does besides making successors; each gets the mask of its lanes."""

    failed: Callable[[Group, Assert, str], None]
    cut: Callable[[Group, str], None]
    escaped: Callable[[], None]
    successor: Callable[[Group, Successor], None]


@dataclass(frozen=True, slots=True)
class Successor:
    """The end of a path: its lanes, what it wrote, and what is known about it."""

    lanes: str
    values: Mapping[int, str]
    constants: Mapping[int, int]
    is_other: bool


@dataclass(slots=True)
class _Frame:
    """What a path has come to: its lanes, and the cells and temporaries it wrote."""

    lanes: str
    folding: Folding
    cells: dict[int, str] = field(default_factory=dict)
    temps: dict[int, str] = field(default_factory=dict)

    def branch(self, lanes: str) -> _Frame:
        """A copy to go on with in a branch."""
        folding = self.folding.copy()
        return _Frame(lanes, folding, dict(self.cells), dict(self.temps))


class BodyWriter:
    """Writes one body for one group."""

    def __init__(
        self,
        f: Function,
        cells: Cells,
        group: Group,
        known: Mapping[int, int],
        events: Events,
    ) -> None:
        self.f = f
        self.cells = cells
        self.lanes = cells.lanes
        self.group = group
        self.known = known
        self.events = events
        self.terms = TermWriter(f, cells.lanes, self._leaf)
        self.gates: list[str] = []
        self.passing = group.lanes
        self.loops = ExitStack()
        self.frame = _Frame(group.lanes, Folding.of_cells(cells.model, known))
        self.loaded: dict[int, str] = {}
        self.counter: BodyCounter | None = None
        self._depth = 0

    def run(self, conds: tuple[Term, ...], body: Body) -> None:
        """Write `body` behind the conditions, and what happens at its end."""
        with self.loops:
            mask = self.frame.lanes
            for cond in conds:
                mask = self.lanes.both(self.f, mask, self.write(cond))
            self.frame.lanes = self.passing = mask
            if conds and weight(body) >= HEAVY and not has_choose(body):
                with self.f.when(self.lanes.any(self.f, mask)):
                    self._finish(body)
            else:
                self._finish(body)

    def _finish(self, body: Body) -> None:
        self._body(body)
        frame = self.frame
        self._check_ranges(body)
        is_other = any(
            self._is_changed(cell, self.frame.folding.cell(cell))
            for cell in frame.cells
        )
        known = {cell: frame.folding.cell(cell) for cell in frame.cells}
        constants = {cell: value for cell, value in known.items() if value is not None}
        self._count(frame.lanes)
        end = Successor(frame.lanes, frame.cells, constants, is_other)
        self.events.successor(self.group, end)

    def _count(self, lanes: str) -> None:
        """Let the paths that end in `lanes` count, if anything is counted."""
        if self.counter is not None and lanes != self.lanes.const(1, 0):
            with self.f.when(self.lanes.any(self.f, lanes)):
                self.counter.count(lanes)

    def _is_changed(self, cell: int, value: int | None) -> bool:
        return value is not None and self.known.get(cell, value) != value

    # Terms.

    def write(self, term: Term) -> str:
        """The value of `term` at this point."""
        return self.terms.write(self.frame.folding.fold(term))

    def written(self, term: Term, bits: int) -> str:
        """The value of `term` at this point, in `bits` bits."""
        folded = self.frame.folding.fold(term)
        value = self.terms.write(folded)
        return self.terms.resize(value, width(folded), bits, folded.sort)

    def _leaf(self, term: Term) -> str:
        frame = self.frame
        if term.op is Op.TEMP:
            found = frame.temps.get(term.value)
            if found is None:
                # Read in lanes where no path has set it: any value will do.
                return self.lanes.const(width(term), min(max(term.lo, 0), term.hi))
            return found
        return self._cell(frame, term.value)

    def _cell(self, frame: _Frame, cell: int) -> str:
        """The value of a cell at this point."""
        if cell in frame.cells:
            return frame.cells[cell]
        if cell in self.known:
            return self.lanes.const(self.cells.bits(cell), self.known[cell])
        if cell not in self.loaded:
            value = self.cells.read(self.f, self.group.words, cell)
            self.loaded[cell] = value
        return self.loaded[cell]

    # Statements.

    def _body(self, body: Body) -> None:
        for statement in body:
            if self.counter is not None and isinstance(statement, _PARTING):
                self.counter.part()
            match statement:
                case Assign(cell, term):
                    value = self.written(term, self.cells.bits(cell))
                    self.frame.cells[cell] = value
                    scalar = self.cells.model.cells[cell]
                    self._bind(scalar.now, term)
                case Let(temp, term):
                    if temp.op is Op.TEMP:
                        self.frame.temps[temp.value] = self.written(term, width(temp))
                        self._bind(temp, term)
                case If():
                    self._if(statement)
                case Require(cond, is_assumption=is_assumption):
                    self._require(cond, is_assumption=is_assumption)
                case Assert(cond):
                    self._assert(statement)
                case Choose():
                    self._choose(statement)
                case Mark(kind):
                    if self.counter is not None and kind in COUNTED:
                        self.counter.passes(statement, self.frame.lanes)
                case _:
                    message = f"{type(statement).__name__} in the body of a step"
                    raise TypeError(message)

    def _bind(self, leaf: Term, term: Term) -> None:
        """Note that `leaf` has the value of `term` now."""
        self.frame.folding.bind(leaf, term)
        self.terms.forget([(leaf.op, leaf.value)])

    def _require(self, cond: Term, *, is_assumption: bool) -> None:
        frame = self.frame
        value = self.write(cond)
        if is_assumption:
            no = self.lanes.negate(self.f, value)
            self.events.cut(self.group, self.lanes.both(self.f, frame.lanes, no))
        frame.lanes = self.lanes.both(self.f, frame.lanes, value)

    def _assert(self, statement: Assert) -> None:
        frame = self.frame
        value = self.write(statement.cond)
        if value == self.lanes.const(1, 1):
            return
        no = self.lanes.negate(self.f, value)
        mask = self.lanes.both(self.f, frame.lanes, no)
        self._count(mask)
        self.events.failed(self.group, statement, mask)
        frame.lanes = self.lanes.both(self.f, frame.lanes, value)

    def _check_ranges(self, body: Body) -> None:
        """Stop a value that has no place in its field before it spoils another's."""
        for cell, value in self.frame.cells.items():
            scalar = self.cells.model.cells[cell].range
            if scalar.sort is not Sort.INT or all(
                scalar.lo <= s.term.lo and s.term.hi <= scalar.hi
                for s in statements(body)
                if isinstance(s, Assign) and s.cell == cell
            ):
                continue
            bits = self.cells.bits(cell)
            type_ = self.lanes.type_(bits)
            low = self.lanes.const(bits, scalar.lo)
            high = self.lanes.const(bits, scalar.hi)
            below = self.f.let(f"icmp slt {type_} {value}, {low}")
            above = self.f.let(f"icmp sgt {type_} {value}, {high}")
            wrong = self.lanes.either(self.f, below, above)
            wrong = self.lanes.both(self.f, wrong, self.frame.lanes)
            with self.f.when(self.lanes.any(self.f, wrong), rarely=True):
                self.events.escaped()

    # Branches.

    def _if(self, statement: If) -> None:
        cond = self.write(statement.cond)
        if cond in (self.lanes.const(1, 0), self.lanes.const(1, 1)):
            is_true = cond == self.lanes.const(1, 1)
            self._body(statement.then if is_true else statement.orelse)
            self._part()
            return
        before, gates = self.frame, len(self.gates)
        yes = self.lanes.both(self.f, before.lanes, cond)
        then = self._branch(statement.then, before, yes)
        no = self.lanes.negate(self.f, cond)
        no = self.lanes.both(self.f, before.lanes, no)
        orelse = self._branch(statement.orelse, before, self._gated(no, gates))
        is_whole = then.lanes == yes and orelse.lanes == no
        is_whole = is_whole and len(self.gates) == gates
        whole = before.lanes if is_whole else ""
        then.lanes = self._gated(then.lanes, gates)
        self._join(cond, before, then, orelse)
        if whole:
            self.frame.lanes = whole
        self.terms.forget(written((*statement.then, *statement.orelse)))

    def _gated(self, lanes: str, since: int) -> str:
        """`lanes`, computed before the gates from number `since` on were passed."""
        for gate in self.gates[since:]:
            lanes = self.lanes.both(self.f, lanes, gate)
        return lanes

    def _branch(self, body: Body, before: _Frame, lanes: str) -> _Frame:
        """Write a branch; the frame at its end."""
        frame = before.branch(lanes)
        if not body:
            return frame
        memo = dict(self.terms.memo)
        self.frame = frame
        self._depth += 1
        if weight(body) < HEAVY or has_choose(body):
            self._body(body)
        else:
            self._jump_over(body, before)
        self._part()
        self.frame = before
        self._depth -= 1
        self.terms.memo = memo
        return frame

    def _part(self) -> None:
        """A branch begins or ends here, which not all paths take."""
        if self.counter is not None:
            self.counter.part()

    def _jump_over(self, body: Body, before: _Frame) -> None:
        """Write a branch that is left out where no lane takes it."""
        frame = self.frame
        start_lanes = frame.lanes
        starts = {c: self._cell(before, c) for c in sorted(written_cells(body))}
        loaded = dict(self.loaded)
        since = 0 if self.counter is None else self.counter.position()
        taken, behind = self.f.label("taken"), self.f.label("behind")
        cond = self.lanes.any(self.f, frame.lanes)
        start = self.f.block
        self.f.branch(cond, taken, behind)
        self.f.begin(taken)
        self._body(body)
        end = self.f.block
        self.f.begin(behind)
        self.loaded = loaded
        if self.counter is not None:
            no = self.lanes.const(1, 0)
            self.counter.join(
                since, lambda lanes: self._phi(1, (no, start), (lanes, end))
            )
        frame.lanes = self._phi(1, (start_lanes, start), (frame.lanes, end))
        for cell, value in frame.cells.items():
            old = before.cells.get(cell) or starts[cell]
            bits = self.cells.bits(cell)
            frame.cells[cell] = self._phi(bits, (old, start), (value, end))
        for leaf in written_temps(body):
            if leaf.value in frame.temps:
                bits = width(leaf)
                default = self.lanes.const(bits, min(max(leaf.lo, 0), leaf.hi))
                old = before.temps.get(leaf.value, default)
                value = frame.temps[leaf.value]
                frame.temps[leaf.value] = self._phi(bits, (old, start), (value, end))

    def _phi(self, bits: int, *sources: tuple[str, str]) -> str:
        if len({value for value, _ in sources}) == 1:
            return sources[0][0]
        pairs = ", ".join(f"[ {value}, %{block} ]" for value, block in sources)
        return self.f.let(f"phi {self.lanes.type_(bits)} {pairs}")

    def _join(self, cond: str, before: _Frame, then: _Frame, orelse: _Frame) -> None:
        """Go on behind both branches."""
        frame = self.frame = before
        frame.lanes = self.lanes.either(self.f, then.lanes, orelse.lanes)
        for cell in sorted({*then.cells, *orelse.cells}):
            bits = self.cells.bits(cell)
            one = self._cell(then, cell)
            two = self._cell(orelse, cell)
            frame.cells[cell] = self.lanes.choose(self.f, cond, one, two, bits)
        frame.folding = then.folding.common(orelse.folding)
        frame.temps = self._join_temps(cond, then, orelse)

    def _join_temps(self, cond: str, then: _Frame, orelse: _Frame) -> dict[int, str]:
        """The temporaries; one that only one branch has is read only there."""
        found = {**orelse.temps, **then.temps}
        for temp in then.temps.keys() & orelse.temps.keys():
            one, two = then.temps[temp], orelse.temps[temp]
            if one != two:
                bits = then.folding.bits[temp]
                found[temp] = self.lanes.choose(self.f, cond, one, two, bits)
        return found

    # Choices.

    def _choose(self, choose: Choose) -> None:
        frame, temp, lanes = self.frame, choose.temp, self.lanes
        among = None if choose.among is None else self.frame.folding.fold(choose.among)
        members = None if among is None else self.terms.write(among)
        counter = self.loops.enter_context(self.f.loop(temp.lo, temp.hi + 1))
        chosen = lanes.spread(self.f, counter, WORD)
        allowed = lanes.const(1, 1)
        if among is not None and members is not None:
            allowed = self._is_member(members, width(among), counter)
        is_first = self.f.let(f"icmp eq i64 {counter}, {temp.lo}")
        once = lanes.spread(self.f, is_first, 1)
        gate = lanes.choose(self.f, frame.lanes, allowed, once, 1)
        self.gates.append(gate)
        if self._depth:
            # Without this, loops in branches that no lane takes would multiply.
            self.passing = lanes.both(self.f, self.passing, gate)
            self.loops.enter_context(self.f.when(lanes.any(self.f, self.passing)))
        frame.lanes = lanes.both(self.f, frame.lanes, allowed)
        if self.counter is not None:
            self.counter.chooses(choose, counter, frame.lanes)
        if not self._depth and among is not None:
            # No other lanes are waiting: a value that nobody may take is left out.
            is_taken = lanes.any(self.f, frame.lanes)
            self.loops.enter_context(self.f.when(is_taken))
        if temp.op is Op.TEMP:
            bits = width(temp)
            value = self.terms.resize(chosen, WORD, bits, Sort.INT)
            frame.temps[temp.value] = value
            self._bind(temp, temp)

    def _is_member(self, members: str, bits: int, counter: str) -> str:
        """Whether the number `counter` is in the sets `members`."""
        type_ = self.lanes.type_(bits)
        # A universe smaller than the interval: what is outside is no member.
        limit = self.f.let(f"icmp ult i64 {counter}, {bits}")
        index = self.f.let(f"select i1 {limit}, i64 {counter}, i64 0")
        if bits > WORD:
            index = self.f.let(f"zext i64 {index} to i{bits}")
        shift = self.lanes.spread(self.f, index, bits)
        shifted = self.f.let(f"lshr {type_} {members}, {shift}")
        bit = self.f.let(f"trunc {type_} {shifted} to {self.lanes.type_(1)}")
        return self.lanes.both(self.f, bit, self.lanes.spread(self.f, limit, 1))


_PARTING = (If, Assert, Choose)
"""Before and behind these, a mark is passed by other paths that come to an end."""
