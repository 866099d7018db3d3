"""The whole module of one model: the loops around `expand` and the visited set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelcheck.explore.native.assembly import PROFILE, Function
from modelcheck.explore.native.context import SLACK, Slot
from modelcheck.explore.native.counting import Point
from modelcheck.explore.native.division import (
    division_functions,
    has_wide_division,
)
from modelcheck.explore.native.growing import GrowthWriter
from modelcheck.explore.native.lanes import WORD, Lanes, declarations
from modelcheck.explore.native.links import link_functions
from modelcheck.explore.native.looking import LookWriter
from modelcheck.explore.native.options import Options
from modelcheck.explore.native.permuting import CanonWriter
from modelcheck.explore.native.plan import Node
from modelcheck.explore.native.questions import Topic
from modelcheck.explore.native.records import RecordWriter
from modelcheck.explore.native.steps import ExpandWriter, area, slot
from modelcheck.explore.native.table import TableWriter
from modelcheck.model.program import Model
from modelcheck.model.statements import Assert


@dataclass(frozen=True, slots=True)
class Program:
    """Assembly, and the checks that it names by number, each with its step.

    `points` are what its counters for coverage count.
    """

    text: str
    checks: tuple[tuple[int, Assert], ...]
    points: tuple[tuple[Point, ...], ...] = ()


def write_program(model: Model, options: Options, plan: Node) -> Program:
    """The module for `model`."""
    expand = ExpandWriter(model, options, plan)
    parts = [expand.write()]
    slots = [options.questions.slot_of_check(check) for _, check in expand.checks]
    parts += RecordWriter(options.layout).write(slots)
    parts += LookWriter(model, options).write()
    if options.reduction is not None:
        parts += CanonWriter(options, options.reduction).write()
    parts += [TableWriter(options).write(), GrowthWriter(options).write()]
    if options.meanings is not None:
        parts += link_functions(
            options.layout,
            options.meanings,
            has_constraints=options.questions.has_constraints,
            splits_loops=options.splits_loops,
        )
    parts += [_load(options), _run(options), _start()]
    parts += [_admit(options), _seek(options), _peek()]
    if options.is_compact:
        parts.append(_locate(options))
    return assemble(parts, expand)


def assemble(parts: Iterable[str], expand: ExpandWriter) -> Program:
    """The module that has the functions `parts` and all that they call."""
    parts = list(parts)
    if any(map(has_wide_division, parts)):
        parts.append(division_functions())
    text = "\n".join(parts)
    return Program(
        f"{text}\n{declarations(text)}{PROFILE}",
        tuple(expand.checks),
        tuple(map(tuple, expand.points)),
    )


def _load(options: Options) -> str:
    """Copy the next states of the frontier to the columns of a batch."""
    layout = options.layout
    f = Function("load", "ptr %c")
    work = f.load(slot(f, Slot.WORK), "ptr")
    begin = f.load(slot(f, Slot.BEGIN))
    rest = f.let(f"sub i64 {f.load(slot(f, Slot.END))}, {begin}")
    count = f.minimum(rest, layout.batch)
    f.store(count, slot(f, Slot.BATCH))
    f.store(f.let(f"add i64 {begin}, {count}"), slot(f, Slot.BEGIN))
    front = f.load(slot(f, Slot.FRONT), "ptr")
    base = f.at(front, f.let(f"mul i64 {begin}, {layout.words}"))
    columns = [area(f, work, layout.inside(word)) for word in range(layout.words)]
    counts = area(f, work, layout.counts)
    with f.loop(0, count) as place:
        state = f.at(base, f.let(f"mul i64 {place}, {layout.words}"))
        for word, column in enumerate(columns):
            f.store(f.load(f.at(state, word)), f.at(column, place))
        f.store("0", f.at(counts, place))
    f.ret()
    return f.text


def _run(options: Options) -> str:
    """Expand the states BEGIN to END; 1 if the limit of new states was reached."""
    f = Function("run", "ptr %c", result="i64", linkage="")
    questions = options.questions
    head, batch, absorb = f.label("head"), f.label("batch"), f.label("absorb")
    full, behind, end = f.label("full"), f.label("behind"), f.label("end")
    position, pending = (f.load(slot(f, s)) for s in (Slot.POSITION, Slot.PENDING))
    f.branch(f.let(f"icmp slt i64 {position}, {pending}"), absorb, head)
    f.begin(head)
    begin, stop = f.load(slot(f, Slot.BEGIN)), f.load(slot(f, Slot.END))
    f.branch(f.let(f"icmp slt i64 {begin}, {stop}"), batch, end)
    f.begin(batch)
    f.do("call void @load(ptr %c)")
    count = f.let("call i64 @expand(ptr %c)")
    if questions.of(Topic.PAIR, Topic.PAIR_ERROR):
        f.do(f"call void @pairs(ptr %c, i64 {count})")
    if options.reduction is not None:
        f.do(f"call void @canon(ptr %c, i64 {count})")
    if questions.has_constraints:
        count = f.let(f"call i64 @filter(ptr %c, i64 {count})")
    f.store(count, slot(f, Slot.PENDING))
    f.store("0", slot(f, Slot.POSITION))
    f.begin(absorb)
    status = f.let("call i64 @absorb(ptr %c)")
    f.branch(f.let(f"icmp ne i64 {status}, 0"), full, behind, rarely=True)
    f.begin(full)
    f.ret("1")
    f.begin(behind)
    if options.links:
        f.do("call void @link(ptr %c)")
    f.do("call void @finish(ptr %c)")
    f.jump(head)
    f.begin(end)
    f.ret("0")
    return f.text


def _start() -> str:
    """Store and question the pending states; 1 if there is no room for them."""
    f = Function("start", "ptr %c", result="i64", linkage="")
    f.ret(f.let("call i64 @absorb(ptr %c)"))
    return f.text


def _admit(options: Options) -> str:
    """Take those of the pending states away that are outside the constraints."""
    f = Function("admit", "ptr %c", result="i64", linkage="")
    count = f.load(slot(f, Slot.PENDING))
    if options.questions.has_constraints:
        count = f.let(f"call i64 @filter(ptr %c, i64 {count})")
    f.store(count, slot(f, Slot.PENDING))
    f.ret(count)
    return f.text


def _peek() -> str:
    """Expand one batch, and leave the successors in the scratch memory."""
    f = Function("peek", "ptr %c", result="i64", linkage="")
    f.do("call void @load(ptr %c)")
    f.ret(f.let("call i64 @expand(ptr %c)"))
    return f.text


def _seek(options: Options) -> str:
    """Find, for each target, the smallest of the states BEGIN to END that leads to it.

    The slots of the records are the numbers of the targets.
    """
    f, lanes, layout = (
        Function("seek", "ptr %c", linkage=""),
        Lanes(options.lanes),
        options.layout,
    )
    work = f.load(slot(f, Slot.WORK), "ptr")
    targets = f.load(slot(f, Slot.TARGETS), "ptr")
    number = f.load(slot(f, Slot.TARGET_COUNT))
    columns = [area(f, work, layout.outside(word)) for word in range(layout.words)]
    head, batch, end = f.label("head"), f.label("batch"), f.label("end")
    f.begin(head)
    begin, stop = f.load(slot(f, Slot.BEGIN)), f.load(slot(f, Slot.END))
    f.branch(f.let(f"icmp slt i64 {begin}, {stop}"), batch, end)
    f.begin(batch)
    f.do("call void @load(ptr %c)")
    count = f.let("call i64 @expand(ptr %c)")
    if options.reduction is not None:
        f.do(f"call void @canon(ptr %c, i64 {count})")
    with f.loop(0, number) as target:
        wanted = f.at(targets, f.let(f"mul i64 {target}, {layout.words}"))
        parts = [f.load(f.at(wanted, word)) for word in range(layout.words)]
        spread = [lanes.spread(f, part, WORD) for part in parts]
        with f.loop(0, count, lanes.count) as start:
            rest = f.let(f"sub i64 {count}, {start}")
            same = lanes.first(f, rest)
            for column, part in zip(columns, spread, strict=True):
                type_ = lanes.type_(WORD)
                word = f.load(f.at(column, start), type_)
                is_it = f.let(f"icmp eq {type_} {word}, {part}")
                same = lanes.both(f, same, is_it)
            with f.when(lanes.any(f, same), rarely=True):
                bits = lanes.bits(f, same)
                f.do(
                    f"call void @sighted(ptr %c, i64 {target}, i64 {start}, i64 {bits})"
                )
    f.jump(head)
    f.begin(end)
    f.ret()
    return f.text + _sighted(options)


def _locate(options: Options) -> str:
    """The first of the states BEGIN to END that is the target; END if none is."""
    f, words = (
        Function("locate", "ptr %c", result="i64", linkage=""),
        options.layout.words,
    )
    targets = f.load(slot(f, Slot.TARGETS), "ptr")
    front = f.load(slot(f, Slot.FRONT), "ptr")
    begin, end = f.load(slot(f, Slot.BEGIN)), f.load(slot(f, Slot.END))
    wanted = [f.load(f.at(targets, word)) for word in range(words)]
    with f.loop(begin, end) as place:
        state = f.at(front, f.let(f"mul i64 {place}, {words}"))
        differs = "0"
        for number, word in enumerate(wanted):
            changed = f.let(f"xor i64 {word}, {f.load(f.at(state, number))}")
            differs = f.let(f"or i64 {differs}, {changed}")
        with f.when(f.let(f"icmp eq i64 {differs}, 0"), rarely=True):
            f.ret(place)
    f.ret(end)
    return f.text


def _sighted(options: Options) -> str:
    """Note the parents of the successors in the lanes %bits of a group."""
    layout = options.layout
    f = Function("sighted", "ptr %c", "i64 %target", "i64 %first", "i64 %bits")
    f.attributes += " noinline cold"
    work = f.load(slot(f, Slot.WORK), "ptr")
    parents = area(f, work, layout.parents)
    inside = area(f, work, layout.inside(0))
    with f.loop(0, options.lanes) as lane:
        shifted = f.let(f"lshr i64 %bits, {lane}")
        with f.when(f.let(f"trunc i64 {shifted} to i1")):
            place = f.let(f"add i64 %first, {lane}")
            parent = f.load(f.at(parents, place, "i32"), "i32", 4)
            where = f.let(f"zext i32 {parent} to i64")
            looks = RecordWriter(layout)
            column = 8 * (layout.batch + SLACK)
            looks.keep(f, looks.state(f, inside, where, column, 8))
            f.do("call void @note(ptr %c, i64 %target)")
    f.ret()
    return f.text
