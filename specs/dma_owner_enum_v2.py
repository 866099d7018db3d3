"""[PATCH v2 00/17] Fix BUG_ON in vfio_iommu_group_notifier(), 28 November 2021.

By Lu Baolu. 01/17 has the enum, 09/17 detaches the group when a user claims it, and
11/17 has iommu_attach_device_shared(), for several drivers with one domain. The latter
declares a counter `attach_cnt`, looks at it, and then sets and drops `owner_cnt`.

Left out: devices that share a table entry, and drivers that attach by the rule of 2015,
which the series does not touch; v4 has both.

Link: https://lore.kernel.org/r/20211128025051.355578-12-baolu.lu@linux.intel.com
"""

from kernel import twins
from kernel.enum_owner import PRIVATE_DOMAINS, DmaOwner, EnumOwner
from kernel.objects import Device, Domain, Driver, Errno
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, require, transition


class DmaOwnerEnumV2(EnumOwner, floor=2_500_000):
    """11/17 and the caller of 17/17."""

    alias = False

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Drivers that attach by the rule of 2015 are left out."""
        require(driver is not Driver.PRIVATE_UNFLAGGED)
        return await super().really_probe(dev, driver)

    def _iommu_attach_shared(self, domain: Domain) -> Errno:
        """11/17: the first attach sets `owner_cnt`, where claims are counted."""
        if self.attach_cnt > 0:
            if self.domain is not domain or self.dma_owner not in PRIVATE_DOMAINS:
                return Errno.EBUSY
            self.attach_cnt += 1
            return Errno.OK
        ret = self._iommu_attach_group(domain)
        if ret is Errno.OK:
            self.owner_cnt = 1
        return ret

    def _iommu_detach_shared(self, domain: Domain) -> None:
        """11/17: the claim that is dropped here is dropped again by its owner."""
        if self.domain is not domain or self.dma_owner not in PRIVATE_DOMAINS:
            self.warned = True
            return
        if self.refcount_dec_and_test():
            self._iommu_detach_group()
            self.dma_owner = DmaOwner.NONE
            self.owner_cookie = None

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """17/17: which way to go back is read off the domain, without the lock."""
        if self.domain is not None and self.domain is not Domain.PRIVATE:
            await self.iommu_device_unuse_dma_api(dev)
            return
        await super().host1x_client_iommu_detach(dev)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver has claimed and attaches: dev0 moves to the private "
        "domain, dev1 refuses, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev1 refuses the default domain, so "
        "dev0 is on it and `domain` is NULL; the next claim sees no domain to detach "
        "and succeeds.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the user who claims next has dev0 on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev0 refuses the default domain, so "
        "the group has none; a claim for the DMA API does not look at `domain` at all.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: DMA_OWNER_DMA_API says who the owner is, not where the DMA goes."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev0 refuses the default domain; the "
        "group is left without any domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and the group has no domain."""
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
        because="the default domain cannot be attached again when the driver detaches, "
        "so `domain` still points to the private domain when the driver frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detaching returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() finds no user and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at the type, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @transition(
        expect=VIOLATED,
        because="attach_device_shared() returns ENOMEM with dev0 on the new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when dev0's driver attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @invariant(
        expect=VIOLATED,
        because="a driver claims, attaches and detaches: detach_device_shared() takes "
        "the claim away, which its driver has not released yet.",
    )
    def owner_cnt_exact(self) -> bool:
        """I5: the counter that 11/17 sets and drops is the one of the claims."""
        return super().owner_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="a driver claims, attaches, detaches and releases: "
        "detach_device_shared() has reset the type of the ownership, so the release "
        "warns. One device is enough.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: every driver that uses the API as 17/17 does sees a WARN_ON()."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver drops its claim twice, and the second one is dev1's; so "
        "a user may claim, too; dev1's driver attaches and detaches, which drops the "
        "claim of the user; a DMA-API driver is let in beside the user.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the wrong counter in the end mixes a user with a kernel driver."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver drops its claim twice, and the second one is dev1's; so "
        "a user may claim, too; dev1's driver attaches and detaches, which drops the "
        "claim of the user; a claim for the DMA API succeeds beside it.",
    )
    def one_owner_at_a_time(self) -> bool:
        """I12: the wrong counter in the end lets two owners in."""
        return super().one_owner_at_a_time()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver drops its claim twice, and the second one is dev1's; so "
        "a user may claim, too; dev1's driver attaches and detaches, which drops the "
        "claim of the user; when the user switches domains, the detach leads to the "
        "default domain.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: without the user's type, detaching means the default domain."""
        return super().replace_never_passes_through_default()

    @reachable(
        expect=VIOLATED,
        because="11/17 never sets `attach_cnt`, so that the second driver is taken for "
        "the first one, and __iommu_attach_group() returns EBUSY: the group has a "
        "domain.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The API for "multiple drivers sharing the group" does not let them share."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DevicesShareATableEntry(
    DmaOwnerEnumV2, breaks="private_domain_stable_until_detach"
):
    """What is left out above: the newcomer moves its sibling, too."""

    alias = True


class AddsUnderTheLock(twins.AddsUnderTheLock, DmaOwnerEnumV2, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DmaOwnerEnumV2, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
