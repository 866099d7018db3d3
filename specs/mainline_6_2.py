"""Linux 6.2: a user claims device by device, which is what iommufd does.

Commit 89395ccedbc1 adds iommu_device_claim_dma_owner(): a claim by the same owner
nests, and the last release counts. The group is that of Linux 6.0, and so is all
that is wrong with it. The user is iommufd, as it came to be in kernel/iommufd.py, but
without replacing a hwpt.

Left out: PASIDs, which a group must not have when it is claimed.

Link: https://git.kernel.org/torvalds/c/89395ccedbc1
"""

from kernel.iommufd import Iommufd
from mainline_6_0 import Linux60


class Linux62(Linux60, Iommufd, floor=440_000):
    """iommu_device_claim_dma_owner() and its caller."""

    def may_replace(self) -> bool:
        """To replace a hwpt came with Linux 6.6."""
        return False
