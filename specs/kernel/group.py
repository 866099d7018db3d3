"""The IOMMU group and its API, as the proposals of January 2022 found it.

That is "[PATCH v5 01/14] iommu: Add dma ownership management interfaces" of 4 January.
Function by function the code of drivers/iommu/iommu.c, same checks in the same order,
same lock. The parameter `group` is `self`; `__name()` is written `_name()`. Each
section under `group->mutex` is one atomic step.

Link: https://lore.kernel.org/r/20220104015644.2294354-2-baolu.lu@linux.intel.com
"""

from typing import Annotated

from kernel.hardware import IommuHardware
from kernel.objects import Device, Domain, Errno, File, Refcount
from modelcheck import Length, Mutex, choose, init


class IommuGroup(IommuHardware):
    """`struct iommu_group`, and ghosts that say who has a right to what."""

    mutex: Mutex
    devices: Annotated[list[Device], Length(len(Device))] = []
    default_domain: Domain | None = Domain.DEFAULT
    domain: Domain | None = Domain.DEFAULT
    owner: File | None = None
    owner_cnt: Refcount = 0

    # Ghosts: whose call succeeded, and who has not called the opposite since.
    dma_api_users: set[Device] = set()
    attached: set[Device] = set()
    claims: set[File] = set()

    @init
    def boot(self) -> None:
        """One device is there from the start; the others are hot-plugged."""
        dev = choose(Device)
        self.devices.append(dev)
        self.ops_attach_dev(Domain.DEFAULT, dev)

    def is_user_owned(self) -> bool:
        """Whether the fields of the group say that it is a user's."""
        return self.owner is not None

    def avoids_default_domain(self) -> bool:
        """Whether the default domain must not come back by itself."""
        return self.is_user_owned()

    def _attach_each(self, domain: Domain) -> Errno:
        """Walk the list with iommu_group_do_attach_device(), up to the first error.

        The devices before the one that fails stay attached to `domain`.
        """
        for dev in self.devices:
            ret = self._iommu_attach_device(domain, dev)
            if ret is not Errno.OK:
                return ret
        return Errno.OK

    def _iommu_attach_group(self, domain: Domain) -> Errno:
        """`__iommu_attach_group()`: replaces the default domain, but no other one."""
        if self.domain is not None and self.domain is not self.default_domain:
            return Errno.EBUSY
        ret = self._attach_each(domain)
        if ret is Errno.OK:
            self.domain = domain
        return ret

    def _iommu_detach_group(self) -> None:
        """`__iommu_detach_group()`: back to the default domain, or to none if owned."""
        if self.default_domain is None or self.avoids_default_domain():
            for dev in self.devices:
                self.ops_detach_dev(dev)
            self.domain = None
            return
        if self.domain is self.default_domain:
            return
        if self._attach_each(self.default_domain) is not Errno.OK:
            self.reattach_warned = True
        else:
            self.domain = self.default_domain

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """A driver that uses the DMA API is about to probe `dev`."""
        async with self.mutex:
            if self.owner_cnt > 0 and (
                self.domain is not self.default_domain or self.owner is not None
            ):
                return Errno.EBUSY
            self.owner_cnt += 1
            self.dma_api_users.add(dev)
        return Errno.OK

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """The driver that used the DMA API is gone."""
        async with self.mutex:
            if self.owner_cnt == 0:
                self.warned = True
            else:
                self.owner_cnt -= 1
            self.dma_api_users.discard(dev)

    async def iommu_group_set_dma_owner(self, owner: File) -> Errno:
        """A user claims the group, which from now on reaches nothing."""
        async with self.mutex:
            if self.owner_cnt > 0:
                if self.owner is not owner:
                    return Errno.EPERM
            else:
                if self.domain is not None and self.domain is not self.default_domain:
                    return Errno.EBUSY
                self.owner = owner
                if self.domain is not None:
                    self._iommu_detach_group()
            self.owner_cnt += 1
            self.claims.add(owner)
        return Errno.OK

    async def iommu_group_release_dma_owner(self) -> None:
        """The user gives the group back. An error of the attach is not looked at."""
        async with self.mutex:
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(self.owner)
            self.owner_cnt -= 1
            if self.owner_cnt > 0:
                return
            if self.domain is not None:
                self.warned = True
            elif self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)
            self.owner = None

    async def iommu_attach_group(self, domain: Domain) -> Errno:
        """Attach the whole group. Nobody looks at `owner`."""
        async with self.mutex:
            return self._iommu_attach_group(domain)

    async def iommu_detach_group(self) -> None:
        """Detach the whole group from whatever it is attached to."""
        async with self.mutex:
            self._iommu_detach_group()

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """The rule of 2015, commit 426a273834ea: only where `dev` is alone."""
        async with self.mutex:
            if len(self.devices) != 1:
                return Errno.EINVAL
            ret = self._iommu_attach_group(domain)
            if ret is Errno.OK:
                self.attached.add(dev)
        return ret

    async def iommu_detach_device(
        self,
        domain: Domain,  # noqa: ARG002 - the group is detached from whatever it is on
        dev: Device,
    ) -> None:
        """The rule of 2015: if `dev` is no longer alone, nothing is detached."""
        async with self.mutex:
            self.attached.discard(dev)
            if len(self.devices) != 1:
                self.warned = True
                return
            self._iommu_detach_group()
