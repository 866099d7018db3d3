from dataclasses import dataclass

from modelcheck import Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


@dataclass(frozen=True)
class Node:
    dev: Device
    next: "Node | None"


class Group(Spec):
    head: Node | None = None
