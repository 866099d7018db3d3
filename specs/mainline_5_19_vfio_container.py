"""Linux 5.19 with a VFIO container in full: SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD.

Commit 70693f470848 ("vfio: Set DMA ownership for VFIO devices") lets SET_CONTAINER
claim the group, and removes the notifier with its BUG_ON(). What is left of the old
times: who unbinds the last device of the group from VFIO waits for the user.

Left out: groups without an IOMMU, and the PPC64 driver of containers. See also
`kernel.vfio_container`.

Link: https://git.kernel.org/torvalds/c/70693f470848
"""

from kernel import twins, vfio_twins
from kernel.vfio_container import VfioContainer
from mainline_5_19 import Linux519
from modelcheck import VIOLATED, invariant


class Linux519VfioContainer(VfioContainer, Linux519, floor=1_600_000):
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


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux519VfioContainer,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, Linux519VfioContainer, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, Linux519VfioContainer, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class MmioByWayOfDefault(
    vfio_twins.MmioByWayOfDefault,
    Linux519VfioContainer,
    breaks="mmio_reaches_only_own_memory",
):
    """A write to a register finds the device on the default domain."""


class ReleasesWhileOpen(
    vfio_twins.ReleasesWhileOpen,
    Linux519VfioContainer,
    breaks="usable_only_after_the_claim",
):
    """The claim is given back while the device is open."""
