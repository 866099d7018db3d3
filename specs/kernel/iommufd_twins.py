"""Mistakes that could be made in iommufd, on the group of whatever version.

See twins.py, which has those that do not depend on it.
"""

from kernel.iommufd import Iommufd
from kernel.objects import Device, Domain, Errno, File
from modelcheck import preempt


class ReplacesByWayOfDefault(Iommufd):
    """A replace that gives the group back to the kernel in between."""

    def may_replace(self) -> bool:
        """Before Linux 6.6, too."""
        return True

    async def iommu_replace_group_handle(self, new: Domain) -> Errno:
        """The default domain, and then the new one."""
        async with self.mutex:
            self._attach_each(Domain.DEFAULT)
        return await super().iommu_replace_group_handle(new)


class PutsTwice(Iommufd):
    """Who detaches a device puts its hwpt, and so does the caller."""

    def iommufd_hw_pagetable_put(self, domain: Domain) -> None:
        """Twice."""
        super().iommufd_hw_pagetable_put(domain)
        super().iommufd_hw_pagetable_put(domain)


class ReadsTheHwptTooEarly(Iommufd):
    """`igroup->hwpt` is read before `igroup->lock` is taken."""

    async def iommufd_hw_pagetable_detach(self, file: File, dev: Device) -> None:
        """And other threads come in between."""
        domain = self.vfio_domain[file]
        await preempt()
        async with self.igroup_lock[file]:
            self.device_list[file].discard(dev)
            if len(self.device_list[file]) == 0:
                await self.iommu_detach_group()
                self.vfio_domain[file] = None
        if domain is not None:
            self.iommufd_hw_pagetable_put(domain)


class DetachIsNotUnderTheLock(Iommufd):
    """The end of a character device does not care who else uses the group."""

    async def vfio_df_unbind_iommufd(self, file: File, dev: Device) -> None:
        """Without the lock of the `dev_set`."""
        if dev in self.device_list[file]:
            await self.iommufd_hw_pagetable_detach(file, dev)
        await self.iommu_device_release_dma_owner(dev, file)
