"""What the split API of 23 December 2021 does in the end.

L2 and L6 need no attach that fails: they are the `= 1` of the mail.
"""

from kernel.liveness import Liveness
from modelcheck import VIOLATED, Formula, temporal
from split_api_sketch import SplitApiSketch


class SplitApiSketchLiveness(Liveness, SplitApiSketch):
    """The sketch, with L1 to L4, L6 and L7."""

    # What the checker found. Each reason is the story of the lasso.

    @temporal(
        expect=VIOLATED,
        because="dev0's driver detaches its private domain, the device refuses the "
        "default one, and nobody tries again: the group stays on the private domain, "
        "and every claim returns EBUSY, the kernel's as well.",
    )
    def reclaimable(self) -> Formula:
        """L1: a failed detach has no way to say so, and no second try."""
        return super().reclaimable()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver retries while dev1's comes and goes, and each time "
        "finds owner_cnt 1: EBUSY.",
    )
    def bindable(self) -> Formula:
        """L2: one driver at a time, so that a sibling can starve it."""
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
        because="dev0's driver is bound and stays; owner_cnt is 1, and use_dma_api() "
        "returns EBUSY to dev1's for ever.",
    )
    def siblings_bind(self) -> Formula:
        """L6: "doesn't work for multi-device groups" (Lu Baolu)."""
        return super().siblings_bind()

    @temporal(
        expect=VIOLATED,
        because="dev0's driver leaves the group on its private domain; VFIO is bound "
        "to dev0, and the claim of its user returns EBUSY for ever.",
    )
    def user_claim_possible(self) -> Formula:
        """L7: the driver that could mend it is gone."""
        return super().user_claim_possible()
