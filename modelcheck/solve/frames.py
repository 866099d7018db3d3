"""The questions that PDR puts to the solver, and the clauses it has learnt.

Frame i is the set of states in which all clauses of level i and above are true. It
contains every state that i or fewer steps lead to, whatever property its clauses were
learnt for: so they serve all properties. Frame 0 is the set of initial states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modelcheck.model.program import State
from modelcheck.model.terms import FALSE
from modelcheck.solve.cubes import Alphabet, Cube, is_within, keeping
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.session import Answer, Reply, Session
from modelcheck.solve.targets import Target
from modelcheck.solve.translate import Z3, Expr

Ask = Callable[[Session, Sequence[Expr], "Expr | None"], Reply]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that z3 has found, as its model; most are never looked at."""

    model: Z3


class Frames:
    """The frames of one model: its solvers, and the cubes blocked at each level.

    `ask` puts a question and raises where there is no answer. Whether a target is hit
    is asked of a solver that knows of no steps: a state without any counts as well.
    """

    def __init__(
        self,
        encoding: Encoding,
        asked: Sequence[Target],
        session: Callable[[], Session],
        ask: Ask,
    ) -> None:
        import z3

        self._z3: Z3 = z3
        self._encoding = encoding
        self._ask = ask
        self.alphabet = Alphabet(encoding)
        self.levels: list[list[Cube]] = [[]]
        self._active: list[Expr] = [z3.Bool("frame 0", encoding.context)]
        self._bad = {
            target.name: z3.Bool(f"bad {target.name}", encoding.context)
            for target in asked
        }
        self._step, self._hit = session(), session()
        self._lift, self._init = session(), session()
        self._prepare(asked)

    @property
    def top(self) -> int:
        """The number of the last frame."""
        return len(self.levels) - 1

    def open(self) -> None:
        """Add a frame that contains every state."""
        name = f"frame {len(self.levels)}"
        self.levels.append([])
        self._active.append(self._z3.Bool(name, self._encoding.context))

    def hit(self, target: Target, level: int) -> State | None:
        """A state of a frame that hits `target`."""
        if target.bad is FALSE:
            return None
        assumed = [self._bad[target.name], *self._frame(level)]
        reply = self._ask(self._hit, assumed, None)
        if reply.answer is not Answer.YES:
            return None
        return self._encoding.states(reply.model, 1)[0]

    def predecessor(self, cube: Cube, level: int) -> Step | Cube:
        """A step from a frame into `cube`, from outside it; or why there is none.

        "Why" is a cube that is no smaller, and has no such predecessor either.
        """
        reached = self.alphabet.literals(cube, 1)
        assumed = [*self._frame(level), *(literal for *_, literal in reached)]
        reply = self._ask(self._step, assumed, self.alphabet.clause(cube, 0))
        if reply.answer is Answer.YES:
            return Step(reply.model)
        first = len(assumed) - len(reached)
        used = [reached[place - first][:2] for place in reply.core if place >= first]
        return keeping(cube, used, self.alphabet.features)

    def after(self, step: Step) -> State:
        """The state that `step` led to."""
        return self._encoding.states(step.model, 2)[1]

    def is_blocked(self, cube: Cube, level: int) -> bool:
        """Whether a clause that is known keeps `cube` out of a frame."""
        known = self.levels[level:]
        return any(is_within(cube, other) for cubes in known for other in cubes)

    def block(self, cube: Cube, level: int) -> None:
        """Keep `cube` out of the frames up to `level`; drop what that makes useless."""
        for number in range(1, level + 1):
            kept = [c for c in self.levels[number] if not is_within(c, cube)]
            self.levels[number] = kept
        self.levels[level].append(cube)
        escapes = self.alphabet.escapes(cube, 0)
        clause = self._z3.Or(self._z3.Not(self._active[level]), *escapes)
        self._step.add(clause)
        self._hit.add(clause)

    @property
    def work(self) -> int:
        """What z3 has done so far, in its resource units."""
        return self._step.work

    def assume(self, holds: Callable[[int], Expr]) -> None:
        """State of the frames what is so in every reachable state.

        `holds` gives the formula for a frame.
        """
        for frame, session in ((0, self._hit), (0, self._step), (1, self._step)):
            session.add(holds(frame))

    def is_initial(self, cube: Cube) -> bool:
        """Whether an initial state is in the cube."""
        assumed = [literal for *_, literal in self.alphabet.literals(cube, 0)]
        return self._ask(self._init, assumed, None).answer is Answer.YES

    def apart(self, cube: Cube, whole: Cube) -> Cube:
        """`cube`, with as much of `whole` as keeps initial states out of it.

        There are none in `whole`, which is part of `cube`.
        """
        literals = self.alphabet.literals(whole, 0)
        reply = self._ask(self._init, [literal for *_, literal in literals], None)
        used = [literals[place][:2] for place in reply.core]
        added = keeping(whole, used, self.alphabet.features)
        return {
            number: cube.get(number, allowed) & added.get(number, allowed)
            for number, allowed in {**cube, **added}.items()
        }

    def lift(self, step: Step, cube: Cube) -> Cube:
        """A cube around the start of `step`, which leads from all of it to `cube`."""
        reached = [literal for *_, literal in self.alphabet.literals(cube, 1)]
        missed = self._z3.Not(self._z3.And([self._possible, *reached]))
        start = self._encoding.states(step.model, 1)[0]
        return self._lifted(start, self._inputs(step.model), missed)

    def lift_hit(self, state: State, target: Target) -> Cube:
        """A cube around `state`, all of which hits `target`."""
        return self._lifted(state, (), self._z3.Not(self._bad[target.name]))

    def _prepare(self, asked: Sequence[Target]) -> None:
        encoding, alphabet, z3 = self._encoding, self.alphabet, self._z3
        here, there = alphabet.definitions
        bad = [
            self._bad[target.name] == encoding.at(target.bad, 0)
            for target in asked
            if target.bad is not FALSE
        ]
        inside = encoding.at(encoding.inside, 0)
        common = [*encoding.choices(0), *encoding.ranges(0), *here]
        initial = [*encoding.choices(-1), encoding.initial()]
        started = z3.Implies(self._active[0], z3.And(initial))
        self._hit.add(*common, *bad, started)
        self._step.add(*common, *there, encoding.transition(0), inside, started)
        self._init.add(*initial, *here)
        self._possible = z3.Bool("possible", encoding.context)
        possible = self._possible == z3.And(encoding.guards(0), inside)
        self._bits: list[tuple[Expr, list[Expr]]] = []
        self._lift.add(*common, *there, *bad, encoding.updates(0), possible)
        self._lift.add(*self._name_inputs())

    def _name_inputs(self) -> list[Expr]:
        """Give every bit of a choice a literal; only literals can be assumed."""
        defined = []
        for number, variable in enumerate(self._encoding.inputs(0)):
            if self._z3.is_bool(variable):
                self._bits.append((variable, [variable]))
                continue
            names = [
                self._z3.Bool(f"input {number} {bit}", self._encoding.context)
                for bit in range(variable.size())
            ]
            self._bits.append((variable, names))
            defined += [
                name == (self._z3.Extract(bit, bit, variable) == 1)
                for bit, name in enumerate(names)
            ]
        return defined

    def _frame(self, level: int) -> list[Expr]:
        """The literals that make the solver's first state one of a frame."""
        return self._active if level == 0 else self._active[level:]

    def _inputs(self, found: Z3) -> tuple[Expr, ...]:
        """The literals of the step that z3 has taken."""
        literals = []
        for variable, names in self._bits:
            value = found.eval(variable, model_completion=True)
            is_bool = self._z3.is_bool(value)
            number = int(self._z3.is_true(value)) if is_bool else value.as_long()
            literals += [
                name if number >> bit & 1 else self._z3.Not(name)
                for bit, name in enumerate(names)
            ]
        return tuple(literals)

    def _lifted(self, state: State, inputs: Sequence[Expr], missed: Expr) -> Cube:
        """The part of `state` that makes `missed` impossible, given `inputs`."""
        cube = self.alphabet.cube_of(state)
        literals = self.alphabet.literals(cube, 0)
        assumed = [*(literal for *_, literal in literals), *inputs]
        reply = self._ask(self._lift, assumed, missed)
        used = [literals[p][:2] for p in reply.core if p < len(literals)]
        return keeping(cube, used, self.alphabet.features)
