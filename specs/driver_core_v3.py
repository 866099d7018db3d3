"""[PATCH v3 04/18] driver core: platform: Add driver dma ownership management.

By Lu Baolu, 6 December 2021, with the same for amba, fsl-mc and PCI in 05/18 to 07/18:
the driver core is left alone but for bus->dma_cleanup() (03/18), and each bus claims in
its dma_configure(), before it asks firmware. v4 went back to the driver core; v7 04/11
has it in the buses again, and still first. Function names and group are those of Linux
6.5.

Only systems are searched where firmware makes the group; on others it is Linux 6.6.

Link: https://lore.kernel.org/r/20211206015903.88687-5-baolu.lu@linux.intel.com
Link: https://lore.kernel.org/r/20220228005056.599595-5-baolu.lu@linux.intel.com
"""

from kernel import driver_core_twins, twins
from kernel.objects import Device, Errno
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant, reachable


class DriverCoreV3(ReallyProbe, Linux65, floor=650_000):
    """platform_dma_configure() and its like."""

    late_groups = True

    async def dma_configure(self, dev: Device) -> Errno:
        """04/18: claim, then ask firmware, and release the claim if that fails."""
        is_managed = self.no_kernel_api_dma(dev)
        if not is_managed:
            ret = await self.iommu_device_use_dma_api(dev)
            if ret is not Errno.OK:
                return ret
        ret = await self.firmware_configure(dev)
        if ret is not Errno.OK and not is_managed:
            await self.iommu_device_unuse_dma_api(dev)
        return ret

    def may_test_remove(self) -> bool:
        """CONFIG_DEBUG_TEST_DRIVER_REMOVE is off, for fewer states."""
        return False

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the claim for dev1 finds no group and counts nothing; firmware "
        "brings dev1 into the group of dev0, its driver does DMA, and a "
        "user claims the group by way of dev0.",
    )
    def no_kernel_dma_beside_a_user(self) -> bool:
        """I2: whoever joins later was never asked for."""
        return super().no_kernel_dma_beside_a_user()

    @invariant(
        expect=VIOLATED,
        because="the same: the user's claim blocks dev1, whose driver does DMA.",
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
    DriverCoreV3,
    breaks=(
        "private_domain_stable_until_detach",
        "no_freed_domain_in_the_group",
        "no_freed_domain_in_hardware",
        "deferred_probe_holds_no_claim",
        "probe_returns_what_it_did",
        "suppliers_are_told_the_end",
    ),
):
    """A driver leaves its links, its claim, and a domain of its own."""


class UserLeavesTheWrongDomain(
    driver_core_twins.UserLeavesTheWrongDomain,
    DriverCoreV3,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreV3,
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


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCoreV3, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCoreV3, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
