"""Mistakes that could be made in VFIO's container, in whatever way it claims.

See twins.py, which has those that do not depend on it.
"""

from kernel.objects import Device, Domain, Errno, File
from kernel.vfio_claiming import ClaimAtContainer, ClaimAtOpen
from kernel.vfio_container import VfioContainer
from modelcheck import choose, preempt, until


class MmioByWayOfDefault(VfioContainer):
    """A device is back on the default domain when its user writes to a register."""

    def vfio_device_mmio(self, file: File) -> None:
        """As if the table entry had been reset."""
        dev = self.open_device[file]
        if dev is not None:
            self.ops_attach_dev(Domain.DEFAULT, dev)
        super().vfio_device_mmio(file)


class ReleasesWhileOpen(VfioContainer):
    """The claim can be given back while the device is open."""

    async def vfio_ioctl(self, file: File) -> None:
        """An ioctl too many."""
        if self.open_device[file] is not None and choose(bool):
            await self.iommu_group_release_dma_owner()
        await super().vfio_ioctl(file)


class RemovalWaitsForTheContainer(VfioContainer):
    """The last device of a group waits for the container, as before Linux 6.2."""

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """It is still there for who removes it."""
        await super().vfio_unregister_group_dev(dev)
        self.unregistering.add(dev)
        await until(lambda: len(self.vfio_devices) > 0 or len(self.containers) == 0)
        self.unregistering.discard(dev)


class ClosesWithoutRelease(ClaimAtOpen):
    """Closing the device keeps the group claimed."""

    async def vfio_device_close(self, file: File) -> None:
        """Only the reference is dropped."""
        self.usable.discard(file)
        self.open_device[file] = None


class ClaimsAgainAtOpen(ClaimAtContainer):
    """GET_DEVICE_FD claims the group, whoever has claimed it before."""

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """A claim does not nest."""
        if await self.iommu_group_set_dma_owner(file) is not Errno.OK:
            self.refused_opens.add(file)
            await preempt()
            self.refused_opens.discard(file)
            return
        await super().vfio_group_get_device_fd(file)
