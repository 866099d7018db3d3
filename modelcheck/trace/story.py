"""The story of a trace: for each step, who did what, as nested lines of text.

All renderings tell the same story; they differ in how they lay it out. A line is two
blanks deeper for every call that is open and every lock that is held. A function that
calls `super()` with what it was given is one call, to whoever reads of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from modelcheck.explore.interpreter import Event
from modelcheck.model.program import Model, State
from modelcheck.model.statements import Assert, Check, Mark, MarkKind, WaitKind
from modelcheck.model.types import (
    IntType,
    LockKind,
    LockType,
    NoneType,
    Type,
    spell,
)
from modelcheck.trace.components import (
    Change,
    changes,
    components,
    value_text,
)
from modelcheck.trace.explain import awaited, stuck
from modelcheck.trace.path import Trace, TraceStep
from modelcheck.trace.retell import Chosen, Retelling, Write, chosen_leaves

ACTIONS = "action"
"""The lane of the steps that belong to no process."""


class Line(Enum):
    """What a line of the story tells."""

    CALL = "call"
    RESULT = "result"
    LOCK = "lock"
    WRITE = "write"
    CHOICE = "choice"
    WAIT = "wait"
    FAILURE = "failure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Told:
    """One line: `text`, `depth` levels deep.

    `about` is the component written or the lock taken; `call` numbers the call that a
    CALL or RESULT belongs to, `result` is its value.
    """

    kind: Line
    depth: int
    text: str
    about: str = ""
    call: int = 0
    result: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a trace as it is told: its number from 1, actor, lines, changes."""

    number: int
    actor: str
    lane: str
    taken: TraceStep
    lines: tuple[Told, ...]
    changes: tuple[Change, ...]

    def shown(self, is_shown: Callable[[Told], bool]) -> tuple[Told, ...]:
        """The lines that pass; a result joins its call if both are in this step.

        The step is atomic: nobody else's event lies between them. A choice that is
        all that a call did is told by its result.
        """
        kept: list[Told] = []
        calls: dict[int, int] = {}
        for line in filter(is_shown, self.lines):
            if line.kind is Line.CALL:
                calls[line.call] = len(kept)
            if line.kind is not Line.RESULT:
                kept.append(line)
            elif line.call in calls and line.result:
                at = calls[line.call]
                kept[at] = replace(kept[at], text=f"{kept[at].text} -> {line.result}")
                if {inner.kind for inner in kept[at + 1 :]} == {Line.CHOICE}:
                    del kept[at + 1 :]
            elif line.result:
                kept.append(line)
        return tuple(kept)

    @property
    def plain(self) -> tuple[Told, ...]:
        """The lines without writes, for renderings that show changes apart.

        A step that fails changes nothing; there the writes on the way are shown.
        """
        has_failed = self.taken.state is None
        lines = self.shown(lambda line: has_failed or line.kind is not Line.WRITE)
        return lines or (Told(Line.OTHER, 0, self.taken.step.name),)

    @property
    def news(self) -> tuple[Change, ...]:
        """The changes, without those of locks that a line already tells."""
        told = {line.about for line in self.lines if line.kind is Line.LOCK}
        return tuple(change for change in self.changes if change.name not in told)


@dataclass(slots=True)
class _Frame:
    """An open call or a held lock of one actor; `mode` as in `lock_call()`.

    `text` is the call with its arguments; `is_told` is false of one that only goes on
    in a base class.
    """

    kind: Line
    name: str
    call: int = 0
    mode: str = ""
    text: str = ""
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    """A told trace: its moments, and what each process that is stuck would do next."""

    moments: tuple[Moment, ...]
    blocked: tuple[tuple[str, Told], ...]


def tell(trace: Trace) -> Story:
    """The story of `trace`, one moment for each step."""
    teller = _Teller(trace)
    moments = tuple(teller.moments())
    return Story(moments, tuple(teller.blocked()))


