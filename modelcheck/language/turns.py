"""Turns: one step's choices, answered by a chooser or by a recorded script."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from modelcheck.language.errors import LanguageError, ReplayError, StepDisabled
from modelcheck.language.finite import Chooser
from modelcheck.language.outcomes import Choice

T = TypeVar("T")

#: Says which of the options to take, by its number.
Decide = Callable[[Sequence[object]], int]


class StepTurn:
    """One actor's turn; it records what was chosen."""

    def __init__(self, actor: str, decide: Decide) -> None:
        """Keep who acts and who decides."""
        self._actor = actor
        self._decide = decide
        self._choices: list[Choice] = []

    @property
    def actor(self) -> str:
        """The name of the acting actor."""
        return self._actor

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices made so far."""
        return tuple(self._choices)

    def pick(self, options: Sequence[T], /) -> T:
        """Return one of `options`; raise `StepDisabled` when there is none."""
        if not options:
            message = "choose(...) has nothing to choose from"
            raise StepDisabled(message)
        index = self._decide(options)
        value = options[index]
        self._choices.append(Choice(index, len(options), value))
        return value


def asking(chooser: Chooser) -> Decide:
    """Return a decision by `chooser`, which answers with one of the options."""

    def decide(options: Sequence[object]) -> int:
        value = chooser(options)
        for index, option in enumerate(options):
            if option is value or option == value:
                return index
        message = f"the chooser answered {value!r}, which is none of {tuple(options)}"
        raise LanguageError(message)

    return decide


def scripted(indices: Sequence[int]) -> Decide:
    """Return the decisions `indices` in their order, then always the first option.

    Deciding raises `ReplayError` where a script asks for an option there is not.
    """
    remaining = iter(indices)

    def decide(options: Sequence[object]) -> int:
        index = next(remaining, 0)
        if not 0 <= index < len(options):
            message = f"choice {index} of only {len(options)} options"
            raise ReplayError(message)
        return index

    return decide


def refusing(where: str) -> Decide:
    """Return a decision that raises `LanguageError`: `where` is no place to choose."""

    def decide(_options: Sequence[object]) -> int:
        message = f"choose(...) has no place in {where}"
        raise LanguageError(message)

    return decide


def next_script(choices: Sequence[Choice]) -> list[int] | None:
    """Return the script that follows `choices` depth first, `None` after the last."""
    for position in reversed(range(len(choices))):
        choice = choices[position]
        if choice.index + 1 < choice.count:
            return [*(c.index for c in choices[:position]), choice.index + 1]
    return None
