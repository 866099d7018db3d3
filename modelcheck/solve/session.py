"""A solver in use: assertions that only grow, and questions that leave no trace.

Seeds are set per solver, never globally, and an answer "unknown" is asked once more
of a second solver with another seed before it counts. What ends a question early (the
deadline, Ctrl-C, z3's own limits) is part of the answer and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from threading import Thread
from time import monotonic

from modelcheck.solve.translate import Z3, Expr
from modelcheck.verdict.verdicts import Stop

SEEDS = (1, 2)
"""The seed of the solver, and that of the one asked when the first does not know."""

_NO_TIMEOUT = 4294967295
_POLL_SECONDS = 0.05


class Answer(Enum):
    """What became of a question."""

    YES = "satisfiable"
    NO = "unsatisfiable"
    UNKNOWN = "unknown"
    TIMEOUT = "the time limit"
    INTERRUPTED = "an interrupt"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `model` is z3's, if it is YES, `reason` says why it is UNKNOWN.

    `is_second` says that the first seed had led to no answer. `core` are the positions
    of those assumptions that suffice for a NO.
    """

    answer: Answer
    model: Z3 = None
    reason: str = ""
    is_second: bool = False
    core: frozenset[int] = frozenset()


class EndedError(Exception):
    """The search must end now; for the engine that runs it to catch."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.value)
        self.stop = stop


def raise_if_ended(reply: Reply) -> None:
    """Raise `EndedError` if time is up or the user wants it."""
    if reply.answer is Answer.TIMEOUT:
        raise EndedError(Stop.TIME)
    if reply.answer is Answer.INTERRUPTED:
        raise EndedError(Stop.INTERRUPT)


class Session:
    """One incremental solver of `logic` in `context`.

    `deadline` is a value of `time.monotonic()`; `effort` bounds the work on a single
    question in z3's resource units (a bound that, unlike time, is the same on every
    machine). `is_interrupted` is asked while z3 works and ends the question.
    """

    def __init__(
        self,
        context: Z3,
        logic: str,
        deadline: float | None = None,
        effort: int | None = None,
        is_interrupted: Callable[[], bool] = bool,
    ) -> None:
        self._context = context
        self._logic = logic
        self._deadline = deadline
        self._effort = effort
        self._is_interrupted = is_interrupted
        self._known: list[Expr] = []
        self._are_cores_minimal = False
        self._solver = self._new(SEEDS[0])

    @property
    def work(self) -> int:
        """What z3 has done in this context so far, in its resource units."""
        found = self._solver.statistics()
        return next((value for key, value in found if key == "rlimit count"), 0)

    def add(self, *formulas: Expr) -> None:
        """Assert `formulas` for good."""
        self._known += formulas
        self._solver.add(*formulas)

    def minimise_cores(self) -> None:
        """Let z3 leave out of each core, from now on, what it can do without."""
        self._are_cores_minimal = True
        self._solver.set("core.minimize", self._are_cores_minimal)

    def ask(self, formula: Expr | None = None) -> Reply:
        """Whether the assertions and `formula` can hold together."""
        import z3

        reply = self.ask_assuming((), formula)
        if reply.answer is Answer.NO and formula is not None:
            # Implied, but stated it makes later and deeper questions easier.
            self.add(z3.Not(formula))
        return reply

    def ask_assuming(
        self, assumptions: Sequence[Expr], formula: Expr | None = None
    ) -> Reply:
        """Whether the assertions, the `assumptions` and `formula` can hold together.

        The assumptions are literals. Nothing is remembered but what z3 has learnt.
        """
        asked = [] if formula is None else [formula]
        if asked:
            self._solver.push()
            self._solver.add(*asked)
        reply = self._check(self._solver, assumptions)
        if asked:
            self._solver.pop()
        if reply.answer is Answer.UNKNOWN:
            # A solver that gave up is not asked again: where z3 is cancelled while it
            # takes an assertion in, it forgets it, and later answers are wrong.
            reply = self._check_again(assumptions, asked)
            self._solver = self._new(SEEDS[0])
        return reply

    def _check_again(self, assumptions: Sequence[Expr], asked: list[Expr]) -> Reply:
        other = self._new(SEEDS[1])
        other.add(*asked)
        reply = replace(self._check(other, assumptions), is_second=True)
        if reply.answer is not Answer.UNKNOWN:
            return reply
        seeds = " and ".join(map(str, SEEDS))
        return replace(reply, reason=f"z3 gave up, seeds {seeds}: {reply.reason}")

    def _new(self, seed: int) -> Z3:
        import z3

        solver = z3.SolverFor(self._logic, ctx=self._context)
        solver.set("random_seed", seed)
        # z3's own handler swallows a Ctrl-C that comes while it is being put up or
        # taken down, as one does between thousands of short questions.
        solver.set("ctrl_c", False)  # noqa: FBT003 - z3 sets by position
        if self._effort is not None:
            solver.set("rlimit", self._effort)
        if self._are_cores_minimal:
            solver.set("core.minimize", self._are_cores_minimal)
        solver.add(*self._known)
        return solver

    def _check(self, solver: Z3, assumptions: Sequence[Expr] = ()) -> Reply:
        import z3

        if self._deadline is not None:
            left = int((self._deadline - monotonic()) * 1000)
            if left <= 0:
                return Reply(Answer.TIMEOUT)
            solver.set("timeout", min(left, _NO_TIMEOUT - 1))
        found = self._run(solver, assumptions)
        if found is None:
            return Reply(Answer.INTERRUPTED)
        if isinstance(found, z3.Z3Exception):
            return self._given_up(str(found))
        if isinstance(found, Exception):
            raise found
        if found == z3.sat:
            return Reply(Answer.YES, solver.model())
        if found == z3.unsat:
            return Reply(Answer.NO, core=_core(solver, assumptions))
        return self._given_up(solver.reason_unknown())

    def _run(self, solver: Z3, assumptions: Sequence[Expr]) -> Z3:
        """What `check` gives or raises; None if an interrupt ended it.

        It runs in a thread of its own, which leaves this one free to see Ctrl-C.
        """
        results: list[Z3] = []

        def check() -> None:
            try:
                results.append(solver.check(*assumptions))
            except Exception as error:  # noqa: BLE001 - raised again by `_check`
                results.append(error)

        thread = Thread(target=check, daemon=True)
        thread.start()
        was_interrupted = False
        while thread.is_alive():
            try:
                thread.join(_POLL_SECONDS)
                was_interrupted = was_interrupted or self._is_interrupted()
            except KeyboardInterrupt:
                was_interrupted = True
            except BaseException:
                # Nobody waits any longer, and it shall not outlive the process.
                self._context.interrupt()
                raise
            if was_interrupted and thread.is_alive():
                # Asked again and again: one that comes before the search is lost.
                self._context.interrupt()
        return None if was_interrupted else results[0]

    def _given_up(self, reason: str) -> Reply:
        """Why z3 stopped: at one place or another it calls every reason "canceled"."""
        if "interrupt" in reason:
            return Reply(Answer.INTERRUPTED)
        late = self._deadline is not None and monotonic() >= self._deadline
        if late or "timeout" in reason:
            return Reply(Answer.TIMEOUT)
        return Reply(Answer.UNKNOWN, reason=reason)


def _core(solver: Z3, assumptions: Sequence[Expr]) -> frozenset[int]:
    """The positions of the assumptions that z3 needed for its "unsat"."""
    if not assumptions:
        return frozenset()
    used = {literal.get_id() for literal in solver.unsat_core()}
    return frozenset(
        place for place, literal in enumerate(assumptions) if literal.get_id() in used
    )
