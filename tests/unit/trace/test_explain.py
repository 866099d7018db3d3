from __future__ import annotations

from dataclasses import replace

from modelcheck.model.program import Kind, Model, Role
from modelcheck.model.statements import (
    Assign,
    Choose,
    If,
    Let,
    Mark,
    MarkKind,
    Require,
    WaitKind,
)
from modelcheck.model.terms import (
    Op,
    Sort,
    Term,
    add,
    and_,
    card,
    const,
    eq,
    has,
    ite,
    le,
    leaf,
    lt,
    mask,
    not_,
    or_,
    subset,
    union,
)
from modelcheck.model.types import (
    BOOL,
    DictType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    SetType,
)
from modelcheck.trace.explain import Value, awaited, explain, meaning, stuck
from modelcheck.trace.expression import Speller
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_address
from modelcheck.trace.story import tell
from tests.golden import samples
from tests.golden.samples import DEVICE, DOMAIN, FILE, Builder


def zoo() -> tuple[Builder, dict[str, Term]]:
    """A variable of every kind that a formula can read."""
    b = Builder("Zoo", "zoo.py")
    types = {
        "flag": BOOL,
        "count": IntType(-2, 5),
        "dom": DOMAIN,
        "owner": OptionalType(FILE),
        "seen": SetType(DEVICE),
        "hw": DictType(DEVICE, DOMAIN),
    }
    cells = {}
    for name, type_ in types.items():
        found = b.variable(name, type_)
        cells |= {name: found[0].now, f"{name}'": found[0].after}
        cells |= {f"{name}{i}": cell.now for i, cell in enumerate(found)}
    return b, cells


def test_formulas_read_like_the_spec() -> None:
    b, c = zoo()
    shown = {
        "flag": c["flag"],
        "not flag": not_(c["flag"]),
        "count == 3": eq(c["count"], const(3)),
        "count != -1": not_(eq(c["count"], const(-1))),
        "count >= 2": le(const(2), c["count"]),
        "count > 2": lt(const(2), c["count"]),
        "count < 2": not_(le(const(2), c["count"])),
        "count + 1 <= 3": le(add(c["count"], const(1)), const(3)),
        "dom == USER": eq(c["dom"], const(1)),
        "owner == None": eq(c["owner"], const(0)),
        "owner != file0": not_(eq(c["owner"], const(1))),
        "dev1 in seen": has(c["seen"], const(1)),
        "dev0 not in seen": not_(has(c["seen"], const(0))),
        "seen == {dev0}": eq(c["seen"], mask(1, 2)),
        "seen | {dev0} == {dev0, dev1}": eq(union(c["seen"], mask(1, 2)), mask(3, 2)),
        "seen <= {dev1}": subset(c["seen"], mask(2, 2)),
        "len(seen) < 2": lt(card(c["seen"]), const(2)),
        "hw[dev1] == DEFAULT": eq(c["hw1"], const(0)),
        "hw[dev0] == hw[dev1]": eq(c["hw0"], c["hw1"]),
        "after.dom == USER": eq(c["dom'"], const(1)),
        "(flag or dom == USER) and owner == None": and_(
            or_(c["flag"], eq(c["dom"], const(1))), eq(c["owner"], const(0))
        ),
        "not (flag and dom == USER)": not_(and_(c["flag"], eq(c["dom"], const(1)))),
        "flag and count == 2": eq(ite(c["flag"], c["count"], const(0)), const(2)),
        "(count if flag else 0) < 2": lt(
            ite(c["flag"], c["count"], const(0)), const(2)
        ),
    }
    speller = Speller(b.model())
    for text, term in shown.items():
        assert speller.text(term) == text


def changed(result: Term, kind: Kind = Kind.INVARIANT) -> tuple[Trace, Model]:
    """A step in which `count` becomes 2, `seen` {dev1} and `hw[dev0]` USER."""
    b, c = zoo()
    body = (
        Assign(c["count"].value, const(2)),
        Assign(c["seen"].value, mask(2, 2)),
        Assign(c["hw0"].value, const(1)),
    )
    b.step("go", "go", None, 0, body)
    b.prop("p", kind, result)
    model = b.model()
    return replay_address(model, "0/0"), model


def test_only_the_false_conjuncts_are_shown() -> None:
    _, c = zoo()
    true, false = eq(c["owner"], const(0)), not_(has(c["seen"], const(1)))
    trace, model = changed(and_(true, false, le(c["count"], const(1))))
    found = explain(trace, model.properties[0])
    assert found.conjuncts == ("dev1 not in seen", "count <= 1")
    assert found.values == (
        Value("count", "0", "2"),
        Value("seen", "{}", "{dev1}"),
    )


def test_values_that_do_not_decide_are_left_out() -> None:
    _, c = zoo()
    irrelevant = eq(c["dom"], const(0))
    implication = or_(not_(has(c["seen"], const(1))), and_(irrelevant, c["flag"]))
    trace, model = changed(implication)
    assert [v.name for v in explain(trace, model.properties[0]).values] == [
        "flag",
        "seen",
    ]


def test_long_formulas_are_refuted_by_facts() -> None:
    _, c = zoo()
    empty, small = eq(c["seen"], mask(0, 2)), le(c["count"], const(1))
    trace, model = changed(and_(or_(empty, c["flag"]), or_(small, c["flag"])))
    found = explain(trace, model.properties[0])
    facts = ("seen != {}", "not flag", "count > 1")
    assert found.facts == facts
    assert found.reasons(20) == ("seen == {} or flag", "count <= 1 or flag")
    assert found.reasons(10) == facts


