"""Devices come and go while the group is in use.

A newcomer passes through two critical sections: it joins the list and is attached to
the group's domain, and only then does iommu_probe_device() think of the default domain.
Both, and the order of release and removal, are those of drivers/iommu/iommu.c in Linux
5.16 with the v5 ownership series.
"""

from kernel.group import IommuGroup
from kernel.objects import Device, Errno
from modelcheck import require


class Hotplug(IommuGroup):
    """`joining` and `leaving` are the devices in the middle of an add or a removal.

    A device that could not be added stays away. (In the kernel it comes up without an
    IOMMU, which is another story.) The last settled device of the group stays: a group
    that empties is freed, and the next device makes another one.
    """

    joining: set[Device] = set()
    leaving: set[Device] = set()

    def is_settled(self, dev: Device) -> bool:
        """Whether `dev` is in the group, and no add or removal of it is under way."""
        return (
            dev in self.devices and dev not in self.joining and dev not in self.leaving
        )

    def forget(self, dev: Device) -> None:
        """list_del(): an empty slot has no table entry, unless it shares one."""
        self.devices = [other for other in self.devices if other is not dev]
        self.joining.discard(dev)
        self.leaving.discard(dev)
        if not self.alias:
            self.hw[dev] = None

    async def iommu_group_add_device(self, dev: Device) -> Errno:
        """N1: join the list and follow the group's domain."""
        async with self.mutex:
            ret = Errno.OK
            self.devices.append(dev)
            self.joining.add(dev)
            if self.domain is not None:
                ret = self._iommu_attach_device(self.domain, dev)
        if ret is not Errno.OK:
            async with self.mutex:
                self.forget(dev)
        return ret

    async def iommu_probe_device(self, dev: Device) -> None:
        """N1, then N2: the default domain, unless a user owns the group."""
        if await self.iommu_group_add_device(dev) is not Errno.OK:
            return
        async with self.mutex:
            ret = Errno.OK
            if self.default_domain is not None and not self.avoids_default_domain():
                ret = self._iommu_attach_device(self.default_domain, dev)
            if ret is Errno.OK:
                self.joining.discard(dev)
        if ret is not Errno.OK:
            await self.iommu_release_device(dev)

    async def iommu_release_device(self, dev: Device) -> None:
        """The IOMMU driver lets go of `dev` before the group, without the lock."""
        self.leaving.add(dev)
        self.ops_release_device(dev)
        async with self.mutex:
            self.forget(dev)

    async def hot_unplug(self, dev: Device) -> None:
        """Remove a device that has no driver and leaves another one behind."""
        require(
            any(self.is_settled(other) for other in Device if other is not dev),
        )
        await self.iommu_release_device(dev)
