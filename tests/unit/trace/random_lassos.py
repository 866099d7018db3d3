"""Random formulas, and random walks that have come back to where they have been."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Kind, Model
from modelcheck.model.statements import Assign, Require
from modelcheck.model.temporal import (
    Atom,
    Connective,
    Fairness,
    Formula,
    Strength,
    Temporal,
)
from modelcheck.model.terms import TRUE, add, const, eq, ite, lt, not_
from modelcheck.model.types import BOOL, IntType
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import STUTTER, Evidence
from tests.golden.samples import Builder, retrying

_UNARY = (
    Connective.NOT,
    Connective.NEXT,
    Connective.ALWAYS,
    Connective.EVENTUALLY,
)


def formulas(atoms: int) -> st.SearchStrategy[Formula]:
    """Formulas over so many atoms."""
    leaf = st.one_of(
        st.just(Formula(Connective.TRUE)),
        st.integers(0, atoms - 1).map(lambda n: Formula(Connective.ATOM, atom=n)),
    )

    def larger(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        return st.one_of(
            st.builds(lambda op, f: Formula(op, (f,)), st.sampled_from(_UNARY), inner),
            st.builds(lambda f, g: Formula(Connective.UNTIL, (f, g)), inner, inner),
            st.builds(
                lambda op, parts: Formula(op, tuple(parts)),
                st.sampled_from((Connective.AND, Connective.OR)),
                st.lists(inner, max_size=3),
            ),
        )

    return st.recursive(leaf, larger, max_leaves=6)


def wheel(strength: Strength) -> Model:
    """A wheel turns through three places; from the first a door leads inside.

    Inside there is no step. The property says that one is inside in the end.
    """
    b = Builder("Wheel", "specs/wheel.py")
    (place,) = b.variable("place", IntType(0, 2))
    (inside,) = b.variable("inside", BOOL)
    outside = Require(not_(inside.now))
    following = ite(lt(place.now, const(2)), add(place.now, const(1)), const(0))
    b.step("turn", "turn", None, 0, (outside, Assign(place.index, following)))
    door = Require(eq(place.now, const(0)))
    b.step("enter", "enter", None, 0, (outside, door, Assign(inside.index, TRUE)))
    b.prop("leaves", Kind.TEMPORAL)
    atoms = (
        Atom((), eq(place.now, const(0)), "self.place == 0"),
        Atom((), inside.now, "self.inside"),
    )
    here, within = (Formula(Connective.ATOM, atom=number) for number in range(2))
    never = Formula(Connective.NOT, (within,))
    formula = Formula(Connective.ALWAYS, (Formula(Connective.AND, (here, never)),))
    model = b.model()
    return replace(
        model,
        properties=(replace(model.properties[0], temporal=Temporal(formula, atoms)),),
        fairness=(Fairness("enter", strength, frozenset({1})),),
    )


@st.composite
def lassos(draw: st.DrawFn) -> Trace:
    """A lasso of a sample, fair or not, and of a random property."""
    model = draw(st.sampled_from([retrying(), wheel(Strength.STRONG)]))
    prop = model.properties[0]
    assert prop.temporal is not None
    question = replace(prop.temporal, formula=draw(formulas(atoms=2)))
    model = replace(model, properties=(replace(prop, temporal=question),))
    interpreter = Interpreter(model)
    states, taken = [interpreter.initial()[0]], []
    while True:
        outcomes = [o for o in interpreter.successors(states[-1]) if o.state]
        if not outcomes:
            evidence = Evidence(
                tuple(states), loop=len(states) - 1, taken=(*taken, STUTTER)
            )
            break
        chosen = draw(st.sampled_from(outcomes))
        assert chosen.state is not None
        taken.append(chosen.step.index)
        if chosen.state in states and not draw(st.booleans()):
            loop = states.index(chosen.state)
            evidence = Evidence(tuple(states), loop=loop, taken=tuple(taken))
            break
        states.append(chosen.state)
    # A walk need not be fair: what it is shown for decides nothing here.
    trace = replay_evidence(replace(model, fairness=()), evidence)
    return replace(trace, model=model)
