"""Names that the cases import."""

from modelcheck import Scalarset


class Device(Scalarset, size=2):
    """A device of the group."""
