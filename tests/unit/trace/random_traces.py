"""Random models with long and odd names, and random walks through them."""

from __future__ import annotations

from hypothesis import strategies as st

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Kind, Model, Role
from modelcheck.model.statements import Assign, Body, Mark, MarkKind, WaitKind
from modelcheck.model.terms import add, const, le
from modelcheck.model.types import DictType, EnumType, IntType, LockKind, LockType
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import Evidence
from tests.golden.samples import Builder, acquire, call, release, result

names = st.text(
    st.characters(categories=("Lu", "Ll", "Nd", "Pc", "Zs", "Po", "Cc", "So")),
    min_size=1,
    max_size=60,
)
WAITS = [
    (WaitKind.ACQUIRE, "m", "m"),
    (WaitKind.PREEMPT, "preempt", None),
    (WaitKind.LEAVE, "m", None),
]


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A few processes that lock, call, count and return, for ever."""
    b = Builder(draw(names), draw(names))
    lock_name, count_name, map_name = draw(st.tuples(names, names, names))
    actors = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    member = EnumType("E", tuple(draw(st.lists(names, min_size=1, max_size=3))))
    type_ = LockType(LockKind.MUTEX, tuple(actors))
    (mutex,) = b.variable(lock_name, type_, role=Role.LOCK)
    (count,) = b.variable(count_name, IntType(0, 99))
    cells = b.variable(map_name, DictType(member, IntType(0, 99)))
    for number, actor in enumerate(actors):
        function, inner = draw(names), draw(names)
        pc = b.process(actor, WAITS)
        grow = tuple(Assign(c.index, add(count.now, const(1))) for c in (*cells, count))
        bodies: list[Body] = [
            (call(function, (member, 0)), *acquire(mutex, number, lock_name)),
            (*grow, call(inner), Mark(MarkKind.CALL, draw(names), ())),
            (result(inner, (member, 0)), *release(mutex, lock_name), result(function)),
        ]
        for at, body in enumerate(bodies):
            again = (Assign(pc.index, const(0)),) if at == 2 else ()
            b.step(actor, function, pc, at, (*body, *again))
    b.prop(draw(names), Kind.INVARIANT, le(count.now, const(0)))
    return b.model()


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """A walk of at most 30 steps."""
    model = draw(models())
    interpreter = Interpreter(model)
    path = [interpreter.initial()[0]]
    for choice in draw(st.lists(st.integers(0, 9), max_size=30)):
        following = [o.state for o in interpreter.successors(path[-1]) if o.state]
        path.append(following[choice % len(following)])
    return replay_evidence(model, Evidence(tuple(path)))
