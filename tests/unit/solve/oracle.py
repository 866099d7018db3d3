"""The judge of the bounded checker: all paths of k steps, by the interpreter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from modelcheck.explore.book import INITIAL, Book
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import EVALUATION, Kind, Model, Property, State
from modelcheck.model.statements import Assert, Check
from modelcheck.verdict.verdicts import Limits, Verdict

Answer = tuple[Verdict, int | None]


@dataclass
class BruteForce:
    """For each property its verdict, and the length of the shortest evidence."""

    model: Model
    answers: dict[str, Answer] = field(default_factory=dict)
    is_cut: bool = False
    levels: list[set[State]] = field(default_factory=list)

    def run(self, depth: int) -> dict[str, Answer]:
        level = self._initial()
        self.levels = [level]
        self._judge(level, 0)
        for length in range(1, depth + 1):
            level = self._advance(level, length)
            self.levels.append(level)
            self._judge(level, length)
        for prop in self.model.properties:
            self.answers.setdefault(prop.name, (Verdict.BOUNDED, None))
        return self.answers

    def _initial(self) -> set[State]:
        """The initial states; a check that fails in the initialisation is an error."""
        init = replace(INITIAL, body=self.model.init)
        found = set()
        for outcome in Interpreter(self.model).outcomes(init, self.model.zero):
            if outcome.failed is not None:
                raise Book(self.model, Limits()).fail_initially(outcome.failed)
            self.is_cut = self.is_cut or outcome.state is None
            found |= {outcome.state} - {None}
        return found

    def _open(self, *kinds: Kind) -> list[Property]:
        asked = (p for p in self.model.properties if p.kind in kinds)
        return [prop for prop in asked if prop.name not in self.answers]

    def _decide(self, prop: Property, length: int) -> None:
        is_goal = prop.kind is Kind.REACHABLE
        verdict = Verdict.HOLDS if is_goal else Verdict.VIOLATED
        self.answers.setdefault(prop.name, (verdict, length))

    def _advance(self, level: set[State], length: int) -> set[State]:
        interpreter, pairs = Interpreter(self.model), set()
        for state in level:
            if not interpreter.is_inside(state):
                self.is_cut = True
                continue
            for outcome in interpreter.successors(state):
                if outcome.state is not None:
                    pairs.add((state, outcome.state))
                elif outcome.failed is None:
                    self.is_cut = True
                else:
                    self._fail(outcome.failed, length)
        for prop in self._open(Kind.TRANSITION):
            # Every pair is looked at: any of them may have no value.
            if False in {interpreter.holds(prop, *pair) for pair in pairs}:
                self._decide(prop, length)
        return {after for _, after in pairs}

    def _fail(self, failed: Assert, length: int) -> None:
        for prop in self._open(Kind.ASSERTION):
            is_statement = failed.check is Check.ASSERT
            if is_statement and prop.span == failed.span:
                self._decide(prop, length)
            if not is_statement and prop.name == EVALUATION:
                self._decide(prop, length)

    def _judge(self, level: set[State], length: int) -> None:
        interpreter = Interpreter(self.model)
        inside = [state for state in level if interpreter.is_inside(state)]
        for prop in self._open(Kind.INVARIANT, Kind.REACHABLE):
            values = [interpreter.holds(prop, state) for state in level]
            if (prop.kind is Kind.REACHABLE) in values:
                self._decide(prop, length)
        for prop in self._open(Kind.DEADLOCK):
            if any(interpreter.is_deadlock(state) for state in inside):
                self._decide(prop, length)
