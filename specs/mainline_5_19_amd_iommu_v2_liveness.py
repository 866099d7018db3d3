"""What Linux 5.19 does in the end with iommu_v2 of AMD.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in mainline_5_19.py.
"""

from kernel.liveness import AmdLiveness
from mainline_5_19_amd_iommu_v2 import Linux519AmdIommuV2


class Linux519AmdIommuV2Liveness(AmdLiveness, Linux519AmdIommuV2):
    """Merged for 5.19, with L1 to L4, L6 and L7."""