class _Teller:
    """Follows the open calls and held locks of every actor through a trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._retelling = Retelling(trace.model)
        self._processes = {process.actor for process in trace.model.processes}
        self._locks = _lock_kinds(trace.model)
        self._frames: dict[str, list[_Frame]] = {}
        self._calls = 0
        self._lock: Event | None = None
        for actor, events in self._retelling.before_the_first(trace.start).items():
            frames = self._frames.setdefault(actor, [])
            for event in events:
                self._line(event, frames)

    def moments(self) -> Iterable[Moment]:
        before = self._trace.initial
        entered = {actor: _entered(frames) for actor, frames in self._frames.items()}
        for number, taken in enumerate(self._trace.steps, 1):
            actor = taken.step.actor
            after = before if taken.state is None else taken.state
            lines = self._lines(taken, self._retelling.events(taken, before))
            if taken.state is None and self._trace.failed is not None:
                depth = _depth(self._frames.get(actor, ()))
                lines.append(_failure(self._trace.failed, depth))
            wait = self._wait(actor, before)
            yield Moment(
                number,
                actor,
                actor if actor in self._processes else ACTIONS,
                taken,
                (*entered.pop(actor, ()), *wait, *lines),
                changes(self._trace.model, before, after),
            )
            before = after

    def blocked(self) -> Iterable[tuple[str, Told]]:
        """The operation at which each process stands that waits at the end."""
        for wait in stuck(self._trace):
            depth = _depth(self._frames.get(wait.actor, ()))
            text = f"wait_event({wait.what})"
            if wait.kind is WaitKind.ACQUIRE:
                text = lock_call(
                    self._locks.get(wait.what), wait.what, MarkKind.ACQUIRE
                )
            yield wait.actor, Told(Line.WAIT, depth, text, wait.what)

    def _wait(self, actor: str, before: State) -> tuple[Told, ...]:
        """The condition for which a process has waited until this step."""
        location = self._trace.location(actor, before)
        if location is None or location.kind is not WaitKind.UNTIL:
            return ()
        depth = _depth(self._frames.get(actor, ()))
        condition = awaited(self._trace.model, actor, before) or location.label
        return (Told(Line.WAIT, depth, f"wait_event({condition})"),)

    def _lines(self, taken: TraceStep, events: tuple[Event, ...]) -> list[Told]:
        actor = taken.step.actor
        if actor in self._processes:
            frames = self._frames.setdefault(actor, [])
            return [line for event in events for line in self._line(event, frames)]
        frames = self._frames[actor] = []
        lines: list[Told] = []
        marks = [e.mark for e in events if not isinstance(e.mark, Write | Chosen)]
        if not (
            marks and marks[0].kind is MarkKind.CALL and _same(marks[0].name, actor)
        ):
            lines.append(Told(Line.CALL, 0, actor))
            frames.append(_Frame(Line.CALL, actor))
        return lines + [line for event in events for line in self._line(event, frames)]

    def _line(self, event: Event, frames: list[_Frame]) -> list[Told]:
        mark = event.mark
        depth = _depth(frames)
        if isinstance(mark, Write):
            if mark.component and isinstance(mark.component.type_, LockType):
                self._lock = event  # the mark that follows says what was done to it
                return []
            text = f"{mark.name} = {_values(event)}"
            return [Told(Line.WRITE, depth, text, mark.name)]
        if isinstance(mark, Chosen) and mark.type_ is not None:
            number = event.leaves[0][0]
            leaves = chosen_leaves(mark.type_, number, is_rank=mark.is_rank)
            text = f"choose({_offer(mark.type_)}) -> {value_text(mark.type_, leaves)}"
            return [Told(Line.CHOICE, depth, text)]
        match mark.kind:
            case MarkKind.CALL:
                return self._called(event, frames)
            case MarkKind.RETURN:
                return _returned(event, frames)
            case MarkKind.ACQUIRE | MarkKind.RELEASE:
                return [self._lock_line(mark, frames)]
            case MarkKind.READ:
                text = f"{mark.name} -> {_values(event)}"
                return [Told(Line.OTHER, depth, text, mark.name)]
        return []  # coverage counts the others; they say nothing to a reader

    def _called(self, event: Event, frames: list[_Frame]) -> list[Told]:
        """Open a call; nothing is said of one that its own caller was called by."""
        name, text = event.mark.name, f"{event.mark.name}({_values(event)})"
        caller = next((f for f in reversed(frames) if f.kind is Line.CALL), None)
        depth = _depth(frames)
        self._calls += 1
        is_told = caller is None or caller.text != text
        frames.append(_Frame(Line.CALL, name, self._calls, text=text, is_told=is_told))
        return [Told(Line.CALL, depth, text, call=self._calls)] if is_told else []

    def _lock_line(self, mark: Mark, frames: list[_Frame]) -> Told:
        """A lock operation. Its mark has the spec's words, the write the real lock."""
        name, mode, depth = mark.name, "", _depth(frames)
        if self._lock is not None:
            name, mode = self._lock.mark.name, _mode(self._lock)
        if mark.kind is MarkKind.ACQUIRE:
            frames.append(_Frame(Line.LOCK, name, mode=mode))
        else:
            depth, mode = _released(name, frames)
        self._lock = None
        text = lock_call(self._locks.get(name), name, mark.kind, mode)
        return Told(Line.LOCK, depth, text, name)


