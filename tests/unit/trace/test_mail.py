from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcheck.model.program import Kind
from modelcheck.trace.caption import Caption
from modelcheck.trace.mail import LOOP, WIDTH, heading, render_mail
from modelcheck.trace.path import Trace
from modelcheck.trace.replay import replay_address
from tests.golden import samples
from tests.unit.trace.random_traces import traces


def caption(trace: Trace, index: int = 0) -> Caption:
    return Caption(trace.model.properties[index], "VIOLATED", tool="modelcheck 0.1")


@given(traces(), st.booleans(), st.booleans())
def test_every_line_survives_mail(trace: Trace, number: bool, full: bool) -> None:
    text = render_mail(trace, caption(trace), number=number, full=full)
    assert text.isascii()
    for line in text.splitlines():
        assert len(line) <= WIDTH
        assert line == line.rstrip()
        assert "\t" not in line
        assert line.isprintable()


@given(traces())
def test_the_last_line_rebuilds_the_trace(trace: Trace) -> None:
    _, _, command = render_mail(trace, caption(trace)).rpartition("Replay:")
    address = command.replace("\\\n", "").split()[-1]
    assert replay_address(trace.model, trace.address) == trace
    assert address.endswith(trace.address.split()[-1])


def test_columns_start_at_the_same_place_in_all_rows() -> None:
    trace = replay_address(samples.claims(), "0/0/0/0/0/0")
    lines = render_mail(trace, caption(trace)).splitlines()
    header = next(line for line in lines if line.startswith("  driver_core"))
    start = header.index("vfio_user")
    below = lines[lines.index(header) + 1 :]
    assert header.startswith("  driver_core(dev0)")
    assert below[0] == "  " + "-" * 17 + " " * (start - 19) + "-" * 16
    right = [line for line in below[1:9] if line.startswith(" " * start)]
    assert right[0][start:] == "iommu_group_set_dma_owner(file0)"
    left = [len(line) for line in below[1:7]]
    assert max(left) + 2 <= start


def test_the_write_that_breaks_the_property_is_underlined() -> None:
    trace = replay_address(samples.claims(), "0/0/0/0/0/0")
    lines = render_mail(trace, caption(trace)).splitlines()
    carets = next(i for i, line in enumerate(lines) if "^" in line)
    assert lines[carets - 1].strip() == "owner = file0"
    assert lines[carets] == lines[carets - 1].replace("owner = file0", "^" * 13)


def test_a_deadlock_ends_with_who_waits_for_whom() -> None:
    trace = replay_address(samples.crossed(), "0/0/1")
    text = render_mail(trace, caption(trace))
    assert "\n\n *** DEADLOCK ***\n\n" in text
    assert "\n  reclaim(cpu0) waits for B, held by unmap(cpu1)\n" in text
    assert "CPU0 (reclaim)" in text
    assert "^" not in text


def test_a_lock_held_by_one_that_has_returned() -> None:
    model = samples.crossed()
    forgetful = replace(model.steps[1], body=model.steps[1].body[:3])
    pc, done = model.processes[0].pc, samples.Assign(0, samples.const(1))
    body = (*forgetful.body, done, samples.Assign(pc, samples.const(2)))
    steps = (model.steps[0], replace(forgetful, body=body), *model.steps[2:])
    trace = replay_address(replace(model, steps=steps), "0/0/0")
    text = render_mail(trace, caption(trace))
    assert "held by reclaim(cpu0) (which has returned)" in text


def test_the_initial_state_may_be_bad() -> None:
    trace = replay_address(samples.claims(), "0")
    lines = render_mail(trace, caption(trace)).splitlines()
    assert "0 steps, shortest" in lines
    assert "  (the initial state)" in lines


def test_a_loop_is_marked_at_its_start() -> None:
    trace = replace(replay_address(samples.claims(), "0/0/0/0"), loop=1)
    lines = render_mail(trace, caption(trace), number=True).splitlines()
    at = lines.index(f"  {LOOP}")
    assert lines[at - 1].startswith("1 ")
    assert lines[at + 1].startswith("2 ")


def test_a_witness_has_nothing_to_underline() -> None:
    trace = replay_address(samples.claims(), "0/1/1")
    goal = next(p for p in trace.model.properties if p.kind is Kind.REACHABLE)
    text = render_mail(trace, Caption(goal, "HOLDS"))
    assert "^" not in text
    assert "owner: None -> file0" in text


def test_a_step_that_shows_nothing_else_shows_its_writes() -> None:
    b = samples.Builder("Quiet", "quiet.py")
    cells = [b.variable(name, samples.IntType(0, 3))[0] for name in "abcde"]
    pc = b.process("worker", [(samples.WaitKind.START, "start", None)])
    body = tuple(samples.Assign(c.index, samples.const(2)) for c in cells)
    b.step("worker", "worker", pc, 0, body)
    b.prop("p", Kind.INVARIANT, samples.not_(samples.eq(pc.now, samples.const(1))))
    trace = replay_address(b.model(), "0/0")
    brief = render_mail(trace, caption(trace))
    assert [line.strip() for line in brief.splitlines()[5:10]] == [
        "a = 2",
        "b = 2",
        "c = 2",
        "...",
        "^^^",
    ]
    assert "  e = 2" in render_mail(trace, caption(trace), full=True)


@pytest.mark.parametrize(
    ("lane", "width", "lines"),
    [
        ("cpu0", 20, ["CPU0"]),
        ("reclaim(cpu1)", 20, ["CPU1 (reclaim)"]),
        ("reclaim(cpu1)", 10, ["CPU1", "(reclaim)"]),
        ("driver_core(dev0)", 20, ["driver_core(dev0)"]),
        ("driver_core(dev0)", 12, ["driver_core", "(dev0)"]),
        ("driver", 4, ["driv", "er"]),
    ],
)
def test_heading(lane: str, width: int, lines: list[str]) -> None:
    assert heading(lane, width) == lines
