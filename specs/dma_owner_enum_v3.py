"""[PATCH v3 00/18] Fix BUG_ON in vfio_iommu_group_notifier(), 6 December 2021.

By Lu Baolu. The functions of v2 under other numbers: 10/18 is 09/17 word for word, and
for iommu_attach_device_shared(), now 12/18, the change log has only a test report. New
in 18/18: drm/tegra remembers by which way it came. What the driver core and the buses
do differently is not modelled here. There are as many states as in v2.

Link: https://lore.kernel.org/r/20211206015903.88687-11-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20211206015903.88687-19-baolu.lu@linux.intel.com
"""

from dma_owner_enum_v2 import DmaOwnerEnumV2
from kernel import twins
from kernel.objects import Device, Domain


class DmaOwnerEnumV3(DmaOwnerEnumV2, floor=2_500_000):
    """18/18."""

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """18/18: `client->group` says which way to go back, not the domain."""
        await self.iommu_detach_device_shared(Domain.PRIVATE, dev)
        await self.iommu_device_release_private(dev)


# Twins: each must violate what it names.


class DevicesShareATableEntry(
    DmaOwnerEnumV3, breaks="private_domain_stable_until_detach"
):
    """What is left out above: the newcomer moves its sibling, too."""

    alias = True


class AddsUnderTheLock(twins.AddsUnderTheLock, DmaOwnerEnumV3, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DmaOwnerEnumV3, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
