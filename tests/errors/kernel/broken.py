"""A module that its importers cannot read."""

from modelcheck import Scalarset


class Device(Scalarset, size=TWO):
    """A device of the group."""
