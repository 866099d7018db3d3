"""What Linux 7.0 does in the end: resets end (L8), and may leave the group behind.

No attach fails here. VFIO's removal is that of 5.16 (L4), as in mainline_7_0.py.
"""

from kernel.liveness import ResetLiveness
from kernel.objects import Device
from mainline_7_0 import Linux70
from modelcheck import VIOLATED, Formula, temporal


class Linux70Liveness(ResetLiveness, Linux70):
    """Linux 7.0, with L1 to L4 and L6 to L8."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="the user releases the group while dev0 is being reset: the default "
        "domain is refused with EBUSY, the claim is gone, and the group stays blocked; "
        "every later claim returns EBUSY.",
    )
    def reclaimable(self) -> Formula:
        """L1: MUST_SUCCEED is told EBUSY, and nobody tries again."""
        return super().reclaimable()

    @temporal(
        expect=VIOLATED,
        because="a release that meets a reset leaves the group blocked; a first driver "
        "binds, its sibling gets EBUSY; dev0's retries whenever dev1's is bound.",
    )
    def bindable(self) -> Formula:
        """L2: pci_dev_reset_iommu_done() restores what the group is on."""
        return super().bindable()

    @temporal(
        expect=VIOLATED,
        because="VFIO detaches and releases while dev0 is being reset: both are "
        "refused, and when the reset is over dev0 is attached again to the user's "
        "domain, which has been freed.",
    )
    def detach_restores(self) -> Formula:
        """L3: the devices stay on the domain of a user who has gone."""
        return super().detach_restores()

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
        because="a release that meets a reset leaves the group blocked; dev0's driver "
        "finds owner_cnt 0 and binds, blocked, and dev1's gets EBUSY for ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: the first one makes DMA into a blocking domain, too."""
        return super().siblings_bind()

    @temporal(
        expect=VIOLATED,
        because="a user releases the group while dev0 is being reset; when the reset "
        "is over the group is still blocked, and the next claim returns EBUSY for "
        "ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: VFIO loses a group by closing it at a bad moment."""
        return super().user_claim_possible()

    @temporal(
        expect=VIOLATED,
        because="a user releases the group while dev0 is being reset; the reset ends, "
        "and dev0 is where `group->domain` says: on the blocking domain, for ever.",
    )
    def no_device_stays_blocked(self) -> Formula:
        """L8: the reset has ended, the default domain has not come back."""
        return super().no_device_stays_blocked()


# Twins: each must violate what it names.


class ResetLeavesTheDeviceBlocked(Linux70Liveness, breaks="reset_ends"):
    """The reset is over, and nothing is attached again."""

    async def pci_dev_reset_iommu_done(self, dev: Device) -> None:
        """Only the books are closed."""
        async with self.mutex:
            self.resetting.discard(dev)
            self.resetting_domain = None
