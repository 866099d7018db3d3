"""The driver core claims for all drivers: a sketch, 22 September 2021.

By Jason Gunthorpe, on "[RFC 06/20] iommu: Add iommu_device_init[exit]_user_dma
interfaces": "Something kind of like the below", eight lines in drivers/base/dd.c.
iommu_set_kernel_ownership() is called once, before the label re_probe; the claim is
released at the end of the failure tail and of __device_release_driver(), where the
driver is forgotten already. What the two functions do is not in the mail: here they
count in `owner_cnt`, in the group of Linux 6.5.

Every device has its group before a driver comes; driver_core_sketch_late_groups.py has
the others. Left out: device_bind_driver(), which binds without really_probe().

Link: https://lore.kernel.org/r/20210922123931.GI327412@nvidia.com
"""

from kernel import driver_core_twins, twins
from kernel.objects import Device, Driver, Errno
from kernel.really_probe import ReallyProbe
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant, reachable


class DriverCoreSketch(ReallyProbe, Linux65, floor=70_000):
    """The four hunks of the mail."""

    late_groups = False

    def no_kernel_api_dma(
        self,
        dev: Device,  # noqa: ARG002 - all drivers are alike
    ) -> bool:
        """There is no flag yet."""
        return False

    async def claim_before_probe(
        self,
        dev: Device,
        driver: Driver,  # noqa: ARG002 - there is no flag
    ) -> Errno:
        """iommu_set_kernel_ownership(); "if (ret) return ret"."""
        return await self.iommu_device_use_dma_api(dev)

    async def release_after_unbind(
        self,
        dev: Device,
        driver: Driver,  # noqa: ARG002 - there is no flag
    ) -> None:
        """iommu_release_kernel_ownership(), above `done` and after a removal."""
        await self.iommu_device_unuse_dma_api(dev)

    async def dma_configure(self, dev: Device) -> Errno:
        """The bus only asks firmware."""
        return await self.firmware_configure(dev)

    async def dma_cleanup(self, dev: Device) -> None:
        """There is no such callback yet."""

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

    @reachable(
        expect=VIOLATED,
        because="the driver core claims the group for VFIO as well, so that a "
        "user gets it only once VFIO is unbound.",
    )
    def user_owns_the_device_of_vfio(self) -> bool:
        """L7: there is no way to opt out, so v1 added one."""
        return super().user_owns_the_device_of_vfio()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    DriverCoreSketch,
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
    DriverCoreSketch,
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
    DriverCoreSketch,
    breaks=(
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
        "driver_reads_no_freed_domain",
    ),
):
    """A replace goes by way of the default domain, and a detach goes nowhere."""


class DeviceIsLeftBehind(
    driver_core_twins.DeviceIsLeftBehind,
    DriverCoreSketch,
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


class ReleasesBelowDone(
    DriverCoreSketch, breaks=("owner_cnt_exact", "no_warn_or_underflow")
):
    """The last hunk two lines further down, where R2 comes by without a claim."""

    async def resources_present(self, dev: Device, driver: Driver) -> Errno:
        """iommu_release_kernel_ownership() below `done`."""
        await self.release_after_unbind(dev, driver)
        return await super().resources_present(dev, driver)


class AddsUnderTheLock(twins.AddsUnderTheLock, DriverCoreSketch, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, DriverCoreSketch, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
