"""What drivers do in probe() and remove(), by kind.

- DMA_API: DMA through the kernel's DMA API, possible from the start of probe() to the
  end of remove().
- PRIVATE_DOMAIN: flagged `no_kernel_api_dma`, so that the driver core does not claim
  for it. It attaches its own domain in probe(), detaches it in remove(). As in
  drm/tegra all devices of the driver share one domain, and the last one frees it.
- PRIVATE_UNFLAGGED: does the same without the flag, as tegra-vde does. The driver core
  claims for it, and it relies on being alone in the group.
- VFIO: flagged as well, does no DMA of its own, and lends the device to a user.
"""

from kernel.hotplug import Hotplug
from kernel.objects import (
    PRIVATE_DOMAIN_DRIVERS,
    Device,
    Domain,
    Driver,
    Errno,
    File,
)
from modelcheck import choose, preempt, until


class KernelDrivers(Hotplug):
    """`dma` are the devices that a DMA-API driver may be making DMA with."""

    driver: dict[Device, Driver | None] = {dev: None for dev in Device}
    dma: set[Device] = set()
    private_users: set[Device] = set()
    vfio_devices: set[Device] = set()
    containers: set[File] = set()

    def has_private_domain(self, dev: Device) -> bool:
        """Whether the driver of `dev` manages its own I/O address space."""
        return self.driver[dev] in PRIVATE_DOMAIN_DRIVERS

    async def probe(self, dev: Device) -> Errno:
        """drv->probe(), which may fail for a reason of its own."""
        if self.has_private_domain(dev):
            return await self.private_domain_probe(dev)
        if self.driver[dev] is Driver.VFIO:
            self.vfio_devices.add(dev)
            return Errno.OK
        self.dma.add(dev)
        await preempt()
        if choose(bool):
            self.dma.discard(dev)
            return Errno.ENODEV
        return Errno.OK

    async def remove(self, dev: Device) -> None:
        """drv->remove()."""
        if self.has_private_domain(dev):
            await self.private_domain_remove(dev)
        elif self.driver[dev] is Driver.VFIO:
            await self.vfio_unregister_group_dev(dev)
        else:
            self.dma.discard(dev)

    async def private_domain_probe(self, dev: Device) -> Errno:
        """Allocate the domain if nobody did, attach it, and possibly fail later on."""
        self.private_users.add(dev)
        self.live.add(Domain.PRIVATE)
        ret = await self.iommu_attach_device(Domain.PRIVATE, dev)
        if ret is not Errno.OK:
            self.put_private_domain(dev)
            return ret
        if choose(bool):
            await self.private_domain_remove(dev)
            return Errno.ENODEV
        return Errno.OK

    async def private_domain_remove(self, dev: Device) -> None:
        """Detach, and free the domain after its last user."""
        await self.iommu_detach_device(Domain.PRIVATE, dev)
        self.put_private_domain(dev)

    def put_private_domain(self, dev: Device) -> None:
        """`dev` needs the private domain no longer."""
        self.private_users.discard(dev)
        if len(self.private_users) == 0:
            self.live.discard(Domain.PRIVATE)

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """The last device of a VFIO group waits until no container uses the group."""
        self.vfio_devices.discard(dev)
        await until(lambda: len(self.vfio_devices) > 0 or len(self.containers) == 0)
