"""The edges of the native explorer: when memory ends, and in a large search."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelcheck.explore.native import NativeExplorer, engine
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery
from modelcheck.explore.native.links import LinkStore
from modelcheck.explore.native.memory import PAGE
from modelcheck.liveness import engine as decision
from modelcheck.liveness.collecting import collect
from modelcheck.liveness.linking import Linking
from modelcheck.model.program import Cell, Kind, Model, Property
from modelcheck.model.statements import (
    Assert,
    Assign,
    Check,
    Choose,
    Statement,
)
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.temporal import Fairness, Strength
from modelcheck.model.terms import TRUE, Term, add, const, eq, ite, lt
from modelcheck.model.types import IntType
from modelcheck.verdict import check, cycles
from modelcheck.verdict.check import Resources, verify_model
from modelcheck.verdict.verdicts import (
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.explore.models import Builder
from tests.unit.liveness.formulas import atom, op
from tests.unit.liveness.models import ALWAYS_EVENTUALLY, made, temporal
from tests.unit.liveness.test_tiers import described


def scattered(size: int, fan: int) -> Model:
    """A state for each of `size` numbers, with steps to the `fan` numbers behind."""
    builder = Builder()
    x = builder.number("x", 0, size + fan)
    hop = builder.temp(1, fan)
    builder.step(
        "hop",
        Choose(hop, None, IntType(1, fan)),
        Assert(lt(x.now, const(size)), Check.RANGE, "too far", "step"),
        Assign(x.index, add(x.now, hop)),
    )
    return made(
        builder, [temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(-1)))]
    )


def test_edges_count_as_memory() -> None:
    """Two million edges of five bytes do not fit into eight megabytes."""
    model = scattered(10_000, 200)
    resources = Resources(memory=1)
    report = verify_model(model, "native", Limits(), Silence(), resources=resources)
    assert Stop.MEMORY in report.engines[0].stops
    found = next(p for p in report.properties if p.prop.name == "p")
    assert found.verdict is Verdict.UNKNOWN
    assert Stop.MEMORY.value in found.reason


def test_the_product_counts_as_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search ends, and then there is no memory to look for cycles."""
    pages = iter(range(100))
    monkeypatch.setattr(decision, "resident", lambda: next(pages) << 30)
    model = scattered(1_000, 5)
    resources = Resources(memory=1 << 26)
    report = verify_model(model, "native", Limits(), Silence(), resources=resources)
    assert not report.engines[0].stops
    found = next(p for p in report.properties if p.prop.name == "p")
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == "the search for cycles was ended by the memory limit"
    assert found.exit_code == 30


