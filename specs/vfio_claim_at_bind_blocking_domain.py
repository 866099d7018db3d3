"""A claim, MMIO at once, and a domain later; the claim attaches a blocking domain.

As `vfio_claim_at_bind_blocks`, with the group of Linux 6.0 and on the worst hardware:
"If we had an IOMMU domain we could solve this by just assigning the correct domain"
(Jason Gunthorpe, 23 December 2021). Commit 0286300e6045 does.

Link: https://git.kernel.org/torvalds/c/0286300e6045
"""

from kernel.vfio_claiming import ClaimAtBind
from mainline_6_0 import Linux60
from modelcheck import VIOLATED, invariant


class ClaimAtBindBlockingDomain(ClaimAtBind, Linux60):
    """BIND, MMIO, ATTACH, DETACH; the IOMMU driver does nothing on detach."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="the only device refuses the default domain when its driver detaches.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: to detach cannot fail, but it can warn."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="a user's BIND fails with dev1 on the blocking domain; dev0 is "
        "unbound, and no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: who fails to claim leaves a device blocked."""
        return super().idle_group_is_clean()
