"""VFIO claims when a device is opened; a detached device is untranslated.

As `vfio_claim_at_open_blocks`, on hardware that lets a device without a domain pass all
its DMA through. The window is inside GET_DEVICE_FD, before the user has the device.
"""

from kernel.detaching import Detach
from modelcheck import VIOLATED, invariant
from vfio_claim_at_open_blocks import ClaimAtOpenBlocks


class ClaimAtOpenIdentity(ClaimAtOpenBlocks):
    """SET_CONTAINER, GET_DEVICE_FD, on an IOMMU that passes through."""

    detach = Detach.IDENTITY

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="GET_DEVICE_FD claims the group: the domain is detached, and this "
        "IOMMU lets the device pass untranslated until the attach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a short window, and nobody can reach a register in it."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="a user whose container has a domain already attaches to a new one "
        "first; between that detach and the attach dev0 passes untranslated.",
    )
    def replace_never_passes_through_default(self) -> bool:
        """I18: type1 detaches before it attaches, and the hardware fills the gap."""
        return super().replace_never_passes_through_default()

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when a user's claim detaches the group, which leaves dev1 on identity.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()
