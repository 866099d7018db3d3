"""[PATCH 02/11] driver core: Set DMA ownership during driver bind/unbind.

By Lu Baolu, 15 November 2021: the sketch of September with a flag in `struct
device_driver`, suppress_auto_claim_dma_owner, for drivers that do no DMA or claim by
themselves. Claim and releases are where they were. The claim itself, 01/11, is
device_dma_ownership_nov.py; here it is that of Linux 6.5, like the rest of the group.
What driver_core_sketch_late_groups.py finds is not changed.

Link: https://lore.kernel.org/r/20211115020552.2378167-3-baolu.lu@linux.intel.com
"""

from driver_core_sketch import DriverCoreSketch
from kernel import driver_core_twins, twins
from kernel.objects import NO_KERNEL_API_DMA, Device, Driver, Errno
from modelcheck import VIOLATED, invariant, reachable


class DriverCoreV1(DriverCoreSketch, floor=90_000):
    """The flag; VFIO has it."""

    async def claim_before_probe(self, dev: Device, driver: Driver) -> Errno:
        """With "if (!drv->suppress_auto_claim_dma_owner)" before it."""
        if driver in NO_KERNEL_API_DMA:
            return Errno.OK
        return await super().claim_before_probe(dev, driver)

    async def release_after_unbind(self, dev: Device, driver: Driver) -> None:
        """The flag of `drv`: `dev->driver` is gone."""
        if driver not in NO_KERNEL_API_DMA:
            await super().release_after_unbind(dev, driver)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 waits for the mutex with its suppliers told that it is "
        "about to be probed; a user claims the group; the claim for "
        "dev0 returns EBUSY past device_links_no_driver().",
    )
    def suppliers_are_told_the_end(self) -> bool:
        """The new exit is "return ret" below device_links_check_suppliers()."""
        return super().suppliers_are_told_the_end()

    @reachable
    def user_owns_the_device_of_vfio(self) -> bool:
        """L7: what the flag is for."""
        return super().user_owns_the_device_of_vfio()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DriverCoreV1,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class DriverCleansUpNothing(
    driver_core_twins.DriverCleansUpNothing,
    DriverCoreV1,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
        "no_freed_domain_in_the_group",
        "no_freed_domain_in_hardware",
        "deferred_probe_holds_no_claim",
        "probe_returns_what_it_did",
    ),
):
    """A driver leaves its links, its claim, and a domain of its own."""


class UserLeavesTheWrongDomain(
    driver_core_twins.UserLeavesTheWrongDomain,
    DriverCoreV1,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreV1,
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


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCoreV1, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCoreV1, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
