"""When VFIO claims the group: with the container, with the device, or before a domain.

Kevin Tian, September 2021: claim when the group joins the container, "because vfio
requires the group in a security context before the device is opened". Jason Gunthorpe,
22 September: "Is it? Until a device FD is opened the group fd is kind of idle, right?"
The third way is that of a device of its own, without group or container: a claim, MMIO
at once, and a domain some time later. Lu Baolu, 23 December: "a device could be
accessible by userspace before a user-space I/O address is attached".

The group is that of Linux 5.19, where a claimed group has no domain and the hardware
does what it likes; each spec says which hardware.
"""

from kernel.mainline import Mainline
from kernel.objects import Device, Errno, File
from kernel.vfio_container import VfioContainer
from modelcheck import choose, invariant, preempt, until


class ClaimAtContainer(VfioContainer, Mainline):
    """VFIO as merged: SET_CONTAINER claims, and a device is opened on a domain."""

    # Ghost: GET_DEVICE_FD was refused, on its way back to the user.
    refused_opens: set[File] = set()

    @invariant
    def idle_group_refuses_no_driver(self) -> bool:
        """While no user has or opens a device, a DMA-API driver may bind.

        Jason Gunthorpe: "Until a device FD is opened the group fd is kind of idle".
        """
        return (
            self.owner is None
            or len(self.refused_binds) == 0
            or any(self.open_device[file] is not None for file in File)
        )

    @invariant
    def container_promises_its_devices(self) -> bool:
        """After SET_CONTAINER no other owner can keep the user from its device."""
        return len(self.refused_opens) == 0


class ClaimAtOpen(ClaimAtContainer):
    """GET_DEVICE_FD claims and attaches, as iommufd's compatibility for groups does.

    The container is a name until then. A user that closes its device gives all back.
    """

    async def vfio_group_set_container(self, file: File) -> Errno:
        """SET_CONTAINER: remember the container, no more."""
        if len(self.containers) > 0:
            return Errno.EINVAL
        self.containers.add(file)
        return Errno.OK

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """GET_DEVICE_FD: claim, attach, and only then let the user in."""
        await preempt()
        if len(self.vfio_devices) == 0:
            return
        self.open_device[file] = choose(self.vfio_devices)
        if await self.iommu_group_set_dma_owner(file) is not Errno.OK:
            self.refused_opens.add(file)
            await preempt()
            self.refused_opens.discard(file)
            self.open_device[file] = None
        elif await self.vfio_attach_group(file) is not Errno.OK:
            await self.iommu_group_release_dma_owner()
            self.open_device[file] = None
        else:
            self.usable.add(file)

    async def vfio_device_close(self, file: File) -> None:
        """Detach, release the ownership, and drop the reference."""
        self.usable.discard(file)
        await self.vfio_detach_and_release(file)
        self.open_device[file] = None

    async def vfio_detach_and_release(self, file: File) -> None:
        """What UNSET_CONTAINER did."""
        domain = self.vfio_domain[file]
        if domain is not None:
            await self.vfio_iommu_type1_detach_group(file, domain)
        await self.iommu_group_release_dma_owner()

    async def vfio_ioctl(self, file: File) -> None:
        """Use or close the open device; or open one."""
        if self.open_device[file] is None:
            await self.vfio_group_get_device_fd(file)
        else:
            await super().vfio_ioctl(file)

    async def vfio_group_unset_container(self, file: File) -> None:
        """UNSET_CONTAINER: forget it."""
        await preempt()
        self.containers.discard(file)

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """Only an open device is waited for: the container holds nothing."""
        await until(lambda: not self.has_open_device(dev))
        self.vfio_devices.discard(dev)


class ClaimAtBind(ClaimAtOpen):
    """A device of its own: BIND claims and lets the user in, ATTACH comes later."""

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """BIND: once the claim stands, the registers can be reached."""
        await preempt()
        if len(self.vfio_devices) == 0:
            return
        self.open_device[file] = choose(self.vfio_devices)
        if await self.iommu_group_set_dma_owner(file) is Errno.OK:
            self.usable.add(file)
        else:
            self.open_device[file] = None

    async def vfio_ioctl(self, file: File) -> None:
        """Attach or detach in between, or anything else."""
        domain = self.vfio_domain[file]
        if self.open_device[file] is None or choose(bool):
            await super().vfio_ioctl(file)
        elif domain is None:
            await self.vfio_attach_group(file)
        else:
            await self.vfio_iommu_type1_detach_group(file, domain)
