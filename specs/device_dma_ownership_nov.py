"""[PATCH 01/11] iommu: Add device dma ownership set/release interfaces, November 2021.

By Lu Baolu, 15 November: the first version of "Fix BUG_ON in vfio_iommu_group_notifier
()". A group is the kernel's, a user's or nobody's, and the file of the user counts as
well. No domain is touched or looked at: what happens to them on a claim is 05/11, see
device_dma_ownership_nov_context.py. The driver core claims for all drivers but VFIO's;
those with a domain of their own use iommu_attach_device() with the rule of 2015, of
which Jason Gunthorpe said in this thread: "a singleton group is just a multi-device
group that hasn't been hotplugged yet".

Link: https://lore.kernel.org/r/20211115020552.2378167-2-baolu.lu@linux.intel.com
"""

from enum import Enum

from kernel import twins
from kernel.happy_paths import CountedDrivers
from kernel.objects import Device, Driver, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, require, transition


class DmaOwner(Enum):
    """`enum iommu_dma_owner`."""

    NONE = 0
    KERNEL = 1
    USER = 2


class DeviceDmaOwnershipNov(CountedDrivers, floor=490_000):
    """01/11 and its callers, the driver core (02/11) and VFIO (07/11)."""

    dma_owner: DmaOwner = DmaOwner.NONE
    owner_user_file: File | None = None

    def is_user_owned(self) -> bool:
        """Whether the group is a user's."""
        return self.dma_owner is DmaOwner.USER

    def avoids_default_domain(self) -> bool:
        """Linux 5.16: detached groups and newcomers get the default domain."""
        return False

    def user_claimed_first(self) -> Errno:
        """01/11: nothing else happens when a user is the first to claim."""
        return Errno.OK

    def user_released_last(self) -> None:
        """01/11: and nothing when the last claim is released."""

    def _iommu_group_set_dma_owner(
        self, owner: DmaOwner, user_file: File | None
    ) -> Errno:
        """`__iommu_group_set_dma_owner()`."""
        if self.dma_owner is not DmaOwner.NONE and self.dma_owner is not owner:
            return Errno.EBUSY
        if owner is DmaOwner.USER:
            if user_file is None:
                return Errno.EINVAL
            if self.owner_user_file is not None and self.owner_user_file != user_file:
                return Errno.EPERM
        if self.owner_cnt > 0:
            self.owner_cnt += 1
            return Errno.OK
        self.dma_owner = owner
        self.owner_cnt = 1
        if owner is DmaOwner.USER:
            ret = self.user_claimed_first()
            if ret is not Errno.OK:
                self.dma_owner = DmaOwner.NONE
                self.owner_cnt = 0
                return ret
            self.owner_user_file = user_file
        return Errno.OK

    def _iommu_group_release_dma_owner(self, owner: DmaOwner) -> None:
        """`__iommu_group_release_dma_owner()`."""
        if self.dma_owner is not owner:
            self.warned = True
            return
        self.owner_cnt -= 1
        if self.owner_cnt == 0:
            self.dma_owner = DmaOwner.NONE
            if owner is DmaOwner.USER:
                self.owner_user_file = None
                self.user_released_last()

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """02/11: iommu_device_set_dma_owner(dev, DMA_OWNER_KERNEL, NULL)."""
        async with self.mutex:
            ret = self._iommu_group_set_dma_owner(DmaOwner.KERNEL, None)
            if ret is Errno.OK:
                self.dma_api_users.add(dev)
        return ret

    async def iommu_device_unuse_dma_api(self, dev: Device) -> None:
        """iommu_device_release_dma_owner(dev, DMA_OWNER_KERNEL)."""
        async with self.mutex:
            self._iommu_group_release_dma_owner(DmaOwner.KERNEL)
            self.dma_api_users.discard(dev)

    async def iommu_group_set_dma_owner(self, owner: File) -> Errno:
        """07/11: VFIO_GROUP_SET_CONTAINER with the container's file."""
        async with self.mutex:
            ret = self._iommu_group_set_dma_owner(DmaOwner.USER, owner)
            if ret is Errno.OK:
                self.claims.add(owner)
        return ret

    async def iommu_group_release_dma_owner(self) -> None:
        """07/11: VFIO_GROUP_UNSET_CONTAINER."""
        async with self.mutex:
            if self.owner_user_file is not None:
                self.claims.discard(self.owner_user_file)
            self._iommu_group_release_dma_owner(DmaOwner.USER)

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """The flag is for VFIO, pci-stub and portdrv only (07/11)."""
        require(driver is not Driver.PRIVATE_DOMAIN)
        return await super().really_probe(dev, driver)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU moves dev0 to the user's domain, dev1 refuses it, and "
        "__iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="VFIO's user claims the group, and no domain is touched: until "
        "VFIO_SET_IOMMU the device is on the default domain.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: that the claim has to detach the group is in 05/11."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU moved dev0, and failed on dev1; the user is gone, "
        "nobody has moved dev0 back, and its DMA-API driver is let in.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: DMA_OWNER_KERNEL says who the owner is, not where the DMA goes."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches while it is alone; dev1 is added; now "
        "detach_device() finds two devices, warns, and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: "a multi-device group that hasn't been hotplugged yet"."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU moved dev0, and failed on dev1; the user is gone, and "
        "nobody has moved dev0 back.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release of the last claim does not look at the domains."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU moves dev0 to the user's domain, dev1 refuses it, and "
        "type1 frees the domain: dev0's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the default domain cannot be attached again in detach_device(), so "
        "`domain` still points to the private domain when its driver frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() attaches the default domain to it, as to every newcomer.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at nothing."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="VFIO_SET_IOMMU returns ENOMEM with dev0 on the user's domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="the user switches to another domain: type1 detaches the group first, "
        "and that means the default domain.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: detached is on the default domain, whoever owns the group."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when VFIO_SET_IOMMU attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="the rule of 2015: with two devices in the group attach_device() "
        "returns EINVAL, so the second driver can never join the first.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The rule counts the devices, not the drivers that would like to share."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIgnoresTheRefusal(
    twins.DriverIgnoresTheRefusal,
    DeviceDmaOwnershipNov,
    breaks="no_kernel_dma_beside_a_user",
):
    """A driver probes although a user owns the group."""


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DeviceDmaOwnershipNov,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in, and nobody counts it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, DeviceDmaOwnershipNov, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DeviceDmaOwnershipNov, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
