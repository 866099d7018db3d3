"""What commit 2380f1e8195e makes of Linux 5.19 with iommu_v2 of AMD, in the end.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in mainline_5_19.py.
"""

from kernel.liveness import AmdLiveness
from mainline_5_19_amd_iommu_v2_fixed import Linux519AmdIommuV2Fixed


class Linux519AmdIommuV2FixedLiveness(AmdLiveness, Linux519AmdIommuV2Fixed):
    """As in 5.19.9 and 6.0, with L1 to L4, L6 and L7."""
