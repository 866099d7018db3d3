"""The notifier of VFIO with its BUG_ON(), as it was from Linux 3.6 to 5.18.

What the series of 2021 and 2022 is named after: "Fix BUG_ON in
vfio_iommu_group_notifier()". Root binds a driver to a device, and the kernel stops,
because a user has a sibling of it; by then the driver has probed and can make DMA.

Link: https://lore.kernel.org/r/20220104015644.2294354-1-baolu.lu@linux.intel.com
"""

from kernel import twins
from kernel.properties import DmaOwnership
from kernel.vfio_notifier import VfioNotifier
from modelcheck import VIOLATED, invariant, reachable, transition


class VfioNotifierBugOn(VfioNotifier, floor=230_000):
    """The group's code is that of Linux 5.8 to 5.18: a newcomer gets the default."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 takes the user's domain, dev1 refuses it, and "
        "__iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="the group is viable when the user asks for dev0; a DMA-API driver "
        "starts to probe dev1, and the user gets dev0.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the group is looked at, and then the device is opened."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev1 is being added while the user attaches the group; it follows, "
        "is then attached to the default domain, and the user opens dev0.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: deac0b3bed26 attaches the default domain to every newcomer."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound to a DMA-API driver; a user puts the group into its "
        "container because of dev1, and SET_IOMMU takes dev0 along.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: SET_CONTAINER and SET_IOMMU do not ask whether the group is viable."""
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
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: __iommu_detach_group() can fail, and detaching has no way to say so."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="SET_IOMMU fails with dev0 on the user's domain; the user closes "
        "the group and dev0 is unbound, and stays there.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: an attach that fails leaves a device behind."""
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
        "iommu_probe_device() attaches the default domain to it.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the newcomer follows the group, and then it does not."""
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
        because="attach_group() returns ENOMEM for dev1 with dev0 on the user's "
        "domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="a user moves to another domain; type1 detaches first, and the "
        "user's device is on the default domain in between.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: without an owner, detaching means the default domain."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1 is unplugged and its IOMMU driver has let go of it, but it is "
        "still in the list when a user attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable(
        expect=VIOLATED,
        because="attach_device() refuses a group of two, so no two devices of a "
        "group are ever attached by their drivers.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """attach_device() is for singleton groups, see commit 426a273834ea."""
        return super().siblings_share_a_private_domain()

    @invariant(
        expect=VIOLATED,
        because="a user has set its container because of dev1, and dev0 is bound to "
        "a DMA-API driver; the user needs no open device for it.",
    )
    def no_bug_on(self) -> bool:
        """I14: root binds a driver, which is no reason to stop the kernel."""
        return super().no_bug_on()

    @invariant(
        expect=VIOLATED,
        because="dev1 is plugged in while a user has a container.",
    )
    def no_device_added_to_a_live_group(self) -> bool:
        """I7: "TODO Prevent device auto probing", says the code."""
        return super().no_device_added_to_a_live_group()


# Twins: each must violate what it names.


class OnlyDriversClaim(
    twins.OnlyDriversClaim,
    VfioNotifierBugOn,
    breaks=("owner_cnt_exact", "one_owner_at_a_time"),
):
    """The driver core claims for drivers, and users are not asked."""


class AddsUnderTheLock(twins.AddsUnderTheLock, VfioNotifierBugOn, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, VfioNotifierBugOn, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
