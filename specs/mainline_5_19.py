"""Linux 5.19: DMA ownership as it was merged.

Commit 1ea2a07a532b ("iommu: Add DMA ownership management interfaces"), after ten
versions on the list; 25f3bcfc54bc and 512881eacfa7 let the buses claim for their
drivers, 70693f470848 lets VFIO claim, and the notifier with its BUG_ON() is gone.
Against v5 of the series a claim no longer nests, not even for the same owner.
"""

from kernel import twins
from kernel.mainline import Mainline
from kernel.objects import Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class Linux519(Mainline, floor=1_200_000):
    """drivers/iommu/iommu.c at commit 1ea2a07a532b."""

    async def iommu_group_claim_dma_owner(self, owner: File) -> Errno:
        """A claimed group is not claimed again; a claimed one has no domain."""
        async with self.mutex:
            if self.owner_cnt > 0:
                self.refused_claims.add(owner)
                return Errno.EPERM
            if self.domain is not None and self.domain is not self.default_domain:
                return Errno.EBUSY
            self.owner = owner
            if self.domain is not None:
                self._iommu_detach_group()
            self.owner_cnt += 1
            self.claims.add(owner)
        return Errno.OK

    async def iommu_group_release_dma_owner(self) -> None:
        """The count is cleared, the default domain attached, the owner forgotten."""
        async with self.mutex:
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(self.owner)
            self.owner_cnt = 0
            if self.domain is not None:
                self.warned = True
            elif self.default_domain is not None:
                self._iommu_attach_group(self.default_domain)
            self.owner = None

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's DMA-API driver is about to bind; the release of a user's "
        "claim fails to attach the default domain and tells nobody, and the "
        "driver is let in.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_default_domain() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev1 is unplugged and its IOMMU driver has let go of it, but it is "
        "still in the list when a user's claim detaches the group, which "
        "leaves dev1 on identity.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @invariant(
        expect=VIOLATED,
        because="the release of a user's claim moves dev0 to the default domain, "
        "dev1 refuses it, and the group, which has no domain now, is apart.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a user claims the group, no other step is needed: the domain is "
        "detached, and this IOMMU then lets the device pass untranslated.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: without a domain the hardware decides, and some pass all DMA through."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches alone, dev1 is added, and detach_device() "
        "of dev0 warns and detaches nothing.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: the singleton rule is checked again by detach_device(), too late."""
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
        because="dev0 is unbound from VFIO while a user claims; at the release it "
        "refuses the default domain, and the group is left with none. No "
        "WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: the release ignores the result of the attach."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev0 takes the user's domain, dev1 refuses it, nobody unwinds, and "
        "VFIO frees the domain that dev0 is on.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: type1 frees a domain that could not be attached; one device is on it."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="the default domain cannot be attached again in detach_device(), so "
        "`domain` still points to the private domain when its driver frees "
        "it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() sees no owner and attaches the default domain "
        "to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at `owner`, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 share a table entry; when dev1 is added, the default "
        "domain attached to it replaces the private domain of dev0's "
        "driver.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away from the driver of its sibling."""
        return super().private_domain_stable_until_detach()

    @transition(
        expect=VIOLATED,
        because="attach_group() of a user returns ENOMEM for dev1 with dev0 on the "
        "new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: cured in 6.5 only, by commit dcf40ed3a20d."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="a user moves to another domain; between detach and attach this "
        "IOMMU lets the device pass untranslated.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: type1 detaches before it attaches, and the hardware fills the gap."""
        return super().replace_never_passes_through_default()

    @reachable(
        expect=VIOLATED,
        because="attach_device() refuses a group of two, so no two devices of a "
        "group are ever attached by their drivers.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The rule of 2015 is still there: attach_device() is for singleton groups."""
        return super().siblings_share_a_private_domain()

    @invariant(
        expect=VIOLATED,
        because="a user attaches, detaches and frees its domain, but this IOMMU "
        "does nothing on detach; when the release attaches the default "
        "domain, the driver reads the freed one.",
    )
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: the bug of commit 0286300e6045, without any failure."""
        return super().driver_reads_no_freed_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux519,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux519, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux519, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
