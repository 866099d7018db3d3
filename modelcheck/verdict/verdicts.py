"""Verdicts, limits and what an engine reports.

An engine takes a model and limits and returns `Findings`: for each property what it
found, with a path of states as evidence, and what it counted. It prints nothing and
never exits; progress goes to a `Watch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from modelcheck.model.clauses import Balance, Clause
from modelcheck.model.program import Kind, Model, Property, State, Step
from modelcheck.model.statements import Assert


class Verdict(Enum):
    """The four answers to a question about a model."""

    HOLDS = "holds"
    VIOLATED = "violated"
    BOUNDED = "bounded"
    UNKNOWN = "unknown"


CONCLUSIVE = frozenset({Verdict.HOLDS, Verdict.VIOLATED})
"""The verdicts that decide a question."""


class Stop(Enum):
    """Why a search ended before it was complete."""

    DEPTH = "the depth bound"
    TIME = "the time limit"
    MEMORY = "the memory limit"
    INTERRUPT = "an interrupt"
    VIOLATIONS = "the limit on violations"
    CONSTRAINT = "a constraint or an assumption that cut states off"
    SOLVER = "the solver gave up"
    SAMPLING = "random sampling"
    SETTLED = "the verdicts of other engines"
    CRASH = "a crash of the explorer"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to look.

    `depth` bounds the number of steps from an initial state, `seconds` the run time;
    None means no bound. `properties` names the properties asked for (None: all).
    `max_violations` ends the search once that many properties have been decided by a
    trace (violated, or a reachability goal that was reached does not count).

    `besides` names checks that are looked at because they end runs, and verdicts are
    about the runs that are left. They are answered like `properties`, but
    `max_violations` does not count them, and no engine goes on for them once paths
    have decided all that was asked for.
    """

    depth: int | None = None
    seconds: float | None = None
    max_violations: int | None = None
    properties: frozenset[str] | None = None
    deadlock: bool = True
    besides: frozenset[str] = frozenset()


def is_asked(prop: Property, limits: Limits) -> bool:
    """Whether `limits` asks for `prop`, if only besides other properties."""
    if prop.kind is Kind.DEADLOCK and not limits.deadlock:
        return False
    names = limits.properties
    return names is None or prop.name in names or prop.name in limits.besides


def is_beside(prop: Property, limits: Limits) -> bool:
    """Whether `prop` is only looked at besides what `limits` asks for."""
    names = limits.properties
    return names is not None and prop.name in limits.besides - names


STUTTER = -1
"""In `Evidence.taken`: the run stays where it is, for there is no step."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A path: `states` from an initial state on.

    It ends in the bad state (or, for a reachability goal, the good one); for a failed
    check, `failed` is the check that the step after the last state runs into, and
    `step` that step's index in `Model.steps`.

    For a temporal property it is a lasso: after the last state the run goes on with
    `states[loop]`, for ever. `taken` are then the indices of the steps between the
    states, the one that closes the loop last; STUTTER is no step, in a last state that
    has none. `is_shortest` is False where a shorter path may lead to the same end.
    """

    states: tuple[State, ...]
    failed: Assert | None = None
    step: int | None = None
    loop: int | None = None
    taken: tuple[int, ...] = ()
    is_shortest: bool = True

    @property
    def length(self) -> int:
        """The number of steps, the failing one included."""
        return len(self.states) - 1 + (self.failed is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an engine says about one property.

    `evidence` is the path to a violation, or to a reachability goal (which HOLDS by its
    witness and is VIOLATED when a complete search has not met it).
    """

    prop: Property
    verdict: Verdict
    evidence: Evidence | None = None
    reason: str = ""

    @property
    def is_about_all_runs(self) -> bool:
        """Whether it is a verdict without a path: runs that end early weaken it."""
        return self.verdict in CONCLUSIVE and self.evidence is None


def are_decided_by_paths(
    asked: Iterable[Property], found: Mapping[str, Finding], limits: Limits
) -> bool:
    """Whether what stands besides the properties `asked` is of no use any more.

    `found` has the finding on each property that needs no further look, by its name.
    """
    return all(
        prop.name in found and not found[prop.name].is_about_all_runs
        for prop in asked
        if not is_beside(prop, limits)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """What a search counted, as TLC counts.

    `generated`: initial states and every successor of every expanded state. `levels`:
    new states per depth, the initial ones first; `depth` is their number. `out_degree`:
    minimum, mean and maximum of new successors per expanded state.
    """

    distinct: int = 0
    generated: int = 0
    levels: tuple[int, ...] = ()
    queued: int = 0
    out_degree: tuple[int, float, int] = (0, 0.0, 0)

    @property
    def depth(self) -> int:
        """The number of levels."""
        return len(self.levels)


@dataclass(frozen=True, slots=True)
class Saving:
    """What a search saved by symmetry.

    `distinct` of `Counts` are then representatives, of which each stands for the states
    that are permutations of it: `states` in all. `scalarsets` are those permuted,
    `permutations` is the number of ways.
    """

    scalarsets: tuple[str, ...]
    permutations: int
    states: int


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a random simulation did.

    `runs` walks of at most `depth` steps were asked for, `walks` were taken. They took
    `steps` steps in `seconds` without preparation, and saw about `distinct` states.
    `ends` counts walks by how they ended: at the depth bound, at rest, in a deadlock,
    or blocked, where all that is left fails a check or is cut off.
    """

    seed: int
    runs: int
    depth: int
    walks: int
    steps: int
    distinct: int
    ends: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Why properties hold (and goals cannot be reached) without a look at every state.

    No path of fewer than `k` steps refutes one of `proved` or leaves `clauses` or
    `balances`; and no `k` steps without a repeated state do so for the first time at
    their end. For k = 1 the conjunction is an inductive invariant.
    """

    k: int
    proved: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    balances: tuple[Balance, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of one engine on one model.

    `fired` counts for each step how often it led to a state, if the engine counted.
    `omission` is the probability that some reachable state was taken for another, of a
    search that stored fingerprints only. `saving` is there if the search used symmetry,
    `sampling` if the engine took random walks.
    """

    engine: str
    findings: tuple[Finding, ...]
    counts: Counts | None
    stops: frozenset[Stop]
    seconds: float
    depth: int | None = None
    fired: tuple[int, ...] = field(default=())
    omission: float | None = None
    saving: Saving | None = None
    sampling: Sampling | None = None
    proof: Proof | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every reachable state was looked at."""
        return self.counts is not None and not self.stops


class TooManyOutcomesError(Exception):
    """The steps of a state may go on in more ways than a batch has room for.

    How many of them really exist in one state is not known beforehand: choices behind
    conditions are counted as if all conditions could be true together.
    """

    def __init__(self, step: Step, ways: int) -> None:
        self.step = step
        place = f" ({step.span.short})" if step.span.line else ""
        super().__init__(
            f"the step {step.name} of {step.actor}{place} may go on in up to {ways:,} "
            "ways, more than compiled code has room for"
        )


class Watch(Protocol):
    """Who is told about progress; called now and then by an engine."""

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """`text` says how far the engine is; `done` is the share done, if known."""

    def is_interrupted(self) -> bool:
        """Whether the user asked to stop; the engine then returns what it has."""


class Engine(Protocol):
    """A way to look for violations."""

    name: str

    def run(self, model: Model, limits: Limits, watch: Watch) -> Findings:
        """Look, within `limits`."""


class Silence:
    """A `Watch` that shows nothing and never stops anyone."""

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Show nothing."""

    def is_interrupted(self) -> bool:
        """Never."""
        return False
