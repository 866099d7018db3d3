"""Mistakes that could be made in drivers/base/dd.c, whoever claims there.

See twins.py for those in what it calls.
"""

from kernel.objects import Device
from kernel.really_probe import ReallyProbe


class ErrorPathUndoesNothing(ReallyProbe):
    """really_probe() returns where it should go to its labels."""

    def device_unbind_cleanup(self, dev: Device) -> None:
        """The driver is forgotten; the suppliers are not told."""
        self.driver[dev] = None

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """The claim is kept."""
