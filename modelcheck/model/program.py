"""The model: what every engine reads.

A `Model` is a transition system over a vector of *cells*, each a Boolean, an integer
of a known interval or a mask. Variables give cells their meaning for people; steps are
the atomic transitions; properties are bodies that compute a Boolean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from modelcheck.model.shapes import Scalar, Shape
from modelcheck.model.statements import NO_SPAN, Body, Span, WaitKind
from modelcheck.model.temporal import Fairness, Temporal
from modelcheck.model.terms import FALSE, Op, Term, leaf
from modelcheck.model.types import Type

State = tuple[int, ...]
"""One value for each cell, in order; see `shapes.py` for what the numbers mean."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One component of the state: its number, its name (`hw[dev0]`), its range."""

    index: int
    name: str
    range: Scalar

    @property
    def now(self) -> Term:
        """The cell's value (before the step, in a transition property)."""
        return leaf(Op.CELL, self.index, self.range.sort, self.range.lo, self.range.hi)

    @property
    def after(self) -> Term:
        """The cell's value after the step, in a transition property."""
        return leaf(Op.NEXT, self.index, self.range.sort, self.range.lo, self.range.hi)


class Role(Enum):
    """Why a variable exists."""

    STATE = "state"
    LOCK = "lock"
    LOCAL = "local"
    PC = "pc"


@dataclass(frozen=True, slots=True)
class Variable:
    """A named part of the state.

    `cells` is the tree of its cell numbers, in the form `shapes.shape(type_)` gives.
    A LOCAL or PC belongs to the process instance `owner`; the values of a PC are
    numbers of `Process.locations`.
    """

    name: str
    type_: Type
    cells: Shape[int]
    role: Role
    owner: str | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """A place where a process can be suspended: one value of its pc.

    `calls` names the functions entered and not yet left, outermost first, each with
    the place inside it where it stands; `held` are the names of the locks taken on the
    way here; `lock` is the lock waited for, if `kind` is ACQUIRE. `live` are the cells
    of the process's locals that will be read again.
    """

    number: int
    kind: WaitKind
    label: str
    lock: str | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)
    live: frozenset[int] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Process:
    """One instance of a `@process`: its actor's name, its pc and its locations.

    `arguments` are the type and the components of each parameter.
    """

    actor: str
    function: str
    number: int
    pc: int
    locations: tuple[Location, ...]
    done: int
    is_daemon: bool
    span: Span = field(default=NO_SPAN, compare=False, repr=False)
    arguments: tuple[tuple[Type, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One atomic transition relation of one actor.

    `actor` is the process instance, or the action with its arguments
    (`hot_unplug(dev0)`). For a step of a process, `at` is the pc cell and the location
    it leaves; the body does not repeat that test, the engine makes it. `body` assigns
    the pc itself.
    """

    index: int
    actor: str
    name: str
    body: Body
    at: tuple[int, int] | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


class Kind(Enum):
    """The kinds of property."""

    INVARIANT = "invariant"
    TRANSITION = "transition"
    REACHABLE = "reachable"
    DEADLOCK = "deadlock"
    ASSERTION = "assertion"
    CONSTRAINT = "constraint"
    TEMPORAL = "temporal"


class Expect(Enum):
    """The verdict that a spec declares for a property."""

    HOLDS = "holds"
    VIOLATED = "violated"


@dataclass(frozen=True, slots=True)
class Property:
    """A named question about the model.

    For INVARIANT, REACHABLE and CONSTRAINT `body` runs on a state, for TRANSITION on
    a pair of states (terms CELL and NEXT), and `result` is its Boolean value. `body`
    writes temporaries only; an `Assert` in it that fails is an evaluation error.
    DEADLOCK and ASSERTION have no body. An ASSERTION stands for the `assert` statement
    at `span`, or, named `no_evaluation_error`, for all other checks of the steps.
    A TEMPORAL has `temporal` in place of a body. A lemma is an INVARIANT that is there
    to help to prove others: nothing else tells it apart.
    """

    name: str
    kind: Kind
    body: Body
    result: Term
    doc: str = ""
    expect: Expect = Expect.HOLDS
    because: str = ""
    span: Span = field(default=NO_SPAN, compare=False, repr=False)
    temporal: Temporal | None = None
    is_lemma: bool = False

    @property
    def word(self) -> str:
        """What people call the kind of property."""
        return "lemma" if self.is_lemma else self.kind.value

    def of_atoms(self) -> tuple[Property, ...]:
        """The atoms of a TEMPORAL, each as an INVARIANT of the same name and place."""
        atoms = () if self.temporal is None else self.temporal.atoms
        return tuple(
            Property(self.name, Kind.INVARIANT, atom.body, atom.result, span=self.span)
            for atom in atoms
        )


@dataclass(frozen=True, slots=True)
class Twin:
    """A deliberately broken variant of a spec: a class, and what must fail in it.

    `breaks` names properties that the spec expects to hold.
    """

    name: str
    breaks: tuple[str, ...]
    doc: str = ""
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


EVALUATION = "no_evaluation_error"
"""The property that stands for every check which is not an `assert` statement."""

DEADLOCK = "deadlock"
"""The name of the property that no reachable state is stuck."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a variable of another spec is in a state of this one.

    `values` has for each component of `type_`, in the order of `shapes.py`, a body that
    writes temporaries only and the term behind it.
    """

    name: str
    type_: Type
    values: tuple[tuple[Body, Term], ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Model:
    """A finite transition system, as the reader made it from a spec.

    Initial states: run `init` on the vector `zero` (every path that ends is one state;
    `Require` and `Choose` work as in steps). A state without successors is a deadlock
    unless `is_rest` holds in it (every process that is not a daemon has returned).
    `fairness` says which runs a TEMPORAL property is about; `mappings` how a state is
    seen by a more abstract spec.

    `twins` are the spec's twins; the model of a twin has none, and says in `breaks`
    which properties it is there to violate. `floor` is the least number of states that
    a complete search is to find at the scopes of the file; `resized` names the
    scalarsets whose size is not the file's. `models` are the files of a source tree
    that the spec says it models.
    """

    name: str
    path: str
    doc: str
    scopes: Mapping[str, int]
    cells: tuple[Cell, ...]
    variables: tuple[Variable, ...]
    processes: tuple[Process, ...]
    zero: State
    init: Body
    steps: tuple[Step, ...]
    properties: tuple[Property, ...]
    constraints: tuple[Property, ...] = ()
    is_rest: Term = FALSE
    symmetric: tuple[str, ...] = ()
    preempt: str = "await"
    warnings: tuple[str, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    mappings: tuple[Mapped, ...] = ()
    twins: tuple[Twin, ...] = ()
    breaks: tuple[str, ...] = ()
    floor: int = 0
    resized: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def is_as_written(self) -> bool:
        """Whether scopes and places of preemption are those of the file."""
        return not self.resized and self.preempt == "await"

    def variable(self, name: str) -> Variable:
        """The variable called `name`; raises `KeyError` if there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)
