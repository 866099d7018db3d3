"""Mistakes that could be made about a PCI device that is reset.

See twins.py, which has those that do not depend on it.
"""

from kernel.objects import Device, Errno
from kernel.pci_reset import PciReset
from modelcheck import require


class UnplugsBesideResets(PciReset):
    """Devices are removed, whatever the comment on prepare demands, and come back."""

    async def hot_unplug(self, dev: Device) -> None:
        """Remove a device that leaves another one behind."""
        require(any(self.is_settled(other) for other in Device if other is not dev))
        await self.iommu_release_device(dev)


class ResetIsNotNoted(PciReset):
    """A reset blocks the device, and does not keep others from attaching it."""

    async def pci_dev_reset_iommu_prepare(self, dev: Device) -> Errno:
        """Without `group->resetting_domain`."""
        ret = await super().pci_dev_reset_iommu_prepare(dev)
        self.resetting_domain = None
        return ret
