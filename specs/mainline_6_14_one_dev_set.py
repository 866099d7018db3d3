"""Linux 6.14, and VFIO keeps the two devices apart: they are in one `dev_set`.

drivers/vfio makes each call into iommufd with the mutex of the device's `dev_set` held:
VFIO_DEVICE_BIND_IOMMUFD, ATTACH_IOMMUFD_PT, DETACH_IOMMUFD_PT and the end of it all.
Devices of one bus, or of one slot that can be reset, are in one set, so that one thread
does not read `igroup->hwpt` while another one replaces it. It hides what is wrong in
mainline_6_14.py, and does not mend it.
"""

from kernel import iommufd_twins, twins
from kernel.objects import Device, Errno, File
from mainline_6_14 import Linux614
from modelcheck import Mutex, invariant


class Linux614OneDevSet(Linux614, floor=60_000):
    """drivers/vfio/device_cdev.c."""

    dev_set_lock: Mutex

    async def vfio_df_ioctl_bind_iommufd(self, file: File, dev: Device) -> Errno:
        """Under `dev_set->lock`."""
        async with self.dev_set_lock:
            return await super().vfio_df_ioctl_bind_iommufd(file, dev)

    async def vfio_df_ioctl(self, file: File, dev: Device) -> None:
        """Under `dev_set->lock`."""
        async with self.dev_set_lock:
            await super().vfio_df_ioctl(file, dev)

    async def vfio_df_unbind_iommufd(self, file: File, dev: Device) -> None:
        """Under `dev_set->lock`."""
        async with self.dev_set_lock:
            await super().vfio_df_unbind_iommufd(file, dev)

    # What the checker found.

    @invariant
    def hwpt_users_do_not_underflow(self) -> bool:
        """I7: what was read before `igroup->lock` is still true."""
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


class DetachIsNotUnderTheLock(
    iommufd_twins.DetachIsNotUnderTheLock,
    Linux614OneDevSet,
    breaks=(
        "hwpt_users_do_not_underflow",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "driver_reads_no_freed_domain",
    ),
):
    """DETACH_IOMMUFD_PT forgets `dev_set->lock`."""


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux614OneDevSet,
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
    Linux614OneDevSet,
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
    Linux614OneDevSet,
    breaks=(
        "failed_call_changes_nothing",
        "one_domain_for_all_devices",
        "no_warn_on_reattach",
        "newcomer_inherits_the_domain",
        "released_device_stays_detached",
    ),
):
    """A device that comes, goes, or was moved in vain is not where its group is."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux614OneDevSet, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux614OneDevSet, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class ReplacesByWayOfDefault(
    iommufd_twins.ReplacesByWayOfDefault,
    Linux614OneDevSet,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """A replace that gives the group back to the kernel in between."""
