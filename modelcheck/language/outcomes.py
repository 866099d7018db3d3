"""What became of an attempt to take a step."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import TracebackType

from modelcheck.language.errors import LanguageError, LockError, RangeError
from modelcheck.language.suspension import PauseKind

Place = tuple[str, int]

_OWN_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Move:
    """The step that an actor would take next."""

    actor: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answered choice: option number `index` of `count`, which is `value`."""

    index: int
    count: int
    value: object


@dataclass(frozen=True, slots=True)
class Taken:
    """The step happened, with these choices in this order."""

    move: Move
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Disabled:
    """The step did not happen; the world is as it was."""

    move: Move
    choices: tuple[Choice, ...]
    reason: str


class ViolationKind(Enum):
    """What went wrong inside a step."""

    ASSERTION = "assertion"
    DIVISION = "division"
    KEY = "key"
    INDEX = "index"
    RANGE = "range"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class StepViolation:
    """A step broke a rule at `file`:`line`; the world is as it was before the step.

    `state` is the snapshot at the offending statement.
    """

    kind: ViolationKind
    message: str
    file: str
    line: int
    move: Move
    choices: tuple[Choice, ...] = ()
    state: dict[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a process is: why it does not run, and the call chain, outermost first.

    Before the start the chain is the method's first statement; when the process is done
    the chain is empty. `waits_for` names the lock it waits for, if any.
    """

    kind: PauseKind
    frames: tuple[Place, ...] = ()
    waits_for: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One way a step can go: its result, and the state after it if it happened."""

    result: Taken | StepViolation | Disabled
    state: dict[str, object] | None


class StepFailed(LanguageError):  # noqa: N818 - carries a violation, is none itself
    """Raised where a violation cannot be returned: by `try_take` and at the start."""

    def __init__(self, violation: StepViolation) -> None:
        """Keep the violation."""
        super().__init__(f"{violation.file}:{violation.line}: {violation.message}")
        self.violation = violation


_KINDS: tuple[tuple[type[Exception], ViolationKind], ...] = (
    (AssertionError, ViolationKind.ASSERTION),
    (ZeroDivisionError, ViolationKind.DIVISION),
    (KeyError, ViolationKind.KEY),
    (IndexError, ViolationKind.INDEX),
    (RangeError, ViolationKind.RANGE),
    (LockError, ViolationKind.LOCK),
    (ValueError, ViolationKind.KEY),  # `remove()` and `index()` of a list
)

#: The exceptions that are violations of a spec; all others are errors in its code.
FAULTS = tuple(kind for kind, _ in _KINDS)


def violation_of(
    error: Exception,
    move: Move,
    choices: tuple[Choice, ...],
    state: dict[str, object],
) -> StepViolation:
    """Return one of `FAULTS` as a violation, at the innermost line of the spec."""
    kind = next(kind for fault, kind in _KINDS if isinstance(error, fault))
    file, line = place_of(error.__traceback__)
    message = _message_of(error)
    return StepViolation(kind, message, file, line, move, choices, state)


def is_own_module(name: object) -> bool:
    """Tell whether a module of this name belongs to the language, not to a spec."""
    return isinstance(name, str) and (name + ".").startswith(_OWN_PACKAGE + ".")


def _message_of(error: Exception) -> str:
    if isinstance(error, KeyError) and error.args:
        return f"no such element: {error.args[0]!r}"
    return str(error) or _SILENT[type(error)]


_SILENT: dict[type[Exception], str] = {AssertionError: "assertion failed"}


def place_of(traceback: TracebackType | None, within: Path | None = None) -> Place:
    """Return file and line of the innermost frame of a spec, `("", 0)` if none is.

    That is a frame outside this package and, if `within` is given, of a file there.
    """
    place = ("", 0)
    while traceback is not None:
        frame = traceback.tb_frame
        file = frame.f_code.co_filename
        is_inside = within is None or within in Path(file).parents
        if is_inside and not is_own_module(frame.f_globals.get("__name__")):
            place = (file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place
