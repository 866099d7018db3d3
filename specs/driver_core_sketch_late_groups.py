"""The sketch of 22 September 2021, where firmware makes the groups.

On systems with device tree the driver core asks firmware in dma_configure(), inside
really_probe(), and only then does the device join its group. The sketch has claimed by
then, for a device without a group, which nobody counts. It releases for a device with
one.

Link: https://lore.kernel.org/r/20210922123931.GI327412@nvidia.com
"""

from driver_core_sketch import DriverCoreSketch
from kernel import driver_core_twins, twins
from modelcheck import VIOLATED, invariant, reachable


class DriverCoreSketchLateGroups(DriverCoreSketch, floor=700_000):
    """The same code on another system."""

    late_groups = True

    def may_test_remove(self) -> bool:
        """CONFIG_DEBUG_TEST_DRIVER_REMOVE is off, for fewer states."""
        return False

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev1 was allowed to probe as long as it had no group; now its "
        "driver does DMA, nobody has counted it, and a user claims the "
        "group.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: the claim looked for a group too early."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev1 was allowed to probe as long as it had no group; a user "
        "claims the group, and the driver's DMA is blocked.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the other side of the same story."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0 is counted; dev1 gets its group in the middle of its "
        "probe, which fails, and the release of what was never counted "
        "takes dev0's claim.",
    )
    def owner_cnt_exact(self) -> bool:
        """I5: the claim looks for a group too early."""
        return super().owner_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="the only device that is probed gets its group in the middle; "
        "the probe fails, and owner_cnt is 0 when the claim is "
        "released.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: an uncounted claim, and a counted release."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev0 is counted, dev1 is not but released all the same; "
        "owner_cnt is 0, and a user claims beside the driver of dev0.",
    )
    def one_owner_at_a_time(self) -> bool:
        """I12: the claim of another device is gone."""
        return super().one_owner_at_a_time()

    @reachable
    def user_owns_the_device_of_vfio(self) -> bool:
        """L7: VFIO is not counted if it is the first driver of its device."""
        return super().user_owns_the_device_of_vfio()

    @reachable(
        expect=VIOLATED,
        because="nothing is probed twice here.",
    )
    def second_probe_fails(self) -> bool:
        """The test is off."""
        return super().second_probe_fails()


# Twins: each must violate what it names.


class DriverCleansUpNothing(
    driver_core_twins.DriverCleansUpNothing,
    DriverCoreSketchLateGroups,
    breaks=(
        "private_domain_stable_until_detach",
        "no_freed_domain_in_the_group",
        "no_freed_domain_in_hardware",
        "deferred_probe_holds_no_claim",
        "probe_returns_what_it_did",
    ),
):
    """A driver leaves its links, its claim, and a domain of its own."""


class UserLeavesTheWrongDomain(
    driver_core_twins.UserLeavesTheWrongDomain,
    DriverCoreSketchLateGroups,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreSketchLateGroups,
    breaks=(
        "newcomer_inherits_the_domain",
        "released_device_stays_detached",
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
        "idle_group_is_clean",
    ),
):
    """A device that comes, goes, or was moved in vain is not where its group is."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, DriverCoreSketchLateGroups, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, DriverCoreSketchLateGroups, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""
