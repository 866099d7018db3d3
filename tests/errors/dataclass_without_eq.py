"""Two values with equal fields would not be equal."""

from dataclasses import dataclass

from modelcheck import Spec, action


@dataclass(frozen=True, eq=False)
class Entry:
    """Compared by identity."""

    used: bool = False


class Table(Spec):
    """One entry."""

    entry: Entry = Entry()

    @action
    def use(self) -> None:
        """Use it."""
        self.entry = Entry(used=True)
