"""Names that the cases import."""

from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Forgets(Spec):
    """What a twin of a counter does instead."""

    @action
    def take(self) -> None:
        """Nothing."""