def test_of_several_refutations_the_shortest_is_told() -> None:
    _, c = zoo()
    two = or_(c["flag"], eq(c["dom"], const(1)))
    one = eq(c["seen"], mask(0, 2))
    trace, model = changed(or_(c["flag"], and_(two, one)))
    assert explain(trace, model.properties[0]).facts == ("not flag", "seen != {}")


def test_a_conditional_is_replaced_by_the_branch_taken() -> None:
    _, c = zoo()
    which = ite(eq(c["count"], const(2)), c["hw0"], c["hw1"])
    trace, model = changed(eq(which, const(0)))
    assert explain(trace, model.properties[0]).conjuncts == ("hw[dev0] == DEFAULT",)


def test_a_transition_property_compares_two_states() -> None:
    _, c = zoo()
    trace, model = changed(eq(c["count'"], c["count"]), Kind.TRANSITION)
    found = explain(trace, model.properties[0])
    assert found.conjuncts == ("count == after.count",)
    assert found.values == (Value("count", "0", "2"),)


def test_temporaries_and_branches_of_a_property_become_one_term() -> None:
    b, c = zoo()
    temp = leaf(Op.TEMP, 7, Sort.BOOL, 0, 1)
    body = (
        Let(temp, c["flag"]),
        If(eq(c["dom"], const(1)), (Let(temp, eq(c["count"], const(0))),)),
    )
    b.prop("p", Kind.INVARIANT, temp, body)
    expected = ite(eq(c["dom"], const(1)), eq(c["count"], const(0)), c["flag"])
    assert meaning(b.model().properties[0]) is expected


def test_numbers_inside_lists_and_locks_get_their_names() -> None:
    b = Builder("Typed", "typed.py")
    queue = b.variable("queue", ListType(DEVICE, 2))
    lock = b.variable("rw", LockType(LockKind.RWLOCK, ("a", "b")), role=Role.LOCK)
    speller = Speller(b.model())
    assert speller.text(eq(queue[1].now, const(1))).endswith(" == dev1")
    assert speller.text(eq(lock[0].now, const(2))).endswith(" == b")
    assert speller.text(has(lock[1].now, const(0))).startswith("a in ")


def test_a_result_joins_its_call_within_one_step() -> None:
    b = Builder("Calls", "calls.py")
    chosen = leaf(Op.TEMP, 0, Sort.BOOL, 0, 1)
    body = (
        samples.call("outer"),
        samples.call("inner"),
        Choose(chosen, None, BOOL),
        samples.result("inner", (DOMAIN, 1)),
        samples.call("quiet"),
        samples.result("quiet"),
        samples.result("outer", (DOMAIN, 0)),
    )
    b.step("go", "go", None, 0, body)
    (moment,) = tell(replay_address(b.model(), "0/0")).moments
    assert ["  " * line.depth + line.text for line in moment.plain] == [
        "go",
        "  outer() -> DEFAULT",
        "    inner() -> USER",
        "    quiet()",
    ]


def waiting() -> Model:
    """One process waits for a condition, one for a lock of a map of locks."""
    b = Builder("Waiting", "waiting.py")
    lock = LockType(LockKind.RWLOCK, ("reader", "writer"))
    locks = b.variable("locks", DictType(DEVICE, lock), role=Role.LOCK)
    (count,) = b.variable("count", IntType(0, 3))
    (which,) = b.variable("which", DEVICE, start=(1,))
    reader = b.process("reader", [(WaitKind.START, "s", None)] * 2)
    b.processes[0] = replace(
        b.processes[0],
        locations=(
            b.processes[0].locations[0],
            replace(b.processes[0].locations[1], kind=WaitKind.UNTIL),
            b.processes[0].locations[2],
        ),
    )
    writer = b.process("writer", [(WaitKind.ACQUIRE, "w", "locks[which]")])
    take = (
        Assign(locks[3].index, mask(1, 2)),
        Mark(MarkKind.ACQUIRE, "locks[which]", ()),
    )
    b.step("reader", "reader", reader, 0, take)
    b.step("reader", "reader", reader, 1, (Require(le(const(2), count.now)),))
    chosen = ite(eq(which.now, const(1)), locks[3].now, locks[1].now)
    b.step("writer", "writer", writer, 0, (Require(eq(chosen, mask(0, 2))),))
    b.prop("deadlock", Kind.DEADLOCK)
    return b.model()


def test_who_waits_for_what() -> None:
    trace = replay_address(waiting(), "0/0")
    assert [wait.text for wait in stuck(trace)] == [
        "reader waits for count >= 2",
        "writer waits for locks[dev1], held by reader",
    ]
    assert awaited(trace.model, "reader", trace.states[-1]) == "count >= 2"


def test_a_lock_of_a_map_is_told_by_its_key_and_mode() -> None:
    story = tell(replay_address(waiting(), "0/0"))
    assert [line.text for line in story.moments[0].plain] == ["down_read(locks[dev1])"]
    assert [line.text for _, line in story.blocked] == [
        "wait_event(count >= 2)",
        "down(locks[dev1])",
    ]


def test_a_failed_check_names_what_it_read() -> None:
    trace = replay_address(samples.counting(), "0/1/1")
    found = explain(trace, trace.model.properties[0])
    assert found.values == (Value("refs", "2", "2"),)
