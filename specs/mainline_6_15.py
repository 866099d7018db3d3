"""Linux 6.15: a device is detached from what the group is on.

The series that lets iommufd attach PASIDs ("iommufd/device: Wrap igroup->hwpt and
igroup->device_list into attach struct", commit 75f990aef38e, and what follows it) looks
the hwpt up with `igroup->lock` held, as the code has done since; mainline_6_14.py had
read it before. Nothing says that this was meant to mend something. Which devices are in
one `dev_set` is no matter any more; here they are in two.

Left out: PASIDs, attaches that fail, devices that share a table entry, and drivers with
a domain of their own.

Link: https://git.kernel.org/torvalds/c/75f990aef38e
"""

from kernel import iommufd_twins, twins
from kernel.objects import Device, File
from mainline_6_14 import Linux614
from modelcheck import invariant


class Linux615(Linux614, floor=70_000, models="drivers/iommu/iommufd/device.c"):
    """iommufd_hw_pagetable_detach()."""

    async def iommufd_hw_pagetable_detach(self, file: File, dev: Device) -> None:
        """`attach->hwpt` is read under `igroup->lock`."""
        async with self.igroup_lock[file]:
            domain = self.vfio_domain[file]
            self.device_list[file].discard(dev)
            if len(self.device_list[file]) == 0:
                await self.iommu_detach_group()
                self.vfio_domain[file] = None
        if domain is not None:
            self.iommufd_hw_pagetable_put(domain)

    # What the checker found.

    @invariant
    def hwpt_users_do_not_underflow(self) -> bool:
        """I7: who detaches puts what it has detached from."""
        return super().hwpt_users_do_not_underflow()

    @invariant
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: who puts a hwpt has held it."""
        return super().no_freed_domain_in_hardware()

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: who puts a hwpt has held it."""
        return super().no_freed_domain_in_the_group()

    @invariant
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: who puts a hwpt has held it."""
        return super().driver_reads_no_freed_domain()


# Twins: each must violate what it names.


class ReadsTheHwptTooEarly(
    iommufd_twins.ReadsTheHwptTooEarly,
    Linux615,
    breaks=(
        "hwpt_users_do_not_underflow",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "driver_reads_no_freed_domain",
    ),
):
    """As in Linux 6.14."""


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux615,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class DriverLeavesItsDomain(
    twins.DriverLeavesItsDomain,
    Linux615,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
        "idle_group_is_clean",
    ),
):
    """A DMA-API driver frees a domain of its own that the group is on."""


class DeviceIsLeftBehind(
    twins.NobodyIsMovedBack,
    twins.NewcomerIsNotAttached,
    twins.ReleasedDeviceIsBlocked,
    Linux615,
    breaks=(
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
        "newcomer_inherits_the_domain",
        "released_device_stays_detached",
    ),
):
    """A device that comes, goes, or was moved in vain is not where its group is."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux615, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux615, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class ReplacesByWayOfDefault(
    iommufd_twins.ReplacesByWayOfDefault,
    Linux615,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """A replace that gives the group back to the kernel in between."""
