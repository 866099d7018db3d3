"""Ownership by an enum: "Fix BUG_ON in vfio_iommu_group_notifier()", v2 to v4.

From 28 November to 17 December 2021 one pair of functions, with the type of ownership
as a parameter, served the driver core, drivers with a domain of their own and VFIO.
This is v2 and v3, where the functions are the same word for word; v4 overrides them.

What drm/tegra does with it (v3 18/18) is done here by every driver that is flagged
`suppress_auto_claim_dma_owner` and has a domain of its own: claim
DMA_OWNER_PRIVATE_DOMAIN, then iommu_attach_device_shared(). The others are claimed for
by the driver core, and use iommu_attach_device() with the rule of 2015.

Left out: drm/tegra's way back to the DMA API where the group has a default domain, and
the case of a device without a group.

Link: https://lore.kernel.org/r/20211128025051.355578-2-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20211128025051.355578-10-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20211206015903.88687-11-baolu.lu@linux.intel.com
"""

from enum import Enum

from kernel.happy_paths import HappyPaths
from kernel.objects import Device, Domain, Errno, File, Refcount
from modelcheck import choose, invariant


class DmaOwner(Enum):
    """`enum iommu_dma_owner`."""

    NONE = 0
    DMA_API = 1
    PRIVATE_DOMAIN = 2
    PRIVATE_DOMAIN_USER = 3


PRIVATE_DOMAINS = (DmaOwner.PRIVATE_DOMAIN, DmaOwner.PRIVATE_DOMAIN_USER)


