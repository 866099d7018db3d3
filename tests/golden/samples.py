"""Small models made by hand: two actors, a lock, calls, and something that breaks.

`claims()` is a group that a kernel driver and a user claim without looking at each
other, `crossed()` takes two locks in opposite orders, `counting()` has an assertion
that fails, `retrying()` a temporal property that is violated for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import (
    DEADLOCK,
    Cell,
    Expect,
    Kind,
    Location,
    Model,
    Process,
    Property,
    Role,
    State,
    Step,
    Variable,
)
from modelcheck.model.shapes import Scalar, Shape, shape
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Check,
    Choose,
    If,
    Let,
    Mark,
    MarkKind,
    Require,
    Span,
    WaitKind,
)
from modelcheck.model.temporal import (
    Atom,
    Connective,
    Fairness,
    Formula,
    Strength,
    Temporal,
)
from modelcheck.model.terms import (
    FALSE,
    TRUE,
    Op,
    Sort,
    Term,
    add,
    and_,
    const,
    constant_of,
    eq,
    has,
    le,
    leaf,
    mask,
    not_,
    or_,
    union,
)
from modelcheck.model.types import (
    BOOL,
    DictType,
    EnumType,
    IntType,
    LockKind,
    LockType,
    OptionalType,
    ScalarsetType,
    SetType,
    Type,
)
from modelcheck.verdict.verdicts import (
    Counts,
    Evidence,
    Finding,
    Findings,
    Verdict,
)

Waiting = tuple[WaitKind, str, str | None]


class Builder:
    """Collects the parts of a model; `model()` puts them together."""

    def __init__(self, name: str, path: str, doc: str = "") -> None:
        self.name, self.path, self.doc = name, path, doc
        self.cells: list[Cell] = []
        self.zero: list[int] = []
        self.variables: list[Variable] = []
        self.processes: list[Process] = []
        self.steps: list[Step] = []
        self.properties: list[Property] = []
        self.scopes: dict[str, int] = {}

    def variable(
        self, name: str, type_: Type, start: Sequence[int] = (), role: Role = Role.STATE
    ) -> list[Cell]:
        """A variable whose components start with `start` (0 where it is short)."""
        numbers = iter(range(len(self.cells), 10_000))
        cells: list[Cell] = []

        def take(scalar: Scalar) -> int:
            number = next(numbers)
            cells.append(Cell(number, f"{name}#{number}", scalar))
            return number

        tree: Shape[int] = shape(type_).map(take)
        self.cells += cells
        self.zero += [*start, *(0,) * (len(cells) - len(start))]
        self.variables.append(Variable(name, type_, tree, role))
        return cells

    def process(
        self, actor: str, waits: Sequence[Waiting], *, daemon: bool = False
    ) -> Cell:
        """A process with a location for each of `waits`, and one behind the last."""
        number = len(self.cells)
        pc = Cell(number, f"{actor}.pc", Scalar(Sort.INT, 0, len(waits)))
        self.cells.append(pc)
        self.zero.append(0)
        self.variables.append(
            Variable(
                f"{actor}.pc",
                IntType(0, len(waits)),
                Shape(number),
                Role.PC,
                owner=actor,
            )
        )
        places = [
            Location(i, kind, label, lock, Span(self.path, 40 + 2 * i, 9, 0, 0))
            for i, (kind, label, lock) in enumerate(waits)
        ]
        done = Location(len(waits), WaitKind.DONE, "done")
        self.processes.append(
            Process(
                actor,
                actor.partition("(")[0],
                len(self.processes),
                number,
                (*places, done),
                len(waits),
                daemon,
            )
        )
        return pc

    def step(self, actor: str, name: str, pc: Cell | None, at: int, body: Body) -> None:
        """One step; a process goes on to the next location unless `body` says so."""
        place = None
        if pc is not None:
            place = (pc.index, at)
            if not any(isinstance(s, Assign) and s.cell == pc.index for s in body):
                body = (*body, Assign(pc.index, const(at + 1)))
        span = Span(self.path, 40 + 2 * at, 9, 40 + 2 * at, 30)
        self.steps.append(Step(len(self.steps), actor, name, body, place, span))

    def prop(
        self,
        name: str,
        kind: Kind,
        result: Term = TRUE,
        body: Body = (),
        *,
        doc: str = "",
        because: str = "",
    ) -> None:
        """A property; with `because` it is expected to be violated."""
        expect = Expect.VIOLATED if because else Expect.HOLDS
        span = Span(self.path, 90 + len(self.properties), 5, 0, 0)
        self.properties.append(
            Property(name, kind, body, result, doc, expect, because, span)
        )

    def model(self) -> Model:
        """The model."""
        pcs = [
            eq(self.cells[process.pc].now, const(process.done))
            for process in self.processes
            if not process.is_daemon
        ]
        return Model(
            name=self.name,
            path=self.path,
            doc=self.doc,
            scopes=self.scopes,
            cells=tuple(self.cells),
            variables=tuple(self.variables),
            processes=tuple(self.processes),
            zero=tuple(self.zero),
            init=(),
            steps=tuple(self.steps),
            properties=tuple(self.properties),
            is_rest=and_(*pcs) if pcs else FALSE,
        )


def call(name: str, *values: tuple[Type, int]) -> Mark:
    return Mark(MarkKind.CALL, name, tuple(map(constant, values)))


def result(name: str, *values: tuple[Type, int]) -> Mark:
    return Mark(MarkKind.RETURN, name, tuple(map(constant, values)))


def constant(value: tuple[Type, int]) -> tuple[str, Type, Shape[Term]]:
    type_, number = value
    scalar = cast("Scalar", shape(type_).leaf)
    return ("", type_, Shape(constant_of(scalar.sort, number, scalar.hi)))


def acquire(lock: Cell, holder: int, name: str) -> Body:
    return (
        Require(eq(lock.now, const(0))),
        Assign(lock.index, const(holder + 1)),
        Mark(MarkKind.ACQUIRE, name, ()),
    )


def release(lock: Cell, name: str) -> Body:
    return (Assign(lock.index, const(0)), Mark(MarkKind.RELEASE, name, ()))


DEVICE = ScalarsetType("Device", 2, symmetric=True, prefix="dev")
FILE = ScalarsetType("File", 1, symmetric=True, prefix="file")
DOMAIN = EnumType("Domain", ("DEFAULT", "USER"))
ERRNO = EnumType("Errno", ("OK", "EBUSY"))
CLAIMS_DOC = """The ownership API, as posted.

