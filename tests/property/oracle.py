"""The oracle: every way to search a model must find the same.

For each model the reference engine, which only interprets, says what is right; where it
is too slow the Python explorer does. All others must agree on verdicts, shortest
lengths, states, transitions, levels and how often each step was taken: the Python
explorer, and the native one with one worker and with two, with whole states and with
fingerprints. With symmetry reduction both explorers must find the same verdicts,
lengths and number of levels as without, and orbits whose sizes add up to all states.

    python -m tests.property.oracle            # all; prints the report
    python -m tests.property.oracle large 17   # one model, in this process
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from unittest.mock import patch

from modelcheck.explore.book import PropertyError
from modelcheck.explore.native import NativeExplorer, machine
from modelcheck.explore.reduction import Reduction, find_reduction
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.layout.packing import Packing
from modelcheck.model.program import Kind, Model
from modelcheck.verdict.verdicts import (
    Findings,
    Limits,
    Stop,
    TooManyOutcomesError,
)
from tests.property.agreement import (
    Outcome,
    facts,
    forced,
    require_agreement,
    run,
    verdicts,
)
from tests.property.oracle_models import FAMILIES, Family, Task

MEMORY = 1 << 28

INTERPRETED = 3_000
"""With at most so many states the reference engine says what is right."""

PRODUCTION = 40
"""Every so many models are translated as for users; for the others LLVM hurries."""

PORTION = 25
"""How many models a process judges before it takes others."""


@dataclass(frozen=True, slots=True)
class Record:
    """One model that was judged; `fault` says what engines disagree on.

    If it `is_wide`, the native explorer has refused it: a step of it may go on in more
    ways than compiled code has room for.
    """

    family: str
    number: int
    fault: str = ""
    is_refused: bool = False
    is_faulty: bool = False
    is_cut: bool = False
    is_wide: bool = False
    is_interpreted: bool = False
    states: int = 0
    words: int = 0
    seconds: float = 0.0
    permutations: int = 1
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @property
    def name(self) -> str:
        """What to write behind `python -m tests.property.oracle`."""
        return f"{self.family} {self.number}"


def judge(family: str, number: int, folder: Path) -> Record:
    """Search one model in every way; raises `AssertionError` at a disagreement."""
    task = FAMILIES[family].make(number, folder)
    if task is None:
        return Record(family, number, is_refused=True)
    limits, explored, probed = _fit(task)
    model = task.model
    is_interpreted = probed <= INTERPRETED
    expected = explored
    if is_interpreted:
        expected = run(Reference(), model, limits)
        assert _exactly(explored) == _exactly(expected), "explorer and reference"
    reduction = find_reduction(model, limits)
    if reduction is not None and not reduction.axes:
        reduction = None
    searches: list[tuple[Outcome, Reduction | None, SetUp]] = [
        (expected, None, set_up) for set_up in set_ups(number, task.searches)
    ]
    if reduction is not None:
        reduced = _judge_reduced(model, limits, expected, reduction)
        most = max(1, task.searches - 1)
        searches += [(reduced, reduction, each) for each in set_ups(number + 1, most)]
    record = _record(family, number, expected, model, reduction, is_interpreted)
    effort = machine.EFFORT if number % PRODUCTION == 0 else 0
    with patch.object(machine, "EFFORT", effort):
        for wanted, by, set_up in searches:
            try:
                _judge_native(model, limits, wanted, by, set_up)
            except TooManyOutcomesError:
                return replace(record, is_wide=True)
    return record


def _fit(task: Task) -> tuple[Limits, Outcome, int]:
    """Limits within which there are few states, what is found, and how many there are.

    A search that is small enough as it is is not made again.
    """
    found = run(Explorer(), task.model, task.limits)
    if isinstance(found, PropertyError):
        return task.limits, found, 0
    assert found.counts is not None
    states = found.counts.distinct
    if states <= task.most:
        return task.limits, found, states
    depth, states = 0, found.counts.levels[0]
    for size in found.counts.levels[1:]:
        if states + size > task.most and depth:
            break
        depth, states = depth + 1, states + size
    limits = Limits(depth=depth, deadlock=task.limits.deadlock)
    return limits, run(Explorer(), task.model, limits), states


def _exactly(found: Outcome) -> object:
    """All that the Python explorer and the reference have in common."""
    if isinstance(found, PropertyError):
        return found.prop.name, found.path
    return facts(found), [f.evidence for f in found.findings]


def _judge_reduced(
    model: Model, limits: Limits, expected: Outcome, reduction: Reduction
) -> Outcome:
    """Compare a reduced search with a whole one; what the reduced one finds."""
    found = run(Explorer(reduction), model, limits)
    if isinstance(expected, PropertyError):
        assert isinstance(found, PropertyError), "a property has no value"
        assert found.prop.name == expected.prop.name
        assert len(found.path) == len(expected.path)
        return found
    assert isinstance(found, Findings), "a property has a value"
    assert verdicts(found) == verdicts(expected), "with symmetry and without"
    assert found.saving is not None
    assert found.counts is not None
    assert expected.counts is not None
    assert found.counts.depth == expected.counts.depth, "levels with symmetry"
    assert found.saving.states == expected.counts.distinct, "the sum of the orbits"
    return found


@dataclass(frozen=True, slots=True)
class SetUp:
    """One way to compile and run a search.

    States of one word are stored as such, or as if they had several; groups have one
    state or eight; `heavy` says which expressions are worth a list of their own.
    """

    workers: int
    is_direct: bool
    is_compact: bool
    lanes: int
    heavy: int


def set_ups(number: int, count: int) -> list[SetUp]:
    """`count` of the set-ups for a model, others for another `number`.

    Three are whole states with one worker and with two, and fingerprints.
    """
    lanes, heavy = (1, 8)[number // 2 % 2], (1, 8, 24)[number % 3]
    each = [
        SetUp(1, is_direct=True, is_compact=False, lanes=lanes, heavy=heavy),
        SetUp(2, is_direct=number % 3 > 0, is_compact=False, lanes=lanes, heavy=heavy),
        SetUp(1 + number // 3 % 2, False, is_compact=True, lanes=lanes, heavy=heavy),
    ]
    first = number % len(each)
    return [*each[first:], *each[:first]][:count]


def _judge_native(
    model: Model,
    limits: Limits,
    expected: Outcome,
    reduction: Reduction | None,
    set_up: SetUp,
) -> None:
    """Compare the native explorer with `expected`."""
    with forced(set_up.lanes, set_up.heavy, is_direct=set_up.is_direct):
        engine = NativeExplorer(
            set_up.workers,
            MEMORY,
            hash_compact=set_up.is_compact,
            reduction=reduction,
        )
        found = run(engine, model, limits)
    try:
        require_agreement(found, expected)
    except AssertionError as error:
        reduced = "with" if reduction else "without"
        message = f"native, {reduced} symmetry, {set_up}: {error}"
        raise AssertionError(message) from error


def _record(
    family: str,
    number: int,
    found: Outcome,
    model: Model,
    reduction: Reduction | None,
    is_interpreted: bool,
) -> Record:
    words = Packing(model).words
    if isinstance(found, PropertyError):
        return Record(family, number, is_faulty=True, words=words)
    assert found.counts is not None
    words_of = Counter((_kind(f.prop.kind), f.verdict.value) for f in found.findings)
    return Record(
        family,
        number,
        is_cut=Stop.DEPTH in found.stops,
        is_interpreted=is_interpreted,
        states=found.counts.distinct,
        words=words,
        permutations=1 if reduction is None else reduction.order,
        verdicts=words_of,
    )


def _kind(kind: Kind) -> str:
    return "goal" if kind is Kind.REACHABLE else "property"


# Many models, in several processes.


def judge_portion(family: str, numbers: range) -> list[Record]:
    """Judge some models of a family; disagreements are noted in the records."""
    sys.setrecursionlimit(50_000)
    with (
        TemporaryDirectory() as folder,
        patch.object(machine, "fetch", lambda _key: None),
        patch.object(machine, "keep", lambda _key, _code: None),
    ):
        return [_judged(family, number, Path(folder)) for number in numbers]


def _judged(family: str, number: int, folder: Path) -> Record:
    start = process_time()
    try:
        record = judge(family, number, folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        record = Record(family, number, fault=f"{type(error).__name__}: {error}")
    return replace(record, seconds=process_time() - start)


def judge_all(families: Collection[str] = FAMILIES) -> list[Record]:
    """Judge all models of some families, on two processors if there are two."""
    portions = [
        (name, numbers)
        for name, family in FAMILIES.items()
        if name in families
        for numbers in _portions(family)
    ]
    # Fork and threads do not go together, and the native explorer has threads.
    context = get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), context) as pool:
        futures = [pool.submit(judge_portion, *portion) for portion in portions]
        return [record for future in futures for record in future.result()]


def _portions(family: Family) -> Iterator[range]:
    size = PORTION if family.is_generated else 4
    for start in range(0, family.count, size):
        yield range(start, min(start + size, family.count))


def report(records: list[Record]) -> str:
    """A table: one line for each family."""
    head = (
        "family  models refused  states  >1000 largest cut words symmetric no value "
        "seconds"
    )
    names = dict.fromkeys(record.family for record in records)
    lines = [head, *(_line(name, records) for name in names)]
    total: Counter[tuple[str, str]] = Counter()
    for record in records:
        total.update(record.verdicts)
    said = ", ".join(f"{n} {kind} {word}" for (kind, word), n in sorted(total.items()))
    return "\n".join([*lines, f"verdicts: {said}"])


def _line(name: str, records: list[Record]) -> str:
    mine = [record for record in records if record.family == name]
    read = [record for record in mine if not record.is_refused]
    return (
        f"{name:7} {len(read):6} {len(mine) - len(read):7} "
        f"{sum(r.states for r in read):7} {sum(r.states > 1000 for r in read):6} "
        f"{max(r.states for r in read):7} {sum(r.is_cut for r in read):3} "
        f"{max(r.words for r in read):5} "
        f"{sum(r.permutations > 1 for r in read):9} {sum(r.is_faulty for r in read):8} "
        f"{sum(r.seconds for r in mine):7.0f}"
    )


def main(arguments: list[str]) -> None:
    """Judge the model that is named, or all."""
    if arguments:
        family, number = arguments
        (record,) = judge_portion(family, range(int(number), int(number) + 1))
        sys.stdout.write(f"{record}\n")
        return
    records = judge_all()
    faults = [f"{record.name}: {record.fault}" for record in records if record.fault]
    sys.stdout.write("\n".join([report(records), *faults, ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
