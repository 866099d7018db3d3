"""Linux 6.6: removing a driver for a test releases its claim.

Commit f429378a9bf8 ("driver core: Call dma_cleanup() on the test_remove path", which
fixes 25f3bcfc54bc), 24 July 2023, by Jason Gunthorpe: two lines before the label is
jumped to again. Firmware, claim and releases are those of Linux 5.19. A user can get in
between the two probes, and then the second one fails as it should.

Link: https://lore.kernel.org/r/0-v2-4deed94e283e+40948-really_probe_dma_cleanup_jgg@nvidia.com
"""

from kernel import driver_core_twins, twins
from kernel.objects import Device
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import reachable


class DriverCore66(ReallyProbe, Linux65, floor=200_000, models="drivers/base/dd.c"):
    """drivers/base/dd.c at commit f429378a9bf8."""

    async def test_remove_cleanup(self, dev: Device) -> None:
        """The two lines."""
        await self.dma_cleanup(dev)

    @reachable
    def user_gets_in_between(self) -> bool:
        """A probe was removed for a test; now a user owns the group, and it fails."""
        return len(self.failed_again) > 0 and len(self.claims) > 0


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DriverCore66,
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
    DriverCore66,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
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
    DriverCore66,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCore66,
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


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCore66, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCore66, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
