"""Linux 6.0: a claimed group is always on some domain.

Commit 0286300e6045 ("iommu: iommu_group_claim_dma_owner() must always assign a domain",
which fixes 1ea2a07a532b): a claim attaches a domain through which nothing is reached,
so that hardware whose detach does nothing lets go of the user's domain before VFIO
frees it. What goes wrong in 5.19 for another reason is still wrong.

Link: https://git.kernel.org/torvalds/c/0286300e6045
"""

from kernel import twins
from kernel.detaching import Detach
from kernel.mainline import Mainline
from kernel.objects import Domain, Errno, File
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class Linux60(Mainline, floor=410_000):
    """drivers/iommu/iommu.c at commit 0286300e6045.

    A group with a default domain is never detached any more, so the worst hardware is
    enough: the one that does nothing on detach.
    """

    detach = Detach.NOTHING

    def _group_set_domain(self, new: Domain) -> Errno:
        """`__iommu_group_set_domain()`: no unwind, and none detached in between."""
        if self.domain is new:
            return Errno.OK
        ret = self._attach_each(new)
        if ret is Errno.OK:
            self.domain = new
        return ret

    def _iommu_attach_group(self, domain: Domain) -> Errno:
        """`__iommu_attach_group()`: replaces the blocking domain as well."""
        if self.domain not in (None, self.default_domain, Domain.BLOCKING):
            return Errno.EBUSY
        ret = self._attach_each(domain)
        if ret is Errno.OK:
            self.domain = domain
        return ret

    def _iommu_detach_group(self) -> None:
        """`__iommu_group_set_core_domain()`: blocked if owned, else the default one."""
        core = self.default_domain if self.owner is None else Domain.BLOCKING
        if core is not None and self._group_set_domain(core) is not Errno.OK:
            self.reattach_warned = True

    async def iommu_group_claim_dma_owner(self, owner: File) -> Errno:
        """The owner is set after the blocking domain, which may fail."""
        async with self.mutex:
            if self.owner_cnt > 0:
                self.refused_claims.add(owner)
                return Errno.EPERM
            if self.domain is not None and self.domain is not self.default_domain:
                return Errno.EBUSY
            ret = self._group_set_domain(Domain.BLOCKING)
            if ret is not Errno.OK:
                return ret
            self.owner = owner
            self.owner_cnt += 1
            self.claims.add(owner)
        return Errno.OK

    async def iommu_group_release_dma_owner(self) -> None:
        """The default domain again, whatever the group was on; an error warns."""
        async with self.mutex:
            if self.owner_cnt == 0 or self.owner is None:
                self.warned = True
                return
            self.claims.discard(self.owner)
            self.owner_cnt = 0
            self.owner = None
            self._iommu_detach_group()

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev1 is unplugged and its IOMMU driver has let go of it, but it is "
        "still in the list when a user's claim attaches the blocking domain "
        "to the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @invariant(
        expect=VIOLATED,
        because="a user's claim moves dev0 to the blocking domain, dev1 refuses it, "
        "and __iommu_group_set_domain() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a user's claim fails with dev0 on the blocking domain, and then "
        "the DMA-API driver of dev0, which was about to bind, is let in.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: use_default_domain() looks at `domain` only if owner_cnt > 0."""
        return super().dma_api_driver_on_default_domain()

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
        because="the only device refuses the default domain when the user releases "
        "its claim.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: the release cannot fail, but it can warn; in 5.19 it was silent."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="a user's claim, during which dev0 is unbound from VFIO, fails with "
        "dev0 on the blocking domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: who fails to claim leaves a device blocked."""
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
        because="a user's claim returns ENOMEM with dev0 on the blocking domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: cured in 6.5 only, by commit dcf40ed3a20d."""
        return super().failed_call_changes_nothing(after)

    @reachable(
        expect=VIOLATED,
        because="attach_device() refuses a group of two, so no two devices of a "
        "group are ever attached by their drivers.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The rule of 2015 is still there: attach_device() is for singleton groups."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux60,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux60,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching, Linux60, breaks="driver_reads_no_freed_domain"
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux60, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux60, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
