"""A VFIO user: a process that opens the group and drives the type1 container ioctls.

It may stop at every point between two ioctls and close everything, which is how
userspace chooses the order in which domains are detached and freed and the ownership is
released. The functions are those of drivers/vfio/vfio_iommu_type1.c before the patch
under review; a device registered with VFIO can be reached by the user from the claim to
the release (Lu Baolu, 23 December 2021: "after the USER ownership is claimed the
device could be accessed by userspace through the MMIO registers").
"""

from kernel.driver_core import DriverCore
from kernel.objects import USER_DOMAINS, Domain, Errno, File
from modelcheck import choose, preempt, process, require


class Vfio(DriverCore):
    """`vfio_domain` is what type1 believes that the group is attached to."""

    vfio_domain: dict[File, Domain | None] = {file: None for file in File}
    user_of: dict[Domain, File | None] = {domain: None for domain in Domain}

    def iommu_domain_alloc(self, file: File) -> Domain | None:
        """The first domain that is free; none if the users have them all."""
        for domain in USER_DOMAINS:
            if domain not in self.live:
                self.live.add(domain)
                self.user_of[domain] = file
                return domain
        return None

    def iommu_domain_free(self, domain: Domain) -> None:
        """Free a user's domain."""
        self.live.discard(domain)
        self.user_of[domain] = None

    async def type1_attach(self, domain: Domain) -> Errno:
        """Attach the group, for which type1 has no domain yet."""
        return await self.iommu_attach_group(domain)

    async def type1_switch(self, file: File, old: Domain, new: Domain) -> Errno:
        """Move the group to a compatible domain that the container has already."""
        await self.iommu_detach_group()
        ret = await self.iommu_attach_group(new)
        if ret is Errno.OK:
            return ret
        if await self.iommu_attach_group(old) is not Errno.OK:
            self.vfio_domain[file] = None
            self.iommu_domain_free(old)
        return ret

    async def type1_detach(
        self,
        domain: Domain,  # noqa: ARG002 - the group is detached from whatever it is on
    ) -> None:
        """Detach the group."""
        await self.iommu_detach_group()

    async def vfio_iommu_type1_attach_group(self, file: File, domain: Domain) -> None:
        """VFIO_SET_IOMMU: a domain is allocated, attached, and freed on failure."""
        if await self.type1_attach(domain) is Errno.OK:
            self.vfio_domain[file] = domain
        else:
            self.iommu_domain_free(domain)

    async def vfio_iommu_type1_switch_group(
        self, file: File, old: Domain, new: Domain
    ) -> None:
        """The domain that is not used in the end is freed."""
        self.switching.add(file)
        ret = await self.type1_switch(file, old, new)
        self.switching.discard(file)
        if ret is Errno.OK:
            self.vfio_domain[file] = new
            self.iommu_domain_free(old)
        else:
            self.iommu_domain_free(new)

    async def vfio_iommu_type1_detach_group(self, file: File, domain: Domain) -> None:
        """Detach, and free the domain."""
        await self.type1_detach(domain)
        self.vfio_domain[file] = None
        self.iommu_domain_free(domain)

    async def vfio_group_unset_container(self, file: File) -> None:
        """Closing the group: detach, release the ownership, forget the container."""
        domain = self.vfio_domain[file]
        if domain is not None:
            await self.vfio_iommu_type1_detach_group(file, domain)
        await self.iommu_group_release_dma_owner()
        self.containers.discard(file)

    async def vfio_ioctl(self, file: File) -> None:
        """One request that attaches, replaces or detaches, whichever makes sense."""
        old = self.vfio_domain[file]
        if old is not None and choose(bool):
            await self.vfio_iommu_type1_detach_group(file, old)
            return
        new = self.iommu_domain_alloc(file)
        if new is None:
            await preempt()
        elif old is None:
            await self.vfio_iommu_type1_attach_group(file, new)
        else:
            await self.vfio_iommu_type1_switch_group(file, old, new)

    @process
    async def vfio_user(self, file: File) -> None:
        """Open the group, which exists while VFIO has a device of it; claim; use."""
        while True:
            require(len(self.vfio_devices) > 0)
            if await self.iommu_group_set_dma_owner(file) is Errno.OK:
                self.containers.add(file)
                while choose(bool):
                    await self.vfio_ioctl(file)
                await self.vfio_group_unset_container(file)
            await preempt()
