"""Linux 6.0 with a VFIO container in full, on the worst hardware.

As in 5.19, but between SET_CONTAINER and SET_IOMMU, and between detaching a domain and
the release of the group, the devices are on the blocking domain (commit 0286300e6045).
What a user reaches no longer depends on what the hardware does on detach.

Link: https://git.kernel.org/torvalds/c/0286300e6045
"""

from kernel.vfio_container import VfioContainer
from mainline_6_0 import Linux60
from modelcheck import VIOLATED, invariant


class Linux60VfioContainer(VfioContainer, Linux60):
    """The IOMMU driver does nothing on detach."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 is being unbound from VFIO when its user sets the container; "
        "remove() now waits until the user closes it.",
    )
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: a user may keep a container for ever, and needs no device for it."""
        return super().removal_waits_for_open_devices_only()
