"""Solvers beside a search: the first conclusive verdict wins.

A search that goes on for long gets rivals, engines in processes of their own, which try
to prove or to refute what it has not decided yet. Once they have decided all that was
asked, the search is told to stop. Once the search has decided all, they are ended; if
it leaves something open, they are asked for last words. An engine that fails is a note
in the report, and everything that was said takes part in the cross-check.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Condition, Event, Thread
from time import monotonic
from typing import Protocol, Self

from modelcheck.certify.certificate import Certificate
from modelcheck.explore.book import ended_by, is_searched
from modelcheck.model.program import Kind, Model
from modelcheck.verdict.deadline import GRACE
from modelcheck.verdict.parts import (
    PLEASE_REPORT,
    Apart,
    Parts,
    Search,
    SearchCrashError,
    tell,
)
from modelcheck.verdict.verdicts import (
    CONCLUSIVE,
    Finding,
    Findings,
    Limits,
    Stop,
    Verdict,
    Watch,
    are_decided_by_paths,
    is_asked,
    is_beside,
)

DELAY = 5.0
"""For how many seconds a large search goes on alone: most are complete by then."""

AFTERMATH = 60.0
"""For how many seconds at least rivals go on after a search that ran out of memory."""

PAUSE = 0.1
"""Seconds between two looks whether the user wants to stop."""

ENGINES = ("induct", "pdr")
"""The rivals. The base of induction is bounded model checking."""

CRASHES = (MemoryError, OSError, RuntimeError)
"""How an explorer fails for want of something; what else it raises is about the model,
or tells that we are wrong."""


class RivalError(Exception):
    """An engine that did not answer; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine found; `certificate` is its proof, which has been checked."""

    findings: Findings
    certificate: Certificate | None = None


class Rival(Protocol):
    """An engine at work somewhere else. What asks it to end may come at any time."""

    def answer(self) -> Answer:
        """Wait for what it says.

        Raises `RivalError` if it failed, and `InternalError` if it found that we are
        wrong.
        """

    def stop(self) -> None:
        """Ask it to say what it knows and to end."""

    def kill(self) -> None:
        """End it; `answer` then raises `RivalError`, unless it has one."""


Launch = Callable[[str, Model, Limits], Rival]
"""Start the engine of this name; raises `OSError` if there can be no process."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """How rivals are started, and when."""

    launch: Launch
    delay: float = DELAY
    engines: tuple[str, ...] = ENGINES


@dataclass(slots=True)
class _Entry:
    """One rival: its thread, and how it stands."""

    engine: str
    thread: Thread | None = None
    rival: Rival | None = None
    answer: Answer | None = None
    problem: str = ""
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the rivals said; `notes` tells what became of those that failed."""

    findings: tuple[Findings, ...] = ()
    certificate: Certificate | None = None
    notes: tuple[str, ...] = ()
    waited: float = 0.0

    def covers(self, depth: int) -> bool:
        """Whether one of them has looked at all paths of up to `depth` steps."""
        return any(f.depth is not None and f.depth >= depth for f in self.findings)


