"""VFIO claims when a device is opened; a detached device stays where it is.

As `vfio_claim_at_open_blocks`, on hardware whose driver has no detach.
"""

from kernel.detaching import Detach
from modelcheck import VIOLATED, invariant
from vfio_claim_at_open_blocks import ClaimAtOpenBlocks


class ClaimAtOpenStale(ClaimAtOpenBlocks):
    """SET_CONTAINER, GET_DEVICE_FD, where detach does nothing."""

    detach = Detach.NOTHING

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="GET_DEVICE_FD claims the group: `domain` is NULL, and dev0's table "
        "entry has the default domain until the attach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a short window, and nobody can reach a register in it."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user attaches, detaches and frees its domain, but this IOMMU does "
        "nothing on detach; when the release attaches the default domain, the driver "
        "reads the freed one.",
    )
    def driver_reads_no_freed_domain(self) -> bool:
        """I9: the bug of commit 0286300e6045, without any failure."""
        return super().driver_reads_no_freed_domain()