def test_a_batch_that_was_left_has_no_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of those of its states nobody has seen."""
    # The room for states ends in the middle of a batch, what edges take after one.
    monkeypatch.setattr(LinkStore, "is_overfull", False)
    seen: list[tuple[int, int]] = []

    def linked(machinery: Machinery, found: Findings) -> None:
        store = machinery.store
        assert isinstance(store, LinkStore)
        worker = store.workers[0]
        assert worker[Slot.POSITION] < worker[Slot.PENDING]
        graph = Linking(machinery, found).graph()
        degrees = [
            graph.first.view[n + 1] - graph.first.view[n] for n in range(graph.size)
        ]
        assert set(degrees[: store.expanded]) == {7}
        assert set(degrees[store.expanded :]) == {0}
        seen.append((store.expanded, worker[Slot.BEGIN]))

    builder = Builder()
    x = builder.number("x", 0, 1 << 40)
    hop = builder.temp(1, 7)
    builder.step("hop", Choose(hop, None, IntType(1, 7)),
                 Assign(x.index, add(add(x.now, x.now), add(x.now, hop))))  # fmt: skip
    model = builder.model()
    NativeExplorer(1, 4 * PAGE, linked=linked).run(model, Limits(), Silence())
    [(expanded, begun)] = seen
    assert expanded < begun


def test_a_model_with_more_states_than_a_page() -> None:
    """The table grows while edges to its states are logged."""
    builder = Builder()
    cells = [builder.number(f"c{n}", 0, 9) for n in range(5)]
    for cell in cells:
        builder.step(
            f"up{cell.index}",
            Assert(TRUE, Check.RANGE, "fine", "step"),
            Assign(cell.index, around(cell, 9)),
        )
    never = op(Op.NOT, op(Op.AND, ALWAYS_EVENTUALLY))
    model = made(builder, [temporal("p", never, eq(cells[4].now, const(9)))])
    report = verify_model(model, "native", Limits(), Silence(), confirm=False)
    found = next(p for p in report.properties if p.prop.name == "p")
    assert report.counts is not None
    assert report.counts.distinct == 100_000
    assert found.verdict is Verdict.VIOLATED
    assert found.trace is not None
    assert len(found.trace.steps) == 10


def around(cell: Cell, most: int) -> Term:
    """The number after the one in `cell`; 0 after `most`."""
    return ite(eq(cell.now, const(most)), const(0), add(cell.now, const(1)))


def test_safety_alone_keeps_no_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the code for it is there."""
    texts: list[str] = []
    original = engine.write_program

    def spy(*arguments: object) -> object:
        program = original(*arguments)  # type: ignore[arg-type]
        texts.append(program.text)
        return program

    monkeypatch.setattr(engine, "write_program", spy)
    model = scattered(20, 2)
    safe = replace(model, properties=model.properties[:-1])
    verify_model(safe, "native", Limits(), Silence(), confirm=False)
    assert "@link(" not in texts[0]
    verify_model(model, "native", Limits(), Silence(), confirm=False)
    assert "@link(" in texts[1]


def test_a_graph_too_large_for_python_is_made_by_machine_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cycles, "SMALL_GRAPH", 10)
    calls: list[int] = []
    original = check._native

    def spy(*arguments: object) -> Findings:
        calls.append(1)
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(check, "_native", spy)
    report = verify_model(scattered(20, 2), "auto", Limits(), Silence())
    assert calls == [1]
    assert [each.name for each in report.engines] == ["explore", "bmc", "liveness"]


def bounded(result: Term, *body: Statement) -> Model:
    """Three numbers in a circle, of which a constraint cuts one off; one is fair."""
    builder = Builder()
    x = builder.number("x", 0, 3)
    builder.step("up", Assign(x.index, around(x, 3)))
    builder.constraints.append(
        Property("few", Kind.CONSTRAINT, (), lt(x.now, const(3)))
    )
    return made(
        builder,
        [temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))],
        Fairness("f", Strength.WEAK, frozenset({0}), body, result),
    )


def test_predicates_beside_constraints() -> None:
    """What a predicate says about a step to a state outside counts as well."""
    model = bounded(eq(bounded(TRUE).cells[0].after, const(3)))
    graphs: list[object] = [described(collect(model, Limits(), Silence()), [])]

    def linked(machinery: Machinery, found: Findings) -> None:
        graphs.append(described(Linking(machinery, found).graph(), []))

    NativeExplorer(linked=linked).run(model, Limits(), Silence())
    assert graphs[0] == graphs[1]
    report = verify_model(model, "native", Limits(), Silence())
    found = next(p for p in report.properties if p.prop.name == "p")
    assert found.verdict is Verdict.BOUNDED


def test_predicates_that_fail_beside_constraints_are_refused() -> None:
    """To show where, the state outside would have to be known."""
    fails = Assert(eq(const(0), const(1)), Check.RANGE, "too far", "predicate")
    report = verify_model(bounded(TRUE, fails), "native", Limits(), Silence())
    found = next(p for p in report.properties if p.prop.name == "p")
    assert found.verdict is Verdict.UNKNOWN
    assert "constraint" in found.reason
