"""Linux 5.19 with a VFIO container in full: SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD.

Commit 70693f470848 ("vfio: Set DMA ownership for VFIO devices") lets SET_CONTAINER
claim the group, and removes the notifier with its BUG_ON(). What is left of the old
times: who unbinds the last device of the group from VFIO waits for the user.

Left out: groups without an IOMMU, and the PPC64 driver of containers. See also
`kernel.vfio_container`.

Link: https://git.kernel.org/torvalds/c/70693f470848
"""

from kernel.vfio_container import VfioContainer
from mainline_5_19 import Linux519
from modelcheck import VIOLATED, invariant


class Linux519VfioContainer(VfioContainer, Linux519):
    """drivers/vfio/vfio.c and vfio_iommu_type1.c, on every kind of hardware."""

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0 is being unbound from VFIO when its user sets the container; "
        "remove() now waits until the user closes it.",
    )
    def removal_waits_for_open_devices_only(self) -> bool:
        """L4: a user may keep a container for ever, and needs no device for it."""
        return super().removal_waits_for_open_devices_only()
