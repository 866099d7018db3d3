"""A trace: a path through the model that the reference interpreter has taken.

Only `replay` makes one. Its address, `0/3/1/2`, is the number of the initial state,
then for each step its position among the outcomes the interpreter lists. Of a lasso,
`0/3+1/2`, the steps behind the `+` repeat for ever; `0/3/1/2+` stays where it is,
because there is no step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelcheck.explore.interpreter import Event
from modelcheck.model.program import Location, Model, State, Step, Variable
from modelcheck.model.statements import Assert

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step taken: `state` is the state after it, None if a check failed in it.

    `number` is its position among the outcomes of the state before; `choices` the
    values chosen; `events` the calls, results and lock operations passed.
    """

    step: Step
    number: int
    choices: tuple[int, ...]
    events: tuple[Event, ...]
    state: State | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A replayed path of `model` from its initial state number `start`.

    `failed` is the check that the last step ran into, if one did. `loop` is the number
    of the state to which the last state is equal and from which the path repeats for
    ever; None for a finite path. Where it is the last state's own number, that state
    has no successor and the path stays in it.
    """

    model: Model
    start: int
    initial: State
    steps: tuple[TraceStep, ...]
    failed: Assert | None = None
    loop: int | None = None

    @property
    def address(self) -> str:
        """The short form from which `replay` rebuilds the trace."""
        numbers = [str(step.number) for step in self.steps]
        if self.loop is None:
            return "/".join([str(self.start), *numbers])
        stem = "/".join([str(self.start), *numbers[: self.loop]])
        return f"{stem}+{'/'.join(numbers[self.loop :])}"

    @property
    def stutters(self) -> bool:
        """Whether it is a lasso that stays in its last state, which has no step."""
        return self.loop == len(self.steps)

    @property
    def distinct(self) -> tuple[State, ...]:
        """The states, without the last where that is the loop's first again."""
        is_closed = self.loop is not None and not self.stutters
        return self.states[:-1] if is_closed else self.states

    @property
    def states(self) -> tuple[State, ...]:
        """The states from the first to the last."""
        later = (step.state for step in self.steps if step.state is not None)
        return (self.initial, *later)

    def location(self, actor: str, state: State) -> Location | None:
        """Where the process `actor` is suspended in `state`; None for an action."""
        for process in self.model.processes:
            if process.actor == actor:
                return process.locations[state[process.pc]]
        return None

    def shown(self) -> tuple[Variable, ...]:
        """The variables that people read: the spec's own and its locks."""
        return tuple(v for v in self.model.variables if v.owner is None)

    def to_networkx(self) -> nx.DiGraph[int]:
        """The path as a `networkx.DiGraph`.

        Nodes are the numbers of the states, with the attribute `values` (a dict from
        variable to value); an edge has the attributes `actor`, `action` and `changes`.
        A lasso has an edge back; a failed check gives the last node `failed`.
        """
        from modelcheck.trace.networkx_form import to_networkx

        return to_networkx(self)