class EnumOwner(HappyPaths):
    """`owner_cookie` is cleared on release here, and left as it is in the patches.

    Nobody looks at it while the group is unclaimed, and there are fewer states.
    """

    dma_owner: DmaOwner = DmaOwner.NONE
    owner_cookie: File | None = None
    attach_cnt: Refcount = 0

    # Ghost: who has claimed DMA_OWNER_PRIVATE_DOMAIN and not released it since.
    private_claims: set[Device] = set()

    def is_user_owned(self) -> bool:
        """Whether the type of the ownership is that of users."""
        return self.dma_owner is DmaOwner.PRIVATE_DOMAIN_USER

    def refcount_dec_and_test(self) -> bool:
        """Take one off `owner_cnt`, which does not go below 0 but saturates."""
        if self.owner_cnt == 0:
            self.warned = True
            return False
        self.owner_cnt -= 1
        return self.owner_cnt == 0

    def _iommu_group_set_dma_owner(self, owner: DmaOwner, cookie: File | None) -> Errno:
        """v2 01/17 with v2 09/17: the first claim of a user detaches the group."""
        if self.owner_cnt > 0:
            if self.dma_owner is not owner or self.owner_cookie != cookie:
                return Errno.EBUSY
            self.owner_cnt += 1
            return Errno.OK
        self.dma_owner = owner
        if owner is DmaOwner.PRIVATE_DOMAIN_USER and self.domain is not None:
            if self.domain is not self.default_domain:
                self.dma_owner = DmaOwner.NONE
                return Errno.EBUSY
            self._iommu_detach_group()
        self.owner_cookie = cookie
        self.owner_cnt = 1
        return Errno.OK

    def _iommu_group_release_dma_owner(self, owner: DmaOwner) -> None:
        """v2 01/17 with v2 09/17: after the last user, back to the default domain."""
        if self.dma_owner is not owner:
            self.warned = True
            return
        if not self.refcount_dec_and_test():
            return
        self.dma_owner = DmaOwner.NONE
        self.owner_cookie = None
        if owner is DmaOwner.PRIVATE_DOMAIN_USER:
            if self.domain is not None:
                self.warned = True
            elif self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)

    async def iommu_attach_device_shared(self, domain: Domain, dev: Device) -> Errno:
        """Attach the group, or join those who have; see the spec of each version."""
        async with self.mutex:
            ret = self._iommu_attach_shared(domain)
            if ret is Errno.OK:
                self.attached.add(dev)
        return ret

    async def iommu_detach_device_shared(self, domain: Domain, dev: Device) -> None:
        """Leave; the last one detaches the group."""
        async with self.mutex:
            self.attached.discard(dev)
            self._iommu_detach_shared(domain)

    def _iommu_attach_shared(self, domain: Domain) -> Errno:
        """What the version does under the lock."""
        return self._iommu_attach_group(domain)

    def _iommu_detach_shared(self, domain: Domain) -> None:
        """What the version does under the lock."""
        if self.domain is domain:
            self._iommu_detach_group()

    # The three kinds of callers.

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """The bus claims DMA_OWNER_DMA_API for a driver that is not flagged."""
        async with self.mutex:
            ret = self._iommu_group_set_dma_owner(DmaOwner.DMA_API, None)
            if ret is Errno.OK:
                self.dma_api_users.add(dev)
        return ret

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """And releases it."""
        async with self.mutex:
            self._iommu_group_release_dma_owner(DmaOwner.DMA_API)
            self.dma_api_users.discard(dev)

    async def iommu_group_set_dma_owner(self, owner: File) -> Errno:
        """VFIO_GROUP_SET_CONTAINER; the cookie is the container's file."""
        async with self.mutex:
            ret = self._iommu_group_set_dma_owner(DmaOwner.PRIVATE_DOMAIN_USER, owner)
            if ret is Errno.OK:
                self.claims.add(owner)
        return ret

    async def vfio_group_unset_container(self, file: File) -> None:
        """Closing the group: detach, release the ownership, forget the container."""
        domain = self.vfio_domain[file]
        if domain is not None:
            await self.vfio_iommu_type1_detach_group(file, domain)
        async with self.mutex:
            self.claims.discard(file)
            self._iommu_group_release_dma_owner(DmaOwner.PRIVATE_DOMAIN_USER)
        self.containers.discard(file)

    async def iommu_device_set_private(self, dev: Device) -> Errno:
        """iommu_device_set_dma_owner(dev, DMA_OWNER_PRIVATE_DOMAIN, NULL)."""
        async with self.mutex:
            ret = self._iommu_group_set_dma_owner(DmaOwner.PRIVATE_DOMAIN, None)
            if ret is Errno.OK:
                self.private_claims.add(dev)
        return ret

    async def iommu_device_release_private(self, dev: Device) -> None:
        """iommu_device_release_dma_owner(dev, DMA_OWNER_PRIVATE_DOMAIN)."""
        async with self.mutex:
            self._iommu_group_release_dma_owner(DmaOwner.PRIVATE_DOMAIN)
            self.private_claims.discard(dev)

    async def host1x_client_iommu_attach(self, dev: Device) -> Errno:
        """Claim, then attach; on failure release the claim."""
        ret = await self.iommu_device_set_private(dev)
        if ret is not Errno.OK:
            return ret
        ret = await self.iommu_attach_device_shared(Domain.PRIVATE, dev)
        if ret is not Errno.OK:
            await self.iommu_device_release_private(dev)
        return ret

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """v3 18/18: detach, then release."""
        await self.iommu_detach_device_shared(Domain.PRIVATE, dev)
        await self.iommu_device_release_private(dev)

    async def private_domain_probe(self, dev: Device) -> Errno:
        """As before, but with the helper above if the driver is flagged."""
        if not self.no_kernel_api_dma(dev):
            return await super().private_domain_probe(dev)
        self.private_users.add(dev)
        self.live.add(Domain.PRIVATE)
        ret = await self.host1x_client_iommu_attach(dev)
        if ret is not Errno.OK:
            self.put_private_domain(dev)
            return ret
        if choose(bool):
            await self.private_domain_remove(dev)
            return Errno.ENODEV
        return Errno.OK

    async def private_domain_remove(self, dev: Device) -> None:
        """As before, but with the helper above if the driver is flagged."""
        if not self.no_kernel_api_dma(dev):
            await super().private_domain_remove(dev)
            return
        await self.host1x_client_iommu_detach(dev)
        self.put_private_domain(dev)

    @invariant
    def owner_cnt_exact(self) -> bool:
        """I5: `owner_cnt` counts the claims of all three kinds."""
        claims = len(self.dma_api_users) + len(self.claims) + len(self.private_claims)
        return self.owner_cnt == claims
