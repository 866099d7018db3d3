"""PDR: what it proves, with which clauses, and what must not mislead it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelcheck.certify.check import refuse
from modelcheck.explore.book import PropertyError
from modelcheck.explore.search import Explorer
from modelcheck.model import terms as t
from modelcheck.model.program import EVALUATION, Kind, Model
from modelcheck.model.statements import Assign, Check, Require
from modelcheck.model.temporal import Connective, Formula, Temporal
from modelcheck.report.console import render_console
from modelcheck.report.mail import render_mail_report
from modelcheck.solve import pdr
from modelcheck.solve.cubes import Alphabet, Cube, features_of, is_within, keeping
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.pdr import PropertyDirected
from modelcheck.solve.samples import Samples
from modelcheck.solve.session import Answer, Reply, Session
from modelcheck.trace.invariant import ClauseSpeller
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.proofs import certificate_of
from modelcheck.verdict.report import build_report
from modelcheck.verdict.verdicts import Findings, Limits, Silence, Stop, Verdict
from tests.unit.solve.models import (
    BOOLS,
    CHECKS,
    DEADLOCK,
    Parts,
    assertion,
    cells,
    check,
    choose,
    fitting,
    ints,
    masks,
    prop,
    temp,
)

ONE = t.const(1)


def run(model: Model, samples: int = 100, **limits: object) -> Findings:
    """What the engine finds; what it proves, `certify` accepts."""
    engine = PropertyDirected(samples)
    found = engine.run(model, replace(Limits(), **limits), Silence())
    certificate = certificate_of(model, found)
    if certificate is not None:
        assert refuse(certificate, model) is None
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    return found


def verdicts(found: Findings) -> dict[str, str]:
    return {finding.prop.name: finding.verdict.value for finding in found.findings}


def clauses(model: Model, found: Findings) -> list[str]:
    assert found.proof is not None
    # The variables of these models are Booleans by name; the cells are what counts.
    plain = replace(model, variables=())
    return list(map(ClauseSpeller(plain).text, found.proof.clauses))


def evens(size: int = 8) -> Parts:
    """Goes up by two and stays below `size`."""
    parts = Parts(cells(n=ints(0, size)), (0,))
    n = parts.cells[0].now
    up = t.add(n, t.const(2))
    parts.step("go", Assign(0, t.ite(t.lt(up, t.const(size)), up, n)))
    parts.properties = [
        prop(Kind.INVARIANT, "not_five", t.not_(t.eq(n, t.const(5)))),
        prop(Kind.REACHABLE, "three", t.eq(n, t.const(3))),
    ]
    return parts


def test_without_samples_it_proves_as_much() -> None:
    assert verdicts(run(evens().model(), 0)) == verdicts(run(evens().model()))


def test_the_invariant_is_found_and_can_be_read() -> None:
    model = evens().model()
    found = run(model)
    assert verdicts(found) == {"not_five": "holds", "three": "violated"}
    assert found.proof is not None
    assert found.proof.k == 1
    (even,) = clauses(model, found)
    assert even in {"n in (0, 2, 4, 6)", "n in (0, 2, 4, 6, 8)"}


def count_to(top: int, *, is_stopped: bool) -> Parts:
    """Counts up; at `top` it is either stuck or goes on until it leaves its range."""
    parts = Parts(cells(n=ints(0, top + 1)), (0,))
    n = parts.cells[0].now
    guard = Require(t.lt(n, t.const(top)))
    parts.step("up", *(guard,) * is_stopped, *fitting(parts.cells[0], t.add(n, ONE), 1))
    return parts


@pytest.mark.parametrize("top", [0, 1, 2, 5])
def test_pono_457_a_deadlock_does_not_mask_the_bad_state(top: int) -> None:
    """The bad state has no successor: whoever asks for one misses it."""
    parts = count_to(top, is_stopped=True)
    n = parts.cells[0].now
    parts.properties = [
        prop(Kind.INVARIANT, "below", t.lt(n, t.const(top))),
        prop(Kind.INVARIANT, "within", t.le(n, t.const(top))),
        DEADLOCK,
        CHECKS,
    ]
    found = run(parts.model())
    assert verdicts(found) == {
        "below": "violated",
        "within": "holds",
        "deadlock": "violated",
        EVALUATION: "holds",
    }
    lengths = [f.evidence and f.evidence.length for f in found.findings]
    assert lengths == [top, None, top, None]


def test_pono_457_a_step_that_fails_is_no_end_of_the_question() -> None:
    parts = count_to(3, is_stopped=False)
    parts.step("assert", check(t.lt(parts.cells[0].now, t.const(4)), 7))
    parts.properties = [assertion(7), CHECKS, DEADLOCK]
    found = run(parts.model())
    assert verdicts(found) == {
        "assert_7": "violated",
        EVALUATION: "violated",
        "deadlock": "holds",
    }
    assert [f.evidence and f.evidence.length for f in found.findings] == [5, 5, None]


def test_pono_457_nothing_holds_without_initial_states() -> None:
    parts = evens()
    parts.init = (Require(t.FALSE),)
    found = run(parts.model())
    assert set(verdicts(found).values()) == {"unknown"}


def test_pono_457_a_constraint_that_cuts_paths_off_proves_nothing() -> None:
    parts = count_to(6, is_stopped=False)
    n = parts.cells[0].now
    parts.properties = [prop(Kind.INVARIANT, "small", t.lt(n, t.const(5)))]
    parts.constraints = [prop(Kind.CONSTRAINT, "short", t.lt(n, t.const(2)))]
    found = run(parts.model())
    assert verdicts(found) == {"small": "bounded"}
    assert found.proof is None
    assert Stop.CONSTRAINT in found.stops


def test_a_constraint_that_cuts_nothing_off_is_proved_to() -> None:
    parts = evens()
    n = parts.cells[0].now
    parts.constraints = [prop(Kind.CONSTRAINT, "low", t.lt(n, t.const(8)))]
    assert verdicts(run(parts.model()))["not_five"] == "holds"


def test_a_constraint_without_a_value_is_an_error() -> None:
    parts = count_to(3, is_stopped=True)
    failing = check(t.lt(parts.cells[0].now, t.const(2)), 9, Check.KEY)
    parts.properties = [prop(Kind.INVARIANT, "any", t.TRUE)]
    parts.constraints = [prop(Kind.CONSTRAINT, "partial", t.TRUE, failing)]
    with pytest.raises(PropertyError):
        run(parts.model())


def test_a_property_without_a_value_is_an_error() -> None:
    parts = evens()
    failing = check(t.lt(parts.cells[0].now, t.const(4)), 9, Check.KEY)
    parts.properties.append(prop(Kind.INVARIANT, "partial", t.TRUE, failing))
    with pytest.raises(PropertyError):
        run(parts.model())


def test_a_transition_property_and_choices() -> None:
    parts = Parts(cells(n=ints(0, 5)), (0,))
    cell = parts.cells[0]
    chosen = temp(1, ints(0, 2))
    parts.step("more", choose(chosen), *fitting(cell, t.add(cell.now, chosen), 1))
    small = t.le(t.sub(cell.after, cell.now), t.const(2))
    parts.properties = [
        prop(Kind.TRANSITION, "never_less", t.le(cell.now, cell.after)),
        prop(Kind.TRANSITION, "small_steps", small),
        prop(Kind.TRANSITION, "single", t.le(t.sub(cell.after, cell.now), ONE)),
        CHECKS,
        DEADLOCK,
    ]
    assert verdicts(run(parts.model())) == {
        "never_less": "holds",
        "small_steps": "holds",
        "single": "violated",
        EVALUATION: "violated",
        "deadlock": "holds",
    }


def test_masks_and_large_numbers() -> None:
    parts = Parts(cells(m=masks(3), n=ints(-100, 100)), (0b001, -100))
    m, n = (cell.now for cell in parts.cells)
    up = t.ite(t.lt(n, t.const(98)), t.add(n, t.const(2)), n)
    parts.step("n", *fitting(parts.cells[1], up, 1))
    added = t.union(m, t.bit(ONE, 3))
    parts.step("m", Assign(0, added))
    parts.properties = [
        prop(Kind.INVARIANT, "even", t.eq(t.mod(n, t.const(2)), t.const(0))),
        prop(Kind.INVARIANT, "never_two", t.not_(t.has(m, t.const(2)))),
        prop(Kind.REACHABLE, "one", t.has(m, ONE)),
    ]
    model = parts.model()
    found = run(model)
    assert verdicts(found) == {"even": "holds", "never_two": "holds", "one": "holds"}
    assert set(clauses(model, found)) == {"(n - -100) // 1 % 2 == 0", "2 not in m"}


def hidden() -> Parts:
    """`c` follows `b` follows `a`, which stays false; a path of three steps is bad."""
    parts = Parts(cells(a=BOOLS, b=BOOLS, c=BOOLS), (0, 0, 0))
    a, b, c = (cell.now for cell in parts.cells)
    parts.step("b", Assign(1, a))
    parts.step("c", Assign(2, b))
    parts.properties = [prop(Kind.INVARIANT, "no_c", t.not_(c))]
    return parts


def test_clauses_are_learnt_one_behind_the_other() -> None:
    model = hidden().model()
    assert sorted(clauses(model, run(model))) == ["not a", "not b", "not c"]


def test_a_path_need_not_be_shortest_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = count_to(6, is_stopped=False)
    n = parts.cells[0].now
    after = parts.cells[0].after
    parts.properties = [
        prop(Kind.INVARIANT, "below_four", t.lt(n, t.const(4))),
        prop(Kind.TRANSITION, "not_to_five", t.not_(t.eq(after, t.const(5)))),
        prop(Kind.REACHABLE, "six", t.eq(n, t.const(6))),
        CHECKS,
    ]
    shortest = run(parts.model())
    monkeypatch.setattr(pdr, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(pdr, "SHORTEST_SHARE", 0.0)
    found = run(parts.model())
    assert verdicts(found) == verdicts(shortest)
    for one, two in zip(shortest.findings, found.findings, strict=True):
        assert one.evidence is not None
        assert two.evidence is not None
        assert one.evidence.is_shortest
        assert not two.evidence.is_shortest
        assert two.reason == "there may be a shorter path"
        assert one.evidence.length == two.evidence.length  # there is but one path
    report = build_report(parts.model(), [found], engine="pdr")
    assert "7 steps" in render_console(report)
    assert "shortest" not in render_mail_report(report)
    assert "shortest" in render_mail_report(build_report(parts.model(), [shortest]))


def test_a_property_without_a_value_at_the_end_of_its_own_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdr, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(pdr, "SHORTEST_SHARE", 0.0)
    parts = evens()
    failing = check(t.lt(parts.cells[0].now, t.const(4)), 9, Check.KEY)
    parts.properties = [prop(Kind.INVARIANT, "partial", t.TRUE, failing)]
    with pytest.raises(PropertyError):
        run(parts.model())


def test_temporal_properties_are_out_of_reach() -> None:
    parts = evens()
    truth = Temporal(Formula(Connective.TRUE), ())
    temporal = replace(prop(Kind.TEMPORAL, "runs", t.TRUE), temporal=truth)
    parts.properties.append(temporal)
    report = build_report(parts.model(), [run(parts.model())], engine="pdr")
    verdicts = {each.prop.name: each.verdict for each in report.properties}
    assert verdicts["runs"] is Verdict.UNKNOWN
    assert verdicts["not_five"] is Verdict.HOLDS


def test_z3_unknown_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traps, 16: z3 may give up, and another seed may not."""
    asked = Session._check

    def gives_up(
        self: Session, solver: object, assumptions: list[object] | tuple[()] = ()
    ) -> Reply:
        reply = asked(self, solver, assumptions)
        return Reply(Answer.UNKNOWN, reason="tired") if assumptions else reply

    monkeypatch.setattr(Session, "_check", gives_up)
    found = run(evens().model())
    assert set(verdicts(found).values()) == {"unknown"}
    assert "tired" in found.findings[0].reason
    assert Stop.SOLVER in found.stops


