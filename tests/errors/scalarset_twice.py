from modelcheck import Scalarset, Spec
from kernel.objects import Device as OtherDevice


class Device(Scalarset, size=3):
    """Not the device of the other module."""


class Group(Spec):
    one: OtherDevice
    two: Device
