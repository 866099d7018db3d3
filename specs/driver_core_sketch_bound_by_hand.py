"""The sketch of 22 September 2021, and drivers that are bound by hand.

device_bind_driver() is for buses that have called the driver themselves: it says that
the device is bound, and never comes to really_probe(). __device_release_driver() does
not know the difference, and the sketch releases there. Whether any such device has an
IOMMU group is not known; phylib and serio, which bind by hand, have none.

Link: https://lore.kernel.org/r/20210922123931.GI327412@nvidia.com
"""

from driver_core_sketch import DriverCoreSketch
from kernel import driver_core_twins, twins
from kernel.objects import Device, Driver, Errno
from modelcheck import VIOLATED, choose, invariant, reachable


class DriverCoreSketchBoundByHand(DriverCoreSketch, floor=640_000):
    """A driver that uses the DMA API may be bound by hand."""

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Or device_bind_driver(), with the driver's DMA running already.

        device_links_force_bind() drops the links to suppliers that are not ready.
        """
        if driver is Driver.DMA_API and choose(bool):
            self.links.discard(dev)
            self.driver[dev] = driver
            self.dma.add(dev)
            self.bound.add(dev)
            return Errno.OK
        return await super().really_probe(dev, driver)

    def may_test_remove(self) -> bool:
        """CONFIG_DEBUG_TEST_DRIVER_REMOVE is off, for fewer states."""
        return False

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound by hand, which nobody counts; a user claims the group.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: who is not probed is not claimed for."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="dev0 is bound by hand, which nobody counts; a user's claim blocks it.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the other side of the same story."""
        return super().dma_api_driver_on_default_domain()

    @invariant(
        expect=VIOLATED,
        because="dev0 is counted; dev1, which was bound by hand, is unbound, "
        "and its release takes dev0's claim.",
    )
    def owner_cnt_exact(self) -> bool:
        """I5: a release without a claim."""
        return super().owner_cnt_exact()

    @invariant(
        expect=VIOLATED,
        because="a device is bound by hand and unbound: owner_cnt is 0 when it "
        "is released.",
    )
    def no_warn_or_underflow(self) -> bool:
        """I7: a release without a claim."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev1 is counted; dev0, which was bound by hand, is unbound; "
        "owner_cnt is 0, and a user claims beside the driver of dev1.",
    )
    def one_owner_at_a_time(self) -> bool:
        """I12: the claim of another device is gone."""
        return super().one_owner_at_a_time()

    @reachable(
        expect=VIOLATED,
        because="nothing is probed twice here.",
    )
    def second_probe_fails(self) -> bool:
        """The test is off."""
        return super().second_probe_fails()

    @reachable
    def user_owns_the_device_of_vfio(self) -> bool:
        """L7: after a release too many, VFIO is counted no longer."""
        return super().user_owns_the_device_of_vfio()


# Twins: each must violate what it names.


class DriverCleansUpNothing(
    driver_core_twins.DriverCleansUpNothing,
    DriverCoreSketchBoundByHand,
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
    DriverCoreSketchBoundByHand,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreSketchBoundByHand,
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
    twins.AddsUnderTheLock, DriverCoreSketchBoundByHand, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice, DriverCoreSketchBoundByHand, breaks="no_evaluation_error"
):
    """A newcomer is in the list twice, which has no room for it."""
