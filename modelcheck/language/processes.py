"""A process and the place in its code where it is suspended."""

from collections.abc import Coroutine
from types import CodeType, CoroutineType
from typing import TypeGuard

from modelcheck.language.actors import Actor
from modelcheck.language.errors import LanguageError, SpecDefinitionError
from modelcheck.language.outcomes import Place, Where, is_own_module
from modelcheck.language.spec import Spec
from modelcheck.language.suspension import Pause, PauseKind

Running = Coroutine[object, None, None]


def _never() -> bool:
    return False


_START = Pause(PauseKind.START)
_DONE = Pause(PauseKind.DONE, _never)


class Process:
    """One process of a world, suspended in `pause`; it runs only inside `resume`."""

    def __init__(self, actor: Actor) -> None:
        """Make it wait before its first statement."""
        self._actor = actor
        # Made by the first step only: a coroutine that never ran warns when it goes.
        self._coroutine: Running | None = None
        self.pause = _START

    def resume(self, spec: Spec) -> None:
        """Run it up to its next suspension, or to its end.

        Whatever its code raises comes through, and the process is then of no more use.
        """
        if self._coroutine is None:
            self._coroutine = _started(self._actor, spec)
        try:
            pause = self._coroutine.send(None)
        except StopIteration:
            self.pause = _DONE
            return
        if not isinstance(pause, Pause):
            message = f"{self._actor.name} awaits something that is not of a spec"
            raise LanguageError(message)
        self.pause = pause

    def reset(self) -> None:
        """Go back before the first statement."""
        self.close()
        self._coroutine = None
        self.pause = _START

    def close(self) -> None:
        """Throw the coroutine away; the state stays as it is."""
        if self._coroutine is not None:
            self._coroutine.close()

    def where(self, spec_class: type[Spec]) -> Where:
        """Return where it is suspended."""
        if self.pause is _START:
            code: CodeType = getattr(spec_class, self._actor.method).__code__
            return Where(PauseKind.START, ((code.co_filename, _first_line(code)),))
        return Where(self.pause.kind, _frames(self._coroutine), self.pause.waits_for)


def _started(actor: Actor, spec: Spec) -> Running:
    coroutine = actor.call(spec)
    if not _is_coroutine(coroutine):
        message = f"{actor.method}: a @process is an `async def`"
        raise SpecDefinitionError(message)
    return coroutine


def _is_coroutine(value: object) -> TypeGuard[Running]:
    return isinstance(value, CoroutineType)


def _first_line(code: CodeType) -> int:
    """Return the line of the first statement; the code itself begins at a decorator."""
    lines = (line for _, _, line in code.co_lines() if line is not None)
    return next((n for n in lines if n > code.co_firstlineno), code.co_firstlineno)


def _frames(coroutine: object) -> tuple[Place, ...]:
    frames: list[Place] = []
    while isinstance(coroutine, CoroutineType):
        frame = coroutine.cr_frame
        # The locks' own coroutines are left out: a user waits at the `async with`.
        if frame is not None and not is_own_module(frame.f_globals.get("__name__")):
            frames.append((frame.f_code.co_filename, frame.f_lineno))
        coroutine = coroutine.cr_await
    return tuple(frames)
