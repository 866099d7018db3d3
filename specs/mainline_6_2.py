"""Linux 6.2: a user claims device by device, which is what iommufd does.

Commit 89395ccedbc1 adds iommu_device_claim_dma_owner(): a claim by the same owner
nests, and the last release counts. The group is that of Linux 6.0, and so is all
that is wrong with it. The user is iommufd, as it came to be in kernel/iommufd.py, but
without replacing a hwpt.

Left out: PASIDs, which a group must not have when it is claimed.

Link: https://git.kernel.org/torvalds/c/89395ccedbc1
"""

from kernel import iommufd_twins, twins
from kernel.iommufd import Iommufd
from mainline_6_0 import Linux60


class Linux62(Linux60, Iommufd, floor=440_000):
    """iommu_device_claim_dma_owner() and its caller."""

    def may_replace(self) -> bool:
        """To replace a hwpt came with Linux 6.6."""
        return False


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux62,
    breaks=("no_kernel_dma_beside_a_user", "one_owner_at_a_time", "owner_cnt_exact"),
):
    """A driver is let in without `owner_cnt++`."""


class ReplacesByWayOfDefault(
    iommufd_twins.ReplacesByWayOfDefault,
    Linux62,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """A replace by way of the default domain, ahead of its time."""


class PutsTwice(
    iommufd_twins.PutsTwice,
    Linux62,
    breaks=("hwpt_users_do_not_underflow", "driver_reads_no_freed_domain"),
):
    """A device that is detached puts its hwpt twice."""


class AddsUnderTheLock(twins.AddsUnderTheLock, Linux62, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux62, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
