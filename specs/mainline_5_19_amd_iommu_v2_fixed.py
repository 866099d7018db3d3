"""Linux 5.19.9 and 6.0: of two identity domains one is as good as the other.

Commit 2380f1e8195e ("iommu: Fix false ownership failure on AMD systems with PASID
activated"): iommu_device_use_default_domain() compares the types of identity domains,
not their addresses.

Link: https://lore.kernel.org/r/0-v1-ea566e16b06b+811-amd_owner_jgg@nvidia.com
"""

import mainline_5_19_amd_iommu_v2
from kernel import twins
from kernel.objects import Domain
from mainline_5_19_amd_iommu_v2 import Linux519AmdIommuV2
from modelcheck import invariant


class Linux519AmdIommuV2Fixed(Linux519AmdIommuV2, floor=310_000):
    """The rest of 5.19 is as it was."""

    def is_default_domain(self) -> bool:
        """iommu_is_default_domain(); the domain of iommu_v2 is marked as identity."""
        return super().is_default_domain() or self.domain is Domain.PRIVATE

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant
    def sound_driver_binds_beside_the_gpu(self) -> bool:
        """L6: the sound driver binds, whatever the KFD does."""
        return super().sound_driver_binds_beside_the_gpu()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux519AmdIommuV2Fixed,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux519AmdIommuV2Fixed,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, Linux519AmdIommuV2Fixed, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class FreesBeforeDetaching(
    twins.FreesBeforeDetaching,
    Linux519AmdIommuV2Fixed,
    breaks="driver_reads_no_freed_domain",
):
    """VFIO frees the domain, and then the group leaves it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, Linux519AmdIommuV2Fixed, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux519AmdIommuV2Fixed, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class GpuMustBeAlone(
    mainline_5_19_amd_iommu_v2.GpuMustBeAlone,
    Linux519AmdIommuV2Fixed,
    breaks="gpu_gets_its_v2_domain",
):
    """The rule of 2015 is asked about, which iommu_v2 goes round."""


class ComparesAddresses(
    Linux519AmdIommuV2Fixed, breaks="sound_driver_binds_beside_the_gpu"
):
    """The identity domain of iommu_v2 is not the default domain."""

    def is_default_domain(self) -> bool:
        """5.19."""
        return self.domain is self.default_domain
