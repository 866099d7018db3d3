"""A set inside a value that does not change."""

from dataclasses import dataclass

from modelcheck import Spec, action

Marks = set[bool]


@dataclass(frozen=True)
class Entry:
    """Frozen, but not what is in it."""

    used: bool = False
    marks: Marks | None = None


class Table(Spec):
    """One entry."""

    entry: Entry = Entry()

    @action
    def use(self) -> None:
        """Use it."""
        self.entry = Entry(used=True)
