"""[PATCH v5 01/14] iommu: Add dma ownership management interfaces, 4 January 2022.

By Lu Baolu, after the enum of v2 to v4 had been given up for Jason Gunthorpe's split
API; with small changes it was merged for Linux 5.19. It is the code in `kernel`, so
nothing is overridden here: who may use the group is counted in `owner_cnt`, and
iommu_attach_device() keeps the rule of 2015, "only works for singleton group" (cover
letter of the series that came next).

Link: https://lore.kernel.org/r/20220104015644.2294354-2-baolu.lu@linux.intel.com
"""

from kernel import twins
from kernel.happy_paths import CountedDrivers
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, transition


class DmaOwnershipV5(CountedDrivers, floor=540_000):
    """01/14 with its users: driver core, VFIO, drivers with a domain of their own."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver, alone in the group, attaches; dev1 is added, follows, "
        "and then iommu_probe_device() attaches the default domain to dev1 only.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the second section of a hot-add looks at `owner`, not at `domain`."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a user claims the group while its only device changes from VFIO to a "
        "driver with a private domain; attach_device() does not look at `owner`.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: the group has no domain, so that the driver's attach succeeds."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="release_dma_owner() ignores that dev0 refuses the default domain, so "
        "the group has none; use_dma_api() looks at `domain` only if owner_cnt > 0.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: with owner_cnt 0 a driver may probe whatever the group is on."""
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
        because="the default domain cannot be attached again in detach_device(), so "
        "`domain` still points to the private domain when its driver frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1 joins a group on a private domain and follows it; then "
        "iommu_probe_device() sees no owner and attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the second section of a hot-add looks at `owner`, not at `domain`."""
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
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when the user releases the group and all get the default domain.",
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
        """The rule of 2015 "only works for singleton group"; nobody shares."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DmaOwnershipV5,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    DmaOwnershipV5,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, DmaOwnershipV5, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DmaOwnershipV5, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
