"""The group may be complete from the start, so that no story begins with a hot-add."""

from kernel.group import IommuGroup
from kernel.objects import Device, Domain
from modelcheck import choose, init


class PopulatedGroup(IommuGroup):
    """One device is there, or all of them."""

    @init
    def boot(self) -> None:
        """Like the hot-adds to come, but without their steps."""
        super().boot()
        if choose(bool):
            for dev in Device:
                if dev not in self.devices:
                    self.devices.append(dev)
                    self.ops_attach_dev(Domain.DEFAULT, dev)
