"""A VFIO container that the kernel may take away, from Linux 6.2 on.

Commit ca5f21b25749 ("vfio: Follow a strict lifetime for struct iommu_group"): when the
last device of the group is unregistered, its container is detached, instead of waiting
until the user does it. So the removal of a device and the user's ioctls meet, and VFIO
needs its locks: `vfio.group_lock`, inside it that of the group, and that of the
container, which is one with the group's here. For one user it makes no difference.
Where a section under a lock is one step, its owner only waits until the lock is free.
"""

from kernel.objects import Device, Driver, Errno, File
from kernel.vfio_container import VfioContainer
from modelcheck import Mutex, reachable, until


class VfioStrictLifetime(VfioContainer):
    """drivers/vfio/group.c and container.c at commit 05f37e1c03b6.

    A device that is being unregistered is in `drivers`, but cannot be opened any more.
    """

    vfio_group_lock: Mutex
    group_lock: Mutex
    drivers: set[Device] = set()

    # Ghost: who lost its container, and has not closed the group since.
    deprived: set[File] = set()

    async def probe(self, dev: Device) -> Errno:
        """A device is registered, or has to wait for the end of its group."""
        if self.driver[dev] is not Driver.VFIO:
            return await super().probe(dev)
        await until(lambda: not self.vfio_group_lock.locked())
        self.drivers.add(dev)
        self.vfio_devices.add(dev)
        return Errno.OK

    async def vfio_group_set_container(self, file: File) -> Errno:
        """SET_CONTAINER: ENODEV if the group lost its last device."""
        async with self.group_lock:
            if len(self.drivers) == 0:
                return Errno.ENODEV
            return await super().vfio_group_set_container(file)

    async def vfio_container_set_iommu(self, file: File) -> None:
        """SET_IOMMU: a container without groups gets no IOMMU driver."""
        async with self.group_lock:
            if file in self.containers:
                await super().vfio_container_set_iommu(file)

    async def vfio_group_get_device_fd(self, file: File) -> None:
        """GET_DEVICE_FD: the container must still be there, and have its driver."""
        await until(lambda: not self.group_lock.locked())
        if self.vfio_domain[file] is not None:
            self.vfio_device_open(file)

    async def vfio_group_unset_container(self, file: File) -> None:
        """UNSET_CONTAINER, or closing the group: detach what is not detached yet."""
        async with self.group_lock:
            if file in self.containers:
                await super().vfio_group_unset_container(file)
            self.deprived.discard(file)

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """The group that loses its last device loses its container."""
        await until(lambda: not self.has_open_device(dev))
        self.vfio_devices.discard(dev)
        async with self.vfio_group_lock:
            self.drivers.discard(dev)
            if len(self.drivers) > 0:
                return
            async with self.group_lock:
                for file in File:
                    if file in self.containers:
                        await super().vfio_group_unset_container(file)
                        self.deprived.add(file)

    @reachable
    def user_gone(self) -> bool:
        """A user's container was taken away, and the group is idle again."""
        return len(self.deprived) > 0 and len(self.claims) == 0 and self.is_idle()
