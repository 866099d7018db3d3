from dataclasses import dataclass

from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


@dataclass(frozen=True)
class Entry:
    dev: Device
    valid: bool


class Group(Spec):
    entry: Entry

    @action
    def invalidate(self) -> None:
        self.entry.valid = False