@dataclass(slots=True)
class Portfolio:
    """The rivals of one search of `model`; a `Watch` for that search.

    `apart` lets the search crash without an end to all. As a context manager it leaves
    no process behind, however the search ends.
    """

    model: Model
    limits: Limits
    watch: Watch
    rivals: Rivals | None = None
    apart: Apart | None = None
    _entries: list[_Entry] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _begun: Event = field(default_factory=Event)
    _ended: Event = field(default_factory=Event)
    _settled: Event = field(default_factory=Event)
    _news: Condition = field(default_factory=Condition)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._kill()

    def _begin(self, limits: Limits) -> None:
        """The search is a large one: after the delay, start the rivals."""
        if self.rivals is None:
            return
        delay = self.rivals.delay
        if limits.seconds is not None:
            # Their last words shall come before the user's time is over.
            limits = replace(limits, seconds=limits.seconds - delay - GRACE)
            if limits.seconds is not None and limits.seconds <= 0:
                return
        for engine in self.rivals.engines:
            entry = _Entry(engine)
            entry.thread = Thread(
                target=self._compete,
                args=(entry, self.rivals, limits),
                name=f"rival {engine}",
                daemon=True,
            )
            self._entries.append(entry)
            entry.thread.start()

    def progress(self, engine: str, text: str, done: float | None) -> None:
        """Pass on how far the search is."""
        self.watch.progress(engine, text, done)

    def is_interrupted(self) -> bool:
        """Whether the search must stop: the user wants it, or nothing is left open."""
        return self._settled.is_set() or self.watch.is_interrupted()

    def note(self, text: str) -> None:
        """Something that the report must say of the search."""
        self._notes.append(text)

    def race(self, search: Search, limits: Limits, *, is_alone: bool = False) -> Parts:
        """What a search with rivals says, nothing where it crashes and they decide.

        Raises what `search` raises before it has said anything, unless its crash leaves
        nothing open. One that `is_alone` has nobody who could say anything instead.
        """
        if self.apart is not None:
            with suppress(OSError):
                search = self.apart(search, self.model, limits)
        self._begin(limits)
        start = monotonic()
        parts: list[Findings] = []
        try:
            ended = tell(search, self.model, limits, self, parts.append)
        except CRASHES as error:
            if parts:
                return self._broken_off(parts, error)
            if is_alone and isinstance(error, SearchCrashError):
                raise
            return Parts((self._instead(search, limits, error, start),))
        if not parts:
            why = ended or Stop.INTERRUPT
            parts = [nothing_found(search.name, self.model, limits, why)]
        return Parts(tuple(parts), ended)

    def _broken_off(self, parts: list[Findings], error: Exception) -> Parts:
        """What was said before a failure behind it; raises it if it tells more."""
        if isinstance(error, MemoryError):
            return Parts(tuple(parts), Stop.MEMORY)
        if not isinstance(error, SearchCrashError):
            raise error
        self.note(f"the search for cycles failed: {error}. {PLEASE_REPORT}")
        return Parts(tuple(parts), Stop.CRASH)

    def _instead(
        self, search: Search, limits: Limits, error: Exception, start: float
    ) -> Findings:
        """What is to be said instead of what a search would have said that failed."""
        self._begun.set()
        self._wait(AFTERMATH)
        reason = str(error) or type(error).__name__
        if isinstance(error, SearchCrashError):
            self.note(f"{search.name} failed: {reason}. {PLEASE_REPORT}")
            found = nothing_found(search.name, self.model, limits, Stop.CRASH)
            return replace(found, seconds=monotonic() - start)
        if not self._settled.is_set():
            raise error
        self.note(f"{search.name} failed: {reason}")
        return Findings(search.name, (), None, frozenset({Stop.SETTLED}), 0.0)

    def end(self, found: Findings) -> tuple[Findings, Result]:
        """The search has ended with `found`: that with the right reason, and the rest.

        Raises `InternalError` if a rival has found that we are wrong.
        """
        if not self._entries:
            return found, Result(notes=tuple(self._notes))
        start = monotonic()
        if self._settled.is_set():
            found = _told(found, frozenset({Stop.SETTLED}))
        elif Stop.MEMORY in found.stops:
            self._wait(max(AFTERMATH, found.seconds))
        is_over = self._settled.is_set() or self.watch.is_interrupted()
        if _leaves_open(found) and not is_over:
            self._stop()
        self._kill()
        # A constraint does not end a search, it makes it smaller.
        why = found.stops - {Stop.CONSTRAINT} or frozenset({Stop.SETTLED})
        return found, self._result(why, monotonic() - start)

    def _compete(self, entry: _Entry, rivals: Rivals, limits: Limits) -> None:
        """Start a rival after the delay and wait for its answer; a thread."""
        self._begun.wait(rivals.delay)
        if self._ended.is_set():
            return
        try:
            rival = rivals.launch(entry.engine, self.model, limits)
            with self._news:
                entry.rival = rival
                is_late = self._ended.is_set()
            if is_late:
                rival.kill()
            entry.answer = self._asked(rival.answer())
        except (RivalError, OSError) as error:
            entry.problem = str(error)
        except Exception as error:  # noqa: BLE001 - raised again by `end`
            entry.fault = error
            self._settled.set()
        with self._news:
            if self._is_all_decided():
                self._settled.set()
            self._news.notify_all()

    def _asked(self, answer: Answer) -> Answer:
        """The answer without the lemmas that nobody has asked for."""
        found = answer.findings
        said = tuple(f for f in found.findings if is_asked(f.prop, self.limits))
        return replace(answer, findings=replace(found, findings=said))

    def _is_all_decided(self) -> bool:
        """Whether nothing that was asked is left open by the rivals together."""
        decided: dict[str, Finding] = {}
        for entry in self._entries:
            said = () if entry.answer is None else entry.answer.findings.findings
            decided |= {f.prop.name: f for f in said if f.verdict in CONCLUSIVE}
        violations = sum(
            each.evidence is not None
            and each.prop.kind is not Kind.REACHABLE
            and not is_beside(each.prop, self.limits)
            for each in decided.values()
        )
        most = self.limits.max_violations
        if most is not None and violations >= most:
            return True
        asked = [
            prop
            for prop in self.model.properties
            if prop.kind is not Kind.CONSTRAINT and is_asked(prop, self.limits)
        ]
        is_all = all(prop.name in decided for prop in asked)
        return is_all or are_decided_by_paths(asked, decided, self.limits)

    def _wait(self, seconds: float) -> None:
        """Let the rivals go on until they have decided all, or the user stops them."""
        end = monotonic() + seconds
        while self._is_any_at_work() and not self._settled.is_set():
            if monotonic() >= end or self.watch.is_interrupted():
                return
            with self._news:
                self._news.wait(PAUSE)

    def _is_any_at_work(self) -> bool:
        return any(e.thread is not None and e.thread.is_alive() for e in self._entries)

    def _stop(self) -> None:
        """Ask for last words, and wait for them."""
        for rival in self._end():
            rival.stop()
        end = monotonic() + GRACE
        while self._is_any_at_work() and monotonic() < end:
            if self.watch.is_interrupted():
                break
            with self._news:
                self._news.wait(PAUSE)

    def _kill(self) -> None:
        """End all rivals, and wait until they have."""
        for rival in self._end():
            rival.kill()
        for entry in self._entries:
            if entry.thread is not None:
                entry.thread.join()

    def _end(self) -> list[Rival]:
        """The rivals that have been started; from now on none is."""
        self._ended.set()
        self._begun.set()
        with self._news:
            return [e.rival for e in self._entries if e.rival is not None]

    def _result(self, why: frozenset[Stop], waited: float) -> Result:
        """What has been said; who was told to stop was so because of `why`.

        The certificate is the one that proves most.
        """
        for entry in self._entries:
            if entry.fault is not None:
                raise entry.fault
        answers = [entry.answer for entry in self._entries if entry.answer is not None]
        proofs = [a.certificate for a in answers if a.certificate is not None]
        return Result(
            tuple(_told(answer.findings, why) for answer in answers),
            max(proofs, key=lambda proof: len(proof.claims), default=None),
            (*self._notes, *filter(None, map(_note, self._entries))),
            waited,
        )


