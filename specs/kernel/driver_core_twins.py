"""Mistakes that could be made around drivers/base/dd.c, whoever claims there.

A model of all of really_probe() takes long to read, so that these classes make mistakes
of a kind together, most of which stand alone in twins.py. Of two bases the one about
the class further down comes first: behind the other it would come behind the design.
"""

from kernel import twins
from kernel.objects import Device
from kernel.really_probe import ReallyProbe


class DriverCleansUpNothing(twins.DriverLeavesItsDomain, ReallyProbe):
    """What a driver has taken stays taken: links, the claim, a domain of its own."""

    def device_unbind_cleanup(self, dev: Device) -> None:
        """The driver is forgotten; the suppliers are not told."""
        self.driver[dev] = None

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """The claim is kept."""


class UserLeavesTheWrongDomain(twins.DetachDoesNothing, twins.SwitchesByWayOfDefault):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    twins.NobodyIsMovedBack, twins.NewcomerIsNotAttached, twins.ReleasedDeviceIsBlocked
):
    """A device is not where its group is: one that comes, goes, or was moved in vain.

    Attaches may fail for once.
    """
