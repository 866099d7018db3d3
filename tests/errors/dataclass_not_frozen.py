from dataclasses import dataclass

from modelcheck import Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


@dataclass
class Entry:
    dev: Device


class Group(Spec):
    entry: Entry