def test_limits() -> None:
    model = hidden().model()
    found = run(model, depth=1)
    assert verdicts(found) == {"no_c": "bounded"}
    assert (found.depth, found.stops) == (1, {Stop.DEPTH})
    assert run(model, seconds=0.0).stops == {Stop.TIME}

    class Impatient(Silence):
        def is_interrupted(self) -> bool:
            return True

    found = PropertyDirected().run(model, Limits(), Impatient())
    assert found.stops == {Stop.INTERRUPT}


def test_enough_violations() -> None:
    parts = count_to(6, is_stopped=False)
    n = parts.cells[0].now
    parts.properties = [
        prop(Kind.INVARIANT, f"below_{top}", t.lt(n, t.const(top))) for top in (2, 4, 9)
    ]
    found = run(parts.model(), max_violations=1)
    assert list(verdicts(found).values()) == ["violated", "bounded", "bounded"]
    assert Stop.VIOLATIONS in found.stops


def test_cubes() -> None:
    model = Parts(cells(n=ints(0, 4), b=BOOLS, m=masks(2)), (0, 0, 0)).model()
    alphabet = Alphabet(Encoding(replace(model, steps=())))
    features = alphabet.features
    assert [(f.cell.name, f.bit) for f in features] == [
        *(("n", None), ("b", None)),
        *(("m", 0), ("m", 1)),
    ]
    state = (3, 1, 0b10)
    whole = alphabet.cube_of(state)
    assert alphabet.contains(whole, state)
    part: Cube = {0: frozenset({2, 3}), 3: frozenset({1})}
    assert is_within(whole, part)
    assert not is_within(part, whole)
    used = [(number, value) for number, value, _ in alphabet.literals(part, 0)]
    assert keeping(part, used, features) == part
    samples = Samples(features, [(2, 0, 0b10), (3, 0, 0b01)], has_initial=True)
    assert samples.meets(part)
    assert not samples.meets({0: frozenset({3}), 3: frozenset({1})})
    assert samples.meets({})
    assert not Samples(features, [], has_initial=True).meets({})
    speller = ClauseSpeller(replace(model, variables=()))
    clause = alphabet.readable(part)
    assert speller.text(clause) == "n not in (2, 3) or 1 not in m"


def test_a_large_number_is_told_by_its_bits() -> None:
    (cell,) = cells(n=ints(-3, 200))
    found = features_of(cell)
    assert [f.bit for f in found] == list(range(8))
    value = sum(f.value((100,)) << (f.bit or 0) for f in found)
    assert value == 103


def test_the_explorer_agrees_on_a_counter() -> None:
    model = count_to(5, is_stopped=True).model()
    n = model.cells[0].now
    asked = tuple(
        prop(Kind.REACHABLE, f"is_{k}", t.eq(n, t.const(k))) for k in range(7)
    )
    model = replace(model, properties=asked)
    want = Explorer().run(model, Limits(), Silence())
    assert verdicts(run(model)) == verdicts(want)
