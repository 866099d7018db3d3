"""What commit 2380f1e8195e makes of Linux 5.19 with iommu_v2 of AMD, in the end.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in mainline_5_19.py.
"""

from kernel.liveness import AmdLiveness
from mainline_5_19_amd_iommu_v2_fixed import Linux519AmdIommuV2Fixed
from modelcheck import VIOLATED, Formula, temporal


class Linux519AmdIommuV2FixedLiveness(AmdLiveness, Linux519AmdIommuV2Fixed):
    """As in 5.19.9 and 6.0, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="a user claims the group while VFIO is being unbound from its only "
        "device; the user attaches and detaches for ever and never closes, and "
        "remove() waits for that.",
    )
    def unplug_completes(self) -> Formula:
        """L4: VFIO waits until nobody uses the group, which can be never."""
        return super().unplug_completes()


# Twins: each must violate what it names.


class ComparesAddresses(
    Linux519AmdIommuV2FixedLiveness, breaks=("bindable", "siblings_bind")
):
    """The identity domain of iommu_v2 is not the default domain."""

    def is_default_domain(self) -> bool:
        """5.19."""
        return self.domain is self.default_domain
