"""A VFIO container, ioctl by ioctl, as mainline has it from Linux 5.19 on.

SET_CONTAINER claims the group, SET_IOMMU attaches it to a domain, GET_DEVICE_FD hands
out a device, and its user then reaches the registers through MMIO. Userspace stops or
closes wherever it likes. The functions are those of drivers/vfio/vfio.c, from 6.2 on
container.c and group.c, and of vfio_iommu_type1.c.

The group of the model may be the second one in its container. Then the container has an
IOMMU driver before SET_CONTAINER, and a domain that is compatible with the one that
type1 allocates: the group is attached to the new domain and moved to the old one.

Left out: VFIO's own locks, because one process makes all calls for a container and the
removal of a device waits for it; and opening a device twice.
"""

from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Domain, Errno, File
from modelcheck import choose, init, invariant, preempt, process, reachable, until


class VfioContainer(HappyPaths):
    """`sharer` is the container with another group, which is on USER_B.

    `usable` are the users whose device answers to MMIO (`access_granted`).
    """

    sharer: File | None
    open_device: dict[File, Device | None] = {file: None for file in File}
    usable: set[File] = set()

    # Ghosts.
    foreign_access: bool = False
    unregistering: set[Device] = set()

    @init
    def boot(self) -> None:
        """The domain of the container's other group is there from the start."""
        super().boot()
        if self.sharer is not None:
            self.live.add(Domain.USER_B)
            self.user_of[Domain.USER_B] = self.sharer

    def iommu_domain_free(self, domain: Domain) -> None:
        """The other group of the container keeps its domain."""
        if domain is not Domain.USER_B or self.sharer is None:
            super().iommu_domain_free(domain)

    def has_open_device(self, dev: Device) -> bool:
        """Whether a user holds a reference to the registration of `dev`."""
        return any(self.open_device[file] is dev for file in File)

    async def vfio_attach_group(self, file: File) -> Errno:
        """Attach the group to a new domain; then to the container's, if it has one."""
        self.live.add(Domain.USER_A)
        self.user_of[Domain.USER_A] = file
        await self.vfio_iommu_type1_attach_group(file, Domain.USER_A)
        if self.vfio_domain[file] is not None and self.sharer is file:
            await self.vfio_iommu_type1_switch_group(file, Domain.USER_A, Domain.USER_B)
        return Errno.ENOMEM if self.vfio_domain[file] is None else Errno.OK

    async def vfio_group_set_container(self, file: File) -> Errno:
        """SET_CONTAINER: claim, and attach if the container has an IOMMU driver."""
        if len(self.containers) > 0:
            return Errno.EINVAL
        ret = await self.iommu_group_set_dma_owner(file)
        if ret is not Errno.OK:
            return ret
        if self.sharer is file:
            ret = await self.vfio_attach_group(file)
            if ret is not Errno.OK:
                await self.iommu_group_release_dma_owner()
                return ret
        self.containers.add(file)
        return Errno.OK

    async def vfio_container_set_iommu(self, file: File) -> None:
        """SET_IOMMU: the container gets an IOMMU driver, its groups a domain."""
        await self.vfio_attach_group(file)

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """GET_DEVICE_FD: a group that has a container with an IOMMU driver."""
        await preempt()
        self.vfio_device_open(file)

    def vfio_device_open(self, file: File) -> None:
        """A device that is still registered."""
        if len(self.vfio_devices) > 0:
            self.open_device[file] = choose(self.vfio_devices)
            self.usable.add(file)

    async def vfio_device_close(self, file: File) -> None:
        """Close the device, which drops the reference to its registration."""
        self.usable.discard(file)
        self.open_device[file] = None

    def vfio_device_mmio(self, file: File) -> None:
        """Write to a register: the device makes the DMA that the user wants."""
        dev = self.open_device[file]
        if dev is not None and self.is_foreign(self.hw[dev], file):
            self.foreign_access = True

    async def vfio_ioctl(self, file: File) -> None:
        """Use or close the open device; open one if attached; or attach."""
        if self.open_device[file] is not None:
            await preempt()
            if choose(bool):
                self.vfio_device_mmio(file)
            else:
                await self.vfio_device_close(file)
        elif self.vfio_domain[file] is None:
            await self.vfio_container_set_iommu(file)
        else:
            await self.vfio_group_get_device_fd(file)

    @process
    async def vfio_user(self, file: File) -> None:
        """Open the group, which exists while VFIO has a device of it; use; close."""
        while True:
            await until(lambda: len(self.vfio_devices) > 0)
            if await self.vfio_group_set_container(file) is Errno.OK:
                while choose(bool):
                    await self.vfio_ioctl(file)
                if self.open_device[file] is not None:
                    await self.vfio_device_close(file)
                await self.vfio_group_unset_container(file)
            await preempt()

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """An open device is waited for; then, for the last one, the container."""
        await until(lambda: not self.has_open_device(dev))
        self.vfio_devices.discard(dev)
        self.unregistering.add(dev)
        await until(lambda: len(self.vfio_devices) > 0 or len(self.containers) == 0)
        self.unregistering.discard(dev)

    @invariant
    def mmio_reaches_only_own_memory(self) -> bool:
        """I3, as it happens: no register makes a device reach another's memory."""
        return not self.foreign_access

    @invariant
    def usable_only_after_the_claim(self) -> bool:
        """I23: who can use a device has claimed its group, which left the default."""
        return not any(
            file not in self.claims or self.domain is self.default_domain
            for file in File
            if file in self.usable
        )

    @invariant
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: to close a device is all that a user can be asked for.

        Linux 6.2 detaches the container of a group that loses its last device.
        """
        return not any(
            dev in self.unregistering
            for dev in Device
            if len(self.vfio_devices) == 0 and len(self.containers) > 0
        )

    @reachable
    def user_has_a_device(self) -> bool:
        """A user has opened a device of a group of two, and is attached."""
        return len(self.usable) > 0 and all(
            self.is_settled(dev) and self.hw[dev] is Domain.USER_A for dev in Device
        )
