"""How a command ends that could not do what was asked.

Two families. The user's file or call is wrong: one message, no traceback. We are
wrong: a message that says so, with what a report of the fault needs.
"""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Callable
from functools import wraps
from traceback import format_exception
from typing import TYPE_CHECKING, ParamSpec

import typer

from modelcheck import __version__
from modelcheck.cli.exits import Exit

if TYPE_CHECKING:
    from modelcheck.explore.interpreter import EvaluationError
    from modelcheck.model.program import Model

_P = ParamSpec("_P")


class NoValueError(Exception):
    """A property of `model` has no value in a state that can be reached."""

    def __init__(
        self, model: Model, error: EvaluationError, options: tuple[str, ...]
    ) -> None:
        super().__init__(model.path)
        self.model = model
        self.error = error
        self.options = options


def guarded(command: Callable[_P, int]) -> Callable[_P, None]:
    """`command` with its result as exit code; Ctrl-C ends it without conclusion."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except BaseException as error:
            # Ctrl-C and the end of the time here, because typer makes a status of its
            # own of the former.
            told = None if isinstance(error, Exception) else tell(error)
            if told is None:
                raise
            raise typer.Exit(told) from None
        raise typer.Exit(code)

    return run


def tell(error: BaseException, *, aloud: bool = True) -> int | None:
    """Say on stderr what `error` means to the user; None if it is no user's matter.

    Without `aloud` only the status is wanted: somebody else tells the user.
    """
    told = _meaning(error)
    if told is None:
        return None
    text, code = told
    if aloud:
        print(text, file=sys.stderr)
    return code


def _meaning(error: BaseException) -> tuple[str, Exit] | None:
    from modelcheck.reader.errors import SpecError
    from modelcheck.verdict.deadline import TooLateError
    from modelcheck.verdict.verdicts import TooManyOutcomesError

    match error:
        case SpecError():
            return str(error), Exit.SPEC_ERROR
        case NoValueError():
            text = _evaluation(error.model, error.error, error.options)
            return text, Exit.EVALUATION_ERROR
        case KeyboardInterrupt():
            return "modelcheck: interrupted", Exit.INCONCLUSIVE
        case TooLateError():
            text = f"modelcheck: ended by {error} before anything was seen"
            return text, Exit.INCONCLUSIVE
        case TooManyOutcomesError():
            way_out = "use --engine explore, or choose in several steps"
            return f"modelcheck: {error}:\n{way_out}", Exit.INCONCLUSIVE
        case MemoryError():
            return "modelcheck: out of memory", Exit.INCONCLUSIVE
        case OSError(filename=name, strerror=reason) if name and reason:
            return f"modelcheck: {name}: {reason}", Exit.USAGE
    return None


def tell_evaluation(
    model: Model, error: EvaluationError, options: tuple[str, ...]
) -> int:
    """Say where a property has no value and how one comes there."""
    print(_evaluation(model, error, options), file=sys.stderr)
    return Exit.EVALUATION_ERROR


def _evaluation(model: Model, error: EvaluationError, options: tuple[str, ...]) -> str:
    from modelcheck.reader.errors import excerpt, place
    from modelcheck.trace.replay import replay_evidence
    from modelcheck.verdict.verdicts import Evidence

    span = error.failed.span
    head = f"evaluation error in {error.prop.name}: {error.failed.message}"
    lines = [f"{place(span)}: {head}" if span.path else head, *excerpt(span)]
    path = getattr(error, "path", ())
    if path:
        trace = replay_evidence(model, Evidence(path))
        words = ("modelcheck", "replay", model.path, *options, trace.address)
        lines.append(f"   note: the path to it: {shlex.join(words)}")
    return "\n".join(lines)


def crash(error: BaseException) -> int:
    """Tell that `error` is our fault, with all that a report of it needs."""
    from modelcheck.verdict.agreement import InternalError
    from modelcheck.verdict.parts import SearchCrashError

    summary = f"{type(error).__name__}: {error}"
    if isinstance(error, InternalError):
        summary = error.reason
    # Where machine code has crashed is not where its end was noticed.
    stack = "".join(format_exception(error)).rstrip()
    if isinstance(error, SearchCrashError):
        summary, stack = f"the search crashed: {error}", ""
    lines = [
        f"modelcheck: internal error: {summary.splitlines()[0]}",
        "This is a fault of modelcheck, not of the spec. Please report it with what",
        "follows, and with the spec if it may be shown.",
        "",
        f"version: {versions()}",
        f"command: {shlex.join(['modelcheck', *sys.argv[1:]])}",
        stack,
    ]
    print("\n".join(lines).rstrip(), file=sys.stderr)
    return Exit.CRASH


def versions() -> str:
    """Our version and those of what verdicts depend on."""
    from importlib.metadata import PackageNotFoundError, version

    parts = [f"modelcheck {__version__}", f"Python {platform.python_version()}"]
    try:
        parts.append(f"z3-solver {version('z3-solver')}")
    except PackageNotFoundError:
        parts.append("no z3-solver")
    return ", ".join(parts)
