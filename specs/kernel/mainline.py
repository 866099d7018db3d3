"""The kernel as merged, from Linux 5.19 on: what all its versions share.

The properties are those of every design; here come the ones about hardware whose detach
promises nothing, and the happy paths: what must still be possible, and what must be
refused.
"""

from kernel.detaching import DetachingHardware
from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Driver, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import invariant, reachable, require, transition


class Mainline(DetachingHardware, HappyPaths):
    """A version overrides the functions of drivers/iommu/iommu.c that it changed."""

    # Ghosts, set while a call that was refused is on its way back to its caller.
    refused_binds: set[Device] = set()
    refused_claims: set[File] = set()

    async def iommu_group_claim_dma_owner(self, owner: File) -> Errno:
        """SET_CONTAINER claims the group; see the versions."""
        return await super().iommu_group_set_dma_owner(owner)

    async def iommu_group_set_dma_owner(self, owner: File) -> Errno:
        """The name that the claim had until it was merged, and what became of it."""
        ret = await self.iommu_group_claim_dma_owner(owner)
        self.refused_claims.discard(owner)
        return ret

    async def dma_configure(self, dev: Device) -> Errno:
        """bus->dma_configure(), and what became of the claim."""
        ret = await super().dma_configure(dev)
        self.refused_binds.discard(dev)
        return ret

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Bind. No driver with its own domain is flagged `driver_managed_dma`.

        Of the drivers of mainline only vfio, pci-stub and portdrv are; the driver core
        claims for all others, also for those that then leave the default domain.
        """
        require(driver is not Driver.PRIVATE_DOMAIN)
        return await super().really_probe(dev, driver)

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """iommu_device_use_default_domain(), which is the name it was merged under."""
        async with self.mutex:
            if self.owner_cnt > 0 and (
                self.domain is not self.default_domain or self.owner is not None
            ):
                self.refused_binds.add(dev)
                return Errno.EBUSY
            self.owner_cnt += 1
            self.dma_api_users.add(dev)
        return Errno.OK

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1; where the group has no domain, the devices are at least together.

        A NULL domain says nothing about the hardware, see commit 0286300e6045.
        """
        if self.domain is not None or self.mutex.locked():
            return super().one_domain_for_all_devices()
        return not any(
            self.hw[dev] is not self.hw[other]
            for dev in Device
            for other in Device
            if self.is_settled(dev) and self.is_settled(other)
        )

    @transition
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10; a group without a domain has none to inherit."""
        return after.domain is None or super().newcomer_inherits_the_domain(after)

    @transition
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17; a call that returns nothing has warned instead."""
        return (
            after.reattach_warned != self.reattach_warned
            or super().failed_call_changes_nothing(after)
        )

    @invariant
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: an attach finds no freed domain in the table entry that it replaces.

        Commit 0286300e6045. Only where no attach has failed and nothing has warned:
        what a failure leaves behind is another story.
        """
        return self.failures > 0 or self.has_warned() or not self.freed_domain_read

    @reachable
    def kernel_refuses_a_user(self) -> bool:
        """A DMA-API driver is bound, and a claim of the group is refused."""
        return len(self.refused_claims) > 0 and len(self.dma) > 0

    @reachable
    def user_refuses_a_kernel_driver(self) -> bool:
        """A user owns the group, and a DMA-API driver may not bind to a sibling."""
        return any(
            self.driver[dev] is Driver.DMA_API
            for dev in self.devices
            if dev in self.refused_binds and self.owner is not None
        )
