"""iommufd: users that claim, attach and replace device by device.

The functions of drivers/iommu/iommufd/device.c, with its lock order: `igroup->lock`
outside, `group->mutex` inside. A user opens the character devices of the group's
devices, each in a thread of its own. It has one IOAS for each of its domains; the
domain, an automatic hwpt, is made by the first device that attaches to the IOAS, and
goes with the last one.

Left out: reserved regions, MSI windows, page faults, hwpts that the user allocates by
itself, and the search for a compatible hwpt (an IOAS has only one).
"""

from typing import Annotated

from kernel.mainline import Mainline
from kernel.objects import Device, Domain, Errno, File
from modelcheck import (
    Mutex,
    choose,
    invariant,
    preempt,
    process,
    reachable,
    require,
    until,
)

Users = Annotated[int, range(0, 2 * len(Device) + 1)]


class Iommufd(Mainline):
    """`vfio_domain` is `igroup->hwpt`; a design puts the class of its group first."""

    igroup_lock: dict[File, Mutex]
    device_list: dict[File, set[Device]] = {file: set() for file in File}
    hwpt_users: dict[Domain, Users] = {domain: 0 for domain in Domain}
    cdevs: dict[File, set[Device]] = {file: set() for file in File}

    # Ghosts: the claims of a user, one for each device; who has just released the last.
    idevs: dict[File, set[Device]] = {file: set() for file in File}
    released: set[File] = set()
    hwpt_underflowed: bool = False

    def _group_set_domain(
        self,
        new: Domain,  # noqa: ARG002 - for the version
    ) -> Errno:
        """`__iommu_group_set_domain()`: see the versions."""
        return Errno.OK

    # drivers/iommu/iommu.c

    def _iommu_take_dma_ownership(self, owner: File) -> Errno:
        """`__iommu_take_dma_ownership()`: first block, then say whose it is."""
        if self.domain is not None and self.domain is not self.default_domain:
            return Errno.EBUSY
        ret = self._group_set_domain(Domain.BLOCKING)
        if ret is Errno.OK:
            self.owner = owner
            self.owner_cnt += 1
            self.claims.add(owner)
        return ret

    async def iommu_device_claim_dma_owner(self, dev: Device, owner: File) -> Errno:
        """Commit 89395ccedbc1: the same owner may claim for another device."""
        async with self.mutex:
            if self.owner_cnt > 0:
                if self.owner is not owner:
                    self.refused_claims.add(owner)
                    return Errno.EPERM
                self.owner_cnt += 1
                self.idevs[owner].add(dev)
                return Errno.OK
            ret = self._iommu_take_dma_ownership(owner)
            if ret is Errno.OK:
                self.idevs[owner].add(dev)
            return ret

    async def iommu_device_release_dma_owner(self, dev: Device, owner: File) -> None:
        """The last one gives the group back to the default domain."""
        async with self.mutex:
            self.idevs[owner].discard(dev)
            if self.owner_cnt > 1:
                self.owner_cnt -= 1
                return
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(owner)
            self.owner_cnt = 0
            self.owner = None
            self._iommu_detach_group()
            self.released.add(owner)

    async def iommu_replace_group_handle(self, new: Domain) -> Errno:
        """From one domain to another; nobody looks at the owner."""
        async with self.mutex:
            return self._group_set_domain(new)

    # drivers/iommu/iommufd/device.c

    def iommufd_get_hwpt(self, file: File, domain: Domain) -> None:
        """The automatic hwpt of an IOAS, allocated if there is none."""
        self.live.add(domain)
        self.user_of[domain] = file
        self.hwpt_users[domain] += 1

    def refcount_sub_and_test(self, domain: Domain, number: int) -> bool:
        """A count does not go below 0; it says so, and stays where it is."""
        if self.hwpt_users[domain] < number:
            self.hwpt_underflowed = True
            return False
        self.hwpt_users[domain] -= number
        return self.hwpt_users[domain] == 0

    def iommufd_hw_pagetable_put(self, domain: Domain) -> None:
        """The last user of an automatic hwpt destroys it."""
        if self.refcount_sub_and_test(domain, 1):
            self.iommu_domain_free(domain)

    async def iommufd_hw_pagetable_attach(
        self, file: File, dev: Device, domain: Domain
    ) -> Errno:
        """The first device attaches the group, the others follow."""
        async with self.igroup_lock[file]:
            if self.vfio_domain[file] not in (None, domain):
                return Errno.EINVAL
            if len(self.device_list[file]) == 0:
                ret = await self.iommu_attach_group(domain)
                if ret is not Errno.OK:
                    return ret
                self.vfio_domain[file] = domain
            self.device_list[file].add(dev)
        return Errno.OK

    async def iommufd_device_do_replace(
        self, file: File, dev: Device, domain: Domain
    ) -> Domain | None:
        """The hwpt that is to be put: the old one, or on failure the new one."""
        async with self.igroup_lock[file]:
            old = self.vfio_domain[file]
            if old is None or dev not in self.device_list[file] or old is domain:
                return domain
            self.switching.add(file)
            ret = await self.iommu_replace_group_handle(domain)
            self.switching.discard(file)
            if ret is not Errno.OK:
                return domain
            self.vfio_domain[file] = domain
            others = len(self.device_list[file]) - 1
            self.hwpt_users[domain] += others
            self.refcount_sub_and_test(old, others)
        return old

    async def iommufd_hw_pagetable_detach(self, file: File, dev: Device) -> None:
        """`igroup->hwpt` is read before `igroup->lock` is taken."""
        domain = self.vfio_domain[file]
        async with self.igroup_lock[file]:
            self.device_list[file].discard(dev)
            if len(self.device_list[file]) == 0:
                await self.iommu_detach_group()
                self.vfio_domain[file] = None
        if domain is not None:
            self.iommufd_hw_pagetable_put(domain)

    def may_replace(self) -> bool:
        """IOMMU_HWPT replace, since Linux 6.6."""
        return True

    async def iommufd_ioctl(self, file: File, dev: Device) -> None:
        """Attach, replace or detach, whichever makes sense.

        A count that has underflowed is not followed any further.
        """
        require(not self.hwpt_underflowed)
        is_attached = dev in self.device_list[file]
        if is_attached and choose(bool):
            await self.iommufd_hw_pagetable_detach(file, dev)
            return
        domain = Domain.USER_A if choose(bool) else Domain.USER_B
        require(self.user_of[domain] in (None, file))
        if not is_attached:
            self.iommufd_get_hwpt(file, domain)
            ret = await self.iommufd_hw_pagetable_attach(file, dev, domain)
            if ret is not Errno.OK:
                self.iommufd_hw_pagetable_put(domain)
        else:
            require(self.may_replace())
            self.iommufd_get_hwpt(file, domain)
            put = await self.iommufd_device_do_replace(file, dev, domain)
            if put is not None:
                self.iommufd_hw_pagetable_put(put)

    # drivers/vfio

    async def vfio_unregister_group_dev(self, dev: Device) -> None:
        """No new open, and wait for those there are to be closed."""
        self.vfio_devices.discard(dev)
        await until(lambda: all(dev not in self.cdevs[file] for file in File))

    @process
    async def vfio_user(
        self,
        file: File,
    ) -> None:
        """There are no containers here."""

    async def vfio_df_ioctl_bind_iommufd(self, file: File, dev: Device) -> Errno:
        """VFIO_DEVICE_BIND_IOMMUFD."""
        return await self.iommu_device_claim_dma_owner(dev, file)

    async def vfio_df_ioctl(self, file: File, dev: Device) -> None:
        """VFIO_DEVICE_ATTACH_IOMMUFD_PT, which replaces as well, and DETACH."""
        await self.iommufd_ioctl(file, dev)

    async def vfio_df_unbind_iommufd(self, file: File, dev: Device) -> None:
        """The character device is closed: detach what is attached, and release."""
        if dev in self.device_list[file]:
            await self.iommufd_hw_pagetable_detach(file, dev)
        await self.iommu_device_release_dma_owner(dev, file)

    @process
    async def iommufd_user(self, file: File, dev: Device) -> None:
        """Open the character device; bind; use; close."""
        while True:
            require(dev in self.vfio_devices)
            self.cdevs[file].add(dev)
            ret = await self.vfio_df_ioctl_bind_iommufd(file, dev)
            self.refused_claims.discard(file)
            if ret is Errno.OK:
                while choose(bool):
                    await self.vfio_df_ioctl(file, dev)
                await self.vfio_df_unbind_iommufd(file, dev)
                self.released.discard(file)
            self.cdevs[file].discard(dev)
            await preempt()

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: one claim for each bound device of the user."""
        claims = sum(len(self.idevs[file]) for file in File)
        return self.owner_cnt == len(self.dma_api_users) + claims

    @invariant
    def hwpt_users_do_not_underflow(self) -> bool:
        """I7: nobody puts a hwpt that has no users any more."""
        return not self.hwpt_underflowed

    @reachable
    def user_gone(self) -> bool:
        """A user has released the group, which is on the default domain again."""
        return len(self.released) > 0 and all(
            self.is_settled(dev) and self.hw[dev] is Domain.DEFAULT for dev in Device
        )

    @reachable
    def both_devices_attached(self) -> bool:
        """A user has claimed for two devices and attached both of them."""
        return any(len(self.device_list[file]) == len(Device) for file in File)
