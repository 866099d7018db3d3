"""`World`: runs a spec in CPython, one atomic step at a time.

It drives the coroutines of the processes by hand: whoever calls `take` decides which
actor moves next, and the chooser answers every `choose(...)`. A step whose `require`
fails is undone. An action is undone by refilling the state; the coroutine of a process
cannot go back, so the world is then rebuilt by repeating all steps taken so far.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

from modelcheck.language._context import taking
from modelcheck.language.actors import Actor, actors_of, methods_with_role
from modelcheck.language.decorators import RoleKind
from modelcheck.language.errors import (
    LanguageError,
    ReplayError,
    SpecDefinitionError,
    StepDisabled,
)
from modelcheck.language.finite import Chooser
from modelcheck.language.memento import Undo, remember
from modelcheck.language.outcomes import (
    FAULTS,
    Branch,
    Choice,
    Disabled,
    Move,
    StepFailed,
    StepViolation,
    Taken,
    Where,
    violation_of,
)
from modelcheck.language.processes import Process
from modelcheck.language.spec import Spec, spec_snapshot
from modelcheck.language.suspension import PauseKind
from modelcheck.language.temporal import Formula
from modelcheck.language.turns import (
    Decide,
    StepTurn,
    asking,
    next_script,
    refusing,
    scripted,
)

SpecT_co = TypeVar("SpecT_co", bound=Spec, covariant=True)

#: Calls the code of a step; a debugger wraps it.
Enter = Callable[[Callable[[], None]], None]

_INIT = Move("init")


def enter_directly(step: Callable[[], None]) -> None:
    """Call `step`: the way into it without a debugger."""
    step()


def _nothing() -> None:
    return


class World(Generic[SpecT_co]):
    """A spec that runs: its state, its processes, and the steps that led here."""

    def __init__(
        self,
        spec_class: type[SpecT_co],
        chooser: Chooser,
        *,
        enter: Enter = enter_directly,
    ) -> None:
        """Build an initial state, asking `chooser` for each choice.

        `enter` calls the code of each step that `take` takes (not of those it merely
        repeats). Raises `StepDisabled` when the choices lead to no initial state,
        `StepFailed` for a violation in the `@init` method, `SpecDefinitionError` for
        a spec that is wrong as written.
        """
        self._spec_class = spec_class
        self._chooser = chooser
        self._enter = enter
        self._actors = {actor.name: actor for actor in actors_of(spec_class)}
        self._history: list[Taken] = []
        self._processes: dict[str, Process] = {}
        self._spec, self._initial = self._begin(asking(chooser))

    @property
    def spec(self) -> SpecT_co:
        """The present state; another object after a step of a process was undone."""
        return self._spec

    @property
    def actors(self) -> tuple[str, ...]:
        """The names of all actors, such as `hot_unplug(dev0)`, `worker#1`."""
        return tuple(self._actors)

    @property
    def history(self) -> tuple[Taken, ...]:
        """The steps taken so far."""
        return tuple(self._history)

    @property
    def initial_choices(self) -> tuple[Choice, ...]:
        """The choices that made the initial state."""
        return self._initial

    def actor(self, name: str) -> Actor:
        """Return the actor called `name`; raise `LanguageError` if there is none."""
        try:
            return self._actors[name]
        except KeyError:
            message = f"no actor is called {name!r}"
            raise LanguageError(message) from None

    def snapshot(self) -> dict[str, object]:
        """Return the present state as plain values, see `spec_snapshot`."""
        return spec_snapshot(self._spec)

    def enabled(self) -> list[Move]:
        """Return the moves that are not blocked.

        An action is listed exactly if some choices let it happen. A process is listed
        if what it waits for is there; whether its next step then meets a failing
        `require` is known only by taking it (`try_take`, `branches`).
        """
        return [Move(name) for name, actor in self._actors.items() if self._may(actor)]

    def take(
        self, move: Move, choices: Sequence[int] | None = None
    ) -> Taken | Disabled | StepViolation:
        """Take one step and return what became of it.

        `choices` are option numbers to choose instead of asking the chooser; where they
        end, the first option is taken. Unless the result is `Taken`, the world is left
        as it was.
        """
        decide = asking(self._chooser) if choices is None else scripted(choices)
        result, undo = self._attempt(self.actor(move.actor), decide, self._enter)
        if isinstance(result, Taken):
            self._history.append(result)
        else:
            undo()
        return result

    def try_take(self, move: Move) -> bool:
        """Take one step and tell whether it happened.

        Raises `StepFailed` when it broke a rule; the world is then left as it was.
        """
        result = self.take(move)
        if isinstance(result, StepViolation):
            raise StepFailed(result)
        return isinstance(result, Taken)

    def branches(self, move: Move) -> Iterator[Branch]:
        """Try the step with every sequence of choices; the world stays as it is.

        Complete but dear for a process: each try repeats the whole history.
        """
        actor = self.actor(move.actor)
        script: list[int] | None = []
        while script is not None:
            result, undo = self._attempt(actor, scripted(script), enter_directly)
            state = self.snapshot() if isinstance(result, Taken) else None
            undo()
            yield Branch(result, state)
            script = next_script(result.choices)

    def done(self, actor: str) -> bool:
        """Tell whether the process has returned; an action is never done."""
        process = self._process(self.actor(actor))
        return process is not None and process.pause.kind is PauseKind.DONE

    def where(self, actor: str) -> Where:
        """Return where a process is suspended; raise `LanguageError` for an action."""
        process = self._process(self.actor(actor))
        if process is None:
            message = f"{actor} is an action: it is nowhere between its steps"
            raise LanguageError(message)
        return process.where(self._spec_class)

    def holds(self, predicate: str) -> bool:
        """Evaluate a method `(self) -> bool`, such as an invariant, in this state.

        Raises `StepFailed` when evaluating it breaks a rule (a missing key, say).
        """
        return bool(self._asked(predicate))

    def formula(self, temporal: str) -> Formula:
        """Build the formula of a `@temporal` method: its leaves are of this state.

        Raises `StepFailed` as `holds` does, and `LanguageError` if it is no formula.
        """
        found = self._asked(temporal)
        if not isinstance(found, Formula):
            message = f"{temporal}: a @temporal method returns a Formula, not {found!r}"
            raise LanguageError(message)
        return found

    def _asked(self, method: str) -> object:
        """What a method that only looks returns in this state."""
        with taking(StepTurn(method, refusing("a property"))):
            try:
                answer: object = getattr(self._spec, method)()
            except FAULTS as error:
                violation = violation_of(error, Move(method), (), self.snapshot())
                raise StepFailed(violation) from None
        return answer

    def close(self) -> None:
        """Throw the processes away; the state can still be read."""
        for process in self._processes.values():
            process.close()

    def _begin(self, decide: Decide) -> tuple[SpecT_co, tuple[Choice, ...]]:
        turn = StepTurn(_INIT.actor, decide)
        with taking(turn):
            spec = self._spec_class()
            try:
                _finish_initial_state(spec)
            except FAULTS as error:
                violation = violation_of(
                    error, _INIT, turn.choices, spec_snapshot(spec)
                )
                raise StepFailed(violation) from None
        self._processes = {
            name: Process(actor)
            for name, actor in self._actors.items()
            if actor.is_process
        }
        return spec, turn.choices

    def _process(self, actor: Actor) -> Process | None:
        return self._processes.get(actor.name)

    def _may(self, actor: Actor) -> bool:
        if actor.is_process:
            try:
                return self._is_ready(actor)
            except FAULTS:
                return True  # taking the step reports the violation
        tries = self.branches(Move(actor.name))
        return any(not isinstance(branch.result, Disabled) for branch in tries)

    def _is_ready(self, actor: Actor) -> bool:
        process = self._process(actor)
        with taking(StepTurn(actor.name, refusing("the condition of until(...)"))):
            return process is None or process.pause.is_ready()

    def _attempt(
        self, actor: Actor, decide: Decide, enter: Enter
    ) -> tuple[Taken | Disabled | StepViolation, Undo]:
        move = Move(actor.name)
        try:
            if not self._is_ready(actor):
                return Disabled(move, (), "it is blocked, or done"), _nothing
        except FAULTS as error:
            return violation_of(error, move, (), self.snapshot()), _nothing
        undo = self._undo_of(actor)
        turn = StepTurn(actor.name, decide)
        try:
            with taking(turn):
                enter(partial(self._step, actor))
        except StepDisabled as why:
            return Disabled(move, turn.choices, str(why)), undo
        except FAULTS as error:
            return violation_of(error, move, turn.choices, self.snapshot()), undo
        except BaseException:
            undo()
            raise
        return Taken(move, turn.choices), undo

    def _step(self, actor: Actor) -> None:
        process = self._process(actor)
        if process is None:
            actor.call(self._spec)
        else:
            process.resume(self._spec)

    def _undo_of(self, actor: Actor) -> Undo:
        process = self._process(actor)
        if process is None:
            return remember(self._spec)
        if process.pause.kind is not PauseKind.START:
            return self._rebuild
        refill = remember(self._spec)

        def undo() -> None:
            process.reset()
            refill()

        return undo

    def _rebuild(self) -> None:
        """Repeat all the steps taken so far, from the same initial state."""
        self.close()
        self._spec, _ = self._begin(scripted([c.index for c in self._initial]))
        for step in self._history:
            turn = StepTurn(
                step.move.actor, scripted([choice.index for choice in step.choices])
            )
            with taking(turn):
                self._step(self._actors[step.move.actor])
            if turn.choices != step.choices:
                message = (
                    f"repeating {step.move.actor} met other choices than before: "
                    "does the spec use randomness, time or anything outside it?"
                )
                raise ReplayError(message)


def _finish_initial_state(spec: Spec) -> None:
    names = [
        name
        for name, _, role in methods_with_role(type(spec))
        if role.kind is RoleKind.INIT
    ]
    if len(names) > 1:
        message = f"{type(spec).__name__}: one @init method, not {' and '.join(names)}"
        raise SpecDefinitionError(message)
    for name in names:
        getattr(spec, name)()
