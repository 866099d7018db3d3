"""What the driver core of Linux 5.19 to 6.5 does in the end.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in driver_core_5_19.py.
"""

from driver_core_5_19 import DriverCore519
from kernel.liveness import DeferredLiveness
from modelcheck import VIOLATED, Formula, temporal


class DriverCore519Liveness(DeferredLiveness, DriverCore519):
    """drivers/base/dd.c with dma_cleanup(), and L1 to L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="a driver is probed, removed for a test, and its second probe fails "
        "before the claim: the first claim is never released, and no user gets the "
        "group again.",
    )
    def reclaimable(self) -> Formula:
        """L1: "renders the group unusable with VFIO/etc" (f429378a9bf8)."""
        return super().reclaimable()

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
        because="a DMA-API driver was removed for a test, and its second probe failed "
        "before the claim; VFIO is bound to the device now, and its user gets EPERM "
        "for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: owner_cnt is 1, and no driver is there to release it."""
        return super().user_claim_possible()
