"""What Linux 5.19 does in the end with iommu_v2 of AMD: the sound stays off (L6).

A bind that fails with EBUSY is not tried again by the driver core. Here it is, for
ever, and it makes no difference as long as the KFD uses the GPU.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in mainline_5_19.py.
"""

from kernel.liveness import AmdLiveness
from kernel.objects import Device
from mainline_5_19_amd_iommu_v2 import Linux519AmdIommuV2
from modelcheck import VIOLATED, Formula, preempt, temporal, until


class Linux519AmdIommuV2Liveness(AmdLiveness, Linux519AmdIommuV2):
    """Merged for 5.19, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="the KFD attaches the domain of iommu_v2 and keeps it; the sound "
        "driver tries again and again, and gets EBUSY for ever.",
    )
    def bindable(self) -> Formula:
        """L2: nobody owns the group, and nobody gives back what is not owned."""
        return super().bindable()

    @temporal(
        expect=VIOLATED,
        because="a user claims the group while VFIO is being unbound from its only "
        "device; the user attaches and detaches for ever and never closes, and "
        "remove() waits for that.",
    )
    def unplug_completes(self) -> Formula:
        """L4: VFIO waits until nobody uses the group, which can be never."""
        return super().unplug_completes()

    @temporal(
        expect=VIOLATED,
        because="the KFD attaches the domain of iommu_v2 and keeps it; amdgpu is "
        "bound, and the sound driver gets EBUSY for ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: the bug of commit 2380f1e8195e, seen from the end."""
        return super().siblings_bind()


# Twins: each must violate what it names.


class AmdgpuDoesNotTellTheKfd(Linux519AmdIommuV2Liveness, breaks="gpu_unbind_ends"):
    """amdgpu waits for the last compute process, and starts others meanwhile."""

    async def private_domain_remove(self, dev: Device) -> None:
        """The KFD is told, and told otherwise."""
        self.kfd_probed = False
        await preempt()
        self.kfd_probed = True
        await until(lambda: not self.kfd_active)
        self.kfd_probed = False
        self.dma.discard(dev)
