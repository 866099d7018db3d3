from dataclasses import dataclass

from modelcheck import Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


@dataclass(frozen=True)
class Entry:
    dev: Device
    valid: bool


class Group(Spec):
    entry: Entry

    @invariant
    def valid(self) -> bool:
        return self.entry.is_valid
