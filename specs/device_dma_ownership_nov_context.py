"""[PATCH 05/11] iommu: Add security context management for assigned devices.

By Lu Baolu, 15 November 2021. On top of 01/11: the group leaves the default domain when
a user claims it first, and gets it back after the last release.

Link: https://lore.kernel.org/r/20211115020552.2378167-6-baolu.lu@linux.intel.com
"""

from device_dma_ownership_nov import DeviceDmaOwnershipNov
from kernel import twins
from kernel.objects import Errno
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, transition


class DeviceDmaOwnershipNovContext(DeviceDmaOwnershipNov, floor=170_000):
    """05/11. That `owner_user_file` is cleared first makes no difference."""

    def avoids_default_domain(self) -> bool:
        """No default domain for a user's group."""
        return self.is_user_owned()

    def user_claimed_first(self) -> Errno:
        """Off the default domain, but not off a private one."""
        if self.domain is not None:
            if self.domain is not self.default_domain:
                return Errno.EBUSY
            self._iommu_detach_group()
        return Errno.OK

    def user_released_last(self) -> None:
        """Back to the default domain; an error is not looked at."""
        if self.domain is not None:
            self.warned = True
        elif self.default_domain is not None:
            self._iommu_attach_group(self.default_domain)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the last release attaches the default domain: dev0 is moved, dev1 "
        "refuses, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="the release ignores that dev1 refuses the default domain, so dev0 is "
        "on it and `domain` is NULL; the next claim sees no domain to detach and "
        "succeeds.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the user who claims next has dev0 on the default domain."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="the release ignores that dev0 refuses the default domain, so the "
        "group has none; a claim for the kernel does not look at `domain` at all.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: DMA_OWNER_KERNEL says who the owner is, not where the DMA goes."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="the release ignores that dev0 refuses the default domain; the group "
        "is left without any domain, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and the group has no domain."""
        return super().idle_group_is_clean()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() finds no user and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks for a user, not at `domain`."""
        return super().newcomer_inherits_the_domain(after)

    @invariant
    def replace_never_passes_through_default(self) -> bool:
        """I18: the group of a user is detached without the default domain."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the last claim is released and all get the default domain.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()


# Twins: each must violate what it names.


class DriverIgnoresTheRefusal(
    twins.DriverIgnoresTheRefusal,
    DeviceDmaOwnershipNovContext,
    breaks="no_kernel_dma_beside_a_user",
):
    """A driver probes although a user owns the group."""


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DeviceDmaOwnershipNovContext,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in, and nobody counts it."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    DeviceDmaOwnershipNovContext,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, DeviceDmaOwnershipNovContext, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, DeviceDmaOwnershipNovContext, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""
