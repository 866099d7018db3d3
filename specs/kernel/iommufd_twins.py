"""Mistakes that could be made in iommufd, on the group of whatever version.

See twins.py, which has those that do not depend on it.
"""

from kernel.iommufd import Iommufd
from kernel.objects import Domain, Errno


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
