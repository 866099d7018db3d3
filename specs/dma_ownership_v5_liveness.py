"""What v5 of the ownership series does in the end, and what it leaves for ever.

One attach that fails is enough for all but L4: no way back is ever tried twice.
"""

from dma_ownership_v5 import DmaOwnershipV5
from kernel.liveness import Liveness
from modelcheck import VIOLATED, Formula, temporal


class DmaOwnershipV5Liveness(Liveness, DmaOwnershipV5):
    """DMA ownership v5, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches its private domain, the device refuses the "
        "default one, and nobody tries again: the group stays on the private domain, "
        "and set_dma_owner() returns EBUSY for ever.",
    )
    def reclaimable(self) -> Formula:
        """L1: a failed detach has no way to say so, and no second try."""
        return super().reclaimable()

    @temporal(
        expect=VIOLATED,
        because="after such a detach use_dma_api() lets a first driver in, since "
        "owner_cnt is 0, and refuses a second; dev0's driver retries whenever dev1's "
        "is bound.",
    )
    def bindable(self) -> Formula:
        """L2: `domain` is looked at only if somebody is there already."""
        return super().bindable()

    @temporal(
        expect=VIOLATED,
        because="dev0 refuses the default domain when its driver detaches, and stays "
        "on the private domain, which the driver frees.",
    )
    def detach_restores(self) -> Formula:
        """L3: the last holder is gone, the table entry is not."""
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
        because="dev0's driver leaves the group on its private domain; then one "
        "DMA-API driver binds and stays, and its sibling gets EBUSY for ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: the first one finds owner_cnt 0, the second a strange `domain`."""
        return super().siblings_bind()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver leaves the group on its private domain; VFIO is bound "
        "to dev0, and the claim of its user returns EBUSY for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: the driver that could mend it is gone."""
        return super().user_claim_possible()