def nothing_found(engine: str, model: Model, limits: Limits, why: Stop) -> Findings:
    """What is to be said of a search that was ended before it could say anything."""
    stops = frozenset({why})
    asked = (prop for prop in model.properties if is_searched(prop, limits))
    found = tuple(Finding(p, Verdict.BOUNDED, None, ended_by(stops)) for p in asked)
    return Findings(engine, found, None, stops, 0.0)


def _leaves_open(found: Findings) -> bool:
    return any(each.verdict not in CONCLUSIVE for each in found.findings)


def _told(found: Findings, why: frozenset[Stop]) -> Findings:
    """The same findings, of an engine that took for the user's wish what was `why`."""
    if Stop.INTERRUPT not in found.stops:
        return found
    reason = " and ".join(sorted(stop.value for stop in why))
    return replace(
        found,
        findings=tuple(
            replace(each, reason=each.reason.replace(Stop.INTERRUPT.value, reason))
            for each in found.findings
        ),
        stops=found.stops - {Stop.INTERRUPT} | why,
    )


def _note(entry: _Entry) -> str:
    """What the report says of a rival that failed, gave up or was too slow."""
    if entry.problem:
        return f"{entry.engine} {entry.problem}"
    if entry.answer is None or Stop.SOLVER not in entry.answer.findings.stops:
        return ""
    said = entry.answer.findings.findings
    reason = next((f.reason for f in said if f.verdict is Verdict.UNKNOWN), "")
    return f"{entry.engine} gave up: {reason}".rstrip(": ")