Message-Id: <20220106022053.2406748-1-baolu.lu@linux.intel.com>
"""


def claims() -> Model:
    """A kernel driver binds while a user claims the group; nobody looks around."""
    b = Builder("SetDmaOwner", "specs/set_dma_owner.py", CLAIMS_DOC)
    b.scopes = {"Device": 2, "File": 1}
    core, user = "driver_core(dev0)", "vfio_user(file0)"
    lock = LockType(LockKind.MUTEX, (core, user))
    (mutex,) = b.variable("mutex", lock, role=Role.LOCK)
    (count,) = b.variable("owner_cnt", IntType(0, 4))
    (owner,) = b.variable("owner", OptionalType(FILE))
    hw = b.variable("hw", DictType(DEVICE, DOMAIN))
    (bound,) = b.variable("bound", SetType(DEVICE))
    waits = [
        (WaitKind.START, "start", None),
        (WaitKind.ACQUIRE, "mutex", "mutex"),
        (WaitKind.LEAVE, "leaves mutex", None),
    ]
    pc = b.process(core, waits)
    api = "iommu_device_use_dma_api"
    b.step(core, "driver_core", pc, 0, (call(api, (DEVICE, 0)),))
    claim = (
        If(
            eq(owner.now, const(0)),
            (Assign(count.index, add(count.now, const(1))),),
            (Assign(pc.index, const(3)), result(api, (ERRNO, 1))),
        ),
    )
    b.step(
        core,
        api,
        pc,
        1,
        (
            *acquire(mutex, 0, "mutex"),
            Assign(pc.index, const(2)),
            *claim,
            *release(mutex, "mutex"),
        ),
    )
    b.step(
        core,
        "driver_core",
        pc,
        2,
        (
            result(api, (ERRNO, 0)),
            call("really_probe", (DEVICE, 0)),
            Assign(bound.index, union(bound.now, mask(1, 2))),
            result("really_probe"),
        ),
    )
    _user(b, user, mutex, owner, hw[0])
    b.prop(
        "no_kernel_driver_beside_a_user",
        Kind.INVARIANT,
        or_(eq(owner.now, const(0)), eq(bound.now, mask(0, 2))),
        doc="A group is used by kernel drivers or by one user, never by both.",
    )
    everywhere = and_(
        *(
            or_(not_(has(bound.now, const(dev))), eq(hw[dev].now, const(0)))
            for dev in range(2)
        ),
        le(count.now, const(4)),
    )
    b.prop(
        "dma_api_only_on_the_default_domain",
        Kind.INVARIANT,
        everywhere,
        because="set_dma_owner does not look at owner_cnt",
    )
    b.prop(
        "the_owner_never_changes_hands",
        Kind.TRANSITION,
        or_(eq(owner.now, const(0)), eq(owner.after, owner.now)),
    )
    b.prop("a_user_owns_the_group", Kind.REACHABLE, eq(owner.now, const(1)))
    b.prop(DEADLOCK, Kind.DEADLOCK)
    return b.model()


def _user(b: Builder, actor: str, mutex: Cell, owner: Cell, hw: Cell) -> None:
    waits = [
        (WaitKind.START, "start", None),
        (WaitKind.ACQUIRE, "mutex", "mutex"),
        (WaitKind.PREEMPT, "preempt", None),
    ]
    pc = b.process(actor, waits)
    api = "iommu_group_set_dma_owner"
    fails = leaf(Op.TEMP, 0, Sort.BOOL, 0, 1)
    b.step(actor, "vfio_user", pc, 0, (call(api, (FILE, 0)),))
    b.step(
        actor,
        api,
        pc,
        1,
        (
            *acquire(mutex, 1, "mutex"),
            Assign(owner.index, const(1)),
            call("__iommu_attach_group", (DOMAIN, 1)),
        ),
    )
    b.step(
        actor,
        "__iommu_attach_group",
        pc,
        2,
        (
            Choose(fails, None, BOOL),
            If(
                fails,
                (
                    Assign(owner.index, const(0)),
                    result("__iommu_attach_group", (ERRNO, 1)),
                ),
                (
                    Assign(hw.index, const(1)),
                    result("__iommu_attach_group", (ERRNO, 0)),
                ),
            ),
            *release(mutex, "mutex"),
            result(api),
        ),
    )


def crossed() -> Model:
    """Two CPUs take two locks in opposite orders."""
    b = Builder("Crossed", "specs/crossed.py")
    cpus = ("reclaim(cpu0)", "unmap(cpu1)")
    type_ = LockType(LockKind.MUTEX, cpus)
    locks = {name: b.variable(name, type_, role=Role.LOCK)[0] for name in "AB"}
    for number, (actor, order) in enumerate(zip(cpus, ("AB", "BA"), strict=True)):
        waits = [(WaitKind.ACQUIRE, name, name) for name in order]
        pc = b.process(actor, waits)
        for at, name in enumerate(order):
            body = acquire(locks[name], number, name)
            if at:
                inner, outer = order[1], order[0]
                body += release(locks[inner], inner) + release(locks[outer], outer)
            b.step(actor, actor.partition("(")[0], pc, at, body)
    b.prop(DEADLOCK, Kind.DEADLOCK)
    return b.model()


PATH = "specs/counting.py"


def counting(limit: int = 3) -> Model:
    """Actions count up until an assertion fails; there is no process."""
    b = Builder("Counting", PATH)
    (count,) = b.variable("refs", IntType(0, 9))
    (closed,) = b.variable("closed", BOOL)
    old = leaf(Op.TEMP, 0, Sort.INT, 0, 9)
    failing = Assert(
        le(old, const(limit)),
        Check.ASSERT,
        f"refs <= {limit}",
        "get",
        Span(PATH, 12, 5),
    )
    for dev in range(2):
        b.step(
            f"get(dev{dev})",
            "get",
            None,
            0,
            (
                Require(not_(closed.now)),
                Let(old, add(count.now, const(dev + 1))),
                failing,
                Assign(count.index, old),
            ),
        )
    b.step("close", "close", None, 0, (Assign(closed.index, TRUE),))
    b.prop("get_refs", Kind.ASSERTION)
    return b.model()


def retrying() -> Model:
    """A driver probes a device again and again, which may fail; a user comes and goes.

    Its one temporal property is violated: probing may fail for ever.
    """
    path = "specs/retrying.py"
    b = Builder("Retrying", path)
    (wants,) = b.variable("wants", BOOL)
    (bound,) = b.variable("bound", BOOL)
    (opened,) = b.variable("opened", BOOL)
    pc = b.process("driver_core(dev0)", [(WaitKind.PREEMPT, "driver_core", None)])
    succeeds = leaf(Op.TEMP, 0, Sort.BOOL, 0, 1)
    probe: Body = (
        call("probe", (DEVICE, 0)),
        Choose(succeeds, None, BOOL),
        If(succeeds, (Assign(bound.index, TRUE), Assign(wants.index, FALSE)), ()),
        result("probe", (DEVICE, 0)),
    )
    b.step(
        "driver_core(dev0)",
        "driver_core",
        pc,
        0,
        (Require(wants.now), *probe, Assign(pc.index, const(0))),
    )
    fresh = Require(and_(not_(wants.now), not_(bound.now)))
    b.step("plug(dev0)", "plug", None, 0, (fresh, Assign(wants.index, TRUE)))
    b.step("open(file0)", "open", None, 0, (Assign(opened.index, not_(opened.now)),))
    b.prop("binds", Kind.TEMPORAL, doc="Who wants a driver gets one.")
    wanted = Formula(Connective.ATOM, atom=0)
    either = Formula(
        Connective.OR,
        (
            Formula(Connective.NOT, (wanted,)),
            Formula(Connective.EVENTUALLY, (Formula(Connective.ATOM, atom=1),)),
        ),
    )
    question = Temporal(
        Formula(Connective.ALWAYS, (either,)),
        (Atom((), wants.now, "self.wants"), Atom((), bound.now, "self.bound")),
        ((wanted, "self.wants"),),
    )
    model = b.model()
    served = leaf(Op.NEXT, bound.index, Sort.BOOL, 0, 1)
    return replace(
        model,
        properties=(replace(model.properties[0], temporal=question),),
        fairness=(
            Fairness("driver_core(dev0)", Strength.WEAK, frozenset({0})),
            Fairness("plug(dev0)", Strength.WEAK, frozenset({1})),
            Fairness("closes", Strength.STRONG, frozenset({2}), (), not_(served)),
        ),
    )


def lasso(model: Model, moves: Sequence[tuple[int, int]], loop: int) -> Evidence:
    """The run that takes of each step the outcome with a number, and repeats."""
    interpreter = Interpreter(model)
    states = [interpreter.initial()[0]]
    for step, number in moves:
        outcomes = list(interpreter.outcomes(model.steps[step], states[-1]))
        state = outcomes[number].state
        assert state is not None
        states.append(state)
    assert states.pop() == states[loop]
    return Evidence(tuple(states), loop=loop, taken=tuple(s for s, _ in moves))


def search(model: Model, engine: str = "explore") -> Findings:
    """A plain breadth-first search by the interpreter, for evidence and counts."""
    interpreter = Interpreter(model)
    paths: dict[State, tuple[State, ...]] = {}
    levels: list[list[State]] = [list(dict.fromkeys(interpreter.initial()))]
    paths |= {state: (state,) for state in levels[0]}
    generated = len(levels[0])
    found: dict[str, Evidence] = {}
    while levels[-1]:
        following: list[State] = []
        for state in levels[-1]:
            _judge_state(interpreter, state, paths[state], found)
            for outcome in interpreter.successors(state):
                generated += 1
                if outcome.failed is not None:
                    evidence = Evidence(
                        paths[state], outcome.failed, outcome.step.index
                    )
                    found.setdefault(_assertion(model), evidence)
                elif outcome.state is not None and outcome.state not in paths:
                    paths[outcome.state] = (*paths[state], outcome.state)
                    following.append(outcome.state)
        levels.append(following)
    sizes = tuple(map(len, levels[:-1]))
    counts = Counts(len(paths), generated, sizes, 0, (0, 1.25, 3))
    findings = tuple(_finding(prop, found) for prop in model.properties)
    return Findings(engine, findings, counts, frozenset(), 0.25, len(sizes) - 1)


def _assertion(model: Model) -> str:
    return next(p.name for p in model.properties if p.kind is Kind.ASSERTION)


def _judge_state(
    interpreter: Interpreter,
    state: State,
    path: tuple[State, ...],
    found: dict[str, Evidence],
) -> None:
    for prop in interpreter.model.properties:
        if prop.kind in (Kind.INVARIANT, Kind.REACHABLE):
            if interpreter.holds(prop, state) == (prop.kind is Kind.REACHABLE):
                found.setdefault(prop.name, Evidence(path))
        elif prop.kind is Kind.TEMPORAL and prop.name not in found:
            moves = [(2, 0), (1, 0), (0, 0), (2, 0), (2, 0)]
            found[prop.name] = lasso(interpreter.model, moves, 2)
        elif prop.kind is Kind.DEADLOCK and interpreter.is_deadlock(state):
            found.setdefault(prop.name, Evidence(path))


def _finding(prop: Property, found: dict[str, Evidence]) -> Finding:
    evidence = found.get(prop.name)
    is_bad = (evidence is not None) != (prop.kind is Kind.REACHABLE)
    verdict = Verdict.VIOLATED if is_bad else Verdict.HOLDS
    return Finding(prop, verdict, evidence)


def crowd() -> Model:
    """Four actors take turns: too many for columns, and a trace of many steps."""
    b = Builder("Crowd", "specs/many_users_of_one_group.py")
    b.scopes = {"Device": 2}
    actors = (
        "driver_core(dev0)",
        "driver_core(dev1)",
        "vfio_user(file0)",
        "hotplug(dev1)",
    )
    lock = LockType(LockKind.MUTEX, actors)
    (mutex,) = b.variable("mutex", lock, role=Role.LOCK)
    hw = b.variable("hw", DictType(DEVICE, DOMAIN))
    (count,) = b.variable("users", IntType(0, 9))
    waits = [
        (WaitKind.ACQUIRE, "mutex", "mutex"),
        (WaitKind.PREEMPT, "attach", None),
        (WaitKind.UNTIL, "users", None),
    ]
    for number, actor in enumerate(actors):
        function, dev = actor.partition("(")[0], number % 2
        pc = b.process(actor, waits)
        entering = (
            call(f"iommu_group_{function}", (DEVICE, dev)),
            *acquire(mutex, number, "mutex"),
            Assign(count.index, add(count.now, const(1))),
            call("__iommu_group_set_domain", (DOMAIN, 1)),
        )
        leaving = (
            Assign(hw[dev].index, const(1)),
            result("__iommu_group_set_domain", (ERRNO, dev)),
            *release(mutex, "mutex"),
        )
        b.step(actor, function, pc, 0, entering)
        b.step(actor, function, pc, 1, leaving)
        everybody = Require(le(const(4), count.now))
        returns = result(f"iommu_group_{function}", (ERRNO, 0))
        b.step(
            actor, function, pc, 2, (everybody, Assign(count.index, const(9)), returns)
        )
    b.prop("users_stay_few", Kind.INVARIANT, le(count.now, const(4)))
    return b.model()
