"""The twins of a spec, each read and searched like a spec of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from modelcheck.cli.failures import NoValueError
from modelcheck.cli.session import apart
from modelcheck.explore.interpreter import EvaluationError
from modelcheck.model.program import Model
from modelcheck.reader import read_spec
from modelcheck.report.progress import Labelled
from modelcheck.verdict.asking import broken_here
from modelcheck.verdict.check import check_twin, unseen_twin
from modelcheck.verdict.deadline import Deadline
from modelcheck.verdict.report import Report, TwinReport
from modelcheck.verdict.verdicts import Stop, Watch

if TYPE_CHECKING:
    from modelcheck.cli.verification import Verification


def run_twins(
    report: Report, session: Verification, watch: Watch, deadline: Deadline
) -> Report:
    """`report` with what became of the spec's twins, or why they were left out.

    A twin that breaks nothing of what was asked for is passed over; of one for which
    there is no time, nothing is known. Raises
    `NoValueError` if a property has no value in a state of a twin.
    """
    asked = [t for t in report.model.twins if broken_here(t, session.limits)]
    if not asked:
        return report
    reason = _left_out(report.model, is_wanted=session.twins)
    if reason:
        return replace(report, twins_left_out=reason)
    found = _searched(report.model, session, watch, deadline)
    return replace(report, twins=tuple(found))


def _left_out(model: Model, *, is_wanted: bool) -> str:
    """Why the twins of `model` are not run; empty if they are.

    What a twin must break it breaks at the scopes of the file. At smaller ones there
    may be too few actors for it, and at larger ones nothing more is learnt.
    """
    if not is_wanted:
        return "--no-twins"
    return "" if model.is_as_written else "they are about the scopes in the file"


def _searched(
    model: Model, session: Verification, watch: Watch, deadline: Deadline
) -> Iterator[TwinReport]:
    path = model.path.partition("::")[0]
    asked = [t for t in model.twins if broken_here(t, session.limits)]
    for number, twin in enumerate(asked, 1):
        variant = _read(f"{path}::{twin.name}", session, watch, deadline)
        if isinstance(variant, Stop):
            yield unseen_twin(model, twin, session.engine, session.limits, variant)
            continue
        label = Labelled(watch, f"twin {number}/{len(asked)} {twin.name}")
        try:
            yield check_twin(
                *(twin, variant, session.engine, session.limits),
                *(label, session.resources),
                apart=apart,
                deadline=deadline,
            )
        except EvaluationError as error:
            raise NoValueError(variant, error, session.selection.words) from error


def _read(
    target: str, session: Verification, watch: Watch, deadline: Deadline
) -> Model | Stop:
    """A twin, or what leaves no time for it."""
    if watch.is_interrupted():
        return Stop.INTERRUPT
    chosen = session.selection

    def read() -> Model | Stop:
        return read_spec(target, chosen.scopes, chosen.preempt, memory=session.memory)

    return deadline.within(read, lambda stop: stop)
