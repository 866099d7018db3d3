"""Everything the language raises.

Two of them are faults of a step (`RangeError`, `LockError`): the scheduler reports
them as a violation of the spec. `StepDisabled` is no error at all, it says that the
step did not happen. The rest tell the author that a name was used in the wrong place.
"""


class LanguageError(Exception):
    """Base of all exceptions of this package."""


class OutsideWorldError(LanguageError):
    """A name that needs a running `World` was called without one."""


class SpecDefinitionError(LanguageError):
    """A spec class is wrong as written: an annotation, a default or a decorator."""


class RangeError(LanguageError):
    """A value left the finite type of the variable that was to hold it."""


class LockError(LanguageError):
    """A lock was released by an actor that does not hold it."""


class StepDisabled(LanguageError):  # noqa: N818 - an outcome, not an error
    """The running step cannot happen with the choices made so far."""


class ReplayError(LanguageError):
    """Repeating recorded steps gave another result: the spec is not deterministic."""
