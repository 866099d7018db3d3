"""Linux 5.19.9 and 6.0: of two identity domains one is as good as the other.

Commit 2380f1e8195e ("iommu: Fix false ownership failure on AMD systems with PASID
activated"): iommu_device_use_default_domain() compares the types of identity domains,
not their addresses.

Link: https://lore.kernel.org/r/0-v1-ea566e16b06b+811-amd_owner_jgg@nvidia.com
"""

from kernel.objects import Domain
from mainline_5_19_amd_iommu_v2 import Linux519AmdIommuV2
from modelcheck import invariant


class Linux519AmdIommuV2Fixed(Linux519AmdIommuV2):
    """The rest of 5.19 is as it was."""

    def is_default_domain(self) -> bool:
        """iommu_is_default_domain(); the domain of iommu_v2 is marked as identity."""
        return super().is_default_domain() or self.domain is Domain.PRIVATE

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant
    def sound_driver_binds_beside_the_gpu(self) -> bool:
        """L6: the sound driver binds, whatever the KFD does."""
        return super().sound_driver_binds_beside_the_gpu()
