"""What the ownership enum of v4 does in the end.

A claim is a matter of counters alone, so that nobody is refused for ever: not by a
failed attach either, which leaves the group where it must not be (L3, and I3 and I4 in
dma_owner_enum_v4.py).
"""

from dma_owner_enum_v4 import DmaOwnerEnumV4
from kernel.liveness import Liveness
from modelcheck import VIOLATED, Formula, temporal


class DmaOwnerEnumV4Liveness(Liveness, DmaOwnerEnumV4):
    """DMA ownership by an enum, with L1 to L4, L6 and L7."""

    def is_claimable(self) -> bool:
        """A private domain does not stop the claim, it only warns (05/13)."""
        return self.owner_cnt == 0

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="dev0 moves to the private domain of its driver, dev1 refuses it, and "
        "the driver gives up; `domain` still is the default one, so that nobody moves "
        "dev0 back.",
    )
    def detach_restores(self) -> Formula:
        """L3: a failed attach is not undone, then or later."""
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