def _entered(frames: list[_Frame]) -> tuple[Told, ...]:
    """The calls that are open where a process stands from the beginning."""
    return tuple(
        Told(Line.CALL, _depth(frames[:below]), frame.text, call=frame.call)
        for below, frame in enumerate(frames)
        if frame.kind is Line.CALL and frame.is_told
    )


def _depth(frames: Iterable[_Frame]) -> int:
    """How deep a line stands below these open calls and held locks."""
    return sum(frame.is_told for frame in frames)


def _same(function: str, actor: str) -> bool:
    return actor == function or actor.startswith(f"{function}(")


def _values(event: Event) -> str:
    return ", ".join(
        value_text(type_, leaves)
        for (_, type_, _), leaves in zip(event.mark.values, event.leaves, strict=True)
    )


def _offer(type_: Type) -> str:
    """What a choice chose from, as the spec writes it."""
    if isinstance(type_, IntType):
        return f"range({type_.lo}, {type_.hi + 1})"
    return spell(type_)


def _returned(event: Event, frames: list[_Frame]) -> list[Told]:
    """Close the innermost open call of the event's function, and what is inside it."""
    mark = event.mark
    result = ""
    if not all(isinstance(type_, NoneType) for _, type_, _ in mark.values):
        result = _values(event)
    for depth in reversed(range(len(frames))):
        frame = frames[depth]
        if frame.kind is Line.CALL and frame.name == mark.name:
            del frames[depth:]
            if not frame.is_told:
                return []
            text = f"{mark.name}() -> {result}"
            below = _depth(frames)
            return [Told(Line.RESULT, below, text, "", frame.call, result)]
    return []


def _released(name: str, frames: list[_Frame]) -> tuple[int, str]:
    """Forget the lock `name`; at which depth it was taken, and how."""
    for depth in reversed(range(len(frames))):
        frame = frames[depth]
        if frame.kind is Line.LOCK and frame.name == name:
            del frames[depth]
            return _depth(frames[:depth]), frame.mode
    return _depth(frames), ""


def _mode(event: Event) -> str:
    """How a reader-writer lock was taken, from its value afterwards."""
    _, type_, _ = event.mark.values[0]
    if not isinstance(type_, LockType) or type_.kind is not LockKind.RWLOCK:
        return ""
    return "write" if event.leaves[0][0] else "read"


def _lock_kinds(model: Model) -> dict[str, LockKind]:
    return {
        part.name: part.type_.kind
        for part in components(model)
        if isinstance(part.type_, LockType)
    }


_LOCK_CALLS = {
    (LockKind.MUTEX, MarkKind.ACQUIRE): "mutex_lock",
    (LockKind.MUTEX, MarkKind.RELEASE): "mutex_unlock",
    (LockKind.SEMAPHORE, MarkKind.ACQUIRE): "down",
    (LockKind.SEMAPHORE, MarkKind.RELEASE): "up",
    (LockKind.RWLOCK, MarkKind.ACQUIRE): "down",
    (LockKind.RWLOCK, MarkKind.RELEASE): "up",
}


def lock_call(kind: LockKind | None, name: str, what: MarkKind, mode: str = "") -> str:
    """A lock operation in the kernel's words: `mutex_lock(m)`, `down_read(rw)`.

    `mode` is `read` or `write` for a reader-writer lock, if it is known.
    """
    if kind is None:
        return f"{'lock' if what is MarkKind.ACQUIRE else 'unlock'}({name})"
    suffix = f"_{mode}" if mode else ""
    return f"{_LOCK_CALLS[kind, what]}{suffix}({name})"


def _failure(failed: Assert, depth: int) -> Told:
    word = "assertion fails" if failed.check is Check.ASSERT else "error"
    return Told(Line.FAILURE, depth, f"{word}: {failed.message}")
